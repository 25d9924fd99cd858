"""The lazy criterion: the relative scale κ_h(w0) = ‖h(w0) − y*‖ ‖D²h(w0)‖/‖Dh(w0)‖² of a model at its initialisation.

Training is lazy where κ is small. For R(y) = ½‖y − y*‖² one small step η changes the loss by Δ(F) = η‖∇F‖²/F and the
differential by at most Δ(Dh) = η‖∇F‖ ‖D²h‖/‖Dh‖. With ‖∇F‖ ≈ ‖Dh‖ ‖h − y*‖ (an inequality in general) and F = ½‖h −
y*‖², Δ(Dh)/Δ(F) = κ/2: the criterion leaves the ½ out, as an order of magnitude may.

Norms are operator norms: ‖Dh‖ from weights to outputs, ‖D²h‖ = max ‖D²h[a, b]‖ over unit weights a and b. For a
two-layer network D²h is block diagonal over neurons, so that the last is a maximum over neurons.

`definition`: κ as stated, against derivatives by automatic differentiation of whole networks. `zero_output`: where
h(w0) = 0, ‖αh − y*‖ = ‖y*‖ does not depend on α, so α κ_{αh} is constant: a large α makes any such model lazy.

`width`: h = α(m) Σ_j u_j σ(⟨w_j, x⟩) with m independent neurons of weights of order one and α(m) = m^(−p). ‖Dh‖ ~
α√m, ‖D²h‖ ~ α, ‖h(w0)‖ ~ α√m: κ ~ (‖y*‖ + α√m) α/(α²m) ~ m^(−1/2) + 1/(α m), a slope of −min(½, 1 − p): −½ at p ≤ ½, 0
at p = 1.

Erratum to the remark of Kearns et al. (section 3, before Eq. 12): "as long as αm → ∞, which is the case for any α > 0
and large m, all shallow networks are guaranteed to reach the lazy regime". Here α is α(m), and αm → ∞ fails at the
mean-field scaling α(m) = 1/m > 0, where κ does not fall at all. It holds for an α that is constant in m.

Source: Chizat, Oyallon, Bach 2019, section 1 (the criterion; the bound for two-layer networks).
"""

import sympy as sp

from lazy_assay.theory import (
    Assumption,
    Claim,
    Decoy,
    Eq,
    Erratum,
    Gravity,
    Identity,
    Parameter,
    Quantity,
    Rate,
    Real,
    Source,
)
from lazy_assay.theory.chizat2019 import PAPER
from lazy_assay.theory.chizat2019._networks import INITIALISATION
from lazy_assay.theory.chizat2019.theorem2_2 import ALPHA, ZERO_OUTPUT, alpha

r, second, first, p, m = sp.symbols("r D_2 D_1 p m", positive=True)
kappa, kappa_of_width = sp.Symbol("kappa"), sp.Function("kappa")(m)
# sympy's own O cannot tell the sign of an exponent that depends on p.
order = sp.Function("O")
RESIDUAL = Parameter("residual_norm", r, "‖h(w0) − y*‖", Real(0.0, closed_low=True), "output", latex=r"\|h(w_0)-y^*\|")
SECOND = Parameter(
    "D2h_norm", second, "‖D²h(w0)‖", Real(0.0, closed_low=True), "output per squared weight", latex=r"\|D^2h(w_0)\|"
)
FIRST = Parameter("Dh_norm", first, "‖Dh(w0)‖", Real(0.0), "output per weight", latex=r"\|Dh(w_0)\|")
MOVES = Assumption(
    name="differential",
    sentence="Dh(w0) ≠ 0: at least one neuron is active at one of the points",
    holds=lambda Dh_norm: Dh_norm > 0,
)
EXPONENT = Parameter("exponent", p, "p in α(m) = m^(−p)", Real(0.0, 1.0, closed_low=True, closed_high=True))


def relative_scale(residual_norm: float, D2h_norm: float, Dh_norm: float) -> float:
    """κ_h(w0), dimensionless."""
    return residual_norm * D2h_norm / Dh_norm**2


def derived() -> sp.Expr:
    """2 Δ(Dh)/Δ(F) of one step, with ‖∇F‖ = ‖Dh‖ ‖h − y*‖."""
    eta = sp.Symbol("eta", positive=True)
    loss, gradient = r**2 / 2, first * r
    return 2 * (eta * gradient * second / first) / (eta * gradient**2 / loss)


def scaled(alpha: float, residual_norm: float, D2h_norm: float, Dh_norm: float) -> float:
    """κ_{αh} where h(w0) = 0: κ_h/α, with the norms of h itself."""
    return relative_scale(residual_norm, D2h_norm, Dh_norm) / alpha


