"""Proposition 1: batch normalisation is real analytic, where the batch's variance plus ε is positive.

BN(z) = γ(z − μ)/√(σ² + ε) + β with μ, σ² of the batch. Along a line z + s·d the mean is affine in s and the variance is
the polynomial Var(z) + 2s Cov(z, d) + s² Var(d). With v = Var(z) + ε, a = Var(d), c = Cov(z, d) the radicand is
q(s) = v + 2cs + as², and v, a > 0, c² ≤ Var(z)·a ≤ v·a by Cauchy–Schwarz. So q > 0 for every real s unless c² = va:
it needs ε = 0 and z − μ parallel to d − mean(d). Its complex zeros (−c ± i√(va − c²))/a have modulus

    |s| = √(v/a) = √((Var z + ε)/Var d),

whatever c is: the radius of convergence of the Taylor series of BN at z along d (q is not zero inside, and its
inverse root has branch points at simple zeros). Radii in every direction are positive, so BN is analytic at z.

Remark. The paper means ε > 0, as everybody sets it. With ε = 0 the sentence would be false: where all entries of z are
equal the radicand is 0, and along z = z₀·1 + s·d BN is sign(s)(d − mean d)/√Var(d): it jumps at s = 0, and no value
given to it there makes it continuous. Needed: σ² + ε > 0, as for ε > 0 (torch has 1e-5), or for ε = 0 off the batches
that are constant. In a network with ε = 0 the set of weights with a constant batch may be null, but then Theorem 1's
argument (an analytic function on all of R^d) has to be made on its complement, which may be disconnected.

Source: Kawaguchi and Sun 2021, section 5.2, Proposition 1.
"""

import math

import sympy as sp

from lazy_assay.theory import Assumption, Claim, Decoy, Eq, Identity, Parameter, Quantity, Real, Remark, Source
from lazy_assay.theory.kawaguchi2021 import PAPER

variance = sp.Symbol("v_z", nonnegative=True)
eps = sp.Symbol("epsilon", nonnegative=True)
moved = sp.Symbol("v_d", positive=True)
radius = sp.Symbol("rho", nonnegative=True)
VARIANCE = Parameter(
    "var_z",
    variance,
    "variance of the batch, over |S|",
    Real(low=0, closed_low=True),
    "squared units of z",
    latex=r"\operatorname{Var}(z)",
)
EPS = Parameter("eps", eps, "the ε of the batch normalisation", Real(low=0, closed_low=True), "squared units of z")
DIRECTION = Parameter(
    "var_d", moved, "variance of the direction's entries, over |S|", Real(low=0), latex=r"\operatorname{Var}(d)"
)


def taylor_radius(var_z: float, eps: float, var_d: float) -> float:
    """√((Var z + ε)/Var d)."""
    return math.sqrt((var_z + eps) / var_d)


def _modulus() -> sp.Expr:
    """The modulus of the zeros of v + 2cs + as²: the root of their product, for they are conjugate."""
    s, c = sp.symbols("s c", real=True)
    roots = sp.roots(sp.Poly(variance + eps + 2 * c * s + moved * s**2, s))
    return sp.sqrt(sp.simplify(sp.prod(roots)))


CLAIM = Claim(
    module=__name__,
    title="Batch normalisation is analytic",
    source=Source(paper=PAPER, locator="section 5.2, Proposition 1"),
    convention="Variances are divided by the batch size |S|, as printed.",
    parts=(
        Identity(
            sentence="Along d the Taylor series of batch normalisation at z has radius √((Var z + ε)/Var d).",
            quantity=Quantity(
                symbol=radius, meaning="radius of convergence along d", units="multiples of d", low=0, latex=r"\rho"
            ),
            statement=Eq(radius, sp.sqrt((variance + eps) / moved)),
            latex=r"\rho=\sqrt{\frac{\operatorname{Var}(z)+\epsilon}{\operatorname{Var}(d)}}",
            parameters=(VARIANCE, EPS, DIRECTION),
            assumptions=(
                Assumption(
                    name="σ² + ε > 0",
                    sentence="the batch is not constant, or ε is positive",
                    holds=lambda var_z, eps: var_z + eps > 0,
                    required=True,
                ),
            ),
            published=taylor_radius,
            derivation=_modulus,
            decoys=(
                Decoy(
                    name="ε forgotten",
                    sentence="√(Var z/Var d)",
                    published=lambda var_z, var_d: math.sqrt(var_z / var_d),
                ),
                Decoy(
                    name="ε outside the root",
                    sentence="(√Var z + ε)/√Var d, as for a divisor σ + ε",
                    published=lambda var_z, eps, var_d: (math.sqrt(var_z) + eps) / math.sqrt(var_d),
                ),
            ),
            remarks=(
                Remark(
                    locator="Proposition 1",
                    sentence="Needed is σ² + ε > 0, which every ε > 0 in use gives. With ε = 0, which nobody sets, BN "
                    "jumps at constant batches: along z₀·1 + s·d it is γ·sign(s)(d − mean d)/√Var(d) + β.",
                ),
            ),
        ),
    ),
)
