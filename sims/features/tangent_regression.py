"""Features, kernel and gradient flow of the tangent model of a two-layer network; Kearns et al. 2023, Eq. (13).

f(x) = (α/m) Σ_j u_j σ(θ_jᵀx), both layers trained, F = ½ Σ_i (f(x_i) − y_i)² (a sum, as in Eq. (11)).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics import tangent
from lazy_assay.sims.dynamics.flow import integrate
from lazy_assay.sims.dynamics.networks import FullyConnected
from lazy_assay.sims.dynamics.parameterisations import MEAN_FIELD

if TYPE_CHECKING:
    from torch import Tensor

    Parameters = tuple[Tensor, ...]

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.tangent_regression"

ROUTES = ("features", "gradients")


def kernel_sum_at(
    *,
    theta: ArrayLike,
    u: ArrayLike,
    alpha: float,
    points: ArrayLike,
    labels: ArrayLike,
    centres: ArrayLike,
    activation: str,
    route: str,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Σ_z Σ_i <φ(z), φ(x_i)> y_i over `centres` z and `points` x_i; shape (trials,), one number.

    route: "features", φ_p(x) what a unit of parameter p adds to the tangent model's output (forward differentiation),
    or "gradients", φ = ∇f by backpropagation. Raises ValueError for another.
    """
    if route not in ROUTES:
        raise ValueError(f"route is one of {', '.join(ROUTES)}, not {route!r}")
    stream = Stream(entropy, device, dtype)
    network, start = _network(stream, theta, u, alpha, activation)
    features = _features if route == "features" else _gradients
    at_points, at_centres = (features(network, start, stream.constant(x)) for x in (points, centres))
    return (at_centres @ at_points.mT @ stream.constant(labels)).sum().expand(trials)


def flowed_output_at(
    *,
    theta: ArrayLike,
    u: ArrayLike,
    alpha: float,
    points: ArrayLike,
    labels: ArrayLike,
    centres: ArrayLike,
    activation: str,
    time: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The tangent model's output after gradient flow of F in its parameters, summed over `centres`; (trials,)."""
    stream = Stream(entropy, device, dtype)
    network, start = _network(stream, theta, u, alpha, activation)
    x, y, z = (stream.constant(array) for array in (points, labels, centres))
    gap, J = network(start, x)[:, :, 0] - y, _gradients(network, start, x)
    end = integrate(lambda t, move: -(gap + move @ J.mT) @ J, torch.zeros_like(J[:1]), time, steps)[-1]
    pieces = torch.split(end, [w[0].numel() for w in start], dim=1)
    moved = tuple(w + piece.reshape(w.shape) for w, piece in zip(start, pieces, strict=True))
    return tangent.outputs(network, start, moved, z).sum().expand(trials)


def kernel_entries(
    *,
    correlation: float,
    activation: str,
    m: int,
    repeats: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """<∇f(x), ∇f(x')> of networks with α = √m at unit inputs of product `correlation`; (trials, repeats)."""
    stream = Stream(entropy, device, dtype)
    x = stream.constant([[1.0, 0.0], [correlation, math.sqrt((1 - correlation) * (1 + correlation))]])
    network = FullyConnected((2, m, 1), activation, MEAN_FIELD, math.sqrt(m))
    chunks = chunk_sizes(trials, 8 * m * repeats, stream.device)
    drawn = (network.draw(stream, size * repeats) for size in chunks)
    return torch.cat([_product(network, weights, x) for weights in drawn]).reshape(trials, repeats)


def _product(network: FullyConnected, weights: Parameters, x: Tensor) -> Tensor:
    """<∇f(x_0), ∇f(x_1)> of every trial: the gradient of the sum of all trials' outputs is each trial's own."""
    leaves = tuple(w.detach().requires_grad_() for w in weights)
    with torch.enable_grad():
        first, second = network(leaves, x)[:, :, 0].sum(0)
        pairs = zip(
            torch.autograd.grad(first, leaves, retain_graph=True), torch.autograd.grad(second, leaves), strict=True
        )
    return torch.stack([(one * other).flatten(1).sum(-1) for one, other in pairs]).sum(0)


def _network(
    stream: Stream, theta: ArrayLike, u: ArrayLike, alpha: float, activation: str
) -> tuple[FullyConnected, Parameters]:
    """Weights as a network of one trial has them: (1, d, m) and (1, m, 1)."""
    start = stream.constant(theta).mT[None], stream.constant(u)[None, :, None]
    return FullyConnected((*start[0].shape[1:], 1), activation, MEAN_FIELD, alpha), start


def _gradients(network: FullyConnected, start: Parameters, x: Tensor) -> Tensor:
    """∇f by backpropagation, one row a point."""
    return tangent.jacobian(network, start, x)[0]


def _features(network: FullyConnected, start: Parameters, x: Tensor) -> Tensor:
    """Outputs of the tangent model one unit away along every parameter, less those at the start; one row a point."""
    sizes = [w[0].numel() for w in start]
    units = torch.split(torch.eye(sum(sizes), device=x.device, dtype=x.dtype), sizes, dim=1)
    first = tuple(w.repeat(sum(sizes), 1, 1) for w in start)
    moved = tuple(w + unit.reshape(w.shape) for w, unit in zip(first, units, strict=True))
    return (tangent.outputs(network, first, moved, x) - network(first, x))[:, :, 0].mT
