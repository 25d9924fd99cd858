"""Theorem 1: the risk of random features on a quadratic target, for any activation and any covariance of the weights.

    R_RF → 1 − ψ λ₂² d⟨Γ,B⟩² / (‖B‖_F² (2 + ψ λ₂² d‖Γ‖_F²)),
    −λ̃ = −ρ/ψ + ∫ λ₁² t/(1 + λ₁² t ψ) D(dt),

with λ_k = E[σ(G) He_k(G)] (monic Hermite polynomials), λ̃ = E[σ(G)²] − λ₁², D the spectral law of d·Γ, and σ
centred: λ₀ = 0.

Behind it: the features' Gram matrix is, up to o(1), that of their degree-1 part (law D, weight λ₁²), of a ridge λ̃
that all higher degrees leave on its diagonal, and of one direction of rank one that sees f*. ψ/d is the effective
number of neurons over ridge that this direction meets; Sherman–Morrison gives the ratio.

Odd activations have λ₂ = 0: the risk is 1 for every W and the theorem says nothing else; they are the degenerate case.

Finite size: `_deterministic_equivalent`, derived there, heuristic where it says so; where it holds, and how well, in
`_finite_range`, calibrated on configurations and streams of its own.
Convention: divided by ‖f*‖² = 2‖B‖_F². Source: Ghorbani et al. 2019, section 2.1, Theorem 1, Eqs. (9), (10).
"""

from dataclasses import replace

import sympy as sp

from lazy_assay.theory import Assumption, Auxiliary, Claim, Decoy, Eq, Limit, Source
from lazy_assay.theory.ghorbani2019 import PAPER
from lazy_assay.theory.ghorbani2019._activations import ACTIVATIONS
from lazy_assay.theory.ghorbani2019._concentration import of_theorem_1
from lazy_assay.theory.ghorbani2019._deterministic_equivalent import finite_risk
from lazy_assay.theory.ghorbani2019._finite_range import FEATURES_RANGE, features_allowance
from lazy_assay.theory.ghorbani2019._quadratic_target import (
    A2,
    CONCENTRATION,
    CONVENTION,
    COVARIANCE,
    DIMENSION,
    NEURONS,
    OVERLAP,
    RF_RISK,
    RHO,
    TARGET,
    Array,
    activation_parameter,
    aspect,
    concentration,
    d,
    inner,
    overlap,
    rho,
    spectrum,
    trace,
)
from lazy_assay.theory.ghorbani2019._random_features import limit_risk
from lazy_assay.theory.ghorbani2019._random_features import psi as root

psi = sp.Symbol("psi", positive=True)
lambda_1, lambda_2, lambda_tilde = sp.symbols("lambda_1 lambda_2 lambdatilde", real=True)
i = sp.Symbol("i", integer=True)
t = sp.IndexedBase("t")

RIGHT_HAND_SIDE = 1 - psi * lambda_2**2 * overlap / (2 + psi * lambda_2**2 * concentration)
EQUATION_9 = Eq(
    -lambda_tilde,
    -rho / psi + sp.Sum(lambda_1**2 * t[i] / (1 + lambda_1**2 * t[i] * psi), (i, 1, d)) / d,
)


def constants(activation: str) -> tuple[float, float, float]:
    """λ₁, λ₂ and λ̃ of a named activation."""
    sigma = ACTIVATIONS[activation]
    return sigma.coefficient(1), sigma.coefficient(2), sigma.variance - sigma.coefficient(1) ** 2


def solved(rho: float, Gamma: Array, activation: str, ridge_less: float = 0.0) -> float:
    """ψ of Eq. (9); `ridge_less` is taken off λ̃ (for decoys)."""
    first, _, tilde = constants(activation)
    return root(rho, len(Gamma) * spectrum(Gamma), first**2, tilde - ridge_less)


def risk(gain: float, B: Array, Gamma: Array, offset: float = 2.0, size: int | None = None) -> float:
    """Eq. (10) at a given gain ψλ₂²."""
    scale = size or len(B)
    shared = scale * inner(Gamma, B) ** 2 / inner(B, B)
    return 1 - gain * shared / (offset + gain * scale * inner(Gamma, Gamma))


def _gain(rho: float, Gamma: Array, activation: str) -> float:
    return solved(rho, Gamma, activation) * constants(activation)[1] ** 2


