"""Theorem 5: SGD learns the kernel space with q = Õ(M²R²/(dε²)) neurons and T = O(M²/ε²) steps.

Printed: for given d, M, R, ε there are q, T, B, η with E L_D(h) ≤ L_D(H^M) + ε for every R-bounded D and batch size.
Solved for ε, that is a scaling law of the excess loss: ε ∝ T^(−1/2) where neurons are plenty, and ε ∝ q^(−1/2) where q
and T grow together. The theorem bounds ε from above, so it may fall faster.

Behind it, exactly. Near the initialisation the network moves as its tangent model, f(x) = <v, φ(x)> with φ =
∇h/√(2qB²),
whose kernel is tk_W, and a step η of SGD is a step η' = 2qB²η of online gradient descent on v. For convex losses, with
g_t the gradient of the t-th mini-batch's loss, ‖v_{t+1} − v*‖² = ‖v_t − v*‖² − 2η'<g_t, v_t − v*> + η'²‖g_t‖², and
<g_t, v_t − v*> ≥ ℓ_t(v_t) − ℓ_t(v*). Summed from v_1 = 0, and with v* the interpolant of the labels, of norm M² =
yᵀK_W⁻¹y
and hinge loss 0,

    (1/T) Σ ℓ_t(v_t) ≤ M²/(2η'T) + (η'/2) (1/T) Σ ‖g_t‖²        on every run, no expectation.

The network's online loss approaches the left side as B grows. Source: Daniely 2020, section 3.2, Theorem 5; the
inequality is that of its proof (Zinkevich 2003; Shalev-Shwartz 2011, section 2.4).
"""

import sympy as sp

from theory import Bound, Claim, Decoy, Integer, Parameter, Quantity, Rate, Source
from theory._claim import Eq, of_order
from theory.daniely2019 import PAPER

T, q, d = (sp.Symbol(name, integer=True, positive=True) for name in ("T", "q", "d"))
excess, ratio, gap = sp.Function("epsilon"), sp.Symbol("r", nonnegative=True), sp.Symbol("delta", nonnegative=True)
DIMENSION = Parameter("d", d, "input dimension", Integer(3))
EXCESS = "held-out loss of the returned iterate above the best of the kernel space, absolute loss"


CLAIM = Claim(
    module=__name__,
    title="SGD learns the tangent kernel's space",
    source=Source(paper=PAPER, locator="section 3.2, Theorem 5"),
    convention="Steps are η' = 2qB²η, in units of the tangent kernel; targets lie in its space, so the best loss is 0.",
    parts=(
        Rate(
            name="samples",
            sentence="With neurons to spare, the excess loss falls at least like one over the root of the steps.",
            quantity=Quantity(symbol=excess(T), meaning=EXCESS, units="units of the target"),
            statement=Eq(excess(T), of_order(1 / sp.sqrt(T))),
            parameters=(DIMENSION,),
            published=lambda: -0.5,
            towards="infinity",
            decoys=(Decoy(name="fast rate", sentence="O(1/T), as for strongly convex losses", published=lambda: -1.0),),
        ),
        Rate(
            name="neurons",
            sentence="With steps in proportion, the excess loss falls at least like one over the root of the neurons.",
            quantity=Quantity(symbol=excess(q), meaning=EXCESS, units="units of the target"),
            statement=Eq(excess(q), of_order(1 / sp.sqrt(q))),
            parameters=(DIMENSION,),
            published=lambda: -0.5,
            towards="infinity",
            decoys=(Decoy(name="fast rate", sentence="O(1/q)", published=lambda: -1.0),),
        ),
        Bound(
            name="regret",
            ours=True,
            sentence="On every run, the tangent recursion's mean online loss is at most its regret bound.",
            quantity=Quantity(
                symbol=ratio,
                meaning="mean online hinge loss of the linear recursion over M²/(2η'T) + (η'/2)·mean ‖g‖²",
                units="share of the bound",
            ),
            statement=sp.Le(ratio, 1),
            parameters=(DIMENSION,),
            published=lambda: 1.0,
            decoys=(
                Decoy(
                    name="half the bound",
                    sentence="M²/(4η'T) + (η'/4)·mean ‖g‖²: a factor 2 lost in both terms",
                    published=lambda: 0.5,
                ),
            ),
        ),
        Bound(
            name="network",
            ours=True,
            sentence="At large B the network's online loss is within 30 % of the regret bound of its tangent model.",
            quantity=Quantity(
                symbol=gap,
                meaning="|network's mean online hinge loss over the regret bound − 1|",
                units="share of the bound",
            ),
            statement=sp.Le(gap, sp.Rational(3, 10)),
            parameters=(DIMENSION,),
            published=lambda: 0.3,
            decoys=(
                Decoy(name="on the bound", sentence="within 5 % of it, as if it were tight", published=lambda: 0.05),
            ),
        ),
    ),
)
