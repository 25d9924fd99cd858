"""Random features (RF) on two Gaussian classes: Ghorbani et al. 2019, section 3.1.

y = ±1 with probability 1/2, x | y = ±1 ~ N(0, Sigma ∓ Delta). First-layer weights w_i ~ N(0, Gamma), features
sigma(<w_i, x>) − E sigma(G) with no intercept. Risks are E(y − f(x))², 1 for f = 0. Sigma, Delta and Gamma are
symmetric, (d, d), or diagonals, (d,).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.data.gaussian_classes import Mixture, mixture
from lazy_assay.sims.dynamics.sgd import linear_step, steps_of, trajectory
from lazy_assay.sims.numerics import forms as _forms
from lazy_assay.sims.numerics.gaussian_moments import Activation, activation_named
from lazy_assay.sims.numerics.least_squares import explained, midpoint

if TYPE_CHECKING:
    from torch import Tensor

Array = NDArray[np.float64]

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.mixture_random_features"


def population_risk(
    *,
    d: int,
    N: int,
    Sigma: ArrayLike,
    Delta: ArrayLike,
    Gamma: ArrayLike,
    activation: str,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Population risk R_RF,N of least squares given W, exactly; shape (trials,).

    1 − vᵀK⁻¹v, with K_ij = E[phi_i phi_j] and v_i = E[y phi_i] means over the two classes. Closed forms, except tanh,
    sigmoid and softplus (see `sims.numerics.hermite_series`). Raises ValueError for a wrong shape, name or covariance.
    """
    stream, sigma = Stream(entropy, device, dtype), activation_named(activation)
    classes = mixture(stream, d, Sigma, Delta)
    return _risks(stream, d, N, classes, _forms.root("Gamma", Gamma, d), sigma, trials)


