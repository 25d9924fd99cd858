"""The number that a statement, right or mistaken, gives at a configuration's values."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np
import sympy as sp

from lazy_assay.checks.configurations.points import points_of
from lazy_assay.checks.procedures.evaluation import Inputs, digits, elements, inputs, numeric
from lazy_assay.checks.procedures.statement import sided
from lazy_assay.checks.vocabulary.check import Values
from lazy_assay.theory import Integer, Part
from lazy_assay.theory._prediction import arguments

# Beyond rounding of two ways of computing a number in float64, and below what any check tells apart.
ROUNDING = 1e-9
# Of the size of its terms, what a sum is known to: some steps of float64 in each of them.
CANCELLED = 2**10 * float(np.finfo(float).eps)


def expression(part: Part) -> sp.Expr | None:
    """The right-hand side of a statement, of a rate its exponent; None where it has none in sympy."""
    return None if part.statement is None else sided(part.statement)


@dataclass
class Stated:
    """A part's statement in numbers. Its inputs (parameters, auxiliary symbols) are computed once a configuration."""

    part: Part
    known: dict[int, tuple[Values, Inputs]] = field(default_factory=dict)

    @cached_property
    def domain(self) -> list[Values]:
        """Points of the part's whole domain; none where it cannot be sampled."""
        try:
            return drawn(self.part)
        except ValueError:
            return []

    def inputs(self, values: Values) -> Inputs:
        """What the statement's symbols are at a configuration. Raises KeyError for a value that it lacks."""
        if id(values) not in self.known:
            self.known[id(values)] = values, self._inputs(values)
        return self.known[id(values)][1]

    def _inputs(self, values: Values) -> Inputs:
        at, right = dict(values), expression(self.part)
        assert right is not None
        if self.part.limit_of is not None and set(arguments(self.part.limit_of)) <= set(at):
            at |= self.part.limit_of(**{name: at[name] for name in arguments(self.part.limit_of)})
        return inputs(self.part, right, at)

    def number(self, mistaken: sp.Expr, values: Values) -> float:
        """A version of the right-hand side at a configuration; NaN where it is no real number there, or takes a size
        that the configuration lacks."""
        known = self.inputs(values)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                matrices, left = elements(mistaken)
                known = {**known, **{symbol: numeric(element, known) for symbol, element in matrices.items()}}
                symbols = tuple(sorted(left.free_symbols, key=str))
                if not known.keys() >= set(symbols):
                    return math.nan
                told = compiled(left, symbols)(*(known[symbol] for symbol in symbols))
                return float(told) if np.isreal(told) else math.nan
            except (ArithmeticError, ValueError, TypeError, np.linalg.LinAlgError):
                return math.nan

    def noise(self, right: sp.Expr, values: Values) -> float:
        """What the rounding of the terms leaves of their sum where they cancel; 0 for what is no sum."""
        terms = right.args if isinstance(right, sp.Add) else ()
        return CANCELLED * sum(abs(it) for term in terms if math.isfinite(it := self.number(term, values)))


def drawn(part: Part, count: int = 24) -> list[Values]:
    """Points of the part's domain, with every argument of its statement: where its assumptions hold, if any do."""
    formulas = [formula for formula in (part.published, *(item.value for item in part.auxiliary)) if formula]
    right, taken = expression(part), {name for formula in formulas for name in arguments(formula)}
    taken |= {name for name, it in part.declared.items() if right is not None and right.has(it.symbol)}
    # A size may be taken for another.
    taken |= {it.name for it in part.parameters if isinstance(it.domain, Integer)}
    return _within_assumptions(part, taken, count) or _points(part, taken, count)


def _within_assumptions(part: Part, taken: set[str], count: int) -> list[Values]:
    """Those that break no assumption; none where there is none, or where one asks what cannot be drawn."""
    asked = {name for assumption in part.assumptions for name in arguments(assumption.holds)}
    if not asked or not asked <= set(part.declared):
        return []
    try:
        return [at for at in _points(part, taken | asked, count) if not part.broken_assumptions(at)]
    except ValueError:
        return []


def _points(part: Part, taken: set[str], count: int) -> list[Values]:
    return list(points_of(part, tuple(name for name in part.declared if name in taken), key=0, count=count))


@cache
def compiled(mistaken: sp.Expr, symbols: tuple[sp.Basic, ...]) -> Callable[..., Any]:
    """The expression as a function of its symbols; by numpy and scipy, or by sympy's own numbers where these lack one.

    Whole numbers arrive as floats: a negative power of an integer is no error.
    """
    try:
        fast = sp.lambdify(symbols, mistaken, modules=["scipy", "numpy"], dummify=True)
    except (NotImplementedError, NameError, ValueError, KeyError):
        return lambda *given: complex(digits(mistaken.subs(dict(zip(symbols, map(sp.sympify, given), strict=True)))))
    # The ends of a sum are whole numbers.
    if mistaken.has(sp.Sum):
        return lambda *given: fast(*given)
    return lambda *given: fast(*(x if isinstance(x, np.ndarray) else float(x) for x in given))
