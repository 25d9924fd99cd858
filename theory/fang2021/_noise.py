"""Noisy descent: the linear law at every step size and width, temperatures, moments of the nonlinear law, errata.

`noisy_descent.py` derives them, `_gibbs.py` the nonlinear law.
"""

import numpy as np
import sympy as sp

from lazy_assay.theory import (
    Assumption,
    Auxiliary,
    Choice,
    Erratum,
    Formula,
    Gravity,
    Growth,
    Parameter,
    Real,
    Vector,
)
from lazy_assay.theory._mathematics.matrices import entry, letter
from lazy_assay.theory._mathematics.two_layer import LABELS, POINTS, SCALE, WIDTH, Array, alpha, n
from lazy_assay.theory.fang2021 import _gibbs
from lazy_assay.theory.fang2021._mean_field import TEMPERATURE

lam, lambda_u, eta, a = sp.symbols("lambda_theta lambda_u eta a", positive=True)
d = sp.Symbol("d", positive=True, integer=True)
DECAY = Parameter("lambda_theta", lam, "weight decay λ_θ of θ", Real(0))
ANY_DECAY = Parameter("lambda_theta", lam, "weight decay λ_θ of θ, or none", Real(0, closed_low=True))
DECAY_U = Parameter("lambda_u", lambda_u, "weight decay λ_u of u", Real(0))
STEP_SIZE = Parameter("step_size", eta, "step size η along ∇g", Real(0))
INPUTS = Parameter("inputs", sp.Symbol("X"), "training inputs on a line", Vector("n"))
BOUNDED = Parameter("activation", sp.Symbol("sigma"), "activation", Choice(tuple(_gibbs.BENDS)))
MOMENT = Parameter(
    "moment", sp.Symbol("psi"), "uu: E u², tt: E θ², ut: E uθ, f: f(ρ, x_1)", Choice(("uu", "tt", "ut", "f"))
)
POWER = Parameter("moment", sp.Symbol("psi"), "square: E r², fourth: E r⁴", Choice(("square", "fourth")))
DESCENDS = Parameter(
    "descends", sp.Symbol("D"), "what a step descends: g, or φ in the parameters", Choice(("g", "phi"))
)
NOISE = Parameter(
    "noise",
    sp.Symbol("v"),
    "variance of the noise: scaled, 2λ_p times what the step moves along (20); printed, 2λ_p times the step size",
    Choice(("scaled", "printed")),
)
LINEAR = (POINTS, LABELS, SCALE, DECAY, TEMPERATURE, STEP_SIZE)
GIBBS = (INPUTS, LABELS, SCALE, BOUNDED, DECAY_U, DECAY, TEMPERATURE, STEP_SIZE, WIDTH)


# -- the linear law --------------------------------------------------------------------------------------------------


def curvature(points: Array, alpha: float, lambda_theta: float) -> float:
    """The largest eigenvalue of A = α²C + λI."""
    return float(alpha**2 * np.linalg.eigvalsh(points.T @ points / len(points))[-1] + lambda_theta)


def pull(points: Array, labels: Array, alpha: float) -> float:
    """b along the top eigenvector of C, its sign taken to be positive."""
    return float(alpha * abs(direction(points) @ points.T @ labels) / len(points))


def direction(points: Array) -> Array:
    """The top eigenvector of C, (d,)."""
    return np.asarray(np.linalg.eigh(points.T @ points)[1][:, -1])


