"""The tangent model of a two-layer network at given weights, trained by gradient descent in its parameters.

f(x) = (α/m) Σ_j u_j σ(θ_jᵀx), half the mean squared error; Fang, Dong, Zhang 2021, Eqs. (8), (9), (11)–(13).

The coefficients of (9) are read off from the movement of the weights, α(u − ũ) = Hᵀβ^u and α(θ − θ̃) = Gᵀβ^θ, the rows
of H and G the features of the n points. Movement tells <v, β> for v in the range of the features alone: where rows are
dependent (a point at which no neuron is active has rows of zeros; fewer neurons than points) β is not unique. So β^u
and β^θ are compared in the directions that both determine, range H ∩ range G, by least squares of least norm. A
direction whose singular value is below `CUT` of the largest counts as one that is not read: fewer directions read the
same ratio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics import tangent
from lazy_assay.sims.dynamics.networks import FullyConnected
from lazy_assay.sims.dynamics.parameterisations import MEAN_FIELD, scaled
from lazy_assay.sims.numerics import activations

if TYPE_CHECKING:
    from torch import Tensor

    Parameters = tuple[Tensor, ...]

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.tangent_training"
# Singular values of features below this share of the largest are not divided by. Two unit vectors nearer than the
# second are one direction: what is read in it is off by so much of β.
CUT, PARALLEL = 1e-6, 1e-10


def trained_output_at(
    *,
    theta: ArrayLike,
    u: ArrayLike,
    alpha: float,
    points: ArrayLike,
    labels: ArrayLike,
    centres: ArrayLike,
    activation: str,
    eta_u: float,
    eta_theta: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The tangent model's output after `steps` steps, summed over `centres`; shape (trials,), one number."""
    stream = Stream(entropy, device, dtype)
    start, z = _start(stream, theta, u), stream.constant(centres)
    network = FullyConnected((z.shape[1], start[1].shape[1], 1), activation, MEAN_FIELD, alpha)
    end = _descended(stream, network, start, points, labels, (eta_theta, eta_u), steps)
    return tangent.outputs(network, start, end, z).sum().expand(trials)


