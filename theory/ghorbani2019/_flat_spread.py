"""How far the risk of random features spreads over W to O(1/n²) of it, for σ = x² − 1, flat weights and any target B.

Flat: Γ = Π/n, Π a projection of rank n (all of space: Γ = I/d). Of B the weights see ΠBΠ = b̄Π + B₀, Tr B₀ = 0. Neurons,
divided by s_i = |w_i|², are the points (u_iu_iᵀ, √θη_i) of the forms on Π's range beside a constant; P projects on
their span, and with y = 1 − ρ_θ of `_isotropic_spread` at n, θ = ½,

    R = 1 − Y/‖B‖²,   Y = ⟨ΠBΠ, P ΠBΠ⟩ = b̄²n·y + 2b̄Y₁ + Y₀,   Y₁ = ⟨Π, PB₀⟩,  Y₀ = ⟨B₀, PB₀⟩.

Rotations of the range leave P's law as it is, and y. Averaged over them, exactly, D = (n−1)(n+2)/2: E Y₁ = 0,
E Y₀ = ‖B₀‖²(N − y − share of the constant)/D, and E Y₁² = ‖B₀‖² E‖(PΠ)₀‖²/D. Of PΠ, ‖PΠ‖² = ⟨Π, PΠ⟩ = ny, the part
along Π is ny², the constant c = √θ 1ᵀA⁻¹η/(1 + θηᵀA⁻¹η), and what is left is traceless:

    E Y₁² = ‖B₀‖²(n E y(1−y) − E c²)/D,   E c² → h/(1+h)⁴,   h = N/n.

Beside these, of relative order 1/n, stand Var Y₀ → N Var β² and Cov(Y₁, Y₀) → N E β³/(1+h), β = ⟨u, B₀u⟩, of moments
2‖B₀‖², 8 Tr B₀³, 12‖B₀‖⁴ + 48 Tr B₀⁴ over n(n+2)⋯: neurons one by one, what pairs add being of the next order. So

    ‖B‖⁴ Var R = b̄⁴n² Var y + 4b̄² E Y₁² + N Var β² + 4b̄N E β³/(1+h).

As n → ∞ it is Corollary 1's 8ρt(1−t)/(1+ρ)² + t²ρ²[4 + (2+8ρ)/(1+ρ)²]/(1+ρ)⁴. Accuracy: benchmarks/calibrate_spread.py.
"""

import numpy as np

from lazy_assay.theory.ghorbani2019._isotropic_spread import ROUNDING, cumulants
from lazy_assay.theory.ghorbani2019._isotropic_spread import share as isotropic_share
from lazy_assay.theory.ghorbani2019._quadratic_target import Array, inner
from lazy_assay.theory.ghorbani2019._random_features import in_the_eigenbasis


def seen(B: Array, Gamma: Array) -> Array | None:
    """Eigenvalues of what flat weights see of B, shape (n,); None for weights that are not flat."""
    gamma, target = in_the_eigenbasis(B, Gamma)
    kept = gamma > gamma.max() / 2
    level = gamma[kept].mean()
    if np.abs(gamma - level * kept).max() > ROUNDING * level:
        return None
    return np.asarray(np.linalg.eigvalsh(target[np.ix_(kept, kept)]))


def variance(N: int, B: Array, values: Array) -> float:
    """Var R_RF; values as `seen`."""
    n, h = len(values), N / len(values)
    mean = float(values.mean())
    second, third, fourth = (float(((values - mean) ** k).sum()) for k in (2, 3, 4))
    y = cumulants(n, N, 0.5)
    traceless = n * (y.mean * (1 - y.mean) - y.variance) - h / (1 + h) ** 4
    of_square = (12 * second**2 + 48 * fourth) / _rising(n, 4) - (2 * second / _rising(n, 2)) ** 2
    learned = mean**4 * n**2 * y.variance + 4 * mean**2 * second * traceless / ((n - 1) * (n + 2) / 2)
    learned += N * of_square + 4 * mean * N * 8 * third / _rising(n, 3) / (1 + h)
    return learned / inner(B, B) ** 2


def _rising(n: int, factors: int) -> float:
    """n(n+2)(n+4)⋯."""
    return float(np.prod(n + 2.0 * np.arange(factors)))


def share(N: int, values: Array) -> float:
    """What `variance` may be off by, as a share: measured at n = 25, (10, 16, 17, 59)/n² at N/n = (¼, ½, 1, 2)."""
    n = len(values)
    flat = np.ptp(values) <= ROUNDING * np.abs(values).max()
    return isotropic_share(n, N) if flat else (10 + 45 * N / n) / n**2
