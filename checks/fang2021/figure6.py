"""Confronts Figure 6: students of four sigmoid neurons, narrow against wide, and at several temperatures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lazy_assay.checks import (
    Check,
    Clock,
    Configuration,
    Contrast,
    Effects,
    Expected,
    Findings,
    Options,
    Route,
    Subject,
    Values,
)
from lazy_assay.sims.particles import teacher
from lazy_assay.theory import Integer, Real
from lazy_assay.theory.fang2021.figure6 import CLAIM

STEP_SIZE, STEPS = 0.5, 600
COOL, WARM, HOT = 1e-4, 1e-3, 3e-3
ERROR, WASTE, ALIGNED, ALIGNED_AT_START, DIFFUSED = range(5)
HERE: Configuration = {"n": 60, "m": 40}
# Shares are whole numbers of neurons over m. At m = 40 one neuron is more than matters of waste, and two are what
# matters of alignment, so that rounding would decide; at 110 both lie between two shares, and differences scatter less.
COUNTED: Configuration = {**HERE, "m": 110}
# A factor of three for widths, a tenth of the error for noise; two neurons in a hundred wasted, five in a hundred
# aligned.
THRICE, TENTH, NEURONS, ALONG = math.log(3), math.log(1.1), 0.02, 0.05


def student(columns: tuple[int, ...] | int, temperature: float = 0.0, steps: int = STEPS) -> Route:
    """Readings; temperatures share data and starts, for they are no part of a configuration."""

    def settings(values: Values) -> dict[str, Any]:
        told = {"test": 200, "temperature": temperature, "decay": 0.0, "diffusion": WARM}
        return {"n": int(values["n"]), "m": int(values["m"]), **told, "step_size": STEP_SIZE, "steps": steps}

    return Route(
        name=f"λ_p = {temperature:g}" + (f", {steps} steps" if steps != STEPS else ""),
        simulate=teacher.student,
        settings=settings,
        reads=lambda draws: np.asarray(draws[:, list(columns) if isinstance(columns, tuple) else columns]),
        clock=lambda values: Clock(step_size=STEP_SIZE, steps=steps),
        parameters={"n": Integer(1), "m": Integer(1), "temperature": Real(0, closed_low=True)},
    )


def compared(
    name: str, column: int, temperatures: tuple[float, float], smallest: float, where: Configuration
) -> Contrast:
    """A reading at one temperature less that at another."""
    larger, smaller = ((student(column, temperature), where) for temperature in temperatures)
    return Contrast(name, larger, smaller, smallest)


def decided(part: str, seeds: int, *contrasts: Contrast) -> Effects:
    """A part over so many seeds."""
    return Effects(part=part, seeds=lambda context: seeds, decides="full", contrasts=contrasts)


def widths(where: Configuration, seeds: int) -> Effects:
    """A tenth of the width against the whole; four times the steps mend little (control)."""
    narrow: Configuration = {**where, "m": max(1, int(where["m"]) // 10)}
    wide, longer = (student(ERROR), where), student(ERROR, steps=4 * STEPS)
    return decided(
        "wider",
        3 * seeds,
        Contrast("a tenth of the width beyond it", (student(ERROR), narrow), wide, THRICE),
        Contrast("a tenth of the width, four times as long, beyond it", (longer, narrow), wide, TENTH, Subject.CONTROL),
    )


def temperatures(where: Configuration, counted: Configuration, seeds: int) -> tuple[Effects, ...]:
    """What noise does to waste and to alignment, shares of the neurons that are counted there, and to the error.

    Controls: noise that follows the training, with no force beside it; lines of neurons before the training.
    """
    spread = Contrast(
        "as much noise after the training against none",
        (student((DIFFUSED, WASTE)), counted),
        None,
        NEURONS,
        Subject.CONTROL,
    )
    learned = Contrast(
        "trained without noise beyond the start",
        (student((ALIGNED, ALIGNED_AT_START)), counted),
        None,
        ALONG,
        Subject.CONTROL,
    )
    reduced = compared("none beyond 10⁻³", WASTE, (0.0, WARM), NEURONS, counted)
    return (
        decided("noise_reduces_waste", seeds, reduced, spread),
        decided("more_noise_less_waste", seeds, compared("10⁻⁴ beyond 3·10⁻³", WASTE, (COOL, HOT), NEURONS, counted)),
        # A third of the seeds has five in a hundred more aligned: so many tell that it is fewer than half.
        decided("noise_aligns", 3 * seeds, compared("10⁻³ beyond none", ALIGNED, (WARM, 0.0), ALONG, counted), learned),
        decided("noise_costs_error", 3 * seeds, compared("3·10⁻³ beyond none", ERROR, (HOT, 0.0), TENTH, where)),
    )


def findings(where: Configuration, seeds: int, counted: Configuration | None = None) -> tuple[Effects, ...]:
    """All five at a setting, the widths' ratio being ten; shares of neurons at `counted`, where it is another."""
    return (widths(where, seeds), *temperatures(where, counted or where, seeds))


def at(options: Options) -> Sequence[Effects]:
    """Students of `size` neurons, and of a tenth of them."""
    return findings({**HERE, "m": options.size}, options.seeds(60))


CHECK = Check(
    claim=CLAIM,
    procedures=findings(HERE, 60, COUNTED),
    expected={
        "wider": Expected(
            status="reproduced", reason="4.4 times the error, and 4 times with four times the steps", date="2026-11-29"
        ),
        "noise_reduces_waste": Expected(
            status="not reproduced", reason="4 % are wasted without noise, 5 % with it", date="2026-11-29"
        ),
        "more_noise_less_waste": Expected(
            status="not reproduced", reason="3 % at λ_p = 10⁻⁴, 5 % at 3·10⁻³", date="2026-11-29"
        ),
        "noise_aligns": Expected(
            status="not reproduced",
            reason="22 % without noise, one in a hundred more with it; 13 % before training",
            date="2026-11-29",
        ),
        "noise_costs_error": Expected(status="reproduced", reason="a fifth more", date="2026-11-29"),
    },
)
FIGURE = Findings(
    claim=CLAIM,
    title="Students of four sigmoid neurons",
    at=at,
    smallest=10,
    usual=40,
    measure="neurons",
    # Forward and back in both layers, of two inputs and one output at 60 points; twelve trainings a seed.
    flops=lambda options: 12.0 * options.seeds(60) * STEPS * 6 * 60 * 3 * options.size,
)
