"""Eq. (17): the three regimes side by side on the mixture, each line derived again from the theorem behind it.

    RF: 1/(1 + ρ/(1+ρ)·Tr(Δ)²/(2d));    NT: 1/(1 + κ‖Δ‖_F²/2);    NN: 1/(1 + Σ_{i≤N∧d} λ_i²/2);

Σ = I, σ(x) = x² − 1, Γ = I/d.

RF is Theorem 4 with λ₁ = 0, λ₂ = λ̃ = 2, so that (14) reads ψ = ρ/2, ζ₁ = d·Tr(I/d²)/2 = 1/2 and ζ₂ = Tr(Δ)²/(4d): (1 +
ρ)/(1 + ρ + ρTr(Δ)²/(2d)). Erratum: ρ/(1+2ρ) is printed for ρ/(1+ρ). As ρ → ∞ it leaves Tr(Δ)²/(4d) where Eq. (16) says
ζ₂/ζ₁ = Tr(Δ)²/(2d). NT is Theorem 5's second line over 2. NN is Theorem 6 over 2, at Σ = I.

Erratum (section 1.1: "strictly smaller than the minimum achieved by RF and NT"). Against RF it holds for every Δ ≠ 0:
Σ_{i≤N}λ_i² ≥ (ρ∧1)‖Δ‖² ≥ (ρ∧1)Tr(Δ)²/d > ρ/(1+ρ)Tr(Δ)²/d where Tr Δ ≠ 0, and where Tr Δ = 0 the right-hand side is 0
and the left is not (R_RF = 1 > R_NN). Against NT it needs Σ_{i≤N}λ_i² > κ‖Δ‖². For semidefinite Δ, interlacing gives
≥ for every W, with equality for Δ ∝ I and for N ≥ d. For Δ of both signs it may fail: at δ = ±s in equal numbers t =
0 and κ = 2ρ − ρ² > ρ = Σ_{i≤N}λ_i²/‖Δ‖², so the tangent model, whose quadratic forms have rank up to 2N, beats the
best network of N neurons at every ρ ∈ (0, 1). (W orthogonal to (1, 1) in R² leaves P⊥ΔP⊥ = 0 for Δ = diag(s, −s): one
tangent neuron learns all, one neuron half.) Part `both_signs` states and confronts it: at d = 40, N = 10, s = 1.5/√40
the tangent model's mean risk is .683, the infimum over networks .790.

`predict` takes the regime and what that regime needs; the other arguments may be given and are ignored.
Source: Ghorbani et al. 2019, section 3.3, Eq. (17).
"""

import numpy as np
import sympy as sp

from lazy_assay.theory import Assumption, Auxiliary, Bound, Claim, Decoy, Eq, Erratum, Gravity, Identity, Source
from lazy_assay.theory.ghorbani2019 import PAPER, theorem4, theorem6
from lazy_assay.theory.ghorbani2019._activations import ACTIVATIONS
from lazy_assay.theory.ghorbani2019._finite_range import ISOTROPIC_MIXTURE_RANGE, mixture_allowance
from lazy_assay.theory.ghorbani2019._mixture import (
    CONVENTION,
    DELTA,
    ENERGY,
    NN_RISK,
    NT_RISK,
    POSSIBLE,
    RF_RISK,
    TRACE_RATIO,
    energy,
    zeta_1,
    zeta_2,
)  # fmt: skip
from lazy_assay.theory.ghorbani2019._quadratic_target import (
    DIMENSION,
    NEURONS,
    RHO,
    Array,
    aspect,
    d,
    inner,
    rho,
    spectrum,
    trace,
)
from lazy_assay.theory.ghorbani2019.theorem1 import lambda_2, lambda_tilde, psi
from lazy_assay.theory.ghorbani2019.theorem4 import RIGHT_HAND_SIDE as EQUATION_15
from lazy_assay.theory.ghorbani2019.theorem5 import KAPPA, kappa
from lazy_assay.theory.ghorbani2019.theorem5 import LIMIT as THEOREM_5
from lazy_assay.theory.ghorbani2019.theorem6 import singular_values, top

