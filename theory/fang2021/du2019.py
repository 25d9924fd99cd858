"""Section VIII: the complexity result of Du et al. [41] for two-layer ReLU networks, as the paper quotes it.

f(x) = m^(−1/2) Σ_r a_r relu(w_rᵀx) with a_r = ±1 fixed, w_r ~ N(0, I) trained by gradient descent on ½‖y − f‖², unit
inputs. The limiting Gram matrix is H_ij = E[<x_i, x_j> 1{wᵀx_i ≥ 0, wᵀx_j ≥ 0}] = c_ij (π − arccos c_ij)/2π, λ_0 its
least eigenvalue, at most ½ (its mean eigenvalue). For m large enough and η = O(λ_0/n²), with probability 1 − δ,

    ‖y − f(k)‖² ≤ (1 − ηλ_0/2)^k ‖y − f(0)‖²      for every k.

So ε is reached in k = O(η⁻¹λ_0⁻¹ log ε⁻¹) steps, as said. The bound is loose in the exponent by a factor 4 at
least: descent with a constant Gram matrix H contracts ‖y − f‖² by (1 − ηλ_0)² ≈ 1 − 2ηλ_0 or faster a step. It has room
for H at the weights to have only λ_0/2 for its least eigenvalue: that is why it holds at widths far below the stated
one, and `probability` measures how often it fails there. Without that room (a few neurons) it does fail.

`width`. Where n⁶ comes from. Weights at distance R of their start have λ_min ≥ λ_0/2 if R ≤ cδλ_0/n² (with probability
1 − δ: Markov's inequality for the number of signs that flip). Descent moves each by at most
4√n‖y − f(0)‖/(√m λ_0), and ‖y − f(0)‖² ≤ n/δ (Markov again, E‖y − f(0)‖² = O(n)). So m ≥ (16/c²) n⁶ λ_0⁻⁴ δ⁻³: the
squares give δ² from R and a third δ from ‖y − f(0)‖². Du et al. state Ω(n⁶/(λ_0⁴δ³)).

Erratum. The paper has n⁶λ_0⁻⁴δ⁻². Source: Fang, Dong, Zhang 2021, section VIII; [41] is arXiv 1810.02054, Theorem 4.1.
"""

import numpy as np
import sympy as sp

from theory import Assumption, Bound, Claim, Decoy, Erratum, Identity, Integer, Parameter, Quantity, Real, Source
from theory._claim import Eq
from theory._dual_activations import dual_of_slope
from theory.fang2021 import PAPER
from theory.fang2021._two_layer import POINTS, WIDTH, Array, n

lambda_0 = sp.Symbol("lambda_0", positive=True)
eta = sp.Symbol("eta", positive=True)
k = sp.Symbol("k", positive=True, integer=True)
first = sp.Symbol("L_0", positive=True)
delta = sp.Symbol("delta", positive=True)
constant = sp.Symbol("c", positive=True)
LOSS = Quantity(symbol=sp.Symbol("L_k"), meaning="squared residual after k steps", units="squared output", low=0)
FAILURE = Quantity(
    symbol=sp.Symbol("P"), meaning="probability that the bound fails at some step", units="probability", low=0, high=1
)
M = Quantity(
    symbol=sp.Symbol("m_0", positive=True), meaning="width at which the result is proved", units="neurons", low=0
)
LAMBDA_0 = Parameter("lambda_0", lambda_0, "least eigenvalue of the limiting Gram matrix", Real(0, 1, closed_high=True))
ETA = Parameter("eta", eta, "step size, at most 1/λ_max ≤ 2", Real(0, 2, closed_high=True))
STEP = Parameter("k", k, "steps of gradient descent", Integer(1))
INITIAL = Parameter("initial_loss", first, "squared residual at initialisation (or half, as on the left)", Real(0))
DELTA = Parameter("delta", delta, "probability of failure that is allowed", Real(0, 1))
SAMPLES = Parameter("n", n, "number of points", Integer(1))
CONSTANT = Parameter("c", constant, "constant of the radius R = cδλ_0/n²", Real(0))


ENOUGH = Assumption(
    name="width",
    sentence="there are enough neurons",
    holds=lambda m, points: m >= 2 * len(points),
    threshold="two neurons a point; the stated width is 10¹⁰ and more at these sizes",
)


def limiting_gram(points: Array) -> Array:
    """H of unit points, (n, n)."""
    products = points @ points.T
    return np.asarray(products * dual_of_slope("relu", products))


def least_eigenvalue(points: Array) -> float:
    """λ_0."""
    return float(np.linalg.eigvalsh(limiting_gram(points))[0])


def contracted(lambda_0: float, eta: float, k: int, initial_loss: float) -> float:
    """(1 − ηλ_0/2)^k times the initial loss."""
    return float((1 - eta * lambda_0 / 2) ** k * initial_loss)


def _faster(lambda_0: float, eta: float, k: int, initial_loss: float) -> float:
    return float(max(1 - 8 * eta * lambda_0, 0.0) ** k * initial_loss)


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
    locator="section VIII, second paragraph",
    printed="the number of hidden units is greater than n⁶λ_0⁻⁴δ⁻²",
    corrected="… of order n⁶λ_0⁻⁴δ⁻³",
    derivation="R = cδλ_0/n² squared gives δ⁻², ‖y − f(0)‖² ≤ n/δ another δ⁻¹.",
    evidence="the derivation in sympy; Theorem 4.1 of [41] (arXiv 1810.02054): Ω(n⁶/(λ_0⁴δ³))",
    printed_form=n**6 / lambda_0**4 / delta**2,
    corrected_form=n**6 / lambda_0**4 / delta**3,
)
CLAIM = Claim(
    module=__name__,
    title="Gradient descent on a wide ReLU network contracts at the least eigenvalue of its Gram matrix",
    source=Source(paper=PAPER, locator="section VIII, second paragraph"),
    convention="Loss ½‖y − f‖² without the mean; f = m^(−1/2) Σ_r a_r relu(w_rᵀx), a_r = ±1 fixed, w_r ~ N(0, I).",
    parts=(
        Bound(
            name="contraction",
            sentence="The squared residual contracts by 1 − ηλ_0/2 a step, at widths far below the stated one.",
            quantity=LOSS,
            statement=sp.Le(LOSS.symbol, (1 - eta * lambda_0 / 2) ** k * first),
            parameters=(LAMBDA_0, ETA, STEP, INITIAL, WIDTH, POINTS),
            assumptions=(ENOUGH,),
            published=contracted,
            side="below",
            decoys=(
                Decoy(name="eight times the rate of H", sentence="1 − 8ηλ_0 a step", published=_faster),
                Decoy(
                    name="half",
                    sentence="½‖y − f(k)‖² on the right, ‖y − f(k)‖² on the left",
                    published=lambda lambda_0, eta, k, initial_loss: contracted(lambda_0, eta, k, initial_loss) / 2,
                ),
            ),
        ),
        Bound(
            name="probability",
            sentence="The bound fails with a probability of at most δ.",
            quantity=FAILURE,
            statement=sp.Le(FAILURE.symbol, delta),
            parameters=(DELTA, WIDTH, POINTS),
            assumptions=(ENOUGH,),
            published=lambda delta: delta,
            side="below",
            decoys=(Decoy(name="a tenth", sentence="δ/10", published=lambda delta: delta / 10),),
        ),
        Identity(
            name="width",
            sentence="The width that the proof asks for is of order n⁶λ_0⁻⁴δ⁻³.",
            quantity=M,
            statement=Eq(M.symbol, stated),
            printed_statement=Eq(M.symbol, stated * delta),
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
