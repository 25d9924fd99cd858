"""Confronts Eqs. (5), (6), (8) to (11) and (14) with real steps of a small network, draw by draw."""

from dataclasses import replace
from typing import Any

import numpy as np

from lazy_assay.checks import (
    Between,
    Check,
    Clock,
    Configuration,
    Expected,
    OneOf,
    Pointwise,
    Route,
    Space,
    Tolerance,
    Values,
)
from lazy_assay.checks.kearns2023._large_variance import VARIANCE
from lazy_assay.sims.movement import one_step
from lazy_assay.theory import Real
from lazy_assay.theory.kearns2023 import eq5_11 as stated

SEEDS = tuple(range(50))
SPACE = Space(
    draws={
        "d": Between(2, 5),
        "N": Between(2, 6),
        "n": Between(3, 8),
        "W": OneOf(tuple(f"gaussian:{seed}" for seed in SEEDS)),
        "points": OneOf(tuple(f"gaussian:{seed}" for seed in SEEDS)),
        "labels": OneOf(tuple(f"signs:{seed}" for seed in SEEDS)),
    },
    anchors=({"d": 3, "N": 4, "n": 5, "W": "gaussian:0", "points": "gaussian:0", "labels": "signs:0"},),
)
# One weight, one input, one point: every direction is the worst, and bounds are equalities.
ONE: Configuration = {"d": 1, "N": 1, "n": 1, "W": "gaussian:0", "points": "gaussian:1", "labels": "signs:0"}
# The same beside labels that are nearly its outputs: ∇F is small, and the step size of a short step large.
FITTED: Configuration = {**ONE, "residual": 1e-9}
# Long against rounding, short against the remainder.
SHORT = 1e-6
REASONS = {
    "eq14": "the definition of cross-entropy",
    "variance": "homogeneity, step by step; the other activations stand beside as controls, and differ",
}
QUANTITIES = {
    "eq8": "loss",
    "eq9": "derivative",
    "eq10_loss": "relative loss",
    "eq10_derivative": "relative derivative",
    "eq11": "gradient",
    "eq14": "cross-entropy",
}


def rounding(part: str, values: Values) -> float:
    """Sums of absolute terms at the longest step, times the machine epsilons of their additions, over the step."""
    W, x, y = (np.abs(np.asarray(values[name])) for name in ("W", "points", "labels"))
    g, F, J = (
        stated.gradient_norm(values["W"], values["points"], values["labels"]),
        stated.loss(values["W"], values["points"], values["labels"]),
        stated.derivative_norm(values["W"], values["points"]),
    )
    h = one_step.SHARE * np.linalg.norm(W) / g
    u = x @ (W + 3 * one_step.SHARE * np.linalg.norm(W))
    f = (u**3 + u**2 + 3 * u + 1).sum(axis=1) / np.sqrt(W.shape[1])
    jacobian = np.linalg.norm((3 * u**2 + 2 * u + 3) * np.linalg.norm(x, axis=1)[:, None])
    unit = 64 * np.finfo(float).eps * (sum(W.shape) + len(x))
    loss, derivative = ((f + y) ** 2).sum() / h, jacobian / h
    size = {
        "eq8": loss,
        "eq9": derivative,
        "eq10_loss": loss / F,
        "eq10_derivative": derivative / J,
        "eq11": jacobian * np.linalg.norm(f + y),
        "eq14": 1 + f.mean(),
    }
    return float(unit * size[part])


def step(part: str) -> Pointwise:
    """A part by real steps."""
    return Pointwise(
        part=part,
        space=SPACE,
        route=Route(
            name="a real step", simulate=one_step.expansion_at, settings=lambda values: {"quantity": QUANTITIES[part]}
        ),
        rounding=lambda values: rounding(part, values),
        source="64 (d + N + n) machine epsilons of the sums of absolute terms, over the shortest step; the stencil is "
        "exact for polynomials of degree 6",
    )


def short(values: Values) -> dict[str, Any]:
    """The size of a step that moves the weights by SHORT of their norm; labels near outputs, where these are asked for.

    residual: the labels are so much of their own beside the outputs at W.
    """
    labels = values["labels"]
    if "residual" in values:
        labels = stated.outputs(values["W"], values["points"]) + values["residual"] * labels
    g = stated.gradient_norm(values["W"], values["points"], labels)
    return {"labels": labels, "step_size": float(SHORT * np.linalg.norm(values["W"]) / g)}


def remainder(of: str, values: Values) -> Tolerance:
    """Lagrange's remainder over F or ‖Df‖."""
    W, points, labels = (values[name] for name in ("W", "points", "labels"))
    first, second = stated.remainders(W, points, labels, values["step_size"])
    relative = first / stated.loss(W, points, labels) if of == "loss" else second / stated.derivative_norm(W, points)
    return Tolerance(
        discretisation=relative,
        sources={"discretisation": "second order in η: Lagrange's remainder along the step, in absolute values"},
    )


def cancelled(part: str, values: Values) -> float:
    """The rounding of a difference of two values: that of the stencil's derivative, times the stencil's step."""
    g = stated.gradient_norm(values["W"], values["points"], values["labels"])
    h = one_step.SHARE * np.linalg.norm(values["W"]) / g
    return float(rounding(part, values) * h)


def change(part: str, of: str, alike: str, anchors: tuple[Configuration, ...] = (ONE,)) -> Pointwise:
    """A relative change over a short step; `alike` names the part whose rounding it has."""
    return Pointwise(
        part=part,
        space=replace(SPACE, anchors=(*SPACE.anchors, *anchors)),
        route=Route(
            name="a short step",
            simulate=one_step.changes_at,
            parameters={"residual": Real(0)},
            settings=lambda values: {"of": of},
            allowance=lambda values: remainder(of, values),
            clock=lambda values: Clock(step_size=float(values["step_size"]), steps=1),
        ),
        rounding=lambda values: cancelled(alike, values),
        source="64 (d + N + n) machine epsilons of the sums of absolute terms",
        constants=short,
    )


CHECK = Check(
    claim=stated.CLAIM,
    procedures=(
        change("eq5", "loss", "eq10_loss"),
        change("eq6", "derivative", "eq10_derivative", (ONE, FITTED)),
        *(step(part) for part in QUANTITIES),
        VARIANCE,
    ),
    expected={
        part.name: Expected(
            status="holds, sharp" if part.name == "eq6" else "confirmed",
            reason=REASONS.get(part.name, "Taylor's theorem"),
            date="2026-11-26",
            as_printed="refuted" if part.printed else "",
        )
        for part in stated.CLAIM.parts
    },
)
