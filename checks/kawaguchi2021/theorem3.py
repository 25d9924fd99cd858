"""Confronts Theorem 3 on trajectories of small networks, every constant of it measured along the trajectory."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lazy_assay.checks import Between, Check, Control, Draw, Expected, OneOf, Pointwise, Route, Scalar, Space, Values
from lazy_assay.sims.deep import all_layers
from lazy_assay.theory import Flag, Integer, Real
from lazy_assay.theory.kawaguchi2021.theorem3 import CLAIM

EPSILON = float(np.finfo(float).eps)
# L is set before training, at this multiple of the Hessian's norm at the start; a trajectory that meets a larger one is
# out of regime.
HEADROOM = 2.0
NET: dict[str, Scalar] = {"n": 5, "d": 2, "first": 3, "last": 8, "activation": "softplus", "eta_bar": 0.5, "seed": 1}
# Two points and a wide last layer: the Jacobian is well conditioned, and the bound comes close.
WIDE: dict[str, Scalar] = NET | {"n": 2, "d": 3, "first": 4, "last": 30, "activation": "tanh", "t": 1}
# One point whose target is next to its output: the loss is a parabola along the gradient, and L its curvature but for a
# thousandth, which leaves room for what the curvature moves by.
PARABOLA: dict[str, Scalar] = NET | {"n": 1, "near": 1e-3, "headroom": 1.001, "t": 4}
# Not yet at the minimum.
ONE_STEP = PARABOLA | {"t": 1, "eta_bar": 0.05}
# The same in other units of the loss, and far from the target.
SMALL: dict[str, Scalar] = {"unit": 1e-4}
LARGE: dict[str, Scalar] = {"unit": 1e4}
FAR: dict[str, Scalar] = {"near": 100.0}
DRAWS: dict[str, Draw] = {
    "n": Between(3, 6),
    "d": OneOf((2, 3)),
    "first": OneOf((3, 4)),
    "last": OneOf((8, 10)),
    "activation": OneOf(("softplus", "tanh")),
    "eta_bar": OneOf((0.05, 0.25, 0.5, 0.9)),
    "t": OneOf((1, 4, 16, 64)),
    "seed": Between(0, 999),
}


def network(values: Values) -> dict[str, Any]:
    """Points, targets and start; with `off`, biases so low that every ReLU of the last hidden layer is off."""
    n, d, sizes = int(values["n"]), int(values["d"]), (int(values["first"]), int(values["last"]))
    rng = np.random.default_rng([int(values["seed"]), n, d, *sizes])
    x, y = rng.standard_normal((n, d)), rng.standard_normal(n)
    layers = []
    for inside, outside in ((d, sizes[0]), sizes, (sizes[1], 1)):
        layers += [rng.standard_normal(inside * outside) / np.sqrt(inside), 0.1 * rng.standard_normal(outside)]
    if values.get("off"):
        layers[3] = np.full(sizes[1], -100.0)
    given = {"points": x, "targets": y, "theta": np.concatenate(layers), "widths": np.array(sizes)}
    return given | {"targets": beside_output(values, given)} if "near" in values else given


def beside_output(values: Values, given: dict[str, Any]) -> np.ndarray:
    """For one point, a target at distance `near` of the output: f from (f − 0)² and (f − 1)², which tell its sign."""
    told = given | {"activation": str(values["activation"])}
    losses = [
        float(all_layers.trajectory_at(**{**told, "targets": np.array([y])}, step_size=0.0, t=1)[0, 0, 0])
        for y in (0.0, 1.0)
    ]
    return np.array([(losses[0] - losses[1] + 1) / 2 + float(values["near"])])


def measured(values: Values) -> dict[str, Any]:
    """The network, its step size, and what its trajectory says: each argument of the three bounds."""
    given = network(values) | {"activation": str(values["activation"]), "unit": float(values.get("unit", 1.0))}
    start = all_layers.trajectory_at(**given, step_size=0.0, t=1)[0, 0].numpy()
    L, t = float(values.get("headroom", HEADROOM)) * float(start[3]), int(values["t"])
    step_size = 2 * float(values["eta_bar"]) / L
    path = all_layers.trajectory_at(**given, step_size=step_size, t=t)[0].numpy()
    kept = path[:, 4].min()
    rounding = max(path.shape[0], given["theta"].size) * EPSILON
    return given | {
        "step_size": step_size,
        "L": L,
        "gap": float(path[0, 0]),
        "R_bar": float(path[:, 2].max()),
        "curvature": float(path[:, 3].max()),
        "rank_share": float(kept) if kept > rounding else 0.0,
    }


def at(step: int) -> Any:
    """The constants, with gradient and reach at a step counted from the last."""

    def constants(values: Values) -> dict[str, Any]:
        known = measured(values)
        names = ("points", "targets", "theta", "widths", "activation", "unit", "step_size")
        path = all_layers.trajectory_at(**{name: known[name] for name in names}, t=int(values["t"]))[0].numpy()
        return known | {"gradient": float(path[step, 1]), "reach": float(path[step, 2])}

    return constants


def rounding(values: Values) -> float:
    """Losses are means of squares of sums over some hundred products, after t steps; and a reach carries the
    condition of the Jacobian."""
    condition = 1 / max(float(values["rank_share"]), EPSILON)
    return float(
        64
        * EPSILON
        * (values["theta"].size + int(values["t"]))
        * (values["unit"] + values["gap"])
        * min(condition, 1e6)
    )


def descending(values: Values) -> float:
    """As `rounding`, without a Jacobian."""
    return float(64 * EPSILON * (values["theta"].size + int(values["t"])) * (values["unit"] + values["gap"]))


ROUNDING = (
    "64 (parameters + t) machine epsilons of the loss's unit and of its start, times the Jacobian's condition number"
)
# What names a network of two hidden layers, and `off` one whose last hidden layer is off.
PARAMETERS = {
    "n": Integer(1), "d": Integer(1), "first": Integer(1), "last": Integer(1), "seed": Integer(0),
    "eta_bar": Real(0, 1), "off": Flag(), "near": Real(0), "headroom": Real(1), "unit": Real(0),
}  # fmt: skip


def along(name: str, reads: Callable[[np.ndarray], np.ndarray]) -> Route:
    """A reading of the losses of a trajectory."""
    return Route(name=name, simulate=all_layers.trajectory_at, reads=reads, parameters=PARAMETERS)


BEST = along("least loss", lambda draws: draws[:, :, 0].min(axis=1))
LAST = along("loss at a step", lambda draws: draws[:, -1, 0])
FALL = along("fall in a step", lambda draws: draws[:, -2, 0] - draws[:, -1, 0])
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Pointwise(
            part="bound",
            space=Space(
                draws=DRAWS,
                anchors=(
                    WIDE,
                    *(NET | {"t": t} for t in (1, 16, 64)),
                    *(ONE_STEP | {"eta_bar": 0.1} | unit for unit in ({}, SMALL, LARGE)),
                ),
            ),
            route=BEST,
            rounding=rounding,
            source=ROUNDING,
            constants=measured,
            controls=(
                Control(
                    assumption="rank K = n·m_y",
                    configuration=NET | {"activation": "relu", "off": True, "t": 256},
                ),
                # The curvature grows to twice L and more in four steps.
                Control(
                    assumption="L along the trajectory",
                    configuration=NET | {"activation": "tanh", "seed": 3, "eta_bar": 0.95, "headroom": 1.001, "t": 4},
                ),
            ),
        ),
        Pointwise(
            part="gradient",
            space=Space(draws=DRAWS, anchors=(WIDE, *(NET | {"t": t} for t in (1, 16, 64)), ONE_STEP, ONE_STEP | FAR)),
            route=LAST,
            rounding=rounding,
            source=ROUNDING,
            constants=at(-1),
        ),
        Pointwise(
            part="halved",
            space=Space(draws=DRAWS, anchors=(ONE_STEP, ONE_STEP | {"near": 0.1}, ONE_STEP | FAR, NET | {"t": 16})),
            route=LAST,
            rounding=rounding,
            source=ROUNDING,
            constants=at(-1),
        ),
        Pointwise(
            part="descent",
            space=Space(
                draws=DRAWS,
                anchors=(
                    *(NET | {"t": 4, "eta_bar": eta_bar} for eta_bar in (0.05, 0.5, 0.9)),
                    *(PARABOLA | {"t": 1, "eta_bar": eta_bar} for eta_bar in (0.05, 0.25, 0.75)),
                    ONE_STEP | {"unit": 0.01},
                ),
            ),
            route=FALL,
            rounding=descending,
            source="64 (parameters + t) machine epsilons of the loss's unit and of the loss at the start",
            constants=at(-2),
        ),
    ),
    expected={
        "bound": Expected(
            status="holds, within 10×", reason="within 10x where the Jacobian is well conditioned", date="2026-11-26"
        ),
        "gradient": Expected(
            status="holds, within 10×", reason="convexity and Cauchy–Schwarz, within 10x", date="2026-11-26"
        ),
        "halved": Expected(status="holds, sharp", reason="a quadratic, attained by one point", date="2026-11-29"),
        "descent": Expected(status="holds, sharp", reason="Taylor's theorem along a step", date="2026-11-26"),
    },
)
