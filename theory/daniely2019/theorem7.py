"""Theorem 7: SGD memorises m random points with Õ(m/d) neurons.

Printed: there are q = Õ(m/d), T = Õ(m/ε²), B, η such that with high probability the function that Algorithm 1 returns
memorises a share 1 − ε of the points.

`memorisation`: explicit witnesses, q = ⌈max(3m/d, log₂ m + 5)⌉, B = 100, batch 10, η' = 0.3, T = 200m, ReLU; the final
iterate memorises every point. The logarithm is no decoration: a point on which all q neurons are inactive (each with
chance ½) has no hidden features at all, and m 2^−q of the points are such. T is twice that of our first witness: at
T = 100m and (d, m) = (20, 100) one point of one seed in twenty was left with a margin of −0.01.

Other decent activations take ⌈3m/d⌉ pairs: no neuron of theirs is ever switched off.

`returned`: the iterate of uniformly random time, which Algorithm 1 returns, memorises a share 1 − ε, ε = 1/10: in the
mean over runs, and in more than half of the runs (the theorem's chance tends to one as m grows).

`needed`: "in order to memorize even just slightly more than half of the m examples we need a network with at least m
parameters (up to poly-log factors)". For ReLU and |x| (two slopes): the points of a neuron's upper slope are cut out by
a half-space: there are at most C(m, d) = 2 Σ_{k<d} C(m−1, k) such sets, and C(m, d)^(2q) for 2q neurons. Given them h
is linear in the 2qd numbers u_j w_j: at most C(m, 2qd) dichotomies. So all weights together make at most Π =
C(m, d)^(2q) C(m, 2qd) of them, and labels that are independent signs agree with any one on Bin(m, ½) points, which is
m/4-sub-Gaussian: the best agreement of Π of them, whatever the training, has

    E max share ≤ ½ + √(ln Π/(2m)),    ln Π ≤ 2qd ln(em/d) + 2qd ln(em/(2qd)) + (2q + 1) ln 2.

A share ½ + δ takes 2qd ≥ δ²m over a logarithm: m parameters up to logarithms, for every constant δ.

`separability`. The 2q neurons share q directions, so the hidden tangent features are qd numbers a point. For labels
that
are independent of the points, and points in general position in those qd dimensions (almost surely, for analytic
activations that are not polynomials: every minor is analytic and not zero everywhere), Cover's count of dichotomies
gives
the chance exactly:

    P(separable) = 2^(1−m) Σ_{k < qd} C(m−1, k) = P(Bin(m−1, ½) ≤ qd − 1),

a step at qd = m/2 of width √m. The 2q neurons' 2qd numbers would put it at m/4 (decoy). For the ReLU general position
fails where all neurons are inactive at a point: the negative control.

`separating_width`, `trained_width`: the least q grows no faster than linearly in m/d: the least that separates (linear
programming), and the least with which SGD memorises all points.

`interpolant`. Section 3.3 says "h* ∈ H_k^{O(m)} with h*(x_i) = y_i", and concludes networks of Õ(m/ε²) parameters from
Theorem 5. For m = d^c random points the kernel matrix has its smallest eigenvalues bounded below (the coefficients
b_n of
degrees beyond c act like a multiple of the identity), so ‖h*‖² = yᵀK⁻¹y = O(m): the norm is O(√m). Erratum: with M =
O(m)
Theorem 5 would give M²R²/ε² = O(m²/ε²) parameters, not Õ(m/ε²); with M = O(√m) it gives what is printed.

`feature_learning`: at small B, where the network leaves its tangent space, the same neurons memorise more points.

Source: Daniely 2020, section 3.3, Theorem 7.
"""

import math

import scipy
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
    Existence,
    Gravity,
    Identity,
    Integer,
    Observation,
    Parameter,
    Quantity,
    Rate,
    Source,
    of_order,
)
from lazy_assay.theory.daniely2019 import PAPER

