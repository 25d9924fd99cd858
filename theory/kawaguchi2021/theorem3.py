"""Theorem 3: gradient descent on all layers, with the step 2η̄/L, while the rank of the tangent kernel is preserved.

    min_{τ≤k≤t} L(w^k) − L(w*) ≤ (t − τ + 1)^(−1/2) √(L R̄² (L(w^τ) − L(w*))/(2η̄(1−η̄))).

Two inequalities at each step make it, each confronted on real trajectories:

* `gradient`. Let J be the Jacobian of f_X at w^k. f is linear in its last layer (bias included): J(ν⊙w^k) = f_X(w^k);
  for ŵ in Q̄_k, a minimiser of the linearised loss, convexity of ℓ gives L(w^k) − L_lin(ŵ) ≤ <∇L(w^k), ν⊙w^k − ŵ> ≤
  ‖∇L(w^k)‖ R_k with R_k the distance to the nearest ŵ. If J has full row rank, L_lin(ŵ) is the least that any network
  could do. For the squared loss ŵ − ν⊙w = J⁺(y − f).
* `halved`. For the squared loss q, the loss of the linearised outputs, is a quadratic: q(w) − q(ŵ) = ½⟨∇q(w), w − ŵ⟩,
  half of the above, with equality where w − ŵ is along the gradient: always, for one point.
* `descent`. If ∇L is L-Lipschitz along the step, L(w^{k+1}) ≤ L(w^k) − (2η̄(1−η̄)/L)‖∇L(w^k)‖².

Sum the second over k: min ‖∇L‖² ≤ L·gap/(2η̄(1−η̄)(t+1)); the first turns it into the theorem. The constant needed
is R̄ at the step of least gradient; the printed maximum is an upper bound of it.

Errata. (a) η̄ ∈ R is printed; the formula needs 0 < η̄ < 1 (at η̄ ≥ 1 the root is of a negative number or a pole, and at
η̄ > 1 descent is not guaranteed). (b) Nothing in the hypotheses makes K(w^τ) of full rank: Assumption 1 says that *some*
weights do, and the rank condition only keeps what w^τ has. The perturbation δ, "with probability one" and analyticity,
which Theorem 1 has, are missing. A ReLU network whose neurons are all off at w^τ satisfies every hypothesis as printed:
others of its weights interpolate, rank K = 1 is preserved, L is locally constant; yet it stays above the minimum for
ever, while the bound falls like 1/√t. (c) "‖∇L(w) − ∇L(w')‖ ≤ L‖w − w'‖ for all w, w'" holds for no network with a
hidden layer: for f = vσ(ux), ∂²L/∂v² = 2 mean σ(ux)² grows with u without bound. Nor does a sublevel set do, as section
5.5 suggests: v = 1/c, u = c stays in one while ∂²L/∂v² grows like c². What the proof uses is L along the trajectory.
(d) Section 4: "the rank can be preserved … by only training the parameters in the last layer". Not in general: K has a
part from the hidden layers that is proportional to last-layer weights. One tanh neuron, x = (−1, 0, 1), y = 0, b = 0:
the Jacobian has rank 3 for v ≠ 0 and 2 for v = 0, which one step on v reaches. It is right where [h, 1] has rank n
already, for that block of K does not change.
Source: Kawaguchi and Sun 2021, section 5.5, Theorem 3; section 4.
"""

import math

import sympy as sp

from lazy_assay.theory import (
    Assumption,
    Bound,
    Claim,
    Decoy,
    Erratum,
    Gravity,
    Integer,
    Parameter,
    Quantity,
    Real,
    Source,
    Stronger,
)
from lazy_assay.theory.kawaguchi2021 import PAPER

