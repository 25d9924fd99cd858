"""Confronts weight decay on both layers: rescaled neurons, given directions, and the balance that training keeps."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lazy_assay.checks import (
    Between,
    Check,
    Clock,
    Configuration,
    Control,
    Draw,
    Expected,
    OneOf,
    Pointwise,
    Route,
    Space,
    Sweep,
    Tolerance,
    Values,
)
from lazy_assay.checks._tangent_models.rounding import EPSILON, SEEDED
from lazy_assay.sims.two_layer import weight_decay
from lazy_assay.theory._mathematics.two_layer import features
from lazy_assay.theory.fang2021.l1_equivalence import CLAIM

ANCHOR: Configuration = {
    "n": 3,
    "d": 4,
    "m": 6,
    "theta": "gaussian:1",
    "u": "gaussian:2",
    "points": "sphere:1",
    "labels": "gaussian:1",
    "alpha": 2.0,
    "activation": "relu",
}
DRAWS: dict[str, Draw] = {
    "n": OneOf((3, 5)),
    "d": OneOf((4, 5)),
    "m": Between(1, 12),
    "theta": SEEDED,
    "u": SEEDED,
    "points": OneOf(("sphere:1", "sphere:2", "sphere:3")),
    "labels": SEEDED,
    "alpha": OneOf((1.0, 3.0)),
    "activation": OneOf(("relu", "abs")),
}
DECAYS: dict[str, Draw] = {"lambda_u": OneOf((0.02, 0.1, 0.5)), "lambda_theta": OneOf((0.03, 0.2))}
BOTH: Configuration = {"lambda_u": 0.1, "lambda_theta": 0.03}
ONE: dict[str, Draw] = {"lambda_": OneOf((0.05, 0.3))}
# Steps of descent at given directions; step sizes of the flow, in units in which the loss has a curvature of order one.
DESCENT = 1500
STEPS = tuple(2.0**-k for k in range(5, 10))
SOURCE = "machine epsilons of sums over neurons, points and dimensions"


def size(values: Values) -> float:
    """Magnitudes of all that is added up: squares of weights, and the gradients' parts."""
    theta, u = np.abs(values["theta"]), np.abs(values.get("u", np.ones(len(values["theta"]))))
    weights = 1 + float((theta.sum(1) ** 2).max() + (u**2).max())
    outputs = float(values["alpha"]) * weights + float(np.abs(values["labels"]).max() if "labels" in values else 0.0)
    return float(64 * EPSILON * theta.size * weights * (1 + float(values["alpha"]) * outputs))


def step_size(values: Values) -> float:
    """Half of what a quadratic with the curvature of the features, at weights of order one, lets be stable."""
    directions = values["theta"] / np.linalg.norm(values["theta"], axis=1, keepdims=True)
    H = float(values["alpha"]) * features(directions, values["points"], values["activation"])
    steepest = float(np.linalg.eigvalsh(H @ H.T)[-1]) / (len(values["points"]) * len(values["theta"]))
    return 0.5 / (float(values["lambda_u"]) + float(values["lambda_theta"]) + 2 * steepest)