signal = sp.Symbol("D_1", nonnegative=True)
SIGNAL = Auxiliary(
    symbol=signal,
    meaning="Tr(Δ)²/d",
    value=lambda Delta: trace(Delta) ** 2 / len(Delta),
    latex=r"\frac{\operatorname{Tr}(\Delta)^2}{d}",
)
TOP = Auxiliary(
    symbol=singular_values,
    meaning="singular values of Δ, largest first",
    value=lambda Delta: np.sort(np.abs(spectrum(Delta)))[::-1][:, None],
    latex=r"\lambda",
)
RF_FORM = 1 / (1 + rho / (1 + rho) * signal / 2)
RF_PRINTED = 1 / (1 + rho / (1 + 2 * rho) * signal / 2)


def random_features(rho: float, Delta: Array) -> float:
    """First line, corrected."""
    return 1 / (1 + rho / (1 + rho) * trace(Delta) ** 2 / (2 * len(Delta)))


def random_features_finite(d: int, N: int, Delta: Array) -> float:
    """Theorem 4's finite-size prediction at Σ = I, Γ = I/d, σ(x) = x² − 1."""
    one = np.ones(d)
    return theorem4.finite_risk(d, N, one, Delta, one / d, "quadratic")


def random_features_allowance(d: int, N: int, Delta: Array) -> float:
    """Theorem 4's stated accuracy there."""
    one = np.ones(d)
    return mixture_allowance(d, N, one, Delta, one / d, "quadratic")


def random_features_printed(rho: float, Delta: Array) -> float:
    """First line, as printed."""
    return 1 / (1 + rho / (1 + 2 * rho) * trace(Delta) ** 2 / (2 * len(Delta)))


def neural_tangent(rho: float, Delta: Array) -> float:
    """Second line."""
    return 1 / (1 + kappa(rho, Delta) * inner(Delta, Delta) / 2)


def network(N: int, Delta: Array) -> float:
    """Third line."""
    return theorem6.limit(N, np.ones(len(Delta)), Delta)


def _theorem4() -> sp.Expr:
    """Eq. (15) for x² − 1, where Eq. (14) loses its integral, and for the traces at Σ = I, Γ = I/d."""
    sigma = ACTIVATIONS["quadratic"]
    tilde = sigma.second_moment - sigma.hermite(1) ** 2
    (solution,) = sp.solve(Eq(-lambda_tilde, -rho / psi), psi)
    isotropic = {lambda_tilde: tilde, lambda_2: sigma.hermite(2), zeta_1: sp.Rational(1, 2), zeta_2: signal / 4}
    return sp.simplify(EQUATION_15.subs({psi: solution}).subs(isotropic))


def _theorem5() -> sp.Expr:
    assert THEOREM_5.statement is not None
    half = sp.Symbol("half", positive=True)
    return THEOREM_5.statement.rhs.subs(energy, 2 * half).subs(half, energy / 2)


def _theorem6() -> sp.Expr:
    statement = theorem6.CLAIM.parts[0].statement
    assert statement is not None
    return sp.simplify(statement.rhs)


