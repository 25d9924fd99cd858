"""Points in a formula's domain, for checks that need no simulation: drawn from a key, never from a global state."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lazy_assay.checks.configurations.spectra import normalised, role, spectrum
from lazy_assay.theory import Choice, Integer, Parameter, Part, Real, Rectangular, Symmetric, Vector
from lazy_assay.theory._claim import Formula, arguments

Point = dict[str, Any]


def points(part: Part, *formulas: Formula, key: int, count: int) -> list[Point]:
    """`count` points at which every one of `formulas` can be evaluated, every option of every choice among them."""
    rng = np.random.default_rng(key)
    names = tuple(dict.fromkeys(name for formula in formulas for name in arguments(formula)))
    return [_point(part, names, rng, index) for index in range(count)]


def _point(part: Part, names: tuple[str, ...], rng: np.random.Generator, index: int) -> Point:
    d = int(rng.integers(4, 13))
    N = int(rng.integers(1, 2 * d))
    drawn = {name: _value(part.declared[name], rng, index, d, N) for name in names}
    if "d" in drawn:
        drawn["d"] = d
    if "N" in drawn:
        drawn["N"] = N
    # A size is fixed where an array has it; a width that stands alone is a number like any other.
    shared = {label for name in names for label in part.declared[name].domain.sizes(drawn[name])}
    drawn |= {size: count for size, count in OTHER_SIZES.items() if size in drawn and size in shared}
    return normalised(drawn)


def _value(parameter: Parameter, rng: np.random.Generator, index: int, d: int, N: int) -> Any:
    domain = parameter.domain
    match domain:
        case Choice():
            return domain.options[index % len(domain.options)]
        case Real():
            low = domain.low if math.isfinite(domain.low) else -10.0
            high = domain.high if math.isfinite(domain.high) else 10.0
            inside = low + (high - low) * rng.uniform(0.01, 0.99)
            # A positive scale is drawn over decades, a shift evenly.
            return (
                float(np.exp(rng.uniform(np.log(0.05), np.log(20.0))))
                if domain.low == 0 and math.isinf(domain.high)
                else float(inside)
            )
        case Integer():
            return int(rng.integers(domain.low, int(min(domain.high, domain.low + 30)) + 1))
        case Symmetric():
            return _matrix(domain, rng, d)
        case Rectangular():
            rows, columns = _size(domain.rows, d, N, d), _size(domain.columns, d, N, d if domain.rows else N)
            matrix = rng.standard_normal((rows, columns)) / math.sqrt(d)
            return matrix / np.linalg.norm(matrix, axis=1, keepdims=True) if domain.unit else matrix
        case Vector():
            drawn = rng.standard_normal(_size(domain.size, d, N, N))
            return drawn if domain.low == -math.inf else domain.low + np.abs(drawn)
    raise TypeError(f"no points can be drawn from {domain!r} yet; add a case to checks/configurations/points.py")


# Sizes of points that are drawn for formulas: few enough for every formula, and no two of them alike.
OTHER_SIZES = {"n": 5, "c": 3, "m": 7, "k": 2}


def _size(name: str, d: int, N: int, otherwise: int) -> int:
    return {"d": d, "N": N, **OTHER_SIZES}.get(name, otherwise)


def _matrix(domain: Symmetric, rng: np.random.Generator, d: int) -> np.ndarray:
    kind, seed = role(domain), int(rng.integers(10_000))
    turned = rng.random() < 0.3
    text = {
        "weight covariance": ("isotropic", "linear", "power:0.5")[int(rng.integers(3))],
        "semidefinite target": f"{'rotated' if turned else 'exponential'}:{seed}",
        "target": f"{'rotated' if turned else 'signed'}:{seed}",
        "mean covariance": f"rotated spread:{seed}" if turned else ("unit", "spread")[int(rng.integers(2))],
        "covariance difference": f"faint levels:{seed}",
    }[kind]
    return spectrum(text, d, {})
