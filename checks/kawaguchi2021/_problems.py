"""Last-layer problems by name and seed: features, targets, a start, and every constant that the bounds are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import scipy

from lazy_assay.checks import Values
from lazy_assay.theory import Choice, Domain, Integer, Real
from lazy_assay.theory.kawaguchi2021 import _last_layer as layer

Array = np.ndarray
EPSILON = float(np.finfo(float).eps)


def _random(rng: np.random.Generator, n: int, m: int) -> Array:
    """A hidden layer of softplus neurons on random inputs, and the column of ones; m − 1 ≥ n makes its rank n."""
    hidden = np.logaddexp(rng.standard_normal((n, 5)) @ rng.standard_normal((5, m - 1)), 0.0)
    return np.hstack([hidden, np.ones((n, 1))])


def _alike(rng: np.random.Generator, n: int, m: int) -> Array:
    """Every point has the same features: the Hessian has one eigenvalue, and it is the trace."""
    return np.repeat(_random(rng, 1, m), n, axis=0)


def _orthogonal(rng: np.random.Generator, n: int, m: int) -> Array:
    """n orthogonal features of one length: every eigenvalue is the trace over n."""
    return np.asarray(np.linalg.qr(rng.standard_normal((m, n)))[0].T * np.sqrt(m))


FEATURES: Mapping[str, Callable[[np.random.Generator, int, int], Array]] = {
    "random": _random,
    "alike": _alike,
    "orthogonal": _orthogonal,
}


# What names a problem; `t` and a schedule's first step size belong to how it is trained.
PARAMETERS: Mapping[str, Domain] = {
    "n": Integer(1),
    "width": Integer(1),
    "outputs": Integer(1),
    "kind": Choice(tuple(FEATURES)),
    "loss": Choice(("squared", "cross_entropy")),
    "labels": Choice(("soft", "one-hot")),
    "scale": Real(0, closed_low=True),
    "length": Real(0),
    "size": Real(0),
    "seed": Integer(0),
    "L_ell": Real(0),
    "t": Integer(1),
    "schedule": Choice(("constant", "inverse root", "inverse")),
    "first": Real(0),
}


def _targets(rng: np.random.Generator, n: int, outputs: int, loss: str, kind: str) -> Array:
    """Real numbers for the squared loss; for cross-entropy positive probabilities, or one-hot ones."""
    if loss == "squared":
        return rng.standard_normal((n, outputs))
    if kind == "one-hot":
        return np.eye(outputs)[rng.integers(outputs, size=n)]
    return np.asarray(scipy.special.softmax(rng.standard_normal((n, outputs)), axis=1))


def problem(values: Values) -> dict[str, Any]:
    """features (n, m), targets and start (m, outputs), of configuration n, width, outputs, loss, features, seed.

    In other units: features times `length`, targets of the squared loss times `size`, a start times `scale`.
    """
    n, m = int(values["n"]), int(values["width"]) + 1
    rng = np.random.default_rng([int(values["seed"]), n, m])
    F = float(values.get("length", 1.0)) * FEATURES[str(values["kind"])](rng, n, m)
    outputs, loss = int(values["outputs"]), str(values["loss"])
    y = _targets(rng, n, outputs, loss, str(values.get("labels", "soft")))
    if loss == "squared":
        y = float(values.get("size", 1.0)) * y
    if values["kind"] == "alike" and loss == "cross_entropy":
        # One feature for all points: the minimum is attained at their mean, which serves as everybody's target.
        y = np.repeat(y.mean(0, keepdims=True), n, axis=0)
    scale = float(values.get("scale", 1.0))
    return {"features": F, "targets": y, "start": scale * rng.standard_normal((m, outputs)) / np.sqrt(m)}


def constants(values: Values) -> dict[str, Any]:
    """The problem with L_H, the step size 1/L_H, the nearest minimiser, R and the minimum of the loss."""
    given, loss = problem(values), str(values["loss"])
    F, y, start = given["features"], given["targets"], given["start"]
    true = layer.LIPSCHITZ[loss]
    L_ell = float(values.get("L_ell", true))
    L_H = layer.lipschitz_bound(F, L_ell)
    w = layer.minimiser(F, y, start, loss)
    return given | {
        "lipschitz": L_ell,
        "true_lipschitz": true,
        "L_H": L_H,
        "step_size": 1 / L_H,
        "minimum": layer.mean_loss(F, y, w, loss),
        "R": float(np.linalg.norm(w - start)),
        "minimiser": w,
    }


def rounding(values: Values) -> float:
    """What float64 may be off by: (n + m + t) machine epsilons of the loss at the start and of the minimum, and the
    condition of the features, which the minimum and R² L_H inherit."""
    F, t = values["features"], int(values.get("t", 8))
    at_start = layer.mean_loss(F, values["targets"], values["start"], str(values["loss"]))
    singular = np.linalg.svd(F, compute_uv=False)
    kept = singular[singular > singular[0] * max(F.shape) * EPSILON]
    steps = (sum(F.shape) + t) * EPSILON
    return float(64 * steps * (abs(at_start) + abs(float(values.get("minimum", 0.0)))) * kept[0] / kept[-1])


ROUNDING = "64 (n + m + t) machine epsilons of the losses, times the condition number of the features"