def population_risk_and_doubled(
    *,
    d: int,
    N: int,
    Sigma: ArrayLike,
    Delta: ArrayLike,
    Gamma: ArrayLike,
    activation: str,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """`population_risk` at d and N, and, of other weights, at 2d and 2N; shape (trials, 2).

    At twice the size each eigenvalue of Sigma, √d·Delta and dΓ stands twice: the spectral laws are the same.
    """
    stream, sigma = Stream(entropy, device, dtype), activation_named(activation)
    mean, half, root = _forms.symmetric("Sigma", Sigma, d), _forms.symmetric("Delta", Delta, d), math.sqrt(2)
    weights = _forms.root("Gamma", Gamma, d)
    twice = mixture(stream, 2 * d, _forms.doubled(mean), _forms.doubled(half) / root)
    return torch.stack(
        [
            _risks(stream, d, N, mixture(stream, d, Sigma, Delta), weights, sigma, trials),
            _risks(stream, 2 * d, 2 * N, twice, _forms.doubled(weights) / root, sigma, trials),
        ],
        dim=-1,
    )


def least_squares_risk(
    *,
    d: int,
    N: int,
    Sigma: ArrayLike,
    Delta: ArrayLike,
    Gamma: ArrayLike,
    activation: str,
    samples: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The same risk from `samples` labelled inputs and the normal equations; shape (trials,).

    The midpoint of the training risk and of the fitted coefficients' population risk, whose O(1/samples) biases
    cancel: see `sims.numerics.least_squares.midpoint`. What is left is about R N²/(2 samples²). Raises
    ValueError unless samples > N + 1.
    """
    if samples <= N + 1:
        raise ValueError(f"{N} features need more than {N + 1} samples, not {samples}")
    stream, sigma = Stream(entropy, device, dtype), activation_named(activation)
    classes, root = mixture(stream, d, Sigma, Delta), stream.constant(_forms.root("Gamma", Gamma, d))
    chunks = chunk_sizes(trials, min(samples, 4096) * (d + N), stream.device)
    draws = (_forms.apply(root, stream.normal(size, N, d)) for size in chunks)
    return torch.cat([_fit(stream, W, classes, sigma, samples) for W in draws])


def sgd_risk(
    *,
    d: int,
    N: int,
    Sigma: ArrayLike,
    Delta: ArrayLike,
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
    """Exact population risk after `steps` of mini-batch SGD on the second layer; shape (trials,).

    From zero, `batch` fresh samples a step, a ← a − step_size ∇_a mean (y − f)²: see `sims.dynamics.sgd`.
    """
    return sgd_trajectory(
        d=d, N=N, Sigma=Sigma, Delta=Delta, Gamma=Gamma, activation=activation, batch=batch, checkpoints=[steps],
        step_size=step_size, trials=trials, entropy=entropy, device=device, dtype=dtype,
    )[:, 0]  # fmt: skip


def sgd_trajectory(
    *,
    d: int,
    N: int,
    Sigma: ArrayLike,
    Delta: ArrayLike,
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
    classes, root = mixture(stream, d, Sigma, Delta), stream.constant(_forms.root("Gamma", Gamma, d))
    chunks = chunk_sizes(trials, batch * (d + N) + N * N, stream.device)
    draws = (_forms.apply(root, stream.normal(size, N, d)) for size in chunks)
    return torch.cat([_train(stream, W, classes, sigma, batch, counts, step_size) for W in draws])


def _risks(stream: Stream, d: int, N: int, classes: Mixture, root: Array, sigma: Activation, trials: int) -> Tensor:
    """Risks of fresh weights, rows of a standard normal matrix times `root`, shape (trials,)."""
    half, chunks = stream.constant(root), chunk_sizes(trials, N * max(N, d), stream.device)
    return torch.cat([_risk_kernel(_forms.apply(half, stream.normal(n, N, d)), classes, sigma) for n in chunks])


def _risk_kernel(W: Tensor, classes: Mixture, sigma: Activation) -> Tensor:
    """W (trials, N, d) to risks (trials,)."""
    return 1 - explained(*_population_moments(W, classes, sigma))


def _population_moments(W: Tensor, classes: Mixture, sigma: Activation) -> tuple[Tensor, Tensor]:
    """K (trials, N, N) and v (trials, N): in a class of covariance S, <w_i, x> and <w_j, x> have covariance w_i S w_j.

    The features' offset, the same in both classes, has no part in v.
    """
    products = [_forms.apply(S, W) @ W.mT for S in (classes.plus, classes.minus)]
    variances = [p.diagonal(dim1=-2, dim2=-1) for p in products]
    grams = [sigma.centred_gram(s, p) for s, p in zip(variances, products, strict=True)]
    means = [sigma.hermite(0, s) for s in variances]
    return (grams[0] + grams[1]) / 2, (means[0] - means[1]) / 2


def _features(x: Tensor, W: Tensor, sigma: Activation) -> Tensor:
    return sigma.value(x @ W.mT) - sigma.offset(x)


def _fit(stream: Stream, W: Tensor, classes: Mixture, sigma: Activation, samples: int) -> Tensor:
    """Draws the samples block by block, sums the normal equations, solves them."""
    blocks = chunk_sizes(samples, len(W) * sum(W.shape[1:]), stream.device)
    sums = [_block_kernel(*classes.sample(stream, len(W), size), W, sigma) for size in blocks]
    gram, moment = (sum(parts) / samples for parts in zip(*sums, strict=True))
    one = torch.ones_like(moment[:, 0])
    return midpoint(gram, moment, one, *_population_moments(W, classes, sigma), one)


def _block_kernel(x: Tensor, y: Tensor, W: Tensor, sigma: Activation) -> tuple[Tensor, Tensor]:
    """Sums over a block of inputs x (trials, block, d) of phi phiᵀ and phi y."""
    phi = _features(x, W, sigma)
    return phi.mT @ phi, (phi.mT @ y[..., None])[..., 0]


def _train(
    stream: Stream, W: Tensor, classes: Mixture, sigma: Activation, batch: int, counts: list[int], step_size: float
) -> Tensor:
    K, v = _population_moments(W, classes, sigma)

    def step(a: Tensor) -> tuple[Tensor, ...]:
        x, y = classes.sample(stream, len(W), batch)
        return (linear_step(a, _features(x, W, sigma), y, step_size),)

    def risk(a: Tensor) -> Tensor:
        return 1 - 2 * (a * v).sum(-1) + (a * (K @ a[..., None])[..., 0]).sum(-1)

    return trajectory((torch.zeros_like(v),), step, risk, counts)
