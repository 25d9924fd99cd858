"""Confronts "large α is large variance": networks trained from larger weights against scaled networks."""

import math

import numpy as np

from lazy_assay.checks import Between, Clock, Configuration, Control, OneOf, Pointwise, Route, Space, Values
from lazy_assay.checks._tangent_models.rounding import EPSILON, SEEDED
from lazy_assay.sims.movement import large_weights
from lazy_assay.theory._mathematics.two_layer import features, slopes
from lazy_assay.theory.kearns2023 import _large_variance as stated

ANCHOR: Configuration = {
    "n": 4, "d": 3, "c": 2, "m": 8, "theta": "gaussian:1", "u": "gaussian:2", "points": "sphere:1",
    "labels": "gaussian:1", "centres": "sphere:2", "alpha": 4.0, "activation": "relu", "steps": 3,
}  # fmt: skip
SPACE = Space(
    draws={
        "n": Between(2, 5),
        "d": Between(2, 4),
        "c": OneOf((2,)),
        "m": Between(4, 12),
        "theta": SEEDED,
        "u": SEEDED,
        "points": OneOf(("sphere:1", "sphere:2")),
        "labels": SEEDED,
        "centres": OneOf(("sphere:4",)),
        "alpha": OneOf((0.25, 2.0, 4.0)),
        "activation": OneOf(stated.HOMOGENEOUS),
        "steps": OneOf((1, 2, 3)),
    },
    anchors=(ANCHOR,),
)


def derivative(values: Values, theta: np.ndarray, u: np.ndarray) -> float:
    """‖D(αh)‖, the operator norm at these weights."""
    x, activation = values["points"], values["activation"]
    hidden = (slopes(theta, x, activation) * u)[:, :, None] * x[:, None, :]
    J = np.concatenate([features(theta, x, activation), hidden.reshape(len(x), -1)], axis=1)
    return float(values["alpha"] / len(u) * np.linalg.norm(J, 2))


def stable(values: Values) -> dict[str, float]:
    """η that takes the steepest direction of the tangent model a quarter of the way to its minimum."""
    return {"step_size": 1 / (4 * derivative(values, values["theta"], values["u"]) ** 2)}


def rounding(values: Values) -> float:
    """Errors of every step, each grown by 1 + η‖Hessian‖ of the later ones, through the output's derivative at Z.

    Weights keep their side of a kink: there the two nets have the same signs. ‖Hessian‖ ≤ ‖D(αh)‖² + (α/m)‖r‖‖X‖.
    """
    names = ("theta", "u", "alpha", "points", "labels", "activation", "step_size", "steps")
    x, alpha, eta = values["points"], float(values["alpha"]), float(values["step_size"])
    growth, most, slope = 1.0, 0.0, 0.0
    for theta, u in stated.path(*(values[name] for name in names)):
        r = stated.network(theta, u, alpha, x, values["activation"]) - values["labels"]
        J = derivative(values, theta, u)
        curvature = J**2 + alpha / len(u) * float(np.linalg.norm(r) * np.linalg.norm(x, 2))
        growth *= 1 + eta * curvature
        each = float(np.linalg.norm(theta) + np.linalg.norm(u))
        terms = float(np.abs(u) @ np.linalg.norm(theta, axis=1)) * alpha / len(u) + float(
            np.abs(values["labels"]).max()
        )
        most = max(most, each + eta * J * math.sqrt(len(x)) * terms)
        slope = max(slope, alpha / len(u) * each)
    magnitude = len(values["centres"]) * slope * (1 + slope) * most
    return float(64 * EPSILON * (values["theta"].size + len(x)) * (values["steps"] + 1) * growth * magnitude)


VARIANCE = Pointwise(
    part="variance",
    space=SPACE,
    route=Route(
        name="trained from larger weights",
        simulate=large_weights.trained_output_at,
        settings=lambda values: {
            "factor": math.sqrt(values["alpha"]),
            "step_size": values["alpha"] * values["step_size"],
        },
        clock=lambda values: Clock(step_size=values["alpha"] * values["step_size"], steps=int(values["steps"])),
    ),
    rounding=rounding,
    source="64 machine epsilons times sizes and steps, growth of errors along the path, and what is added up",
    constants=stable,
    controls=tuple(
        Control(assumption="homogeneous", configuration={**ANCHOR, "activation": activation})
        for activation in ("tanh", "sigmoid", "softplus")
    ),
)
