"""Section 3, before Eq. (12): "a large α is equivalent to the large variance in the initialization of the weights".

Let h be positively homogeneous of degree q in its weights, h(λw) = λ^q h(w) for λ > 0; then Dh(λw) = λ^(q−1) Dh(w).
Train αh, α = λ^q, from ω_0 by descent of step size η on L(αh), and put v_k = λω_k:

    v_(k+1) = v_k − ηλα Dh(ω_k)ᵀ∇L = v_k − ηλ^(q+1) λ^(−(q−1)) Dh(v_k)ᵀ∇L = v_k − λ²η Dh(v_k)ᵀ∇L,    h(v_k) = αh(ω_k).

So training αh from ω_0 at step size η is training h from λω_0, of λ² = α^(2/q) times the variance, at λ²η: exactly, at
every step and for every loss. (On the scaled objective L(αh)/α² of Chizat et al., whose step is η/α² here, λ^(2−2q)η.)
For (12) with both layers trained and relu, q = 2: √α times the weights, α times the variance and the step size.

It is false as printed, without homogeneity ("in these networks", of any σ) and without the step size: for tanh,
sigmoid, softplus the two are different functions already at ω_0.
"""

from collections.abc import Iterator

import numpy as np
import sympy as sp

from lazy_assay.theory import (
    Assumption,
    Auxiliary,
    Choice,
    Decoy,
    Eq,
    Erratum,
    Formula,
    Gravity,
    Identity,
    Integer,
    Parameter,
    Real,
)
from lazy_assay.theory._mathematics.two_layer import (
    CENTRES,
    LABELS,
    OUTPUT,
    POINTS,
    SCALE,
    THETA,
    Array,
    U,
    features,
    slopes,
)

STEP_SIZE = Parameter("step_size", sp.Symbol("eta", positive=True), "step size η", Real(0))
# Few: at an arbitrary step size descent may blow up, and every further step repeats the argument of the first.
STEPS = Parameter("steps", sp.Symbol("k", positive=True, integer=True), "steps of descent", Integer(1, 3))
HOMOGENEOUS = ("relu", "abs")
ACTIVATION = Parameter(
    "activation", sp.Symbol("sigma"), "activation", Choice((*HOMOGENEOUS, "tanh", "sigmoid", "softplus"))
)


def network(theta: Array, u: Array, alpha: float, x: Array, activation: str) -> Array:
    """αh(x) = (α/m) Σ_j u_j σ(θ_jᵀx), shape (inputs,)."""
    return np.asarray(alpha / len(u) * features(theta, x, activation) @ u)


def path(
    theta: Array, u: Array, alpha: float, points: Array, labels: Array, activation: str, step_size: float, steps: int
) -> Iterator[tuple[Array, Array]]:
    """Weights after 0, 1, …, steps steps on ½‖αh(X) − y‖², by the chain rule written out."""
    yield theta, u
    for _ in range(steps):
        gap = step_size * alpha / len(u) * (network(theta, u, alpha, points, activation) - labels)
        moved = gap @ features(theta, points, activation)
        theta = theta - (gap[:, None] * slopes(theta, points, activation) * u).T @ points
        u = u - moved
        yield theta, u


def _trained(power: float, time: float) -> Formula:
    """The output of α^power h after descent at step size α^time η, summed over Z."""

    def formula(
        theta: Array,
        u: Array,
        alpha: float,
        points: Array,
        labels: Array,
        centres: Array,
        activation: str,
        step_size: float,
        steps: int,
    ) -> float:
        scale = alpha**power
        *_, end = path(theta, u, scale, points, labels, activation, alpha**time * step_size, steps)
        return float(network(*end, scale, centres, activation).sum())

    return formula


scaled = _trained(1.0, 0.0)
# The plain reading of the sentence, that larger weights do what α does and all else is the same: the step size, too.
same_step = _trained(1.0, 1.0)
T = Auxiliary(
    symbol=sp.Symbol("T"),
    meaning="αh trained from ω_0 at step size η, summed over Z",
    value=scaled,
    latex=r"f_{\sqrt\alpha\omega_0,\alpha\eta}(x)",
    opaque="what a network is after steps of descent, a recursion through it",
)
SAME = Auxiliary(
    symbol=sp.Symbol("T_1"),
    meaning="the same at the step size of the other, αη",
    value=same_step,
    latex=r"f_{\sqrt\alpha\omega_0,\eta}(x)",
)
PART = Identity(
    name="variance",
    sentence="For relu, αh trained from ω_0 at η is h trained from √α ω_0 at αη: large α is large variance.",
    quantity=OUTPUT,
    statement=Eq(OUTPUT.symbol, T.symbol),
    printed_statement=Eq(OUTPUT.symbol, SAME.symbol),
    parameters=(THETA, U, SCALE, POINTS, LABELS, CENTRES, ACTIVATION, STEP_SIZE, STEPS),
    auxiliary=(T, SAME),
    assumptions=(
        Assumption(
            name="homogeneous",
            sentence="the activation is positively homogeneous: σ(λz) = λσ(z) for λ > 0",
            holds=lambda activation: activation in HOMOGENEOUS,
        ),
    ),
    published=scaled,
    printed=same_step,
    decoys=(
        Decoy(name="λ = α", sentence="α² h, as if the weights were α times as large", published=_trained(2.0, -1.0)),
        Decoy(name="one layer", sentence="√α h, the factor of one layer alone", published=_trained(0.5, 0.5)),
        Decoy(name="step size of one layer", sentence="√α η for αη", published=_trained(1.0, -0.5)),
    ),
    errata=(
        Erratum(
            gravity=Gravity.CONDITION,
            locator="section 3, before Eq. (12)",
            printed="a large α is equivalent to the large variance in the initialization of the weight parameters ω_0",
            corrected="for h positively homogeneous of degree q, αh from ω_0 at step size η is h from α^(1/q) ω_0 at "
            "α^(2/q) η; for other activations neither functions nor training are the same",
            derivation="h(λw) = λ^q h(w) and Dh(λw) = λ^(q−1) Dh(w) in each step of descent",
            evidence="networks trained from larger weights against scaled ones: relu and abs at both step sizes, "
            "tanh and softplus as controls",
            charitable=(
                "For activations that are positively homogeneous (the paper's ReLU) at a step size "
                "that is changed with α it holds, and it is proved here."
            ),
        ),
    ),
)
