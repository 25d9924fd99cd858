"""E R² for m uniform points of the sphere in R^d: exact for few points and in the plane, from the edge elsewhere.

R² = (d/m) λ₁(G), G_ij = <x_i, x_j>, which is d/m times the largest eigenvalue of Σ x_i x_iᵀ too. Exactly:

    d = 1, m = 1.  x_i = ±1, or one point: R² = d.
    m = 2.         λ₁ = 1 + |c|: R² = (d/2)(1 + E|c|), E|c| = Γ(d/2)/(√π Γ((d+1)/2)).
    d = 2.         x at angle θ has 2xxᵀ = I + a reflection of angle 2θ: R² = 1 + E|S_m|/m for the planar walk S_m of
                   m unit steps, of characteristic function J₀(t)^m, E|S| = ∫₀^∞ (1 − J₀(t)^m) t⁻² dt (Kluyver 1906).
    m = 3.         a = <x₁,x₂>, b = <x₁,x₃> and the cosine e between the parts of x₂, x₃ off x₁ are independent, of
                   densities ∝ (1 − a²)^((d−3)/2), the same, (1 − e²)^((d−4)/2); <x₂,x₃> = ab + √(1−a²)√(1−b²) e, and
                   λ₁ of the 3 × 3 matrix is closed: three Gauss–Gegenbauer rules.

Elsewhere (d ≥ 3, m ≥ 4), three corrections to the Marchenko–Pastur edge (heuristic in their combination, each known).
For Gaussian rows g_i Johnstone's centring in Ma's form, mean of the edge μ + σ E[TW₁],

    mμ = (√(m−½) + √(d−½))²,    mσ = (√(m−½) + √(d−½))(1/√(m−½) + 1/√(d−½))^(1/3),    E[TW₁] = −1.2065335745820.

The rows of the sphere are g_i√d/‖g_i‖: they lack the weights w_i = ‖g_i‖²/d of variance v = 2/d. For weights of law w,
z(g) = −1/g + E[w/(1 + γwg)], γ = d/m, has its edge at z'(g) = 0; to second order in w − 1, E[w/(1+γwg)] = 1/(1+γg) −
vγg/(1+γg)³, and at the unperturbed edge −g = 1/(γ+√γ), 1 + γg = 1/(1+√γ): weights push the edge out by v√γ(1+√γ)². So

    E R² ≈ μ + σ E[TW₁] − (2/d)√γ(1+√γ)² e^(−(9/4)ε),    ε = (1/√d + 1/√m)^(4/3).

The last factor is the row correction's own finite-size correction, of relative order d^(−2/3), as repulsion from the
other eigenvalues leaves it; its form and its 9/4 are calibrated, on streams that no check draws from, at d, m from 3
to 2000 and, m small, at d to 10⁷. What it leaves there is between −0.17 σ and 0.19 σ: `allowance` is σ/5.
"""

import math
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from lazy_assay.theory import InvalidParameterError

Array = np.ndarray
# The mean of the Tracy–Widom law of order 1 (Bornemann 2010, table 2).
TRACY_WIDOM = sp.Rational(-12065335745820, 10**13)
DAMPING = sp.Rational(9, 4)
NODES = 32
# From here on neighbouring sizes are one float64 to the quadratures.
LARGEST = 10**12


def mean_of_square(d: int, m: int) -> float:
    """E R² of m uniform points of the sphere in R^d."""
    exact = _exact(d, m)
    return exact[0] if exact is not None else gaussian_edge(d, m) - row_correction(d, m)


def allowance(d: int, m: int) -> float:
    """How far `mean_of_square` may be off: the quadrature's error where it is exact, a fifth of σ elsewhere."""
    exact = _exact(d, m)
    return exact[1] if exact is not None else _width(d, m) / 5


def is_exact(d: int, m: int) -> bool:
    """Whether the mean is computed without an expansion."""
    return d < 3 or m < 4


