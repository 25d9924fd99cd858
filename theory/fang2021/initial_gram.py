"""Section VIII, behind the width of Du et al. [41]: what m, n, λ_0 and δ do at the initialisation.

f(x) = m^(−1/2) Σ_r a_r relu(w_rᵀx), a_r = ±1, w_r ~ N(0, I_d), n unit points. [41] needs three facts about random
weights before training begins; the paper quotes none of them, and its width n⁶λ_0⁻⁴δ⁻² (`du2019`) is made of them.

`concentration`. H(0) = (1/m) Σ_r X_r with 0 ⪯ X_r ⪯ L, L = ‖X‖² ≤ n, and E X_r = H. By the matrix Chernoff bound (for
θ > 0, exp(−θx) ≤ 1 − x(1 − e^(−θL))/L on [0, L], so that E exp(−θX_r) ⪯ exp(−H(1 − e^(−θL))/L); Lieb's theorem adds the
exponents, and P(λ_min(H(0)) ≤ sλ_0) ≤ n exp(mθsλ_0 − mλ_0(1 − e^(−θL))/L), least at e^(−θL) = s)

    P(λ_min(H(0)) ≤ sλ_0) ≤ n exp(−(mλ_0/L)(1 − s + s log s)),      0 < s < 1.

`gram_width`. That is δ at m = (L/λ_0) log(n/δ)/(1 − s + s log s). With L ≤ n: of order (n/λ_0) log(n/δ), where the
union bound of [41] over the entries of H(0) gives (n²/λ_0²) log(n/δ). s = ¾ is the lemma of [41]; s = ¼ is what the
contraction 1 − ηλ_0/2 needs (`du2019`). In δ it is a logarithm: the powers of δ in the stated width come from the last
two.

`pairs`. Exact for n = 2k points in k pairs of product c, each pair orthogonal to the others: projections of w to the
pairs are independent, and a pair's block of H(0) is a function of how many neurons are active at both points, at either
alone, at neither, with chances q, ½ − q, ½ − q, q, q = (π − arccos c)/2π. λ_0 = ½ − cq. So 1 − (1 − p)^k, p a sum over
counts: exponential in m, growing with n, and with λ_0 → 0 as c → 1.

`residual`. E f(0)(x_i)² = ½ and E f(0) = 0, so E‖y − f(0)‖² = ‖y‖² + n/2 at every m: Markov's n/δ.
`near_kinks`. Weights within R of their start can change a neuron's sign at x_i only where |w_rᵀx_i| ≤ R, of chance
erf(R/√2) ≤ 2R/√(2π). Summed over the entries of H: E Σ_ij|H_ij − H_ij(0)| ≤ 2n² erf(R/√2) ≤ 4n²R/√(2π), and by Markov
‖H − H(0)‖ ≤ λ_0/4 with probability 1 − δ for R ≤ cδλ_0/n², c = √(2π)/16: another δ.

Source: Fang, Dong, Zhang 2021, section VIII, second paragraph; [41] is arXiv 1810.02054, Lemmas 3.1 and 3.2.
"""

import math

import numpy as np
import sympy as sp

from lazy_assay.theory import (
    Abbreviation,
    Auxiliary,
    Bound,
    Claim,
    Decoy,
    Eq,
    Identity,
    Integer,
    Parameter,
    Quantity,
    Real,
    Source,
)
from lazy_assay.theory._mathematics.matrices import entry, letter
from lazy_assay.theory._mathematics.two_layer import LABELS, POINTS, WIDTH, Array, m
from lazy_assay.theory.fang2021 import PAPER
from lazy_assay.theory.fang2021._initial_gram import (
    MOST,
    any_block,
    block_law,
    chernoff,
    exponent,
    least_eigenvalue,
    least_of_pair,
    reach,
)

lambda_0, L, s, delta, R = sp.symbols("lambda_0 L s delta R", positive=True)
n, pairs = sp.symbols("n k", positive=True, integer=True)
p, y = sp.Symbol("p"), letter("y", n, 1)
CHANCE = sp.Symbol("P")
SHARE = Parameter("share", s, "share of λ_0 that the least eigenvalue falls to", Real(0, 1))
PAIRS = Parameter("pairs", pairs, "pairs of points, n = 2k", Integer(1))
CORRELATION = Parameter("correlation", sp.Symbol("c", positive=True), "product of the points of a pair", Real(0, 1))
FEW = Parameter("m", m, f"number of hidden units; the sum over counts is made up to {MOST}", Integer(1, MOST))
SAMPLES = Parameter("n", n, "number of points", Integer(1))
LEAST = Parameter(
    "lambda_0",
    lambda_0,
    "least eigenvalue of H, at most its mean ½",
    Real(0, 0.5, closed_high=True),
    latex=r"\lambda_0",
)
REACH = Parameter("L", L, "‖X‖², the largest eigenvalue of the points' products", Real(1, closed_low=True))
DELTA = Parameter("delta", delta, "probability of failure that is allowed", Real(0, 1))
RADIUS = Parameter("R", R, "distance of a neuron's weights from their start", Real(0))
FAILURE = Quantity(
    symbol=CHANCE,
    meaning="probability of λ_min(H(0)) ≤ sλ_0",
    units="probability",
    low=0,
    high=1,
    latex=r"\mathbb{P}(\lambda_{\min}(H(0))\leq s\lambda_0)",
)


