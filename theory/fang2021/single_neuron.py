"""Section VI, on [63]: how many random features it takes to learn one ReLU neuron, f*(x) = relu(x_1), x ~ N(0, I_d).

"[63] showed that random features cannot be used to learn even a single ReLU neuron unless the number of the hidden
units is exponentially large in d" (again in section X). Errors are E(f − f*)²/E f*², least squares over the population.

`dimension`. A constant and m neurons with rotation-invariant weights are F = m + 1 features in the random feature
model, F = m d + 1 in the tangent model. By Schur's lemma they explain harmonics of degree ℓ as far as F reaches, N_ℓ ~
d^ℓ/ℓ! of them a degree (`_harmonics`): a mean error of at least 1 − 2S(F), at every d and m, whatever the activation.
Of E f*² the degrees 0 and 1 hold 81.8 % as d → ∞, degree 2 makes it 97.7 %, degree 4 99.1 %; odd degrees hold nothing.

So the number of neurons for an error ε is of order d^ℓ in steps: of order d for ε above 18.2 % (`linear`), d² from
there to 2.25 % (`quadratic`), d⁴ below; of order d^(ℓ−1) in the tangent model, with d features a neuron (`tangent`, ε =
6 %). At every *fixed* ε and for a neuron of unit weight the need is polynomial in d. What is left beyond degree ℓ falls
like a power of ℓ, so that ε must fall with d for the number to outgrow every power. [63] has a neuron whose weights and
bias grow polynomially with d, and an error that is fixed in absolute terms: a relative error that falls with d.

`one_neuron`, the contrast: descent on the population risk R of u relu(θᵀx), both trained. With r = ‖θ‖, ψ the angle of
θ and e_1 and κ(ψ) = (sin ψ + (π − ψ) cos ψ)/2π, R = u²r²/4 − u r κ + 1/4, and along its gradient flow

    u' = −u r²/2 + r κ,   r' = −u² r/2 + u κ,   (cos ψ)' = (u/r) sin²ψ (π − ψ)/2π,   (u² − r²)' = 0.

From u > 0: u stays positive (u' = r κ > 0 at u = 0), ψ falls to 0, u r → 1: the error tends to 0, at an exponential
rate. From −r < u < 0: r² ≥ r² − u² > 0 is kept away from 0, |u| falls at least like exp(−∫r²/2), so that ψ stays below
π, κ above 0, and u crosses 0: learned. From u < −r: u² ≥ u² − r² keeps the sign of u, r falls to 0: the neuron dies,
with error 1. So one neuron learns f* from every start (ψ < π) but u < −‖θ‖; of θ ~ N(0, I/d), u ~ N(0, 1) these are a
share P(t_d < −1) of Student's law, 16 to 25 %. (At u = −r, of probability 0, both fall to 0.)
`trained` holds one trained neuron against d random features.

Source: Fang, Dong, Zhang 2021, section VI, the paragraph on [63]; [63] is Yehudai, Shamir 2019 (arXiv 1904.00687).
"""

import sympy as sp

from lazy_assay.theory import (
    Assumption,
    Auxiliary,
    Bound,
    Choice,
    Claim,
    Decoy,
    Eq,
    Erratum,
    Formula,
    Gravity,
    Identity,
    Integer,
    Observation,
    Parameter,
    Quantity,
    Rate,
    Real,
    Source,
    of_order,
)
from lazy_assay.theory.fang2021 import PAPER
from lazy_assay.theory.fang2021._harmonics import explained

d, m = sp.symbols("d m", positive=True, integer=True)
u, r, c = sp.Symbol("u", real=True), sp.Symbol("r", positive=True), sp.Symbol("c", real=True)
DIMENSION = Parameter("d", d, "dimension of the inputs", Integer(2))
NEURONS = Parameter("m", m, "number of neurons beside a constant", Integer(1))
MODEL = Parameter(
    "model",
    sp.Symbol("M"),
    "random features relu(wᵀx), tangent features x 1{wᵀx > 0}, or wᵀx alone",
    Choice(("random", "tangent", "linear")),
)
OUTER = Parameter("u", u, "output weight u at the start", Real(), latex=r"u_0")
NORM = Parameter("norm", r, "‖θ‖ at the start", Real(0), latex=r"\|\theta_0\|_2")
COSINE = Parameter("cosine", c, "cosine of θ and the target at the start", Real(-1, 1, closed_high=True))
APART = Assumption(
    name="off the boundary", sentence="u ≠ −‖θ‖ at the start", holds=lambda u, norm: u != -norm, required=True
)


def features(d: int, m: int, model: str) -> int:
    """F, the constant among them."""
    return m * d + 1 if model == "tangent" else m + 1


def least_error(d: int, m: int, model: str) -> float:
    """1 − 2S(F)."""
    return 1 - 2 * explained(features(d, m, model), d)


def final_error(u: float, norm: float) -> float:
    """0 or 1."""
    return 1.0 if u < -norm else 0.0


