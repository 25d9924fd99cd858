"""What Theorems 2 and 3 share: the model's letters, its constants, the fixed point, and the two risks made of it.

Model. Inputs x and weights θ uniform on the sphere of radius √d in R^d; N features σ(⟨θ_i, x⟩/√d), n samples
y = ⟨β, x⟩ + f_NL(x) + ε, ‖β‖ = F₁, f_NL a centred isotropic process without linear part of variance F⋆², Var ε = τ²;
ψ₁ = N/d, ψ₂ = n/d. The second layer minimises (1/n) Σ_j (y_j − f(x_j))² + (Nλ/d)‖a‖².

Activations. σ(t) = max(t, 0) + ℓ min(t, 0), a leaky ReLU: (1+ℓ)/2·t + (1−ℓ)/2·|t|, so that μ₁ = E[Gσ(G)] = (1+ℓ)/2 and
μ⋆² = E[σ²] − μ₀² − μ₁² = ((1−ℓ)/2)²(1 − 2/π). ζ = μ₁/μ⋆ runs through [0, ∞) as ℓ runs through [−1, 1).

Fixed point. Theorem 2 asks for ν₁, ν₂ at ξ = iu, u² = ψ₁ψ₂λ/μ⋆². There ν_j = i m_j with m_j > 0, and the two equations
read m_j u + z(t) = ψ_j for t = m₁m₂ = −χ, z(t) = t + ζ²t/(1 + ζ²t). Their product is one equation for t,

    (ψ₁ − z)(ψ₂ − z) = u² t,

whose left side falls and right side rises while z < min(ψ₁, ψ₂): one root. It is the equation of a deterministic
equivalent: with κ = μ⋆²/(dt) each of the d linear directions, of variance μ₁²/d, takes up
μ₁²/(μ₁² + dκ) = ζ²t/(1 + ζ²t) degrees of freedom, all others together μ⋆²/κ = dt, zd in all, and
(n − zd)(N − zd)κ = N·(nλ/d) says that neither neurons nor samples are used twice.

Risks. Put a = ζ²t/(1 + ζ²t), c = z − a², u_j = ψ_j − z (what is left free of neurons and of samples). Then

    V = (zc + a²u₁)/D,   B = ψ₂(1−a)((1−a)u₁ + c)/D,   D = c(u₁ + u₂) + u₁u₂,

the paper's E₂/E₀ and E₁/E₀ identically in t, ψ₁, ψ₂, ζ (`tests` of this collection: sympy), but sums of positive terms:
nothing cancels, however small λ is. u₁ and u₂ come from their difference and their product, not by subtraction.
"""

import math
from typing import NamedTuple

import sympy as sp
from scipy.optimize import brentq

from lazy_assay.theory import Integer, Parameter, Quantity, Real

psi1, psi2, chi = sp.symbols("psi1 psi2 chi", real=True)
F1, Fstar, tau, slope = sp.symbols("F1 F_star tau ell", real=True)
zeta = sp.Symbol("zeta", nonnegative=True)
R, d = sp.Symbol("R", nonnegative=True), sp.Symbol("d", positive=True, integer=True)

RISK = Quantity(symbol=R, meaning="E_x (f(x) − f̂(x))², noise of the test label left out", units="units of y²", low=0)
NEURONS = Parameter("psi1", psi1, "neurons per dimension, N/d", Real(0))
SAMPLES = Parameter("psi2", psi2, "samples per dimension, n/d", Real(0))
SLOPE = Parameter("slope", slope, "slope ℓ of the leaky ReLU below zero", Real(-1, 1, closed_low=True))
LINEAR = Parameter("F1", F1, "norm of the target's linear part", Real(0, closed_low=True), "units of y")
NONLINEAR = Parameter("Fstar", Fstar, "size of the target's nonlinear part", Real(0, closed_low=True), "units of y")
NOISE = Parameter("tau", tau, "standard deviation of the labels' noise", Real(0, closed_low=True), "units of y")
DIMENSION = Parameter("d", d, "smallest input dimension of a path", Integer(2))


def mu1(slope: float) -> float:
    """E[Gσ(G)]."""
    return (1 + slope) / 2


def mu_star(slope: float) -> float:
    """The size of σ without its constant and linear parts."""
    return (1 - slope) / 2 * math.sqrt(1 - 2 / math.pi)


def signal_to_rest(slope: float) -> float:
    """ζ = μ₁/μ⋆."""
    return mu1(slope) / mu_star(slope)


class FixedPoint(NamedTuple):
    """t = −χ and what it leaves free of neurons and of samples, per dimension: (ψ_j − z(t))."""

    t: float
    free_neurons: float
    free_samples: float


