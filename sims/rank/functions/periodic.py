"""sin and cos. Assumed: both err by less than 4·2⁻⁵², absolutely, up to 2⁴⁰; beyond, nothing is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lazy_assay.sims.rank.enclosures.radii import FUNCTION, Enclosure, U
from lazy_assay.sims.rank.program import Function

FAR = 2.0**40


def _of_slope_one(x: Enclosure, middle: np.ndarray) -> Enclosure:
    near = np.abs(x.middle) <= FAR
    return Enclosure(middle, np.where(near, (x.radius + FUNCTION) * (1 + 8 * U), np.inf))


@dataclass(frozen=True)
class Sin(Function):
    """sin z."""

    def float64(self, x: Enclosure) -> Enclosure:
        return _of_slope_one(x, np.sin(x.middle))

    def ball(self, z: Any) -> Any:
        return z.sin()


@dataclass(frozen=True)
class Cos(Function):
    """cos z."""

    def float64(self, x: Enclosure) -> Enclosure:
        return _of_slope_one(x, np.cos(x.middle))

    def ball(self, z: Any) -> Any:
        return z.cos()


FUNCTIONS = {"sin": Sin(), "cos": Cos()}
