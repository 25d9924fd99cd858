"""Eq. (8): the network near its initialisation is its tangent model, the better the wider, at α of order √m.

    f([u, θ], x) ≈ (α/m) Σ_j [ũ_j h(θ̃_j, x) + (u_j − ũ_j) h(θ̃_j, x) + ũ_j (θ_j − θ̃_j)ᵀ∇h(θ̃_j, x)].

What is left out is (α/m) Σ_j O(|u_j − ũ_j||θ_j − θ̃_j| + |ũ_j||θ_j − θ̃_j|²). By (9), at fixed time of the tangent
kernel, each u_j and θ_j moves by O(1/α), so that the sum is O(α · α⁻²) = O(1/α) = O(m^(−1/2)) at α = √m. It may be
smaller, since signs of ũ_j cancel: a Rate is one-sided. At α = 1 it is O(1): the control.
`matched_time` compares both models after the same steps, `matched_loss` at the step at which the network's loss has
fallen to a given share, under each learning-rate convention: (13), (12), and (11).

`bounded`. "The theory requires α = O(√m), so that the term (α/m)Σ_j ũ_j h(θ̃_j, x) has a bounded variance": exactly
Var = (α²/m) E h² = (α²/m) σ̂(1) at a unit input, bounded in m if and only if α = O(√m).

Erratum. "The first order approximation (19) used by NTK" (below Figure 5's mention) is (8); (19) is a condition of
optimality in the mean-field section.

Source: Fang, Dong, Zhang 2021, section IV, Eq. (8) and the paragraph after it.
"""

import sympy as sp

from lazy_assay.theory import (
    Assumption,
    Auxiliary,
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
    of_order,
)
from lazy_assay.theory._mathematics.dual_activations import dual
from lazy_assay.theory._mathematics.two_layer import ACTIVATION, CONVENTION, WIDTH, m
from lazy_assay.theory.fang2021 import PAPER

ERROR = sp.Function("Delta")(m)
e = sp.Symbol("e", real=True)
EXPONENT = Parameter("exponent", e, "α = m^e", Real(0, 1, closed_low=True, closed_high=True))
OUTPUT_RATE = Parameter("output_rate", sp.Symbol("r", real=True), "η_u = m^r η_θ", Real(-1, 1))


def initial_variance(m: int, exponent: float, activation: str) -> float:
    """(α²/m) σ̂(1) with α = m^e."""
    return float(m ** (2 * exponent - 1) * second_moment(activation))


def second_moment(activation: str) -> float:
    """E h(θ, x)² at a unit input."""
    return float(dual(activation, 1.0))


REFERENCE = Erratum(
    gravity=Gravity.MISPRINT,
    locator="section IV, the paragraph on large learning rates and momentum",
    printed="the first order approximation (19) used by NTK",
    corrected="the first order approximation (8) used by NTK",
    derivation="(19) is g(ρ, u, θ) = c, a first-order condition of optimality; the expansion of the network is (8).",
    evidence="the displays themselves",
)


def _rate(name: str, sentence: str, meaning: str, decoy: Decoy, errata: tuple[Erratum, ...] = ()) -> Rate:
    return Rate(
        name=name,
        ours=name == "matched_loss",
        sentence=sentence,
        quantity=Quantity(symbol=ERROR, meaning=meaning, units="output", latex=r"\|f-f_{\mathrm{tangent}}\|_2"),
        statement=Eq(ERROR, of_order(m ** sp.Rational(-1, 2))),
        parameters=(ACTIVATION, EXPONENT, OUTPUT_RATE, WIDTH),
        assumptions=(
            Assumption(
                name="large scaling",
                sentence="α grows like √m",
                holds=lambda exponent: exponent >= 0.5,
                threshold="an exponent of one half or more",
            ),
        ),
        published=lambda: -0.5,
        towards="infinity",
        decoys=(decoy,),
        errata=errata,
    )


square = Auxiliary(
    symbol=sp.Symbol("h_2", positive=True),
    meaning="E h(θ, x)²",
    value=second_moment,
    latex=r"\mathbb{E}h(\tilde\theta,x)^2",
)
VARIANCE = sp.Symbol("V")
CLAIM = Claim(
    module=__name__,
    title="A wide network stays with its tangent model",
    source=Source(paper=PAPER, locator="section IV, Eq. (8)"),
    convention=CONVENTION + " Equal steps are equal times of the tangent kernel: η_θ is a multiple of m/α². "
    "At equal loss, a start that never comes down to it counts with its last step.",
    parts=(
        _rate(
            "matched_time",
            "After the same time of training the tangent model's error is O(m^(−1/2)) at α = √m.",
            "root mean square of network − tangent model after equal steps",
            Decoy(name="1/α³", sentence="O(m^(−3/2)), as if the second order vanished", published=lambda: -1.5),
            (REFERENCE,),
        ),
        _rate(
            "matched_loss",
            "At the same share of the loss the tangent model's error is O(m^(−1/2)) at α = √m.",
            "root mean square of network − tangent model when the network's loss has fallen to a share",
            Decoy(name="1/α⁴", sentence="O(1/m²)", published=lambda: -2.0),
        ),
        Identity(
            name="bounded",
            sentence="The output at initialisation has variance α²/m times E h², bounded in m only at α = O(√m).",
            quantity=Quantity(
                symbol=VARIANCE,
                meaning="variance of the output at initialisation",
                units="output²",
                low=0,
                latex=r"\operatorname{Var}f([\tilde u,\tilde\theta],x)",
            ),
            statement=Eq(VARIANCE, m ** (2 * e - 1) * square.symbol),
            latex=r"\operatorname{Var}f([\tilde u,\tilde\theta],x)=m^{2e-1}\,\mathbb{E}h(\tilde\theta,x)^2",
            parameters=(WIDTH, EXPONENT, ACTIVATION),
            auxiliary=(square,),
            published=initial_variance,
            decoys=(
                Decoy(
                    name="(α/m)²",
                    sentence="the squared prefactor without the sum",
                    published=lambda m, exponent, activation: initial_variance(m, exponent, activation) / m,
                ),
                Decoy(
                    name="α/m",
                    sentence="the prefactor for its square times m",
                    published=lambda m, exponent, activation: m ** (exponent - 1) * second_moment(activation),
                ),
            ),
        ),
    ),
)