m, q, d, k = (sp.Symbol(name, integer=True, positive=True) for name in ("m", "q", "d", "k"))
dichotomies = sp.Symbol("C", positive=True)
memorised = sp.Symbol("s", nonnegative=True)
chance, norm, width = sp.Symbol("P", nonnegative=True), sp.Function("N")(m), sp.Function("q_min")
POINTS = Parameter("m", m, "number of points", Integer(2))
NEURONS = Parameter("q", q, "pairs of neurons", Integer(1))
DIMENSION = Parameter("d", d, "input dimension", Integer(2))
ACTIVATION = Parameter(
    "activation", sp.Symbol("sigma"), "activation", Choice(("tanh", "erf", "sin", "softplus", "relu"))
)


def most_memorised(m: int, q: int, d: int) -> float:
    """½ + √(ln Π/(2m)), at most one: the mean share that the best of all weights of 2q neurons memorises."""
    count = 2 * q * _log_dichotomies(m, d) + _log_dichotomies(m, 2 * q * d)
    return min(1.0, 0.5 + math.sqrt(count / (2 * m)))


def _log_dichotomies(m: int, size: int) -> float:
    """ln of Cover's 2 Σ_{k<size} C(m−1, k)."""
    return math.log(2 * sum(math.comb(m - 1, k) for k in range(min(size, m))))


def separable(m: int, q: int, d: int) -> float:
    """Chance that m random points with random labels are separable by qd features in general position."""
    return float(scipy.special.bdtr(min(q * d, m) - 1, m - 1, 0.5))