L, R_bar, gap, slope, reach = (sp.Symbol(name, positive=True) for name in ("L", "Rbar", "Delta_0", "g", "R_k"))
eta_bar = sp.Symbol("eta_bar", positive=True)
t = sp.Symbol("t", integer=True, positive=True)
measured, share = sp.Symbol("L_path", positive=True), sp.Symbol("s", nonnegative=True)
SMOOTHNESS = Parameter("L", L, "Lipschitz constant of ∇L along the trajectory", Real(low=0), "loss per squared weight")
RADIUS = Parameter("R_bar", R_bar, "the largest reach along the trajectory", Real(low=0), latex=r"\bar R")
GAP = Parameter(
    "gap", gap, "L(w^τ) − L(w*)", Real(low=0), "units of the loss", latex=r"(\mathcal{L}(w^\tau)-\mathcal{L}(w^*))"
)
STEP = Parameter("eta_bar", eta_bar, "η̄: the step size is 2η̄/L", Real(low=0, high=1), latex=r"\bar\eta")
STEPS = Parameter("t", t, "steps since τ", Integer(1), latex=r"(t-\tau)")
GRADIENT = Parameter("gradient", slope, "‖∇L(w^k)‖", Real(low=0), latex=r"\|\nabla\mathcal{L}(w^k)\|")
REACH = Parameter("reach", reach, "distance from ν⊙w^k to the nearest minimiser of the linearised loss", Real(low=0))
ALONG = Parameter("curvature", measured, "largest ‖∇²L‖ met along the trajectory", Real(low=0))
RANK = Parameter(
    "rank_share", share, "smallest singular value of the Jacobian over its largest", Real(low=0, closed_low=True)
)
SMOOTH = Assumption(
    name="L along the trajectory",
    sentence="L is at least the norm of the Hessian wherever the trajectory has been",
    holds=lambda L, curvature: curvature <= L,
)
FULL_RANK = Assumption(
    name="rank K = n·m_y",
    sentence="the tangent kernel has full rank at w^τ and after (implied in Theorem 1 by δ, missing in Theorem 3)",
    holds=lambda rank_share: rank_share > 0,
)
EXCESS = Quantity(
    symbol=sp.Symbol("Delta_best"),
    meaning="least loss up to t, less the minimum",
    units="units of the loss",
    low=0,
    latex=r"(\mathcal{L}(w^{t^*})-\mathcal{L}(w^*))",
)
NOW = Quantity(
    symbol=sp.Symbol("Delta_k"),
    meaning="loss at a step, less the minimum",
    units="units of the loss",
    low=0,
    latex=r"(\mathcal{L}(w^k)-\mathcal{L}(w^*))",
)
DROP = Quantity(
    symbol=sp.Symbol("d_k"),
    meaning="what the loss falls by in a step",
    units="units of the loss",
    latex=r"(\mathcal{L}(w^k)-\mathcal{L}(w^{k+1}))",
)


def bound(L: float, R_bar: float, gap: float, eta_bar: float, t: int) -> float:
    """√(L R̄² gap/(2η̄(1−η̄)))/√(t + 1)."""
    return math.sqrt(L * R_bar**2 * gap / (2 * eta_bar * (1 - eta_bar))) / math.sqrt(t + 1)


def drop(L: float, eta_bar: float, gradient: float) -> float:
    """(2η̄(1−η̄)/L)‖∇L‖²."""
    return 2 * eta_bar * (1 - eta_bar) / L * gradient**2


