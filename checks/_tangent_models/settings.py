"""Configurations, stable step sizes and rounding budgets of descent on the tangent model at given weights."""

import numpy as np

from lazy_assay.checks import Between, Clock, Configuration, Draw, OneOf, Values
from lazy_assay.checks._tangent_models.rounding import EPSILON, SEEDED
from lazy_assay.sims.two_layer import tangent_training
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
    # Where no neuron is active nothing moves, at any step size.
    steepest = float(np.linalg.eigvalsh(matrices(values, share))[-1]) or 1.0
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
    least = float(np.linalg.eigvalsh(matrices(values))[0])
    kernels = float(np.abs(found.kernel_u(found.centres)).sum() + np.abs(found.kernel_theta(found.centres)).sum())
    steps = int(values.get("steps", 1))
    # Along a direction that no weight moves, descent adds up one residual as often as it steps.
    inverse = 1 / max(least, 1 / steps)
    return float(16 * EPSILON * (steps + m) * reach * (1 + kernels * inverse))


def of_ratio(values: Values) -> float:
    """Rounding of a ratio of coefficients, relative to what is read of each.

    Of β = rows⁺ moved: descent and least squares leave steps · sizes · ε · condition of β, and what cancels in a
    difference of weights, α|w|ε an entry, is divided by the least singular value. Both are of the whole β; what is
    read is its part in the directions that both kinds of features determine (`Start.readable`), and where directions
    that neither tells all but coincide, so much of β more is in it.
    """
    found, steps = start(values), int(values["steps"])
    share, read = float(values["share"]), found.readable(tangent_training.CUT, tangent_training.PARALLEL)
    betas = found.coefficients(share * values["eta_theta"], values["eta_theta"], steps)
    left, dependent = 0.0, []
    for rows, weights, beta in zip(found.rows(), (found.u, found.theta), betas, strict=True):
        S = np.linalg.svd(rows, compute_uv=False)
        # Nearly as many as the simulation divides by.
        told = S[tangent_training.CUT / 2 * S[0] < S]
        whole, seen = np.linalg.norm(beta), np.linalg.norm(read.T @ beta)
        cancelled = rows.shape[1] ** 0.5 * found.alpha * np.abs(weights).max() / told[-1]
        left += float((steps * whole * told[0] / told[-1] + cancelled) / seen)
        dependent.append(whole / seen if len(told) < len(rows) else 0.0)
    size = len(found.theta) * len(found.points)
    return float(share * (16 * EPSILON * size * left + 2 * tangent_training.PARALLEL * min(dependent)))
