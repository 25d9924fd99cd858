"""Sweeps of the two figures on distances: networks of one family, from images or synthetic points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lazy_assay.checks import Clock, Route, Values
from lazy_assay.checks.fang2021._data import PARAMETERS, sets_of
from lazy_assay.sims.two_layer import distance

# What the simulation returns for each network, in its order.
THETA, U, ALL_THETA, ALL_U, FIRST_LOSS = range(5)
# In units in which every tangent kernel is of order one; a configuration may name its own, and its own target loss.
STEP_SIZE, MOST = 4.0, 4000
# Nats. Zero output has log 4 = 1.39 with four classes, log 2 = 0.69 with two.
TARGETS: Mapping[int, float] = {10: 1.7, 4: 1.0, 2: 0.5}


def route(name: str, column: int, family: Callable[[Values], Mapping[str, Any]]) -> Route:
    """One of the five columns over the networks of a family: their widths, alphas, ratios and initialisation."""

    def settings(values: Values) -> dict[str, Any]:
        sets = sets_of({"norm": 1.0, **values}, test=0)
        return {
            "inputs": sets["inputs"],
            "targets": sets["targets"],
            "activation": values.get("activation", "relu"),
            "sigma": 1.0,
            "step_size": float(values.get("step_size", STEP_SIZE)),
            "target": float(values.get("target", TARGETS[int(values["classes"])])),
            "most": MOST,
            **family(values),
        }

    def clock(values: Values) -> Clock:
        """Of the smallest alpha, or width; at most: descent stops at its target loss."""
        networks = settings(values)
        width, alpha, ratio = (networks[key][0] for key in ("widths", "alphas", "ratios"))
        return Clock(step_size=networks["step_size"] * width / (alpha**2 * (1 + ratio)), steps=MOST, alpha=alpha)

    return Route(
        name=name,
        simulate=distance.distances_at_loss,
        settings=settings,
        clock=clock,
        reads=lambda draws: np.asarray(draws[:, column]),
        parameters=PARAMETERS,
    )
