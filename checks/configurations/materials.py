"""Configurations are plain scalars that anyone can replay; formulas and simulations take arrays. Here one becomes the
other.

A parameter whose name stands in `MAKERS` may be given as text, `family:seed`: a spectrum, weights, a set of points,
labels. What is no text, or belongs to no maker, stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lazy_assay.checks.configurations.point_sets import labels, numbers, point_set
from lazy_assay.checks.configurations.spectra import Array, normalised, spectrum, weights
from lazy_assay.checks.vocabulary.result import Scalar

Maker = Callable[[str, Mapping[str, Any]], Array]


def _spectrum(text: str, values: Mapping[str, Any]) -> Array:
    return spectrum(text, int(values["d"]), values)


# In the order in which they are made: a maker sees what those before it made.
MAKERS: Mapping[str, Maker] = {
    **dict.fromkeys(("B", "Gamma", "Sigma", "Delta"), _spectrum),
    "W": lambda text, values: weights(text, int(values["d"]), int(values["N"])),
    "points": lambda text, values: point_set(text, int(values["n"]), int(values["d"])),
    "labels": lambda text, values: labels(text, int(values["n"])),
    "centres": lambda text, values: point_set(text, int(values["c"]), int(values["d"])),
    "coefficients": lambda text, values: numbers(text, int(values["c"])),
    # A two-layer network's weights: theta one row a neuron, (m, d), u one number a neuron (m of them, or N beside a W);
    # targets of k outputs.
    "theta": lambda text, values: point_set(text, int(values["m"]), int(values["d"])),
    "u": lambda text, values: numbers(text, int(values["m"] if "m" in values else values["N"])),
    "targets": lambda text, values: numbers(text, int(values["n"]) * int(values["k"])).reshape(int(values["n"]), -1),
}


def materialise(configuration: Mapping[str, Scalar]) -> dict[str, Any]:
    """The configuration's values by parameter name, with every named array made.

    Raises ValueError for an unknown family, KeyError for a size that the configuration lacks (d, n points, c centres, m
    neurons),
    DataAbsentError for a data set that is not on this machine.
    """
    values: dict[str, Any] = dict(configuration)
    for name, make in MAKERS.items():
        if isinstance(values.get(name), str):
            values[name] = make(values[name], values)
    return normalised(values)
