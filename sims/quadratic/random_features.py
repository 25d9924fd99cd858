"""Random features (RF): only the second layer is fitted (Ghorbani et al. 2019, Eq. 2 and section 2.1).

First-layer weights w_i ~ N(0, Gamma), features sigma(<w_i, x>) − E sigma(G) with no intercept, inputs x ~ N(0, I_d),
target f*(x) = <x, Bx> − Tr B. Risks are divided by ||f*||² = 2 ||B||_F². B and Gamma are symmetric, (d, d), or
diagonals, (d,).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics.sgd import linear_step, steps_of, trajectory
from lazy_assay.sims.numerics import forms as _forms
from lazy_assay.sims.numerics.gaussian_moments import Activation, activation_named
from lazy_assay.sims.numerics.least_squares import explained, midpoint

if TYPE_CHECKING:
    from torch import Tensor

Array = NDArray[np.float64]

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.random_features"


def population_risk(
    *,
    d: int,
    N: int,
    B: ArrayLike,
    Gamma: ArrayLike,
    activation: str,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Normalised population risk R_RF,N(f*)/||f*||² (Eq. 4) given W, exactly; shape (trials,).

    1 − vᵀK⁻¹v/(2 ||B||_F²), K_ij = E[phi_i phi_j], v_i = E[phi_i f*]. Closed forms, except tanh, sigmoid and softplus
    (see `sims.numerics.hermite_series`; error below 1e-8 in the risk for d ≥ 10). Raises ValueError for a wrong shape
    or name.
    """
    stream, sigma = Stream(entropy, device, dtype), activation_named(activation)
    return _risks(stream, d, N, _forms.symmetric("B", B, d), _forms.root("Gamma", Gamma, d), sigma, trials)


