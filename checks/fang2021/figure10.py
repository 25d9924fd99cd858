"""Confronts Figure 10: ridge regression in tangent spaces at initial and at learned weights."""

from __future__ import annotations

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
from lazy_assay.checks.fang2021._data import PARAMETERS
from lazy_assay.checks.fang2021._images import LEARNED, images, shown_at
from lazy_assay.sims.particles import tangent_spaces
from lazy_assay.theory import Integer
from lazy_assay.theory.fang2021.figure10 import CLAIM

DIGITS: Configuration = {"data": "digits", "n": 100, "m": 100, "nets": 5}
START, SAME, OTHER, GENERATED, NORMAL, AS_LONG = range(6)
FITTED, TESTED, ACCURATE = range(3)
# Three test points in a hundred, as for Figure 11; of errors, a thirtieth of what 0 for every output has.
SMALLEST = 0.03


def tangent(larger: int, smaller: int, reading: int) -> Route:
    """One reading in two tangent spaces."""

    def settings(values: Values) -> dict[str, Any]:
        return {**images(values, test=300), **LEARNED, "nets": int(values["nets"])}

    return Route(
        name=f"weights {larger} and {smaller}, reading {reading}",
        simulate=tangent_spaces.tangent_ridge,
        settings=settings,
        reads=lambda draws: np.asarray(draws[:, [larger, smaller], reading]),
        clock=lambda values: Clock(step_size=float(LEARNED["step_size"]), steps=int(LEARNED["steps"])),
        parameters={**PARAMETERS, "nets": Integer(1)},
    )


def findings(where: Configuration, seeds: int) -> tuple[Effects, ...]:
    """All three at a setting; of an error the larger side is the worse one."""

    def contrast(
        name: str,
        better: int,
        worse: int,
        reading: int,
        subject: Subject = Subject.CONTROL,
        equality: bool = False,
    ) -> Contrast:
        pair = (better, worse) if reading == ACCURATE else (worse, better)
        return Contrast(name, (tangent(*pair, reading), where), None, SMALLEST, subject, equality)

    def compared(reading: int) -> tuple[Contrast, ...]:
        return (
            contrast("generated better than initial", GENERATED, START, reading, Subject.CLAIM),
            contrast("trained themselves better than initial", SAME, START, reading),
            contrast("trained on other points better than initial", OTHER, START, reading),
            contrast("generated against normal of their moments", GENERATED, NORMAL, reading, equality=True),
            contrast("initial, as long as trained, better than initial", AS_LONG, START, reading),
        )

    fitted = contrast("generated against initial", GENERATED, START, FITTED, Subject.CLAIM, True)
    parts = (("training", (fitted,)), ("error", compared(TESTED)), ("accuracy", compared(ACCURATE)))
    return tuple(
        Effects(part=part, seeds=lambda context: seeds, decides="full", contrasts=contrasts)
        for part, contrasts in parts
    )


def at(options: Options) -> Sequence[Effects]:
    """Networks of `size` neurons, and tangent spaces of as many."""
    return findings({**DIGITS, "data": shown_at(options.size)[0], "m": options.size}, options.seeds(10))


CHECK = Check(
    claim=CLAIM,
    procedures=findings(DIGITS, 30),
    expected={
        "training": Expected(status="reproduced", reason="10⁻⁵ at both: more features than points", date="2026-11-29"),
        "error": Expected(
            status="reproduced", reason="0.34 against 0.28, as normal weights of the same moments", date="2026-11-29"
        ),
        "accuracy": Expected(
            status="not reproduced",
            reason="one or two points in a hundred, where three would matter",
            date="2026-11-29",
        ),
    },
)
FIGURE = Findings(
    claim=CLAIM,
    title="Tangent spaces at initial and at learned weights",
    at=at,
    smallest=20,
    measure="neurons",
    # Forward and back in both layers, of all pixels and ten classes at 100 points; six networks a seed.
    flops=lambda options: 6.0 * options.seeds(10) * 5 * 100 * 6 * 100 * (shown_at(options.size)[1] + 10) * options.size,
)