STABLE = Assumption(
    name="stable",
    sentence="η < 2/λ_max(A)",
    holds=lambda points, alpha, lambda_theta, step_size: step_size * curvature(points, alpha, lambda_theta) < 2,
    required=True,
)
# Without its inputs, the least that a law at rest asks of a step.
STABLE_DECAY = Assumption(
    name="stable under decay",
    sentence="η < 2/λ",
    holds=lambda lambda_theta, step_size: step_size * lambda_theta < 2,
    required=True,
)
TOP = Auxiliary(symbol=a, meaning="largest eigenvalue of A", value=curvature)
X, y, e = letter("X", n, d), letter("y", n, 1), letter("e", d, 1)
# b = α|eᵀXᵀy|/n over a = α²eᵀXᵀXe/n + λ.
OF_PULL = alpha * sp.Abs(entry(e.T * X.T * y)) / n
OF_TOP = alpha**2 * entry(e.T * X.T * X * e) / n + lam
OF_MEAN = OF_PULL / OF_TOP
ALONG = (
    Auxiliary(symbol=X, meaning="inputs, one a row", value=lambda points: points, latex=r"X"),
    Auxiliary(symbol=y, meaning="targets", value=lambda labels: labels[:, None], latex=r"y"),
    Auxiliary(symbol=e, meaning="top eigenvector of XᵀX", value=lambda points: direction(points)[:, None], latex=r"e"),
)


def variance(rate: float, temperature: float, step_size: float) -> float:
    """λ_p/(a(1 − ηa/2)) of one autoregression."""
    return temperature / (rate * (1 - step_size * rate / 2))


def of_deviations(lambda_theta: float, temperature: float, step_size: float, m: int) -> float:
    """(1 − 1/m) λ_p/(λ(1 − ηλ/2))."""
    return (1 - 1 / m) * variance(lambda_theta, temperature, step_size)


def of_centre(points: Array, alpha: float, lambda_theta: float, temperature: float, step_size: float) -> float:
    """λ_p/(a(1 − ηa/2))."""
    return variance(curvature(points, alpha, lambda_theta), temperature, step_size)


def variance_of_decay(lambda_theta: float, temperature: float, step_size: float) -> float:
    """λ_p/(λ(1 − ηλ/2))."""
    return variance(lambda_theta, temperature, step_size)


def of_mean(points: Array, labels: Array, alpha: float, lambda_theta: float) -> float:
    """b/a."""
    return pull(points, labels, alpha) / curvature(points, alpha, lambda_theta)


# -- temperatures ----------------------------------------------------------------------------------------------------


def hotter(m: int, descends: str, noise: str) -> float:
    """m for printed noise on steps along ∂φ/∂w, 1 otherwise."""
    return float(m) if (descends, noise) == ("phi", "printed") else 1.0


def of_temperature(temperature: float, m: int, descends: str, noise: str) -> float:
    """mλ_p, or λ_p."""
    return temperature * hotter(m, descends, noise)


HOTTER = Auxiliary(symbol=sp.Symbol("c", positive=True), meaning="m on φ with printed noise, else 1", value=hotter)


# -- the nonlinear law -----------------------------------------------------------------------------------------------


def law(
    inputs: Array,
    labels: Array,
    alpha: float,
    activation: str,
    lambda_u: float,
    lambda_theta: float,
    temperature: float,
) -> _gibbs.Law:
    """exp(−g/λ_p), its own f in g."""
    return _gibbs.stationary(_gibbs.Setting(inputs, labels, alpha, activation, lambda_u, lambda_theta, temperature))


def moment_of(factor: float = 1.0, own: bool = True) -> Formula:
    """E ψ under the law at `factor` times the temperature; or, not `own`, with f = 0 in g."""

    def formula(
        inputs: Array,
        labels: Array,
        alpha: float,
        activation: str,
        lambda_u: float,
        lambda_theta: float,
        temperature: float,
        moment: str,
    ) -> float:
        T = factor * temperature
        at = _gibbs.Setting(inputs, labels, alpha, activation, lambda_u, lambda_theta, T)
        now = _gibbs.stationary(at) if own else _gibbs.given(at, np.zeros(len(labels)))
        return _gibbs.limit(now, moment)

    return formula


def _sized(formula: Formula) -> Formula:
    """A formula of a law, a moment, m and η, as one of a configuration's parameters."""

    def sized(
        inputs: Array,
        labels: Array,
        alpha: float,
        activation: str,
        lambda_u: float,
        lambda_theta: float,
        temperature: float,
        moment: str,
        m: int,
        step_size: float,
    ) -> float:
        now = law(inputs, labels, alpha, activation, lambda_u, lambda_theta, temperature)
        return float(formula(now, moment, m, step_size))

    return sized


