"""Moments of Tr(PΔPΔ) over a uniformly random projection P of rank k, and how the tangent model's gain moves with it.

Variance, exactly. For Haar P, E Z_κ(PΔ) = Z_κ(I_k) Z_κ(Δ)/Z_κ(I_d) for every zonal polynomial Z_κ (James 1964, Annals
of Mathematical Statistics 35, section 5). Tr(PΔPΔ)² = p₂², p_n the power sums of PΔ's eigenvalues, is a combination of
the five of degree four; they are orthogonal where ⟨p_ρ, p_σ⟩ = δ_ρσ z_ρ 2^(parts of ρ).

Elasticity. X ≈ ½a₀²/(a₀ + a₁) (`_tangent_mixture`) has d log X/d log a₀ = 2 − (1 + β)/(1 + a₁/a₀), β = Cov(a₀, a₁)/Var
a₀ the regression of what is left, of second order in 1/d. On the Grassmannian, of tangent vectors PSQ + QSP, Q = 1 − P,
an eigenfunction e of the Laplacian, eigenvalue −μ, has Cov(f, e) = E⟨∇f, ∇e⟩/μ = 2E Tr(P G_f Q G_e)/μ, G the gradients
of words in P and Δ. Tr(PM), Tr M = 0, is one with μ = 2E Tr(PMQM)/Var Tr(PM) = d; the part of second degree in P − α is
one with 2μ, to leading order. With a₀ = const − Tr(PA) − Tr(PD₀PD₀) + 2α Tr(PD₀²), D₀ = Δ − τ, A = 2τ(1−2α)Δ + 2αΔ²,
and G = −2(ΔPΔ³ + Δ³PΔ) + 4ΔPΔPΔPΔ that of a₁,

    Cov(a₀, a₁) = −(2/μ)[2τ(1−2α)g₁ + 2αg₂] − (2/2μ)[2(h − τg₁) − 2α(g₂ − 2τg₁)],
    g_j = E Tr(PGQΔ^j),    h = E Tr(PGQΔPΔ),

in words that free probability gives to leading order.
"""

from functools import cache
from math import factorial, prod

import numpy as np

from lazy_assay.theory.ghorbani2019._free_moments import word
from lazy_assay.theory.ghorbani2019._quadratic_target import Array

# Power sums of degree four, by the lengths of their cycles, and the zonal polynomials in them (James 1964, table).
CYCLES = ((1, 1, 1, 1), (2, 1, 1), (2, 2), (3, 1), (4,))
ZONAL = np.array(
    [
        [1, 12, 12, 32, 48],
        [1, 5, -2, 4, -8],
        [1, 2, 7, -8, -2],
        [1, -1, -2, -2, 4],
        [1, -6, 3, 8, -6],
    ],
    dtype=float,
)
SQUARE = CYCLES.index((2, 2))


@cache
def _weights() -> Array:
    """Coefficients of p₂² in the zonal polynomials."""
    orders = [prod(n ** it.count(n) * factorial(it.count(n)) for n in set(it)) * 2 ** len(it) for it in CYCLES]
    sizes = np.array(orders, dtype=float)
    return np.asarray(ZONAL[:, SQUARE] * sizes[SQUARE] / (ZONAL**2 @ sizes))


def _zonal(power_sums: Array) -> Array:
    """The five at p₁ … p₄."""
    return np.asarray(ZONAL @ [np.prod([power_sums[n - 1] for n in cycles]) for cycles in CYCLES])


def variance(d: int, k: int, delta: Array) -> float:
    """Var Tr(PΔPΔ), Δ of eigenvalues delta (d,), d ≥ 4."""
    unit = np.ones(4)
    means = _zonal(k * unit) * _zonal(np.array([(delta**n).sum() for n in range(1, 5)])) / _zonal(d * unit)
    y = k * (d - k) / (d * (d + 2) * (d - 1))
    mean = (k / d - y * d) * (delta @ delta) + y * delta.sum() ** 2
    return float(_weights() @ means - mean**2)


def elasticity(d: int, k: int, delta: Array, a0: float, variance_of_a0: float) -> float:
    """d log X/d log a₀ to first order in 1/d, 0 < k < d."""
    alpha, tau = k / d, float(delta.mean())

    def w(*powers: int) -> float:
        return word(alpha, delta, powers)

    def g(j: int) -> float:
        inside = -2 * (w(1, 3 + j) + w(3, 1 + j)) + 4 * w(1, 1, 1, 1 + j)
        return inside + 2 * (w(1, 3, j) + w(3, 1, j)) - 4 * w(1, 1, 1, 1, j)

    h = -2 * (w(1, 4, 1) + w(3, 2, 1)) + 4 * w(1, 1, 1, 2, 1) + 2 * (w(1, 3, 1, 1) + w(3, 1, 1, 1)) - 4 * w(*[1] * 6)
    first = 2 * (2 * tau * (1 - 2 * alpha) * g(1) + 2 * alpha * g(2)) / d
    second = (2 * (h - tau * g(1)) - 2 * alpha * (g(2) - 2 * tau * g(1))) / d
    a1 = float((delta**4).sum()) - 2 * w(1, 3) + w(1, 1, 1, 1)
    return 2 - (1 - (first + second) / variance_of_a0) / (1 + a1 / a0)
