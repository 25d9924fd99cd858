"""Images and synthetic points as training and test sets, for the figures."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from lazy_assay.checks import DataSets, datasets
from lazy_assay.theory import Choice, Domain, Integer, Real

Array = np.ndarray
# What the figures' configurations hold: a set, points of it in so many directions, classes, the norm that points are
# scaled to, the width of the networks, and the convention of their step sizes.
PARAMETERS: Mapping[str, Domain] = {
    "data": DataSets(("digits", "mnist5k", "mnist", "classification")),
    "n": Integer(1),
    "d": Integer(1),
    "classes": Integer(2),
    "norm": Real(0),
    "m": Integer(1),
    "convention": Choice(("theoretical", "practical", "slow_u")),
}


@cache
def _of_classes(name: str, d: int, classes: int, seed: int) -> tuple[Array, Array]:
    """All of a set's points of its first classes, in an order that the seed gives, in d principal directions."""
    size = len(datasets.load(name).inputs)
    whole = datasets.projected(name, size, d, seed)
    kept = whole.classes < classes
    return whole.inputs[kept], np.eye(classes)[whole.classes[kept]]


def split(name: str, *, n: int, test: int, d: int, classes: int, norm: float = 0.0, seed: int = 0) -> dict[str, Array]:
    """n points to train on and others to test on, with one-hot rows of their classes; by argument of a simulation.

    norm: the root mean square norm that the points are scaled to, 0 for the set's own. Raises DataAbsentError where the
    set is not there, ValueError where it has too few points.
    """
    inputs, targets = _of_classes(name, d, classes, seed)
    if n + test > len(inputs):
        raise ValueError(f"{name} has {len(inputs)} points of {classes} classes; {n} + {test} are asked for")
    scale = norm / np.sqrt(np.square(inputs).sum(1).mean()) if norm else 1.0
    x, y = scale * inputs[: n + test], targets[: n + test]
    return {"inputs": x[:n], "targets": y[:n], "test_inputs": x[n:], "test_targets": y[n:]}


def sets_of(values: Mapping[str, Any], *, test: int) -> dict[str, Array]:
    """The sets of a configuration: data, n, d, classes, and a norm where it has one."""
    return split(
        values["data"].name,
        n=int(values["n"]),
        test=test,
        d=int(values["d"]),
        classes=int(values["classes"]),
        norm=float(values.get("norm", 0.0)),
    )
