"""The Bayes error of the mixture: no predictor, whatever its width, has a smaller risk.

    MMSE = 1 − E[E[y|x]²] = 1 − E tanh²(ℓ/2),    ℓ(x) = log p₊(x)/p₋(x),    E[y|x] = tanh(ℓ/2).

Computed, by one integral:

    MMSE = Z ∫ sech(πt) e^{itc} Π_j (1 + 2itδ_j)^{-1/2} dt,    Z = Π_j (1 − δ_j²)^{1/4},  c = Σ_j artanh δ_j,

δ_j the eigenvalues of Δ̃ = Σ^{-1/2}ΔΣ^{-1/2}. Derivation: with p = (p₊ + p₋)/2, sech²(ℓ/2)·p = √(p₊p₋)·sech(ℓ/2), so
MMSE = Z·E_q sech(ℓ/2) for the density q = √(p₊p₋)/Z and Z = ∫√(p₊p₋), the affinity of the classes. Whitened and
rotated, p± = N(0, 1 ∓ δ_j) in each coordinate, so q is N(0, 1 − δ_j²) (precisions average), Z as above, and ℓ = Σ_j
(artanh δ_j − z_j²δ_j/(1 − δ_j²)) = c − Σ_j δ_j g_j² with g ~ N(0, I) under q. Finally sech(ℓ/2) = ∫ sech(πt) e^{itℓ}
dt, and E e^{−itδg²} = (1 + 2itδ)^{-1/2}.

The integrand is analytic for |Im t| < 1/2 (poles of sech at ±i/2, branch points at ±i/(2δ), |δ| < 1). There it is at
most const·e^{−π|t|}: the trapezoid rule with step h errs by about e^{−π/h}, and cutting at t = T by e^{−πT}. h = 1/16,
T = 12: 1e-15 relative to Z. Singular Σ ± Δ (|δ| = 1) separates the classes: Z = 0.

Bounds. The conditional mean minimises the squared risk over all functions of x, so MMSE ≤ R for RF, NT and NN at
every N, d and W. That holds for any function of x; that "the Bayes error (MMSE) is not achieved even for very wide
networks" is more: part `gap`. Its limit and M2's remark are the parts beside it, all derived in `_bayes_limit`.
Source: Ghorbani et al. 2019, section 3, Figure 2 (dotted line).
"""

import math

import numpy as np
import sympy as sp

from lazy_assay.theory import Abbreviation, Bound, Claim, Decoy, Eq, Identity, Quantity, Source
from lazy_assay.theory.ghorbani2019 import PAPER
from lazy_assay.theory.ghorbani2019._activations import ACTIVATIONS
from lazy_assay.theory.ghorbani2019._bayes_limit import EIGENVALUES, delta, j, parts
from lazy_assay.theory.ghorbani2019._mixture import (
    CONVENTION,
    DELTA,
    EXISTS,
    GAMMA,
    NN_RISK,
    NORMALISED,
    NT_RISK,
    RF_RISK,
    SIGMA,
    whitened,
)  # fmt: skip
from lazy_assay.theory.ghorbani2019._quadratic_target import (
    DIMENSION,
    NEURONS,
    Array,
    activation_parameter,
    d,
    spectrum,
)

t = sp.Symbol("t", real=True)
STEP, CUT = 1 / 16, 12.0


def affinity(Sigma: Array, Delta: Array) -> float:
    """Z = ∫√(p₊p₋), in [0, 1]."""
    delta = spectrum(whitened(Sigma, Delta))
    return float(np.prod(np.maximum(1 - delta**2, 0.0) ** 0.25))


def bayes_risk(Sigma: Array, Delta: Array) -> float:
    """The MMSE of y given x, to 1e-14; Σ and Δ general."""
    delta = spectrum(whitened(Sigma, Delta))
    if np.abs(delta).max() >= 1 - 1e-12:
        return 0.0
    t = np.arange(0.0, CUT + STEP / 2, STEP)
    phase = t * np.arctanh(delta).sum()
    factors = np.log(1 + 2j * np.multiply.outer(t, delta)).sum(axis=1)
    values = np.exp(1j * phase - factors / 2).real / np.cosh(math.pi * t)
    # Even in t: twice the half-line, the middle node once.
    return float(affinity(Sigma, Delta) * STEP * (2 * values.sum() - values[0]))


