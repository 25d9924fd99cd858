"""Two centred Gaussian classes: y = ±1 with probability 1/2, x | y = ±1 ~ N(0, Sigma ∓ Delta).

Ghorbani et al. 2019, section 3. Sigma and Delta are symmetric, (d, d), or diagonals, (d,).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.numerics import forms

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Mixture:
    """The classes' covariances, `plus` of y = +1 (Sigma − Delta) and `minus` of y = −1, and their symmetric roots."""

    plus: Tensor
    minus: Tensor
    plus_root: Tensor
    minus_root: Tensor

    def sample(self, stream: Stream, *shape: int) -> tuple[Tensor, Tensor]:
        """Inputs x (*shape, d) and labels y (*shape)."""
        noise = stream.normal(*shape, self.plus.shape[-1] + 1)
        z, positive = noise[..., :-1], noise[..., -1] > 0
        x = torch.where(positive[..., None], forms.apply(self.plus_root, z), forms.apply(self.minus_root, z))
        return x, 2 * positive.to(x.dtype) - 1

    def risk_of_form(self, M: Tensor, c: Tensor) -> Tensor:
        """E(y − f(x))² of f(x) = <x, M x> + c, exactly; M symmetric (trials, d, d), c and the risks (trials,).

        In a class of covariance S, f has mean Tr(MS) + c and variance 2 Tr(MSMS).
        """
        risk = torch.zeros_like(c)
        for y, S in ((1, self.plus), (-1, self.minus)):
            MS = forms.apply(S, M)
            miss = y - MS.diagonal(dim1=-2, dim2=-1).sum(-1) - c
            risk = risk + (miss * miss + 2 * (MS * MS.mT).sum((-2, -1))) / 2
        return risk


def mixture(stream: Stream, d: int, Sigma: ArrayLike, Delta: ArrayLike) -> Mixture:
    """The mixture on the stream's device. Raises ValueError for a wrong shape or a covariance that is none."""
    middle, half = _of_one_form(d, Sigma, Delta)
    named = {"Sigma - Delta": middle - half, "Sigma + Delta": middle + half}
    roots = [forms.root(name, covariance, d) for name, covariance in named.items()]
    return Mixture(*(stream.constant(values) for values in [*named.values(), *roots]))


def whitened(d: int, Sigma: ArrayLike, Delta: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates in which Sigma is the identity and Delta diagonal: (delta, turn), for z ~ N(0, 1 ∓ delta).

    delta, shape (d,), holds the eigenvalues of Sigma^(−1/2) Delta Sigma^(−1/2), U their eigenvectors; weights, as rows,
    go over by `forms.apply(turn, W)`, turn = Sigma^(1/2) U, so that <w, x> keeps its value. Raises ValueError unless
    Sigma ± Delta are positive definite.
    """
    middle, half = _of_one_form(d, Sigma, Delta)
    if middle.ndim == 1:
        _demand(middle.min() > 0)
        delta, turn = half / middle, np.sqrt(middle)
    else:
        scales, vectors = np.linalg.eigh(middle)
        _demand(scales[0] > 0)
        inverse = (vectors / np.sqrt(scales)) @ vectors.T
        delta, basis = np.linalg.eigh(inverse @ half @ inverse)
        turn = (vectors * np.sqrt(scales)) @ vectors.T @ basis
    _demand(np.abs(delta).max() < 1)
    return delta, turn


def _demand(definite: bool | np.bool_) -> None:
    if not definite:
        raise ValueError("Sigma - Delta and Sigma + Delta are not both positive definite")


def _of_one_form(d: int, Sigma: ArrayLike, Delta: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both as diagonals, or both as matrices."""
    middle, half = forms.symmetric("Sigma", Sigma, d), forms.symmetric("Delta", Delta, d)
    if middle.ndim == half.ndim:
        return middle, half
    return np.diag(middle) if middle.ndim == 1 else middle, np.diag(half) if half.ndim == 1 else half