def _variance_for_ridge(rho: float, B: Array, Gamma: Array, activation: str) -> float:
    first, second, _ = constants(activation)
    return risk(solved(rho, Gamma, activation, -(first**2)) * second**2, B, Gamma)


def _traces_apart(rho: float, B: Array, Gamma: Array, activation: str) -> float:
    """⟨Γ,B⟩ read as Tr(Γ)Tr(B)/d: anisotropy forgotten."""
    gain = _gain(rho, Gamma, activation)
    shared = trace(B) ** 2 / (len(B) * inner(B, B))
    return 1 - gain * shared / (2 + gain)


PSI = Auxiliary(
    symbol=psi,
    meaning="effective ridge, the root of Eq. (9)",
    value=lambda rho, Gamma, activation: solved(rho, Gamma, activation),
    definition=EQUATION_9,
    definition_latex=(
        r"-\tilde\lambda=-\frac{\rho}{\psi}+\int\frac{\lambda_1^2 t}{1"
        r"+\lambda_1^2 t\psi}\,\mathcal{D}(\mathrm{d}t)"
    ),
)
HERMITE_2 = Auxiliary(
    symbol=lambda_2,
    meaning="second Hermite coefficient E[σ(G)He₂(G)]",
    value=lambda activation: constants(activation)[1],
)
HERMITE_1 = Auxiliary(
    symbol=lambda_1, meaning="first Hermite coefficient E[σ(G)G]", value=lambda activation: constants(activation)[0]
)
RIDGE = Auxiliary(
    symbol=lambda_tilde,
    meaning="E[σ(G)²] − λ₁²",
    value=lambda activation: constants(activation)[2],
    latex=r"\tilde\lambda",
)

A1 = Assumption(
    name="A1",
    sentence="σ grows slower than exp(u²/4) and is not linear: λ̃ > 0",
    holds=lambda activation: constants(activation)[2] > 0,
)

CLAIM = Claim(
    module=__name__,
    title="Risk of random features",
    source=Source(paper=PAPER, locator="section 2.1, Theorem 1, Eqs. (9), (10)"),
    convention=CONVENTION + " σ is centred: λ₀ = 0. Hermite polynomials are monic (λ₂ = 2 for x² − 1).",
    parts=(
        Limit(
            sentence="Random features learn the quadratic target along Γ alone, as if it were one direction "
            "seen through a ridge.",
            quantity=RF_RISK,
            statement=Eq(RF_RISK.symbol, RIGHT_HAND_SIDE),
            latex=(
                r"\frac{R_{\mathrm{RF},N}(f_*)}{\|f_*\|_{L^2}^2}=1-\frac{\psi\lambda_2^2 d\langle\Gamma,B"
                r"\rangle^2}{\|B\|_F^2\left(2+\psi\lambda_2^2 d\|\Gamma\|_F^2\right)}"
                r"+o_{d,\mathbb{P}}(1)"
            ),
            rate=1 / d,
            parameters=(RHO, DIMENSION, NEURONS, TARGET, COVARIANCE, activation_parameter(tuple(ACTIVATIONS))),
            auxiliary=(PSI, HERMITE_1, HERMITE_2, RIDGE, OVERLAP, CONCENTRATION),
            assumptions=(A1, A2, FEATURES_RANGE),
            published=limit_risk,
            finite=finite_risk,
            finite_allowance=features_allowance,
            limit_of=aspect,
            decoys=(
                Decoy(
                    name="a factor 2 lost",
                    sentence="1 + ψλ₂²d‖Γ‖² in the denominator, as for normalised Hermite polynomials",
                    published=lambda rho, B, Gamma, activation: risk(
                        _gain(rho, Gamma, activation), B, Gamma, offset=1.0
                    ),
                ),
                Decoy(
                    name="λ₁² kept in the ridge",
                    sentence="λ̃ = E[σ²]: the linear part counted twice",
                    published=_variance_for_ridge,
                ),
                Decoy(
                    name="isotropic weights",
                    sentence="Γ replaced by I/d in both traces",
                    published=_traces_apart,
                ),
                Decoy(
                    name="N for d",
                    sentence="ρ read as d/N",
                    published=lambda rho, B, Gamma, activation: limit_risk(1 / rho, B, Gamma, activation),
                ),
            ),
        ),
    ),
)
# The o_{d,P}(1) of the same statement, with its letters: see `_concentration`.
CLAIM = replace(CLAIM, parts=(*CLAIM.parts, of_theorem_1(CLAIM.parts[0])))
