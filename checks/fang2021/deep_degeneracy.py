"""Confronts section VII.B: how the neurons of a layer differ from one another, over widths."""

from __future__ import annotations

import numpy as np

from lazy_assay.checks import Check, Clock, Configuration, Control, Expected, Route, Sweep
from lazy_assay.sims.deep import mean_field
from lazy_assay.theory.fang2021.deep_degeneracy import CLAIM

WIDTHS = (32, 57, 101, 180, 320)
# Networks of each width whose spreads are averaged: narrow ones scatter most and cost least.
REPEATS = tuple(round((WIDTHS[-1] / m) ** 1.5) for m in WIDTHS)
# By then the network of three hidden layers is down to the error of the best constant, which is all that it learns.
STEP_SIZE, STEPS = 1.0, 5
# What the simulation returns: added to the last hidden layer and to the one before, and before training.
ADDED_LAST, ADDED_MIDDLE, FIRST_LAST, FIRST_MIDDLE = range(4)
THREE: Configuration = {"hidden": 3, "weights": "fixed", "outer": "random", "n": 10, "d": 5}
TWO: Configuration = {**THREE, "hidden": 2}
EQUAL: Configuration = {**TWO, "outer": "equal"}
GROWING: Configuration = {**THREE, "weights": "growing"}


# What of a power must be noticed, and how many times a search's seeds a confirmation may have (benchmarks/rates.py). A
# tenth of a half; where the power is zero, of the quarter by which `slower` is off: half as much. The slope of `middle`
# is off by 0.03 at these widths, and would take ten times the seconds at widths that tell a tenth of it.
NOTICED = {"last": 0.018, "two_hidden": 0.0145, "initial": 0.034, "equal": 0.037, "middle": 0.08}
AT_MOST = {"middle": 16, "two_hidden": 48, "equal": 80}


def sweep(part: str, column: int, configuration: Configuration, controls: tuple[Control, ...] = ()) -> Sweep:
    """One column over the widths."""
    return Sweep(
        part=part,
        route=Route(
            name="descent in mean-field time",
            simulate=mean_field.spreads,
            settings=lambda values: {
                "widths": np.array(WIDTHS),
                "repeats": np.array(REPEATS),
                "step_size": STEP_SIZE,
                "steps": STEPS,
            },
            clock=lambda values: Clock(step_size=STEP_SIZE, steps=STEPS),
            reads=lambda draws: np.asarray(draws[:, :, column]),
        ),
        sizes=tuple(float(m) for m in WIDTHS),
        configurations=(configuration,),
        resolution=NOTICED[part],
        # Of a tenth of a quarter, off by a fifth of it, more seeds: where they lie scatters too.
        repeated=8 if part == "two_hidden" else 4,
        at_most=AT_MOST.get(part, 64),
        controls=controls,
    )


VARIANCE = (Control(assumption="fixed law", configuration=GROWING),)
CHECK = Check(
    claim=CLAIM,
    procedures=(
        sweep("initial", FIRST_MIDDLE, THREE, VARIANCE),
        sweep("middle", ADDED_MIDDLE, THREE, VARIANCE),
        sweep("last", ADDED_LAST, THREE),
        sweep("two_hidden", ADDED_LAST, TWO),
        sweep("equal", ADDED_LAST, EQUAL, (Control(assumption="equal output weights", configuration=TWO),)),
    ),
    expected={
        "initial": Expected(status="confirmed", reason="a mean of m terms", date="2026-11-29"),
        "middle": Expected(status="confirmed", reason="driven by a mean of m terms", date="2026-11-29"),
        "last": Expected(
            status="confirmed",
            reason="each neuron is driven by its own output weight",
            date="2026-11-29",
            as_printed="refuted",
        ),
        "two_hidden": Expected(
            status="confirmed",
            reason="the second of two hidden layers is the last one",
            date="2026-11-29",
            as_printed="refuted",
        ),
        "equal": Expected(status="confirmed", reason="the output weights differ no more", date="2026-11-29"),
    },
)
