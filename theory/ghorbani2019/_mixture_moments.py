"""Moments of a Gaussian weight by direction and length: E[f(s)], E[f(s) t_i], E[f(s) t_i t_j], w ~ N(0, diag(gamma)).

s = |w|^2 and t_i = w_i^2 / s. Isotropic weights (s and t independent, all t_i exchangeable) cost nothing that grows
with d but vectors; others go through `_gaussian_ratio_moments`.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lazy_assay.theory.ghorbani2019._gaussian_ratio_moments import (
    GaussianRatioMoments,
    gaussian_ratio_moments,
    isotropic_radius,
)

Array = NDArray[np.float64]


class Moments(Protocol):
    """What both laws offer. f is given by its values at the nodes s; A and B are (d, k) and (d, l)."""

    @property
    def s(self) -> Array: ...

    def scalar(self, f: Array) -> float:
        """E[f]."""

    def first(self, f: Array, A: Array) -> Array:
        """E[f A't], shape (k,)."""

    def second(self, f: Array, A: Array, B: Array) -> Array:
        """E[f (A't)(B't)'], shape (k, l)."""


@dataclass(frozen=True, eq=False)
class IsotropicMoments:
    """gamma = 1/d each: E t_i = 1/d, E t_i t_j = (1 + 2 delta_ij) / (d (d + 2)), independent of s."""

    d: int

    @cached_property
    def _rule(self) -> tuple[Array, Array]:
        return isotropic_radius(self.d)

    @property
    def s(self) -> Array:
        """Nodes of |w|^2."""
        return self._rule[0]

    def scalar(self, f: Array) -> float:
        """E[f]."""
        return float(f @ self._rule[1])

    def first(self, f: Array, A: Array) -> Array:
        """E[f A't], shape (k,)."""
        return np.asarray(self.scalar(f) * A.sum(axis=0) / self.d)

    def second(self, f: Array, A: Array, B: Array) -> Array:
        """E[f (A't)(B't)'], shape (k, l)."""
        directions = np.outer(A.sum(axis=0), B.sum(axis=0)) + 2 * A.T @ B
        return np.asarray(self.scalar(f) / (self.d * (self.d + 2)) * directions)


@dataclass(frozen=True, eq=False)
class DiagonalMoments:
    """Any gamma >= 0, direction by direction."""

    ratios: GaussianRatioMoments

    @property
    def s(self) -> Array:
        """Nodes of |w|^2."""
        return self.ratios.s

    def scalar(self, f: Array) -> float:
        """E[f]."""
        return self.ratios.scalar(f)

    def first(self, f: Array, A: Array) -> Array:
        """E[f A't], shape (k,)."""
        return np.asarray(self.ratios.first(f / self.s) @ A)

    def second(self, f: Array, A: Array, B: Array) -> Array:
        """E[f (A't)(B't)'], shape (k, l)."""
        # What does not depend on t has no part in it: two thirds of the table of a law's covariances.
        if not f.any():
            return np.zeros((A.shape[1], B.shape[1]))
        return np.asarray(A.T @ self.ratios.second(f / self.s**2) @ B)


def moments_of(gamma: Array) -> Moments:
    """The moments for weights of variances gamma, shape (d,)."""
    return IsotropicMoments(len(gamma)) if isotropic(gamma) else DiagonalMoments(gaussian_ratio_moments(gamma))


def isotropic(gamma: Array) -> bool:
    """Whether all variances agree, to the rounding of a whitening."""
    return bool(np.ptp(gamma) <= 1e-10 * gamma.max())
