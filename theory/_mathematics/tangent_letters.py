"""Letters of statements on a tangent model: its kernel matrices at the data, its rows at the inputs Z, first outputs.

    K_u, K_theta (n, n)   k_m^u(X, X), k_m^θ(X, X)          y, f_X (n, 1)   labels, outputs at initialisation
    k_u, k_theta (1, n)   the same from Z to X, summed over Z        f_Z     outputs at initialisation, summed over Z

`auxiliary` makes the letters that a statement uses into auxiliary symbols, each with its value from the weights.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from lazy_assay.theory import Auxiliary
from lazy_assay.theory._mathematics.matrices import letter
from lazy_assay.theory._mathematics.two_layer import kernel_theta, kernel_u, m, n, output

K_u, K_theta = letter("K_u", n, n), letter("K_theta", n, n)
k_u, k_theta = letter("k_u", 1, n), letter("k_theta", 1, n)
y, out_x = letter("y", n, 1), letter("f_X", n, 1)
out_z = sp.Symbol("f_Z", real=True)
one = sp.Identity(n)


# How section IV of Fang et al. writes them.
_SIGNS = {
    K_u: "K_m^u",
    K_theta: r"K_m^\theta",
    k_u: "k_m^u(x,X)",
    k_theta: r"k_m^\theta(x,X)",
    out_x: "f_0(X)",
    out_z: "f_0(x)",
}
LETTERS: Mapping[sp.Basic, Auxiliary] = {
    symbol: Auxiliary(symbol=symbol, meaning=meaning, value=value, latex=_SIGNS.get(symbol, ""))
    for symbol, meaning, value in (
        (K_u, "k_m^u(X, X)", lambda theta, points, activation: kernel_u(theta, points, points, activation)),
        (
            K_theta,
            "k_m^θ(X, X)",
            lambda theta, u, points, activation: kernel_theta(theta, u, points, points, activation),
        ),
        (
            k_u,
            "Σ_z k_m^u(z, X)",
            lambda theta, points, centres, activation: kernel_u(theta, centres, points, activation).sum(0)[None],
        ),
        (
            k_theta,
            "Σ_z k_m^θ(z, X)",
            lambda theta, u, points, centres, activation: kernel_theta(theta, u, centres, points, activation).sum(0)[
                None
            ],
        ),
        (y, "labels", lambda labels: labels[:, None]),
        (
            out_x,
            "outputs at initialisation, at X",
            lambda theta, u, alpha, points, activation: output(theta, u, alpha, points, activation)[:, None],
        ),
        (
            out_z,
            "output at initialisation, summed over Z",
            lambda theta, u, alpha, centres, activation: float(output(theta, u, alpha, centres, activation).sum()),
        ),
        (m, "number of hidden units", lambda theta: len(theta)),
    )
}


def auxiliary(expression: sp.Expr) -> tuple[Auxiliary, ...]:
    """The letters of a statement, in their order."""
    return tuple(item for symbol, item in LETTERS.items() if expression.has(symbol))
