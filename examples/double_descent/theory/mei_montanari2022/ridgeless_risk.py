"""Theorem 3: the risk of the least-norm fit, λ → 0 after N, n, d → ∞ in proportion.

    R → F₁² B(ζ, ψ₁, ψ₂) + (τ² + F⋆²) V(ζ, ψ₁, ψ₂) + F⋆²,    B = E₁/E₀, V = E₂/E₀,

the polynomials of Theorem 2 at, with ψ = min(ψ₁, ψ₂),

    χ = −(√((ψζ² − ζ² − 1)² + 4ζ²ψ) + (ψζ² − ζ² − 1))/(2ζ²).

Derivation. As u² = ψ₁ψ₂λ/μ⋆² → 0 the equation (ψ₁ − z)(ψ₂ − z) = u²t of `_random_features` has its root where
z(t) = ψ: neurons or samples, whichever are fewer, are all in use. With t = −χ that is ζ²t² + (1 + ζ² − ψζ²)t − ψ = 0,
and the positive root is the χ above (for ζ → 0 it is −ψ). What the fewer leave free is 0, the others |ψ₁ − ψ₂|: there
D = c|ψ₁ − ψ₂|, and B and V have a pole at ψ₁ = ψ₂, the peak of the double descent, where the statement says nothing.

The paper takes λ → 0 last. The check fits with λ = 0 at finite d: away from the peak the smallest eigenvalue of the
features' Gram matrix stays off zero, and the two orders give the same.

Source: Mei and Montanari 2022 (arXiv 1908.05355), Definition 2, Theorem 3.
"""

import sympy as sp

from lazy_assay.theory import Auxiliary, Claim, Decoy, Eq, InvalidParameterError, Limit, Source

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
    FixedPoint,
    chi,
    d,
    everything_used,
    psi1,
    psi2,
    risk,
    risks,
    signal_to_rest,
    stated,
    zeta,
)

_LEAST = sp.Min(psi1, psi2)
_SHIFT = _LEAST * zeta**2 - zeta**2 - 1
_POLE = "psi1 = psi2: the ridgeless limit has its pole there; keep them apart, or ask ridge_risk with a ridge"


def limit(psi1: float, psi2: float, slope: float, F1: float, Fstar: float, tau: float) -> float:
    """The limit of the risk. Raises InvalidParameterError at the pole ψ₁ = ψ₂."""
    return _with(min(psi1, psi2), psi1, psi2, slope, F1, Fstar, tau)


def _with(psi: float, psi1: float, psi2: float, slope: float, F1: float, Fstar: float, tau: float) -> float:
    if psi1 == psi2:
        raise InvalidParameterError(_POLE)
    s = signal_to_rest(slope)
    at = FixedPoint(everything_used(psi, s), max(psi1 - psi2, 0.0), max(psi2 - psi1, 0.0))
    return risk(risks(psi2, s, at), F1, Fstar, tau)


def _chi(psi1: float, psi2: float, slope: float) -> float:
    return -everything_used(min(psi1, psi2), signal_to_rest(slope))


def _swapped(psi1: float, psi2: float, slope: float, F1: float, Fstar: float, tau: float) -> float:
    return limit(psi2, psi1, slope, F1, Fstar, tau)


def _largest(psi1: float, psi2: float, slope: float, F1: float, Fstar: float, tau: float) -> float:
    return _with(max(psi1, psi2), psi1, psi2, slope, F1, Fstar, tau)


def _linear_model(psi1: float, psi2: float, slope: float, F1: float, Fstar: float, tau: float) -> float:
    """ψ/(larger − ψ), what noise costs ordinary least squares, in place of V."""
    if psi1 == psi2:
        raise InvalidParameterError(_POLE)
    bias = limit(psi1, psi2, slope, 1.0, 0.0, 0.0)
    return F1**2 * bias + (tau**2 + Fstar**2) * min(psi1, psi2) / abs(psi1 - psi2) + Fstar**2


def _noise_alone(psi1: float, psi2: float, slope: float, F1: float, Fstar: float, tau: float) -> float:
    return limit(psi1, psi2, slope, F1, 0.0, tau) + Fstar**2


ZETA = Auxiliary(symbol=zeta, meaning="μ₁/μ⋆ of the activation", value=signal_to_rest)
CHI = Auxiliary(
    symbol=chi,
    meaning="χ at λ → 0: of neurons or samples, the fewer are all in use",
    definition=Eq(chi, -(sp.sqrt(_SHIFT**2 + 4 * zeta**2 * _LEAST) + _SHIFT) / (2 * zeta**2)),
    value=_chi,
)
CLAIM = Claim(
    module=__name__,
    title="Risk of the least-norm random features fit",
    source=Source(paper=PAPER, locator="Definition 2, Theorem 3"),
    convention="Inputs and weights on the sphere of radius √d; the risk leaves the noise of the test label out.",
    parts=(
        Limit(
            sentence="Without a ridge, away from ψ₁ = ψ₂, the risk tends to F₁²B + (τ²+F⋆²)V + F⋆² at χ(min(ψ₁, ψ₂)).",
            quantity=RISK,
            statement=Eq(RISK.symbol, stated(chi, zeta)),
            rate=1 / d,
            parameters=(NEURONS, SAMPLES, SLOPE, LINEAR, NONLINEAR, NOISE, DIMENSION),
            auxiliary=(CHI, ZETA),
            published=limit,
            decoys=(
                Decoy(name="ψ₁ and ψ₂ swapped", sentence="neurons taken for samples", published=_swapped),
                Decoy(name="the larger for the smaller", sentence="ψ = max(ψ₁, ψ₂)", published=_largest),
                Decoy(
                    name="least squares",
                    sentence="V = ψ/|ψ₁ − ψ₂|, as if the nonlinear part of the features took up no noise",
                    published=_linear_model,
                ),
                Decoy(
                    name="F⋆² no noise",
                    sentence="V multiplies τ² alone, as if the nonlinear part did not disturb the fit",
                    published=_noise_alone,
                ),
            ),
        ),
    ),
)
