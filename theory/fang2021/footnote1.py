"""Footnote 1: a very small weight decay, and what is left in the neighbourhood of the initialisation.

"The NTK regime can still incorporate very small regularizers. For example, one can add a regularizer as μ(‖θ‖² + ‖u‖²),
where μ is much smaller than 1/m. In this case, there is still a solution in the neighborhood of the initialization."
α = √m, u, θ ~ N(0, I), so that the regulariser is μ m (d + 1) at the start, give or take its root: 1/m is where it is
of the order of the loss.

`objective`. A network trained without it reaches a loss of zero within O(1) of its start (O(m^(−1/2)) a neuron); there
the regularised objective is μ‖w‖² = O(μm). So for μ ≪ 1/m a point of *nearly* the least objective, which is no smaller
than 0, is in the neighbourhood: with μ = m^(−p), of order m^(1−p). `path`. Training with the regulariser for a fixed
time T of the kernel multiplies weights by exp(−2μT) besides, so that it stays within a share O(μ) of the path without:
m^(−p). For that alone μ → 0 is enough, and μ ≪ m^(−1/2) for less than neurons move anyway.

`minimiser`. The minimiser is not there, for any μ > 0. In the tangent model f_0 + J(w − w̃) the objective is strictly
convex, and its minimiser, w = Jᵀ(JJᵀ + 2μn)⁻¹(y − f_0 + Jw̃), lies in the span of n gradients; w̃ with its m(d + 1)
independent numbers does not. So ‖w − w̃‖²/‖w̃‖² ≥ 1 − ‖Pw̃‖²/‖w̃‖² with P the projection onto the span, near 1 − n/m(d+1),
however small μ is: μ decides how long descent takes to get there (1/μ), not where it goes. A pull to the initialisation
has its minimiser in the neighbourhood at any strength (`kernel_training:regularised`), as the footnote says next.

Source: Fang, Dong, Zhang 2021, section IV, footnote 1.
"""

import numpy as np
import sympy as sp

from lazy_assay.theory import (
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
    Remark,
    Source,
)
from lazy_assay.theory._mathematics.matrices import entry, letter
from lazy_assay.theory._mathematics.tangent_letters import K_theta, K_u, auxiliary, one, out_x, y
from lazy_assay.theory._mathematics.tangent_training import Start
from lazy_assay.theory._mathematics.two_layer import (
    ACTIVATION,
    CONVENTION,
    LABELS,
    POINTS,
    SCALE,
    THETA,
    WIDTH,
    Array,
    U,
    alpha,
    features,
    m,
    n,
    slopes,
)
from lazy_assay.theory.fang2021 import PAPER

mu, p, size = sp.symbols("mu p W", positive=True)
pull = letter("p", n, 1)
STRENGTH = Parameter("mu", mu, "strength μ of the regulariser μ(‖θ‖² + ‖u‖²)", Real(0))
EXPONENT = Parameter("exponent", p, "p in μ = m^(−p)", Real(0, 4))
SMOOTH = Parameter("activation", ACTIVATION.symbol, "activation", Choice(("tanh", "erf", "softplus", "relu")))
order = sp.Function("O")


def distance(share: float, centred: bool = False) -> Formula:
    """‖w − w̃‖²/‖w̃‖² at the minimiser, with share·μn on the diagonal; or of a pull to the initialisation."""

    def formula(
        theta: Array, u: Array, alpha: float, points: Array, labels: Array, activation: str, mu: float
    ) -> float:
        start, n = Start(theta, u, alpha, points, labels, points, activation), len(points)
        K = alpha**2 / len(u) * (start.kernel_u(points) + start.kernel_theta(points))
        own = features(theta, points, activation) + slopes(theta, points, activation) * (points @ theta.T)
        pulled = alpha / len(u) * own @ u
        gap = labels - start.offset(points) + (0 if centred else 1) * pulled
        beta = np.linalg.solve(K + share * mu * n * np.eye(n), gap)
        size = float(np.square(theta).sum() + u @ u)
        moved = float(beta @ K @ beta) + (0.0 if centred else size - 2 * float(pulled @ beta))
        return moved / size

    return formula


def pulled(theta: Array, u: Array, alpha: float, points: Array, activation: str) -> Array:
    """Jw̃, (n, 1): by Euler's differences, ũ_j h + ũ_j θ̃_jᵀ∇h of every neuron."""
    own = features(theta, points, activation) + slopes(theta, points, activation) * (points @ theta.T)
    return np.asarray(alpha / len(u) * own @ u)[:, None]


