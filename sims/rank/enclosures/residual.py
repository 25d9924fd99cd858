"""Full row rank by one residual in float64: the rung that decides most matrices.

Let every exact matrix lie within Δ of A (n, m), n ≤ m, and R (m, n) be any matrix. If some v > 0 has

    (|I − A R| + Δ|R|) v < v    in every entry,

then I − A'R has a spectral radius below 1 for every A' within Δ of A, so A'R is invertible and A' has rank n. With
v = 1 that is the condition ‖I − (A ± Δ)R‖_∞ < 1; a few steps of the power method give a better v. R, an approximate
right inverse, needs no accuracy of its own: it is only a guess that the inequality checks.

The computed product is off by γ_k|A||R|, so G = fl(I − A R) gives |I − A R| ≤ |G| + u|G| + γ_k|A||R|, and with (Δ +
γ_k|A|)(|R| v) nothing but two products of a matrix with a vector is added. Columns are scaled by powers of two
first, which is exact and changes no rank.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from lazy_assay.sims.rank.enclosures.radii import TINY, Enclosure, U, gamma, product, terms

Array = np.ndarray
POWER_STEPS = 12


@dataclass(frozen=True)
class Residual:
    """The least max_i (M v)_i / v_i that was found, rounding included: below 1 proves full row rank."""

    ratio: float
    largest_radius: float


def residual(features: Enclosure) -> Residual:
    """Of a matrix (n, m) with n ≤ m. The ratio is infinite where no right inverse could be guessed."""
    scaled = _scaled(features)
    if not (np.isfinite(scaled.middle).all() and np.isfinite(scaled.radius).all()):
        return Residual(np.inf, np.inf)
    R = _right_inverse(scaled.middle)
    ratio = np.inf if R is None else _ratio(scaled, R)
    return Residual(ratio, float(scaled.radius.max()))


def _scaled(features: Enclosure) -> Enclosure:
    """Columns times powers of two, so that each has entries of order one. Exact, but where numbers are subnormal."""
    with np.errstate(all="ignore"):
        size = np.abs(features.middle).max(axis=0) + features.radius.max(axis=0)
    exponents = np.where(np.isfinite(size) & (size > 0), -np.frexp(np.maximum(size, TINY))[1], 0)
    exponents = np.clip(exponents, -900, 900)
    middle, radius = np.ldexp(features.middle, exponents), np.ldexp(features.radius, exponents)
    return Enclosure(middle, radius + TINY)


def _right_inverse(A: Array) -> Array | None:
    """Q T⁻ᵀ from Aᵀ = Q T, or None where T is singular to working precision."""
    Q, T = linalg.qr(A.T, mode="economic", check_finite=False)
    if not (np.abs(np.diag(T)) > TINY).all():
        return None
    with np.errstate(all="ignore"):
        R = linalg.solve_triangular(T, Q.T, check_finite=False).T
    return np.asarray(R) if np.isfinite(R).all() else None


def _ratio(features: Enclosure, R: Array) -> float:
    A, k = np.abs(features.middle), terms(features.middle.shape[1]) + 2
    m = len(R)
    with np.errstate(all="ignore"):
        G = np.abs(np.eye(len(A)) - product(features.middle, R))
        reach, S = features.radius + gamma(k) * A, np.abs(R)
        # Products of non-negative numbers, each off by at most γ of its length.
        room = (1 + 2 * gamma(m + 8)) * (1 + 2 * gamma(len(A) + 8))
        v, best = np.ones(len(A)), np.inf
        for _ in range(POWER_STEPS):
            grown = (G @ v * (1 + 2 * U) + reach @ (S @ v) + m * len(A) * TINY) * room
            best = min(best, float(np.max(grown / v)) * (1 + 4 * U))
            if best < 1 or not np.isfinite(grown).all():
                break
            v = np.maximum(grown / grown.max(), 1e-6)
    return best if np.isfinite(best) else np.inf
