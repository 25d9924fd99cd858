"""Theorem 1 (i): gradient descent on the last layer, with step 1/L_H, from w^τ on.

    L(w^{τ+t}) − L(w*) ≤ R² L_H/(2t),    L_H = (L_ℓ/n) Σ_i ‖[h_i, 1]‖²,    R = distance of w^τ to the nearest minimiser.

`bound` is the theorem; the features are fixed, so this is gradient descent on a convex function. ∇ of the mean loss in
w is Lipschitz with L_ℓ λ_max((1/n) Σ h̃h̃ᵀ) ≤ L_H (largest eigenvalue ≤ trace), and 1/L_H is a safe step.

`curve`. For the squared loss the loss is quadratic with Hessian (2/n) FᵀF = Σ λ_j v_jv_jᵀ for each output, and

    L(w^{τ+t}) − L* = ½ Σ_j λ_j r_j² (1 − λ_j/L_H)^{2t},    r_j = ‖<v_j, w^τ − w*>‖,    at every t ≥ 0.

`tight`. With u_j = λ_j/L_H ∈ [0, 1] this is L_H/2 Σ r_j² u_j (1−u_j)^{2t} ≤ (R² L_H/2) max_u u(1−u)^{2t}; the
maximum is at u = 1/(2t+1):

    L(w^{τ+t}) − L* ≤ R² L_H/(2(2t+1)) · (2t/(2t+1))^{2t}  ~  R² L_H/(4 e t):

at large t a factor 2e below the theorem. Attained: 2t+1 features that are orthogonal and of one length have
u_j = 1/(2t+1) each.

`comparator`. For every u, minimiser or not, and every convex loss whose gradient is L_H-Lipschitz,

    L(w^{τ+t}) ≤ L(u) + L_H‖w^τ − u‖²/(4t):

half of what is printed, and no minimum need exist. Units in which L_H = 1, g_k = ∇L(w^k), w^{k+1} = w^k − g_k. (a) A
smooth convex loss has L(w) ≥ L(v) + <∇L(v), w − v> + ½‖∇L(w) − ∇L(v)‖², so L(w^k) − L(w^{k+1}) ≥ ½‖g_k‖² + ½‖g_{k+1}‖².
(b) Its gradients are cocoercive, so <g_k, g_{k+1}> ≥ ‖g_{k+1}‖²: ‖g_k‖ falls. (c) 2(L(w^k) − L(u)) ≤ 2<g_k, w^k − u> =
‖w^k − u‖² − ‖w^{k+1} − u‖² + ‖g_k‖². Sum (c) over k < t, with L(w^k) from (a), and add t times 2(L(w^t) − L(u)) ≤
2<g_t, w^t − u>, which is at most (‖w^t − u‖² + t²‖g_t‖²)/t:

    4t(L(w^t) − L(u)) ≤ ‖w^0 − u‖² + t²‖g_t‖² − 2 Σ_{0<j<t} j‖g_j‖² − t‖g_t‖² ≤ ‖w^0 − u‖²,

by (b), as 2 Σ_{0<j<t} j = t² − t. Attained where the loss is linear from w^τ to u, at w^τ − u = 2t∇L/L_H: cross-entropy
far on the wrong side of a point. On a quadratic, with the best u, the bound is Σ ½ λ_j r_j²/(1 + 2tu_j) against the
loss's Σ ½ λ_j r_j²(1 − u_j)^{2t}.

`hessian`. Cross-entropy has L_ℓ = 1/2: for p on the simplex and unit v, vᵀ(diag p − ppᵀ)v = Var_p(v) ≤ (max v −
min v)²/4 ≤ 2/4 by Popoviciu, since (a − b)² ≤ 2(a² + b²); with equality at p = (½, ½), v = (1, −1)/√2.

Erratum. R and w* need Q = argmin to be non-empty. Assumption 2 (differentiable, convex, smooth, ≥ 0) does not give
that: for cross-entropy with one-hot targets (the paper's own experiments) and rank n features, inf L = 0 is approached
along a ray and attained nowhere, so Q is empty, R undefined, and no w* exists. What holds is `comparator`.
Source: Kawaguchi and Sun 2021, section 5.3, Theorem 1 (i).
"""

import numpy as np
import sympy as sp

from lazy_assay.theory import (
    Assumption,
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
    Stronger,
    Vector,
)
from lazy_assay.theory._mathematics.matrices import letter
from lazy_assay.theory.kawaguchi2021 import PAPER
from lazy_assay.theory.kawaguchi2021._last_layer import Array

