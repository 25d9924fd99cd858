"""Section VIII: the complexity result of Du et al. [41] for two-layer ReLU networks, as the paper quotes it.

f(x) = m^(−1/2) Σ_r a_r relu(w_rᵀx) with a_r = ±1 fixed, w_r ~ N(0, I) trained by gradient descent on ½‖y − f‖², unit
inputs. The limiting Gram matrix is H_ij = E[<x_i, x_j> 1{wᵀx_i ≥ 0, wᵀx_j ≥ 0}] = c_ij (π − arccos c_ij)/2π, λ_0 its
least eigenvalue, at most ½ (its mean eigenvalue). For m large enough and η = O(λ_0/n²), with probability 1 − δ,

    ‖y − f(k)‖² ≤ (1 − ηλ_0/2)^k ‖y − f(0)‖²      for every k.

So ε is reached in k = O(η⁻¹λ_0⁻¹ log ε⁻¹) steps, as said. `contraction` is that bound, draw by draw. It is loose in the
exponent by a factor 4: descent with a constant Gram matrix H contracts ‖y − f‖² by (1 − ηλ_0)² ≈ 1 − 2ηλ_0 along the
weakest direction, which labels along it show. A rate of 1 − 2.5ηλ_0 is refuted.

`probability`. The room of a factor 4 is for random weights: while no neuron changes its sign at a point, H(0) rules,
and the bound holds at every step for all labels if and only if (1 − ηλ)² ≤ 1 − ηλ_0/2 for its eigenvalues λ, that is
(for ηλ_max ≤ 1) λ_min(H(0)) ≥ (1 − √(1 − ηλ_0/2))/η = λ_0/4 + O(η). So it fails with exactly the probability that
λ_min(H(0)) is less: in m, n and λ_0 a sum over counts for orthogonal pairs of points (`initial_gram`), for any points
at most n exp(−(mλ_0/L)(1 − s + s log s)) at s = ¼ + O(η), and δ at (L/λ_0) log(n/δ)/0.403 neurons. Networks whose
neurons are taken twice with opposite signs, trained on labels that are small, come as near to that as one likes: f(0) =
0, and w moves in proportion to the labels. With large labels (the control) neurons change their signs as well: what
that costs is the stated width.

`width`. Where n⁶ comes from. Weights at distance R of their start have λ_min ≥ λ_0/2 if R ≤ cδλ_0/n² (with probability
1 − δ: Markov's inequality for the number of signs that flip, c = √(2π)/16, `initial_gram`). Descent moves each by at
most 4√n‖y − f(0)‖/(√m λ_0), and ‖y − f(0)‖² ≤ n/δ (Markov again, E‖y − f(0)‖² = ‖y‖² + n/2). So m ≥ (16/c²) n⁶
λ_0⁻⁴ δ⁻³: the squares give δ² from R and a third δ from ‖y − f(0)‖². Du et al. state Ω(n⁶/(λ_0⁴δ³)).

Erratum. The paper has n⁶λ_0⁻⁴δ⁻². Source: Fang, Dong, Zhang 2021, section VIII; [41] is arXiv 1810.02054, Theorem 4.1.
"""

import math

import sympy as sp

from lazy_assay.theory import (
    Assumption,
    Auxiliary,
    Bound,
    Claim,
    Decoy,
    Eq,
    Erratum,
    Gravity,
    Identity,
    Integer,
    Parameter,
    Quantity,
    Real,
    Source,
)
from lazy_assay.theory._mathematics.two_layer import POINTS, WIDTH, n
from lazy_assay.theory.fang2021 import PAPER
from lazy_assay.theory.fang2021._initial_gram import (
    any_block,
    block_law,
    chernoff,
    least_eigenvalue,
    least_of_pair,
    reach,
)
from lazy_assay.theory.fang2021.initial_gram import CORRELATION, FEW, PAIRS, pairs

