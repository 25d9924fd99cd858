"""Mergeable moments of raw draws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Value = Any  # a float for one number a trial, an array of a row's shape for several


@dataclass(frozen=True, kw_only=True)
class Moments:
    """Count, mean, sum of squared deviations and range of the finite rows; the other rows are counted as diverged."""

    n: int
    mean: Value
    m2: Value
    minimum: Value
    maximum: Value
    diverged: int

    @classmethod
    def of(cls, draws: ArrayLike) -> Moments:
        """The moments of draws of shape (trials,) or (trials, ...), taken over the first axis."""
        rows = np.asarray(draws, dtype=np.float64)
        finite = np.isfinite(rows).reshape(len(rows), -1).all(axis=1)
        kept = rows[finite]
        if not len(kept):
            return cls._empty(rows.shape[1:], len(rows))
        mean = kept.mean(axis=0)
        m2 = ((kept - mean) ** 2).sum(axis=0)
        low, high = kept.min(axis=0), kept.max(axis=0)
        return cls(
            n=len(kept),
            mean=_value(mean),
            m2=_value(m2),
            minimum=_value(low),
            maximum=_value(high),
            diverged=int((~finite).sum()),
        )

    @classmethod
    def _empty(cls, shape: tuple[int, ...], diverged: int) -> Moments:
        nan, zero, top = (_value(np.full(shape, x)) for x in (np.nan, 0.0, np.inf))
        return cls(n=0, mean=nan, m2=zero, minimum=top, maximum=-top, diverged=diverged)

    @property
    def variance(self) -> Value:
        """The unbiased sample variance; NaN below two finite rows."""
        return self.m2 / (self.n - 1) if self.n > 1 else self.m2 * np.nan

    def merge(self, other: Moments) -> Moments:
        """The moments of both samples together (Chan, Golub and LeVeque's update)."""
        diverged = self.diverged + other.diverged
        if not self.n or not other.n:
            return replace(self if self.n else other, diverged=diverged)
        n, shift = self.n + other.n, other.mean - self.mean
        return Moments(
            n=n,
            mean=self.mean + shift * (other.n / n),
            m2=self.m2 + other.m2 + shift**2 * (self.n * other.n / n),
            minimum=_value(np.minimum(self.minimum, other.minimum)),
            maximum=_value(np.maximum(self.maximum, other.maximum)),
            diverged=diverged,
        )


def _value(x: NDArray[np.float64] | np.float64) -> Value:
    return float(x) if np.ndim(x) == 0 else x
