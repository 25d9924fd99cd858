"""K, A, B and E xxᵀ of Theorem 4 in ball arithmetic, and proofs that a symmetric matrix is positive definite, or not.

Points come as float64, taken as exact and normalised in balls. Where the moments are closed they are evaluated by
python-flint from the same sympy expressions as in `theory`; elsewhere the float64 values carry their stated error as
radius. A proof by LDLᵀ has positive pivots with certainty; a disproof is a vector with xᵀMx < 0 with certainty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from lazy_assay.theory._mathematics import dual_activations as duals
from lazy_assay.theory.daniely2019 import _third_moment as third
from lazy_assay.theory.daniely2019._approximation import second_moments
from lazy_assay.theory.daniely2019._kernel_space import EPSILON, Scheme

if TYPE_CHECKING:
    from flint import arb

Array = np.ndarray
Balls = list[list[Any]]
PRECISION = 256


@dataclass(frozen=True)
class Matrices:
    """K, A and B over the centres, E xxᵀ of D, and C²."""

    K: Balls
    A: Balls
    B: Balls
    second: Balls
    C2: Any


def precise() -> Any:
    """The context in which balls are computed."""
    import flint

    return flint.ctx.workprec(PRECISION)


def matrices(activation: str, centres: Array, points: Array) -> Matrices:
    """The matrices for D uniform on the points, at the working precision."""
    from flint import arb

    x = _unit(np.unique(points, axis=0, return_counts=True)[0])
    counts = np.unique(points, axis=0, return_counts=True)[1]
    share = [arb(int(count)) / int(counts.sum()) for count in counts]
    size = range(points.shape[1])
    second = [[sum((p * v[i] * v[j] for p, v in zip(share, x, strict=True)), arb(0)) for j in size] for i in size]
    C2 = _evaluated(duals.named(activation).largest_slope ** 2)()
    if activation not in third.FORMS:
        return Matrices(*_by_quadrature(activation, centres, points), second, C2)
    z = _unit(centres)
    between = [[arb(1) if u is v else _dot(u, v) for v in z] for u in z]
    to = [[_dot(u, v) for v in x] for u in z]
    slope = _evaluated(duals.closed_form(activation, "dual_of_slope"), duals.correlation)
    moment = _evaluated(third.FORMS[activation], third.a, third.b, third.c)
    n, terms = range(len(z)), range(len(x))
    K = [[c * slope(c) for c in row] for row in between]
    k = [[c * slope(c) for c in row] for row in to]

    def mean(term: Callable[[int], arb]) -> arb:
        return sum((share[p] * term(p) for p in terms), arb(0))

    A = [
        [mean(lambda p, j=j, l=l: to[j][p] * to[l][p] * moment(to[j][p], to[l][p], between[j][l])) for l in n]  # type: ignore[misc]
        for j in n
    ]
    B = [[mean(lambda p, j=j, l=l: k[j][p] * k[l][p]) for l in n] for j in n]  # type: ignore[misc]
    return Matrices(K, A, B, second, C2)


def combined(terms: Sequence[tuple[Any, Balls]]) -> Balls:
    """Σ factor·matrix."""
    from flint import arb

    n = range(len(terms[0][1]))
    return [[sum((factor * matrix[i][j] for factor, matrix in terms), arb(0)) for j in n] for i in n]


def identity(n: int) -> Balls:
    """The identity matrix."""
    from flint import arb

    return [[arb(int(i == j)) for j in range(n)] for i in range(n)]


def floats(matrix: Balls) -> Array:
    """The midpoints."""
    return np.array([[float(entry.mid()) for entry in row] for row in matrix])


def proved_definite(matrix: Balls) -> bool:
    """Whether every pivot of LDLᵀ is positive with certainty."""
    n = len(matrix)
    rows = [list(row) for row in matrix]
    for j in range(n):
        pivot = rows[j][j]
        if not pivot > 0:
            return False
        for i in range(j + 1, n):
            factor = rows[i][j] / pivot
            for l in range(j + 1, i + 1):
                rows[i][l] = rows[i][l] - factor * rows[l][j]
    return True


def form(matrix: Balls, x: Array) -> Any:
    """xᵀMx as a ball, x taken as exact."""
    from flint import arb

    v = [arb(float(entry)) for entry in x]
    return sum((v[i] * entry * v[j] for i, row in enumerate(matrix) for j, entry in enumerate(row)), arb(0))


def bounded_square(second: Balls) -> tuple[Any, bool]:
    """R²/d, 2⁻⁴⁰ above the least in float64, and whether D is proved to be R-bounded for it."""
    from flint import arb

    square = arb(float(np.linalg.eigvalsh(floats(second)).max())) * (1 + arb(2) ** -40)
    return square, proved_definite(combined([(square, identity(len(second))), (arb(-1), second)]))


def _unit(rows: Array) -> Balls:
    from flint import arb

    exact = [[arb(float(entry)) for entry in row] for row in rows]
    norms = [sum((entry * entry for entry in row), arb(0)).sqrt() for row in exact]
    return [[entry / norm for entry in row] for row, norm in zip(exact, norms, strict=True)]


def _dot(first: Sequence[Any], second: Sequence[Any]) -> Any:
    """<u, v> of unit vectors, within [−1, 1]: a ball that reaches beyond is cut there, for the sake of asin."""
    from flint import arb

    value = sum((a * b for a, b in zip(first, second, strict=True)), arb(0))
    return value.max(arb(-1)).min(arb(1))


@lru_cache(maxsize=32)
def _evaluated(expression: sp.Expr, *symbols: sp.Symbol) -> Callable[..., Any]:
    """A sympy expression with dyadic constants, as a function of balls."""
    from flint import arb

    def ball(x: Any) -> Any:
        return x if isinstance(x, arb) else arb(x)

    functions: dict[str, Any] = {
        name: (lambda x, name=name: getattr(ball(x), name)()) for name in ("acos", "asin", "sqrt", "exp", "cosh")
    }
    function = sp.lambdify(symbols, expression, modules=[{**functions, "pi": arb.pi()}])
    return lambda *values: ball(function(*values))


def _by_quadrature(activation: str, centres: Array, points: Array) -> tuple[Balls, Balls, Balls]:
    """K, A and B in float64, each entry a ball of its stated error's radius."""
    from flint import arb

    A, B, error = second_moments(activation, centres, points)
    K = Scheme(activation).kernel(centres, centres)
    slack = duals.quadrature_error(activation, "dual_of_slope")
    radii = (2 * slack, error + 64 * EPSILON * len(points), 4 * slack + 64 * EPSILON * len(points))

    def balls(matrix: Array, radius: float) -> Balls:
        return [[arb(float(entry), radius) for entry in row] for row in matrix]

    kernel, moments, products = (balls(m, r) for m, r in zip((K, A, B), radii, strict=True))
    return kernel, moments, products
