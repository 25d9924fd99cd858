"""Confronts Eqs. (20)–(23): what the flow of the particles loses and dissipates, by two codes for the gradient."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from lazy_assay.checks import (
    Balances,
    Between,
    Check,
    Clock,
    Configuration,
    Control,
    Draw,
    Expected,
    OneOf,
    Route,
    Space,
    Values,
)
from lazy_assay.checks._tangent_models.rounding import EPSILON
from lazy_assay.sims.particles import energy, free_energy
from lazy_assay.theory.fang2021._mean_field import SMOOTH, elapsed
from lazy_assay.theory.fang2021.energy import CLAIM

# Steps of an integrator of order 8 in a unit of time, or less: at half of them some 2⁸ times as much is left, which is
# allowed.
STEPS = 16
ROWS = 8
ANCHOR: Configuration = {
    "n": 5,
    "d": 3,
    "k": 1,
    "m": 8,
    "alpha": 1.5,
    "activation": "tanh",
    "loss": "squared",
    "lambda_u": 0.05,
    "lambda_theta": 0.02,
    "waves": 0.1,
    "schedule": "constant",
    "time": 0.5,
}
DRAWS: dict[str, Draw] = {
    "n": Between(3, 6),
    "d": OneOf((2, 4)),
    "k": OneOf((1, 2)),
    "m": Between(2, 12),
    "alpha": OneOf((0.5, 1.0, 1.5)),
    "activation": OneOf(SMOOTH),
    "loss": OneOf(("squared", "cross_entropy")),
    "lambda_u": OneOf((0.0, 0.1)),
    "lambda_theta": OneOf((0.0, 0.05)),
    "waves": OneOf((0.0, 0.2)),
    "schedule": OneOf(("constant", "inverse", "exponential")),
    "time": OneOf((0.25, 0.5)),
}
# Between them the anchors have every activation, both losses, one output and two, and every schedule.
ANCHORS = (
    ANCHOR,
    {**ANCHOR, "activation": "sigmoid", "loss": "cross_entropy", "schedule": "inverse", "waves": 0.0},
    {**ANCHOR, "activation": "softplus", "k": 2, "schedule": "exponential", "alpha": 1.0, "waves": 0.0},
    {**ANCHOR, "activation": "erf", "loss": "cross_entropy", "k": 2, "lambda_u": 0.0, "lambda_theta": 0.0},
)
KINKED: Configuration = {**ANCHOR, "activation": "relu", "alpha": 2.0, "waves": 0.0, "time": 2.0}
SHORT = 0.01
# φ far above 1, and far below 0: cosines of r, of either sign.
WAVING: tuple[Configuration, ...] = tuple({**KINKED, "waves": waves, "time": 1e-4} for waves in (20.0, -20.0))
# So slow that its gradient hardly changes while ∫η passes 1, and so large that φ falls by more than 1.
SLOW: Configuration = {**ANCHOR, "alpha": 0.1, "lambda_u": 0.0, "lambda_theta": 0.0, "waves": 0.0, "time": 2.0}
LARGE: Configuration = {**ANCHOR, "alpha": 500.0, "waves": 0.0, "time": 1e-6}
LONG: Configuration = {**ANCHOR, "schedule": "exponential", "time": 2.0}
SOURCE = "machine epsilons of sums over steps, neurons and points"


def rounding(values: Values) -> float:
    """Of integrals over so many steps of means over neurons, points and dimensions, in units of what they begin at."""
    size = int(values["n"]) + int(values["d"]) + int(values.get("m", 1))
    return float(64 * EPSILON * size * (1 + float(values["alpha"]) ** 2) * (1 + float(values["time"])))


def steps(values: Values) -> int:
    """As many in every unit of time."""
    return STEPS * max(1, math.ceil(float(values["time"])))


def clock(values: Values) -> Clock:
    """Equal steps of (20)."""
    return Clock(step_size=float(values["time"]) / steps(values), steps=steps(values), alpha=float(values["alpha"]))


def route(name: str, simulate: Callable[..., Any], *, examples: int, **more: Any) -> Route:
    """A flow, and the same at half the steps."""
    settings = more.pop("settings", lambda values: {})
    return Route(
        name=name,
        simulate=simulate,
        settings=lambda values: {"steps": steps(values), **settings(values)},
        coarser=lambda values: {"steps": steps(values) // 2},
        clock=clock,
        trials=lambda values: ROWS,
        examples=examples,
        **more,
    )


def followed(name: str, columns: tuple[str, ...], *, along: str = "g", examples: int = 1) -> Route:
    """Some columns of a flow."""
    return route(
        name, energy.followed, examples=examples, settings=lambda values: {"along": along}, reads=read(columns)
    )


def read(columns: tuple[str, ...]) -> Callable[[np.ndarray], np.ndarray]:
    """Columns by their names."""
    where = [energy.COLUMNS.index(column) for column in columns]
    return lambda draws: draws[:, where]


def moments(draws: np.ndarray) -> np.ndarray:
    """Three rows of each: change and integral of every ψ."""
    pairs = [(f"{name}_change", f"{name}_integral") for name in ("squares", "products", "bounded")]
    return np.concatenate([read(pair)(draws) for pair in pairs])


def balances(part: str, route: Route, anchors: tuple[Configuration, ...], **more: Any) -> Balances:
    """One part, its configurations drawn from those of flows unless told otherwise."""
    space = Space(draws=more.pop("draws", DRAWS), anchors=anchors, further=more.pop("further", ()))
    return Balances(part=part, space=space, route=route, rounding=rounding, source=SOURCE, **more)


LOSSES = ("fall", "dissipation", "without_rate", "mean_first")
LATER: dict[str, Draw] = {**DRAWS, "time": OneOf((1.0, 2.0))}
NORMAL: Configuration = {
    "n": 5,
    "d": 3,
    "alpha": 1.5,
    "lambda_theta": 0.3,
    "temperature": 0.2,
    "schedule": "inverse",
    "time": 0.5,
}
NORMALS: dict[str, Draw] = {
    "n": OneOf((3, 5)),
    "d": Between(1, 4),
    "alpha": OneOf((1.0, 2.0)),
    "lambda_theta": OneOf((0.1, 0.5)),
    "temperature": OneOf((0.05, 0.3)),
    "schedule": OneOf(("constant", "inverse", "exponential")),
    "time": OneOf((0.5,)),
}
CHECK = Check(
    claim=CLAIM,
    procedures=(
        balances(
            "dissipation",
            followed("∇g by (18)", LOSSES, examples=1),
            ANCHORS[1:3],
            further=(ANCHORS[0], ANCHORS[3]),
            controls=(Control(assumption="smooth", configuration=KINKED),),
        ),
        balances(
            "dissipation",
            followed("m ∂φ/∂w by backpropagation", LOSSES, along="m phi"),
            ANCHORS[:1],
            name="both sides, backpropagated",
            wrong_versions=False,
        ),
        balances("parameters", followed("∂φ/∂w by backpropagation", LOSSES[:2], along="phi"), ANCHORS[:1]),
        balances(
            "moments",
            route("∇g by (18)", energy.followed, examples=1, reads=moments),
            ANCHORS[:1],
        ),
        balances(
            "kinks",
            followed("flow with kinks", ("last", "least", "first", "dissipation")),
            # In a short time hardly any kink is crossed: the two sides are nearly equal.
            (KINKED, {**KINKED, "time": SHORT}, *WAVING),
            draws={**{name: OneOf((value,)) for name, value in KINKED.items()}, "m": Between(4, 12)},
        ),
        balances(
            "time_change",
            route(
                "flow under η and at η = 1",
                energy.squared_gradients,
                examples=1,
                settings=lambda values: {"elapsed": elapsed(values["schedule"], values["time"])},
            ),
            (LONG,),
            draws=LATER,
        ),
        balances(
            "least_gradient",
            followed("flow with looks", ("least_gradient", "fall")),
            # In a short time a least value is nearly the mean.
            ({**LONG, "time": 4.0}, {**ANCHOR, "time": SHORT}, SLOW, LARGE),
            further=({**ANCHOR, "time": 0.1},),
            draws=LATER,
        ),
        balances(
            "entropy", route("flow of a normal law", free_energy.dissipation, examples=2), (NORMAL,), draws=NORMALS
        ),
    ),
    expected={
        "dissipation": Expected(
            status="confirmed", reason="the chain rule, g being the first variation", date="2026-11-29"
        ),
        "parameters": Expected(status="confirmed", reason="∂φ/∂w_j = ∇g_j/m", date="2026-11-29"),
        "moments": Expected(status="confirmed", reason="the chain rule", date="2026-11-29"),
        "kinks": Expected(status="confirmed", reason="a flow in Filippov's sense", date="2026-11-29"),
        "time_change": Expected(
            status="confirmed",
            reason="a scalar rate changes the clock alone",
            date="2026-11-29",
            as_printed="refuted",
        ),
        "least_gradient": Expected(
            status="confirmed", reason="a least value is no larger than a mean", date="2026-11-29"
        ),
        "entropy": Expected(status="confirmed", reason="the first variation has λ_p log p in it", date="2026-11-29"),
    },
)
