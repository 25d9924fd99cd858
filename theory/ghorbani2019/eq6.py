"""Eq. (6): the trained network beats the tangent model by a gap.

    lim lim R_NN = inf_{F_NN} ‖f − f*‖² ≤ R_NT − GAP(ρ), "for some GAP(ρ) > 0 (independent of N, d)", ρ ∈ (0, 1), B ⪰ 0.

The inequality with gap 0 holds for every W: ‖P⊥BP⊥‖_F² ≥ Σ_{i>N} λ_i² by Cauchy interlacing (the compression of B to
d − N dimensions has eigenvalues at least the d − N smallest of B, term by term, for B ⪰ 0).

Erratum. No positive GAP(ρ) exists for every B ⪰ 0: at B = I both sides are exactly (d − N)/d for every W, since P⊥
has d − N eigenvalues one. From Theorems 2 and 3 the gap is (1−ρ)²(1−t) + (1−ρ)t − Σ_{i>N}λ_i²/‖B‖², positive if and
only if B is not flat on the scale of the limit. Part `gap` confronts that formula; at finite d it is Theorem 2's
exact mean less Theorem 3's infimum. `no_gap_when_flat` holds the counterexample: the gap of B ∝ I is zero. Source:
Ghorbani et al. 2019, section 1.1, Eq. (6).
"""

import sympy as sp

from lazy_assay.theory import (
    Bound,
    Claim,
    Decoy,
    Eq,
    Erratum,
    Gravity,
    Identity,
    Integer,
    Limit,
    Neurons,
    Parameter,
    Quantity,
    Source,
)
from lazy_assay.theory.ghorbani2019 import PAPER
from lazy_assay.theory.ghorbani2019._quadratic_target import (
    CONVENTION,
    NEURONS,
    NN_RISK,
    RHO,
    SEMIDEFINITE_TARGET,
    TRACE_RATIO,
    Array,
    aspect,
    d,
    rho,
    spectrum,
    trace,
    trace_ratio,
)
from lazy_assay.theory.ghorbani2019.theorem2 import limit, mean, risk_given_weights
from lazy_assay.theory.ghorbani2019.theorem3 import EIGENGAP, EIGENVALUES, infimum, norm, tail

beyond = sp.Max(0, 1 - rho)
DIMENSION = Parameter("d", d, "input dimension", Integer(2))
WEIGHTS = Parameter(
    "W", sp.Symbol("W", commutative=False), "first-layer weights, one column a neuron, (d, N)", Neurons("d", "N")
)


def gap_given_weights(W: Array, B: Array) -> float:
    """R_NT(W) − inf R_NN."""
    return risk_given_weights(W, B) - infimum(W.shape[1], B)


GAP = Quantity(
    symbol=sp.Symbol("GAP"),
    meaning="R_NT − inf R_NN over ‖f*‖², averaged over W",
    units="share of ‖f*‖²",
    latex=r"\mathrm{GAP}",
)


def gap(rho: float, N: int, B: Array) -> float:
    """(1−ρ)₊²(1−t) + (1−ρ)₊t − Σ_{i>N}λ_i²/‖B‖²."""
    return limit(rho, B) - infimum(N, B)


def gap_finite(d: int, N: int, B: Array) -> float:
    """The exact mean over W."""
    return mean(d, N, B) - infimum(N, B)


