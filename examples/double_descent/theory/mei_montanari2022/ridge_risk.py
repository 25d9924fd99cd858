"""Theorem 2: the risk of random features ridge regression as N, n, d grow in proportion.

    R → F₁² B(ζ, ψ₁, ψ₂, λ/μ⋆²) + (τ² + F⋆²) V(ζ, ψ₁, ψ₂, λ/μ⋆²) + F⋆²,    B = E₁/E₀, V = E₂/E₀,

polynomials in χ = ν₁(iu)ν₂(iu), u² = ψ₁ψ₂λ/μ⋆², where ν₁, ν₂ solve

    ν₁ = ψ₁/(−ξ − ν₂ − ζ²ν₂/(1 − ζ²ν₁ν₂)),    ν₂ = ψ₂/(−ξ − ν₁ − ζ²ν₁/(1 − ζ²ν₁ν₂)).

The statement is the paper's own, with ν_j = i m_j from iterating its two equations; what is predicted is a
deterministic equivalent in one unknown (`_random_features`, where both are derived from one another). The chain
compares the two.

Finite size: what is left falls like 1/d along N = ψ₁d, n = ψ₂d. Its coefficient is not derived; the check extrapolates.

Source: Mei and Montanari 2022 (arXiv 1908.05355), Definition 1, Theorem 2.
"""

import math

import sympy as sp

from lazy_assay.theory import Auxiliary, Claim, Decoy, Eq, Limit, Parameter, Real, Source

from . import PAPER
from ._random_features import (
    DIMENSION,
    LINEAR,
    NEURONS,
    NOISE,
    NONLINEAR,
    RISK,
    SAMPLES,
    SLOPE,
    Risks,
    d,
    mu1,
    mu_star,
    psi1,
    psi2,
    risk,
    risks,
    signal_to_rest,
    solved,
    stated,
    zeta,
)

RIDGE = Parameter("ridge", sp.Symbol("lambda", positive=True), "penalty λ in (Nλ/d)‖a‖²", Real(0))
m1, m2, u = sp.symbols("m1 m2 u", positive=True)
MOST_ITERATIONS = 200_000


def limit(psi1: float, psi2: float, ridge: float, slope: float, F1: float, Fstar: float, tau: float) -> float:
    """The limit of the risk."""
    at = _parts(psi1, psi2, signal_to_rest(slope), ridge / mu_star(slope) ** 2)
    return risk(at, F1, Fstar, tau)


def _parts(psi1: float, psi2: float, zeta: float, ridge: float) -> Risks:
    return risks(psi2, zeta, solved(psi1, psi2, zeta, ridge))


def fixed_point(psi1: float, psi2: float, ridge: float, slope: float) -> tuple[float, float]:
    """m₁, m₂ by iterating the paper's two equations. Raises RuntimeError where they have not settled."""
    s, shift = signal_to_rest(slope) ** 2, math.sqrt(psi1 * psi2 * ridge) / mu_star(slope)
    first, second = psi1 / shift, psi2 / shift
    for _ in range(MOST_ITERATIONS):
        last = first
        first = psi1 / (shift + second + s * second / (1 + s * first * second))
        second = psi2 / (shift + first + s * first / (1 + s * first * second))
        if abs(first - last) <= 1e-16 * first:
            return first, second
    raise RuntimeError(f"the two equations have not settled after {MOST_ITERATIONS} iterations; use a larger ridge")


def _swapped(psi1: float, psi2: float, ridge: float, slope: float, F1: float, Fstar: float, tau: float) -> float:
    return limit(psi2, psi1, ridge, slope, F1, Fstar, tau)


def _unscaled_ridge(psi1: float, psi2: float, ridge: float, slope: float, F1: float, Fstar: float, tau: float) -> float:
    return risk(_parts(psi1, psi2, signal_to_rest(slope), ridge), F1, Fstar, tau)


def _linear_part_kept(
    psi1: float, psi2: float, ridge: float, slope: float, F1: float, Fstar: float, tau: float
) -> float:
    variance = mu_star(slope) ** 2 + mu1(slope) ** 2
    return risk(_parts(psi1, psi2, mu1(slope) / math.sqrt(variance), ridge / variance), F1, Fstar, tau)


def _noise_alone(psi1: float, psi2: float, ridge: float, slope: float, F1: float, Fstar: float, tau: float) -> float:
    at = _parts(psi1, psi2, signal_to_rest(slope), ridge / mu_star(slope) ** 2)
    return risk(at, F1, 0.0, tau) + Fstar**2


def _test_error(psi1: float, psi2: float, ridge: float, slope: float, F1: float, Fstar: float, tau: float) -> float:
    return limit(psi1, psi2, ridge, slope, F1, Fstar, tau) + tau**2


def _nu(symbol: sp.Symbol, index: int) -> Auxiliary:
    own, other, psi = ((m1, m2, psi1), (m2, m1, psi2))[index]
    return Auxiliary(
        symbol=symbol,
        meaning=f"ν{'₁₂'[index]}(iu)/i, u² = ψ₁ψ₂λ/μ⋆²",
        definition=Eq(own, psi / (u + other + zeta**2 * other / (1 + zeta**2 * m1 * m2))),
        value=lambda psi1, psi2, ridge, slope: fixed_point(psi1, psi2, ridge, slope)[index],
    )


ZETA = Auxiliary(symbol=zeta, meaning="μ₁/μ⋆ of the activation", value=signal_to_rest)
CLAIM = Claim(
    module=__name__,
    title="Risk of random features ridge regression",
    source=Source(paper=PAPER, locator="Definition 1, Theorem 2"),
    convention="Inputs and weights on the sphere of radius √d; the risk leaves the noise of the test label out.",
    parts=(
        Limit(
            sentence="As neurons, samples and dimension grow in proportion, the risk tends to F₁²B + (τ²+F⋆²)V + F⋆².",
            quantity=RISK,
            statement=Eq(RISK.symbol, stated(-m1 * m2, zeta)),
            rate=1 / d,
            parameters=(NEURONS, SAMPLES, RIDGE, SLOPE, LINEAR, NONLINEAR, NOISE, DIMENSION),
            auxiliary=(_nu(m1, 0), _nu(m2, 1), ZETA),
            published=limit,
            decoys=(
                Decoy(name="ψ₁ and ψ₂ swapped", sentence="neurons taken for samples", published=_swapped),
                Decoy(name="λ for λ/μ⋆²", sentence="the ridge not divided by μ⋆²", published=_unscaled_ridge),
                Decoy(
                    name="μ₁² kept in μ⋆²",
                    sentence="μ⋆² = Var σ(G): the linear part counted twice",
                    published=_linear_part_kept,
                ),
                Decoy(
                    name="F⋆² no noise",
                    sentence="V multiplies τ² alone, as if the nonlinear part did not disturb the fit",
                    published=_noise_alone,
                ),
                Decoy(name="test error", sentence="the noise of the test label counted in", published=_test_error),
            ),
        ),
    ),
)
