"""Theorem 1 (ii): stochastic gradients on the last layer, with step sizes η_k = η̄_k, from w^τ on.

    E[min_{τ≤k≤t} L(w^k)] − L(w*) ≤ (R² + G² Σ η_k²)/(2 Σ η_k),    sums over k = τ … t,    E‖g^k‖² ≤ G².

`bound` is the theorem. `one_step` is the exact identity behind it: ‖w − ηg − u‖² = ‖w − u‖² − 2η<g, w − u> + η²‖g‖²,
summed and averaged over the draws (E[g | w] = ∇L), for every u:

    2 E Σ η_k <∇L(w^k), w^k − u> = ‖w^τ − u‖² − E‖w^{t+1} − u‖² + Σ η_k² E‖g^k‖².

The bound follows with u = w*, convexity <∇L(w), w − w*> ≥ L(w) − L*, and the least for the mean. The identity's left-
hand side is computed from full gradients, its right-hand side from distances and stochastic ones.

`recommended`. After the theorem: "if we choose η_t ~ O(1/√t) … the gap becomes Õ(1/√t)". With η_k = 1/√k, k = 1 … t,
the sum of squares is the harmonic number H_t.

Errata. (a) H_t → ∞, so the recommended step sizes violate the theorem's own condition Σ η² < ∞ and are not covered.
The bound needs neither condition: it holds for every η ≥ 0 and every t. For its right-hand side to vanish it takes
Σ η → ∞ and Σ η²/Σ η → 0, which 1/√k meets: H_t/(2√t) → 0; then the rate is ln t/√t. Steps with Σ η² < ∞, such as
1/k^p with p > 1/2, give only the slower t^{p−1}. And "~ O(1/√t)" is an upper bound: it allows 1/t², of bounded Σ η,
where nothing is claimed; Θ is meant. (b) As in (i), R and w* do not exist for cross-entropy with one-hot targets of
separable features; and E‖g‖² ≤ G² cannot hold for the squared loss on all of the space (‖g‖ grows with ‖w‖), only along
iterates that stay bounded. (c) t* is the argmin along the trajectory, a random variable: the left-hand side is the
expectation of the least loss, and to return that iterate takes the full loss at every step.

Source: Kawaguchi and Sun 2021, section 5.3, Theorem 1 (ii) and the remark after it.
"""

import numpy as np
import scipy
import sympy as sp

from lazy_assay.theory import (
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
    Vector,
)
from lazy_assay.theory.kawaguchi2021 import PAPER
from lazy_assay.theory.kawaguchi2021._last_layer import Array
from lazy_assay.theory.kawaguchi2021.theorem1_gd import NO_MINIMUM

R, G, total, squares = (sp.Symbol(name, positive=True) for name in ("R", "G", "S_1", "S_2"))
before, after, noise = (sp.Symbol(name, nonnegative=True) for name in ("D_0", "D_t", "V"))
t = sp.Symbol("t", integer=True, positive=True)
BEST = Quantity(
    symbol=sp.Symbol("Delta_best"), meaning="E of the least loss up to t, less the minimum", units="loss", low=0
)
PROGRESS = Quantity(symbol=sp.Symbol("P"), meaning="E Σ η_k <∇L(w^k), w^k − u>", units="squared units of w")
SUM = Quantity(symbol=sp.Symbol("S"), meaning="sum of the squared step sizes", units="squared step size", low=0)
RADIUS = Parameter("R", R, "distance of the last layer at τ to the nearest minimiser", Real(low=0), "units of w")
SECOND = Parameter("G", G, "E‖g‖² ≤ G²", Real(low=0), "loss per unit of w")
STEP_SIZES = Parameter("step_sizes", sp.Symbol("eta"), "η_τ … η_t", Vector(low=0), "squared units of w per loss")


def bound(R: float, G: float, step_sizes: Array) -> float:
    """(R² + G² Σ η²)/(2 Σ η)."""
    return float((R**2 + G**2 * np.square(step_sizes).sum()) / (2 * step_sizes.sum()))


def progress(before: float, after: float, noise: float) -> float:
    """(‖w^τ − u‖² − E‖w^{t+1} − u‖² + Σ η² E‖g‖²)/2."""
    return (before - after + noise) / 2


def harmonic(t: int) -> float:
    """H_t = Σ_{k≤t} 1/k."""
    return float(scipy.special.digamma(t + 1) + np.euler_gamma)


