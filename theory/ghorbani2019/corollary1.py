"""Corollary 1: random features with σ(x) = x² − 1, in closed form.

    R_RF → 1 − ρ d⟨B,Γ⟩² / (‖B‖_F² (1 + ρ d‖Γ‖_F²)).

Two parts. `substitution` derives it from Theorem 1: He₂ = x² − 1 has λ₁ = 0, λ₂ = E[(G²−1)²] = 2 and λ̃ = 2, so Eq.
(9) reads 2 = ρ/ψ and ψλ₂² = 2ρ. `limit` confronts it with simulation.

The 1/d coefficient for Γ = I/d, t = Tr(B)²/(d‖B‖²): −2ρ(1−t) − tρ²(1+2ρ)/(1+ρ)³ (see `_deterministic_equivalent`).
Source: Ghorbani et al. 2019, section 2.1, Corollary 1, Eq. (12).
"""

from dataclasses import replace

import sympy as sp

from lazy_assay.theory import Claim, Decoy, Eq, Identity, Limit, Source
from lazy_assay.theory.ghorbani2019 import PAPER
from lazy_assay.theory.ghorbani2019._activations import ACTIVATIONS
from lazy_assay.theory.ghorbani2019._concentration_quadratic import of_corollary_1
from lazy_assay.theory.ghorbani2019._deterministic_equivalent import finite_risk, one_over_d_coefficient
from lazy_assay.theory.ghorbani2019._finite_range import QUADRATIC_RANGE, features_allowance
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
    aspect,
    concentration,
    d,
    inner,
    isotropy,
    overlap,
    rho,
)
from lazy_assay.theory.ghorbani2019.theorem1 import RIGHT_HAND_SIDE, lambda_2, lambda_tilde, psi

STATEMENT = Eq(RF_RISK.symbol, 1 - rho * overlap / (1 + rho * concentration))


def derived() -> sp.Expr:
    """Theorem 1 at He₂, where Eq. (9) loses its integral."""
    sigma = ACTIVATIONS["quadratic"]
    tilde = sigma.second_moment - sigma.hermite(1) ** 2
    (solution,) = sp.solve(Eq(-lambda_tilde, -rho / psi), psi)
    return RIGHT_HAND_SIDE.subs({psi: solution}).subs({lambda_tilde: tilde, lambda_2: sigma.hermite(2)})


def limit(rho: float, B: Array, Gamma: Array) -> float:
    """Eq. (12), normalised."""
    n = len(B)
    return 1 - rho * n * inner(B, Gamma) ** 2 / (inner(B, B) * (1 + rho * n * inner(Gamma, Gamma)))


def finite(d: int, N: int, B: Array, Gamma: Array) -> float:
    """Theorem 1's finite-size prediction at σ(x) = x² − 1."""
    return finite_risk(d, N, B, Gamma, "quadratic")


def _twice_the_width(rho: float, B: Array, Gamma: Array) -> float:
    """1 + 2ρ d‖Γ‖² in the denominator, as Eq. (17) prints for the mixture."""
    n = len(B)
    return 1 - rho * n * inner(B, Gamma) ** 2 / (inner(B, B) * (1 + 2 * rho * n * inner(Gamma, Gamma)))


def _normalised_hermite(rho: float, B: Array, Gamma: Array) -> float:
    return limit(rho / 2, B, Gamma)


DECOYS = (
    Decoy(name="2ρ in the denominator", sentence="1 + 2ρd‖Γ‖² for 1 + ρd‖Γ‖²", published=_twice_the_width),
    Decoy(name="λ₂ = √2", sentence="normalised Hermite polynomials: ρ/2 for ρ", published=_normalised_hermite),
)
PARAMETERS = (RHO, DIMENSION, NEURONS, TARGET, COVARIANCE)
CLAIM = Claim(
    module=__name__,
    title="Random features with quadratic activation",
    source=Source(paper=PAPER, locator="section 2.1, Corollary 1, Eq. (12)"),
    convention=CONVENTION,
    main=("limit",),
    parts=(
        Limit(
            name="limit",
            sentence="With σ(x) = x² − 1 the risk of random features depends on ρ d⟨B,Γ⟩² and ρ d‖Γ‖² alone.",
            quantity=RF_RISK,
            statement=STATEMENT,
            latex=(
                r"\frac{R_{\mathrm{RF},N}(f_*)}{\|f_*\|_{L^2}^2}=1-\frac{\rho d\langle\Gamma,B\rangle^2}{"
                r"\|B\|_F^2\left(1+\rho d\|\Gamma\|_F^2\right)}+o_{d,\mathbb{P}}(1)"
            ),
            rate=1 / d,
            parameters=PARAMETERS,
            auxiliary=(OVERLAP, CONCENTRATION),
            assumptions=(A2, QUADRATIC_RANGE),
            published=limit,
            finite=finite,
            finite_allowance=lambda d, N, Gamma: features_allowance(d, N, Gamma, "quadratic"),
            limit_of=aspect,
            coefficient=lambda rho, B: one_over_d_coefficient(rho, isotropy(B)),
            decoys=DECOYS,
        ),
        Identity(
            name="substitution",
            sentence="Eq. (12) is Eq. (10) at the Hermite coefficients of x² − 1.",
            quantity=RF_RISK,
            statement=STATEMENT,
            latex=(
                r"\frac{R_{\mathrm{RF},N}(f_*)}{\|f_*\|_{L^2}^2}=1-\frac{\rho d\langle\Gamma,B\rangle^2}{"
                r"\|B\|_F^2\left(1+\rho d\|\Gamma\|_F^2\right)}"
            ),
            parameters=PARAMETERS,
            auxiliary=(OVERLAP, CONCENTRATION),
            published=limit,
            derivation=derived,
            decoys=DECOYS,
        ),
    ),
)
# The o_{d,P}(1) of the same statement, with its letters: see `_concentration_quadratic`.
CLAIM = replace(CLAIM, parts=(*CLAIM.parts, of_corollary_1(CLAIM.parts[0])))
