"""The absolute value, exact in every arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lazy_assay.sims.rank.enclosures.radii import Enclosure
from lazy_assay.sims.rank.program import Function


@dataclass(frozen=True)
class Abs(Function):
    """|z|."""

    def float64(self, x: Enclosure) -> Enclosure:
        return Enclosure(np.abs(x.middle), x.radius)

    def ball(self, z: Any) -> Any:
        return abs(z)

    def integers(self, numerators: np.ndarray) -> np.ndarray:
        return np.asarray(abs(numerators))


FUNCTIONS = {"abs": Abs()}
