"""Confronts Eqs. (8) to (11) and (14) with real steps of a small network, draw by draw."""

import numpy as np

from checks._check import Check, Expected, Route, Values
from checks._procedures.pointwise import Pointwise
from checks._space import Between, OneOf, Space
from sims import one_step
from theory.kearns2023 import eq5_11 as stated

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


CHECK = Check(
    claim=stated.CLAIM,
    procedures=tuple(step(part) for part in QUANTITIES),
    expected={
        part.name: Expected(
            status="confirmed",
            reason="Taylor's theorem" if part.name != "eq14" else "the definition of cross-entropy",
            date="2026-11-26",
            as_printed="refuted" if part.printed else "",
        )
        for part in stated.CLAIM.parts
    },
)