R, L_H, distance = (sp.Symbol(name, positive=True) for name in ("R", "L_H", "D"))
t = sp.Symbol("t", integer=True, positive=True)
lipschitz, true_lipschitz = sp.Symbol("L_ell", positive=True), sp.Symbol("L_true", positive=True)
L_u, modes = sp.Symbol("L_u", nonnegative=True), sp.Symbol("m", positive=True, integer=True)
spectrum, gaps, one = letter("Lambda", modes, modes), letter("r2", modes, modes), sp.Identity(modes)
EXCESS = Quantity(
    symbol=sp.Symbol("Delta_L"),
    meaning="loss after t steps, less the minimum",
    units="units of the loss",
    low=0,
    latex=r"(\mathcal{L}(w^t)-\mathcal{L}(w^*))",
)
LOSS = Quantity(
    symbol=sp.Symbol("Loss"), meaning="loss after t steps", units="units of the loss", low=0, latex=r"\mathcal{L}(w^t)"
)
CURVATURE = Quantity(
    symbol=sp.Symbol("h"),
    meaning="largest eigenvalue of the loss's Hessian in the outputs",
    low=0,
    latex=r"\lambda_{\max}(\nabla^2\ell)",
)
RADIUS = Parameter("R", R, "distance of the last layer at τ to the nearest minimiser", Real(low=0), "units of w")
SMOOTHNESS = Parameter("L_H", L_H, "(L_ℓ/n) Σ ‖[h_i, 1]‖²", Real(low=0), "loss per squared weight")
STEPS = Parameter("t", t, "steps since τ", Integer(1), latex=r"(t-\tau)")
LIPSCHITZ = Parameter("lipschitz", lipschitz, "the Lipschitz constant L_ℓ that L_H is made of", Real(low=0))
TRUE = Parameter("true_lipschitz", true_lipschitz, "the least that does: 2 (squared), 1/2 (cross-entropy)", Real(low=0))
VALID = Assumption(
    name="L_ℓ",
    sentence="∇ℓ is Lipschitz with the constant that L_H is made of",
    holds=lambda lipschitz, true_lipschitz: lipschitz >= true_lipschitz,
)


def bound(R: float, L_H: float, t: int) -> float:
    """R² L_H/(2t)."""
    return R**2 * L_H / (2 * t)


def tight(R: float, L_H: float, t: int) -> float:
    """R² L_H/(2(2t+1)) · (2t/(2t+1))^{2t}."""
    return R**2 * L_H / (2 * (2 * t + 1)) * (2 * t / (2 * t + 1)) ** (2 * t)


def curve(eigenvalues: Array, squared_gaps: Array, L_H: float, t: int) -> float:
    """½ Σ_j λ_j r_j² (1 − λ_j/L_H)^{2t}."""
    return float((eigenvalues * squared_gaps * (1 - eigenvalues / L_H) ** (2 * t)).sum() / 2)


def against(L_u: float, D: float, L_H: float, t: int) -> float:
    """L(u) + L_H D²/(4t)."""
    return L_u + L_H * D**2 / (4 * t)