# The integrand is real: e^{itc} Π(1 + 2itδ)^{-1/2} has the modulus Π(1 + 4t²δ²)^{-1/4} and the phase below.
phase = t * sp.Sum(sp.atanh(delta[j, 0]), (j, 0, d - 1)) - sp.Sum(sp.atan(2 * t * delta[j, 0]), (j, 0, d - 1)) / 2
modulus = sp.Product((1 + 4 * t**2 * delta[j, 0] ** 2) ** sp.Rational(-1, 4), (j, 0, d - 1))
overlap = sp.Product((1 - delta[j, 0] ** 2) ** sp.Rational(1, 4), (j, 0, d - 1))
LEAST = overlap * sp.Integral(sp.sech(sp.pi * t) * sp.cos(phase) * modulus, (t, -sp.oo, sp.oo))
FORM = (
    r"\prod_{j=1}^{d}(1-\delta_j^2)^{1/4}\int_{-\infty}^{\infty}\operatorname{sech}(\pi t)\,e^{itc}"
    r"\prod_{j=1}^{d}(1+2it\delta_j)^{-1/2}\,\mathrm{d}t,\quad c=\sum_{j=1}^{d}\operatorname{artanh}\delta_j"
)
FACTORS = (EIGENVALUES,)


def _bound(name: str, quantity: Quantity, learner: str) -> Bound:
    own = (GAMMA, activation_parameter(tuple(ACTIVATIONS))) if name == "RF" else ()
    return Bound(
        name=name,
        companion="value",
        sentence=f"{learner} has at least the Bayes error, at every number of neurons.",
        quantity=quantity,
        statement=sp.Ge(quantity.symbol, LEAST),
        latex=rf"{quantity.latex}\geq\mathrm{{MMSE}}",
        abbreviations=(
            Abbreviation(
                latex=r"\mathrm{MMSE}",
                meaning="the Bayes error, as `value` has it",
                stands_for=LEAST,
                definition_latex=FORM,
            ),
        ),
        parameters=(DIMENSION, NEURONS, SIGMA, DELTA, *own),
        relations=(NORMALISED,) if own else (),
        auxiliary=FACTORS,
        assumptions=(EXISTS,),
        published=bayes_risk,
        finite=bayes_risk,
        side="above",
        decoys=(
            Decoy(
                name="affinity",
                sentence="Z = ∫√(p₊p₋) as the least risk: the factor E sech(ℓ/2) forgotten",
                published=affinity,
            ),
            Decoy(
                name="root of the MMSE",
                sentence="√MMSE: an error taken for its square",
                published=lambda Sigma, Delta: bayes_risk(Sigma, Delta) ** 0.5,
            ),
        ),
    )


VALUE = Identity(
    name="value",
    ours=True,
    sentence="The least risk of any predictor is one integral over the log-likelihood ratio's characteristic function.",
    quantity=Quantity(
        symbol=sp.Symbol("V"),
        meaning="E[1 − tanh²(ℓ/2)], the posterior variance of y",
        low=0,
        high=1,
        units="share of E y² = 1",
        latex=r"\mathrm{MMSE}",
    ),
    statement=Eq(sp.Symbol("V"), LEAST),
    latex=rf"\mathrm{{MMSE}}={FORM}",
    parameters=(DIMENSION, SIGMA, DELTA),
    auxiliary=FACTORS,
    assumptions=(EXISTS,),
    published=bayes_risk,
    decoys=(
        Decoy(name="affinity", sentence="Z = ∫√(p₊p₋): the factor E sech(ℓ/2) forgotten", published=affinity),
        Decoy(
            name="root of the MMSE",
            sentence="√MMSE: an error taken for its square",
            published=lambda Sigma, Delta: bayes_risk(Sigma, Delta) ** 0.5,
        ),
    ),
)
CLAIM = Claim(
    module=__name__,
    title="The Bayes error of the mixture",
    source=Source(paper=PAPER, locator="section 3, first paragraphs; Figure 2, dotted line"),
    convention=CONVENTION,
    main=("value", "NN"),
    parts=(
        _bound("RF", RF_RISK, "The random-features model"),
        _bound("NT", NT_RISK, "The neural tangent model"),
        _bound("NN", NN_RISK, "The best network"),
        VALUE,
        *parts(bayes_risk),
    ),
)
