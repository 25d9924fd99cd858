"""Neural tangent features (NT) on two Gaussian classes: Ghorbani et al. 2019, section 3.2, sigma = x².

y = ±1 with probability 1/2, x | y = ±1 ~ N(0, Sigma ∓ Delta). The class {c + Σ_i <w_i, x><a_i, x>}, weights
w_i ~ N(0, I/d). Risks are E(y − f(x))², 1 for f = 0. Sigma and Delta are symmetric, (d, d), or diagonals, (d,).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.data.gaussian_classes import Mixture, mixture, whitened
from lazy_assay.sims.dynamics.sgd import form_of_tangent, steps_of, tangent_step, trajectory
from lazy_assay.sims.numerics import forms
from lazy_assay.sims.numerics.conjugate_gradients import inverse_form, projected, steps_needed
from lazy_assay.sims.numerics.least_squares import explained_by_eigenvectors, midpoint, solved_by_eigenvectors
from lazy_assay.sims.numerics.tangent_basis import class_moments, complete_basis, features, pairs, size_with_room

if TYPE_CHECKING:
    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.mixture_neural_tangent"


def population_risk(
    *,
    d: int,
    N: int,
    Sigma: ArrayLike,
    Delta: ArrayLike,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Population risk R_NT,N of least squares given W, exactly up to rounding; shape (trials,).

    In coordinates where Sigma is the identity and Delta diagonal, f = <x, Ax> − Tr A with A in the tangent space has
    E[yf] = −<A, Delta> and E f² = <A, Delta>² + 2||A||² + 2 Tr(A Delta A Delta), so that R = 1/(1 + X) with X the
    largest ratio of the first's square to the rest: a linear system, by conjugate gradients of a fixed number of
    steps. Raises ValueError unless Sigma ± Delta are positive definite.
    """
    stream = Stream(entropy, device, dtype)
    white = _white(stream, d, Sigma, Delta)
    chunks = chunk_sizes(trials, d * max(N, d), stream.device)
    return torch.cat([_risk_kernel(stream.normal(size, N, d), *white) for size in chunks])


