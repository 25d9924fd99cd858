"""Sums, products and integrals over entries of matrices, in float64: Σ_{i>N} λ_i², ∫ sech(πt) Π_j (1 + t²δ_j²) dt.

A bound variable is an axis: each body is evaluated once, at all values of its variable together. An integral goes over
the real line, its integrand analytic about it and falling fast: the trapezoid rule after t = sinh((π/2) sinh s), whose
error is squared whenever the step is halved (Takahasi and Mori 1974), until halving changes nothing.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np
import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from lazy_assay.theory import InvalidParameterError

Array = np.ndarray
Inputs = Mapping[sp.Basic, Any]
Walk = Callable[[sp.Basic, Inputs], Any]
FOLDS = (sp.Sum, sp.Product, sp.Integral)
# Steps in s of the rule, its reach, and the change on halving, as a share of ∫|f|, that ends it.
FIRST, LAST, REACH, SETTLED = 1 / 8, 2.0**-11, 4.5, 1e-13
SHIFT = 1e-6


def outermost(node: sp.Basic, plain: bool = False) -> Iterator[sp.Basic]:
    """Entries and traces of matrix expressions, integrals, products, and sums over entries, none within another;
    `plain`: sums of anything."""
    if isinstance(node, (MatrixElement, sp.Trace, sp.Integral, sp.Product)) or (
        isinstance(node, sp.Sum) and (plain or node.has(sp.MatrixSymbol))
    ):
        yield node
        return
    for inner in node.args:
        yield from outermost(inner, plain)


def folded(node: sp.Basic, at: Inputs, walk: Walk, bound: Inputs | None = None) -> Any:
    """A sum, product or integral at its inputs; `walk` evaluates matrix expressions, `bound` has outer variables' axes.

    Raises InvalidParameterError for an integral that does not settle.
    """
    outer = bound or {}
    if isinstance(node, sp.Integral):
        return _integrated(node, at, walk, outer)
    variable, first, last = node.limits[0]
    ends = (int(_body(end, at, walk, {})) for end in (first, last))
    terms = _terms(node.function, np.arange(next(ends), next(ends) + 1), variable, at, walk, outer)
    return terms.sum(axis=0) if isinstance(node, sp.Sum) else terms.prod(axis=0)


def sensitivity(node: sp.Basic, at: Inputs, walk: Walk) -> float:
    """Σ over numbers and matrix entries in it of |∂node/∂entry| times the number, or the matrix's largest entry."""
    right, total = float(folded(node, at, walk)), 0.0
    for symbol in sorted(node.free_symbols & at.keys(), key=str):
        given = np.asarray(at[symbol], dtype=float)
        largest = float(np.abs(given).max(initial=0.0))
        # A size is exact.
        for place in np.ndindex(given.shape) if largest and not symbol.is_integer else ():
            other = given.copy()
            other[place] += SHIFT * largest
            moved = folded(node, {**at, symbol: other if given.ndim else float(other)}, walk)
            total += abs(float(moved) - right) / SHIFT
    return total


def _terms(body: sp.Expr, points: Array, variable: sp.Symbol, at: Inputs, walk: Walk, outer: Inputs) -> Array:
    """The body at every value of its variable, along a first axis; axes of outer variables follow."""
    axis = points.reshape(-1, *(1,) * len(outer))
    found = np.asarray(_body(body, at, walk, {**outer, variable: axis}))
    return np.broadcast_to(found, np.broadcast_shapes(found.shape, axis.shape))


def _integrated(node: sp.Integral, at: Inputs, walk: Walk, outer: Inputs) -> Any:
    variable, *ends = node.limits[0]
    if ends != [-sp.oo, sp.oo]:
        raise TypeError(f"{node} is no integral over the real line")
    step, before = FIRST, math.nan
    while step >= LAST:
        s = np.arange(-REACH, REACH + step / 2, step)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            t, weights = np.sinh(math.pi / 2 * np.sinh(s)), np.cosh(s) * np.cosh(math.pi / 2 * np.sinh(s))
            terms = _terms(node.function, t, variable, at, walk, outer)
            # Where the integrand has fallen to nothing its weight may be without end.
            parts = np.where(terms == 0, 0.0, terms * weights.reshape(-1, *(1,) * (terms.ndim - 1)))
        now, size = (it.sum(axis=0) * step * math.pi / 2 for it in (parts, np.abs(parts)))
        if np.all(np.abs(now - before) <= SETTLED * size):
            return now
        if not np.all(np.isfinite(now)):
            break
        step, before = step / 2, now
    raise InvalidParameterError("the statement's integral does not settle here")


def _body(body: sp.Expr, at: Inputs, walk: Walk, bound: Inputs) -> Any:
    inner, symbols, function = _plan(body)
    found = {**at, **bound}
    return function(*(_inner(node, at, walk, bound) for node in inner), *(found[symbol] for symbol in symbols))


def _inner(node: sp.Basic, at: Inputs, walk: Walk, bound: Inputs) -> Any:
    if isinstance(node, FOLDS):
        return folded(node, at, walk, bound)
    if isinstance(node, sp.Trace):
        return walk(node, at)
    parent, *index = node.args
    places = (np.asarray(_body(it, at, walk, bound)).astype(int) for it in index)
    return np.asarray(walk(parent, at))[tuple(places)]


@cache
def _plan(body: sp.Expr) -> tuple[tuple[sp.Basic, ...], tuple[sp.Symbol, ...], Callable[..., Any]]:
    """What is evaluated before a body, the symbols that are left in it, and the function of both."""
    inner = tuple(dict.fromkeys(outermost(body, plain=True)))
    stands = {node: sp.Dummy() for node in inner}
    left = body.xreplace(stands)
    symbols = tuple(sorted(left.free_symbols - set(stands.values()), key=str))
    return inner, symbols, sp.lambdify([*stands.values(), *symbols], left, modules=["scipy", "numpy"])
