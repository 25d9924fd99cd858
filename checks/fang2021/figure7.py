"""Confronts Figure 7: movement of neurons and of the tangent kernel over widths and scales, at one training loss.

`assay figure fang2021.figure7 --size M` draws the slopes and contrasts from width M on, to 16 M.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from lazy_assay.checks import (
    Check,
    Clock,
    Configuration,
    Context,
    Contrast,
    Effects,
    Expected,
    Findings,
    Options,
    Route,
    Sweep,
    Values,
)
from lazy_assay.sims.two_layer import scales
from lazy_assay.theory.fang2021.figure7 import CLAIM

WIDTHS, SCALES = (24, 48, 96, 192, 384), (8.0, 16.0, 32.0, 64.0, 128.0)
# Where a tenth of the exponent is told: what a seed's slope scatters by falls with the widths.
WIDE = tuple(4 * m for m in WIDTHS)
STEP_SIZE, MOST = 1.0, 1000
TRAINED = {"activation": "tanh", "target": 0.05, "step_size": STEP_SIZE, "most": MOST}
DISTANCE, KERNEL = range(2)
DATA: Configuration = {"n": 6, "d": 10}
# The wrong exponents coincide with the right one at p = 0: they are confronted at the first, p = 1/2.
REGIMES: tuple[Configuration, ...] = tuple({**DATA, "exponent": p} for p in (0.5, 0.25, 0.0))
Networks = Callable[[Values], dict[str, Any]]
Reading = Callable[[np.ndarray], np.ndarray]


def route(name: str, networks: Networks, reads: Reading) -> Route:
    """Networks of given widths and alphas, one number of each."""

    def clock(values: Values) -> Clock:
        return Clock(step_size=STEP_SIZE, steps=MOST, alpha=float(networks(values)["alphas"][0]))

    return Route(
        name=name,
        simulate=scales.movement,
        settings=lambda values: {**TRAINED, **networks(values)},
        clock=clock,
        reads=reads,
    )


def column(index: int) -> Reading:
    """Distance, or change of the kernel, of all networks."""
    return lambda draws: np.asarray(draws[:, index])


def over_widths(part: str, index: int, widths: tuple[int, ...]) -> Sweep:
    """α = m^p; 0.15 of a power is what must be noticed, of the kernel, which has twice the exponent, 0.2."""

    def networks(values: Values) -> dict[str, Any]:
        return {"widths": np.array(widths), "alphas": np.array(widths) ** float(values["exponent"])}

    return Sweep(
        part=part,
        route=route("descent over widths", networks, column(index)),
        sizes=tuple(float(m) for m in widths),
        configurations=REGIMES,
        resolution=0.15 if index == DISTANCE else 0.2,
        repeated=4,
    )


def over_wide_networks(part: str, index: int) -> Sweep:
    """At α = √m. The kernel's slope scatters three times as much, and is off by 0.03; by 0.02 where networks are four
    times as wide, and a tenth of its exponent would still take ten seconds."""
    told = replace(over_widths(part, index, WIDE), name="slope, wide", configurations=REGIMES[:1])
    return replace(told, resolution=(0.037, 0.1)[index], repeated=6, at_most=(24, 64)[index])


def over_scales(width: int) -> Sweep:
    """One width."""
    told = {"widths": np.array([width] * len(SCALES)), "alphas": np.array(SCALES)}
    return Sweep(
        part="kernel_scale",
        route=route("descent over scales", lambda values: told, column(KERNEL)),
        sizes=SCALES,
        configurations=(DATA,),
        resolution=0.14,
        repeated=4,
        at_most=96,
    )


def closer(larger: float, smaller: float, smallest: float, width: int) -> Contrast:
    """The distance at α = smaller less that at α = larger, of the same data."""
    pair = {"widths": np.array([width, width]), "alphas": np.array([smaller, larger])}
    told = route(f"descent at α = {smaller:g} and {larger:g}", lambda values: pair, column(DISTANCE))
    return Contrast(f"α = {smaller:g} beyond {larger:g}", (told, DATA), None, smallest)


def farther(width: int, seeds: Callable[[Context], int]) -> Effects:
    """A tenth of what a neuron's θ is long is what would matter, and less where all is less."""
    steps = ((1.0, 0.25, 0.3), (4.0, 1.0, 0.3), (16.0, 4.0, 0.1))
    return Effects(part="farther", seeds=seeds, contrasts=tuple(closer(*step, width) for step in steps))


def procedures(
    widths: tuple[int, ...], seeds: Callable[[Context], int] = lambda context: max(10, context.profile.seeds)
) -> tuple[Sweep | Effects, ...]:
    """All of it, over these widths; scales are varied at the fourth, and neurons compared at the third."""
    sweeps = (over_widths("distance", DISTANCE, widths), over_widths("kernel", KERNEL, widths))
    return (*sweeps, over_scales(widths[3]), farther(widths[2], seeds))


def from_width(options: Options) -> tuple[Sweep | Effects, ...]:
    """At the widths from the size of a figure on."""
    seeds = (lambda context: options.draws) if options.draws else (lambda context: context.profile.seeds)
    return procedures(tuple(options.size * 2**k for k in range(5)), seeds)


def flops(options: Options) -> float:
    """Of some 150 steps of 13 families of networks, 30 seeds and their confirmation, each step six products."""
    return 13.0 * 31 * options.size * 150 * 6 * 2 * 6 * 11 * (60 + 240)


FIGURE = Findings(
    claim=CLAIM,
    title="The scale of the output: mean field and tangent kernel",
    at=from_width,
    smallest=8,
    usual=24,
    measure="smallest width",
    flops=flops,
)
CHECK = Check(
    claim=CLAIM,
    procedures=(
        *procedures(WIDTHS),
        over_wide_networks("distance", DISTANCE),
        over_wide_networks("kernel", KERNEL),
    ),
    expected={
        "distance": Expected(status="confirmed", reason="δ ~ D/α with D fixed", date="2026-11-29"),
        "kernel": Expected(status="confirmed", reason="the first order cancels in pairs", date="2026-11-29"),
        "kernel_scale": Expected(status="confirmed", reason="the first order cancels in pairs", date="2026-11-29"),
        "farther": Expected(status="reproduced", reason="δ ~ D/α, and less steeply below α = 1", date="2026-11-29"),
    },
)
