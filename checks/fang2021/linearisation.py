"""Confronts (8): slopes of the tangent model's error over six widths, in every convention, α = 1 the control."""

import numpy as np

from lazy_assay.checks import (
    Between,
    Check,
    Clock,
    Configuration,
    Control,
    Expected,
    Fine,
    Means,
    OneOf,
    Resolution,
    Route,
    Space,
    Sweep,
    Values,
)
from lazy_assay.checks.fang2021.rf_kernel import quadrature
from lazy_assay.sims.two_layer import linearisation
from lazy_assay.theory._mathematics.dual_activations import ACTIVATIONS
from lazy_assay.theory.fang2021.linearisation import CLAIM

WIDTHS = tuple(2**k for k in range(3, 9))
# Few points in many dimensions: kernels of small condition, so that every direction trains and no start blows up.
TRAINING = {"n": 4, "d": 6, "step_size": 1.5, "steps": 20, "target": 0.8, "repeats": 4}


def clock(values: Values) -> Clock:
    """At the widest network; step_size · time of the tangent kernel is the same at every width."""
    m, exponent, rate = WIDTHS[-1], float(values["exponent"]), float(values["output_rate"])
    unit = float(TRAINING["step_size"]) * m ** (1 - 2 * exponent - max(rate, 0.0))
    return Clock(step_size=unit, steps=int(TRAINING["steps"]), alpha=m**exponent)


def route(name: str, row: int) -> Route:
    """Both rows come from the same trainings."""
    return Route(
        name=name,
        simulate=linearisation.tangent_errors,
        settings=lambda values: {**TRAINING, "widths": np.array(WIDTHS)},
        reads=lambda draws: draws[:, row],
        clock=clock,
    )


def cell(activation: str, output_rate: float, exponent: float = 0.5) -> Configuration:
    """An activation and a learning-rate convention: η_u/η_θ = m^output_rate."""
    return {"activation": activation, "output_rate": output_rate, "exponent": exponent}


# η_u/η_θ is 1 under (13), 1/α under (12), m/α under (11), at α = √m.
FIRST = (cell("relu", 0.0), cell("tanh", -0.5))
MORE = (
    cell("tanh", 0.5),
    *(cell(activation, 0.0) for activation in ("tanh", "erf", "softplus")),
    *(cell(activation, -0.5) for activation in ("relu", "erf", "softplus")),
    *(cell(activation, 0.5) for activation in ("relu", "erf", "softplus")),
)
CONTROLS = (Control(assumption="large scaling", configuration=cell("tanh", 0.0, exponent=0.0)),)
CHECK = Check(
    claim=CLAIM,
    procedures=(
        *(
            Sweep(
                part=part,
                route=route(name, row),
                sizes=tuple(float(m) for m in WIDTHS),
                configurations=FIRST,
                # Half way to α = 1, whose error falls at −0.1 or slower, would be noticed with room; and so would a
                # slope of −1: the slopes lie below −1/2 by 0.15 to 0.3, on the allowed side.
                resolution=0.15,
                repeated=4,
                at_most=64,
                further={"full": MORE, "nightly": MORE},
                controls=CONTROLS if row == 0 else (),
            )
            for row, (part, name) in enumerate((("matched_time", "equal steps"), ("matched_loss", "equal loss")))
        ),
        Means(
            part="bounded",
            space=Space(
                draws={
                    "m": Between(2, 64),
                    "exponent": OneOf((0.5, 0.0, 0.75, 1.0)),
                    "activation": OneOf(tuple(ACTIVATIONS)),
                },
                anchors=tuple({"m": m, "exponent": 0.5, "activation": "relu"} for m in (4, 64)),
            ),
            routes=(
                Route(
                    name="networks at initialisation",
                    simulate=linearisation.initial_outputs,
                    settings=lambda values: {"repeats": 32},
                    allowance=lambda values: quadrature("dual"),
                    trials=lambda values: 500,
                ),
            ),
            resolution=Resolution(relative=0.05),
            fine=Fine(
                anchors=(
                    {"m": 4, "exponent": 0.5, "activation": "relu"},
                    {"m": 4, "exponent": 0.0, "activation": "erf"},
                ),
                resolution=Resolution(relative=0.009),
                copies=12,
            ),
        ),
    ),
    expected={
        "matched_time": Expected(status="confirmed", reason="(9) moves each weight by O(1/α)", date="2026-11-26"),
        "matched_loss": Expected(status="confirmed", reason="(9) moves each weight by O(1/α)", date="2026-11-26"),
        "bounded": Expected(status="confirmed", reason="a sum of independent terms", date="2026-11-26"),
    },
)
