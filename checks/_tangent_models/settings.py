"""Configurations, stable step sizes and rounding budgets of descent on the tangent model at given weights."""

import numpy as np

from lazy_assay.checks import Between, Clock, Configuration, Draw, OneOf, Values
from lazy_assay.checks._tangent_models.rounding import EPSILON, SEEDED
from lazy_assay.theory._mathematics.tangent_training import Start
from lazy_assay.theory.fang2021.eq9 import ratio

ANCHOR: Configuration = {
    "n": 3,
    "d": 4,
    "c": 2,
    "m": 12,
    "theta": "gaussian:1",
    "u": "gaussian:2",
    "points": "sphere:1",
    "labels": "gaussian:1",
    "alpha": 2.0,
    "activation": "tanh",
    "centres": "sphere:2",
}
DRAWS: dict[str, Draw] = {
    "n": OneOf((3,)),
    "d": OneOf((4, 5)),
    "c": OneOf((2,)),
    "m": Between(8, 24),
    "theta": SEEDED,
    "u": SEEDED,
    "points": OneOf(("sphere:1", "sphere:2", "sphere:3")),
    "labels": SEEDED,
    "alpha": OneOf((1.0, 2.0, 5.0)),
    "activation": OneOf(("tanh", "erf", "softplus", "sigmoid", "relu")),
    "centres": OneOf(("sphere:4",)),
}
# Orthogonal points and activations without a large mean: kernels of small condition, which descent can finish on.
REGULAR: dict[str, Draw] = {
    **DRAWS,
    "m": Between(16, 32),
    "points": OneOf(("axes",)),
    "activation": OneOf(("tanh", "erf", "relu", "sin")),
}


def start(values: Values) -> Start:
    """The given weights and data."""
    names = ("theta", "u", "alpha", "points", "labels", "activation")
    return Start(centres=values.get("centres", values["points"]), **{name: values[name] for name in names})


def matrices(values: Values, share: float = 1.0) -> np.ndarray:
    """share·k^u + k^θ at the training points."""
    found = start(values)
    return np.asarray(share * found.kernel_u(found.points) + found.kernel_theta(found.points))


def eta(values: Values, share: float = 1.0) -> float:
    """The step size η_θ that takes the steepest direction half way to its minimum, for η_u = share·η_θ."""
    steepest = float(np.linalg.eigvalsh(matrices(values, share))[-1])
    return len(values["points"]) * len(values["theta"]) / (2 * float(values["alpha"]) ** 2 * steepest)


def by_rule(values: Values) -> dict[str, float]:
    """η_u and η_θ under the configuration's rule."""
    share = ratio(values["rule"], values["alpha"], values["m"])
    return {"eta_u": share * eta(values, share), "eta_theta": eta(values, share)}


def clock(values: Values) -> Clock:
    """By the step size of θ."""
    return Clock(step_size=float(values["eta_theta"]), steps=int(values["steps"]), alpha=float(values["alpha"]))


def of_outputs(values: Values) -> float:
    """Rounding of a trained output: steps, sizes, and all magnitudes that are added up. Descent contracts errors."""
    found, m = start(values), len(values["theta"])
    scale = max(1.0, float(np.abs(values["alpha"] * values["u"]).max()))
    reach = np.abs(found.labels).sum() + np.abs(found.offset(found.points)).sum() + scale
    inverse = 1 / float(np.linalg.eigvalsh(matrices(values))[0])
    kernels = float(np.abs(found.kernel_u(found.centres)).sum() + np.abs(found.kernel_theta(found.centres)).sum())
    steps = int(values.get("steps", 1))
    return float(16 * EPSILON * (steps + m) * reach * (1 + kernels * min(inverse, steps)))


def of_ratio(values: Values) -> float:
    """Rounding of a fitted ratio: conditions of two least-squares problems, cancellation in u − ũ and θ − θ̃."""
    found = start(values)
    conditions = [float(np.linalg.cond(K(found.points))) for K in (found.kernel_u, found.kernel_theta)]
    share = float(values["share"])
    beta_u, beta_theta = found.coefficients(share * values["eta_theta"], values["eta_theta"], int(values["steps"]))
    cancelled = sum(
        float(found.alpha * np.abs(weights).max() / np.linalg.norm(beta))
        for weights, beta in ((found.u, beta_u), (found.theta, beta_theta))
    )
    size = len(found.theta) * len(found.points)
    return float(16 * EPSILON * size * sum(conditions) * (int(values["steps"]) + cancelled) * share)