CLAIM = Claim(
    module=__name__,
    title="The relative scale of a model",
    source=Source(paper=PAPER, locator="section 1, definition of κ_h and its bound for two-layer networks"),
    convention="Operator norms; R(y) = ½‖y − y*‖².",
    parts=(
        Identity(
            name="definition",
            sentence="κ is twice the ratio of the relative changes of differential and loss in one small step.",
            quantity=Quantity(symbol=kappa, meaning="‖h(w0) − y*‖ ‖D²h(w0)‖/‖Dh(w0)‖²", low=0, latex=r"\kappa_h"),
            statement=Eq(kappa, r * second / first**2),
            latex=r"\kappa_h=\|h(w_0)-y^*\|\frac{\|D^2h(w_0)\|}{\|Dh(w_0)\|^2}",
            parameters=(RESIDUAL, SECOND, FIRST),
            assumptions=(MOVES,),
            published=relative_scale,
            derivation=derived,
            decoys=(
                Decoy(
                    name="not squared",
                    sentence="‖Dh‖ in place of its square",
                    published=lambda residual_norm, D2h_norm, Dh_norm: residual_norm * D2h_norm / Dh_norm,
                ),
                Decoy(
                    name="half",
                    sentence="with the ½ of the loss",
                    published=lambda residual_norm, D2h_norm, Dh_norm: residual_norm * D2h_norm / Dh_norm**2 / 2,
                ),
            ),
        ),
        Identity(
            name="zero_output",
            sentence="Where h(w0) = 0, α times κ of the scaled model αh is constant.",
            quantity=Quantity(symbol=kappa, meaning="κ of αh at w0", low=0, latex=r"\kappa_h"),
            statement=Eq(kappa, r * second / first**2 / alpha),
            latex=r"\kappa_h=\frac{1}{\alpha}\|h(w_0)-y^*\|\frac{\|D^2h(w_0)\|}{\|Dh(w_0)\|^2}",
            parameters=(ALPHA, RESIDUAL, SECOND, FIRST, INITIALISATION),
            assumptions=(ZERO_OUTPUT, MOVES),
            published=scaled,
            decoys=(
                Decoy(
                    name="scale does not matter",
                    sentence="κ of h itself",
                    published=lambda residual_norm, D2h_norm, Dh_norm: relative_scale(residual_norm, D2h_norm, Dh_norm),
                ),
                Decoy(
                    name="squared",
                    sentence="α² in place of α",
                    published=lambda alpha, residual_norm, D2h_norm, Dh_norm: (
                        relative_scale(residual_norm, D2h_norm, Dh_norm) / alpha**2
                    ),
                ),
            ),
        ),
        Rate(
            name="width",
            sentence="With α(m) = m^(−p), κ falls like m^(−1/2) for p ≤ 1/2 and like m^(p − 1) up to p = 1.",
            quantity=Quantity(symbol=kappa_of_width, meaning="κ of α(m) Σ_j u_j σ(⟨w_j, x⟩) at w0", latex=r"\kappa_h"),
            statement=Eq(kappa_of_width, order(m ** sp.Max(-sp.Rational(1, 2), p - 1))),
            latex=r"\kappa_h(m)=O\left(m^{\max(-1/2,p-1)}\right)",
            printed_statement=Eq(kappa_of_width, order(m ** -sp.Rational(1, 2))),
            printed_latex=r"\kappa_h(m)=O\left(m^{-1/2}\right)",
            parameters=(EXPONENT, Parameter("m", m, "number of neurons", Real(0.0))),
            published=lambda exponent: max(-0.5, exponent - 1.0),
            printed=lambda: -0.5,
            towards="infinity",
            sharp=True,
            decoys=(
                Decoy(name="as 1/m", sentence="no term from the output at w0", published=lambda: -1.0),
                Decoy(name="not at all", sentence="κ does not depend on m", published=lambda: 0.0),
            ),
            errata=(
                Erratum(
                    gravity=Gravity.CONDITION,
                    locator="Kearns, Munyuza, Brosh 2023, section 3, before Eq. (12)",
                    printed="as long as αm → ∞, which is the case for any α > 0 and large m, all shallow networks are "
                    "guaranteed to reach the lazy regime",
                    corrected="… as long as α(m) m → ∞, which fails at α(m) = 1/m",
                    derivation="κ ~ m^(−1/2) + 1/(α(m) m), and the last term is 1 at α(m) = 1/m > 0",
                    evidence="slopes of κ in m at p = 0, 1/2, 1",
                    charitable=(
                        "For an α that does not depend on m the sentence is right. It is written for the α(m) "
                        "of Eq. (12), of which 1/m is the mean-field choice: positive at every m."
                    ),
                ),
            ),
        ),
    ),
)
