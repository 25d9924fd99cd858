"""Hermite coefficients E[sigma(r G) He_k(G)] of a rescaled activation: closed forms, and one quadrature for the rest.

He_k are the monic (probabilists') Hermite polynomials, G ~ N(0, 1), r >= 0. Two facts carry every closed form:
E[f(G) He_k(G)] = E[f'(G) He_{k-1}(G)], and E[He_{2m}(a G)] = (2m)! / (2^m m!) (a^2 - 1)^m.
"""

from collections.abc import Callable
from math import factorial, pi, sqrt

import numpy as np
import sympy as sp
from numpy.typing import NDArray

Array = NDArray[np.float64]

# The trapezoid rule on exp(-x^2/2) f(r x) errs by exp(-2 pi c / h + c^2 / 2) for f analytic in |Im x| < c: with the
# nearest singularity of tanh at i pi / (2 r) and r <= 3, c = 0.52 and h = 1/16 give exp(-52). The cut at 14 drops
# exp(-98) times a polynomial. What remains is rounding, 1e-15 relative to the energy: Gauss-Hermite nodes, which must
# fit f by one polynomial, stall near 1e-5 on the same integrals.
_STEP = 1.0 / 16.0
_NODES = np.arange(-14.0, 14.0 + _STEP / 2, _STEP)
_WEIGHTS = _STEP * np.exp(-(_NODES**2) / 2) / sqrt(2 * pi)


def double_factorial_ratio(m: int) -> int:
    """(2m)! / (2^m m!) = (2m-1)!!, the even moments of a standard Gaussian."""
    return factorial(2 * m) // (factorial(m) << m)


def he_at_zero(k: int) -> int:
    """He_k(0)."""
    return 0 if k % 2 else (1 - k % 4) * double_factorial_ratio(k // 2)


def relu_exact(k: int) -> sp.Expr:
    """lambda_k of max(x, 0): the k-th derivative is delta^(k-2), so lambda_k = He_{k-2}(0) / sqrt(2 pi) for k >= 2."""
    if k == 1:
        return sp.Rational(1, 2)
    return (he_at_zero(k - 2) if k >= 2 else sp.Integer(1)) / sp.sqrt(2 * sp.pi)


def abs_exact(k: int) -> sp.Expr:
    """lambda_k of |x| = 2 relu(x) - x."""
    return 2 * relu_exact(k) - (1 if k == 1 else 0)


def erf_exact(k: int) -> sp.Expr:
    """lambda_k of erf(x): 2/sqrt(pi) E[exp(-G^2) He_{k-1}(G)], a Gaussian of variance 1/3."""
    if k % 2 == 0:
        return sp.Integer(0)
    m = (k - 1) // 2
    return 2 / sp.sqrt(3 * sp.pi) * double_factorial_ratio(m) * sp.Rational(-2, 3) ** m


def sin_exact(k: int) -> sp.Expr:
    """lambda_k of sin: E[sin^(k)(G)]."""
    return (-1) ** ((k - 1) // 2) * sp.exp(-sp.Rational(1, 2)) if k % 2 else sp.Integer(0)


def homogeneous(exact: Callable[[int], sp.Expr]) -> Callable[[Array, int], Array]:
    """E[sigma(r G) He_k(G)] = r lambda_k of a positively homogeneous sigma."""
    return lambda r, k: np.asarray(r * float(exact(k)), dtype=np.float64)


def erf_scaled(r: Array, k: int) -> Array:
    """E[erf(r G) He_k(G)], shape of r."""
    if k % 2 == 0:
        return np.zeros_like(r)
    m, v = (k - 1) // 2, 1 / (1 + 2 * r**2)
    return np.asarray(2 / sqrt(pi) * r * np.sqrt(v) * double_factorial_ratio(m) * (v - 1) ** m)


def sin_scaled(r: Array, k: int) -> Array:
    """E[sin(r G) He_k(G)], shape of r."""
    return (-1) ** ((k - 1) // 2) * r**k * np.exp(-(r**2) / 2) if k % 2 else np.zeros_like(r)


def quadratic_scaled(r: Array, k: int) -> Array:
    """E[(r^2 G^2 - 1) He_k(G)], shape of r."""
    return {0: r**2 - 1, 2: 2 * r**2}.get(k, np.zeros_like(r))


def hermite2_3_scaled(r: Array, k: int) -> Array:
    """E[(He_2 + He_3)(r G) He_k(G)], shape of r."""
    return {0: r**2 - 1, 1: 3 * r**3 - 3 * r, 2: 2 * r**2, 3: 6 * r**3}.get(k, np.zeros_like(r))


def quadrature(sigma: Callable[[Array], Array], r: Array, kmax: int) -> tuple[Array, Array]:
    """E[sigma(r G) He_k(G)] / sqrt(k!) for k <= kmax, shape (kmax+1, len(r)), and E sigma(r G)^2, shape (len(r),)."""
    values = sigma(np.multiply.outer(r, _NODES))
    rows = [np.ones_like(_NODES), _NODES]
    for k in range(1, kmax):
        rows.append((_NODES * rows[k] - sqrt(k) * rows[k - 1]) / sqrt(k + 1))
    return (np.stack(rows[: kmax + 1]) * _WEIGHTS) @ values.T, (values**2) @ _WEIGHTS
