"""The exponent in width that sizes tend to, and what widths that are finite may do to it.

The mean logarithm of a size is taken to be a + p log w + c (w_0/w)^κ: p is the exponent that is meant, c what finite
widths add. Sizes are root mean squares, averages of correlation functions, and these go in whole powers of 1/width
(Dyer & Gur-Ari, Asymptotics of wide networks from Feynman diagrams, ICLR 2020): κ = 1. Beside it stand no correction
at all, and κ = 1/2, slower than any that is derived.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lazy_assay.checks.statistics.sequence import Array

DERIVED, SLOW, NONE = 1.0, 0.5, math.inf
LAWS = (NONE, DERIVED, SLOW)


@dataclass(frozen=True)
class Contrast:
    """A linear combination of the mean logarithms at the widths: estimate, standard error, degrees of freedom."""

    value: float
    error: float
    freedom: float

    def radius(self, level: float) -> float:
        """How far the truth is off at most, on one side, at error `level`."""
        from scipy.special import stdtrit  # not scipy.stats, whose import alone takes half a second

        return -float(stdtrit(self.freedom, level)) * self.error if self.error > 0 else 0.0

    def chance(self) -> float:
        """Two-sided p-value of its being zero."""
        from scipy.special import stdtr

        return 2 * float(stdtr(self.freedom, -abs(self.value) / self.error)) if self.error > 0 else 1.0


def exponent(widths: Array, logs: Array, law: float) -> Contrast:
    """The exponent p by least squares, logs (seeds, widths) independent in both, under one law of `LAWS`."""
    return _contrast(np.linalg.pinv(_design(widths, law))[1], logs)


def misfit(widths: Array, logs: Array, law: float) -> float:
    """p-value of the law: whether the means leave it, over all that is left when it is fitted (Bonferroni)."""
    design = _design(widths, law)
    count = len(widths) - design.shape[1]
    left = np.linalg.svd(design)[0][:, design.shape[1] :].T
    return float(min([1.0, *(count * _contrast(row, logs).chance() for row in left)]))


def _design(widths: Array, law: float) -> Array:
    places = np.log(widths)
    columns = [np.ones_like(places), places - places.mean()]
    return np.stack(columns if law == NONE else [*columns, (widths[0] / widths) ** law], axis=1)


def _contrast(weights: Array, logs: Array) -> Contrast:
    """Widths scatter differently: the error is Welch's, with Satterthwaite's degrees of freedom (1946)."""
    seeds = len(logs)
    terms = weights**2 * logs.var(axis=0, ddof=1) / seeds
    total = float(terms.sum())
    freedom = total**2 * (seeds - 1) / float(np.square(terms).sum()) if total > 0 else math.inf
    return Contrast(float(weights @ logs.mean(axis=0)), math.sqrt(total), freedom)
