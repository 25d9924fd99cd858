"""The number that an expression of sympy is at a point, matrices among its inputs, and what rounding leaves of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, reduce
from typing import Any

import numpy as np
import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from lazy_assay.checks.procedures import balls, folds
from lazy_assay.theory import Part
from lazy_assay.theory._mathematics.matrices import MatrixExponential
from lazy_assay.theory._prediction import arguments

Inputs = Mapping[sp.Basic, Any]
Array = np.ndarray
EPSILON = float(np.finfo(float).eps)
DIGITS = 40


def inputs(part: Part, expression: sp.Expr, point: Mapping[str, Any]) -> dict[sp.Basic, Any]:
    """What an expression's symbols are at a point: auxiliary values, plain parameters, and the sizes of matrices."""
    needed = [item for item in part.auxiliary if expression.has(item.symbol)]
    found = {item.symbol: item.value(**{n: point[n] for n in arguments(item.value)}) for item in needed}
    found |= {
        part.declared[name].symbol: value
        for name, value in point.items()
        if name in part.declared and np.isscalar(value) and not isinstance(value, str)
    }
    return sizes(found) | found


def sizes(found: Inputs) -> dict[sp.Basic, Any]:
    """The dimensions of matrix symbols that are symbols themselves, from the matrices."""
    shapes = [(symbol.shape, value.shape) for symbol, value in found.items() if isinstance(symbol, sp.MatrixSymbol)]
    return {
        length: actual
        for shape, lengths in shapes
        for length, actual in zip(shape, lengths, strict=True)
        if isinstance(length, sp.Symbol)
    }


def evaluate(part: Part, expression: sp.Expr, point: Mapping[str, Any]) -> tuple[float, float]:
    """The value of a statement at a point, and a rounding budget computed from its sensitivity to its inputs.

    Inputs (traces, psi, Hermite coefficients, kernel matrices) are float64 results of sums over d terms or of a root
    search: each is taken to be known to 64·d machine epsilons, of its own size or of its matrix's largest entry.
    Raises InvalidParameterError for the inverse of a singular matrix.
    """
    found = inputs(part, expression, point)
    size = max((len(v) for v in point.values() if isinstance(v, np.ndarray)), default=1)
    relative = 64 * EPSILON * size
    matrices, left = elements(expression)
    if not matrices:
        return _scalar(expression, found, relative)
    told = {symbol: _element(element, found) for symbol, element in matrices.items()}
    at = {symbol: inner for symbol, (inner, _) in told.items()}
    value, budget = _scalar(left, {**found, **at}, relative)
    for symbol in matrices:
        slope = abs(_scalar(left, {**found, **at, symbol: at[symbol] * (1 + 1e-9) + 1e-9}, 0.0)[0] - value)
        steps = abs(at[symbol] * 1e-9 + 1e-9)
        budget += 2 * slope / steps * told[symbol][1] * relative
    return value, budget


def _element(element: sp.Expr, found: Inputs) -> tuple[float, float]:
    """What stands in a statement for a number, and how it moves with its inputs, relative to their sizes.

    Matrices are formed in balls: what an expression's own steps would round is no part of the statement.
    """
    if isinstance(element, folds.FOLDS):
        return float(folds.folded(element, found, numeric)), folds.sensitivity(element, found, numeric)
    return balls.value(element, found), balls.sensitivity(element, found)


def _scalar(expression: sp.Expr, found: Inputs, relative: float) -> tuple[float, float]:
    used = [symbol for symbol in found if symbol in expression.free_symbols or expression.has(symbol)]
    exact = {symbol: _exact(symbol, found[symbol]) for symbol in used}
    value = digits(expression.xreplace(exact))
    shifts = [
        abs(digits(expression.xreplace({**exact, s: exact[s] * (1 + sp.Float(relative, DIGITS))})) - value)
        for s in used
        if relative and not exact[s].is_Integer
    ]
    return float(value), 2 * float(sum(shifts, sp.Integer(0))) + relative * max(1.0, abs(float(value)))