NO_MINIMUM = Erratum(
    gravity=Gravity.CONDITION,
    locator="Theorem 1, and the definitions of w* and R before it",
    printed="let w* be a global minimum; R² = min over Q = argmin L, for any loss with assumption 2",
    corrected="L(w^t) ≤ L(u) + L_H‖w^τ − u‖²/(2(t−τ)) for every u; in the form with R where the minimum is attained",
    derivation=(
        "Cross-entropy with one-hot targets and features of rank n: some V has all margins positive, L(cV) → 0 "
        "as c → ∞, and L > 0 everywhere. So Q is empty and R = min over Q is not defined."
    ),
    evidence="part `comparator`, whose constant is half of that, on one-hot targets, where the loss keeps falling "
    "along c·V and stays positive",
    charitable=(
        "For the squared loss the minimum is attained and the theorem stands as printed; "
        "cross-entropy, which section 5.3 names and the experiments use, does not attain it."
    ),
)
CLAIM = Claim(
    module=__name__,
    title="Gradient descent on the last layer",
    source=Source(paper=PAPER, locator="section 5.3, Theorem 1 (i)"),
    convention="t counts steps since τ. Losses: ‖q − y‖² (L_ℓ = 2) and cross-entropy (L_ℓ = 1/2), means over n points.",
    main=("bound",),
    parts=(
        Bound(
            name="bound",
            companion="tight",
            sentence="After t steps the loss exceeds its minimum by at most R² L_H/(2t).",
            quantity=EXCESS,
            statement=sp.Le(EXCESS.symbol, R**2 * L_H / (2 * t)),
            latex=r"\mathcal{L}(w^t)-\mathcal{L}(w^*)\leq\frac{R^2L_H}{2(t-\tau)}",
            parameters=(RADIUS, SMOOTHNESS, STEPS, LIPSCHITZ, TRUE),
            assumptions=(VALID,),
            published=bound,
            stronger=(
                Stronger(
                    statement=sp.Le(EXCESS.symbol, R**2 * L_H / (4 * t)),
                    why="half of the bound: `comparator` at u = w*",
                ),
            ),
            decoys=(
                Decoy(
                    name="faster by t",
                    sentence="R² L_H/(2t²), as for an accelerated method",
                    published=lambda R, L_H, t: R**2 * L_H / (2 * t**2),
                ),
                Decoy(
                    name="R not squared",
                    sentence="R L_H/(2t)",
                    published=lambda R, L_H, t: R * L_H / (2 * t),
                ),
            ),
            errata=(NO_MINIMUM,),
        ),
        Bound(
            name="tight",
            ours=True,
            sentence="For the squared loss the excess is at most R² L_H/(2(2t+1)) (2t/(2t+1))^{2t}; that is attained.",
            quantity=EXCESS,
            statement=sp.Le(EXCESS.symbol, R**2 * L_H / (2 * (2 * t + 1)) * (2 * t / (2 * t + 1)) ** (2 * t)),
            latex=r"\mathcal{L}(w^t)-\mathcal{L}(w^*)\leq\frac{R^2L_H}{2(2(t-\tau)+1)}\left(\frac{2(t-\tau)}{2(t-\tau)+1}\right)^{2(t-\tau)}",
            parameters=(RADIUS, SMOOTHNESS, STEPS),
            published=tight,
            decoys=(
                Decoy(
                    name="its limit",
                    sentence="R² L_H/(4 e t + 2 e), as if (2t/(2t+1))^{2t} were 1/e already",
                    published=lambda R, L_H, t: R**2 * L_H / (2 * (2 * t + 1) * np.e),
                ),
            ),
        ),
        Identity(
            name="curve",
            ours=True,
            sentence="For the squared loss the excess after t steps is ½ Σ λ_j r_j² (1 − λ_j/L_H)^{2t}.",
            quantity=EXCESS,
            statement=Eq(EXCESS.symbol, sp.Trace(spectrum * gaps * (one - spectrum / L_H) ** (2 * t)) / 2),
            latex=(
                r"\mathcal{L}(w^t)-\mathcal{L}(w^*)=\frac{1}{2}\operatorname{Tr}"
                r"\left(\Lambda D_{r^2}\left(I-\frac{1}{L_H}\Lambda\right)^{2(t"
                r"-\tau)}\right)"
            ),
            parameters=(
                Parameter("eigenvalues", sp.Symbol("lambda"), "eigenvalues of the Hessian", Vector(size="m", low=0)),
                Parameter(
                    "squared_gaps",
                    sp.Symbol("r2"),
                    "squared distances to the minimum",
                    Vector(size="m", low=0),
                    latex=r"D_{r^2}",
                ),
                SMOOTHNESS,
                STEPS,
            ),
            auxiliary=(
                Auxiliary(
                    symbol=spectrum,
                    meaning="diag(λ_j)",
                    value=lambda eigenvalues: np.diag(eigenvalues),
                    latex=r"\Lambda",
                ),
                Auxiliary(
                    symbol=gaps,
                    meaning="diag(r_j²)",
                    value=lambda squared_gaps: np.diag(squared_gaps),
                    latex=r"D_{r^2}",
                ),
            ),
            published=curve,
            decoys=(
                Decoy(
                    name="once per step",
                    sentence="(1 − λ_j/L_H)^t, the contraction of w in place of the loss's",
                    published=lambda eigenvalues, squared_gaps, L_H, t: float(
                        (eigenvalues * squared_gaps * (1 - eigenvalues / L_H) ** t).sum() / 2
                    ),
                ),
            ),
        ),
        Bound(
            name="comparator",
            ours=True,
            sentence="After t steps the loss is at most that of any u, plus L_H times its squared distance over 4t.",
            quantity=LOSS,
            statement=sp.Le(LOSS.symbol, L_u + L_H * distance**2 / (4 * t)),
            latex=r"\mathcal{L}(w^t)\leq\mathcal{L}(u)+\frac{L_H\|w^\tau-u\|^2}{4(t-\tau)}",
            parameters=(
                Parameter(
                    "L_u", L_u, "loss at u", Real(low=0, closed_low=True), "units of the loss", latex=r"\mathcal{L}(u)"
                ),
                Parameter(
                    "D",
                    distance,
                    "distance of the last layer at τ to u",
                    Real(low=0),
                    "units of w",
                    latex=r"\|w^\tau-u\|",
                ),
                SMOOTHNESS,
                STEPS,
            ),
            published=against,
            decoys=(
                Decoy(
                    name="without L(u)",
                    sentence="L_H‖w^τ − u‖²/(4t) alone, as if every u were a global minimiser of loss 0",
                    published=lambda D, L_H, t: L_H * D**2 / (4 * t),
                ),
            ),
        ),
        Bound(
            name="hessian",
            sentence="Cross-entropy's gradient is Lipschitz with constant 1/2.",
            quantity=CURVATURE,
            statement=sp.Le(CURVATURE.symbol, sp.Rational(1, 2)),
            published=lambda: 0.5,
            decoys=(Decoy(name="as for one output", sentence="1/4, the logistic function's", published=lambda: 0.25),),
        ),
    ),
)
