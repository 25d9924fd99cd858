"""Spectra by name and seed, so that a configuration stays a handful of plain scalars that anyone can replay.

`exponential:7` is a diagonal matrix of d draws from Exp(1) under seed 7. `checks.configurations.materials` turns a
configuration into the arrays that formulas and simulations take.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lazy_assay.theory import Symmetric

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
SEEDED = (
    *("exponential", "uniform", "signed", "rotated", "traceless"),
    *("levels", "negative levels", "half levels", "turned levels", "signed levels", "rotated levels"),
    *("faint levels", "strong levels", "rotated spread"),
)


def _normalised(weights: Array) -> Array:
    return np.asarray(weights / weights.sum())


# Half the differences of two classes' covariances: of order 1/√d, as M2 asks. Levels are those of section 4 of the
# paper.
LEVELS = (2.0, 1.5, 1.0)


def _levels(seed: float, d: int) -> Array:
    return np.asarray(_rng(seed, d).choice(LEVELS, size=d) / np.sqrt(d))


def _signed_levels(seed: float, d: int) -> Array:
    return _levels(seed, d) * np.where(_rng(seed + 1, d).random(d) < 0.4, -1, 1)


def _turned(values: Array, seed: float, d: int) -> Array:
    Q = np.linalg.qr(_rng(seed + 2, d).standard_normal((d, d)))[0]
    matrix = (Q * values) @ Q.T
    return np.asarray((matrix + matrix.T) / 2)


DIFFERENCES: Mapping[str, Callable[[float, int], Array]] = {
    "levels": _levels,
    "signed levels": _signed_levels,
    "negative levels": lambda seed, d: -_levels(seed, d),
    "half levels": lambda seed, d: _levels(seed, d) / 2,
    "turned levels": lambda seed, d: _turned(_levels(seed, d), seed, d),
    "mixed levels": lambda _, d: np.resize((0.7, -0.6, 0.3, 0.2, 0.1), d) * np.sqrt(5 / d),
    "definite levels": lambda _, d: np.resize((0.7, 0.6, 0.3, 0.2, 0.1), d) * np.sqrt(5 / d),
    "rotated levels": lambda seed, d: _turned(_signed_levels(seed, d), seed, d),
    "balanced levels": lambda level, d: level * np.resize((1.0, -1.0), d) / np.sqrt(d),
    "repeating levels": lambda _, d: np.resize(LEVELS, d) / np.sqrt(d),
    # Either side of M2: classes that nothing tells apart, and classes that are nearly singular to one another.
    "faint levels": lambda seed, d: _signed_levels(seed, d) / 10,
    "strong levels": lambda seed, d: 0.45 * np.sqrt(d) * _levels(seed, d),
}
# Mean covariances of two classes: regular and of order one, as M1 asks.
MEANS: Mapping[str, Callable[[float, int], Array]] = {
    "unit": lambda _, d: np.ones(d),
    "spread": lambda _, d: np.linspace(0.6, 1.4, d),
    "rotated spread": lambda seed, d: _turned(np.linspace(0.6, 1.4, d), seed, d),
}

# Weight covariances: positive semidefinite of trace 1.
COVARIANCES: Mapping[str, Callable[[float, int], Array]] = {
    "isotropic": lambda _, d: np.ones(d) / d,
    "linear": lambda _, d: _normalised(np.linspace(0.2, 1.8, d)),
    "power": lambda exponent, d: _normalised(np.arange(1, d + 1.0) ** -exponent),
    "spiked": lambda weight, d: _normalised(np.where(np.arange(d) == 0, weight * d, 1.0)),
}


# Which families belong to which kind of matrix, and which of them have one member at each size, for paths of growing d.
ROLES: Mapping[str, tuple[str, ...]] = {
    "target": tuple(TARGETS),
    "semidefinite target": SEMIDEFINITE,
    "weight covariance": (*COVARIANCES, "aligned", "above"),
    "mean covariance": tuple(MEANS),
    "covariance difference": tuple(DIFFERENCES),
}
PATHS: Mapping[str, tuple[str, ...]] = {
    "target": ("quantiles",),
    "semidefinite target": ("quantiles",),
    "weight covariance": ("isotropic", "linear"),
    "mean covariance": ("unit", "spread"),
    "covariance difference": ("repeating levels",),
}
ANISOTROPIC = ("linear", "spread")


def role(domain: Symmetric) -> str:
    """What kind of matrix a domain holds: as it says, or as its conditions tell."""
    if domain.role:
        return domain.role
    return "weight covariance" if domain.trace == 1 else "semidefinite target" if domain.semidefinite else "target"


def spectrum(text: str, d: int, others: Mapping[str, Any]) -> Array:
    """The array that `name:argument` stands for at size d. Raises ValueError for an unknown name."""
    name, _, argument = text.partition(":")
    if name == "aligned":
        B = np.asarray(others["B"])
        return np.asarray(B / (B.sum() if B.ndim == 1 else np.trace(B)))
    if name == "above":
        return _above(float(argument or 0), np.asarray(others["B"]))
    family = next((families[name] for families in (TARGETS, COVARIANCES, DIFFERENCES, MEANS) if name in families), None)
    if family is None:
        known = ", ".join([*TARGETS, *COVARIANCES, *DIFFERENCES, *MEANS, "aligned", "above"])
        raise ValueError(f"unknown spectrum {name!r}; known are {known}")
    return family(float(argument or 0), d)


def _above(level: float, B: Array) -> Array:
    """(B − level·Tr(B)/d)₊ over its trace: a target less a share of its mean, cut off at zero, as a covariance."""
    values, basis = (B, None) if B.ndim == 1 else np.linalg.eigh(B)
    kept = _normalised(np.maximum(values - level * values.mean(), 0.0))
    return kept if basis is None else np.asarray((basis * kept) @ basis.T)


def weights(text: str, d: int, N: int) -> Array:
    """First-layer weights, shape (d, N): `gaussian:seed`, or `repeated:seed` for N copies of one direction."""
    name, _, argument = text.partition(":")
    rng = np.random.default_rng([int(argument or 0), d, N])
    W = rng.standard_normal((d, N)) / np.sqrt(d)
    if name not in ("gaussian", "repeated"):
        raise ValueError(f"unknown weights {name!r}; known are gaussian, repeated")
    return np.repeat(W[:, :1], N, axis=1) if name == "repeated" else W


def normalised(values: dict[str, Any]) -> dict[str, Any]:
    """Values with Gamma scaled to Tr(Gamma Sigma) = 1, where both occur."""
    if "Sigma" in values and "Gamma" in values:
        values["Gamma"] = values["Gamma"] / _overlap(values["Gamma"], values["Sigma"])
    return values


def _overlap(first: Array, second: Array) -> float:
    """Tr(first·second) for matrices or diagonals."""
    full = [np.diag(matrix) if matrix.ndim == 1 else matrix for matrix in (first, second)]
    return float((full[0] * full[1]).sum())