def digits(expression: sp.Expr) -> sp.Expr:
    """A number to so many digits; a sum is added up, where sympy would look for its closed form first."""
    added = expression.replace(lambda node: isinstance(node, sp.Sum), _added)
    return added.doit().evalf(DIGITS)


def _added(told: sp.Sum) -> sp.Expr:
    index, first, last = told.limits[0]
    whole = first.is_Integer and last.is_Integer and len(told.limits) == 1
    terms = (told.function.subs(index, i) for i in range(int(first), int(last) + 1)) if whole else (told,)
    return sp.Add(*terms)


def _exact(symbol: sp.Basic, value: Any) -> sp.Expr:
    """A whole number is exact, and the end of a sum; any other is known to so many digits."""
    whole = bool(symbol.is_integer) and float(value).is_integer()
    return sp.Integer(int(value)) if whole else sp.Float(float(value), DIGITS)


@cache
def elements(expression: sp.Expr) -> tuple[dict[sp.Dummy, sp.Expr], sp.Expr]:
    """Entries and traces of matrix expressions, sums over entries and integrals, each by a symbol that stands for it,
    and what is left with these."""
    found = sorted(set(folds.outermost(expression)), key=str)
    stands = {element: sp.Dummy(f"element{index}", real=True) for index, element in enumerate(found)}
    return {symbol: element for element, symbol in stands.items()}, expression.xreplace(stands)


# -- matrices in float64 ---------------------------------------------------------------------------------------------


def numeric(node: sp.Basic, at: Inputs) -> Any:
    """A matrix expression, an entry or a trace of one, or a plain number, with its symbols as given.

    Raises LinAlgError for the inverse of a singular matrix, TypeError for what is none of these.
    """
    if node in at:
        return at[node]
    if isinstance(node, folds.FOLDS):
        return float(folds.folded(node, at, numeric))
    if isinstance(node, sp.Identity):
        return np.eye(int(numeric(node.shape[0], at)))
    if isinstance(node, MatrixElement):
        parent, *index = node.args
        return float(numeric(parent, at)[tuple(int(i) for i in index)])
    for kind, make in KINDS.items():
        if isinstance(node, kind):
            return make([numeric(inner, at) for inner in node.args])
    if node.is_number:
        return float(node)
    return float(_function(node)(*(numeric(inner, at) for inner in node.args)))


def _product(terms: list[Any]) -> Any:
    return reduce(lambda a, b: a @ b if isinstance(a, np.ndarray) and isinstance(b, np.ndarray) else a * b, terms)


def _power(base: Any, exponent: float) -> Any:
    if not isinstance(base, np.ndarray):
        return float(base) ** exponent
    if exponent != int(exponent):
        raise TypeError("a power of a matrix is a whole number")
    return np.linalg.matrix_power(base, int(exponent))


@cache
def _function(node: sp.Expr) -> Callable[..., Any]:
    """A function of plain numbers, by numpy."""
    stands = [sp.Dummy() for _ in node.args]
    made: Callable[..., Any] = sp.lambdify(stands, node.func(*stands), modules=["scipy", "numpy"])
    return made


def _exponential(terms: list[Any]) -> Any:
    from scipy.linalg import expm

    return expm(terms[0])


KINDS: Mapping[Any, Callable[[list[Any]], Any]] = {
    (sp.Add, sp.MatAdd): lambda terms: reduce(lambda a, b: a + b, terms),
    (sp.Mul, sp.MatMul): _product,
    (sp.Pow, sp.MatPow, sp.Inverse): lambda terms: _power(*terms),
    sp.HadamardProduct: lambda terms: reduce(lambda a, b: a * b, terms),
    sp.Transpose: lambda terms: terms[0].T,
    sp.Trace: lambda terms: float(np.trace(terms[0])),
    MatrixExponential: _exponential,
}