CLAIM = Claim(
    module=__name__,
    title="Memorisation by SGD",
    source=Source(paper=PAPER, locator="section 3.3, Theorem 7"),
    convention="Uniform points of the sphere, independent labels ±1; 2q neurons in q pairs; η' = 2qB²η.",
    parts=(
        Existence(
            name="memorisation",
            sentence="With q = ⌈max(3m/d, log₂ m + 5)⌉ pairs the final iterate of Algorithm 1 memorises every point.",
            quantity=Quantity(
                symbol=sp.Symbol("y_h"), meaning="least margin y h(x) of the final iterate over points and seeds"
            ),
        ),
        Existence(
            name="returned",
            sentence="What Algorithm 1 returns, an iterate of random time, memorises a share 1 − ε on average, "
            "and in more than half of the runs.",
            quantity=Quantity(
                symbol=sp.Symbol("s"),
                meaning="lower confidence bound of the mean share that the returned iterate memorises",
                units="share of the points",
            ),
        ),
        Identity(
            name="separability",
            ours=True,
            sentence="Lazy features separate random labels with Cover's chance, a step at qd = m/2.",
            quantity=Quantity(
                symbol=chance,
                meaning="chance that the points are separable",
                units="probability",
                low=0,
                high=1,
                latex=r"\mathbb{P}(\mathrm{separable})",
            ),
            statement=Eq(chance, sp.Sum(sp.binomial(m - 1, k), (k, 0, q * d - 1)) / 2 ** (m - 1)),
            latex=r"\mathbb{P}(\mathrm{separable})=2^{1-m}\sum_{k=0}^{qd-1}\binom{m-1}{k}",
            parameters=(POINTS, NEURONS, DIMENSION, ACTIVATION),
            assumptions=(
                Assumption(
                    name="general position",
                    sentence="the features of the points are in general position almost surely: an analytic activation",
                    holds=lambda activation: activation != "relu",
                ),
            ),
            published=separable,
            decoys=(
                Decoy(
                    name="all neurons",
                    sentence="2qd features, as if paired neurons had two directions",
                    published=lambda m, q, d: separable(m, 2 * q, d),
                ),
                Decoy(name="one feature a neuron", sentence="q features", published=lambda m, q, d: separable(m, q, 1)),
            ),
        ),
        Rate(
            name="separating_width",
            ours=True,
            sentence="The least number of neurons whose lazy features separate the points is linear in m/d.",
            quantity=Quantity(
                symbol=width(m), meaning="least q that separates", units="pairs of neurons", latex=r"q_{\min}"
            ),
            statement=Eq(width(m), of_order(m)),
            published=lambda: 1.0,
            towards="infinity",
            decoys=(Decoy(name="square root", sentence="O((m/d)^½)", published=lambda: 0.5),),
        ),
        Rate(
            name="trained_width",
            sentence="The least number of neurons with which SGD memorises every point grows no faster than m/d.",
            quantity=Quantity(
                symbol=width(m), meaning="least q that SGD memorises with", units="pairs of neurons", latex=r"q_{\min}"
            ),
            statement=Eq(width(m), of_order(m)),
            published=lambda: 1.0,
            towards="infinity",
            decoys=(Decoy(name="cube root", sentence="O((m/d)^⅓)", published=lambda: 1 / 3),),
        ),
        Bound(
            name="needed",
            companion="separability",
            sentence="No weights of 2q neurons, ReLU or |x|, memorise much more than half of m random labels unless qd "
            "is of the order of m over a logarithm.",
            quantity=Quantity(
                symbol=memorised,
                meaning="mean share that a trained network memorises",
                units="share of the points",
                latex=r"\mathbb{E}s",
            ),
            statement=sp.Le(memorised, sp.Min(1, sp.Rational(1, 2) + sp.sqrt(dichotomies / (2 * m)))),
            latex=r"\mathbb{E}s\leq\min\left(1,\frac{1}{2}+\sqrt{\frac{\ln\Pi}{2m}}\right)",
            parameters=(POINTS, NEURONS, DIMENSION),
            auxiliary=(
                Auxiliary(
                    symbol=dichotomies,
                    meaning="ln Π, Π the number of dichotomies that 2q neurons of two slopes can make",
                    value=lambda m, q, d: 2 * q * _log_dichotomies(m, d) + _log_dichotomies(m, 2 * q * d),
                    latex=r"\ln\Pi",
                ),
            ),
            published=most_memorised,
            decoys=(
                Decoy(name="half", sentence="½: fewer parameters than points are as none", published=lambda: 0.5),
                Decoy(
                    name="parameters over points",
                    sentence="½ + qd/m: linear in the parameters",
                    published=lambda m, q, d: 0.5 + q * d / m,
                ),
            ),
        ),
        Rate(
            name="interpolant",
            sentence="The interpolant of random labels has a kernel norm of order √m along m = d^c.",
            quantity=Quantity(
                symbol=norm,
                meaning="norm of the least interpolant, √(yᵀK⁻¹y)",
                units="kernel norm",
                latex=r"\sqrt{y^\top K^{-1}y}",
            ),
            statement=Eq(norm, of_order(sp.sqrt(m))),
            published=lambda: 0.5,
            towards="infinity",
            sharp=True,
            decoys=(Decoy(name="no growth", sentence="O(1)", published=lambda: 0.0),),
            errata=(
                Erratum(
                    gravity=Gravity.CONSTANT,
                    locator="section 3.3",
                    printed="there is a function h* ∈ H_k^{O(m)} such that h*(x_i) = y_i for all i",
                    corrected="… h* ∈ H_k^{O(√m)} …",
                    derivation="‖h*‖² = yᵀK⁻¹y ≤ m/λ_min(K), and λ_min is bounded below along m = d^c. With M = O(m), "
                    "Theorem 5 gives M²/ε² = O(m²/ε²) parameters; the Õ(m/ε²) that is concluded needs M = O(√m).",
                    evidence="the norm's order along m = d^1.5 is ½; O(m) is true as an upper bound, too weak for "
                    "what is concluded",
                    charitable=(
                        "O(m) is a true upper bound of O(√m); the parameters that are concluded from it, "
                        "Õ(m/ε²), need the smaller one."
                    ),
                ),
            ),
        ),
        Observation(
            name="feature_learning",
            ours=True,
            sentence="At B = 1, away from its tangent space, 2 pairs memorise more of 100 points in 20 dimensions than "
            "at B = 100.",
            quantity=Quantity(
                symbol=sp.Symbol("s_B"), meaning="share of the points that the final iterate memorises", units="share"
            ),
        ),
    ),
)