lambda_0 = sp.Symbol("lambda_0", positive=True)
eta = sp.Symbol("eta", positive=True)
k = sp.Symbol("k", positive=True, integer=True)
first = sp.Symbol("L_0", positive=True)
delta = sp.Symbol("delta", positive=True)
constant = sp.Symbol("c", positive=True)
p = sp.Symbol("p")
LOSS = Quantity(
    symbol=sp.Symbol("L_k"),
    meaning="squared residual after k steps",
    units="squared output",
    low=0,
    latex=r"\|y-f(k)\|_2^2",
)
FAILURE = Quantity(
    symbol=sp.Symbol("P"),
    meaning="probability that the bound fails at some step",
    units="probability",
    low=0,
    high=1,
    latex=r"\mathbb{P}(\mathrm{fails})",
)
M = Quantity(
    symbol=sp.Symbol("m_0", positive=True),
    meaning="width at which the result is proved",
    units="neurons",
    low=0,
    latex=r"m_0",
)
# The mean eigenvalue of H is ½, so that the least is no larger and the largest no smaller.
LEAST = Real(0, 0.5, closed_high=True)
LAMBDA_0 = Parameter("lambda_0", lambda_0, "least eigenvalue of the limiting Gram matrix", LEAST, latex=r"\lambda_0")
ETA = Parameter("eta", eta, "step size, at most 1/λ_max ≤ 2", Real(0, 2, closed_high=True))
STEP = Parameter("k", k, "steps of gradient descent", Integer(1))
INITIAL = Parameter(
    "initial_loss",
    first,
    "squared residual at initialisation (or half, as on the left)",
    Real(0),
    latex=r"\|y-f(0)\|_2^2",
)
DELTA = Parameter("delta", delta, "probability of failure that is allowed", Real(0, 1))
SAMPLES = Parameter("n", n, "number of points", Integer(1))
LABEL_SIZE = Parameter("label_size", sp.Symbol("epsilon", positive=True), "deviation of the labels", Real(0))
CONSTANT = Parameter("c", constant, "constant of the radius R = cδλ_0/n²", Real(0))


# What is asserted of every draw may fail in one of a million.
CHANCE, SMALLEST = sp.Rational(1, 10**6), sp.Rational(1, 10**6)
ENOUGH = Assumption(
    name="width",
    sentence="there are enough neurons",
    holds=lambda m, points: bool(
        chernoff(len(points), m, least_eigenvalue(points), reach(points), threshold(0.5, 0.0)) <= CHANCE
    ),
    threshold="so many that λ_min(H(0)) falls to λ_0/4 in one draw of a million at most, by Chernoff's bound; the "
    "stated width is 10¹⁰ and more at these sizes",
)
SMALL = Assumption(
    name="small labels",
    sentence="labels are so small that no neuron changes its sign at a point",
    holds=lambda label_size: bool(label_size <= SMALLEST),
    threshold="a deviation of 10⁻⁶ at most, for a few dozen neurons",
)
STABLE = Assumption(
    name="step size",
    sentence="η(1 + c) ≤ 1: no step overshoots, for the largest eigenvalue of H(0) is at most 1 + c",
    holds=lambda eta, correlation: eta * (1 + correlation) <= 1,
    required=True,
)


def threshold(lambda_0: float, eta: float) -> float:
    """The least share of λ_0 with which the bound holds, (1 − √(1 − ηλ_0/2))/(ηλ_0); ¼ as η → 0."""
    # (1 − √(1 − x))/x = 1/(1 + √(1 − x)), without cancellation.
    return 0.5 / (1 + math.sqrt(1 - eta * lambda_0 / 2))


def failure(pairs: int, correlation: float, m: int, eta: float) -> float:
    """1 − (1 − p)^k."""
    return any_block(pairs, of_one_pair(correlation, m, eta))


def of_one_pair(correlation: float, m: int, eta: float) -> float:
    """p: the chance that a pair's block of H(0) has an eigenvalue less than (1 − √(1 − ηλ_0/2))/η."""
    lambda_0 = least_of_pair(correlation)
    return block_law(m, correlation, threshold(lambda_0, eta) * lambda_0)


def contracted(lambda_0: float, eta: float, k: int, initial_loss: float) -> float:
    """(1 − ηλ_0/2)^k times the initial loss."""
    return float((1 - eta * lambda_0 / 2) ** k * initial_loss)


def _faster(lambda_0: float, eta: float, k: int, initial_loss: float) -> float:
    return float(max(1 - 2.5 * eta * lambda_0, 0.0) ** k * initial_loss)


def width(n: int, lambda_0: float, delta: float, c: float) -> float:
    """(16/c²) n⁶ λ_0⁻⁴ δ⁻³."""
    return 16 / c**2 * n**6 / lambda_0**4 / delta**3


def printed_width(n: int, lambda_0: float, delta: float, c: float) -> float:
    """The same with δ⁻²."""
    return 16 / c**2 * n**6 / lambda_0**4 / delta**2


def derive_width() -> sp.Expr:
    """Solves 4√n‖y − f(0)‖/(√m λ_0) = cδλ_0/n² with ‖y − f(0)‖² = n/δ for m."""
    m = sp.Symbol("m", positive=True)
    moved = 4 * sp.sqrt(n) * sp.sqrt(n / delta) / (sp.sqrt(m) * lambda_0)
    allowed = constant * delta * lambda_0 / n**2
    return sp.solve(Eq(moved**2, allowed**2), m)[0]


