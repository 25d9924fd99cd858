"""Letters of statements on a tangent model: its kernel matrices at the data, its rows at the inputs Z, first outputs.

    K_u, K_theta (n, n)   k_m^u(X, X), k_m^θ(X, X)          y, f_X (n, 1)   labels, outputs at initialisation
    k_u, k_theta (1, n)   the same from Z to X, summed over Z        f_Z     outputs at initialisation, summed over Z

`auxiliary` makes the letters that a statement uses into auxiliary symbols, each with its value from the weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp

from lazy_assay.theory import Auxiliary, Formula
from lazy_assay.theory._mathematics.matrices import letter
from lazy_assay.theory._mathematics.tangent_training import Start
from lazy_assay.theory._mathematics.two_layer import Array, m, n

K_u, K_theta = letter("K_u", n, n), letter("K_theta", n, n)
k_u, k_theta = letter("k_u", 1, n), letter("k_theta", 1, n)
y, out_x = letter("y", n, 1), letter("f_X", n, 1)
out_z = sp.Symbol("f_Z", real=True)
one = sp.Identity(n)


def _read(read: Callable[[Start], Array | float]) -> Formula:
    """As a formula of weights and data."""

    def formula(
        theta: Array, u: Array, alpha: float, points: Array, labels: Array, centres: Array, activation: str
    ) -> Array | float:
        return read(Start(theta, u, alpha, points, labels, centres, activation))

    return formula


LETTERS: Mapping[sp.Basic, Auxiliary] = {
    item.symbol: item
    for item in (
        Auxiliary(symbol=K_u, meaning="k_m^u(X, X)", value=_read(lambda start: start.kernel_u(start.points))),
        Auxiliary(symbol=K_theta, meaning="k_m^θ(X, X)", value=_read(lambda start: start.kernel_theta(start.points))),
        Auxiliary(
            symbol=k_u, meaning="Σ_z k_m^u(z, X)", value=_read(lambda start: start.kernel_u(start.centres).sum(0)[None])
        ),
        Auxiliary(
            symbol=k_theta,
            meaning="Σ_z k_m^θ(z, X)",
            value=_read(lambda start: start.kernel_theta(start.centres).sum(0)[None]),
        ),
        Auxiliary(symbol=y, meaning="labels", value=lambda labels: labels[:, None]),
        Auxiliary(
            symbol=out_x, meaning="outputs at initialisation at X", value=_read(lambda s: s.offset(s.points)[:, None])
        ),
        Auxiliary(
            symbol=out_z,
            meaning="output at initialisation, summed over Z",
            value=_read(lambda start: float(start.offset(start.centres).sum())),
        ),
        Auxiliary(symbol=m, meaning="number of hidden units", value=lambda theta: len(theta)),
    )
}


def auxiliary(expression: sp.Expr) -> tuple[Auxiliary, ...]:
    """The letters of a statement, in their order."""
    return tuple(item for symbol, item in LETTERS.items() if expression.has(symbol))
