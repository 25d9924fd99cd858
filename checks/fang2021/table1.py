"""Confronts the rows of Table II that can be measured: one network at α = √m, at α = 1, and with θ kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from lazy_assay.checks import Check, Clock, Configuration, Context, Contrast, Effects, Expected, Route, Values
from lazy_assay.sims.two_layer import scales
from lazy_assay.theory.fang2021.table1 import CLAIM

DATA: Configuration = {"n": 24, "d": 8, "m": 64}
LARGER: Configuration = {**DATA, "m": 256}
TARGET, MOST, DECAY, LONG, STRONG = 0.1, 1500, 0.03, 200, 1.0
REGIMES: dict[str, Callable[[float], float]] = {"α = √m": math.sqrt, "α = 1": lambda m: 1.0}
# Smallest effects: shares of the trivial predictor's error, of an alignment's range, of a move of the outputs.
ERROR, ALIGNMENT, SHARE = 0.005, 0.02, 0.05


def many(context: Context) -> int:
    """Draws of data and weights: test errors vary a good deal, and a training is cheap."""
    return 4 * context.profile.seeds


def route(regime: str, simulate: Callable[..., Any], reads: Callable[[np.ndarray], np.ndarray], **more: Any) -> Route:
    """One regime of the same network: α is no part of the configuration, so that the regimes share data and weights."""

    def settings(values: Values) -> dict[str, Any]:
        return {"activation": "tanh", "alpha": REGIMES[regime](float(values["m"])), **more}

    def clock(values: Values) -> Clock:
        told = settings(values)
        return Clock(step_size=told["step_size"], steps=told.get("most", LONG), alpha=told["alpha"])

    return Route(name=regime, simulate=simulate, settings=settings, clock=clock, reads=reads)


def moved(draws: np.ndarray) -> np.ndarray:
    """Test error from the larger start less that from the plain one."""
    return np.asarray(draws[:, 2] - draws[:, 0])


def rescaled(regime: str, **more: Any) -> Route:
    """θ(0) and 4θ(0)."""
    return route(regime, scales.rescaled_start, moved, test=200, factor=4.0, **more)


def at_loss(regime: str) -> Route:
    """Without a regulariser, at one loss."""
    return rescaled(regime, decay=0.0, target=TARGET, step_size=1.0, most=MOST)


def decayed(regime: str) -> Route:
    """With one, after a long time."""
    return rescaled(regime, decay=DECAY, target=0.0, step_size=1.0, most=LONG)


def gap(decay: float, trained: str) -> Route:
    """From the tangent model at α = √m."""
    return route(
        "α = √m", scales.decayed_gap, lambda draws: draws, decay=decay, trained=trained, step_size=0.5, steps=150
    )


def aligned(regime: str) -> Route:
    """After training and before."""
    more = {"target": TARGET, "step_size": 1.0, "most": MOST}
    return route(regime, scales.alignment, lambda draws: np.asarray(draws[:, :2]), **more)


CHECK = Check(
    claim=CLAIM,
    procedures=(
        Effects(
            part="initialisation",
            seeds=many,
            decides="full",
            contrasts=(Contrast("α = √m beyond α = 1", (at_loss("α = √m"), DATA), (at_loss("α = 1"), DATA), ERROR),),
        ),
        Effects(
            part="initialisation_decayed",
            seeds=many,
            decides="full",
            contrasts=(Contrast("α = √m beyond α = 1", (decayed("α = √m"), DATA), (decayed("α = 1"), DATA), ERROR),),
        ),
        Effects(
            part="regularisation",
            contrasts=(
                Contrast("λ = 1 beyond 0.3", (gap(STRONG, "both"), DATA), (gap(0.3, "both"), DATA), SHARE),
                Contrast("λ = 1 beyond none", (gap(STRONG, "both"), DATA), (gap(0.0, "both"), DATA), SHARE),
            ),
        ),
        Effects(
            part="random_features",
            contrasts=(
                Contrast(
                    "λ = 1 against none",
                    (gap(STRONG, "outer"), DATA),
                    (gap(0.0, "outer"), DATA),
                    SHARE,
                    equality=True,
                ),
            ),
        ),
        Effects(
            part="features",
            seeds=many,
            contrasts=(Contrast("after beyond before, α = 1", (aligned("α = 1"), DATA), None, ALIGNMENT),),
        ),
        Effects(
            part="random",
            contrasts=(
                Contrast("after against before, α = √m", (aligned("α = √m"), LARGER), None, ALIGNMENT, equality=True),
            ),
        ),
    ),
    expected={
        "initialisation": Expected(
            status="reverse",
            reason="0.10 at α = 1 against 0.07 at α = √m, at entropies that set nothing (31415, 27182), where 0.005 "
            "would matter; by the 0.05 that was asked for at first: not reproduced",
            date="2026-11-29",
        ),
        "initialisation_decayed": Expected(
            status="reproduced", reason="with a regulariser the problem is convex in the law", date="2026-11-29"
        ),
        "regularisation": Expected(status="reproduced", reason="weights leave their start", date="2026-11-29"),
        "random_features": Expected(status="reproduced", reason="linear in what is trained", date="2026-11-29"),
        "features": Expected(status="reproduced", reason="neurons turn to the direction of y", date="2026-11-29"),
        "random": Expected(status="reproduced", reason="the kernel does not change", date="2026-11-29"),
    },
)
