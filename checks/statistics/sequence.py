"""What every confidence sequence here shares: the draws seen so far, checked, and an interval that only shrinks."""

import math
from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from lazy_assay.checks.statistics.moments import Moments

Array = NDArray[np.float64]


class ConfidenceSequence(ABC):
    """Draws arrive in batches; the interval holds at all times at once with probability 1 - `level`.

    The interval is a function of the sequence of draws alone: how they were split into batches, and when somebody
    looked, changes nothing, so a resumed run gives the bits of an uninterrupted one.

    level: error rate in (0, 1), two-sided, for all times together.
    """

    def __init__(self, level: float) -> None:
        if not 0 < level < 1:
            raise ValueError(f"level must lie strictly between 0 and 1, got {level!r}")
        self.level = float(level)
        self._batches: list[Array] = []
        self._known: tuple[int, tuple[float, float]] | None = None
        self._n = 0

    def update(self, draws: Array) -> None:
        """Append draws, shape (k,), in their order; k = 0 is allowed.

        Raises ValueError where a draw is NaN, infinite or out of bounds; the sequence is then unchanged.
        """
        batch = np.array(draws, dtype=np.float64)
        if batch.ndim != 1:
            raise ValueError(f"draws must be one-dimensional, got shape {batch.shape}")
        self._check(batch)
        self._batches.append(batch)
        self._n += batch.size

    @property
    def n(self) -> int:
        """Number of draws so far."""
        return self._n

    @property
    def mean(self) -> float:
        """Sample mean, in the draws' unit; NaN before the first draw."""
        return float(np.mean(self._draws())) if self._n else math.nan

    @property
    def standard_deviation(self) -> float:
        """Sample standard deviation (n - 1), in the draws' unit; NaN before the second draw."""
        return float(np.std(self._draws(), ddof=1)) if self._n > 1 else math.nan

    @property
    def moments(self) -> Moments | None:
        """The moments of the draws so far; None before the first."""
        return Moments.of(self._draws())

    @property
    def interval(self) -> tuple[float, float]:
        """The running intersection (low, high), in the draws' unit, low <= high.

        Where the intersection is empty (the draws have no common mean, or the event of probability `level` happened)
        the hull of the two crossed bounds is returned: a superset of the empty set, so still valid.
        """
        if self._known is None or self._known[0] != self._n:
            low, high = self._bounds()
            self._known = self._n, (min(low, high), max(low, high))
        return self._known[1]

    def _draws(self) -> Array:
        if len(self._batches) != 1:
            self._batches = [np.concatenate([np.empty(0), *self._batches])]
        return self._batches[0]

    def _check(self, batch: Array) -> None:
        wrong = np.flatnonzero(~np.isfinite(batch))
        if wrong.size:
            raise ValueError(f"draw {self._n + wrong[0]} is {batch[wrong[0]]}: every draw must be finite")

    @abstractmethod
    def _bounds(self) -> tuple[float, float]: ...
