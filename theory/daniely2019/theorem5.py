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

The network's online loss approaches the left side as B grows.

The saved factor d. `neurons` is confronted with a slope, which no factor in q changes, and with a witness, q =
M²/(3dε²) pairs and 32q steps for ε, which q/8 pairs miss. `dimension`: at a given number of random points with random
labels (M²R² does not grow with d then) the least q for an excess of ε falls at least like 1/d. `witness`: q =
⌈M²R²/(16dε²)⌉ pairs and T = ⌈4M²/ε²⌉ steps at η' = 2M/√T reach a loss of ε, over d, R, M, ε and batch sizes; D is
uniform on m points, M² the mean of yᵀK⁻¹y.

Lower bounds. The paper says that the number of parameters is optimal up to logarithms and the dependence on ε, and that
of samples up to a constant. `capacity`: q neurons give m points qd features; for labels that are independent signs, and
P the projection on these features, E‖y − Py‖² = m − rank, so that in the mean over labels no function of the tangent
space has a mean squared error below 1 − qd/m: at a constant error m = O(qd) points, and M² ≤ m/λ_min(K), ask for Ω(M²)
parameters (of networks outside their tangent space: `theorem7:needed`). `samples_needed`: on d orthogonal points, which
are 1-bounded, k is diagonal, so all 2^d labellings have the norm M² = d/E σ'². A point that no sample has shown has a
label independent of h, and (ℓ(h, 1) + ℓ(h, −1))/2 ≥ 1 for the hinge loss: after t samples E L ≥ (1 − 1/d)^t for every
learner, and for the iterate of uniformly random time, which has seen 0, …, T − 1 of them,

    E L ≥ (1/T) Σ_{t<T} (1 − 1/d)^t = d(1 − (1 − 1/d)^T)/T.

So a constant ε takes T = Ω(d) = Ω(M²) samples. Algorithm 1 at abs and η' = 1 learns a point at its first sample and no
other: it reaches the bound.