def penalised_output_at(
    *,
    theta: ArrayLike,
    u: ArrayLike,
    alpha: float,
    points: ArrayLike,
    labels: ArrayLike,
    centres: ArrayLike,
    activation: str,
    penalty: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The same for the minimiser of the loss plus (penalty/2)‖w − w(0)‖², by normal equations in all parameters."""
    stream = Stream(entropy, device, dtype)
    start, x, z = _start(stream, theta, u), stream.constant(points), stream.constant(centres)
    network = FullyConnected((z.shape[1], start[1].shape[1], 1), activation, MEAN_FIELD, alpha)
    J, gap = tangent.jacobian(network, start, x)[0], stream.constant(labels) - network(start, x)[0, :, 0]
    decay = penalty * torch.eye(J.shape[1], device=J.device, dtype=J.dtype)
    move = torch.linalg.solve(J.mT @ J / len(x) + decay, J.mT @ gap / len(x))
    f: Tensor = network(start, z).sum() + (tangent.jacobian(network, start, z)[0] @ move).sum()
    return f.expand(trials)


def coefficient_ratio_at(
    *,
    theta: ArrayLike,
    u: ArrayLike,
    alpha: float,
    points: ArrayLike,
    labels: ArrayLike,
    activation: str,
    eta_u: float,
    eta_theta: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """<β^u, β^θ>/<β^θ, β^θ> of (9), by least squares from the movement of u and θ; shape (trials,), one number.

    NaN where no direction of β can be read.
    """
    stream = Stream(entropy, device, dtype)
    start, x = _start(stream, theta, u), stream.constant(points)
    network = FullyConnected((x.shape[1], start[1].shape[1], 1), activation, MEAN_FIELD, alpha)
    end = _descended(stream, network, start, points, labels, (eta_theta, eta_u), steps)
    return _ratio(start, end, x, activation, alpha).expand(trials)


def rescaled_ratio_at(
    *,
    theta: ArrayLike,
    u: ArrayLike,
    alpha: float,
    points: ArrayLike,
    labels: ArrayLike,
    activation: str,
    step_size: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The same after descent on θ and v = αu/m at one step size, Σ_j v_j σ(θ_jᵀx) the network."""
    stream = Stream(entropy, device, dtype)
    start, x = _start(stream, theta, u), stream.constant(points)
    m = start[1].shape[1]
    network = FullyConnected((x.shape[1], m, 1), activation, scaled(0.0))
    first = (start[0], start[1] * (alpha / m))
    last = _descended(stream, network, first, points, labels, (step_size, step_size), steps)
    return _ratio(start, (last[0], last[1] * (m / alpha)), x, activation, alpha).expand(trials)


def _start(stream: Stream, theta: ArrayLike, u: ArrayLike) -> Parameters:
    """Weights as a network of one trial has them: (1, d, m) and (1, m, 1)."""
    return stream.constant(theta).mT[None], stream.constant(u)[None, :, None]


def _descended(
    stream: Stream,
    network: FullyConnected,
    start: Parameters,
    points: ArrayLike,
    labels: ArrayLike,
    step_sizes: tuple[float, float],
    steps: int,
) -> Parameters:
    """Parameters after `steps` steps on f(w0) + Df(w0)(w − w0), the derivative taken once."""
    x, y = stream.constant(points), stream.constant(labels)
    first, J = network(start, x)[0, :, 0], tangent.jacobian(network, start, x)[0]
    rates = torch.cat([torch.full_like(w.flatten(), size) for w, size in zip(start, step_sizes, strict=True)])
    move = torch.zeros_like(J[0])
    for _ in range(steps):
        move = move - rates * ((first + J @ move - y) @ J) / len(x)
    hidden = start[0].numel()
    moves = (move[:hidden], move[hidden:])
    return tuple(w + part.reshape(w.shape) for w, part in zip(start, moves, strict=True))


def _ratio(start: Parameters, end: Parameters, x: Tensor, activation: str, alpha: float) -> Tensor:
    """Reads both β of α(u_j − ũ_j) = Σ_i β_i^u σ(θ̃_jᵀx_i) and α(θ_j − θ̃_j) = Σ_i β_i^θ ũ_j σ'(θ̃_jᵀx_i) x_i where they
    are determined; NaN where no direction is, or nothing moved in one."""
    theta, u = start[0][0].mT, start[1][0, :, 0]
    moved_theta, moved_u = alpha * (end[0] - start[0])[0].mT, alpha * (end[1] - start[1])[0, :, 0]
    z = x @ theta.mT
    H = activations.value(activation)(z)
    G = ((activations.slope(activation)(z) * u)[..., None] * x[:, None, :]).flatten(1)
    (beta_u, unseen_u), (beta_theta, unseen_theta) = _fitted(H, moved_u), _fitted(G, moved_theta.flatten())
    read = _orthogonal(torch.cat([unseen_u, unseen_theta], dim=1))
    beta_u, beta_theta = read.mT @ beta_u, read.mT @ beta_theta
    return (beta_u @ beta_theta) / (beta_theta @ beta_theta)


def _fitted(rows: Tensor, moved: Tensor) -> tuple[Tensor, Tensor]:
    """Coefficients (n,) of `moved` in the n rows, of least norm; and the directions that rows do not tell of β, (n, n),
    each a column of norm one, with columns of zeros for those that they tell."""
    # As many columns as rows at least, so that U is a whole basis.
    padded = torch.nn.functional.pad(rows, (0, len(rows)))
    U, S, Vh = torch.linalg.svd(padded, full_matrices=False)
    told = (CUT * S[0] < S).to(S.dtype)
    inverse = told / torch.where(told > 0, S, 1.0)
    return U @ (inverse * (Vh[:, : len(moved)] @ moved)), U * (1 - told)


def _orthogonal(columns: Tensor) -> Tensor:
    """An orthonormal basis of what is orthogonal to all columns (n, ·), as columns (n, n) with the others zero."""
    U, S, _ = torch.linalg.svd(columns, full_matrices=False)
    told: Tensor = U * (PARALLEL >= S).to(S.dtype)
    return told
