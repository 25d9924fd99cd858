"""Section 2.5: how far the random tangent kernel of the hidden weights is from its mean.

tk^h_W(x, y) = (ρ/q)Σ_{i≤q} σ'(<w_i, x>)σ'(<w_i, y>) with ρ = <x, y> is a mean of q independent terms, so, exactly,

    Var tk^h_W(x, y) = ρ²(E[σ'(u)²σ'(v)²] − E[σ'(u)σ'(v)]²)/q.

`relu_count`. For ReLU every term is 0 or 1: tk^h_W = ρ·Binomial(q, p)/q with p = P(u, v > 0) = (π − arccos ρ)/(2π).

`operator_norm`. On n points the matrix of differences is a mean of q independent bounded ones of mean zero, so its
operator norm is of order q^(−1/2), and no less: E‖·‖_F² is (1/q) times a constant.
Source: Daniely 2020, sections 1 ("NTK Convergence") and 2.5.
"""

from math import acos, pi

import sympy as sp

from lazy_assay.theory import (
    Auxiliary,
    Claim,
    Decoy,
    Eq,
    Identity,
    Integer,
    Parameter,
    Quantity,
    Rate,
    Real,
    Source,
    of_order,
)
from lazy_assay.theory._mathematics import dual_activations as duals
from lazy_assay.theory.daniely2019 import PAPER
from lazy_assay.theory.daniely2019._parameters import ACTIVATION, CORRELATION, FEATURES, PLANE, POINTS, q, rho

second, first = sp.symbols("mu_2 mu_1", real=True)
variance = sp.Symbol("V", nonnegative=True)
k, l = sp.symbols("k l", integer=True, nonnegative=True)
share = sp.Symbol("P_k", nonnegative=True)
distance = sp.Function("Delta")(q)


def variance_of_kernel(correlation: float, activation: str, q: int) -> float:
    """Var tk^h_W at unit vectors of that correlation."""
    spread = duals.second_moment_of_slope(activation, correlation) - duals.dual_of_slope(activation, correlation) ** 2
    return float(correlation**2 * spread / q)


def _not_centred(correlation: float, activation: str, q: int) -> float:
    return float(correlation**2 * duals.second_moment_of_slope(activation, correlation) / q)


def chance(correlation: float, active: int, silent: int) -> float:
    """P(of q = active + silent ReLU neurons exactly `active` are active at both inputs)."""
    return _binomial(active, silent, (pi - acos(correlation)) / (2 * pi))


def _binomial(active: int, silent: int, p: float) -> float:
    # scipy.stats takes half a second to load, which `assay list` must not pay.
    from scipy.stats import binom

    return float(binom.pmf(active, active + silent, p))


VARIANCE = Identity(
    name="variance",
    sentence="The variance of the hidden tangent kernel is that of one neuron's, divided by q.",
    quantity=Quantity(
        symbol=variance, meaning="Var tk^h_W(x, y)", low=0, latex=r"\operatorname{Var}\mathrm{tk}_W^h(x,y)"
    ),
    statement=Eq(variance, rho**2 * (second - first**2) / q),
    latex=(
        r"\operatorname{Var}\mathrm{tk}_W^h(x,y)=\frac{\langle x,y\rangle^2}{q}"
        r"\left(\mathbb{E}[\sigma'(u)^2\sigma'(v)^2]-\mathbb{E}[\sigma'(u)\sigma'(v)]^2\right)"
    ),
    parameters=(CORRELATION, ACTIVATION, FEATURES, PLANE),
    auxiliary=(
        Auxiliary(
            symbol=second,
            meaning="E[σ'(u)²σ'(v)²]",
            value=lambda correlation, activation: float(duals.second_moment_of_slope(activation, correlation)),
            latex=r"\mathbb{E}[\sigma'(u)^2\sigma'(v)^2]",
        ),
        Auxiliary(
            symbol=first,
            meaning="E[σ'(u)σ'(v)]",
            value=lambda correlation, activation: float(duals.dual_of_slope(activation, correlation)),
            latex=r"\mathbb{E}[\sigma'(u)\sigma'(v)]",
        ),
    ),
    published=variance_of_kernel,
    decoys=(
        Decoy(name="mean not subtracted", sentence="ρ²E[σ'²σ'²]/q", published=_not_centred),
        Decoy(
            name="2q independent neurons",
            sentence="half the variance, as if the neurons of a pair were independent",
            published=lambda correlation, activation, q: variance_of_kernel(correlation, activation, q) / 2,
        ),
        Decoy(
            name="ρ for ρ²",
            sentence="<x, y> not squared",
            published=lambda correlation, activation, q: (
                variance_of_kernel(correlation, activation, q) / abs(correlation) if correlation else 0.0
            ),
        ),
    ),
)
p = (sp.pi - sp.acos(rho)) / (2 * sp.pi)
RELU_COUNT = Identity(
    name="relu_count",
    sentence="For ReLU the hidden tangent kernel is <x, y> times a binomial count over q.",
    quantity=Quantity(
        symbol=share,
        meaning="P(q·tk^h_W/<x, y> = k)",
        low=0,
        high=1,
        latex=r"\mathbb{P}(q\,\mathrm{tk}_W^h(x,y)=k\langle x,y\rangle)",
    ),
    statement=Eq(share, sp.binomial(k + l, k) * p**k * (1 - p) ** l),
    latex=(
        r"\mathbb{P}(q\,\mathrm{tk}_W^h(x,y)=k\langle x,y\rangle)"
        r"=\binom{k+l}{k}\left(\frac{\pi-\arccos(\langle x,y\rangle)}{2\pi}\right)^k"
        r"\left(1-\frac{\pi-\arccos(\langle x,y\rangle)}{2\pi}\right)^l"
    ),
    parameters=(
        Parameter("correlation", rho, "<x, y> of two unit vectors", Real(-1, 1), latex=r"\langle x,y\rangle"),
        Parameter("active", k, "neurons active at both inputs", Integer(0)),
        Parameter("silent", l, "the other neurons", Integer(0)),
        PLANE,
    ),
    published=chance,
    decoys=(
        Decoy(
            name="independent halves",
            sentence="p = 1/4, as if x and y were orthogonal",
            published=lambda active, silent: _binomial(active, silent, 0.25),
        ),
    ),
)
OPERATOR_NORM = Rate(
    name="operator_norm",
    sentence="The operator norm of tk^h_W − tk^h on given points falls like q^(−1/2).",
    quantity=Quantity(
        symbol=distance,
        meaning="‖tk^h_W − tk^h‖ over ‖tk^h‖, n × n matrices",
        latex=r"\frac{\|\mathrm{tk}_W^h-\mathrm{tk}^h\|}{\|\mathrm{tk}^h\|}",
    ),
    statement=Eq(distance, of_order(q ** sp.Rational(-1, 2))),
    parameters=(ACTIVATION, POINTS, FEATURES),
    published=lambda: -0.5,
    towards="infinity",
    sharp=True,
    decoys=(Decoy(name="1/q", sentence="as fast as the variance", published=lambda: -1.0),),
)
CLAIM = Claim(
    module=__name__,
    title="Fluctuation of the tangent kernel",
    source=Source(paper=PAPER, locator="section 2.5, tk^h_W"),
    convention="Unit inputs, standard Gaussian weights; q pairs of equal neurons.",
    parts=(VARIANCE, RELU_COUNT, OPERATOR_NORM),
)