def concentration(points: Array, m: int, share: float) -> float:
    """n exp(−(mλ_0/L)(1 − s + s log s)), at most 1."""
    return chernoff(len(points), m, least_eigenvalue(points), reach(points), share)


def of_one_direction(points: Array, m: int, share: float) -> float:
    """exp(−(mλ_0/L)(1 − s + s log s))."""
    return chernoff(1, m, least_eigenvalue(points), reach(points), share)


def in_pairs(pairs: int, correlation: float, m: int, share: float) -> float:
    """1 − (1 − p)^k."""
    return any_block(pairs, of_one_pair(correlation, m, share))


def of_one_pair(correlation: float, m: int, share: float) -> float:
    """p: a sum over counts."""
    return block_law(m, correlation, share * least_of_pair(correlation))


def gram_width(n: int, lambda_0: float, L: float, share: float, delta: float) -> float:
    """(L/λ_0) log(n/δ)/(1 − s + s log s)."""
    return L / lambda_0 * math.log(n / delta) / exponent(share)


def derive_width() -> sp.Expr:
    """Solves n exp(−(mλ_0/L)(1 − s + s log s)) = δ for m."""
    logarithm = sp.expand(sp.log(n) - m * lambda_0 / L * (1 - s + s * sp.log(s)))
    return (sp.log(delta) - logarithm.coeff(m, 0)) / logarithm.coeff(m, 1)


def residual(labels: Array) -> float:
    """‖y‖² + n/2."""
    return float(np.square(labels).sum()) + len(labels) / 2


def near_kinks(R: float) -> float:
    """erf(R/√2)."""
    return math.erf(R / math.sqrt(2))


def _size(points: Array) -> float:
    return float(len(points))