CLAIM = Claim(
    module=__name__,
    title="The gap between trained network and tangent model",
    source=Source(paper=PAPER, locator="section 1.1, Eq. (6)"),
    convention=CONVENTION,
    parts=(
        Bound(
            name="ordering",
            companion="gap",
            sentence="The trained network's risk is at most the tangent model's, averaged over its weights.",
            quantity=NN_RISK,
            statement=sp.Le(NN_RISK.symbol, beyond**2 * (1 - trace_ratio) + beyond * trace_ratio),
            latex=(
                r"\frac{R_{\mathrm{NN},N}(f_*)}{\|f_*\|_{L^2}^2}\leq (1"
                r"-\rho)_+^2\left(1-\frac{\operatorname{Tr}(B)^2}{d\|B\|_F^2}\right)"
                r"+(1-\rho)_+\frac{\operatorname{Tr}(B)^2}{d\|B\|_F^2}"
            ),
            rate=1 / d,
            parameters=(RHO, DIMENSION, NEURONS, SEMIDEFINITE_TARGET),
            auxiliary=(TRACE_RATIO,),
            assumptions=(EIGENGAP,),
            published=limit,
            finite=mean,
            limit_of=aspect,
            side="below",
            decoys=(
                Decoy(
                    name="twice the neurons",
                    sentence="at most the risk of the tangent model with 2N neurons",
                    published=lambda rho, B: limit(2 * rho, B),
                    finite=lambda d, N, B: mean(d, 2 * N, B),
                ),
            ),
        ),
        Limit(
            name="gap",
            sentence="The gap is what a random subspace leaves of B beyond what the best of N dimensions leaves.",
            quantity=GAP,
            statement=Eq(GAP.symbol, beyond**2 * (1 - trace_ratio) + beyond * trace_ratio - tail / norm),
            latex=r"\mathrm{GAP}=(1-\rho)_+^2\left(1-\frac{\operatorname{Tr}(B)^2}{d\|B\|_F^2}\right)+(1-\rho)_+\frac{\operatorname{Tr}(B)^2}{d\|B\|_F^2}-\frac{\sum_{i=N+1}^{d}\lambda_i(B)^2}{\|B\|_F^2}",
            rate=1 / d,
            parameters=(RHO, DIMENSION, NEURONS, SEMIDEFINITE_TARGET),
            auxiliary=(TRACE_RATIO, EIGENVALUES),
            published=gap,
            finite=gap_finite,
            limit_of=aspect,
            decoys=(
                Decoy(
                    name="independent of B",
                    sentence="GAP(ρ) = (1−ρ)ρ, what the worst case leaves over a flat best",
                    published=lambda rho: max(1 - rho, 0.0) * min(rho, 1.0),
                    finite=lambda d, N: max(1 - N / d, 0.0) * min(N / d, 1.0),
                ),
                Decoy(
                    name="eigenvalues not squared",
                    sentence="Σ_{i>N}λ_i/Σλ_i for the network",
                    published=lambda rho, N, B: limit(rho, B) - float(spectrum(B)[N:].sum() / trace(B)),
                ),
            ),
        ),
        Identity(
            name="no_gap_when_flat",
            ours=True,
            sentence="For B ∝ I the trained network and the tangent model have the same risk, for every W.",
            quantity=Quantity(
                symbol=sp.Symbol("GAP"),
                meaning="R_NT(W) − inf R_NN over ‖f*‖², at B = I",
                units="share of ‖f*‖²",
                latex=r"\mathrm{GAP}",
            ),
            statement=Eq(sp.Symbol("GAP"), sp.Integer(0)),
            parameters=(DIMENSION, NEURONS, WEIGHTS),
            published=lambda W: 0.0,
            errata=(
                Erratum(
                    gravity=Gravity.CONDITION,
                    locator="Eq. (6) and the line above it",
                    printed="for some GAP(ρ) > 0 (independent of N, d), for every B ⪰ 0",
                    corrected="GAP(ρ) = (1−ρ)²(1−t) + (1−ρ)t − Σ_{i>N}λ_i²/‖B‖² ≥ 0, which is 0 for B ∝ I",
                    derivation=(
                        "At B = I the tangent model leaves ‖P⊥‖_F² = d − N and the best network leaves Σ_{i>N} "
                        "1 = d − N: the gap is zero for "
                        "every W, N < d. Positivity needs the spectrum of B to differ from a flat one in the limit."
                    ),
                    evidence="part no_gap_when_flat: least squares over the tangent space against the infimum, "
                    "draw by draw; part gap: the corrected formula",
                    charitable=(
                        "GAP may be meant to depend on the limiting spectrum: then it is positive unless that "
                        "spectrum is flat."
                    ),
                ),
            ),
            decoys=(Decoy(name="a gap of one percent", sentence="GAP(ρ) = 0.01", published=lambda: 0.01),),
        ),
    ),
)
