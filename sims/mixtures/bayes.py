"""The Bayes predictor of two Gaussian classes (Ghorbani et al. 2019, section 3): the least risk of any function.

y = ±1 with probability 1/2, x | y = ±1 ~ N(0, Sigma ∓ Delta). With l(x) the log-ratio of the classes' densities,
E[y | x] = tanh(l/2). Sigma and Delta are symmetric, (d, d), or diagonals, (d,); d is that of Delta. ValueError unless
Sigma ± Delta are positive definite.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.data.gaussian_classes import mixture, whitened
from lazy_assay.sims.mixtures.neural_tangent import fitted_to_classes
from lazy_assay.sims.numerics import forms

if TYPE_CHECKING:
    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.bayes"


def posterior_variance(
    *,
    Sigma: ArrayLike,
    Delta: ArrayLike,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Var(y | x) = 1 − tanh²(l(x)/2) at x drawn from the mixture, its mean the Bayes risk (MMSE); shape (trials,)."""
    draws = _draws(Stream(entropy, device, dtype), Sigma, Delta, trials)
    return torch.cat([torch.cosh(ratio / 2).square().reciprocal() for ratio, _ in draws])


def squared_loss(
    *,
    Sigma: ArrayLike,
    Delta: ArrayLike,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """(y − tanh(l(x)/2))² at (x, y) drawn from the mixture: the same mean, from labels; shape (trials,)."""
    draws = _draws(Stream(entropy, device, dtype), Sigma, Delta, trials)
    return torch.cat([(y - torch.tanh(ratio / 2)).square() for ratio, y in draws])


def wide_tangent_excess(
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
    """(f(x) − E[y|x])² at x drawn from the mixture, f the tangent model of N ≥ d neurons fitted to the population.

    Its mean is the risk of f less the Bayes risk; shape (trials,). f is fitted by least squares over all N d features
    and the intercept, for one draw of W: at N ≥ d almost every W gives the same function. ValueError for N < d.
    """
    if d > N:
        raise ValueError(f"the fitted function depends on W unless N ≥ d, got N = {N}, d = {d}")
    stream = Stream(entropy, device, dtype)
    values, turn = whitened(d, Sigma, Delta)
    delta, classes = stream.constant(values), mixture(stream, d, np.ones(d), values)
    W = forms.apply(stream.constant(turn), stream.normal(1, N, d))
    coefficients = fitted_to_classes(W, classes)[0]
    chunks = chunk_sizes(trials, N * d, stream.device)
    return torch.cat([_excess_kernel(classes.sample(stream, size)[0], W[0], coefficients, delta) for size in chunks])


def _excess_kernel(z: Tensor, W: Tensor, coefficients: Tensor, delta: Tensor) -> Tensor:
    """z (trials, d), W (N, d), coefficients (N d + 1,), the intercept's first."""
    features = (z @ W.mT)[:, :, None] * z[:, None, :]
    fitted = coefficients[0] + features.flatten(1) @ coefficients[1:]
    return (fitted - torch.tanh(_log_ratio_kernel(z, delta) / 2)).square()


def _draws(stream: Stream, Sigma: ArrayLike, Delta: ArrayLike, trials: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Log-ratios l(x) and labels, some trials at a time; the whitened classes are the same experiment."""
    d = len(np.asarray(Delta))
    values, _ = whitened(d, Sigma, Delta)
    delta, classes = stream.constant(values), mixture(stream, d, np.ones(d), values)
    for size in chunk_sizes(trials, d, stream.device):
        z, y = classes.sample(stream, size)
        yield _log_ratio_kernel(z, delta), y


def _log_ratio_kernel(z: Tensor, delta: Tensor) -> Tensor:
    """log N(z; 0, 1 − delta) − log N(z; 0, 1 + delta) for z (trials, d): shape (trials,)."""
    return (torch.atanh(delta) - z * z * (delta / ((1 - delta) * (1 + delta)))).sum(-1)