RF = Identity(
    name="RF",
    sentence="Isotropic random features with x² − 1: Theorem 4 at Σ = I, Γ = I/d.",
    quantity=RF_RISK,
    statement=Eq(RF_RISK.symbol, RF_FORM),
    latex=r"R_{\mathrm{RF},N}(\mathbb{P}_{\Sigma,\Delta})\approx\frac{1}{1+\frac{\rho}{1+\rho}\cdot\frac{\operatorname{Tr}(\Delta)^2}{2d}}",
    printed_statement=Eq(RF_RISK.symbol, RF_PRINTED),
    printed_latex=r"R_{\mathrm{RF},N}(\mathbb{P}_{\Sigma,\Delta})\approx\frac{1}{1+\frac{\rho}{1+2\rho}\cdot\frac{\operatorname{Tr}(\Delta)^2}{2d}}",
    parameters=(RHO, DIMENSION, NEURONS, DELTA),
    auxiliary=(SIGNAL,),
    published=random_features,
    finite=random_features_finite,
    finite_allowance=random_features_allowance,
    assumptions=(ISOTROPIC_MIXTURE_RANGE,),
    limit_of=aspect,
    printed=random_features_printed,
    derivation=_theorem4,
    errata=(
        Erratum(
            gravity=Gravity.CONSTANT,
            locator="Eq. (17), first line",
            printed="1/(1 + ρ/(1+2ρ)·tr(Δ)²/(2d))",
            corrected="1/(1 + ρ/(1+ρ)·tr(Δ)²/(2d))",
            derivation=(
                "Theorem 4 at σ = x² − 1 has λ₁ = 0, λ₂ = λ̃ = 2, so ψ = ρ/2; with Σ = I, Γ = I/d, ζ₁ = 1/2 and "
                "ζ₂ = tr(Δ)²/(4d), Eq. (15) is (1+ρ)/(1+ρ+ρ tr(Δ)²/(2d)). Eq. (16) agrees as ρ → ∞; the printed line "
                "would tend to half the signal."
            ),
            evidence="derivation in sympy, and the exact risk given W, averaged",
            printed_form=RF_PRINTED,
            corrected_form=RF_FORM,
            charitable=(
                "No normalisation of Δ or ρ in the paper turns its Theorem 4, or its Eq. (16) as ρ → "
                "∞, into the printed line."
            ),
        ),
    ),
    decoys=(
        Decoy(
            name="tr(Δ)²/d",
            sentence="the 1/2 lost",
            published=lambda rho, Delta: 1 / (1 + rho / (1 + rho) * trace(Delta) ** 2 / len(Delta)),
        ),
    ),
)
NT = Identity(
    name="NT",
    sentence="The tangent model: Theorem 5, halved.",
    quantity=NT_RISK,
    statement=Eq(NT_RISK.symbol, 1 / (1 + KAPPA * energy / 2)),
    latex=r"R_{\mathrm{NT},N}(\mathbb{P}_{\Sigma,\Delta})\approx\frac{1}{1+\left\{1-(1-\rho)_+^2\left(1-\frac{\operatorname{Tr}(\Delta)^2}{d\|\Delta\|_F^2}\right)-(1-\rho)_+\frac{\operatorname{Tr}(\Delta)^2}{d\|\Delta\|_F^2}\right\}\|\Delta\|_F^2/2}",
    parameters=(RHO, NEURONS, DELTA),
    auxiliary=(TRACE_RATIO, ENERGY),
    assumptions=(POSSIBLE,),
    published=neural_tangent,
    derivation=_theorem5,
    decoys=(
        Decoy(
            name="a factor 2 lost",
            sentence="1/(1 + κ‖Δ‖²)",
            published=lambda rho, Delta: 1 / (1 + kappa(rho, Delta) * inner(Delta, Delta)),
        ),
    ),
)
NN = Identity(
    name="NN",
    sentence="The best network: Theorem 6 at Σ = I.",
    quantity=NN_RISK,
    statement=Eq(NN_RISK.symbol, 1 / (1 + top / 2)),
    latex=(
        r"R_{\mathrm{NN},N}(\mathbb{P}_{\Sigma,\Delta})\approx\frac{1}{1"
        r"+\sum_{i=1}^{N\wedge d}\lambda_i(\Delta)^2/2}"
    ),
    parameters=(RHO, NEURONS, DELTA),
    auxiliary=(TOP,),
    assumptions=(POSSIBLE,),
    published=network,
    derivation=_theorem6,
    errata=(
        Erratum(
            gravity=Gravity.RESULT,
            locator="section 1.1, last paragraph",
            printed=(
                "we characterize the minimum prediction risk over neural networks inf_{f∈F_NN,N} E{(y − f(x))²} and "
                "prove it is strictly smaller than the minimum achieved by RF and NT"
            ),
            corrected=(
                "R_NN < R_RF for every Δ ≠ 0; R_NN ≤ R_NT for semidefinite Δ, with equality for Δ ∝ I or N ≥ d; for Δ "
                "of both signs R_NT < R_NN may hold"
            ),
            derivation=(
                "At δ = ±s in equal numbers t = 0, so κ = 1 − (1−ρ)² = 2ρ − ρ², and the N largest λ² sum to ρ‖Δ‖². As "
                "2ρ − ρ² > ρ on (0, 1), Theorem 5 gives the smaller risk. A tangent model's quadratic form "
                "Σ(w_i a_iᵀ + a_i w_iᵀ) has rank up to 2N, a network's N; only for semidefinite Δ does interlacing "
                "give ‖P⊥ΔP⊥‖² ≥ Σ_{i>N}λ_i²."
            ),
            evidence="part both_signs: the tangent model's exact risk, averaged over W, against the networks' infimum",
            charitable=(
                "Right for RF wherever Δ ≠ 0, and for NT where Δ is semidefinite and not flat in the "
                "limit; it is printed without that condition."
            ),
        ),
    ),
    decoys=(
        Decoy(
            name="‖Δ‖² shared evenly",
            sentence="N/d of ‖Δ‖²",
            published=lambda N, Delta: 1 / (1 + min(N / len(Delta), 1.0) * inner(Delta, Delta) / 2),
        ),
    ),
)
BALANCED = Assumption(
    name="balanced signs",
    sentence="the eigenvalues of Δ are ±s, in equal numbers",
    holds=lambda Delta: balanced(Delta),
)
FEWER = Assumption(name="N < d", sentence="fewer neurons than dimensions", holds=lambda N, Delta: len(Delta) > N)


