"""Entries and traces of matrix expressions in ball arithmetic (python-flint), and how they move with their inputs.

Why not in double precision: the statement k (1 − (1 − K)^T) K⁻¹ g of T steps of descent is a polynomial in K, and no
more sensitive to K than that; but formed as it stands, the power's rounding, some T n ε, meets ‖K⁻¹‖: at a condition of
3·10³ and T = 22 that was 2.5·10⁻¹², a hundred times what the inputs' own rounding moves it by, and no budget computed
from the inputs knows of it. Balls carry their error along: the value is the statement's, at the inputs as they are, and
so are its derivatives, from steps of 2⁻²⁵⁶.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import reduce
from typing import Any

import numpy as np
import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from lazy_assay.theory import InvalidParameterError
from lazy_assay.theory._mathematics.matrices import MatrixExponential

Inputs = Mapping[sp.Basic, Any]
# Bits of the balls, of a step, and of what must be left of an answer (the double's 53, and as many again).
PRECISION, STEP, KEPT = 1024, 256, 106
# Digits of a function of a plain number, of which sympy says it.
DIGITS = 200


@contextmanager
def precise() -> Iterator[None]:
    """All within at so many bits; the precision is the process's, and is put back."""
    from flint import ctx

    before, ctx.prec = ctx.prec, PRECISION
    try:
        yield
    finally:
        ctx.prec = before


def value(element: sp.Expr, found: Inputs) -> float:
    """An entry or a trace at its inputs, rounded once.

    Raises InvalidParameterError for the inverse of a matrix that is singular, or that no such precision tells from one.
    """
    with precise():
        return float(_told(element, _inside(found)).mid())


def sensitivity(element: sp.Expr, found: Inputs) -> float:
    """Σ over entries of all matrices in it of |∂element/∂entry| times the matrix's largest entry. Raises as `value`."""
    from flint import arb

    with precise():
        inside, total = _inside(found), arb(0)
        right = _told(element, inside)
        for symbol in sorted(element.atoms(sp.MatrixSymbol), key=str):
            given = np.asarray(found[symbol], dtype=float)
            largest, other = float(np.abs(given).max()), _matrix(given)
            step = arb(largest) * arb(2) ** -STEP
            for i, j in np.ndindex(given.shape) if largest else ():
                before = other[i, j]
                other[i, j] = before + step
                total += abs(_told(element, {**inside, symbol: other}) - right) * arb(2) ** STEP
                other[i, j] = before
        return float(total.mid())


def _inside(found: Inputs) -> dict[sp.Basic, Any]:
    """Inputs as balls of radius zero; sizes and powers stay whole numbers."""
    return {symbol: _ball(given) for symbol, given in found.items()}


def _ball(given: Any) -> Any:
    from flint import arb

    if isinstance(given, np.ndarray):
        return _matrix(given) if given.ndim == 2 else given
    whole = isinstance(given, int | np.integer)
    return int(given) if whole else arb(float(given))


def _matrix(given: np.ndarray) -> Any:
    from flint import arb_mat

    return arb_mat(np.asarray(given, dtype=float).tolist())


def _told(element: sp.Expr, at: Inputs) -> Any:
    from flint import arb

    try:
        found = arb(_walked(element, at))
    except ZeroDivisionError:
        raise InvalidParameterError("the statement inverts a matrix that is singular here") from None
    # Radius against value, or against one where the value is smaller.
    if not (found.is_finite() and found.rad() <= max(abs(float(found.mid())), 1.0) * 2.0**-KEPT):
        raise InvalidParameterError(
            f"the statement inverts a matrix that {PRECISION} bits do not tell from a singular one"
        )
    return found


def _walked(node: sp.Basic, at: Inputs) -> Any:
    """A matrix expression, an entry or a trace of one, or a plain number. Raises ZeroDivisionError, and TypeError for
    what is none of these."""
    if node in at:
        return at[node]
    if isinstance(node, sp.Identity):
        return _identity(int(_walked(node.shape[0], at)))
    if isinstance(node, MatrixElement):
        parent, *index = node.args
        i, j = (int(it) for it in index)
        return _walked(parent, at)[i, j]
    for kind, make in KINDS.items():
        if isinstance(node, kind):
            return make([_walked(inner, at) for inner in node.args])
    return _number(node, at)


def _number(node: sp.Basic, at: Inputs) -> Any:
    """A whole number as one, a fraction to the bits, a function of plain numbers as sympy says it to `DIGITS`."""
    from flint import arb

    if node.is_Integer:
        return int(node)
    if node.is_Rational:
        return arb(int(node.p)) / int(node.q)
    plain = node if node.is_number else node.func(*(_float(_walked(inner, at)) for inner in node.args))
    told = sp.N(plain, DIGITS)
    if not told.is_real:
        raise TypeError(f"{node} is no real number")
    # sympy is trusted in all but its last digits.
    return arb(str(told), abs(float(told)) * 10.0 ** (20 - DIGITS))


def _float(told: Any) -> sp.Expr:
    return sp.Integer(told) if isinstance(told, int) else sp.Float(told.mid().str(DIGITS, radius=False), DIGITS)


def _identity(n: int) -> Any:
    from flint import arb_mat

    return arb_mat(n, n, [int(i == j) for i in range(n) for j in range(n)])


def _is_matrix(term: Any) -> bool:
    return hasattr(term, "nrows")


def _times(a: Any, b: Any) -> Any:
    # A matrix takes numbers from the right.
    return b * a if _is_matrix(b) and not _is_matrix(a) else a * b


def _power(base: Any, exponent: Any) -> Any:
    from flint import arb

    if not _is_matrix(base):
        return arb(base) ** exponent if not isinstance(exponent, int) or exponent < 0 else base**exponent
    whole = exponent if isinstance(exponent, int) else float(exponent.mid())
    if whole != int(whole):
        raise TypeError("a power of a matrix is a whole number")
    raised = base.inv() if whole < 0 else base
    return reduce(lambda done, bit: done * done * raised if bit == "1" else done * done, bin(abs(int(whole)))[2:],
                  _identity(base.nrows()))  # fmt: skip


def _entrywise(a: Any, b: Any) -> Any:
    from flint import arb_mat

    rows, columns = a.nrows(), a.ncols()
    return arb_mat(rows, columns, [a[i, j] * b[i, j] for i in range(rows) for j in range(columns)])


KINDS: Mapping[Any, Callable[[list[Any]], Any]] = {
    (sp.Add, sp.MatAdd): lambda terms: reduce(lambda a, b: a + b, terms),
    (sp.Mul, sp.MatMul): lambda terms: reduce(_times, terms),
    (sp.Pow, sp.MatPow, sp.Inverse): lambda terms: _power(*terms),
    sp.HadamardProduct: lambda terms: reduce(_entrywise, terms),
    sp.Transpose: lambda terms: terms[0].transpose(),
    sp.Trace: lambda terms: sum(terms[0][i, i] for i in range(terms[0].nrows())),
    MatrixExponential: lambda terms: terms[0].exp(),
}