stated = 16 * n**6 / (constant**2 * lambda_0**4 * delta**3)
EXPONENT = Erratum(
    gravity=Gravity.CONSTANT,
    locator="section VIII, second paragraph",
    printed="the number of hidden units is greater than n⁶λ_0⁻⁴δ⁻²",
    corrected="… of order n⁶λ_0⁻⁴δ⁻³",
    derivation="R = cδλ_0/n² squared gives δ⁻², ‖y − f(0)‖² ≤ n/δ another δ⁻¹.",
    evidence="the derivation in sympy; Theorem 4.1 of [41] (arXiv 1810.02054): Ω(n⁶/(λ_0⁴δ³))",
    printed_form=n**6 / lambda_0**4 / delta**2,
    corrected_form=n**6 / lambda_0**4 / delta**3,
    charitable=("At a fixed δ the orders in n and λ_0 are those of the quoted theorem; the exponent of δ is not."),
)
CLAIM = Claim(
    module=__name__,
    title="Gradient descent on a wide ReLU network contracts at the least eigenvalue of its Gram matrix",
    source=Source(paper=PAPER, locator="section VIII, second paragraph"),
    convention="Loss ½‖y − f‖² without the mean; f = m^(−1/2) Σ_r a_r relu(w_rᵀx), a_r = ±1 fixed, w_r ~ N(0, I).",
    parts=(
        Bound(
            name="contraction",
            companion="probability",
            sentence="The squared residual contracts by 1 − ηλ_0/2 a step, at widths far below the stated one.",
            quantity=LOSS,
            statement=sp.Le(LOSS.symbol, (1 - eta * lambda_0 / 2) ** k * first),
            latex=r"\|y-f(k)\|_2^2\leq\left(1-\frac{\eta\lambda_0}{2}\right)^k\|y-f(0)\|_2^2",
            parameters=(LAMBDA_0, ETA, STEP, INITIAL, WIDTH, POINTS),
            assumptions=(ENOUGH,),
            published=contracted,
            side="below",
            decoys=(
                Decoy(name="five times the rate", sentence="1 − 2.5ηλ_0 a step", published=_faster),
                Decoy(
                    name="half",
                    sentence="½‖y − f(k)‖² on the right, ‖y − f(k)‖² on the left",
                    published=lambda lambda_0, eta, k, initial_loss: contracted(lambda_0, eta, k, initial_loss) / 2,
                ),
            ),
        ),
        Identity(
            name="probability",
            sentence="While no neuron changes its sign the bound fails just as often as H(0) is small in m, n, λ_0.",
            quantity=FAILURE,
            statement=Eq(FAILURE.symbol, 1 - (1 - p) ** pairs),
            latex=r"\mathbb{P}(\mathrm{fails})=1-(1-p)^k",
            parameters=(PAIRS, CORRELATION, FEW, ETA, LABEL_SIZE),
            auxiliary=(
                Auxiliary(
                    symbol=p,
                    meaning="P(λ_min < (1 − √(1 − ηλ_0/2))/η) for one pair's block of H(0)",
                    value=of_one_pair,
                    latex=r"p",
                ),
            ),
            assumptions=(SMALL, STABLE),
            published=failure,
            decoys=(
                Decoy(
                    name="no n",
                    sentence="p, whatever the number of pairs",
                    published=lambda correlation, m, eta: of_one_pair(correlation, m, eta),
                ),
                Decoy(
                    name="no λ_0",
                    sentence="λ_0 = ½, as for orthogonal points",
                    published=lambda pairs, correlation, m, eta: any_block(
                        pairs, block_law(m, correlation, threshold(0.5, eta) / 2)
                    ),
                ),
                Decoy(
                    name="half as many neurons",
                    sentence="m/2 (rounded up) for m",
                    published=lambda pairs, correlation, m, eta: failure(pairs, correlation, (m + 1) // 2, eta),
                ),
                Decoy(
                    name="λ_0/2",
                    sentence="an eigenvalue less than λ_0/2, as the proof asks for",
                    published=lambda pairs, correlation, m: any_block(
                        pairs, block_law(m, correlation, least_of_pair(correlation) / 2)
                    ),
                ),
            ),
        ),
        Identity(
            name="width",
            sentence="The width that the proof asks for is of order n⁶λ_0⁻⁴δ⁻³.",
            quantity=M,
            statement=Eq(M.symbol, stated),
            latex=r"m_0=\frac{16n^6}{c^2\lambda_0^4\delta^3}",
            printed_statement=Eq(M.symbol, stated * delta),
            printed_latex=r"m_0=\frac{16n^6}{c^2\lambda_0^4\delta^2}",
            parameters=(SAMPLES, LAMBDA_0, DELTA, CONSTANT),
            published=width,
            printed=printed_width,
            derivation=derive_width,
            errata=(EXPONENT,),
            decoys=(
                Decoy(
                    name="n⁴",
                    sentence="n⁴ for n⁶, as if the residual were of order one",
                    published=lambda n, lambda_0, delta, c: width(n, lambda_0, delta, c) / n**2,
                ),
            ),
        ),
    ),
)
