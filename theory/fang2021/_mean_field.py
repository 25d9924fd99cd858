"""Letters of sections V and VI: networks as measures, f(ρ, x) = ∫ α u h(θ, x) dρ, on m particles w_j = (u_j, θ_j).

φ(ρ) = (1/n) Σ_i L(f(ρ, x_i), y_i) + ∫ r dρ (16), and g(ρ, u, θ) = (α/n) Σ_i L'_1(f(ρ, x_i), y_i)·u h(θ, x_i) + r(u, θ)
(18), the first variation of φ. In the parameters of m particles ∂φ/∂w_j = (1/m) ∇g(ρ, w_j): (20) is gradient flow of φ
with its time multiplied by m, which the paper calls "equivalent".
"""

import math

import sympy as sp

from lazy_assay.theory import Assumption, Choice, InvalidParameterError, Parameter, Real

CONVENTION = (
    "h(θ, x) = σ(θᵀx); L is half the squared distance, or the cross-entropy in nats, under the mean over the n points; "
    "times and steps are those of (20), along ∇g: on the parameters of (2) they are m times longer."
)
SMOOTH = ("tanh", "sigmoid", "softplus", "erf")
HOMOGENEOUS = ("relu", "abs")
SCHEDULES = ("constant", "inverse", "exponential")

t = sp.Symbol("T", positive=True)
lambda_p = sp.Symbol("lambda_p", positive=True)
ACTIVATION = Parameter("activation", sp.Symbol("sigma"), "activation σ", Choice((*SMOOTH, *HOMOGENEOUS)))
SCHEDULE = Parameter(
    "schedule", sp.Symbol("eta"), "η(t): constant 1, inverse 1/(1 + t), exponential exp(−t)", Choice(SCHEDULES)
)
TIME = Parameter("time", t, "time T", Real(0), latex=r"t")
LOSS = Parameter("loss", sp.Symbol("L"), "loss L(v, y)", Choice(("squared", "cross_entropy")))
TEMPERATURE = Parameter("temperature", lambda_p, "strength λ_p of the entropy term", Real(0))
SMOOTHNESS = Assumption(
    name="smooth",
    sentence="h(·, x) is continuously differentiable",
    holds=lambda activation: activation in SMOOTH,
    threshold="tanh, sigmoid, softplus, erf, of the activations here",
)


def elapsed(schedule: str, time: float) -> float:
    """∫₀^T η(t) dt. Raises InvalidParameterError for a schedule that is none."""
    if schedule not in SCHEDULES:
        raise InvalidParameterError(f"no schedule is called {schedule!r}; there are {', '.join(SCHEDULES)}")
    if schedule == "constant":
        return float(time)
    return math.log1p(time) if schedule == "inverse" else -math.expm1(-time)