CLAIM = Claim(
    module=__name__,
    title="Rank-preserving training of all layers",
    source=Source(paper=PAPER, locator="section 5.5, Theorem 3; section 4"),
    convention="t counts steps since τ; squared loss, mean over n points, one output; L along the trajectory.",
    parts=(
        Bound(
            name="bound",
            companion="descent",
            sentence="With rank preserved, the least loss exceeds the minimum by at most a multiple of 1/√(t+1).",
            quantity=EXCESS,
            statement=sp.Le(
                EXCESS.symbol, sp.sqrt(L * R_bar**2 * gap / (2 * eta_bar * (1 - eta_bar))) / sp.sqrt(t + 1)
            ),
            latex=(
                r"\mathcal{L}(w^{t^*})-\mathcal{L}(w^*)\leq\frac{1}{\sqrt{(t"
                r"-\tau)+1}}\sqrt{\frac{L\bar R^2(\mathcal{L}(w^\tau)-\mathcal{L}(w^*))}{2\bar\eta(1"
                r"-\bar\eta)}}"
            ),
            parameters=(SMOOTHNESS, RADIUS, GAP, STEP, STEPS, ALONG, RANK),
            assumptions=(SMOOTH, FULL_RANK),
            published=bound,
            stronger=(
                Stronger(
                    statement=sp.Le(
                        EXCESS.symbol, sp.sqrt(L * R_bar**2 * gap / (2 * eta_bar * (1 - eta_bar))) / sp.sqrt(t + 1) / 2
                    ),
                    why="half of it: the proof with `halved` for `gradient`",
                ),
            ),
            decoys=(
                Decoy(
                    name="accelerated",
                    sentence="gap/(t+1)², as for an accelerated method on a convex loss",
                    published=lambda gap, t: gap / (t + 1) ** 2,
                ),
            ),
            errata=(
                Erratum(
                    gravity=Gravity.CONDITION,
                    locator="Theorem 3, step size",
                    printed="η̄ ∈ R",
                    corrected="0 < η̄ < 1",
                    derivation="A step lowers the loss by (2η̄(1−η̄)/L)‖∇L‖², positive for 0 < η̄ < 1 only.",
                    evidence="part `descent`",
                    charitable=(
                        "The right-hand side is real for 0 < η̄ < 1 only, so the range may be read off it; "
                        "nothing says so."
                    ),
                ),
                Erratum(
                    gravity=Gravity.CONDITION,
                    locator="Theorem 3, hypotheses",
                    printed="Assumption 1, Assumption 2 with L, and rank(K(w^k)) ≥ rank(K(w^τ))",
                    corrected="… and rank K(w^τ) = n·m_y; with probability one over δ where h is analytic",
                    derivation=(
                        "A ReLU network with all neurons off at w^τ: only the last bias moves, rank K = 1, the "
                        "loss stays at the variance of the targets; other weights of the same network interpolate."
                    ),
                    evidence="the negative control",
                    charitable=(
                        "Algorithm 1 draws δ, after which rank K(w^τ) = "
                        "n·m_y almost surely for an analytic h; Theorem 3 names neither the draw nor "
                        "analyticity."
                    ),
                ),
                Erratum(
                    gravity=Gravity.CONDITION,
                    locator="Theorem 3, third line, and the last sentence of section 5.5",
                    printed="‖∇L(w) − ∇L(w')‖ ≤ L‖w − w'‖ for all w, w' in the domain of L, or in a sublevel set",
                    corrected="L bounds ‖∇²L‖ along the trajectory",
                    derivation="f = vσ(ux): ∂²L/∂v² = 2 mean σ(ux)² is unbounded in u, even along v = 1/u.",
                    evidence="Hessian norms along that curve, in the tests",
                    charitable=(
                        "A sublevel set is offered instead; it may be unbounded in the parameters, and L is "
                        "unbounded on it."
                    ),
                ),
                Erratum(
                    gravity=Gravity.CONDITION,
                    locator="section 4",
                    printed="the rank can be preserved … by only training the parameters in the last layer",
                    corrected="… where [h_X, 1] has rank n at w^τ",
                    derivation=(
                        "f = v tanh(ax + c) + b, a = 1, c = 0, x = (−1, 0, 1), y = 0: its Jacobian's rank is 3, "
                        "but 2 at v = 0, which one step of size 3/(4 tanh²1) on v reaches from anywhere."
                    ),
                    evidence="singular values before and after that step, in the tests",
                    charitable=(
                        "In the setting of Theorem 1 the sentence is right: [h_X, 1] has rank n, so K keeps "
                        "rank n·m_y whatever the last layer is. The counterexample breaks Assumption 1 (two "
                        "columns for three points), and its step is larger than 1/L_H."
                    ),
                ),
            ),
        ),
        Bound(
            name="gradient",
            companion="halved",
            ours=True,
            sentence="Where the Jacobian has full row rank the loss exceeds the minimum by at most ‖∇L(w^k)‖ R_k.",
            quantity=NOW,
            statement=sp.Le(NOW.symbol, slope * reach),
            latex=r"\mathcal{L}(w^k)-\mathcal{L}(w^*)\leq\|\nabla\mathcal{L}(w^k)\|R_k",
            parameters=(GRADIENT, REACH, RANK),
            assumptions=(FULL_RANK,),
            published=lambda gradient, reach: gradient * reach,
            stronger=(Stronger(statement=sp.Le(NOW.symbol, slope * reach / 2), why="half of it: `halved`"),),
            decoys=(
                Decoy(
                    name="the gradient squared",
                    sentence="‖∇L‖², as if the tangent kernel's eigenvalues were at least 1",
                    published=lambda gradient: gradient**2,
                ),
            ),
        ),
        Bound(
            name="halved",
            ours=True,
            sentence="For the squared loss the excess is at most half of that, which a single point attains.",
            quantity=NOW,
            statement=sp.Le(NOW.symbol, slope * reach / 2),
            latex=r"\mathcal{L}(w^k)-\mathcal{L}(w^*)\leq\frac{1}{2}\|\nabla\mathcal{L}(w^k)\|R_k",
            parameters=(GRADIENT, REACH, RANK),
            assumptions=(FULL_RANK,),
            published=lambda gradient, reach: gradient * reach / 2,
            decoys=(
                Decoy(
                    name="a quarter",
                    sentence="‖∇L‖R/4, as of a loss with a half in front",
                    published=lambda gradient, reach: gradient * reach / 4,
                ),
            ),
        ),
        Bound(
            name="descent",
            ours=True,
            sentence="Each step lowers the loss by at least (2η̄(1−η̄)/L)‖∇L(w^k)‖².",
            quantity=DROP,
            statement=sp.Ge(DROP.symbol, 2 * eta_bar * (1 - eta_bar) / L * slope**2),
            latex=r"\mathcal{L}(w^k)-\mathcal{L}(w^{k+1})\geq\frac{2\bar\eta(1-\bar\eta)}{L}\|\nabla\mathcal{L}(w^k)\|^2",
            parameters=(SMOOTHNESS, STEP, GRADIENT, ALONG),
            assumptions=(SMOOTH,),
            published=drop,
            side="above",
            decoys=(
                Decoy(
                    name="first order",
                    sentence="(2η̄/L)‖∇L‖², as for a gradient flow",
                    published=lambda L, eta_bar, gradient: 2 * eta_bar / L * gradient**2,
                ),
            ),
        ),
    ),
)
