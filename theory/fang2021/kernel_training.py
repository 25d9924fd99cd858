"""Eq. (10) and Eq. (14): training in kernel coefficients against training the tangent model.

Descent on the tangent model at η_u = η_θ = η takes the outputs at the training points along −(ηα²/mn) K r, K = k^u +
k^θ, r the residuals. In β (one vector, β^u = β^θ = β from 0, f = f_0 + Kβ) that is β ← β − (ηα²/mn) r.

The gradient of (10) in β is not r/n but K r/n. So plain gradient descent on (10) moves f by −(η/n) K² r: each
eigendirection contracts by 1 − ηλ²/n where the tangent model has 1 − ηλ/n. What is the same:
* `preconditioned`: descent on (10) with the gradient multiplied by K⁻¹, the gradient in the norm βᵀKβ of the kernel's
  function space (or plain descent in K^(1/2)β), is descent on the tangent model, step by step, at step size ηα²/m;
* `same_solution`: both end at f = f_0 + k(·, X)K⁻¹(y − f_0), where K is regular, from β = 0.
So "equivalent" holds of solutions, and of paths in the kernel's own metric only. (The decoy is plain descent.)

`regularised`. (14) with β^u for u and β^θ for θ: by (9), (α²/m)‖u − ũ‖² = β^uᵀk^uβ^u and (α²/m)‖θ − θ̃‖² = β^θᵀk^θβ^θ,
so R = (λα²/2m)(‖u − ũ‖² + ‖θ − θ̃‖²): a pull to the *initialisation*. Its solution is the tangent model with that
penalty, β^u = β^θ = (K + λnI)⁻¹(y − f_0). It is not the tangent model with the weight decay of (2), a pull to zero:
with μ = λα²/m, δ = w − w̃, min (1/2n)‖f_0 + Jδ − y‖² + (μ/2)‖w̃ + δ‖² has, for t = y − f_0 + Jw̃ and JJᵀ = (α²/m)K,
f = f_0 − J_Zw̃ + k(Z, X)(K + λnI)⁻¹t. Both are decoys' business here; the paper says so itself ("not equivalent").

Source: Fang, Dong, Zhang 2021, section IV, Eqs. (10), (14).
"""

import numpy as np
import sympy as sp

from lazy_assay.theory import Claim, Decoy, Eq, Formula, Identity, Integer, Parameter, Real, Source
from lazy_assay.theory._mathematics.kernel_functions import Descent, Inverse
from lazy_assay.theory._mathematics.matrices import entry
from lazy_assay.theory._mathematics.readout import readout
from lazy_assay.theory._mathematics.tangent_letters import (
    K_theta,
    K_u,
    auxiliary,
    k_theta,
    k_u,
    one,
    out_x,
    out_z,
    y,
)  # fmt: skip
from lazy_assay.theory._mathematics.tangent_training import Start, solved
from lazy_assay.theory._mathematics.two_layer import (
    ACTIVATION,
    CENTRES,
    CONVENTION,
    LABELS,
    OUTPUT,
    POINTS,
    REGULARISATION,
    SCALE,
    THETA,
    Array,
    U,
    alpha,
    features,
    m,
    n,
    slopes,
)
from lazy_assay.theory.fang2021 import PAPER

STEP_SIZE = Parameter("step_size", sp.Symbol("eta", positive=True), "step size η of u and θ", Real(0))
STEPS = Parameter("steps", sp.Symbol("T", positive=True, integer=True), "steps of gradient descent", Integer(1))
GIVEN = (THETA, U, SCALE, POINTS, LABELS, CENTRES, ACTIVATION)


def _plain_descent() -> Formula:
    """Descent on (10) in β with its own gradient K r/n, at step size ηα²/m."""

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
        start = Start(theta, u, alpha, points, labels, centres, activation)
        K = start.kernel_u(points) + start.kernel_theta(points)
        gap, beta = labels - start.offset(points), np.zeros(len(points))
        step = step_size * alpha**2 / (len(theta) * len(points))
        for _ in range(steps):
            beta = beta + step * K @ (gap - K @ beta)
        return start.value(beta, beta)

    return formula


def _solved(share: float, zero: bool = False) -> Formula:
    """(K + share·λnI)⁻¹(y − f_0), or with `zero` the pull to zero."""

    def formula(
        theta: Array,
        u: Array,
        alpha: float,
        points: Array,
        labels: Array,
        centres: Array,
        activation: str,
        lambda_: float,
    ) -> float:
        start = Start(theta, u, alpha, points, labels, centres, activation)
        K = start.kernel_u(points) + start.kernel_theta(points)
        shift = share * lambda_ * len(points) * np.eye(len(points))
        beta = solved(K + shift, labels - start.offset(points) + _pulled(start, points, zero))
        return start.value(beta, beta) - float(_pulled(start, centres, zero).sum())

    return formula


def _pulled(start: Start, x: Array, zero: bool) -> Array:
    """J w̃ = (α/m) Σ_j [ũ_j h(θ̃_j, x) + ũ_j θ̃_jᵀ∇h(θ̃_j, x)], or nothing without a pull to zero."""
    theta, activation = start.theta, start.activation
    own = features(theta, x, activation) + slopes(theta, x, activation) * (x @ theta.T)
    return np.asarray(zero * start.alpha / len(theta) * own @ start.u)


