"""Theorem 5: the risk of the neural tangent model on the mixture, with quadratic activation σ(x) = x².

    R_NT(W) = 2/(2 + ‖Δ̃‖_F² − ‖P⊥Δ̃P⊥‖_F²) + o(1),    Δ̃ = Σ^{-1/2}ΔΣ^{-1/2},  P⊥ orthogonal to span(Σ^{1/2}W);
    R_NT → 2/(2 + κ‖Δ‖_F²),  κ = 1 − (1−ρ)₊²(1−t) − (1−ρ)₊t,  t = Tr(Δ)²/(d‖Δ‖_F²),    for Σ = I, w ~ N(0, I/d).

Two parts: `limit` is the second line, `given_weights` the first, for almost every W. At finite d the risk given W is
exactly 1/(1 + X) with X = ½⟨ΠΔ̃, (I + ΠDΠ)⁻¹ΠΔ̃⟩, ΠA = A − P⊥AP⊥, D(A) = Δ̃AΔ̃ (`_tangent_mixture`, derived there): the
theorem drops D, which is O(1/d) under M2. The second line is the first averaged with E‖P⊥ΔP⊥‖² → ((1−ρ)₊²(1−t) +
(1−ρ)₊t)‖Δ‖², Theorem 2's Haar moments.

For N > d, WᵀΣW is singular and the printed P⊥ = I − Σ^{1/2}W(WᵀΣW)⁻¹WᵀΣ^{1/2} undefined: with the pseudo-inverse it is
0 for N ≥ d.

Finite size: `_tangent_mixture.mean_risk` from d = 2 on, within `_finite_range.tangent_allowance` (2e-4 at d = 16, ‖Δ‖ =
1/2, where the limit is off by 0.05); exact for N ≥ d. The
1/d coefficient is [½A₁ + ½m₂αρ(1−t)]/(1 + ½κm₂)² there. Convention: y = ±1; the class has an offset. Source: Ghorbani
et al. 2019, section 3.2, Theorem 5.
"""

import sympy as sp

from lazy_assay.theory import (
    Abbreviation,
    Auxiliary,
    Claim,
    Decoy,
    Eq,
    Erratum,
    Gravity,
    Integer,
    Limit,
    Parameter,
    Source,
)
from lazy_assay.theory._mathematics.matrices import letter
from lazy_assay.theory.ghorbani2019 import PAPER
from lazy_assay.theory.ghorbani2019._finite_range import tangent_allowance
from lazy_assay.theory.ghorbani2019._mixture import (
    CONVENTION,
    DELTA,
    ENERGY,
    EXISTS,
    M1,
    M2,
    NT_RISK,
    POSSIBLE,
    SIGMA,
    TRACE_RATIO,
    WEIGHTS,
    congruent,
    energy,
    isotropy,
    trace_ratio,
    whitened,
)  # fmt: skip
from lazy_assay.theory.ghorbani2019._quadratic_target import NEURONS, RHO, Array, aspect, d, dense, inner, rho
from lazy_assay.theory.ghorbani2019._tangent_mixture import (
    complement,
    exact_given_weights,
    mean_risk,
    one_over_d_coefficient,
    projected,
)
from lazy_assay.theory.ghorbani2019._tangent_spread import of_theorem_5

DIMENSION = Parameter("d", d, "input dimension", Integer(2))
beyond = sp.Max(0, 1 - rho)
KAPPA = 1 - beyond**2 * (1 - trace_ratio) - beyond * trace_ratio
whole, outside = letter("Delta", d, d), letter("P", d, d)
of_whole, of_outside = sp.Trace(whole * whole), sp.Trace(outside * whole * outside * whole)


def kappa(rho: float, Delta: Array) -> float:
    """κ(ρ, Δ), in [0, 1]."""
    left, t = max(1 - rho, 0.0), isotropy(Delta)
    return 1 - left**2 * (1 - t) - left * t


def limit(rho: float, Delta: Array) -> float:
    """2/(2 + κ‖Δ‖_F²)."""
    return 2 / (2 + kappa(rho, Delta) * inner(Delta, Delta))


def explained_energy(W: Array, Sigma: Array, Delta: Array) -> float:
    """‖Δ̃‖_F² − ‖P⊥Δ̃P⊥‖_F²."""
    tilde, outside = projected(W, Sigma, Delta)
    left = congruent(outside, tilde)
    return inner(tilde, tilde) - inner(left, left)


def given_weights(W: Array, Sigma: Array, Delta: Array) -> float:
    """2/(2 + ‖Δ̃‖² − ‖P⊥Δ̃P⊥‖²)."""
    return 2 / (2 + explained_energy(W, Sigma, Delta))


def _projected_once(W: Array, Sigma: Array, Delta: Array) -> float:
    tilde, outside = projected(W, Sigma, Delta)
    return 2 / (2 + inner(tilde, tilde) - inner(outside @ tilde, outside @ tilde))


def _not_whitened(W: Array, Sigma: Array, Delta: Array) -> float:
    tilde, outside = dense(whitened(Sigma, Delta)), complement(W)
    left = congruent(outside, tilde)
    return 2 / (2 + inner(tilde, tilde) - inner(left, left))