def _summed() -> sp.Expr:
    """Σ_{k≤t} (1/√k)², in closed form."""
    k = sp.Symbol("k", integer=True, positive=True)
    return sp.summation((1 / sp.sqrt(k)) ** 2, (k, 1, t))


def _squared(name: str, symbol: sp.Symbol, meaning: str) -> Parameter:
    return Parameter(name, symbol, meaning, Real(low=0, closed_low=True), "squared units of w")


CLAIM = Claim(
    module=__name__,
    title="Stochastic gradients on the last layer",
    source=Source(paper=PAPER, locator="section 5.3, Theorem 1 (ii)"),
    convention="Sums over all t − τ + 1 step sizes, as printed; G² bounds E‖g‖² at each step.",
    parts=(
        Bound(
            name="bound",
            sentence="The expected least loss exceeds the minimum by at most (R² + G² Σ η²)/(2 Σ η).",
            quantity=BEST,
            statement=sp.Le(BEST.symbol, (R**2 + G**2 * squares) / (2 * total)),
            parameters=(RADIUS, SECOND, STEP_SIZES),
            auxiliary=(
                Auxiliary(symbol=total, meaning="Σ η", value=lambda step_sizes: float(step_sizes.sum())),
                Auxiliary(symbol=squares, meaning="Σ η²", value=lambda step_sizes: float(np.square(step_sizes).sum())),
            ),
            published=bound,
            decoys=(
                Decoy(
                    name="over t again",
                    sentence="R²/(2 t Σ η), without noise and as if the sum were a mean",
                    published=lambda R, step_sizes: float(R**2 / (2 * len(step_sizes) * step_sizes.sum())),
                ),
                Decoy(
                    name="R not squared",
                    sentence="R/(2 Σ η)",
                    published=lambda R, step_sizes: float(R / (2 * step_sizes.sum())),
                ),
            ),
            errata=(NO_MINIMUM,),
        ),
        Identity(
            name="one_step",
            ours=True,
            sentence="Weighted progress towards any u is half of what the squared distance lost and the noise added.",
            quantity=PROGRESS,
            statement=Eq(PROGRESS.symbol, (before - after + noise) / 2),
            parameters=(
                _squared("before", before, "‖w^τ − u‖²"),
                _squared("after", after, "E‖w^{t+1} − u‖²"),
                _squared("noise", noise, "Σ η² E‖g‖²"),
            ),
            published=progress,
            decoys=(
                Decoy(
                    name="without the noise",
                    sentence="(‖w^τ − u‖² − E‖w^{t+1} − u‖²)/2, as for a gradient flow",
                    published=lambda before, after: (before - after) / 2,
                ),
                Decoy(
                    name="twice",
                    sentence="the identity without its factor 1/2",
                    published=lambda before, after, noise: before - after + noise,
                ),
            ),
        ),
        Identity(
            name="recommended",
            sentence="With steps 1/√k, as recommended, the sum of squares is the harmonic number, which diverges.",
            quantity=SUM,
            statement=Eq(SUM.symbol, sp.harmonic(t)),
            parameters=(Parameter("t", t, "number of steps", Integer(1)),),
            published=harmonic,
            derivation=_summed,
            decoys=(
                Decoy(
                    name="convergent",
                    sentence="π²/6, as for steps 1/k",
                    published=lambda t: float(np.pi**2 / 6 + 0 * t),
                ),
            ),
            errata=(
                Erratum(
                    gravity=Gravity.CONDITION,
                    locator="section 5.3, the sentence after Theorem 1",
                    printed="if we choose η_t ~ O(1/√t) … the optimality gap becomes Õ(1/√t)   [under Σ η² < ∞]",
                    corrected="the bound holds for all η ≥ 0; Θ(1/√t) has Σ η² = ∞, outside the stated condition, and "
                    "gives O(ln t/√t)",
                    derivation="Σ_{k≤t} 1/k = H_t → ∞, while H_t/(2√t) → 0: what matters is Σ η²/Σ η → 0.",
                    evidence="derived in sympy; part `bound` is confronted with these very step sizes",
                    charitable=(
                        "O(1/√t) admits steps such as t^−0.6, which are inside the condition, but then the "
                        "gap is Õ(t^−0.4); the Õ(1/√t) that is printed needs Θ(1/√t)."
                    ),
                ),
            ),
        ),
    ),
)
