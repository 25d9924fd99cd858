"""How far the risk spreads over draws of W to O(1/d²) of it, where B ∝ I (Δ ∝ I), Γ = I/d and σ = x² − 1.

Neurons w_i = √s_i u_i, directions independent of lengths. Up to a factor ⟨w_i, x⟩² − 1 divided by s_i has the Gram
matrix A + θηηᵀ, A_ij = ⟨u_i, u_j⟩², η_i = 1 − 1/s_i, and learns the target 1: with θ = ½ on B = I, and with
θ = ½/(1 + δ²) on the mixture Σ = I, Δ = δI,

    R_RF = ρ_θ,    R_mix = 1/(1 + δ²d(1 − ρ_θ)/(2(1 + δ²))),    ρ_θ = 1 − 1ᵀ(A + θηηᵀ)⁻¹1/d.

A = 11ᵀ/d + cG, c = 1 − 1/d, G = 1 + E the Gram matrix of unit vectors among the traceless forms, of dimension
D = (d−1)(d+2)/2. With α = 1ᵀG⁻¹1, p = 1ᵀG⁻¹η, r = ηᵀG⁻¹η and e = cd + α, Sherman–Morrison twice gives, exactly,

    ρ_θ = cd/e + θd(p/e)²/(1 + (θ/c)(r − p²/e)).

The entries of E are independent pair by pair, E_ij of E_ik too, and E[E_ij E_jk | i, k] = E_ik/D. Sums over pairs are
kept whole, with q = 1/(1 + E_12) − 1: α's mean N + N(N−1)E q and variance 2N(N−1)Var q, and given η

    E p = wΣη_i, w = 1 + (N−1)E q,    Var p = Var q·((N−2)Ση_i² + (Ση_i)²),    Cov(α, p) = 2(N−1)Var q·Ση_i;

triples add 6N(N−1)(N−2)/D² to α's variance (paths and triangles, −4 + 2 + 8), and O(1/d²) to the rest. What r adds
beyond w·Ση_i² is of that order too. η's part is exact: E (Ση)^k/(1 + b·Ση²)^n, whole powers of an integral over |w|,
by 1/Q^n = ∫x^{n−1}e^{−xQ}dx/(n−1)!. (Series in r would not do: η has no moments from d/2 on.)

Var ρ_θ then follows to first order in α and p given η, the mixture's with the third cumulant of p² beside. Accuracy:
benchmarks/calibrate_spread.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import factorial

import numpy as np

from lazy_assay.theory.ghorbani2019._gaussian_ratio_moments import isotropic_radius
from lazy_assay.theory.ghorbani2019._quadratic_target import Array, spectrum

ROUNDING = 1e-9
HIGHEST = 6
NODES, WEIGHTS = np.polynomial.laguerre.laggauss(32)


@dataclass(frozen=True)
class Cumulants:
    """Of ρ_θ: mean, variance, and the third to leading order."""

    mean: float
    variance: float
    third: float


def scale(matrix: Array) -> float | None:
    """The number that this multiple of the identity is, (d,) or (d, d); None for any other matrix."""
    values = spectrum(matrix)
    middle = float(values.mean())
    return middle if np.abs(values - middle).max() <= ROUNDING * abs(middle) else None


def known(activation: str, target: Array, Gamma: Array) -> bool:
    """Whether this is the case that the module is about; target: B, or Δ whitened."""
    return activation == "quadratic" and scale(target) is not None and scale(Gamma) is not None


def on_target(d: int, N: int) -> float:
    """d² Var R_RF on f* = |x|² − d."""
    return d**2 * cumulants(d, N, 0.5).variance


def on_mixture(d: int, N: int, delta: float) -> float:
    """d² Var R_RF on the mixture Σ = I, Δ = δI."""
    gain = d * delta**2 / (2 * (1 + delta**2))
    of = cumulants(d, N, 0.5 / (1 + delta**2))
    risk = 1 / (1 + gain * (1 - of.mean))
    return d**2 * (risk**4 * gain**2 * of.variance + 2 * risk**5 * gain**3 * of.third)


def share(d: int, N: int) -> float:
    """What either may be off by, as a share of it: measured at d = 25, (3, 12, 24, 37)/d² at N/d = (¼, ½, 1, 2)."""
    return (5 + 35 * N / d) / d**2


@lru_cache(maxsize=64)
def cumulants(d: int, N: int, theta: float) -> Cumulants:
    """Of ρ_θ, to a relative O(1/d²)."""
    c, dimension = 1 - 1 / d, (d - 1) * (d + 2) / 2
    mean_of_pair, of_pair = _pair(d)
    wider = 1 + (N - 1) * mean_of_pair
    e = c * d + N * wider
    of_alpha = 2 * N * (N - 1) * of_pair + 6 * N * (N - 1) * (N - 2) / dimension**2
    a, b, slope = theta * d / e**2, theta / c, -c * d / e**2
    ratio = _ratios(d, N, b * wider, wider)
    p2, p4, p6 = ratio(2, 1), ratio(4, 2), ratio(6, 3)
    mean = a * p2 + a * b / e * p4
    of_lengths = a**2 * (p4 + 2 * b / e * p6) - mean**2
    # E r p²/(1 + br)², as br = (1 + br) − 1.
    of_directions = 4 * a**2 * of_pair * ((N - 2) * (p2 - ratio(2, 2)) / b + p4)
    together = slope * p2 * (4 * a * (N - 1) * of_pair - 2 * a / e * of_alpha)
    third = a**3 * (p6 - 3 * p4 * p2 + 2 * p2**3)
    variance = slope**2 * of_alpha + 2 * together + of_directions + of_lengths
    return Cumulants(c * d / e + c * d / e**3 * of_alpha + mean, variance, third)


def _pair(d: int) -> tuple[float, float]:
    """Mean and variance of q, by the trapezoid rule in the angle that u₂ makes with u₁'s equator."""
    edge = min(np.pi / 2, 12 / np.sqrt(d))
    angle = np.linspace(-edge, edge, 1201)[1:-1]
    weights = np.exp((d - 2) * np.log(np.cos(angle)))
    weights /= weights.sum()
    q = 1 / (1 + (np.sin(angle) ** 2 - 1 / d) / (1 - 1 / d)) - 1
    mean = float(weights @ q)
    return mean, float(weights @ (q - mean) ** 2)


def _ratios(d: int, N: int, b: float, wider: float) -> Callable[[int, int], float]:
    """E (wider·Ση)^k/(1 + b·Ση²)^n as a function of k ≤ 6 and n."""
    s, mass = isotropic_radius(d)
    eta = 1 - 1 / s
    powers = np.stack([eta**k / factorial(k) for k in range(HIGHEST + 1)])
    one = (mass * np.exp(-b * np.outer(NODES, eta**2))) @ powers.T
    series = _power(one, N)

    def ratio(k: int, n: int) -> float:
        return float(wider**k * factorial(k) * (WEIGHTS * NODES ** (n - 1)) @ series[:, k] / factorial(n - 1))

    return ratio


def _power(series: Array, N: int) -> Array:
    """The N-th powers of power series, a row each, cut off where they are."""
    out = np.zeros_like(series)
    out[:, 0] = series[:, 0] ** N
    for k in range(1, series.shape[1]):
        terms = [(N * j - (k - j)) * series[:, j] * out[:, k - j] for j in range(1, k + 1)]
        out[:, k] = np.sum(terms, axis=0) / (k * series[:, 0])
    return out
