"""Confronts Figure 8: the change of hidden weights and the span of the inputs; how smooth weights are, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lazy_assay.checks import (
    Balances,
    Between,
    Check,
    Clock,
    Configuration,
    Contrast,
    Control,
    Draw,
    Effects,
    Expected,
    Findings,
    OneOf,
    Options,
    Route,
    Space,
    Subject,
    Values,
)
from lazy_assay.checks._tangent_models.rounding import EPSILON
from lazy_assay.checks.fang2021._data import PARAMETERS
from lazy_assay.checks.fang2021._images import images
from lazy_assay.sims.particles import smoothness, span
from lazy_assay.theory.fang2021._mean_field import SMOOTH
from lazy_assay.theory.fang2021.figure8 import CLAIM

MOVE, MOVES = 0.1, 20
RUNS: dict[str, Draw] = {
    "n": Between(2, 5),
    "d": OneOf((8, 12)),
    "m": Between(2, 8),
    "blank": OneOf((1, 2)),
    "optimiser": OneOf(("descent", "momentum", "batches")),
    "decay": OneOf((0.0,)),
    "activation": OneOf(SMOOTH),
}
ANCHOR: Configuration = {
    "n": 5,
    "d": 12,
    "m": 6,
    "blank": 2,
    "optimiser": "descent",
    "decay": 0.0,
    "activation": "tanh",
}
DIGITS: Configuration = {"data": "digits", "n": 60, "m": 64}
STEP_SIZE, STEPS = 1.0, 100
# A twentieth of what neighbours can be alike; half a unit of excess kurtosis (a Laplace law has 3, a uniform one −1.2).
LIKE, HEAVY = 0.05, 0.5
TRAINED, AT_START, NORMAL, DEALT, HEAVY_TRAINED, HEAVY_NORMAL = range(6)


def moved(name: str, columns: tuple[int, ...]) -> Route:
    """Some columns of a training on normal points."""
    return Route(
        name=name,
        simulate=span.moved,
        settings=lambda values: {"step_size": MOVE, "steps": MOVES},
        clock=lambda values: Clock(step_size=MOVE, steps=MOVES),
        reads=lambda draws: draws[:, list(columns)],
        trials=lambda values: 4,
    )


def rounding(values: Values) -> float:
    """Of sums of squares over neurons, points and pixels, and of an orthonormal basis."""
    return float(64 * EPSILON * (int(values["n"]) + int(values["d"]) + int(values["m"])) * values["projected"])


def weights(name: str, columns: tuple[int, int] | int, activation: str = "relu") -> Route:
    """Two readings of the same weights, or one."""

    def settings(values: Values) -> dict[str, Any]:
        told = images(values, test=0)
        told.pop("test")
        return {
            **told,
            "directions": 5,
            "activation": activation,
            "theta_scale": 0.1,
            "lambda_u": 0.0,
            "lambda_theta": 0.0,
            "step_size": STEP_SIZE,
            "steps": STEPS,
        }

    return Route(
        name=name,
        simulate=smoothness.smoothness,
        settings=settings,
        reads=lambda draws: np.asarray(draws[:, columns if isinstance(columns, int) else list(columns)]),
        clock=lambda values: Clock(step_size=STEP_SIZE, steps=STEPS),
        parameters=PARAMETERS,
    )


def findings(where: Configuration, seeds: int) -> tuple[Effects, ...]:
    """Both observations at a setting."""
    heavy = weights("ReLU, kurtosis", HEAVY_TRAINED)

    def contrast(
        name: str,
        columns: tuple[int, int],
        smallest: float,
        subject: Subject = Subject.CLAIM,
        equality: bool = False,
    ) -> Contrast:
        return Contrast(name, (weights(name, columns), where), None, smallest, subject, equality)

    return (
        Effects(
            part="smoother",
            seeds=lambda context: seeds,
            contrasts=(
                contrast("trained beyond initial", (TRAINED, AT_START), LIKE),
                contrast("normal weights with the same second moments", (TRAINED, NORMAL), LIKE, Subject.CONTROL, True),
                contrast("labels dealt out anew beyond initial", (DEALT, AT_START), LIKE, Subject.CONTROL),
                contrast("true labels beyond labels dealt out anew", (TRAINED, DEALT), LIKE, Subject.CONTROL),
            ),
        ),
        Effects(
            part="beyond_normal",
            # Kurtosis varies a good deal from one network to the next.
            seeds=lambda context: 3 * seeds,
            decides="full",
            contrasts=(
                contrast("trained beyond normal weights", (HEAVY_TRAINED, HEAVY_NORMAL), HEAVY),
                Contrast(
                    "ReLU beyond tanh",
                    (heavy, where),
                    (weights("tanh, kurtosis", HEAVY_TRAINED, "tanh"), where),
                    HEAVY,
                    Subject.CONTROL,
                ),
            ),
        ),
    )


def at(options: Options) -> Sequence[Effects]:
    """Networks of `size` neurons."""
    return findings({**DIGITS, "m": options.size}, options.seeds(12))


CHECK = Check(
    claim=CLAIM,
    procedures=(
        Balances(
            part="span",
            space=Space(
                draws=RUNS,
                anchors=tuple({**ANCHOR, "optimiser": told} for told in ("descent", "momentum", "batches")),
            ),
            route=moved("change and its projection", (0, 1, 2, 3)),
            rounding=rounding,
            source="machine epsilons of sums over neurons, points and pixels",
            controls=(
                Control(assumption="no decay", configuration={**ANCHOR, "decay": 0.1}),
                Control(assumption="linear steps", configuration={**ANCHOR, "optimiser": "adam"}),
            ),
        ),
        Balances(
            part="untouched",
            space=Space(
                draws={**RUNS, "optimiser": OneOf(("descent", "momentum", "batches", "adam"))},
                anchors=(ANCHOR, {**ANCHOR, "optimiser": "adam"}),
            ),
            route=moved("weights at their start", (4, 5, 6)),
            rounding=lambda values: 0.0,
            source="none: a count of equal bits",
            controls=(Control(assumption="no decay", configuration={**ANCHOR, "decay": 0.1}),),
        ),
        *findings(DIGITS, 12),
    ),
    expected={
        "span": Expected(status="confirmed", reason="gradients are combinations of inputs", date="2026-11-29"),
        "untouched": Expected(status="confirmed", reason="no gradient, no step", date="2026-11-29"),
        "smoother": Expected(
            status="reproduced",
            reason="0.35 against 0: combinations of smooth images; 0.21 with labels dealt out anew",
            date="2026-11-29",
        ),
        "beyond_normal": Expected(
            status="reproduced",
            reason="1.1 against −0.1 at entropy 31415, which set nothing; tanh weights have none",
            date="2026-11-29",
        ),
    },
)
FIGURE = Findings(
    claim=CLAIM,
    title="Hidden weights before training and after",
    at=at,
    smallest=20,
    measure="neurons",
    # Forward and back in both layers, of 64 pixels and ten classes at 60 points; four trainings a seed.
    flops=lambda options: 4.0 * options.seeds(12) * STEPS * 6 * 60 * (64 + 10) * options.size,
)
