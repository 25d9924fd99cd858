"""Spectra by name and seed, so that a configuration stays a handful of plain scalars that anyone can replay.

`exponential:7` is a diagonal matrix of d draws from Exp(1) under seed 7. `materialise` turns a configuration into the
arrays that formulas and simulations take.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from checks._result import Scalar

Array = np.ndarray


def _rng(seed: float, d: int) -> np.random.Generator:
    return np.random.default_rng([int(seed), d])


def _rotated(seed: float, d: int) -> Array:
    rng = _rng(seed, d)
    Q = np.linalg.qr(rng.standard_normal((d, d)))[0]
    matrix = (Q * rng.exponential(size=d)) @ Q.T
    return np.asarray((matrix + matrix.T) / 2)


# Targets: any symmetric matrix. The argument is a seed, or the ratio of a spectrum that has one.
TARGETS: Mapping[str, Callable[[float, int], Array]] = {
    "exponential": lambda seed, d: _rng(seed, d).exponential(size=d),
    "uniform": lambda seed, d: _rng(seed, d).uniform(0.5, 1.5, size=d),
    "signed": lambda seed, d: _rng(seed, d).exponential(size=d) * np.where(_rng(seed + 1, d).random(d) < 0.3, -1, 1),
    "rotated": _rotated,
    "quantiles": lambda _, d: -np.log1p(-(np.arange(d) + 0.5) / d),
    "geometric": lambda ratio, d: np.asarray(ratio, dtype=float) ** np.arange(d),
    "nearly flat": lambda slope, d: 1 - slope * np.arange(d) / d,
    "indefinite": lambda ratio, d: (
        (np.asarray(ratio, dtype=float) ** np.arange(d)) * np.where(np.arange(d) == 1, -1.0, 1.0)
    ),
    "identity": lambda _, d: np.ones(d),
    "traceless": lambda seed, d: (lambda b: b - b.mean())(_rng(seed, d).exponential(size=d)),
}
SEMIDEFINITE = ("exponential", "uniform", "rotated", "quantiles", "geometric", "nearly flat", "identity")
SEEDED = ("exponential", "uniform", "signed", "rotated", "traceless")


def _normalised(weights: Array) -> Array:
    return np.asarray(weights / weights.sum())


# Weight covariances: positive semidefinite of trace 1.
COVARIANCES: Mapping[str, Callable[[float, int], Array]] = {
    "isotropic": lambda _, d: np.ones(d) / d,
    "linear": lambda _, d: _normalised(np.linspace(0.2, 1.8, d)),
    "power": lambda exponent, d: _normalised(np.arange(1, d + 1.0) ** -exponent),
    "spiked": lambda weight, d: _normalised(np.where(np.arange(d) == 0, weight * d, 1.0)),
}


def spectrum(text: str, d: int, others: Mapping[str, Any]) -> Array:
    """The array that `name:argument` stands for at size d. Raises ValueError for an unknown name."""
    name, _, argument = text.partition(":")
    if name == "aligned":
        B = np.asarray(others["B"])
        return np.asarray(B / (B.sum() if B.ndim == 1 else np.trace(B)))
    family = TARGETS.get(name) or COVARIANCES.get(name)
    if family is None:
        known = ", ".join([*TARGETS, *COVARIANCES, "aligned"])
        raise ValueError(f"unknown spectrum {name!r}; known are {known}")
    return family(float(argument or 0), d)


def weights(text: str, d: int, N: int) -> Array:
    """First-layer weights, shape (d, N): `gaussian:seed`, or `repeated:seed` for N copies of one direction."""
    name, _, argument = text.partition(":")
    rng = np.random.default_rng([int(argument or 0), d, N])
    W = rng.standard_normal((d, N)) / np.sqrt(d)
    if name not in ("gaussian", "repeated"):
        raise ValueError(f"unknown weights {name!r}; known are gaussian, repeated")
    return np.repeat(W[:, :1], N, axis=1) if name == "repeated" else W


def materialise(configuration: Mapping[str, Scalar]) -> dict[str, Any]:
    """The configuration's values by parameter name, with every spectrum as an array of size `d`."""
    values: dict[str, Any] = dict(configuration)
    for name in ("B", "Gamma", "Sigma", "Delta"):
        if isinstance(values.get(name), str):
            values[name] = spectrum(values[name], int(values["d"]), values)
    if isinstance(values.get("W"), str):
        values["W"] = weights(values["W"], int(values["d"]), int(values["N"]))
    return values
