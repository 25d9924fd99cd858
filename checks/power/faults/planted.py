"""The faults: what a simulation may get wrong without an error, by name."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np

from lazy_assay.checks.power.faults.products import tensor_float32
from lazy_assay.checks.power.faults.seams import (
    Simulate,
    at_arguments,
    at_draws,
    at_seams,
    entries,
    method,
    replaced,
    rolled,
)
from lazy_assay.sims.core.streams import Stream, generator
from lazy_assay.sims.dynamics import descent, sgd, tangent
from lazy_assay.sims.numerics import activations, least_squares
from lazy_assay.sims.quadratic import network

# A twentieth: what a factor that is forgotten never is, so that the large ones are caught with it.
SHARE = 0.05


@dataclass(frozen=True)
class Fault:
    """One fault. spoil: a simulation to the same with the fault in it. bounded: of routes with bounds alone."""

    name: str
    sentence: str
    spoil: Callable[[Simulate], Simulate]
    bounded: bool = False


def _first_normal(original: Callable[..., Any], stream: Stream, *shape: int) -> Any:
    first = not vars(stream).get("drawn")
    vars(stream)["drawn"] = True
    return original(stream, *shape) * (math.sqrt(1 + SHARE) if first else 1.0)


def _from_the_start(original: Callable[..., Any], stream: Stream, *shape: int) -> Any:
    stream.generator = generator(stream.entropy, stream.device)
    return original(stream, *shape)


def _larger(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda u: (1 + SHARE) * function(u)


def _without_last_block(model: Any, start: Any, x: Any) -> Any:
    whole = _JACOBIAN(model, start, x)
    whole[..., whole.shape[-1] - start[-1][0].numel() :] = 0
    return whole


def _training_risk(gram: Any, moment: Any, energy: Any, *_: Any) -> Any:
    return energy - (least_squares.coefficients(gram, moment) * moment).sum(-1)


def _leaking(original: Callable[..., Any], optimiser: Any, parameters: Any, gradients: Any, memory: Any, k: int) -> Any:
    return original(optimiser, parameters, rolled(gradients, SHARE), memory, k)


def _leaking_trajectory(start: Any, step: Callable[..., Any], risk: Any, checkpoints: Any) -> Any:
    return _TRAJECTORY(start, lambda *parameters: rolled(step(*parameters), SHARE), risk, checkpoints)


def _leaking_neurons(grown: Any, W: Any, rate: float) -> Any:
    return rolled((_SHRUNK(grown, W, rate),), SHARE)[0]


def _missing_tenth(draws: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows in the order of their sums, the last tenth left out; others stand in for it, drawn anew."""
    order = np.argsort(draws.reshape(len(draws), -1).sum(axis=1), kind="stable")
    kept = order[: max(1, math.ceil(0.9 * len(order)))]
    return np.asarray(draws[np.concatenate([kept, rng.choice(kept, len(order) - len(kept))])])


def _coins(draws: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return (rng.random(draws.shape) < draws).astype(float)


def _lasting_noise(draws: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(draws + 0.15 * np.minimum(draws, 1 - draws) * rng.choice((-1.0, 1.0), draws.shape))


def _off_by_alpha(told: dict[str, Any]) -> dict[str, Any]:
    alpha = told.get("alpha", np.max(told["alphas"]) if "alphas" in told else 1.0)
    return {"step_size": told["step_size"] / alpha} if "step_size" in told else {}


def _single(told: dict[str, Any]) -> dict[str, Any]:
    return {"dtype": "float32"}


def _same_key(told: dict[str, Any]) -> dict[str, Any]:
    return {"entropy": 0}


_JACOBIAN, _TRAJECTORY, _SHRUNK = tangent.jacobian, sgd.trajectory, network._shrunk


def _of(owner: Any, name: str, stand_in: Callable[..., Any]) -> Callable[[], AbstractContextManager[None]]:
    return lambda: method(owner, name, stand_in)


FAULTS = (
    Fault(
        "initial variance",
        "the first normals of a stream have a variance of 1.05",
        at_seams(_of(Stream, "normal", _first_normal)),
    ),
    Fault(
        "activation",
        "every activation is 1.05 times too large, and its slope is not",
        at_seams(lambda: entries(activations._VALUES, _larger)),
    ),
    Fault("float32", "numbers of single precision", at_arguments(_single)),
    Fault("TF32", "products of matrices with operands of eleven bits", at_seams(tensor_float32)),
    Fault(
        "one seed",
        "all normals of a stream begin anew: weights, inputs and labels share their numbers",
        at_seams(_of(Stream, "normal", _from_the_start)),
    ),
    Fault("one key", "every batch, of every stage, is the same draws", at_arguments(_same_key)),
    Fault("biased subsample", "the tenth of trials with the largest draws is left out", at_draws(_missing_tenth)),
    Fault("step size", "a step size divided by α once more", at_arguments(_off_by_alpha)),
    Fault(
        "training risk",
        "the risk on the sample in place of the population's",
        at_seams(lambda: replaced(least_squares.midpoint, _training_risk)),
    ),
    Fault(
        "slope",
        "every slope of an activation is 1.05 times too large, and the activation is not",
        at_seams(lambda: entries(activations._SLOPES, _larger)),
    ),
    Fault(
        "Jacobian",
        "the last layer's block of a Jacobian is zero",
        at_seams(lambda: replaced(tangent.jacobian, _without_last_block)),
    ),
    Fault(
        "leaking trials",
        "a twentieth of a step is that of the trial before",
        at_seams(
            _of(descent.GradientDescent, "step", _leaking),
            _of(descent.Adam, "step", _leaking),
            lambda: replaced(sgd.trajectory, _leaking_trajectory),
            lambda: replaced(network._shrunk, _leaking_neurons),
        ),
    ),
    Fault("wrong law", "0 or 1 with the right mean", at_draws(_coins), bounded=True),
    Fault(
        "no concentration", "noise of the same mean that no size makes smaller", at_draws(_lasting_noise), bounded=True
    ),
)