def interpolated(
    theta: Array, u: Array, alpha: float, points: Array, labels: Array, centres: Array, activation: str
) -> float:
    """f_0 + k(Z, X)K⁻¹(y − f_0), summed over Z; where points coincide, with the mean of their labels."""
    return readout(Start(theta, u, alpha, points, labels, centres, activation), Inverse())


def ridge(
    theta: Array, u: Array, alpha: float, points: Array, labels: Array, centres: Array, activation: str, lambda_: float
) -> float:
    """f_0 + k(Z, X)(K + λn)⁻¹(y − f_0), summed over Z."""
    start = Start(theta, u, alpha, points, labels, centres, activation)
    return readout(start, Inverse(lambda_ * len(points)))


def preconditioned(
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
    """β ← β − (ηα²/mn) r, T times from 0: f_0 + k(Z, X) s Σ_{i<T} (1 − sK)ⁱ (y − f_0), s = ηα²/mn, summed over Z."""
    start = Start(theta, u, alpha, points, labels, centres, activation)
    return readout(start, Descent(step_size * alpha**2 / (len(theta) * len(points)), steps))


def _without_offset(
    theta: Array, u: Array, alpha: float, points: Array, labels: Array, centres: Array, activation: str
) -> float:
    start = Start(theta, u, alpha, points, labels, centres, activation)
    K = start.kernel_u(points) + start.kernel_theta(points)
    beta = solved(K, labels)
    return start.value(beta, beta, 0.0)


def _features_alone(
    theta: Array, u: Array, alpha: float, points: Array, labels: Array, centres: Array, activation: str
) -> float:
    start = Start(theta, u, alpha, points, labels, centres, activation)
    K = start.kernel_theta(points)
    beta = solved(K + start.kernel_u(points) / 2, labels - start.offset(points))
    return start.value(beta / 2, beta)


K, k, gap = K_u + K_theta, k_u + k_theta, y - out_x
moved = one - (one - STEP_SIZE.symbol * alpha**2 / (m * n) * K) ** STEPS.symbol
p = out_z + entry(k * moved * K.I * gap)
q = out_z + entry(k * K.I * gap)
r = out_z + entry(k * (K + REGULARISATION.symbol * n * one).I * gap)
CLAIM = Claim(
    module=__name__,
    title="Training in kernel coefficients is training the tangent model, in the kernel's metric",
    source=Source(paper=PAPER, locator="section IV, Eqs. (10), (14)"),
    convention=CONVENTION + " The initial output f_0 is kept, as eq9 finds.",
    parts=(
        Identity(
            name="preconditioned",
            sentence="Descent on (10) in the metric of the kernel is descent on the tangent model; plain one is not.",
            quantity=OUTPUT,
            statement=Eq(OUTPUT.symbol, p),
            latex=r"f(x)=f_0(x)+\left[k_m^u(x,X)+k_m^\theta(x,X)\right]\left(I-\left(I-\frac{\alpha^2\eta}{mn}\left(K_m^u+K_m^\theta\right)\right)^T\right)\left(K_m^u+K_m^\theta\right)^{-1}\left(y-f_0(X)\right)",
            parameters=(*GIVEN, STEP_SIZE, STEPS),
            auxiliary=auxiliary(p),
            published=preconditioned,
            decoys=(Decoy(name="plain descent", sentence="β ← β − η K r/n", published=_plain_descent()),),
        ),
        Identity(
            name="same_solution",
            sentence="Descent on the tangent model and on (10) end at f_0 + k K⁻¹(y − f_0), for a regular K.",
            quantity=OUTPUT,
            statement=Eq(OUTPUT.symbol, q),
            latex=r"f(x)=f_0(x)+\left[k_m^u(x,X)+k_m^\theta(x,X)\right]\left(K_m^u+K_m^\theta\right)^{-1}\left(y-f_0(X)\right)",
            parameters=GIVEN,
            auxiliary=auxiliary(q),
            published=interpolated,
            decoys=(
                Decoy(name="no initial output", sentence="k K⁻¹y, (10) as printed", published=_without_offset),
                Decoy(name="half of k^u", sentence="k^u/2 + k^θ for k^u + k^θ", published=_features_alone),
            ),
        ),
        Identity(
            name="regularised",
            sentence="(14) is the tangent model with the penalty (λα²/2m)‖w − w̃‖², a pull to the initialisation.",
            quantity=OUTPUT,
            statement=Eq(OUTPUT.symbol, r),
            latex=(
                r"f(x)=f_0(x)+\left[k_m^u(x,X)+k_m^\theta(x,X)\right]\left(K_m^u"
                r"+K_m^\theta+\lambda n I\right)^{-1}\left(y-f_0(X)\right)"
            ),
            parameters=(*GIVEN, REGULARISATION),
            auxiliary=auxiliary(r),
            published=ridge,
            decoys=(
                Decoy(name="(10)", sentence="no regulariser", published=_solved(0.0)),
                Decoy(name="weight decay", sentence="a pull to zero, as in (2)", published=_solved(1.0, zero=True)),
                Decoy(name="no n", sentence="(K + λn/2)⁻¹", published=_solved(0.5)),
            ),
        ),
    ),
)
