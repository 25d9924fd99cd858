"""Energies of a ReLU neuron by harmonic degree, and the most that a number of random features can explain of it.

f(x) = relu(x_1), x ~ N(0, I_d), x = r s with s on the sphere: f = r relu(s_1), E r² = d. Of harmonics of degree ℓ the
zonal function φ(s_1) has the energy N_ℓ a_ℓ², with N_ℓ = C(d+ℓ−1, ℓ) − C(d+ℓ−3, ℓ−2) their dimension, a_ℓ = E φ(s_1)
P_ℓ(s_1) and P_ℓ the Legendre polynomial of d dimensions, P_ℓ(1) = 1. By Rodrigues' formula, with ν = ℓ + (d−3)/2,

    a_ℓ = 2^(−ℓ) Γ((d−1)/2)/Γ(ν+1) · Γ(d/2)/(√π Γ((d−1)/2)) ∫ φ^(ℓ)(t) (1 − t²)^ν dt,

and relu'' = δ leaves (−1)^(j−1) C(ν, j−1) (2j−2)! of the integral at ℓ = 2j, nothing at odd ℓ ≥ 3; a_0 = E relu(s_1) =
Γ(d/2)/(2√π Γ((d+1)/2)), a_1 = E s_1²/2 = 1/2d. As d grows d N_ℓ a_ℓ² → 1/2π, 1/4, 1/4π: Hermite energies of relu(G).

Features of rotation-invariant weights: the mean Π̄ of the projection on F of them commutes with rotations, so on the
functions (harmonic of degree ℓ) × (radial) it is 1 ⊗ A_ℓ (Schur), 0 ≤ A_ℓ ≤ 1, and Σ_ℓ N_ℓ tr A_ℓ ≤ F. f = Σ_ℓ √d a_ℓ
(zonal) ⊗ (r/√d), so that it is explained in the mean by Σ_ℓ d N_ℓ a_ℓ² <r, A_ℓ r>/d ≤ Σ_ℓ d a_ℓ² (N_ℓ t_ℓ) with t_ℓ ≤
1 and Σ_ℓ N_ℓ t_ℓ ≤ F: a knapsack, filled in the order of d a_ℓ².
"""

import math

# A knapsack that these do not empty is bounded by all that there is.
DEGREES = (0, 1, *range(2, 200, 2))


def dimension(degree: int, d: int) -> int:
    """N_ℓ, the dimension of harmonics of a degree in d dimensions."""
    return math.comb(d + degree - 1, degree) - (math.comb(d + degree - 3, degree - 2) if degree > 1 else 0)


def coefficient(degree: int, d: int) -> float:
    """√d a_ℓ of relu(x_1), from degree 0 on; 0 for odd degrees above one."""
    if degree == 0:
        return math.sqrt(d) * math.exp(math.lgamma(d / 2) - math.lgamma((d + 1) / 2)) / (2 * math.sqrt(math.pi))
    if degree == 1:
        return 1 / (2 * math.sqrt(d))
    if degree % 2:
        return 0.0
    j, nu = degree // 2, degree + (d - 3) / 2
    # C(ν, j−1)(2j−2)!/(2^ℓ Γ(ν+1)) = (2j−2)!/((j−1)! Γ(ν−j+2) 2^ℓ)
    logarithm = math.lgamma(2 * j - 1) - math.lgamma(j) - math.lgamma(nu - j + 2) - degree * math.log(2)
    size = math.exp(logarithm + math.lgamma(d / 2)) / math.sqrt(math.pi)
    return (1.0 if j % 2 else -1.0) * math.sqrt(d) * size


def energy(degree: int, d: int) -> float:
    """d N_ℓ a_ℓ², of E relu(x_1)² = 1/2."""
    return dimension(degree, d) * coefficient(degree, d) ** 2


def explained(features: int, d: int) -> float:
    """The most of 1/2 that so many features of rotation-invariant weights explain, in the mean over weights."""
    left, total = float(features), 0.0
    for degree in DEGREES:
        share = min(1.0, left / dimension(degree, d))
        total += share * energy(degree, d)
        left -= share * dimension(degree, d)
        if left <= 0:
            return min(total, 0.5)
    return 0.5