def population_risk_at(
    *,
    W: ArrayLike,
    Sigma: ArrayLike,
    Delta: ArrayLike,
    trials: int = 1,
    entropy: int = 0,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """`population_risk` at given weights W of shape (d, N): the same number in each of the (trials,) rows."""
    stream, weights = Stream(entropy, device, dtype), np.asarray(W, dtype=np.float64)
    white = _white(stream, len(weights), Sigma, Delta)
    return _risk_kernel(stream.constant(weights.T)[None], *white).repeat(trials)


def tangent_space_risk(
    *,
    d: int,
    N: int,
    Sigma: ArrayLike,
    Delta: ArrayLike,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The same risk by least squares over all N d features <w_i, x> x_k and the intercept; shape (trials,).

    Knows nothing of whitening or projections: class moments by Isserlis, pseudo-inverse of the (redundant) Gram matrix
    of size N d + 1. Meant for N d up to a few hundred.
    """
    stream = Stream(entropy, device, dtype)
    classes = mixture(stream, d, Sigma, Delta)
    chunks = chunk_sizes(trials, (N * d + 1) ** 2, stream.device)
    return torch.cat([_tangent_space_kernel(stream.normal(n, N, d) / math.sqrt(d), classes) for n in chunks])


def tangent_space_risk_at(
    *,
    W: ArrayLike,
    Sigma: ArrayLike,
    Delta: ArrayLike,
    trials: int = 1,
    entropy: int = 0,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """`tangent_space_risk` at given weights W of shape (d, N): the same number in each of the (trials,) rows."""
    stream, weights = Stream(entropy, device, dtype), np.asarray(W, dtype=np.float64)
    classes = mixture(stream, len(weights), Sigma, Delta)
    return _tangent_space_kernel(stream.constant(weights.T)[None], classes).repeat(trials)


def least_squares_risk(
    *,
    d: int,
    N: int,
    Sigma: ArrayLike,
    Delta: ArrayLike,
    samples: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The same risk from `samples` labelled inputs and the normal equations; shape (trials,).

    Features are a basis of the tangent space, of p = N d − N(N − 1)/2 + 1 (N ≤ d) functions. The midpoint of the
    training risk and of the fitted function's population risk, whose O(1/samples) biases cancel: see
    `sims.numerics.least_squares.midpoint`; what is left is second order in p/samples. Raises ValueError unless
    samples > p + 1.
    """
    size, stream = size_with_room(d, N, samples), Stream(entropy, device, dtype)
    # The whitened classes are the same experiment: x is z turned and stretched.
    delta, turn = whitened(d, Sigma, Delta)
    classes, to_white = mixture(stream, d, np.ones(d), delta), stream.constant(turn)
    chunks = chunk_sizes(trials, min(samples, 1024) * size, stream.device)
    draws = (forms.apply(to_white, stream.normal(chunk, N, d)) for chunk in chunks)
    return torch.cat([_fit(stream, W, classes, samples) for W in draws])


def sgd_risk(
    *,
    d: int,
    N: int,
    Sigma: ArrayLike,
    Delta: ArrayLike,
    batch: int,
    steps: int,
    step_size: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Exact population risk after `steps` of mini-batch SGD on (a_i) and c from zero; shape (trials,).

    f(x) = Σ_i 2<w_i, x><a_i, x> + c (Eq. 3), `batch` fresh samples a step: see `sims.dynamics.sgd`.
    """
    return sgd_trajectory(
        d=d, N=N, Sigma=Sigma, Delta=Delta, batch=batch, checkpoints=[steps], step_size=step_size,
        trials=trials, entropy=entropy, device=device, dtype=dtype,
    )[:, 0]  # fmt: skip


def sgd_trajectory(
    *,
    d: int,
    N: int,
    Sigma: ArrayLike,
    Delta: ArrayLike,
    batch: int,
    checkpoints: ArrayLike,
    step_size: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """`sgd_risk` of one run after each number of steps in `checkpoints`; shape (trials, len(checkpoints))."""
    stream, counts = Stream(entropy, device, dtype), steps_of(checkpoints)
    classes = mixture(stream, d, Sigma, Delta)
    chunks = chunk_sizes(trials, max(batch, N) * max(N, d), stream.device)
    starts = (stream.normal(size, N, d) / math.sqrt(d) for size in chunks)
    return torch.cat([_train(stream, W, classes, batch, counts, step_size) for W in starts])


def _white(stream: Stream, d: int, Sigma: ArrayLike, Delta: ArrayLike) -> tuple[Tensor, Tensor, int]:
    """delta and turn of `whitened` on the device, and the steps that the linear system needs."""
    delta, turn = whitened(d, Sigma, Delta)
    steps = steps_needed(np.outer(delta, delta), torch.finfo(stream.dtype).eps)
    return stream.constant(delta), stream.constant(turn), steps


def _risk_kernel(W: Tensor, delta: Tensor, turn: Tensor, steps: int) -> Tensor:
    """W (trials, N, d) to risks (trials,). The first d rows span what all of them span, almost surely."""
    Q: Tensor = torch.linalg.qr(forms.apply(turn, W[..., : W.shape[-1], :]).mT).Q
    outside = torch.eye(len(delta), device=W.device, dtype=W.dtype) - Q @ Q.mT
    target = projected(delta.diag().expand_as(outside), outside)
    return 1 / (1 + inverse_form(target, outside, delta[:, None] * delta, steps) / 2)


def _tangent_space_kernel(W: Tensor, classes: Mixture) -> Tensor:
    """W (trials, N, d) to risks (trials,): features 1 and <w_i, x> x_k, ordered by i, then k."""
    moments = [_class_moments(W, S) for S in (classes.plus, classes.minus)]
    (plus_gram, plus_mean), (minus_gram, minus_mean) = moments
    return 1 - explained_by_eigenvectors((plus_gram + minus_gram) / 2, (plus_mean - minus_mean) / 2)


def fitted_to_classes(W: Tensor, classes: Mixture) -> Tensor:
    """Coefficients of the population's least-squares fit: features 1 and <w_i, x> x_k, shape (trials, N d + 1)."""
    (plus_gram, plus_mean), (minus_gram, minus_mean) = (_class_moments(W, S) for S in (classes.plus, classes.minus))
    return solved_by_eigenvectors((plus_gram + minus_gram) / 2, (plus_mean - minus_mean) / 2)


def _class_moments(W: Tensor, S: Tensor) -> tuple[Tensor, Tensor]:
    """E[phi phiᵀ] and E[phi] of the features 1 and <w_i, x> x_k for x ~ N(0, S)."""
    trials, N, d = W.shape
    V = forms.apply(S, W)
    p = V @ W.mT
    direct = p[:, :, None, :, None] * forms.matrix(S)[:, None, :]
    swapped = V[:, :, None, None, :] * V.mT[:, None, :, :, None]
    mean = torch.nn.functional.pad(V.reshape(trials, N * d), (1, 0), value=1.0)
    gram = torch.nn.functional.pad((direct + swapped).reshape(trials, N * d, N * d), (1, 0, 1, 0))
    return gram + mean[:, :, None] * mean[:, None, :], mean


def _fit(stream: Stream, W: Tensor, classes: Mixture, samples: int) -> Tensor:
    """Draws the samples block by block, sums the normal equations, solves them; the classes are N(0, I ∓ delta)."""
    trials, N, d = W.shape
    O, (first, second) = complete_basis(W.mT), pairs(d, N, stream.device)
    blocks = chunk_sizes(samples, trials * len(first), stream.device)
    sums = [_block_kernel(*classes.sample(stream, trials, size), O, first, second) for size in blocks]
    gram, moment = (sum(parts) / samples for parts in zip(*sums, strict=True))
    delta, one = (classes.minus - classes.plus) / 2, torch.ones_like(moment[:, 0])
    return midpoint(gram, moment, one, *class_moments(O, delta, first, second), one)


def _block_kernel(x: Tensor, y: Tensor, O: Tensor, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Sums over inputs x (trials, block, d) of phi phiᵀ and phi y."""
    phi = features(x, O, first, second)
    return phi.mT @ phi, (phi.mT @ y[..., None])[..., 0]


def _train(stream: Stream, W: Tensor, classes: Mixture, batch: int, counts: list[int], step_size: float) -> Tensor:
    def step(A: Tensor, c: Tensor) -> tuple[Tensor, ...]:
        x, y = classes.sample(stream, len(W), batch)
        return tangent_step(A, c, W, x, y, step_size)

    def risk(A: Tensor, c: Tensor) -> Tensor:
        return classes.risk_of_form(form_of_tangent(A, W), c)

    return trajectory((torch.zeros_like(W), torch.zeros_like(W[:, 0, 0])), step, risk, counts)
