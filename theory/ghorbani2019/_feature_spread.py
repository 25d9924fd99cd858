"""How far the risk of random features spreads over draws of their weights: what o_{d,P}(1) is, to leading order.

The features enter the risk by Y = aᵀK⁻¹a alone, a_i = <w_i, Bw_i>, K their Gram matrix, rows divided by the neurons'
own second Hermite coefficient (which changes no span): R = 1 − λ₂²Y/(2‖B‖²) on the quadratic target, R = 1/(1 + λ₂²Y/4)
with B = Δ on the mixture. Write p_k = Tr Γ^k, s_i = |w_i|² = 1 + δ_i, and by Hoeffding <w_i,w_j>² = p₂ + κ_i + κ_j +
f_ij with κ_i = w_iᵀΓw_i − p₂ and f degenerate, Var f = 2p₂². Then

    K = K₀ + D₀η diag(δ) + (λ₂²/2)[p₂11ᵀ + κ1ᵀ + 1κᵀ + F] + (λ₂²/4)δδᵀ + smaller,    a = α1 + β,  α = <Γ,B>,

K₀ = λ̃I + λ₁²WWᵀ. σ's λ₃, λ₄ and E σ²He₂ make η: how a neuron's own ridge moves with its norm.

λ₁ ≠ 0: order 1/√d. W has i.i.d. rows, so WWᵀ is invariant under rotations of the N neurons and 1/√N is to it a
uniformly random direction: ψ̂ = 1ᵀK₀⁻¹1/d has Var ψ̂ = (2N/d²)(⟨f²⟩ − ⟨f⟩²), f = 1/(λ̃ + λ₁²x) averaged over WWᵀ's
spectrum. As ψ = ρ⟨f⟩ and −∂ψ/∂λ̃ = ρ⟨f²⟩, Eq. (9) gives

    d Var ψ̂ → 2ψ²J/(ρ(ρ − J)),    J = ∫ (λ₁²tψ/(1 + λ₁²tψ))² D(dt),

and Y = α²dψ̂/(1 + λ₂²dp₂ψ̂/2) passes it on (Sherman–Morrison). Every other fluctuation is O(1/d).

λ₁ = 0: order 1/d. K₀ = λ̃I. Sherman–Morrison for 1, κ and then δ leaves, with θ = λ₂²/(2λ̃), h = θNp₂,
S_δ = Σδ_i, S_β = Σβ_i, S_κ = Σκ_i, Φ = Σ_{i≠j} f_ij, and up to constants and o(1),

    λ̃Y = α²[(−ηS_δ − θΦ − 2θN S_κ)/(1+h)² + θ(2cS_δ − S_δ²)/(2(1+h)³)] + 2α[S_β/(1+h) − θN Tr(BΓ²)S_δ/(1+h)²],
    c = 2ηNp₂ + 2θN²p₃.

(S_δ, NS_κ, S_β) is jointly Gaussian in the limit, 2N[(p₂, Np₃, Tr BΓ²), (·, N²p₄, N Tr BΓ³), (·, ·, Tr BΓBΓ)]; Φ is
independent of it, of variance 4(Np₂)²; S_δ² adds a χ². For Γ = I/d, σ = x² − 1 and t = Tr(B)²/(d‖B‖²) the variance is
d²Var R → 8ρt(1−t)/(1+ρ)² + t²ρ²[4 + (2+8ρ)/(1+ρ)²]/(1+ρ)⁴.

A third Hermite coefficient leaves −(λ₃²/6λ̃)α²Σ_{i≠j}<w_i,w_j>³/(1+h)² beside them, of variance 30N²p₂³ before its
factor: of the next order, and for He₂ + He₃ larger than all the rest at d = 25.

Where λ₁ ≠ 0 the second formula is kept as a next order (heuristic: K₀ replaced by its mean ρ/ψ, sums over neurons
widened by ⟨f²⟩/⟨f⟩² = ρ/(ρ − J)); it takes the prediction at d = 25 from a factor 2 to a tenth.
Accuracy: benchmarks/calibrate_spread.py. Where α is near 0 the leading order vanishes and this is no prediction.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lazy_assay.theory.ghorbani2019._activations import ACTIVATIONS
from lazy_assay.theory.ghorbani2019._quadratic_target import Array, spectrum
from lazy_assay.theory.ghorbani2019._random_features import in_the_eigenbasis, psi


@dataclass(frozen=True)
class Ridge:
    """ψ of Eq. (9) and what its fluctuation needs: J, the ridge D₀ = ρ/ψ, and η."""

    psi: float
    J: float
    level: float
    eta: float


def share(rho: float, Gamma: Array, activation: str) -> float:
    """J = ∫ (λ₁²tψ/(1 + λ₁²tψ))² D(dt), in [0, ρ)."""
    return ridge(rho, Gamma, activation).J


def ridge(rho: float, Gamma: Array, activation: str) -> Ridge:
    """Eq. (9) solved for weights of covariance Γ; σ by name."""
    first, _, third, fourth, tilde, moved = _constants(activation)
    t = len(Gamma) * spectrum(Gamma)
    root = psi(rho, t, first**2, tilde)
    seen = first**2 * t * root
    # Of a neuron's linear energy λ₁(s)², the others leave it ∫t/(1 + λ₁²tψ).
    kept = float((t / (1 + seen)).mean())
    slope = first * (first + third)
    second = ACTIVATIONS[activation].coefficient(2)
    bend = fourth / second if second else 0.0
    level = rho / root
    return Ridge(root, float(((seen / (1 + seen)) ** 2).mean()), level, (moved - slope + slope * kept) / level - bend)


def learned_variance(d: int, N: float, B: Array, Gamma: Array, activation: str) -> tuple[float, float]:
    """(first, second) with Var(λ₂²Y) = first/d + second/d²; first is 0 where λ₁ is, second exact to leading order
    there."""
    second = ACTIVATIONS[activation].coefficient(2)
    gamma, target = in_the_eigenbasis(B, Gamma)
    rho, alpha = N / d, float(gamma @ np.diagonal(target))
    at = ridge(rho, gamma, activation)
    theta = second**2 / (2 * at.level)
    h = theta * N * float(gamma @ gamma)
    passed = second**2 * alpha**2 * d / (1 + h) ** 2
    first = passed**2 * 2 * at.psi**2 * at.J / (rho * (rho - at.J))
    wider, p2 = rho / (rho - at.J), float(gamma @ gamma)
    cubes = _constants(activation)[2] ** 2 / (6 * at.level) * alpha**2 * wider / (1 + h) ** 2
    sums = _sums(N, gamma, target, theta, at.eta, wider) + cubes**2 * 30 * N**2 * p2**3
    return first, (2 * theta * d) ** 2 * sums


def _sums(N: float, gamma: Array, target: Array, theta: float, eta: float, wider: float) -> float:
    """Var(λ̃Y) of the second formula in the module docstring."""
    diagonal = np.diagonal(target)
    p2, p3, p4 = (float((gamma**k).sum()) for k in (2, 3, 4))
    b1, b2, b3 = (float((diagonal * gamma**k).sum()) for k in (1, 2, 3))
    h, both = theta * N * p2, float(gamma @ target**2 @ gamma)
    c = 2 * eta * N * p2 + 2 * theta * N**2 * p3
    of_delta = b1**2 * (theta * c / (1 + h) ** 3 - eta * wider / (1 + h) ** 2) - 2 * b1 * theta * N * b2 / (1 + h) ** 2
    linear = np.array([of_delta, -2 * theta * b1**2 / (1 + h) ** 2, 2 * b1 / (1 + h)])
    covariance = 2 * N * np.array([[p2, N * p3, b2], [N * p3, N**2 * p4, N * b3], [b2, N * b3, both]])
    pairs = (theta * b1**2 * wider / (1 + h) ** 2) ** 2 * 4 * (N * p2) ** 2
    square = (theta * b1**2 / (2 * (1 + h) ** 3)) ** 2 * 2 * (2 * N * p2) ** 2
    return float(wider * linear @ covariance @ linear) + pairs + square


@lru_cache(maxsize=64)
def _constants(activation: str) -> tuple[float, float, float, float, float, float]:
    """λ₁, λ₂, λ₃, λ₄, λ̃ and d E σ(√s G)²/ds at s = 1, which is E[σ²He₂]/2."""
    sigma = ACTIVATIONS[activation]
    first, second, third, fourth = (sigma.coefficient(k) for k in (1, 2, 3, 4))
    x = np.linspace(-12, 12, 24001)
    weights = np.exp(-(x**2) / 2) * (x[1] - x[0]) / (2 * np.pi) ** 0.5
    centred = sigma(x) - sigma.coefficient(0)
    # The trapezoid rule: spectral accuracy for smooth σ, step² ~ 1e-6 at the kink of |x| and ReLU.
    moved = float(weights @ (centred**2 * (x**2 - 1))) / 2
    return first, second, third, fourth, sigma.variance - first**2, moved
