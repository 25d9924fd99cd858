"""What a night keeps of its draws: their number, their mean and three central moments; sums of powers about any
point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Moments:
    """`count` draws with their mean and the averages of (draw - mean)^2, ^3 and ^4, in powers of the draws' unit."""

    count: int
    mean: float
    second: float
    third: float
    fourth: float

    @classmethod
    def of(cls, draws: Array) -> Moments | None:
        """Those of draws, shape (n,); None for no draws."""
        if not draws.size:
            return None
        mean = float(np.mean(draws))
        centred = draws - mean
        square = centred**2
        powers = (float(np.mean(power)) for power in (square, square * centred, square**2))
        second, third, fourth = powers
        return cls(count=draws.size, mean=mean, second=second, third=third, fourth=fourth)

    def and_more(self, other: Moments | None) -> Moments:
        """Those of these draws and of others together."""
        if other is None:
            return self
        count = self.count + other.count
        mean = self.mean + (other.mean - self.mean) * (other.count / count)
        mine, theirs = (power_sums(**asdict(it), at=mean)[1:] for it in (self, other))
        second, third, fourth = (float(a + b) / count for a, b in zip(mine, theirs, strict=True))
        return Moments(count=count, mean=mean, second=second, third=third, fourth=fourth)

    def figures(self) -> dict[str, float]:
        """The numbers as a result's figures hold them."""
        return {f"draws {name}": float(value) for name, value in asdict(self).items()}


# The figures of a result that are its draws' moments, and those that say what range they have and which side counts.
FIGURES = tuple(f"draws {name}" for name in ("count", "mean", "second", "third", "fourth"))
RANGE = ("draws low", "draws high")
SIDE = "draws side"
# Which deviations break a statement: both, or those above or below what it allows.
SIDES: Mapping[str, float] = {"both": 0.0, "below": 1.0, "above": -1.0}


def power_sums(
    count: Array, mean: Array, second: Array, third: Array, fourth: Array, at: Array | float
) -> tuple[Array, ...]:
    """The sums of (draw - at)^p over the draws, p = 1 to 4, for each of many sets of draws; all of one shape."""
    off = np.asarray(mean) - at
    return (
        count * off,
        count * (second + off**2),
        count * (third + 3 * second * off + off**3),
        count * (fourth + 4 * third * off + 6 * second * off**2 + off**4),
    )