size = Auxiliary(symbol=n, meaning="number of points", value=_size)
at_start = Auxiliary(
    symbol=lambda_0, meaning="least eigenvalue of H", value=lambda points: least_eigenvalue(points), latex=r"\lambda_0"
)
largest = Auxiliary(symbol=L, meaning="‖X‖²", value=lambda points: reach(points))
one = Auxiliary(symbol=p, meaning="P(λ_min ≤ sλ_0) for one pair's block", value=of_one_pair, latex=r"p")
rate = 1 - s + s * sp.log(s)
CLAIM = Claim(
    module=__name__,
    title="How many neurons a Gram matrix needs at initialisation, in n, λ_0 and δ",
    source=Source(paper=PAPER, locator="section VIII, second paragraph (steps of [41] behind its width)"),
    convention="f = m^(−1/2) Σ_r a_r relu(w_rᵀx), a_r = ±1, w_r ~ N(0, I), unit points.",
    parts=(
        Bound(
            name="concentration",
            companion="pairs",
            sentence="The least eigenvalue falls to sλ_0 with a chance of at most n exp(−(mλ_0/L)(1 − s + s log s)).",
            quantity=FAILURE,
            # Of logarithms: sympy would compare a minimum's exponentials for minutes.
            statement=sp.Le(CHANCE, sp.exp(sp.Min(0, sp.log(n) - m * lambda_0 / L * rate))),
            latex=(
                r"\mathbb{P}(\lambda_{\min}(H(0))\leq s\lambda_0)\leq\min"
                r"\left(1,n\,e^{-\frac{m\lambda_0}{L}(1-s+s\log s)}\right)"
            ),
            parameters=(POINTS, WIDTH, SHARE),
            auxiliary=(size, at_start, largest),
            published=concentration,
            side="below",
            decoys=(
                Decoy(
                    name="no n",
                    sentence="exp(−(mλ_0/L)(…)), one eigenvalue for n",
                    published=of_one_direction,
                ),
                Decoy(
                    name="no λ_0",
                    sentence="n exp(−(m/2L)(…)), as if λ_0 were ½",
                    published=lambda points, m, share: chernoff(len(points), m, 0.5, reach(points), share),
                ),
                Decoy(
                    name="m²",
                    sentence="n exp(−(m²λ_0/L)(…))",
                    published=lambda points, m, share: chernoff(
                        len(points), m**2, least_eigenvalue(points), reach(points), share
                    ),
                ),
            ),
        ),
        Identity(
            name="pairs",
            sentence="For orthogonal pairs of points the chance is 1 − (1 − p)^(n/2) exactly, p a sum over counts.",
            quantity=FAILURE,
            statement=Eq(CHANCE, 1 - (1 - p) ** pairs),
            latex=r"\mathbb{P}(\lambda_{\min}(H(0))\leq s\lambda_0)=1-(1-p)^k",
            parameters=(PAIRS, CORRELATION, FEW, SHARE),
            auxiliary=(one,),
            published=in_pairs,
            decoys=(
                Decoy(
                    name="no n",
                    sentence="p, whatever the number of pairs",
                    published=lambda correlation, m, share: of_one_pair(correlation, m, share),
                ),
                Decoy(
                    name="no λ_0",
                    sentence="the counts of the pair, and λ_0 = ½ as for orthogonal points",
                    published=lambda pairs, correlation, m, share: any_block(
                        pairs, block_law(m, correlation, share / 2)
                    ),
                ),
                Decoy(
                    name="half as many neurons",
                    sentence="m/2 (rounded up) for m",
                    published=lambda pairs, correlation, m, share: in_pairs(pairs, correlation, (m + 1) // 2, share),
                ),
            ),
        ),
        Identity(
            name="gram_width",
            sentence="It is δ at m = (L/λ_0) log(n/δ)/(1 − s + s log s) neurons.",
            quantity=Quantity(
                symbol=sp.Symbol("m_0"), meaning="width at which the bound is δ", units="neurons", low=0, latex=r"m_0"
            ),
            statement=Eq(sp.Symbol("m_0"), L / lambda_0 * (sp.log(n) - sp.log(delta)) / rate),
            latex=r"m_0=\frac{L}{\lambda_0}\frac{\log(n/\delta)}{1-s+s\log s}",
            parameters=(SAMPLES, LEAST, REACH, SHARE, DELTA),
            published=gram_width,
            derivation=derive_width,
            decoys=(
                Decoy(
                    name="no n",
                    sentence="log(1/δ)",
                    published=lambda n, lambda_0, L, share, delta: gram_width(1, lambda_0, L, share, delta),
                ),
                Decoy(
                    name="squared",
                    sentence="(L/λ_0)², as by a union bound over entries",
                    published=lambda n, lambda_0, L, share, delta: (
                        L / lambda_0 * gram_width(n, lambda_0, L, share, delta)
                    ),
                ),
                Decoy(
                    name="1/δ",
                    sentence="n/δ for its logarithm, Markov's inequality for Chernoff's",
                    published=lambda n, lambda_0, L, share, delta: L / lambda_0 * n / delta / exponent(share),
                ),
            ),
        ),
        Identity(
            name="residual",
            sentence="The squared residual at initialisation is ‖y‖² + n/2 in the mean, at every width.",
            quantity=Quantity(
                symbol=sp.Symbol("L_0"),
                meaning="mean of ‖y − f(0)‖²",
                units="squared output",
                low=0,
                latex=r"\mathbb{E}\|y-f(0)\|_2^2",
            ),
            statement=Eq(sp.Symbol("L_0"), entry(y.T * y) + n / 2),
            latex=r"\mathbb{E}\|y-f(0)\|_2^2=\|y\|_2^2+\frac{n}{2}",
            abbreviations=(
                Abbreviation(latex=r"\|y\|_2^2", meaning="squared size of the labels", stands_for=entry(y.T * y)),
            ),
            parameters=(LABELS, WIDTH, POINTS),
            auxiliary=(Auxiliary(symbol=y, meaning="labels", value=lambda labels: labels[:, None]),),
            published=residual,
            decoys=(
                Decoy(
                    name="without the half",
                    sentence="‖y‖² + n, as of a linear network",
                    published=lambda labels: residual(labels) + len(labels) / 2,
                ),
                Decoy(
                    name="no initial output",
                    sentence="‖y‖²",
                    published=lambda labels: residual(labels) - len(labels) / 2,
                ),
            ),
        ),
        Identity(
            name="near_kinks",
            sentence="A neuron lies within R of its kink at a point with the chance erf(R/√2), at most 2R/√(2π).",
            quantity=Quantity(
                symbol=CHANCE,
                meaning="share of |w_rᵀx_i| ≤ R over neurons and points",
                low=0,
                high=1,
                latex=r"\mathbb{P}(|w_r^\top x_i|\leq R)",
            ),
            statement=Eq(CHANCE, sp.erf(R / sp.sqrt(2))),
            latex=r"\mathbb{P}(|w_r^\top x_i|\leq R)=\operatorname{erf}\left(\frac{R}{\sqrt{2}}\right)",
            parameters=(RADIUS, WIDTH, POINTS),
            published=near_kinks,
            decoys=(
                Decoy(
                    name="one side",
                    sentence="erf(R/√2)/2, as if 0 ≤ w_rᵀx_i ≤ R",
                    published=lambda R: near_kinks(R) / 2,
                ),
                Decoy(name="linear", sentence="R: a density of ½", published=lambda R: min(R, 1.0)),
            ),
        ),
    ),
)
