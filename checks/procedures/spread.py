"""How far a simulated quantity spreads from draw to draw: its variance against a prediction, searched and confirmed.

A draw of this procedure is the sample variance of a block of independent raw draws, times a power of a size: unbiased
for the variance whatever the law. It is cut off at a multiple of the right prediction, so that it is bounded and the
confidence sequence for its mean exact: no assumption of normality, at any level. The cut only lowers the mean, by less
than 1e-8 of it where the raw draws are about normal (a χ²₇ beyond 56); a quantity that leaves its place rarely and by
far, which has a large variance and concentrates in probability all the same, is judged by where it mostly is. Where
several blocks are averaged (`copies`) their mean is cut off, as many of its own standard deviations away: a sequence
that knows a range alone tells no percent within a range of eight.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from lazy_assay.checks.procedures.comparison import Comparison
from lazy_assay.checks.procedures.means import Means
from lazy_assay.checks.vocabulary.check import Route, Values
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.setting import Setting
from lazy_assay.theory import Part
from lazy_assay.theory._prediction import arguments

# Draws in a block, and how far beyond the prediction its variance is cut off, in units of that.
BLOCK, BEYOND = 8, 7.0


@dataclass(frozen=True, kw_only=True)
class Spreads(Comparison):
    """What a variance is read from: blocks of draws, cut off."""

    size: str
    power: int

    def reading(self, values: Values) -> Route:
        """The route as it reads variances."""
        return replace(self.route, reads=lambda raw: self.read(values, raw))

    def route_at(self, setting: Setting) -> Route:
        """The route as it draws at a setting, with where it is cut off."""
        route = super().route_at(setting)
        # The statement's own number: a decoy, or a distortion, moves what is compared and not what is observed.
        stated, beyond = self.stated(setting.values), BEYOND / route.copies**0.5
        bounds = (stated * self.least(beyond), stated * self.most(beyond))
        return replace(route, bounds=bounds if stated > 0 else self.nothing(setting, stated), clips=True)

    def nothing(self, setting: Setting, stated: float) -> tuple[float, float]:
        """The range where the part states that nothing spreads: twice what rounding may leave. Raises ValueError where
        nothing is allowed for that."""
        left = self.allowance(setting).bias
        if stated < 0 or not left > 0:
            raise ValueError(f"[{self.context.claim.id}] {self.check}: nothing spreads where {stated:g} is predicted")
        return 0.0, 2 * left

    def stated(self, values: Values) -> float:
        """The variance that the part states."""
        formula = self.part.finite or self.part.published
        assert formula is not None
        return float(formula(**{name: values[name] for name in arguments(formula)}))

    def read(self, values: Values, raw: np.ndarray) -> np.ndarray:
        """Numbers that are compared, of raw draws."""
        return float(values[self.size]) ** self.power * block_variances(raw)

    def least(self, beyond: float) -> float:
        """The smallest that is compared, as a share of what is stated; `beyond`: how far one block variance may go."""
        return 0.0

    def most(self, beyond: float) -> float:
        """The largest."""
        return 1 + beyond


@dataclass(frozen=True, kw_only=True)
class Spread(Means):
    """`Means` of block variances: the part predicts size**power times the variance of what the route draws.

    The route draws as it does for the mean of the same quantity, under the same keys, so that the two share draws.
    `trials` of a result counts blocks. The interval of a variance is that of a standard deviation, squared.
    """

    size: str
    power: int = 2
    name: str = "spread"
    compares: ClassVar[type[Spreads]] = Spreads

    def comparison(self, context: Context, part: Part, route: Route) -> Comparison:
        """A comparison that reads block variances."""
        return self.compares(
            check=self.name,
            context=context,
            part=part,
            route=route,
            resolution=self.resolution,
            fine=self.finer(route),
            size=self.size,
            power=self.power,
        )


def block_variances(draws: np.ndarray) -> np.ndarray:
    """Sample variances of consecutive blocks of `BLOCK` draws, shape (blocks,); what is left over is dropped."""
    blocks = len(draws) // BLOCK
    return np.asarray(draws[: blocks * BLOCK].reshape(blocks, BLOCK).var(axis=1, ddof=1))
