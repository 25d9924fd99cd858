"""A confidence set for the night of a change, from one estimate and its standard error a night.

The model: independent normal estimates of known errors, one mean before night t and another from t on (t = 0: no change
in the record). Let L(t) be the sum of squares between the two parts and Lambda(t) = max_s L(s) - L(t), twice the log
likelihood ratio. Given the two parts' means, which are sufficient, the law of Lambda(t) has no unknown in it: residuals
are normal and free of the means. So its Monte Carlo p-value is exact, and the nights whose p-value exceeds `level` are
a confidence set of coverage at least 1 - level, at every size of the change (Worsley 1986, Biometrika, section 3;
Siegmund 1988, SIAM Review). Exact for a number of nights that does not hang on the estimates; where one stops as soon
as a bias is found, coverage is measured (tests/checks/statistics/test_change_point.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lazy_assay.checks.statistics.sequence import Array

REPLICATES = 499
# Lambda(t) is at most what one more change explains, the largest of `nights` chi-squared numbers: beyond this with
# probability 3e-10 for each night, whatever the Monte Carlo would say.
FAR = 40.0


@dataclass(frozen=True)
class ChangePoint:
    """`best` is the likeliest first night of the new mean; `nights` cannot be told from it at error `level`. Night 0
    means that the change, if there was one, is older than the record."""

    best: int
    nights: tuple[int, ...]
    level: float


def change_point(estimates: Array, errors: Array, level: float, *, replicates: int = REPLICATES) -> ChangePoint:
    """The set of nights that may be the first of a new mean; arrays of shape (nights,), errors positive.

    The Monte Carlo draws are fixed, so the answer is a function of the arguments. Raises ValueError for other shapes,
    fewer than two nights, or numbers that are not finite.
    """
    values, weights = np.asarray(estimates, float), np.asarray(errors, float) ** -2.0
    if values.ndim != 1 or values.shape != weights.shape or values.size < 2:
        raise ValueError(f"a change needs estimates and errors of two nights or more, got {values.shape}")
    if not (np.isfinite(values).all() and np.isfinite(weights).all()):
        raise ValueError("every estimate must be finite, and every error positive")
    if not 0 < level < 1:
        raise ValueError(f"level must lie strictly between 0 and 1, got {level!r}")
    between = _between(values[None], weights)[0]
    noise = np.random.default_rng(0).standard_normal((replicates, values.size)) / np.sqrt(weights)
    best = int(between.argmax())
    near = np.flatnonzero(between.max() - between < FAR)
    kept = [int(night) for night in near if _p_value(int(night), values, weights, between, noise) > level]
    return ChangePoint(best, tuple(sorted({best, *kept})), level)


def _p_value(night: int, values: Array, weights: Array, between: Array, noise: Array) -> float:
    """The exact p-value of a change at this night, given the means of the two parts."""
    again = noise.copy()
    for part in (slice(0, night), slice(night, None)):
        if weights[part].size:
            shares = weights[part] / weights[part].sum()
            again[:, part] += (values[part] @ shares) - (again[:, part] @ shares)[:, None]
    redrawn = _between(again, weights)
    lost = redrawn.max(axis=1) - redrawn[:, night]
    return float((1 + (lost >= between.max() - between[night]).sum()) / (1 + len(noise)))


def _between(values: Array, weights: Array) -> Array:
    """L(t) for each row of values, shape (rows, nights); column 0, no change, is zero."""
    summed, weight = np.cumsum(values * weights, axis=1), np.cumsum(weights)
    before, share = summed[:, :-1], weight[:-1] / weight[-1]
    found = np.zeros(values.shape)
    found[:, 1:] = (before - summed[:, -1:] * share) ** 2 / (weight[:-1] * (1 - share))
    return found