def population_risk_and_doubled(
    *,
    d: int,
    N: int,
    B: ArrayLike,
    Gamma: ArrayLike,
    activation: str,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """`population_risk` at d and N, and, of other weights, at 2d and 2N; shape (trials, 2).

    At twice the size each eigenvalue of B and of dΓ stands twice: the spectral laws are the same.
    """
    stream, sigma = Stream(entropy, device, dtype), activation_named(activation)
    form, root = _forms.symmetric("B", B, d), _forms.root("Gamma", Gamma, d)
    doubled = (2 * d, 2 * N, _forms.doubled(form), _forms.doubled(root) / math.sqrt(2))
    return torch.stack([_risks(stream, *at, sigma, trials) for at in ((d, N, form, root), doubled)], dim=-1)


def least_squares_risk(
    *,
    d: int,
    N: int,
    B: ArrayLike,
    Gamma: ArrayLike,
    activation: str,
    samples: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The same risk from `samples` inputs and the normal equations; shape (trials,).

    The midpoint of the training risk and of the fitted coefficients' population risk, whose O(1/samples) biases
    cancel: see `sims.numerics.least_squares.midpoint`. What is left is about R N²/(2 samples²). Raises
    ValueError unless samples > N + 1.
    """
    if samples <= N + 1:
        raise ValueError(f"{N} features need more than {N + 1} samples, not {samples}")
    stream, sigma = Stream(entropy, device, dtype), activation_named(activation)
    form = stream.constant(_forms.symmetric("B", B, d))
    root = stream.constant(_forms.root("Gamma", Gamma, d))
    chunks = chunk_sizes(trials, min(samples, 4096) * (d + N), stream.device)
    return torch.cat([_fit(stream, stream.normal(size, N, d), root, form, sigma, samples) for size in chunks])


def sgd_risk(
    *,
    d: int,
    N: int,
    B: ArrayLike,
    Gamma: ArrayLike,
    activation: str,
    batch: int,
    steps: int,
    step_size: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Exact normalised population risk after `steps` of mini-batch SGD on the second layer; shape (trials,).

    From zero, `batch` fresh samples a step, a ← a − step_size ∇_a mean (f* − f)²: see `sims.dynamics.sgd`.
    """
    return sgd_trajectory(
        d=d, N=N, B=B, Gamma=Gamma, activation=activation, batch=batch, checkpoints=[steps], step_size=step_size,
        trials=trials, entropy=entropy, device=device, dtype=dtype,
    )[:, 0]  # fmt: skip


def sgd_trajectory(
    *,
    d: int,
    N: int,
    B: ArrayLike,
    Gamma: ArrayLike,
    activation: str,
    batch: int,
    checkpoints: ArrayLike,
    step_size: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """`sgd_risk` of one run after each number of steps in `checkpoints`; shape (trials, len(checkpoints))."""
    stream, sigma, counts = Stream(entropy, device, dtype), activation_named(activation), steps_of(checkpoints)
    form = stream.constant(_forms.symmetric("B", B, d))
    root = stream.constant(_forms.root("Gamma", Gamma, d))
    chunks = chunk_sizes(trials, batch * (d + N) + N * N, stream.device)
    draws = (_forms.apply(root, stream.normal(size, N, d)) for size in chunks)
    return torch.cat([_train(stream, W, form, sigma, batch, counts, step_size) for W in draws])


def captured_fraction(
    *,
    d: int,
    N: int,
    component: str,
    activation: str,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The fraction of a unit target's squared norm that RF with Gamma = I/d captures, exactly given W; shape (trials,).

    Components (section 1 of the paper): `linear` x_1; `trace` (|x|² − d)/√(2d); `traceless` x_1 x_2; `cubic`
    He3(x_1)/√6. Raises ValueError for another component, or for `traceless` at d = 1.
    """
    if component not in _COMPONENTS or (component == "traceless" and d < 2):
        raise ValueError(f"no component {component!r} at d={d}; there are {', '.join(_COMPONENTS)}")
    stream, sigma = Stream(entropy, device, dtype), activation_named(activation)
    chunks = chunk_sizes(trials, N * max(N, d), stream.device)
    return torch.cat([_captured_kernel(stream.normal(size, N, d) / math.sqrt(d), sigma, component) for size in chunks])


def _risks(stream: Stream, d: int, N: int, form: Array, root: Array, sigma: Activation, trials: int) -> Tensor:
    """Risks of fresh weights, rows of a standard normal matrix times `root`, shape (trials,)."""
    B, half = stream.constant(form), stream.constant(root)
    chunks = chunk_sizes(trials, N * max(N, d), stream.device)
    return torch.cat([_risk_kernel(_forms.apply(half, stream.normal(size, N, d)), B, sigma) for size in chunks])


def _risk_kernel(W: Tensor, B: Tensor, sigma: Activation) -> Tensor:
    """W (trials, N, d) to risks (trials,)."""
    K, v = _population_moments(W, B, sigma)
    return 1 - explained(K, v) / (2 * _forms.squared_norm(B))


def _population_moments(W: Tensor, B: Tensor, sigma: Activation) -> tuple[Tensor, Tensor]:
    """K (trials, N, N) and v (trials, N): only the second Hermite coefficient of a neuron meets a quadratic target."""
    p = W @ W.mT
    s = p.diagonal(dim1=-2, dim2=-1)
    return sigma.centred_gram(s, p), sigma.hermite(2, s) / s * _forms.quadratic(B, W)


def _fit(stream: Stream, Z: Tensor, root: Tensor, B: Tensor, sigma: Activation, samples: int) -> Tensor:
    """Draws the inputs block by block, sums the normal equations, solves them."""
    W = _forms.apply(root, Z)
    blocks = chunk_sizes(samples, len(W) * sum(W.shape[1:]), stream.device)
    sums = [_block_kernel(stream.normal(len(W), size, W.shape[-1]), W, B, sigma) for size in blocks]
    gram, moment, energy = (sum(parts) / samples for parts in zip(*sums, strict=True))
    return _midpoint_kernel(W, B, sigma, gram, moment, energy)


def _train(
    stream: Stream, W: Tensor, B: Tensor, sigma: Activation, batch: int, counts: list[int], step_size: float
) -> Tensor:
    (K, v), norm = _population_moments(W, B, sigma), 2 * _forms.squared_norm(B)

    def step(a: Tensor) -> tuple[Tensor, ...]:
        x = stream.normal(len(W), batch, W.shape[-1])
        y = _forms.quadratic(B, x) - _forms.trace(B)
        return (linear_step(a, sigma.value(x @ W.mT) - sigma.offset(x), y, step_size),)

    def risk(a: Tensor) -> Tensor:
        return 1 - (a * (2 * v - (K @ a[..., None])[..., 0])).sum(-1) / norm

    return trajectory((torch.zeros_like(v),), step, risk, counts)


def _block_kernel(x: Tensor, W: Tensor, B: Tensor, sigma: Activation) -> tuple[Tensor, Tensor, Tensor]:
    """Sums over a block of inputs x (trials, block, d) of phi phiᵀ, phi y and y²."""
    y = _forms.quadratic(B, x) - _forms.trace(B)
    phi = sigma.value(x @ W.mT) - sigma.offset(x)
    return phi.mT @ phi, (phi.mT @ y[..., None])[..., 0], (y * y).sum(-1)


def _midpoint_kernel(W: Tensor, B: Tensor, sigma: Activation, gram: Tensor, moment: Tensor, energy: Tensor) -> Tensor:
    norm = 2 * _forms.squared_norm(B)
    return midpoint(gram, moment, energy, *_population_moments(W, B, sigma), norm) / norm


def _captured_kernel(W: Tensor, sigma: Activation, component: str) -> Tensor:
    """W (trials, N, d) to fractions (trials,): <phi_i, target> is a Hermite coefficient times a form in w_i/|w_i|."""
    p = W @ W.mT
    s = p.diagonal(dim1=-2, dim2=-1)
    degree, scale = _COMPONENTS[component]
    u = W / s.sqrt()[..., None]
    forms = {
        "linear": lambda: u[..., 0],
        "trace": lambda: torch.full_like(s, 1 / math.sqrt(W.shape[-1])),
        "traceless": lambda: u[..., 0] * u[..., 1],
        "cubic": lambda: u[..., 0] ** 3,
    }
    return explained(sigma.centred_gram(s, p), scale * sigma.hermite(degree, s) * forms[component]())


# The target's degree k, and E[sigma He_k]'s factor against the unit target: E[He_k(<u, x>) f] for u of the form below.
_COMPONENTS = {
    "linear": (1, 1.0),
    "trace": (2, 1 / math.sqrt(2)),
    "traceless": (2, 1.0),
    "cubic": (3, 1 / math.sqrt(6)),
}
