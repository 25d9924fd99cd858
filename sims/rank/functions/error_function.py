"""The error function. Assumed: scipy's errs by less than 4 units in the last place, and never leaves [−1, 1]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from lazy_assay.sims.rank.enclosures.radii import FUNCTION, TINY, Enclosure, U
from lazy_assay.sims.rank.program import Function

# erf'(0) = 2/√π = 1.12838 is its steepest slope.
SLOPE = 1.1284


@dataclass(frozen=True)
class Erf(Function):
    """erf z."""

    def float64(self, x: Enclosure) -> Enclosure:
        middle = special.erf(x.middle)
        return Enclosure(middle, (x.radius * SLOPE + FUNCTION * np.abs(middle)) * (1 + 8 * U) + 4 * TINY)

    def ball(self, z: Any) -> Any:
        return z.erf()


FUNCTIONS = {"erf": Erf()}
