"""exp and log. Assumed: both err by less than 4 units in the last place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lazy_assay.sims.rank.enclosures.radii import FUNCTION, TINY, Enclosure, U
from lazy_assay.sims.rank.program import Function


@dataclass(frozen=True)
class Exp(Function):
    """exp z: |exp(x) − exp(m)| ≤ exp(m)(exp(r) − 1)."""

    def float64(self, x: Enclosure) -> Enclosure:
        middle = np.exp(x.middle)
        change = np.expm1(x.radius) * (1 + 8 * U) + FUNCTION
        # Where exp(m) underflows a large radius might still reach ordinary numbers.
        lost = (x.middle < -700) & (x.radius > 1)
        return Enclosure(middle, np.where(lost, np.inf, middle * change * (1 + 32 * U) + 4 * TINY))

    def ball(self, z: Any) -> Any:
        return z.exp()


@dataclass(frozen=True)
class Log(Function):
    """ln z, z > 0: |ln x − ln m| ≤ r/(m − r)."""

    partial = True

    def float64(self, x: Enclosure) -> Enclosure:
        low = (x.middle - x.radius) * (1 - 4 * U)
        low = np.where(low > TINY, low, np.nan)
        middle = np.log(x.middle)
        return Enclosure(middle, (x.radius / low + FUNCTION * np.abs(middle)) * (1 + 8 * U) + TINY)

    def ball(self, z: Any) -> Any:
        return z.log()


FUNCTIONS = {"exp": Exp(), "log": Log()}
