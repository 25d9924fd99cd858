"""Routes of the two figures that train a network beside its tangent model, and contrasts of their readings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lazy_assay.checks import Clock, Route, Values
from lazy_assay.checks.fang2021._data import PARAMETERS, sets_of
from lazy_assay.checks.fang2021._readings import Reading
from lazy_assay.sims.two_layer import tangent as two_layer_tangent

PLAIN: Mapping[str, Any] = {
    "activation": "relu",
    "theta_scale": 1.0,
    "ratio": 1.0,
    "momentum": 0.0,
    "weight_decay": 0.0,
}


def settings_of(values: Values, test: int, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that the simulation needs beyond the configuration: α = √m and the sets; `changes` are the trick."""
    width = int(values["m"])
    return {**PLAIN, "width": width, "alpha": math.sqrt(width), **sets_of(values, test=test), **changes}


def route(name: str, reads: Reading, *, test: int, checkpoints: tuple[int, ...], **changes: Any) -> Route:
    """A training with `changes` (step_size, batch, a trick …), read one way; the same training is drawn once."""

    def settings(values: Values) -> dict[str, Any]:
        given = {key: value(values) if callable(value) else value for key, value in changes.items()}
        return settings_of(values, test, given) | {"checkpoints": np.array(checkpoints)}

    def clock(values: Values) -> Clock:
        given = settings(values)
        steps = checkpoints[-1] * int(values["n"]) // int(given["batch"])
        return Clock(step_size=float(given["step_size"]), steps=steps, alpha=float(given["alpha"]))

    return Route(
        name=name,
        simulate=two_layer_tangent.training_beside_tangent,
        settings=settings,
        clock=clock,
        reads=reads,
        parameters=PARAMETERS,
    )
