"""The t-interval of a mean of few independent values."""

import math

import numpy as np

from lazy_assay.checks.statistics.sequence import Array


def student_interval(values: Array, level: float) -> tuple[float, float]:
    """Two-sided interval of the mean at error `level`, in the values' unit; shape (n,), n >= 2.

    Exact for independent normal values (Student 1908); for others as good as the normal approximation of their mean.
    Raises ValueError for a level outside (0, 1), fewer than two values, or one that is not finite.
    """
    from scipy.special import stdtrit  # not scipy.stats, whose import alone takes half a second

    if not 0 < level < 1:
        raise ValueError(f"level must lie strictly between 0 and 1, got {level!r}")
    if values.ndim != 1 or values.size < 2:
        raise ValueError(f"an interval needs at least two values in one dimension, got shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("every value must be finite")
    mean = float(values.mean())
    # The lower tail: 1 - level / 2 would lose the digits of a strict level.
    radius = -float(stdtrit(values.size - 1, level / 2)) * float(values.std(ddof=1)) / math.sqrt(values.size)
    return mean - radius, mean + radius
