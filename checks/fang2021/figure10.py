"""Confronts Figure 10: ridge regression in tangent spaces at initial and at learned weights."""

from __future__ import annotations

from collections.abc import Sequence

from lazy_assay.checks import Check, Configuration, Contrast, Effects, Expected, Findings, Options, Route
from lazy_assay.checks.fang2021._images import beyond, flops, learned, shown_at
from lazy_assay.sims.particles import tangent_spaces
from lazy_assay.theory.fang2021.figure10 import CLAIM

DIGITS: Configuration = {"data": "digits", "n": 100, "m": 100, "nets": 5}
START, SAME, OTHER, GENERATED, NORMAL, AS_LONG = range(6)
FITTED, TESTED, ACCURATE = range(3)
# Three test points in a hundred, as for Figure 11; of errors, a thirtieth of what 0 for every output has.
SMALLEST = 0.03


def tangent(larger: int, smaller: int, reading: int) -> Route:
    """One reading in two tangent spaces."""
    name = f"weights {larger} and {smaller}, reading {reading}"
    return learned(name, tangent_spaces.tangent_ridge, (larger, smaller), reading, test=300)


def findings(where: Configuration, seeds: int) -> tuple[Effects, ...]:
    """All three at a setting; of an error the larger side is the worse one."""

    def told(name: str, better: int, worse: int, reading: int, **more: bool) -> Contrast:
        pair = (better, worse) if reading == ACCURATE else (worse, better)
        return beyond(name, tangent(*pair, reading), where, SMALLEST, **more)

    def compared(reading: int) -> tuple[Contrast, ...]:
        return (
            told("generated better than initial", GENERATED, START, reading, claim=True),
            told("trained themselves better than initial", SAME, START, reading),
            told("trained on other points better than initial", OTHER, START, reading),
            told("generated against normal of their moments", GENERATED, NORMAL, reading, equality=True),
            told("initial, as long as trained, better than initial", AS_LONG, START, reading),
        )

    fitted = told("generated against initial", GENERATED, START, FITTED, claim=True, equality=True)
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
    # Five networks on the ridge's points, and one on others.
    flops=lambda options: flops(options, 6.0 * options.size),
)
