"""Norms in the space of the ReLU's hidden tangent kernel on the unit sphere, by power series and by harmonics.

tk^h(x, y) = c (π − arccos c)/(2π) with c = <x, y>. With arcsin c = Σ_j a_j c^(2j+1), a_j = (2j)!/(4^j (j!)² (2j+1)),

    tk^h = c/4 + Σ_j a_j/(2π) c^(2j+2) = Σ_n b_n c^n:    b_1 = 1/4, b_2 = 1/(2π), b_4 = 1/(12π), …, and b_0 = b_3 = 0.

c^n is the product of x^⊗n and y^⊗n, so f = <A, x^⊗n> has norm at most ‖A‖/√b_n, and a monomial x^α at most 1/√b_n.

Exactly: the kernel is diagonal in spherical harmonics. With t^n expanded in Legendre polynomials P_k of dimension d,
μ_{n,k} = ∫ t^n P_k dw (the uniform measure's marginal), λ_k = Σ_n b_n μ_{n,k} and N_k harmonics of degree k, a zonal
f(x) = p(x₁) has ‖f‖² = Σ_k N_k (∫ p P_k dw)²/λ_k. Müller 1966:

    μ_{n,k} = n!/(n−k)! · Γ(d/2) Γ((n−k+1)/2)/(2^k √π Γ((n+k+d)/2))    for n ≥ k of one parity, else 0.
"""

import math
from functools import cache

import numpy as np
import scipy

# Terms of the power series: b_n falls like n^(−3/2) and μ_{n,k} like n^(−(d−1)/2), so what is left at d = 3 is 1e-9,
# and for k = 16 1e-6; extrapolated (`eigenvalue`) a thousandth of that.
TERMS = 2**19


@cache
def coefficients(terms: int = TERMS) -> tuple[np.ndarray, np.ndarray]:
    """Degrees n of the non-zero b_n, and the b_n."""
    j = np.arange(terms, dtype=float)
    gammaln = scipy.special.gammaln
    logs = gammaln(2 * j + 1) - 2 * j * math.log(2) - 2 * gammaln(j + 1) - np.log(2 * j + 1)
    return np.append(1.0, 2 * j + 2), np.append(0.25, np.exp(logs) / (2 * math.pi))


def coefficient(n: int) -> float:
    """b_n."""
    if n == 1:
        return 0.25
    if n < 1 or n % 2:
        return 0.0
    return float(coefficients()[1][n // 2])


def _terms(k: int, d: int) -> int:
    """Terms that leave 10⁻¹⁵ of λ_k: what is left falls like (n/k²)^(−d/2). At most TERMS."""
    return min(TERMS, round(10 ** (30 / d) * (k * k + 64)))


def moment(n: np.ndarray | float, k: int, d: int) -> np.ndarray:
    """μ_{n,k} = ∫ t^n P_k dw for n ≥ k of one parity."""
    n = np.asarray(n, dtype=float)
    gammaln = scipy.special.gammaln
    logs = gammaln(n + 1) - gammaln(n - k + 1) + gammaln(d / 2) + gammaln((n - k + 1) / 2)
    return np.asarray(np.exp(logs - k * math.log(2) - math.log(math.pi) / 2 - gammaln((n + k + d) / 2)))


@cache
def eigenvalue(k: int, d: int) -> float:
    """λ_k of the kernel as an operator on L² of the uniform measure; 0 for odd k > 1."""
    n, b = coefficients(_terms(k, d))
    used = (n >= k) & (n % 2 == k % 2)
    sums = np.cumsum(b[used] * moment(n[used], k, d))
    # What is left falls like the number of terms to the power −d/2: a quarter of them tells how much that is.
    return float(sums[-1] + (sums[-1] - sums[len(sums) // 4]) / (2.0**d - 1))


def harmonics(k: int, d: int) -> float:
    """N_k, how many spherical harmonics of degree k there are in d dimensions."""
    return float(math.comb(d + k - 1, k) - (math.comb(d + k - 3, k - 2) if k >= 2 else 0))


def power_norm(n: int, d: int) -> float:
    """‖x₁^n‖_k, exactly; infinite for odd n > 1, where the kernel lacks harmonics."""
    degrees = range(n % 2, n + 1, 2)
    if n % 2 and n > 1:
        return math.inf
    return math.sqrt(sum(harmonics(k, d) * float(moment(n, k, d)) ** 2 / eigenvalue(k, d) for k in degrees))
