"""The kinds of parts: a kind brings its words, the side on which the quantity may lie, and what is shown of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

import sympy as sp

from lazy_assay.theory._configurations import Growth, in_proportion
from lazy_assay.theory._evidence import Reported, Stronger
from lazy_assay.theory._part import Part
from lazy_assay.theory._prediction import Formula, arguments
from lazy_assay.theory._status import NOT_REPRODUCED, REPRODUCED, SHARP


@dataclass(frozen=True, kw_only=True)
class Identity(Part):
    """Equality at every size. `derivation` derives the right-hand side in sympy from other claims."""

    kind: ClassVar[str] = "Identity"
    quantitative: ClassVar[bool] = True
    valued: ClassVar[bool] = True
    derivation: Callable[[], sp.Basic] | None = None

    @property
    def prediction_range(self) -> tuple[float, float]:
        """That of the quantity."""
        return self.quantity.low, self.quantity.high


@dataclass(frozen=True, kw_only=True)
class Limit(Part):
    """Equality as sizes grow; `rate` is the order of what is left, `growth` the way that it is left along.

    coefficient: c of the leading c/size that is left with isotropic weights, from arguments of `published`.
    """

    kind: ClassVar[str] = "Limit"
    quantitative: ClassVar[bool] = True
    valued: ClassVar[bool] = True
    growth: Growth = field(default_factory=in_proportion)
    coefficient: Formula | None = None

    @property
    def prediction_range(self) -> tuple[float, float]:
        """That of the quantity."""
        return self.quantity.low, self.quantity.high


@dataclass(frozen=True, kw_only=True)
class Bound(Part):
    """An inequality; `side` says where the quantity may lie: "below" or "above" the prediction.

    companion: the part beside it that is exact, or attained, where this inequality is loose: a mistake that makes it
    stronger may contradict nothing that is simulated, and there it does. stronger: what is proved beyond it.
    """

    kind: ClassVar[str] = "Bound"
    quantitative: ClassVar[bool] = True
    valued: ClassVar[bool] = True
    holds: ClassVar[str] = SHARP
    side: str = "below"
    companion: str = ""
    stronger: tuple[Stronger, ...] = ()

    @property
    def allowed_side(self) -> str:
        """As the inequality says."""
        return self.side

    @property
    def prediction_range(self) -> tuple[float, float]:
        """A bound may be weaker than what every value obeys, but no upper bound lies below the range, no lower one
        above it."""
        return (self.quantity.low, math.inf) if self.side == "below" else (-math.inf, self.quantity.high)


@dataclass(frozen=True, kw_only=True)
class Rate(Part):
    """O(x**p): `published` gives p, and log quantity against log x has at least that slope as x goes to zero.

    As x grows (`towards` "infinity") the slope is at most p: either way the truth may vanish faster, unless the rate is
    `sharp`: then p is the order itself, and a truth that vanishes faster disagrees too.
    """

    kind: ClassVar[str] = "Rate"
    quantitative: ClassVar[bool] = True
    towards: str = "zero"
    sharp: bool = False

    @property
    def allowed_side(self) -> str:
        """A truth may vanish faster than its order."""
        return "both" if self.sharp else "above" if self.towards == "zero" else "below"

    @property
    def estimated_units(self) -> str:
        """An exponent has none."""
        return "slope of logarithms"


@dataclass(frozen=True, kw_only=True)
class Balance(Part):
    """An equality, or inequality, between numbers that are all measured: an energy lost and what was dissipated.

    measured: the parameters that the simulation returns beside the quantity, in the order of its columns; all others
    come from a configuration. `published` turns what was measured into what the quantity must be, so that the theorem
    stays here and a simulation knows none. side: where the quantity may lie of it, "both" for an equality. companion:
    the part beside a loose inequality that is exact, as of a `Bound`.
    """

    kind: ClassVar[str] = "Balance"
    quantitative: ClassVar[bool] = True
    valued: ClassVar[bool] = True
    beside: ClassVar[str] = "what is measured on the other side"
    measured: tuple[str, ...]
    side: str = "both"
    companion: str = ""

    @property
    def allowed_side(self) -> str:
        """As the equality or inequality says."""
        return self.side

    def validate(self, claim: str) -> None:
        """As every part; and what is measured is declared, with some formula that takes it."""
        super().validate(claim)
        where = f"[{claim}{':' + self.name if self.name else ''}]"
        if unknown := [name for name in self.measured if name not in self.declared]:
            raise ValueError(f"{where} measured: {unknown[0]} is not a declared parameter")
        if self.published is None or not set(self.measured) & set(arguments(self.published)):
            raise ValueError(f"{where} published: a balance predicts its quantity from something that is measured")


@dataclass(frozen=True, kw_only=True)
class AlmostSure(Part):
    """With probability one: every draw gets a certificate, never a float tolerance."""

    kind: ClassVar[str] = "AlmostSure"


@dataclass(frozen=True, kw_only=True)
class Existence(Part):
    """There is a choice such that: a witness, found and verified."""

    kind: ClassVar[str] = "Existence"


@dataclass(frozen=True, kw_only=True)
class Observation(Part):
    """An experiment's finding: direction and effect size over independent seeds; `reported`, the paper's numbers."""

    kind: ClassVar[str] = "Observation"
    holds: ClassVar[str] = REPRODUCED
    fails: ClassVar[str] = NOT_REPRODUCED
    beside: ClassVar[str] = "smallest effect of interest"
    reported: Reported | None = None


def Eq(left: sp.Basic, right: sp.Basic) -> sp.Basic:
    """left = right as a statement: sympy's equation, not evaluated.

    Evaluated, sympy asks whether the two sides are equal already, which takes longer than all else that a claim does on
    import; a statement is compared where it is confronted.
    """
    told: sp.Basic = sp.Eq(left, right, evaluate=False)
    return told


def of_order(expression: sp.Basic | int) -> sp.Basic:
    """O(expression) as its variable grows, as a rate states it: written and not evaluated.

    sympy's own Order at infinity takes limits, which loads half of sympy.
    """
    told: sp.Basic = sp.Function("O")(expression)
    return told