ERROR = Quantity(
    symbol=sp.Symbol("epsilon"),
    meaning="E(f − f*)²/E f*²",
    units="share of E f*²",
    low=0.0,
    high=float("inf"),
    latex=r"\epsilon",
)
LEAST = Quantity(
    symbol=sp.Function("m_*")(d),
    meaning="least number of neurons for a given relative error",
    units="neurons",
    latex=r"m_*",
)
knapsack = Auxiliary(
    symbol=sp.Symbol("S", positive=True),
    meaning="what F features explain at most: a knapsack of harmonics",
    value=lambda d, m, model: explained(features(d, m, model), d),
    latex=r"S_F",
)
POLYNOMIAL = Erratum(
    gravity=Gravity.CONDITION,
    locator="section VI, the sentence on [63]; section X, second item",
    printed="random features cannot be used to learn even a single ReLU neuron unless the number of the hidden units "
    "is exponentially large in d",
    reading="as it stands, for a ReLU neuron relu(w*ᵀx) of unit weight and Gaussian inputs, to a given accuracy",
    corrected="… unless their number is of order d^ℓ, where ℓ is the degree up to which the neuron's harmonics must be "
    "explained: d for a relative error above 18.2 %, d² from there to 2.25 %, d⁴ below. Beyond every power of d only "
    "where the relative error is to fall with d, as it does in [63].",
    derivation="Degree ℓ has of order d^ℓ harmonics, and m features explain at most m dimensions of them in the mean "
    "(Schur); what is left beyond a fixed degree is a constant.",
    evidence="part quadratic: of order d² features are enough for 9 %, from d = 8 to 24; parts linear and dimension",
    charitable="[63] has weights and bias that grow polynomially with d and an error that is fixed in absolute terms; "
    "with these the sentence is a theorem. Neither is in the sentence, and 'even a single ReLU neuron' says the "
    "opposite.",
)


def _constant(power: int) -> Formula:
    return lambda: float(power)


def _steps(name: str, words: str, power: int, errata: tuple[Erratum, ...], *others: tuple[str, int]) -> Rate:
    return Rate(
        name=name,
        sentence=words,
        quantity=LEAST,
        statement=Eq(LEAST.symbol, of_order(d**power)),
        parameters=(DIMENSION,),
        published=_constant(power),
        towards="infinity",
        sharp=True,
        decoys=tuple(
            Decoy(name=f"d^{wrong}", sentence=sentence, published=_constant(wrong)) for sentence, wrong in others
        ),
        errata=errata,
    )


CLAIM = Claim(
    module=__name__,
    title="Random features of a single ReLU neuron",
    source=Source(paper=PAPER, locator="section VI, on [63]"),
    convention="f*(x) = relu(x_1), x ~ N(0, I_d), weights w_j ~ N(0, I), a constant feature beside them; the least "
    "mean square error over the population, relative to E f*² = 1/2.",
    parts=(
        Bound(
            name="dimension",
            sentence="Features of rotation-invariant weights explain no more harmonics than they are.",
            quantity=ERROR,
            statement=sp.Ge(ERROR.symbol, 1 - 2 * knapsack.symbol),
            parameters=(DIMENSION, NEURONS, MODEL),
            auxiliary=(knapsack,),
            published=least_error,
            side="above",
            decoys=(
                Decoy(
                    name="no constant",
                    sentence="F = m, or m d",
                    published=lambda d, m, model: 1 - 2 * explained(features(d, m, model) - 1, d),
                ),
                Decoy(
                    name="neurons for features",
                    sentence="F = m + 1 in the tangent model too",
                    published=lambda d, m: 1 - 2 * explained(m + 1, d),
                ),
            ),
        ),
        _steps(
            "linear",
            "To a relative error of 25 % it takes of order d random features.",
            1,
            (),
            ("as for 9 %", 2),
            ("no dependence on d, as for a trained neuron", 0),
        ),
        _steps(
            "quadratic",
            "To a relative error of 9 % it takes of order d² random features, no more: polynomial in d, unless the "
            "error is to fall with d.",
            2,
            (POLYNOMIAL,),
            ("as for 25 %", 1),
            ("harmonics of degree 3", 3),
        ),
        _steps(
            "tangent",
            "To a relative error of 6 % it takes of order d neurons of the tangent model, of d features each.",
            1,
            (),
            ("as many neurons as random features", 2),
            ("no dependence on d, as for a trained neuron", 0),
        ),
        Identity(
            name="one_neuron",
            sentence="One neuron, both layers trained, ends at no error at all, or dead where it starts from u < −‖θ‖.",
            quantity=ERROR,
            statement=Eq(ERROR.symbol, sp.Piecewise((1, u < -r), (0, True))),
            latex=r"\epsilon=\begin{cases}1&\text{if }\|\theta_0\|_2<-u_0\\0&\text{otherwise}\end{cases}",
            parameters=(OUTER, NORM, COSINE),
            assumptions=(APART,),
            published=final_error,
            decoys=(Decoy(name="sign", sentence="dead from every u < 0", published=lambda u: 1.0 if u < 0 else 0.0),),
        ),
        Observation(
            name="trained",
            sentence="d random features leave a quarter of the neuron's square more than one trained neuron leaves, "
            "from u = 1 and θ ~ N(0, I/d).",
            quantity=ERROR,
        ),
    ),
)
