"""Square roots and reciprocals, which IEEE 754 rounds correctly; 1/√z is one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lazy_assay.sims.rank.enclosures.radii import TINY, Enclosure, U
from lazy_assay.sims.rank.program import Function


@dataclass(frozen=True)
class Sqrt(Function):
    """√z, z ≥ 0: |√x − √m| = |x − m|/(√x + √m) ≤ r/√m."""

    partial = True

    def float64(self, x: Enclosure) -> Enclosure:
        middle = np.sqrt(x.middle)
        # Positive is all that is told apart: a number that may be negative has no root, and proves nothing.
        reach = np.where(x.middle - x.radius > 0, x.radius / middle, np.nan)
        zero = (x.middle == 0) & (x.radius == 0)
        return Enclosure(middle, np.where(zero, 0.0, (reach + U * middle) * (1 + 8 * U) + TINY))

    def ball(self, z: Any) -> Any:
        return z.sqrt()


@dataclass(frozen=True)
class Reciprocal(Function):
    """1/z, z ≠ 0: |1/x − 1/m| ≤ r/(|m|(|m| − r))."""

    partial = True

    def float64(self, x: Enclosure) -> Enclosure:
        size = np.abs(x.middle)
        low = (size - x.radius) * (1 - 4 * U)
        # Below, 1/z might overflow, and it is not known to be no zero.
        low = np.where((low > 4 * TINY) & np.isfinite(size), low, np.nan)
        middle = 1 / x.middle
        return Enclosure(middle, (x.radius / low / size + U * np.abs(middle)) * (1 + 16 * U) + TINY)

    def ball(self, z: Any) -> Any:
        return 1 / z


FUNCTIONS = {"sqrt": Sqrt(), "reciprocal": Reciprocal()}