def gaussian_edge(d: int, m: int) -> float:
    """μ + σ E[TW₁]: the mean for Gaussian rows."""
    return (math.sqrt(m - 0.5) + math.sqrt(d - 0.5)) ** 2 / m + _width(d, m) * float(TRACY_WIDOM)


def row_correction(d: int, m: int) -> float:
    """What normalising the rows takes from it."""
    root, epsilon = math.sqrt(d / m), math.pow(d**-0.5 + m**-0.5, 4 / 3)
    return 2 / d * root * (1 + root) ** 2 * math.exp(-float(DAMPING) * epsilon)


def _width(d: int, m: int) -> float:
    """σ."""
    rows, columns = math.sqrt(m - 0.5), math.sqrt(d - 0.5)
    return (rows + columns) * math.pow(1 / rows + 1 / columns, 1 / 3) / m


@lru_cache(maxsize=4096)
def _exact(d: int, m: int) -> tuple[float, float] | None:
    """E R² and a bound on its numerical error, where the law is known."""
    if max(d, m) > LARGEST:
        raise InvalidParameterError(f"d and m must be at most {LARGEST}, got d={d}, m={m}")
    # Differences of log-gamma functions lose √d of the digits.
    rounding = 64 * float(np.finfo(float).eps) * d**1.5
    if d == 1 or m == 1:
        return float(d), 0.0
    if m == 2:
        return d / 2 * (1 + _mean_cosine(d)), rounding
    if d == 2:
        fine, coarse = (1 + _mean_walk(m, panels) / m for panels in (2 * NODES, NODES))
    elif m == 3:
        fine, coarse = (d / 3 * _three(d, nodes) for nodes in (2 * NODES, NODES))
    else:
        return None
    return fine, abs(fine - coarse) + rounding


def _mean_cosine(d: int) -> float:
    """E|<x, y>| of two uniform points: Γ(d/2)/(√π Γ((d+1)/2))."""
    return math.exp(math.lgamma(d / 2) - math.lgamma((d + 1) / 2)) / math.sqrt(math.pi)


def _mean_walk(m: int, panels: int) -> float:
    """E|S_m|, by Gauss–Legendre panels of t√m in (0, 4·panels); beyond them J₀^m is negligible and 1/t is left."""
    from scipy.special import j0

    x, weights = np.polynomial.legendre.leggauss(32)
    s = (4 * np.arange(panels)[:, None] + 2 * (x + 1)).ravel()
    t = s / math.sqrt(m)
    integral = float(((1 - j0(t) ** m) / t**2) @ np.tile(2 * weights, panels)) / math.sqrt(m)
    return integral + math.sqrt(m) / (4 * panels)


def _three(d: int, nodes: int) -> float:
    """E λ₁ of three uniform points' Gram matrix, 1 + 2√p cos(⅓ arccos(abc/p^{3/2})), p = (a² + b² + c²)/3."""
    first, weight = _gegenbauer(d / 2 - 1, nodes)
    turn, share = _gegenbauer((d - 3) / 2, nodes)
    a, b, e = first[:, None, None], first[None, :, None], turn[None, None, :]
    c = a * b + np.sqrt((1 - a**2) * (1 - b**2)) * e
    p = (a**2 + b**2 + c**2) / 3
    angle = np.arccos(np.clip(a * b * c / np.maximum(p, np.finfo(float).tiny) ** 1.5, -1, 1))
    largest = 1 + 2 * np.sqrt(p) * np.cos(angle / 3)
    return float(weight @ (largest @ share) @ weight)


def _gegenbauer(order: float, nodes: int) -> tuple[Array, Array]:
    """Nodes and weights (of sum 1) for the density ∝ (1 − x²)^(order − ½), by Golub and Welsch."""
    from scipy.linalg import eigh_tridiagonal

    n = np.arange(2, nodes, dtype=float)
    beyond = n * (n + 2 * order - 1) / (4 * (n + order) * (n + order - 1))
    found: Any = eigh_tridiagonal(np.zeros(nodes), np.sqrt(np.append(1 / (2 * (1 + order)), beyond)))
    return np.asarray(found[0]), np.asarray(found[1][0] ** 2)
