"""Confronts Figure 6: students of four sigmoid neurons, narrow against wide, and at several temperatures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lazy_assay.checks import Check, Clock, Configuration, Contrast, Effects, Findings, Options, Route, Values
from lazy_assay.sims.particles import teacher
from lazy_assay.theory import Integer, Real
from lazy_assay.theory.fang2021.figure6 import CLAIM

STEP_SIZE, STEPS = 0.5, 600
ERROR, WASTE, ALIGNED = range(3)
HERE: Configuration = {"n": 60, "m": 40}
# A factor of three for widths; a tenth of the error, two neurons in a hundred, or one, for noise.
THRICE, TENTH, NEURONS = math.log(3), math.log(1.1), 0.02


def student(column: int, temperature: float = 0.0) -> Route:
    """One reading; temperatures share data and starts, for they are no part of a configuration."""

    def settings(values: Values) -> dict[str, Any]:
        told = {"test": 500, "temperature": temperature, "decay": 0.0, "step_size": STEP_SIZE, "steps": STEPS}
        return {"n": int(values["n"]), "m": int(values["m"]), **told}

    return Route(
        name=f"λ_p = {temperature:g}",
        simulate=teacher.student,
        settings=settings,
        reads=lambda draws: np.asarray(draws[:, column]),
        clock=lambda values: Clock(step_size=STEP_SIZE, steps=STEPS),
        parameters={"n": Integer(1), "m": Integer(1), "temperature": Real(0, closed_low=True)},
    )


def compared(
    name: str,
    column: int,
    temperatures: tuple[float, float],
    smallest: float,
    where: Configuration,
) -> Contrast:
    """A reading at one temperature less that at another."""
    larger, smaller = ((student(column, temperature), where) for temperature in temperatures)
    return Contrast(name, larger, smaller, smallest)


def findings(where: Configuration, seeds: int) -> tuple[Effects, ...]:
    """All four at a setting, the widths' ratio being ten."""
    narrow: Configuration = {**where, "m": max(1, int(where["m"]) // 10)}
    warm, hot = 1e-3, 3e-3
    return (
        Effects(
            part="wider",
            seeds=lambda context: 3 * seeds // 2,
            decides="full",
            contrasts=(
                Contrast("a tenth of the width beyond it", (student(ERROR), narrow), (student(ERROR), where), THRICE),
            ),
        ),
        Effects(
            part="noise_reduces_waste",
            seeds=lambda context: seeds,
            decides="full",
            contrasts=(compared("without noise beyond 10⁻³", WASTE, (0.0, warm), NEURONS, where),),
        ),
        Effects(
            part="noise_aligns",
            # Four neurons in a hundred, with a deviation of eight between draws.
            seeds=lambda context: 3 * seeds,
            decides="full",
            contrasts=(compared("noise 10⁻³ beyond none", ALIGNED, (warm, 0.0), NEURONS / 2, where),),
        ),
        Effects(
            part="noise_costs_error",
            seeds=lambda context: 3 * seeds // 2,
            decides="full",
            contrasts=(compared("noise 3·10⁻³ beyond none", ERROR, (hot, 0.0), TENTH, where),),
        ),
    )


def at(options: Options) -> Sequence[Effects]:
    """Students of `size` neurons, and of a tenth of them."""
    return findings({**HERE, "m": options.size}, options.draws or 100)


CHECK = Check(claim=CLAIM, procedures=findings(HERE, 100), expected={})
FIGURE = Findings(
    claim=CLAIM,
    title="Students of four sigmoid neurons",
    at=at,
    smallest=10,
    measure="neurons",
    # Forward and back in both layers, of two inputs and one output at 60 points; seven trainings a seed.
    flops=lambda options: 7.0 * (options.draws or 100) * STEPS * 6 * 60 * 3 * options.size,
)