Source: Daniely 2020, section 3.2, Theorem 5; the
inequality is that of its proof (Zinkevich 2003; Shalev-Shwartz 2011, section 2.4).
"""

import math

import sympy as sp

from lazy_assay.theory import (
    Bound,
    Choice,
    Claim,
    Decoy,
    Eq,
    Existence,
    Identity,
    Integer,
    Parameter,
    Quantity,
    Rate,
    Source,
    of_order,
)
from lazy_assay.theory.daniely2019 import PAPER

T, q, d, m = (sp.Symbol(name, integer=True, positive=True) for name in ("T", "q", "d", "m"))
width, share, loss = sp.Function("q_min"), sp.Symbol("s", nonnegative=True), sp.Symbol("L", nonnegative=True)
excess, ratio, gap = sp.Function("epsilon"), sp.Symbol("r", nonnegative=True), sp.Symbol("delta", nonnegative=True)
DIMENSION = Parameter("d", d, "input dimension", Integer(3))
NEURONS = Parameter("q", q, "pairs of neurons", Integer(1))
SAMPLES = Parameter("steps", T, "samples, one a step", Integer(1))
POINTS = Parameter("m", m, "random points that D is uniform on", Integer(1))
ANALYTIC = Parameter("activation", sp.Symbol("sigma"), "activation", Choice(("tanh", "erf", "sin", "softplus")))
EXCESS = "held-out loss of the returned iterate above the best of the kernel space, absolute loss"


def unexplained(d: int, m: int, q: int) -> float:
    """1 − qd/m, or 0: what the features of q neurons leave of random labels."""
    return max(0.0, 1 - q * d / m)


def unseen(d: int, steps: float) -> float:
    """d(1 − (1 − 1/d)^T)/T: the mean share of points not seen at a uniformly random time."""
    return float(d * -math.expm1(steps * math.log1p(-1 / d)) / steps)


CLAIM = Claim(
    module=__name__,
    title="SGD learns the tangent kernel's space",
    source=Source(paper=PAPER, locator="section 3.2, Theorem 5"),
    convention="Steps are η' = 2qB²η, in units of the tangent kernel; targets lie in its space, so the best loss is 0.",
    parts=(
        Rate(
            name="samples",
            sentence="With neurons to spare, the excess loss falls at least like one over the root of the steps.",
            quantity=Quantity(symbol=excess(T), meaning=EXCESS, units="units of the target", latex=r"\epsilon"),
            statement=Eq(excess(T), of_order(1 / sp.sqrt(T))),
            latex=r"\epsilon(T)=O\left(1/\sqrt{T}\right)",
            parameters=(DIMENSION,),
            published=lambda: -0.5,
            towards="infinity",
            decoys=(Decoy(name="fast rate", sentence="O(1/T), as for strongly convex losses", published=lambda: -1.0),),
        ),
        Rate(
            name="neurons",
            sentence="With steps in proportion, the excess loss falls at least like one over the root of the neurons.",
            quantity=Quantity(symbol=excess(q), meaning=EXCESS, units="units of the target", latex=r"\epsilon"),
            statement=Eq(excess(q), of_order(1 / sp.sqrt(q))),
            latex=r"\epsilon(q)=O\left(1/\sqrt{q}\right)",
            parameters=(DIMENSION,),
            published=lambda: -0.5,
            towards="infinity",
            decoys=(Decoy(name="fast rate", sentence="O(1/q)", published=lambda: -1.0),),
        ),
        Rate(
            name="dimension",
            sentence="At a given number of random points the least number of neurons for an excess loss falls at least "
            "like one over the dimension.",
            quantity=Quantity(
                symbol=width(d),
                meaning="least q with which the returned hinge loss is at most ½",
                units="pairs",
                latex=r"q_{\min}",
            ),
            statement=Eq(width(d), of_order(1 / d)),
            latex=r"q_{\min}(d)=O(1/d)",
            published=lambda: -1.0,
            towards="infinity",
            decoys=(Decoy(name="d twice", sentence="O(1/d²): q/d neurons would do", published=lambda: -2.0),),
        ),
        Existence(
            name="witness",
            sentence="q = ⌈M²R²/(16dε²)⌉ pairs and ⌈4M²/ε²⌉ steps reach a loss of ε, over d, R, M, ε and batch sizes.",
            quantity=Quantity(
                symbol=loss, meaning="upper confidence bound of the returned iterate's hinge loss", units="loss"
            ),
        ),
        Identity(
            name="capacity",
            sentence="The best squared loss of q neurons' tangent space on random labels is 1 − qd/m in the mean.",
            quantity=Quantity(
                symbol=share,
                meaning="E‖y − Py‖²/m, P the projection on the tangent features",
                latex=r"\frac{1}{m}\mathbb{E}\|y-Py\|^2",
            ),
            statement=Eq(share, sp.Max(0, 1 - q * d / m)),
            latex=r"\frac{1}{m}\mathbb{E}\|y-Py\|^2=\left(1-\frac{qd}{m}\right)_+",
            parameters=(DIMENSION, POINTS, NEURONS, ANALYTIC),
            published=unexplained,
            decoys=(
                Decoy(
                    name="d not saved",
                    sentence="1 − q/m: one feature a neuron",
                    published=lambda d, m, q: unexplained(1, m, q),
                ),
                Decoy(
                    name="d twice",
                    sentence="1 − qd²/m: q/d neurons would do",
                    published=lambda d, m, q: unexplained(d, m, q * d),
                ),
                Decoy(
                    name="all neurons",
                    sentence="1 − 2qd/m, as if paired neurons had two directions",
                    published=lambda d, m, q: unexplained(d, m, 2 * q),
                ),
            ),
        ),
        Bound(
            name="samples_needed",
            sentence="On d orthogonal points with random labels no learner's hinge loss is below the share of points "
            "not seen: T = Ω(M²), and Algorithm 1 is as good.",
            quantity=Quantity(
                symbol=loss,
                meaning="mean hinge loss of the returned iterate",
                units="loss",
                latex=r"\mathbb{E}\mathcal{L}_{\mathcal{D}}(\hat f)",
            ),
            statement=sp.Ge(loss, d * (1 - (1 - 1 / d) ** T) / T),
            latex=(
                r"\mathbb{E}\mathcal{L}_{\mathcal{D}}(\hat f)\geq\frac{d}{T}"
                r"\left(1-\left(1-\frac{1}{d}\right)^T\right)"
            ),
            parameters=(DIMENSION, SAMPLES),
            published=unseen,
            side="above",
            decoys=(
                Decoy(
                    name="half the samples",
                    sentence="the same at T/2: a factor 2 in T = Ω(M²)",
                    published=lambda d, steps: unseen(d, steps / 2),
                ),
            ),
        ),
        Bound(
            name="regret",
            ours=True,
            sentence="On every run, the tangent recursion's mean online loss is at most its regret bound.",
            quantity=Quantity(
                symbol=ratio,
                meaning="mean online hinge loss of the linear recursion over M²/(2η'T) + (η'/2)·mean ‖g‖²",
                units="share of the bound",
                latex=r"\frac{\frac{1}{T}\sum_t\ell_t}{\frac{M^2}{2\eta'T}+\frac{\eta'}{2}\overline{\|g\|^2}}",
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
            companion="regret",
            ours=True,
            sentence="At large B the network's online loss is within 30 % of the regret bound of its tangent model.",
            quantity=Quantity(
                symbol=gap,
                meaning="|network's mean online hinge loss over the regret bound − 1|",
                units="share of the bound",
                latex=r"\delta",
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
