"""Section VI: weight decay on both layers is an ℓ1 norm in the space of features, for homogeneous activations.

"Learning a two-layer NN with an ℓ-2 norm regularizer on the weights is equivalent to solving an ℓ-1 norm regularized
problem in the feature space." For σ with σ(cz) = cσ(z), c > 0 (relu, abs), the neuron (u/c, cθ) is the neuron (u, θ).

`rescaling`. ½(λ_u u²/c² + λ_θ c²‖θ‖²) is least at c² = √(λ_u/λ_θ)|u|/‖θ‖, where it is √(λ_uλ_θ)|u|‖θ‖: of all networks
with the same output, the least decay is the sum of |u_j|‖θ_j‖, the ℓ1 norm of the coefficients of σ(θ̂_jᵀx), θ̂ = θ/‖θ‖.
`equivalence`. Hence for features σ(d_jᵀx) of given unit directions d_j, θ_j = r_j d_j,

    min over u, r of (1/n) Σ L + (1/2m) Σ_j (λ_u u_j² + λ_θ r_j²)  =  min over a of (1/n) Σ L + (√(λ_uλ_θ)/m) Σ_j |a_j|.

The problem in (u, r) is not convex: u_j = r_j = 0 is stationary. Descent from u_j = 0, r_j = 1 gets there.

What training makes of it. Let g = u·a(θ) + ½(λ_u u² + λ_θ‖θ‖²) be (18), a(θ) = (α/n) Σ L'_1 σ(θᵀx_i). By Euler,
θᵀ∇a = a:

* `stationary`: u ∂_u g − θᵀ∂_θ g = λ_u u² − λ_θ‖θ‖² at every network. So at every stationary point λ_u u_j² =
  λ_θ‖θ_j‖², the balance of `rescaling`: |u_j| = ‖θ_j‖ for λ_u = λ_θ (of neurons that are dead, both are 0).
* `flow`, λ_u = λ_θ = λ: D = u² − ‖θ‖² has D' = 2u u' − 2θᵀθ' = −2λD along (20) with η = 1, since −2u a + 2uθᵀ∇a = 0.
  So D(T) = exp(−2λT) D(0), whatever the data and the loss; in (20) T is ∫η dt. Descent with steps η comes to that up
  to O(η), by `one_step`, kinks and all; an integrator of high order would lose its order at every kink.
* `one_step` of descent of size η on m·φ: D⁺ = (1 − ηλ)² D + η²(a² − u²‖∇a‖²), exactly: the term of first order cancels,
  the decay is (1 − ηλ)², and what is left over is of order η² and vanishes at stationary points together with D.

Where σ is not homogeneous (tanh: the control) none of this holds for given features; [58] reaches an ℓ1 norm for any h
by moving mass of ρ instead (`optimal_variance`). Source: Fang, Dong, Zhang 2021, section VI, on [58] and [52].
"""

import math

import numpy as np
import sympy as sp

from lazy_assay.theory import (
    Assumption,
    Auxiliary,
    Choice,
    Claim,
    Decoy,
    Eq,
    Formula,
    Identity,
    Parameter,
    Quantity,
    Rate,
    Real,
    Source,
    of_order,
)
from lazy_assay.theory._mathematics.dual_activations import ACTIVATIONS
from lazy_assay.theory._mathematics.matrices import letter
from lazy_assay.theory._mathematics.two_layer import (
    CONVENTION,
    LABELS,
    POINTS,
    SCALE,
    THETA,
    Array,
    U,
    features,
    m,
    output,
    slopes,
)
from lazy_assay.theory.fang2021 import PAPER
from lazy_assay.theory.fang2021._lasso import lasso, ridge