relative_distance = distance(2.0)
STILL_THERE = Remark(
    locator="section IV, footnote 1",
    sentence="“There is still a solution in the neighborhood of the initialization” holds of what training reaches, "
    "and of a point of objective O(μm) (parts objective and path). It does not hold of the minimiser: a minimiser of "
    "the tangent model's objective lies in the span of n gradients, and every μ > 0 pulls what w̃ has outside of it to "
    "0 (part minimiser: normal equations in all parameters, μ down to 10⁻⁶).",
)
PHI, DELTA = sp.Function("Phi")(m), sp.Function("Delta")(m)
FAR = sp.Symbol("r")
gap, K = y - out_x + pull, alpha**2 / m * (K_u + K_theta)
beta = (K + 2 * mu * n * one).I * gap
# ‖w − w̃‖² = ‖w̃‖² − 2(Jw̃)ᵀβ + βᵀKβ, w = Jᵀβ.
relative = 1 + (entry(beta.T * K * beta) - 2 * entry(pull.T * beta)) / size
TOLD = (
    Auxiliary(symbol=pull, meaning="Jw̃, J the gradients at the data", value=pulled, latex=r"\tilde J\tilde w"),
    Auxiliary(
        symbol=size,
        meaning="‖w̃‖²",
        value=lambda theta, u: float(np.square(theta).sum() + u @ u),
        latex=r"\|\tilde w\|_2^2",
    ),
)


def _rate(name: str, sentence: str, quantity: Quantity, power: sp.Expr, right: Formula, wrong: Formula) -> Rate:
    return Rate(
        name=name,
        sentence=sentence,
        quantity=quantity,
        statement=Eq(quantity.symbol, order(m**power)),
        parameters=(EXPONENT, SMOOTH, WIDTH),
        published=right,
        towards="infinity",
        sharp=True,
        decoys=(
            Decoy(
                name="√m",
                sentence="μ√m, the root of the number of neurons",
                published=lambda exponent: 0.5 - exponent,
            ),
            Decoy(name="the other", sentence="μ for μm, μm for μ", published=wrong),
        ),
    )


def of_objective(exponent: float) -> float:
    """1 − p."""
    return 1 - exponent


def of_path(exponent: float) -> float:
    """−p."""
    return -exponent


CLAIM = Claim(
    module=__name__,
    title="Small weight decay leaves a nearly optimal point near the initialisation, and no minimiser",
    source=Source(paper=PAPER, locator="section IV, footnote 1"),
    convention=CONVENTION + " α = √m in the rates; norms of all weights together.",
    parts=(
        _rate(
            "objective",
            "With μ = m^(−p) the regularised objective at the network trained without it is of order μm.",
            Quantity(symbol=PHI, meaning="L + μ(‖θ‖² + ‖u‖²) after training on L", units="loss", latex=r"\Phi"),
            1 - p,
            of_objective,
            of_path,
        ),
        _rate(
            "path",
            "Training with the regulariser for a fixed time of the kernel stays within O(μ) of training without.",
            Quantity(
                symbol=DELTA,
                meaning="mean distance of a neuron's θ from its θ without the regulariser",
                latex=r"\|\theta_j^{(\mu)}-\theta_j^{(0)}\|_2",
            ),
            -p,
            of_path,
            of_objective,
        ),
        Identity(
            name="minimiser",
            sentence="The tangent model's minimiser is as far away as the initial weights are large, at every μ > 0.",
            quantity=Quantity(
                symbol=FAR,
                meaning="‖w − w̃‖²/‖w̃‖² at the minimiser of loss plus μ‖w‖²",
                latex=r"\frac{\|w-\tilde w\|_2^2}{\|\tilde w\|_2^2}",
            ),
            statement=Eq(FAR, relative),
            latex=(
                r"\frac{\|w-\tilde w\|_2^2}{\|\tilde w\|_2^2}=1+\frac{1}{\|\tilde w\|_2^2}"
                r"\left(\frac{\alpha^2}{m}\left(y-f_0(X)+\tilde J\tilde w\right)^\top"
                r"\left(\frac{\alpha^2}{m}\left(K_m^u+K_m^\theta\right)"
                r"+2\mu n I\right)^{-1}\left(K_m^u+K_m^\theta\right)\left("
                r"\frac{\alpha^2}{m}\left(K_m^u+K_m^\theta\right)+2\mu n I\right)^{"
                r"-1}\left(y-f_0(X)+\tilde J\tilde w\right)-2(\tilde J\tilde w)^\top"
                r"\left(\frac{\alpha^2}{m}\left(K_m^u+K_m^\theta\right)"
                r"+2\mu n I\right)^{-1}\left(y-f_0(X)+\tilde J\tilde w\right)\right)"
            ),
            parameters=(THETA, U, SCALE, POINTS, LABELS, ACTIVATION, STRENGTH),
            auxiliary=(*auxiliary(relative), *TOLD),
            published=relative_distance,
            remarks=(STILL_THERE,),
            decoys=(
                Decoy(name="pull to the start", sentence="μ‖w − w̃‖²", published=distance(2.0, centred=True)),
                Decoy(name="half", sentence="μn for 2μn, as of (μ/2)‖w‖²", published=distance(1.0)),
            ),
        ),
    ),
)
