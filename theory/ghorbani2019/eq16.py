"""Eq. (16): the risk of random features on the mixture with many neurons per dimension.

    lim_{ρ→∞} lim_{d→∞, N/d→ρ} R_RF = ζ₁/(ζ₁ + ζ₂),    ζ₁ = d·Tr(ΣΓΣΓ)/2,  ζ₂ = d·Tr(ΔΓ)²/4.

Two parts. `wide` derives it: by (14), ψ ≥ ρ/(λ̃ + λ₁² mean t) → ∞, and (15) tends to its value at ψ = ∞ where λ₂ ≠ 0.
`growing_rho` confronts it with simulation: along N = d^{3/2} both d and ρ = √d grow, and the risk tends to (16) like
1/√d, since (15) is off by O(1/ψ) = O(1/ρ) and the o(1) of Theorem 4 by O(ρ/d). The order of the limits matters: at
fixed d, N > d(d+1)/2 features of x² − 1 span every quadratic function, and the risk is 1/(1 + ½Σ δ̃²/(1 + δ̃²)).

For a feature's own quadratic function the ratio is the squared sine of an angle: ζ₂/ζ₁ = ⟨Δ̃,Γ̃⟩²/(2‖Γ̃‖²), whitened,
at most ‖Δ̃‖²/2. Source: Ghorbani et al. 2019, section 3.1, Eq. (16) (printed: "assume ζ₁(d) ζ₂(d) to have limits",
where "ζ₁(d), ζ₂(d)" is meant).
"""

import math

import sympy as sp

from lazy_assay.theory import Claim, Decoy, Eq, Identity, Limit, Source, in_proportion
from lazy_assay.theory.ghorbani2019 import PAPER
from lazy_assay.theory.ghorbani2019._finite_range import MIXTURE_RANGE, mixture_allowance
from lazy_assay.theory.ghorbani2019._mixture import (
    B2,
    CONVENTION,
    DELTA,
    EXISTS,
    GAMMA,
    M1,
    M2,
    NORMALISED,
    RF_RISK,
    SIGMA,
    ZETA_1,
    ZETA_2,
    whitened,
    zeta1,
    zeta2,
    zeta_1,
    zeta_2,
)  # fmt: skip
from lazy_assay.theory.ghorbani2019._quadratic_target import DIMENSION, NEURONS, Array, activation_parameter, d
from lazy_assay.theory.ghorbani2019.eq11 import EVEN
from lazy_assay.theory.ghorbani2019.theorem1 import lambda_2, psi
from lazy_assay.theory.ghorbani2019.theorem4 import RIGHT_HAND_SIDE, finite_risk

STATEMENT = Eq(RF_RISK.symbol, zeta_1 / (zeta_1 + zeta_2))


def derived() -> sp.Expr:
    """Eq. (15) as ψ → ∞, where λ₂ ≠ 0."""
    second = sp.Symbol("lambda_2", positive=True)
    return sp.limit(RIGHT_HAND_SIDE.subs(lambda_2, second), psi, sp.oo)


def wide_limit(Sigma: Array, Delta: Array, Gamma: Array) -> float:
    """ζ₁/(ζ₁ + ζ₂)."""
    whitened(Sigma, Delta)
    first = zeta1(Sigma, Gamma)
    return first / (first + zeta2(Delta, Gamma))


def _half(Sigma: Array, Delta: Array, Gamma: Array) -> float:
    first = zeta1(Sigma, Gamma)
    return first / (first + 2 * zeta2(Delta, Gamma))


def _linear(Sigma: Array, Delta: Array, Gamma: Array) -> float:
    first = zeta1(Sigma, Gamma)
    return first / (first + math.sqrt(zeta2(Delta, Gamma)))


DECOYS = (
    Decoy(name="ζ₂ doubled", sentence="d·Tr(ΔΓ)²/2 in place of /4", published=_half),
    Decoy(name="not squared", sentence="√ζ₂ in place of ζ₂", published=_linear),
)
CLAIM = Claim(
    module=__name__,
    title="Random features with many neurons per dimension, mixture of Gaussians",
    source=Source(paper=PAPER, locator="section 3.1, Eq. (16)"),
    convention=CONVENTION,
    main=("wide",),
    parts=(
        Identity(
            name="wide",
            sentence="However wide, random features see only the component of Δ along Γ.",
            quantity=RF_RISK,
            statement=STATEMENT,
            latex=r"\lim_{\rho\to\infty}\lim_{d\to\infty,N/d\to\rho}R_{\mathrm{RF},N}(\mathbb{P}_{\Sigma,\Delta})=\frac{\zeta_1(d)}{\zeta_1(d)+\zeta_2(d)}",
            parameters=(SIGMA, DELTA, GAMMA),
            relations=(NORMALISED,),
            auxiliary=(ZETA_1, ZETA_2),
            assumptions=(EXISTS, B2),
            published=wide_limit,
            derivation=derived,
            decoys=DECOYS,
        ),
        Limit(
            name="growing_rho",
            sentence="As d and ρ = N/d grow together, with ρ/d → 0, the simulated risk tends to Eq. (16).",
            quantity=RF_RISK,
            statement=STATEMENT,
            latex=r"R_{\mathrm{RF},N}(\mathbb{P}_{\Sigma,\Delta})\to \frac{\zeta_1(d)}{\zeta_1(d)+\zeta_2(d)}",
            rate=1 / sp.sqrt(d),
            parameters=(DIMENSION, NEURONS, SIGMA, DELTA, GAMMA, activation_parameter(EVEN)),
            relations=(NORMALISED,),
            auxiliary=(ZETA_1, ZETA_2),
            assumptions=(EXISTS, M1, M2, B2, MIXTURE_RANGE),
            published=wide_limit,
            finite=finite_risk,
            finite_allowance=mixture_allowance,
            limit_of=lambda d, N: {},
            growth=in_proportion(power=1.5),
            decoys=DECOYS,
        ),
    ),
)