lambda_u, lambda_theta, lam = sp.symbols("lambda_u lambda_theta lambda", positive=True)
eta, T = sp.symbols("eta T", positive=True)
d = sp.Symbol("d", positive=True, integer=True)
HOMOGENEOUS = ("relu", "abs")
ACTIVATION = Parameter("activation", sp.Symbol("sigma"), "activation", Choice(tuple(ACTIVATIONS)))
DECAY_U = Parameter("lambda_u", lambda_u, "weight decay λ_u of the output weights", Real(0))
DECAY_THETA = Parameter("lambda_theta", lambda_theta, "weight decay λ_θ of the hidden weights", Real(0))
DECAY = Parameter("lambda_", lam, "weight decay λ of both layers", Real(0))
STEP_SIZE = Parameter("step_size", eta, "step size η of descent on m·φ, Eq. (20)", Real(0))
TIME = Parameter("time", T, "time T of (20) with η = 1", Real(0))
DATA = (THETA, U, SCALE, POINTS, LABELS, ACTIVATION)
EULER = Assumption(
    name="homogeneous",
    sentence="σ(cz) = cσ(z) for c > 0",
    holds=lambda activation: activation in HOMOGENEOUS,
    threshold="relu and abs, of the activations here",
    required=True,
)


def least_decay(theta: Array, u: Array, lambda_u: float, lambda_theta: float) -> float:
    """(√(λ_uλ_θ)/m) Σ_j |u_j|‖θ_j‖."""
    return math.sqrt(lambda_u * lambda_theta) * float((np.abs(u) * np.linalg.norm(theta, axis=1)).mean())


def _decay(theta: Array, u: Array, lambda_u: float, lambda_theta: float) -> float:
    return float((lambda_u * u**2 + lambda_theta * np.square(theta).sum(1)).mean()) / 2


def derive_least() -> sp.Expr:
    """The stationary value of ½(λ_u u²/c² + λ_θ c²r²) over c > 0."""
    u, r, c = sp.symbols("u r c", positive=True)
    decay = (lambda_u * u**2 / c**2 + lambda_theta * c**2 * r**2) / 2
    best = (lambda_u / lambda_theta) ** sp.Rational(1, 4) * sp.sqrt(u / r)
    assert sp.simplify(sp.diff(decay, c).subs(c, best)) == 0
    return sp.simplify(decay.subs(c, best))


def least_objective(norm: Formula) -> Formula:
    """The least objective over a, with √(λ_uλ_θ)/m times a norm of a."""

    def formula(
        theta: Array,
        alpha: float,
        points: Array,
        labels: Array,
        activation: str,
        lambda_u: float,
        lambda_theta: float,
    ) -> float:
        directions = theta / np.linalg.norm(theta, axis=1, keepdims=True)
        H = alpha / len(theta) * features(directions, points, activation)
        return float(norm(H, labels, math.sqrt(lambda_u * lambda_theta) / len(theta)))

    return formula


def balance(theta: Array, u: Array) -> float:
    """D = u² − ‖θ‖² of the first neuron."""
    return float(u[0] ** 2 - theta[0] @ theta[0])


def unbalance(theta: Array, u: Array, lambda_u: float, lambda_theta: float) -> float:
    """λ_u u² − λ_θ‖θ‖² of the first neuron."""
    return float(lambda_u * u[0] ** 2 - lambda_theta * theta[0] @ theta[0])


def second_order(theta: Array, u: Array, alpha: float, points: Array, labels: Array, activation: str) -> float:
    """a² − u²‖∇a‖² of the first neuron."""
    gap = alpha * (output(theta, u, alpha, points, activation) - labels) / len(labels)
    a = gap @ features(theta, points, activation)[:, 0]
    gradient = (gap * slopes(theta, points, activation)[:, 0]) @ points
    return float(a**2 - u[0] ** 2 * (gradient @ gradient))


def _stepped(decay: Formula, share: float) -> Formula:
    """(decay of D in one step) D + share·η²(a² − u²‖∇a‖²)."""

    def formula(
        theta: Array,
        u: Array,
        alpha: float,
        points: Array,
        labels: Array,
        activation: str,
        lambda_: float,
        step_size: float,
    ) -> float:
        left = second_order(theta, u, alpha, points, labels, activation)
        return float(decay(step_size * lambda_) * balance(theta, u) + share * step_size**2 * left)

    return formula


