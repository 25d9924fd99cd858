"""Figure 1 and section 5.2: softplus approximates ReLU; the largest error is ln 2/ζ, attained at 0 only.

σ_ζ(x) = ln(1 + e^{ζx})/ζ and relu(x) = max(0, x). For x ≥ 0 the difference is ln(1 + e^{−ζx})/ζ, for x ≤ 0 it is
ln(1 + e^{ζx})/ζ: together ln(1 + e^{−ζ|x|})/ζ, even, positive, and strictly decreasing in |x|. So its supremum is its
value at 0, ln 2/ζ, and no other point attains it. The paper's ζ = 100 gives 6.9e-3.

Two parts: `largest` is the supremum, `everywhere` the difference at every x, from which "only at 0" follows.
Source: Kawaguchi and Sun 2021, section 5.2 (last paragraph) and Figure 1.
"""

import math

import sympy as sp

from lazy_assay.theory import Claim, Decoy, Eq, Identity, Parameter, Quantity, Real, Source
from lazy_assay.theory.kawaguchi2021 import PAPER

zeta = sp.Symbol("zeta", positive=True)
x = sp.Symbol("x", real=True)
gap, distance = sp.Symbol("Delta_sup"), sp.Symbol("Delta")
SHARPNESS = Parameter("zeta", zeta, "sharpness ζ of the softplus", Real(low=0))
PLACE = Parameter("x", x, "argument of both activations", Real(low=-50, high=50))


def largest(zeta: float) -> float:
    """ln 2/ζ."""
    return math.log(2) / zeta


def difference(zeta: float, x: float) -> float:
    """ln(1 + e^{−ζ|x|})/ζ."""
    return math.log1p(math.exp(-zeta * abs(x))) / zeta


def _supremum() -> sp.Expr:
    """The limit at 0 of the difference on the side x > 0, where its derivative −1/(1 + e^{ζx}) is negative."""
    right = sp.log(1 + sp.exp(-zeta * x)) / zeta
    slope = sp.simplify(sp.diff(right, x) + 1 / (1 + sp.exp(zeta * x)))
    if slope != 0:
        raise ValueError(f"the derivative of softplus − relu is not −1/(1 + exp(ζx)): off by {slope}")
    return sp.limit(right, x, 0, "+")


CLAIM = Claim(
    module=__name__,
    title="Softplus approximates ReLU",
    source=Source(paper=PAPER, locator="section 5.2, last paragraph; Figure 1"),
    parts=(
        Identity(
            name="largest",
            sentence="The largest distance of softplus from ReLU is ln 2/ζ.",
            quantity=Quantity(
                symbol=gap,
                meaning="sup over x of softplus − relu",
                units="units of x",
                low=0,
                latex=r"\sup_x|\sigma(x)-\operatorname{relu}(x)|",
            ),
            statement=Eq(gap, sp.log(2) / zeta),
            latex=r"\sup_x|\sigma(x)-\operatorname{relu}(x)|=\frac{\ln 2}{\zeta}",
            parameters=(SHARPNESS,),
            published=largest,
            derivation=_supremum,
            decoys=(
                Decoy(name="without ln 2", sentence="1/ζ", published=lambda zeta: 1 / zeta),
                Decoy(
                    name="without ζ", sentence="ln 2 at every sharpness", published=lambda zeta: math.log(2) + 0 * zeta
                ),
            ),
        ),
        Identity(
            name="everywhere",
            sentence="At every x softplus exceeds ReLU by ln(1 + exp(−ζ|x|))/ζ, which is less than ln 2/ζ off 0.",
            quantity=Quantity(
                symbol=distance,
                meaning="softplus − relu at x",
                units="units of x",
                low=0,
                latex=r"|\sigma(x)-\operatorname{relu}(x)|",
            ),
            statement=Eq(distance, sp.log(1 + sp.exp(-zeta * sp.Abs(x))) / zeta),
            latex=r"|\sigma(x)-\operatorname{relu}(x)|=\frac{1}{\zeta}\ln\left(1+e^{-\zeta|x|}\right)",
            parameters=(SHARPNESS, PLACE),
            published=difference,
            decoys=(
                Decoy(
                    name="constant",
                    sentence="ln 2/ζ at every x, as if the supremum were attained elsewhere",
                    published=lambda zeta, x: math.log(2) / zeta + 0 * x,
                ),
            ),
        ),
    ),
)
