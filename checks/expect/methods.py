"""Three ways to an interval for a mean, by what is known of a draw: its bounds, its spread, or neither."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Protocol

import numpy as np

from lazy_assay.checks.expect.draws import PILOT
from lazy_assay.checks.expect.outcome import Refused
from lazy_assay.checks.expect.target import Interval
from lazy_assay.checks.statistics.catoni import catoni_draws, catoni_interval
from lazy_assay.checks.statistics.fixed_betting import fixed_draws, fixed_interval
from lazy_assay.checks.statistics.normal_tail import FACTOR, draws_for_tail, skewness_at_most, tail_quantile
from lazy_assay.checks.statistics.sequence import Array
from lazy_assay.checks.statistics.student import student_interval

# n draws that only serve the plan, on seeds of their own.
Pilot = Callable[[int], Array]


class Method(Protocol):
    """A plan and an interval; `guarantee` says what the interval rests on."""

    @property
    def guarantee(self) -> str: ...

    def plan(self, pilot: Pilot, resolution: float, level: float, miss: float) -> tuple[int, int]:
        """Draws that the resolution needs, and draws below which the interval is not to be trusted."""

    def interval(self, draws: Array, level: float) -> Interval: ...


@dataclass
class Bounded:
    """Draws between two numbers: betting, exact. What a pilot shows of their spread sizes the bets."""

    low: float
    high: float
    spread: float = 0.5

    @property
    def guarantee(self) -> str:
        """What the interval rests on."""
        return f"exact: betting, for independent draws between {self.low:g} and {self.high:g}"

    def plan(self, pilot: Pilot, resolution: float, level: float, miss: float) -> tuple[int, int]:
        """As `Method`."""
        draws = self._scaled(pilot(PILOT))
        # Values rarer than one in a pilot may add as much.
        self.spread = max(upper_spread(draws), 1 / PILOT)
        return fixed_draws(draws, resolution / (self.high - self.low), level, miss, self.spread), 0

    def interval(self, draws: Array, level: float) -> Interval:
        """As `Method`."""
        low, high = fixed_interval(self._scaled(draws), level, self.spread)
        width = self.high - self.low
        return self.low + width * low, self.low + width * high

    def _scaled(self, draws: Array) -> Array:
        wrong = np.flatnonzero((draws < self.low) | (draws > self.high))
        if wrong.size:
            raise Refused(f"draw {wrong[0]} is {draws[wrong[0]]:g}, outside bounds=({self.low:g}, {self.high:g})")
        return np.clip((draws - self.low) / (self.high - self.low), 0.0, 1.0)


@dataclass(frozen=True)
class OfSpread:
    """Draws whose standard deviation is at most `sd`: Catoni's estimate, exact."""

    sd: float

    @property
    def guarantee(self) -> str:
        """What the interval rests on."""
        return f"exact: Catoni, for draws of standard deviation at most {self.sd:g}"

    def plan(self, pilot: Pilot, resolution: float, level: float, miss: float) -> tuple[int, int]:
        """As `Method`; no pilot is needed."""
        return catoni_draws(resolution, level, miss, self.sd), 0

    def interval(self, draws: Array, level: float) -> Interval:
        """As `Method`."""
        return catoni_interval(draws, level, self.sd)


@dataclass(frozen=True)
class Normal:
    """Draws of which nothing is known: Student's interval at half the level, from so many draws on that the skewness
    of a pilot no more than doubles the tail.
    """

    guarantee: str = (
        "asymptotic: Student's interval at half the level, from as many draws as the skewness of a pilot asks for;"
        " bounds= or sd= make it exact"
    )

    def plan(self, pilot: Pilot, resolution: float, level: float, miss: float) -> tuple[int, int]:
        """As `Method`. A skewed pilot shows less skewness than there is, so it is asked again, longer."""
        draws = pilot(PILOT)
        trusted = draws_for_tail(skewness_at_most(draws), level)
        if trusted > 4 * PILOT:
            draws = pilot(trusted // 4)
            trusted = draws_for_tail(skewness_at_most(draws), level)
        reach = (tail_quantile(level) - NormalDist().inv_cdf(miss)) * upper_spread(draws) / resolution
        return max(math.ceil(reach**2), trusted, PILOT), trusted

    def interval(self, draws: Array, level: float) -> Interval:
        """As `Method`."""
        # Squares of tiny draws would underflow.
        scale = float(np.abs(draws).max()) or 1.0
        low, high = student_interval(draws / scale, level / FACTOR)
        return scale * low, scale * high


def standard_error(draws: Array) -> float:
    """Of the mean of draws (n,), in their unit; of tiny ones too, whose squares underflow."""
    scale = float(np.abs(draws).max()) or 1.0
    return scale * float((draws / scale).std(ddof=1)) / math.sqrt(draws.size)


def upper_spread(draws: Array) -> float:
    """The standard deviation of draws (n,) plus two of its standard errors, from their fourth moment."""
    centred = draws - draws.mean()
    scale = float(np.abs(centred).max())  # powers of tiny draws would underflow
    if not scale > 0:
        return 0.0
    variance = float(np.mean((centred / scale) ** 2))
    relative = math.sqrt(max(float(np.mean((centred / scale) ** 4)) / variance**2 - 1, 0.0) / draws.size) / 2
    return scale * math.sqrt(variance) * (1 + 2 * relative)


def method(bounds: tuple[float, float] | None, sd: float | None) -> Method:
    """The sharpest that the declared knowledge allows. Raises Refused for bounds or sd that are none."""
    if bounds is not None and sd is not None:
        raise Refused("give bounds= or sd=, not both")
    if bounds is not None:
        low, high = map(float, bounds)
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise Refused(f"bounds={bounds!r}: two finite numbers, the lower first")
        return Bounded(low, high)
    if sd is not None:
        if not 0 < sd < math.inf:
            raise Refused(f"sd={sd!r}: a positive number that the standard deviation of a draw does not exceed")
        return OfSpread(float(sd))
    return Normal()