stepped = _stepped(lambda x: (1 - x) ** 2, 1.0)
optimum = least_objective(lasso)
GAP = sp.Function("Delta")(eta)
R, D, phi, G = (sp.Symbol(name) for name in ("R", "D", "phi", "G"))
j, k = sp.symbols("j k", integer=True, nonnegative=True)
outer, rows = letter("u", m, 1), letter("Theta", m, d)
# Mean of |u_j|‖θ_j‖.
product = sp.Sum(sp.Abs(outer[j, 0]) * sp.sqrt(sp.Sum(rows[j, k] ** 2, (k, 0, d - 1))), (j, 0, m - 1)) / m
WEIGHTS = (
    Auxiliary(symbol=outer, meaning="output weights", value=lambda u: u[:, None], latex=r"u"),
    Auxiliary(symbol=rows, meaning="hidden weights, one row a neuron", value=lambda theta: theta, latex=r"\theta"),
)
first = Auxiliary(symbol=sp.Symbol("D_0"), meaning="u² − ‖θ‖² at the start", value=balance, latex=r"D_k")
rest = Auxiliary(symbol=sp.Symbol("E"), meaning="a² − u²‖∇a‖²", value=second_order, latex=r"(a^2-u^2\|\nabla a\|_2^2)")
square = Auxiliary(symbol=sp.Symbol("u_1"), meaning="u²", value=lambda u: float(u[0] ** 2), latex=r"u^2")
norm = Auxiliary(
    symbol=sp.Symbol("t_1"), meaning="‖θ‖²", value=lambda theta: float(theta[0] @ theta[0]), latex=r"\|\theta\|_2^2"
)
least = Auxiliary(
    symbol=sp.Symbol("phi_1"),
    meaning="least objective with (√(λ_uλ_θ)/m)‖a‖_1",
    value=optimum,
    latex=r"\phi_{\ell_1}",
    opaque="the least value of a convex problem",
)
BALANCE = Quantity(symbol=D, meaning="u² − ‖θ‖² of the first neuron", units="squared weight", latex=r"D_{k+1}")
CLAIM = Claim(
    module=__name__,
    title="Weight decay on both layers is an ℓ1 norm of features",
    source=Source(paper=PAPER, locator="section VI, the paragraph on [58] and [52]"),
    convention=CONVENTION + " R = (1/2m) Σ_j (λ_u u_j² + λ_θ‖θ_j‖²); steps and times as in (20), on m·φ.",
    parts=(
        Identity(
            name="rescaling",
            sentence="The least decay of a neuron's rescalings is √(λ_uλ_θ)|u|‖θ‖; its output stays as it is.",
            quantity=Quantity(
                symbol=R,
                meaning="least decay over rescalings of neurons, plus the output's change",
                latex=r"R(u,\theta)",
            ),
            statement=Eq(R, sp.sqrt(lambda_u * lambda_theta) * product),
            latex=r"R(u,\theta)=\sqrt{\lambda_u\lambda_\theta}\,\frac{1}{m}\sum_{j=1}^m|u_j|\|\theta_j\|_2",
            parameters=(THETA, U, DECAY_U, DECAY_THETA, SCALE, POINTS, ACTIVATION),
            auxiliary=WEIGHTS,
            assumptions=(EULER,),
            published=least_decay,
            decoys=(
                Decoy(name="as it is", sentence="½(λ_u u² + λ_θ‖θ‖²), no rescaling", published=_decay),
                Decoy(
                    name="half",
                    sentence="√(λ_uλ_θ)|u|‖θ‖/2",
                    published=lambda theta, u, lambda_u, lambda_theta: (
                        least_decay(theta, u, lambda_u, lambda_theta) / 2
                    ),
                ),
            ),
        ),
        Identity(
            name="equivalence",
            sentence="For given directions of the neurons, decay of both layers has the minimum of the ℓ1 problem.",
            quantity=Quantity(
                symbol=phi, meaning="least objective over u_j and ‖θ_j‖ at given directions", latex=r"\phi_{\min}"
            ),
            statement=Eq(phi, least.symbol),
            parameters=(*DATA, DECAY_U, DECAY_THETA),
            auxiliary=(least,),
            assumptions=(EULER,),
            published=optimum,
            decoys=(
                Decoy(name="ℓ2", sentence="½‖a‖² for ‖a‖_1, the kernel's norm", published=least_objective(ridge)),
                Decoy(
                    name="half",
                    sentence="(√(λ_uλ_θ)/2m)‖a‖_1",
                    published=least_objective(lambda H, y, strength: lasso(H, y, strength / 2)),
                ),
            ),
        ),
        Identity(
            name="stationary",
            sentence="u ∂_u g − θᵀ∂_θ g is λ_u u² − λ_θ‖θ‖², so that every stationary neuron is balanced.",
            quantity=Quantity(
                symbol=G,
                meaning="u ∂_u g − θᵀ∂_θ g of the first neuron",
                latex=r"(u\,\partial_u g-\theta^\top\partial_\theta g)",
            ),
            statement=Eq(G, lambda_u * square.symbol - lambda_theta * norm.symbol),
            latex=r"u\,\partial_u g-\theta^\top\partial_\theta g=\lambda_u u^2-\lambda_\theta\|\theta\|_2^2",
            parameters=(*DATA, DECAY_U, DECAY_THETA),
            auxiliary=(square, norm),
            assumptions=(EULER,),
            published=unbalance,
            decoys=(
                Decoy(
                    name="one decay",
                    sentence="λ_u(u² − ‖θ‖²)",
                    published=lambda theta, u, lambda_u: lambda_u * balance(theta, u),
                ),
                Decoy(
                    name="half",
                    sentence="½(λ_u u² − λ_θ‖θ‖²)",
                    published=lambda theta, u, lambda_u, lambda_theta: unbalance(theta, u, lambda_u, lambda_theta) / 2,
                ),
            ),
        ),
        Identity(
            name="one_step",
            sentence="One step takes u² − ‖θ‖² to (1 − ηλ)² times itself, plus η²(a² − u²‖∇a‖²).",
            quantity=BALANCE,
            statement=Eq(D, (1 - eta * lam) ** 2 * first.symbol + eta**2 * rest.symbol),
            latex=r"D_{k+1}=(1-\eta\lambda)^2D_k+\eta^2(a^2-u^2\|\nabla a\|_2^2)",
            parameters=(*DATA, DECAY, STEP_SIZE),
            auxiliary=(first, rest),
            assumptions=(EULER,),
            published=stepped,
            decoys=(
                Decoy(name="the flow's", sentence="exp(−2ηλ)", published=_stepped(lambda x: math.exp(-2 * x), 1.0)),
                Decoy(name="no second order", sentence="(1 − ηλ)² D", published=_stepped(lambda x: (1 - x) ** 2, 0.0)),
                Decoy(name="once", sentence="1 − ηλ for its square", published=_stepped(lambda x: 1 - x, 1.0)),
            ),
        ),
        Rate(
            name="flow",
            sentence="Descent for a time T takes u² − ‖θ‖² to exp(−2λT) times itself, up to O(η), and no closer.",
            quantity=Quantity(
                symbol=GAP,
                meaning="root mean square over neurons of D(T) − exp(−2λT) D(0)",
                latex=r"|D(T)-e^{-2\lambda T}D(0)|",
            ),
            statement=Eq(GAP, of_order(eta)),
            parameters=(ACTIVATION, DECAY, TIME, STEP_SIZE),
            assumptions=(EULER,),
            published=lambda: 1.0,
            sharp=True,
            decoys=(
                Decoy(name="another law", sentence="O(1), as if D decayed at another rate", published=lambda: 0.0),
                Decoy(name="second order", sentence="O(η²), the error of one step", published=lambda: 2.0),
            ),
        ),
    ),
)
