"""What the checks of Theorems 5 to 7 share: the clock of Algorithm 1, and bounds on means of a few seeds."""

from __future__ import annotations

import numpy as np

from lazy_assay.checks import Clock, Values, student_interval


def clock(values: Values) -> Clock:
    """Steps in units of the tangent kernel: η' = 2qB²η; B stands where others have α."""
    return Clock(step_size=float(values["rate"]), steps=int(values["steps"]), alpha=float(values["B"]))


def interval_of_mean(values: np.ndarray, level: float) -> tuple[float, float]:
    """Student's interval for the mean of independent seeds, two-sided at `level`.

    None, (−∞, ∞), where they are all alike: their spread is not known to be zero.
    """
    if np.ptp(values) == 0:
        return -np.inf, np.inf
    low, high = student_interval(values, level)
    return float(low), float(high)
