"""The mutants of a part: its statement with one mistake each, as distortions of what is compared.

What a part is compared by says which dials it has: a prediction, paired differences, the number that a certificate
holds a draw against, an object that is certified.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import sympy as sp

from lazy_assay.checks.power.expressions import SHARES, Mistake, Operator, factors, mistakes
from lazy_assay.checks.power.stated import Stated, expression
from lazy_assay.checks.procedures.pointwise import predicted
from lazy_assay.checks.procedures.statement import sided
from lazy_assay.checks.vocabulary.check import Values
from lazy_assay.checks.vocabulary.distortion import Distortion
from lazy_assay.theory import Balance, Bound, Integer, Part, Rate, Real

# Parameters that may be read upside down: a ratio of sizes, and the scale of an output.
RATIOS = ("rho", "alpha")
FLIPPED = {"below": "above", "above": "below"}


Pairs = list[tuple[float, float]]


@dataclass(frozen=True)
class Mutant:
    """One mistake in a part. `part` stands in for it where the mistake is none of a number (a side).

    anywhere: (right, mistaken) at points of the part's whole domain, wherever its check goes. proved: the same of each
    stronger inequality that is proved, by the words that say where.
    """

    operator: Operator
    name: str
    share: sp.Rational
    distortion: Distortion
    part: Part | None = None
    anywhere: Callable[[], Pairs] = list
    proved: Callable[[], dict[str, Pairs]] = dict

    @property
    def grade(self) -> str:
        """The row of a table that it counts in: how far a number is off, or what kind of mistake it is."""
        return percent(self.share) if self.share else str(self.operator)


def percent(share: sp.Rational) -> str:
    """The grade of what a number is off by, as it is shown."""
    return f"{float(100 * share):g} %"


class Dial(StrEnum):
    """Where a procedure meets what is tried."""

    PREDICTION = "prediction"
    EFFECT = "effect"
    THRESHOLD = "threshold"
    PLANT = "plant"


def mutants(part: Part, dials: Collection[Dial]) -> list[Mutant]:
    """Every mutant that reaches one of the dials."""
    made = {
        Dial.PREDICTION: predictions,
        Dial.EFFECT: effects,
        Dial.THRESHOLD: thresholds,
        Dial.PLANT: plants,
    }
    return [mutant for dial, make in made.items() if dial in dials for mutant in make(part)]


def effects(part: Part) -> Iterator[Mutant]:
    """Of an observation: the other sign, no effect, half of the smallest effect of interest; seeds scatter as they do.

    Where the finding is that there is no effect: one of twice the smallest of interest, either way.
    """

    def centred(share: float) -> Distortion:
        def effect(found: np.ndarray, smallest: float, equality: bool) -> np.ndarray:
            planted = smallest * (8 * (share - 0.25) if equality else share)
            return np.asarray(found - found.mean() + planted)

        return Distortion(effect=effect)

    def reversed_(found: np.ndarray, smallest: float, equality: bool) -> np.ndarray:
        return found - found.mean() + 2 * smallest if equality else -found

    yield Mutant(Operator.EFFECT, "the other sign", sp.S.Zero, Distortion(effect=reversed_))
    yield Mutant(Operator.EFFECT, "no effect where one is found", sp.S.Zero, centred(0.0))
    yield Mutant(Operator.EFFECT, "half of the smallest that matters", sp.S.Zero, centred(0.5))


def thresholds(part: Part) -> Iterator[Mutant]:
    """A certificate's number, off by each share, either way."""
    for share in SHARES:
        for factor in map(float, factors(share)):
            distortion = Distortion(threshold=functools.partial(operator.mul, factor))
            yield Mutant(Operator.CERTIFICATE, f"its number × {factor:g}", share, distortion)


def plants(part: Part) -> Iterator[Mutant]:
    """What is certified, without the property."""
    planted = Distortion(plant=lambda found, without: without(found))
    yield Mutant(Operator.CERTIFICATE, "the property removed", sp.S.Zero, planted)


def predictions(part: Part) -> list[Mutant]:
    """Of a prediction: from the statement in sympy, and of its value as a whole."""
    return [*wholes(part), *sides(part), *within(part)]


def within(part: Part) -> list[Mutant]:
    """Mistakes inside of the statement in sympy; none where it has none."""
    right = expression(part) if part.quantitative else None
    if right is None:
        return []
    stated = Stated(part)
    told = list(mistakes(right, _sizes(part), _ratios(part, right)))
    if isinstance(part, Rate):
        told += [Mistake(Operator.EXPONENT, f"{right} to {right + by}", right + by) for by in _shifts()]
    return [_stated(stated, right, mistake) for mistake in told]


def wholes(part: Part) -> Iterator[Mutant]:
    """The prediction off by each share, either way; where it is zero, by so much of a wrong version."""
    for share in SHARES:
        for factor in map(float, factors(share)):
            distortion = Distortion(prediction=_scaled(part, factor))
            yield Mutant(Operator.WHOLE, f"× {factor:g}", share, distortion)


def sides(part: Part) -> Iterator[Mutant]:
    """A bound from the other side."""
    if isinstance(part, (Bound, Balance)) and part.side in FLIPPED:
        flipped = replace(part, side=FLIPPED[part.side])
        yield Mutant(Operator.SIDE, f"from {FLIPPED[part.side]}", sp.S.Zero, Distortion(), flipped)


def _scaled(part: Part, factor: float) -> Callable[[float, Values], float]:
    right = expression(part)
    if isinstance(right, sp.Add) and not isinstance(part, Rate):
        stated = Stated(part)
        return lambda value, values: value if abs(value) <= stated.noise(right, values) else value * factor
    if right != 0:
        return lambda value, values: value * factor
    wrong = part.decoys[0].published
    return lambda value, values: value + (factor - 1) * predicted(wrong, values)


def _stated(stated: Stated, right: sp.Expr, mistake: Mistake) -> Mutant:
    """The mistaken statement less the right one, added to what is predicted at finite size."""

    def prediction(value: float, values: Values) -> float:
        return value + gap(values)

    def gap(values: Values) -> float:
        told = stated.number(mistake.expression, values) - stated.number(right, values)
        return 0.0 if abs(told) <= stated.noise(right, values) else told

    def against(other: sp.Expr) -> Pairs:
        told = [(stated.number(other, at), stated.number(right, at) + gap(at)) for at in stated.domain]
        return [(a, b) for a, b in told if math.isfinite(a) and math.isfinite(b)]

    def proved() -> dict[str, Pairs]:
        return {it.why: against(sided(it.statement)) for it in getattr(stated.part, "stronger", ())}

    distortion = Distortion(prediction=prediction)
    return Mutant(mistake.operator, mistake.name, mistake.share, distortion, None, lambda: against(right), proved)


def _sizes(part: Part) -> list[sp.Symbol]:
    """Whole numbers that the part is stated for."""
    return [p.symbol for p in part.parameters if isinstance(p.domain, Integer) and isinstance(p.symbol, sp.Symbol)]


def _ratios(part: Part, right: sp.Expr) -> list[sp.Symbol]:
    return [
        p.symbol
        for p in part.parameters
        if p.name in RATIOS and isinstance(p.domain, Real) and p.symbol in right.free_symbols
    ]


def _shifts() -> tuple[sp.Expr, ...]:
    return sp.S.One, -sp.S.One, sp.S.Half, -sp.S.Half
