"""Eq. (11): the risk of random features with many neurons per dimension.

    lim_{ρ→∞} lim_{d→∞, N/d→ρ} R_RF = 1 − ⟨Γ,B⟩²/(‖Γ‖_F²‖B‖_F²).

Two parts. `wide` derives it: by Eq. (9), ρ/ψ = λ̃ + ∫λ₁²t/(1+λ₁²tψ) ≤ λ̃ + λ₁², so ψ ≥ ρ/(λ̃ + λ₁²) → ∞, and (10)
tends to its value at ψ = ∞. `growing_rho` confronts it with simulation: along N = d^{3/2} both d and ρ = √d grow,
and the risk tends to (11) like 1/√d, since (10) is off by O(1/ψ) = O(1/ρ) and the o(1) of Theorem 1 by O(ρ/d).

The order of the limits matters: at fixed d, N > d(d+1)/2 features of x² − 1 span every quadratic function and the
risk is 0. Source: Ghorbani et al. 2019, section 2.1, Eq. (11).
"""

import math

import sympy as sp

from lazy_assay.theory import Claim, Decoy, Eq, Identity, Limit, Source, in_proportion
from lazy_assay.theory.ghorbani2019 import PAPER
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
    TARGET,
    Array,
    activation_parameter,
    concentration,
    d,
    inner,
    overlap,
)
from lazy_assay.theory.ghorbani2019.theorem1 import RIGHT_HAND_SIDE, lambda_2, psi

EVEN = ("relu", "softplus", "abs", "hermite2_3", "quadratic")
STATEMENT = Eq(RF_RISK.symbol, 1 - overlap / concentration)


def derived() -> sp.Expr:
    """Eq. (10) as ψ → ∞, where λ₂ ≠ 0."""
    gain = sp.Symbol("lambda_2", positive=True)
    return sp.limit(RIGHT_HAND_SIDE.subs(lambda_2, gain), psi, sp.oo)


def wide_limit(B: Array, Gamma: Array) -> float:
    """1 − ⟨Γ,B⟩²/(‖Γ‖²‖B‖²): the squared sine of the angle between Γ and B."""
    return 1 - inner(Gamma, B) ** 2 / (inner(Gamma, Gamma) * inner(B, B))


def _unsquared(B: Array, Gamma: Array) -> float:
    return 1 - inner(Gamma, B) / math.sqrt(inner(Gamma, Gamma) * inner(B, B))


DECOYS = (
    Decoy(name="not squared", sentence="one minus the cosine of the angle, not minus its square", published=_unsquared),
)
CLAIM = Claim(
    module=__name__,
    title="Random features with many neurons per dimension",
    source=Source(paper=PAPER, locator="section 2.1, Eq. (11)"),
    convention=CONVENTION,
    main=("wide",),
    parts=(
        Identity(
            name="wide",
            sentence="However wide, random features fit only the component of B along Γ.",
            quantity=RF_RISK,
            statement=STATEMENT,
            latex=r"\lim_{\rho\to\infty}\lim_{d\to\infty,N/d\to\rho}\frac{R_{\mathrm{RF},N}(f_*)}{\|f_*\|_{L^2}^2}=1-\frac{\langle\Gamma,B\rangle^2}{\|\Gamma\|_F^2\|B\|_F^2}",
            parameters=(TARGET, COVARIANCE),
            auxiliary=(OVERLAP, CONCENTRATION),
            published=wide_limit,
            derivation=derived,
            decoys=DECOYS,
        ),
        Limit(
            name="growing_rho",
            sentence="As d and ρ = N/d grow together, with ρ/d → 0, the simulated risk tends to Eq. (11).",
            quantity=RF_RISK,
            statement=STATEMENT,
            latex=(
                r"\frac{R_{\mathrm{RF},N}(f_*)}{\|f_*\|_{L^2}^2}\to 1-\frac{\langle\Gamma,B\rangle^2}{\|"
                r"\Gamma\|_F^2\|B\|_F^2}"
            ),
            rate=1 / sp.sqrt(d),
            parameters=(DIMENSION, NEURONS, TARGET, COVARIANCE, activation_parameter(EVEN)),
            auxiliary=(OVERLAP, CONCENTRATION),
            assumptions=(A2, FEATURES_RANGE),
            published=wide_limit,
            finite=finite_risk,
            finite_allowance=features_allowance,
            limit_of=lambda d, N: {},
            growth=in_proportion(power=1.5),
            decoys=DECOYS,
        ),
    ),
)