of_moment, finite, allowance = moment_of(), _sized(_gibbs.finite), _sized(_gibbs.second_order)


def of_power(temperature: float, lambda_u: float, moment: str) -> float:
    """λ_p/λ_u, or 3(λ_p/λ_u)²."""
    ratio = temperature / lambda_u
    return ratio if moment == "square" else 3 * ratio**2


def descends_stably(
    inputs: Array,
    labels: Array,
    alpha: float,
    activation: str,
    lambda_u: float,
    lambda_theta: float,
    temperature: float,
    step_size: float,
) -> bool:
    """η < 2/Λ, Λ the curvature where particles move together."""
    now = law(inputs, labels, alpha, activation, lambda_u, lambda_theta, temperature)
    return bool(step_size * _gibbs.stiffness(now) < 2)


STABLE_LAW = Assumption(
    name="stable",
    sentence="η < 2/Λ, Λ the curvature of mφ where all particles move together",
    holds=descends_stably,
    required=True,
)
GROWTH = Growth(
    size="m",
    others=lambda size, _: {
        "n": 3,
        "inputs": "gaussian:2",
        "labels": "gaussian:12",
        "alpha": 4.0,
        "lambda_u": 0.5,
        "lambda_theta": 0.5,
        "temperature": 0.1,
        "step_size": 1 / size,
    },
)


# -- errata ----------------------------------------------------------------------------------------------------------

ON_PHI = Erratum(
    gravity=Gravity.CONSTANT,
    locator="section V, the paragraph on noisy gradient descent",
    printed="we simply add a Gaussian noise of N(0, 2λ_pη(t)) to each GD update step with learning rate η(t)",
    corrected="N(0, 2λ_pη) to a step of size η along ∇g of (18); on the parameters of (2), where a step of size s "
    "moves by s/m along (20), N(0, 2λ_p s/m): with N(0, 2λ_p s) the temperature is mλ_p",
    derivation="∂φ/∂w_j = ∇g_j/m. At rest −2ηE w·∇g + η²E‖∇g‖² + v = 0 for noise of variance v in each coordinate, "
    "whose temperature is therefore v/2η with η the step along ∇g.",
    evidence="steps along ∂φ/∂w with the printed noise and with 1/m of it, and along ∇g",
    reading="“GD update step” is a step of the training of the network, which is on the parameters of (2)",
    charitable="Read as a step of (20), along ∇g, it is right. But the paper calls the two “equivalent” below (20), "
    "its learning rates are otherwise those of the parameters, and whoever adds this noise to a network's training at "
    "rate η has m times the temperature.",
)
SDE = Erratum(
    gravity=Gravity.MISPRINT,
    locator="section V, the equation after (23)",
    printed="a stochastic partial differential equations (SDE)",
    corrected="a stochastic differential equation, of McKean–Vlasov's kind; the partial one is its Fokker–Planck's",
    derivation="Its unknown, [u(t, z_0), θ(t, z_0)], is differentiated in t alone.",
    evidence="the equation as printed",
)
CONFINED = Erratum(
    gravity=Gravity.CONDITION,
    locator="section V, below the definition of R(ρ) with the entropy term",
    printed="Using this regularizer, it can be shown that there is a unique global solution that satisfies (19).",
    corrected="… where r confines both u and θ (as for λ_u, λ_θ > 0); for bounded h and λ_θ = 0 no solution exists",
    derivation="A solution is p ∝ exp(−g/λ_p). For bounded h and λ_θ = 0, g(u, θ) ≤ |u| sup|a| + (λ_u/2)u² for all θ, "
    "and exp(−g/λ_p) has no integral over θ.",
    evidence="E‖θ‖² of noisy descent with λ_θ = 0 grows like t; with λ_θ > 0 it does not",
    reading="“this regularizer” is λ_p ∫ p log p + ∫ r dρ with any r that the paper allows, r = 0 among them",
    charitable="With the L2 regulariser printed at (16) and λ_u, λ_θ > 0 it is right, and [46] assumes that. But no "
    "condition on r is stated, and the experiment of figure 6 is run without a regulariser.",
)