def used(t: float, zeta: float) -> float:
    """z(t): degrees of freedom in use, per dimension."""
    return t + zeta**2 * t / (1 + zeta**2 * t)


def solved(psi1: float, psi2: float, zeta: float, ridge: float) -> FixedPoint:
    """The fixed point at a ridge λ/μ⋆² > 0."""
    u2 = psi1 * psi2 * ridge
    # t ≤ z(t) ≤ (1 + ζ²)t: quadratics bracket the root within a factor 1 + ζ².
    low, high = (_quadratic(psi1, psi2, u2, steepest) for steepest in (1 + zeta**2, 1.0))
    high = min(high, everything_used(min(psi1, psi2), zeta))

    def excess(t: float) -> float:
        z = used(t, zeta)
        return (psi1 - z) * (psi2 - z) - u2 * t

    # At an end where rounding has the sign wrong, that end is the root: the upper one as λ goes to zero.
    if excess(high) >= 0:
        t = high
    elif excess(low) <= 0:
        t = low
    else:
        t = float(brentq(excess, low, high, xtol=low * 1e-15, rtol=1e-15, maxiter=500))
    return FixedPoint(t, *_free(psi1 - psi2, u2 * t))


def _quadratic(psi1: float, psi2: float, u2: float, k: float) -> float:
    """The root of (ψ₁ − kt)(ψ₂ − kt) = u²t below min(ψ₁, ψ₂)/k."""
    half = k * (psi1 + psi2) + u2
    return 2 * psi1 * psi2 / (half + math.sqrt((k * (psi1 - psi2)) ** 2 + u2**2 + 2 * u2 * k * (psi1 + psi2)))


def _free(gap: float, product: float) -> tuple[float, float]:
    """Two positive numbers of this difference and product."""
    larger = (abs(gap) + math.sqrt(gap**2 + 4 * product)) / 2
    smaller = product / larger if larger > 0 else 0.0
    return (larger, smaller) if gap >= 0 else (smaller, larger)


def everything_used(psi: float, zeta: float) -> float:
    """The t at which z(t) = ψ: of neurons or samples nothing is left free."""
    b = 1 + zeta**2 - psi * zeta**2
    root = math.sqrt(b**2 + 4 * zeta**2 * psi)
    return 2 * psi / (b + root) if b >= 0 else (root - b) / (2 * zeta**2)


class Risks(NamedTuple):
    """What multiplies F₁² and what multiplies τ² + F⋆²."""

    bias: float
    variance: float


def risks(psi2: float, zeta: float, at: FixedPoint) -> Risks:
    """B and V at a fixed point; ZeroDivisionError where nothing is left free."""
    t, u1, u2 = at
    a = zeta**2 * t / (1 + zeta**2 * t)
    rest = 1 / (1 + zeta**2 * t)
    z = t + a
    c = t + a * rest
    D = c * (u1 + u2) + u1 * u2
    return Risks(psi2 * rest * (rest * u1 + c) / D, (z * c + a**2 * u1) / D)


def risk(parts: Risks, F1: float, Fstar: float, tau: float) -> float:
    """F₁²B + (τ² + F⋆²)V + F⋆²."""
    return F1**2 * parts.bias + (tau**2 + Fstar**2) * parts.variance + Fstar**2


def polynomials(chi: sp.Expr, squared: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """E₀, E₁, E₂ of Theorem 2 in χ and ζ², as the paper prints them."""
    s, one = squared, sp.Integer(1)
    E0 = (
        -(chi**5) * s**3
        + 3 * chi**4 * s**2
        + (psi1 * psi2 - psi2 - psi1 + one) * chi**3 * s**3
        - 2 * chi**3 * s**2
        - 3 * chi**3 * s
        + (psi1 + psi2 - 3 * psi1 * psi2 + one) * chi**2 * s**2
        + 2 * chi**2 * s
        + chi**2
        + 3 * psi1 * psi2 * chi * s
        - psi1 * psi2
    )
    E1 = psi2 * chi**3 * s**2 - psi2 * chi**2 * s + psi1 * psi2 * chi * s - psi1 * psi2
    E2 = (
        chi**5 * s**3
        - 3 * chi**4 * s**2
        + (psi1 - one) * chi**3 * s**3
        + 2 * chi**3 * s**2
        + 3 * chi**3 * s
        + (-psi1 - one) * chi**2 * s**2
        - 2 * chi**2 * s
        - chi**2
    )
    return E0, E1, E2


def stated(chi: sp.Expr, zeta: sp.Expr) -> sp.Expr:
    """F₁²E₁/E₀ + (τ² + F⋆²)E₂/E₀ + F⋆²."""
    E0, E1, E2 = polynomials(chi, zeta**2)
    return F1**2 * E1 / E0 + (tau**2 + Fstar**2) * E2 / E0 + Fstar**2