def _worst(rho: float, Delta: Array) -> float:
    return 2 / (2 + (1 - max(1 - rho, 0.0) ** 2) * inner(Delta, Delta))


def _doubled(rho: float, Delta: Array) -> float:
    return 1 / (1 + kappa(rho, Delta) * inner(Delta, Delta))


LIMIT = Limit(
    name="limit",
    sentence="Averaged over isotropic weights, the tangent model's risk depends on ρ, ‖Δ‖² and Tr(Δ)² alone.",
    quantity=NT_RISK,
    statement=Eq(NT_RISK.symbol, 2 / (2 + KAPPA * energy)),
    latex=r"R_{\mathrm{NT},N}(\mathbb{P}_{\Sigma,\Delta})=\frac{2}{2+\left\{1-(1-\rho)_+^2\left(1-\frac{\operatorname{Tr}(\Delta)^2}{d\|\Delta\|_F^2}\right)-(1-\rho)_+\frac{\operatorname{Tr}(\Delta)^2}{d\|\Delta\|_F^2}\right\}\|\Delta\|_F^2}+o_{d,\mathbb{P}}(1)",
    rate=1 / d,
    parameters=(RHO, DIMENSION, NEURONS, DELTA),
    auxiliary=(TRACE_RATIO, ENERGY),
    assumptions=(POSSIBLE, M2),
    published=limit,
    finite=mean_risk,
    finite_allowance=tangent_allowance,
    limit_of=aspect,
    coefficient=one_over_d_coefficient,
    decoys=(
        Decoy(name="trace term dropped", sentence="κ = 1 − (1−ρ)₊², as if Tr(Δ) did not matter", published=_worst),
        Decoy(name="a factor 2 lost", sentence="1/(1 + κ‖Δ‖²)", published=_doubled),
        Decoy(
            name="one more neuron",
            sentence="d − N − 1 directions left instead of d − N",
            published=limit,
            finite=lambda d, N, Delta: mean_risk(d, N + 1, Delta),
        ),
    ),
)
GIVEN_WEIGHTS = Limit(
    name="given_weights",
    sentence="For almost every W the tangent model learns all of Δ̃ but its block orthogonal to the whitened weights.",
    quantity=NT_RISK,
    statement=Eq(NT_RISK.symbol, 2 / (2 + of_whole - of_outside)),
    latex=(
        r"R_{\mathrm{NT},N}(\mathbb{P}_{\Sigma,\Delta})=\frac{2}{2"
        r"+\|\tilde\Delta\|_F^2-\|P_\perp\tilde\Delta P_\perp\|_F^2}"
        r"+o_d(1)"
    ),
    abbreviations=(
        Abbreviation(latex=r"\|\tilde\Delta\|_F^2", meaning="signal", stands_for=of_whole),
        Abbreviation(
            latex=r"\|P_\perp\tilde\Delta P_\perp\|_F^2", meaning="what is out of reach", stands_for=of_outside
        ),
    ),
    rate=1 / d,
    parameters=(DIMENSION, NEURONS, WEIGHTS, SIGMA, DELTA),
    auxiliary=(
        Auxiliary(
            symbol=whole,
            meaning="Δ̃",
            value=lambda Sigma, Delta: dense(whitened(Sigma, Delta)),
            latex=r"\tilde\Delta",
        ),
        Auxiliary(
            symbol=outside,
            meaning="P⊥",
            value=lambda W, Sigma, Delta: projected(W, Sigma, Delta)[1],
            latex=r"P_\perp",
        ),
    ),
    assumptions=(EXISTS, M1, M2),
    published=given_weights,
    finite=exact_given_weights,
    errata=(
        Erratum(
            gravity=Gravity.CONDITION,
            locator="Theorem 5, definition of P⊥",
            printed="P⊥ = I − Σ^{1/2}W(WᵀΣW)⁻¹WᵀΣ^{1/2} for almost every W ∈ R^{d×N}",
            corrected="P⊥ = I − A A⁺ with A = Σ^{1/2}W: as printed for N ≤ d, and 0 for N ≥ d",
            derivation=(
                "For N > d the N × N matrix WᵀΣW has rank d and no inverse; the class then contains every quadratic "
                "form, so nothing is left."
            ),
            evidence="part given_weights with N > d: least squares over the tangent space gives 1/(1 + ½Σ δ̃²/(1+δ̃²))",
            charitable=(
                "With a pseudo-inverse in the place of the inverse the formula is right for every N; "
                "the inverse is printed."
            ),
        ),
    ),
    decoys=(
        Decoy(name="projected once", sentence="‖P⊥Δ̃‖_F² in place of ‖P⊥Δ̃P⊥‖_F²", published=_projected_once),
        Decoy(
            name="weights not whitened",
            sentence="P⊥ orthogonal to span(W), not to span(Σ^{1/2}W)",
            published=_not_whitened,
        ),
    ),
)
CLAIM = Claim(
    module=__name__,
    title="Risk of the neural tangent model, mixture of Gaussians",
    source=Source(paper=PAPER, locator="section 3.2, Theorem 5"),
    convention=CONVENTION,
    parts=(LIMIT, GIVEN_WEIGHTS, of_theorem_5(LIMIT)),
    main=("limit",),
)
