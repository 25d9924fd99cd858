"""Confronts Figure 2: slopes of log mean distance against log α at one width, at one training loss."""

from __future__ import annotations

import math
from typing import Any

from lazy_assay.checks import Check, Configuration, Expected, Sweep, Values
from lazy_assay.checks.fang2021._distances import FIRST_LOSS, THETA, U, route
from lazy_assay.theory.fang2021.figure2 import CLAIM

# α in units of √m. The lazy exponent needs α large against one; the floor needs α large against √m.
LAZY, BEYOND = tuple(2.0**k for k in range(1, 7)), tuple(2.0 ** (k / 2) for k in range(10, 15))
DIGITS: Configuration = {"data": "digits", "n": 24, "d": 16, "classes": 4, "m": 128}
SYNTHETIC: Configuration = {"data": "classification", "n": 40, "d": 100, "classes": 2, "m": 128}
MNIST: Configuration = {"data": "mnist5k", "n": 60, "d": 64, "classes": 10, "m": 1024}
# A loss τ at which no point may be wrong by more than nτ ≈ 5 nats, small beside first outputs of 16 and more; narrow
# networks, since the number of steps grows with the outputs that they must unlearn.
DEEP: Configuration = {"n": 16, "m": 32, "target": 0.3, "step_size": 8.0}


def family(scales: tuple[float, ...], initialisation: str) -> Any:
    """Networks of one width, α = scale·√m."""

    def networks(values: Values) -> dict[str, Any]:
        m, size = int(values["m"]), len(scales)
        return {
            "widths": [m] * size,
            "alphas": [scale * math.sqrt(m) for scale in scales],
            "ratios": [1.0] * size,
            "initialisation": initialisation,
        }

    return networks


def sweep(part: str, column: int, scales: tuple[float, ...], initialisation: str, resolution: float) -> Sweep:
    """One part over its range of α."""
    own: Configuration = DEEP if initialisation == "independent" else {}
    full: tuple[Configuration, ...] = tuple({**there, **own} for there in (SYNTHETIC, {**DIGITS, "activation": "tanh"}))
    wide: Configuration = {**MNIST, **own, "m": 128} if own else MNIST
    return Sweep(
        part=part,
        route=route(f"descent, {initialisation}", column, family(scales, initialisation)),
        sizes=scales,
        configurations=({**DIGITS, **own},),
        further={"full": full, "nightly": (*full, wide)},
        resolution=resolution,
        at_most=32,
    )


CHECK = Check(
    claim=CLAIM,
    procedures=(
        sweep("theta", THETA, LAZY, "paired", 0.03),
        sweep("u", U, LAZY, "paired", 0.03),
        sweep("own_theta", THETA, BEYOND, "independent", 0.025),
        sweep("own_u", U, BEYOND, "independent", 0.025),
        sweep("initial_loss", FIRST_LOSS, BEYOND, "independent", 0.03),
    ),
    expected={
        "theta": Expected(status="confirmed", reason="δ ~ D/α with D fixed", date="2026-11-26"),
        "u": Expected(status="confirmed", reason="δ ~ D/α with D fixed", date="2026-11-26"),
        "own_theta": Expected(
            status="confirmed",
            reason="the first output ~ α/√m must be unlearned: a floor of order 1/√m",
            date="2026-11-26",
            as_printed="refuted",
        ),
        "own_u": Expected(
            status="confirmed",
            reason="the first output ~ α/√m must be unlearned: a floor of order 1/√m",
            date="2026-11-26",
            as_printed="refuted",
        ),
        "initial_loss": Expected(status="confirmed", reason="the largest of k outputs ~ α/√m", date="2026-11-26"),
    },
)
