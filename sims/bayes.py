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

from lazy_assay.sims._chunks import chunk_sizes
from lazy_assay.sims._mixtures import mixture, whitened
from lazy_assay.sims._streams import Stream
from lazy_assay.sims._torch import torch

if TYPE_CHECKING:
    from torch import Tensor


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