def left(values: Values) -> Tolerance:
    """Twice the change when half the steps are made."""
    told = {name: values[name] for name in (*DATA, "lambda_u", "lambda_theta")} | {"step_size": step_size(values)}
    fine, coarse = (
        float(weight_decay.trained_objective_at(**told, steps=DESCENT // part, trials=1, entropy=0)[0])
        for part in (1, 2)
    )
    return Tolerance(
        optimisation=2 * abs(fine - coarse), sources={"optimisation": "twice the change at half the steps"}
    )


DATA = ("theta", "alpha", "points", "labels", "activation")


def confrontation(
    part: str, route: Route, space: Space, anchor: Configuration, budget: Callable[[Values], float] = size
) -> Pointwise:
    """One part, with tanh as the control of homogeneity."""
    return Pointwise(
        part=part,
        space=space,
        route=route,
        rounding=budget,
        source=SOURCE,
        controls=(Control(assumption="homogeneous", configuration={**anchor, "activation": "tanh"}),),
    )


def space(draws: dict[str, Draw], anchor: Configuration) -> Space:
    """Draws of networks with further parameters, and the anchor with either activation."""
    return Space(draws={**DRAWS, **draws}, anchors=(anchor, {**anchor, "activation": "abs", "m": 3}))


def without_u(draws: dict[str, Draw]) -> dict[str, Draw]:
    """Configurations of directions alone."""
    return {name: draw for name, draw in draws.items() if name != "u"}


RESCALED: Configuration = {name: value for name, value in {**ANCHOR, **BOTH}.items() if name != "labels"}
# Decays at which descent comes to its end within so many steps, up to an allowance that is measured.
STRONG: Configuration = {"lambda_u": 0.3, "lambda_theta": 0.2}
GIVEN: Configuration = {name: value for name, value in {**ANCHOR, **STRONG, "alpha": 4.0}.items() if name != "u"}
STEPPED: Configuration = {**ANCHOR, "lambda_": 0.1, "step_size": 0.3}
FLOWED: Configuration = {
    "m": 8,
    "n": 4,
    "d": 4,
    "alpha": 2.0,
    "activation": "relu",
    "lambda_": 0.1,
    "time": 1.0,
}
CHECK = Check(
    claim=CLAIM,
    procedures=(
        confrontation(
            "rescaling",
            Route(name="Newton's method in log c", simulate=weight_decay.rescaled_decay_at),
            Space(
                draws={**{k: v for k, v in DRAWS.items() if k != "labels"}, **DECAYS},
                anchors=(RESCALED, {**RESCALED, "activation": "abs", "m": 3}),
            ),
            RESCALED,
        ),
        confrontation(
            "equivalence",
            Route(
                name="descent on u and ‖θ‖",
                simulate=weight_decay.trained_objective_at,
                settings=lambda values: {"step_size": step_size(values), "steps": DESCENT},
                allowance=left,
                clock=lambda values: Clock(step_size=step_size(values), steps=DESCENT, alpha=float(values["alpha"])),
                examples=2,
            ),
            Space(
                draws=without_u(
                    {
                        **DRAWS,
                        "alpha": OneOf((4.0,)),
                        "lambda_u": OneOf((0.2, 0.3)),
                        "lambda_theta": OneOf((0.2, 0.4)),
                    }
                ),
                anchors=(GIVEN,),
            ),
            GIVEN,
        ),
        confrontation(
            "stationary",
            Route(name="backpropagation", simulate=weight_decay.unbalanced_gradient_at),
            space(DECAYS, {**ANCHOR, **BOTH}),
            {**ANCHOR, **BOTH},
        ),
        confrontation(
            "one_step",
            Route(name="one step of descent", simulate=weight_decay.stepped_balance_at),
            # Of either sign at the start, D_0: u is larger than θ in the last.
            replace(
                space({**ONE, "step_size": OneOf((0.01, 0.3, 1.0))}, STEPPED),
                anchors=(STEPPED, {**STEPPED, "activation": "abs", "m": 3}, {**STEPPED, "u": "gaussian:4"}),
            ),
            STEPPED,
        ),
        Sweep(
            part="flow",
            route=Route(
                name="descent",
                simulate=weight_decay.flow_gap,
                settings=lambda values: {"step_sizes": np.array(STEPS)},
                clock=lambda values: Clock(
                    step_size=STEPS[0], steps=round(values["time"] / STEPS[0]), alpha=float(values["alpha"])
                ),
            ),
            sizes=STEPS,
            configurations=(FLOWED, {**FLOWED, "activation": "abs", "lambda_": 0.5}),
            resolution=0.08,
            controls=(Control(assumption="homogeneous", configuration={**FLOWED, "activation": "tanh"}),),
        ),
    ),
    expected={
        "rescaling": Expected(status="confirmed", reason="arithmetic and geometric means", date="2026-11-28"),
        "equivalence": Expected(status="confirmed", reason="the same by every neuron's rescaling", date="2026-11-28"),
        "stationary": Expected(status="confirmed", reason="Euler's identity", date="2026-11-28"),
        "one_step": Expected(status="confirmed", reason="the term of first order cancels", date="2026-11-28"),
        "flow": Expected(status="confirmed", reason="a sum of steps, each off by O(η²)", date="2026-11-28"),
    },
)
