"""Draws, asked for and looked at: of the right shape, finite, determined by their seed, independent of one another."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lazy_assay.checks.expect.outcome import Refused
from lazy_assay.checks.expect.session import Place
from lazy_assay.checks.statistics.sequence import Array

PILOT = 256
_PROBE = 16
# The logarithm of a chance that no session meets: 10^-13. Refusals are no verdicts, and spend nothing of the rate.
_BEYOND_CHANCE = -30.0

Draw = Callable[[int, int], Any]


@dataclass(frozen=True)
class Source:
    """A user's `draw(n, seed)`, at one place. `whole` asks for 0 and 1, or False and True; `further`: its other
    arguments."""

    draw: Draw
    place: Place
    name: str = "draw"
    whole: bool = False
    further: str = ""

    def call(self, n: int, stage: str = "judged") -> str:
        """The call that makes the draws of a stage."""
        return self._call(n, self.place.seed(stage))

    def take(self, n: int, stage: str) -> Array:
        """n draws, shape (n,), from the seed of this stage. Raises Refused for what is no sample of numbers."""
        seed = self.place.seed(stage)
        values = self._numbers(self.draw(n, seed), n, seed)
        if n >= PILOT:
            self._refuse_dependent(values, seed)
        return values

    def probe(self) -> None:
        """Ask for a few draws twice, and for others. Raises Refused where the seed does not determine them alone."""
        n = PILOT if self.whole else _PROBE
        seed, other = self.place.seed("probe"), self.place.seed("another probe")
        first, again, third = (self._numbers(self.draw(n, s), n, s) for s in (seed, seed, other))
        # Threads may sum in another order: rounding is no randomness.
        rounding = math.sqrt(np.finfo(float).eps) * float(np.abs(first).max())
        if (np.abs(first - again) > rounding).any():
            raise Refused(f"{self._call(n, seed)} gave two different answers: the seed must determine every draw")
        shares = np.unique(first, return_counts=True)[1] / n
        by_chance = n * math.log(float(shares @ shares))
        if (first == third).all() and by_chance < _BEYOND_CHANCE:
            raise Refused(f"{self.name} gives the same draws for seeds {seed} and {other}: it must use its seed")

    def _call(self, n: int, seed: int) -> str:
        return f"{self.name}({n}, {seed}{self.further})"

    def _numbers(self, answer: Any, n: int, seed: int) -> Array:
        asked = self._call(n, seed)
        try:
            values = np.asarray(answer)
            if values.dtype.kind not in "biuf":
                raise TypeError
        except (TypeError, ValueError, RuntimeError):
            raise Refused(f"{asked} returned {type(answer).__name__}: return {n} real numbers") from None
        if values.shape != (n,):
            raise Refused(f"{asked} returned shape {values.shape}: one number a draw, shape ({n},)")
        values = values.astype(np.float64)
        wrong = np.flatnonzero(~np.isfinite(values))
        if wrong.size:
            raise Refused(f"{asked}[{wrong[0]}] is {values[wrong[0]]}: every draw must be finite")
        if self.whole and not np.isin(values, (0.0, 1.0)).all():
            raise Refused(f"{asked} returned numbers that are neither 0 nor 1: a proportion is one of truths")
        return values

    def _refuse_dependent(self, values: Array, seed: int) -> None:
        """By Bernstein's inequality: products of neighbours are martingale differences where draws are independent."""
        centred = values - values.mean()
        scale = float(np.abs(centred).max())
        if not np.ptp(values) > 0 or not scale > 0:
            return
        centred /= scale
        products, variance = float(centred[1:] @ centred[:-1]), float(centred @ centred) ** 2 / values.size
        if products**2 / 2 / (variance + abs(products) / 3) > -_BEYOND_CHANCE:
            asked, correlation = self._call(values.size, seed), products / float(centred @ centred)
            raise Refused(
                f"{asked}: neighbours correlate by {correlation:.2f}: draws must be independent;"
                " where a chain makes them, let one draw be what a whole chain comes to"
            )


def is_rounding(interval: tuple[float, float], draws: Array) -> bool:
    """Whether an interval is so narrow that the spread of draws is that of rounding, or none."""
    largest = max(float(np.abs(draws).max()), 1e-300)
    return interval[1] - interval[0] <= 64 * float(np.finfo(float).eps) * largest