def balanced(Delta: Array) -> bool:
    """Whether the spectrum is ±s in equal numbers, up to rounding."""
    values = spectrum(Delta)
    slack = 64 * len(values) * np.finfo(float).eps * abs(values[0])
    return bool(np.ptp(np.abs(values)) <= slack and abs(values.sum()) <= len(values) * slack)


def network_infimum(d: int, N: int, Delta: Array) -> float:
    """Theorem 6's exact infimum at Σ = I."""
    return theorem6.infimum(N, np.ones(d), Delta)


BOTH_SIGNS = Bound(
    name="both_signs",
    sentence="Where Δ has the eigenvalues ±s in equal numbers, the tangent model of N < d neurons beats the best "
    "network of N neurons.",
    quantity=NT_RISK,
    statement=sp.Le(NT_RISK.symbol, 1 / (1 + top / 2)),
    latex=r"R_{\mathrm{NT},N}(\mathbb{P}_{\Sigma,\Delta})\leq\frac{1}{1+\sum_{i=1}^{N\wedge d}\lambda_i(\Delta)^2/2}",
    rate=1 / d,
    parameters=(RHO, DIMENSION, NEURONS, DELTA),
    auxiliary=(TOP,),
    assumptions=(POSSIBLE, BALANCED, FEWER),
    published=network,
    finite=network_infimum,
    limit_of=aspect,
    side="below",
    decoys=(
        Decoy(
            name="twice the neurons",
            sentence="the tangent model beats the best network of 2N neurons, too: its forms have rank up to 2N",
            published=lambda N, Delta: network(2 * N, Delta),
            finite=lambda d, N, Delta: network_infimum(d, 2 * N, Delta),
        ),
    ),
)
CLAIM = Claim(
    module=__name__,
    title="The three regimes compared, mixture of Gaussians",
    source=Source(paper=PAPER, locator="section 3.3, Eq. (17)"),
    convention=CONVENTION,
    selector="regime",
    parts=(RF, NT, NN, BOTH_SIGNS),
)
