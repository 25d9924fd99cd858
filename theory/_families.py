"""Values by name and seed, so that a configuration stays a handful of plain scalars that anyone can replay.

`exponential:7` is a diagonal matrix of d draws from Exp(1) under seed 7, `sphere:7` n uniform points of the sphere.
A domain says which families its members come from; these are those of the built-in domains. The same name, seed and
sizes give the same bits, everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

Array = np.ndarray


@dataclass(frozen=True)
class Family:
    """Members of a domain under one name: `name`, or `name:argument`; an argument that is not given is 0.

    make: the member, from the argument and the sizes that the domain names, in the domain's order. seeded: the argument
    is a seed, any whole number. arguments: those that checks draw, where it is not.
    """

    make: Callable[..., Array]
    seeded: bool = False
    arguments: tuple[float, ...] = ()


def generator(seed: float, *sizes: int) -> np.random.Generator:
    """The generator of a named member: fixed by its seed and its sizes."""
    return np.random.default_rng([int(seed), *sizes])


def conjugated(basis: Array, values: Array) -> Array:
    """Q diag(values) Qᵀ, symmetric to the last bit."""
    matrix = (basis * values) @ basis.T
    return np.asarray((matrix + matrix.T) / 2)


# -- symmetric matrices ----------------------------------------------------------------------------------------------


def _exponential(seed: float, d: int) -> Array:
    return generator(seed, d).exponential(size=d)


def _uniform(seed: float, d: int) -> Array:
    return generator(seed, d).uniform(0.5, 1.5, size=d)


def _rotated(seed: float, d: int) -> Array:
    rng = generator(seed, d)
    basis = np.linalg.qr(rng.standard_normal((d, d)))[0]
    return conjugated(basis, rng.exponential(size=d))


def _powers(ratio: float, d: int) -> Array:
    return np.asarray(np.asarray(ratio, dtype=float) ** np.arange(d))


def _nearly_flat(slope: float, d: int) -> Array:
    return np.asarray(1 - slope * np.arange(d) / d)


def _traceless(seed: float, d: int) -> Array:
    drawn = _exponential(seed, d)
    return np.asarray(drawn - drawn.mean())


def _first_half(d: int) -> Array:
    """Which directions are of the first half, the larger one."""
    return np.arange(d) < d / 2


SEMIDEFINITE: Mapping[str, Family] = {
    "exponential": Family(_exponential, seeded=True),
    "uniform": Family(_uniform, seeded=True),
    "rotated": Family(_rotated, seeded=True),
    "quantiles": Family(lambda _, d: -np.log1p(-(np.arange(d) + 0.5) / d)),
    "geometric": Family(_powers, arguments=(0.5, 0.6, 0.7)),
    "nearly flat": Family(_nearly_flat, arguments=(0.05, 0.1)),
    "identity": Family(lambda _, d: np.ones(d)),
}
SYMMETRIC: Mapping[str, Family] = {
    **SEMIDEFINITE,
    "signed": Family(
        lambda seed, d: _exponential(seed, d) * np.where(generator(seed + 1, d).random(d) < 0.3, -1, 1), seeded=True
    ),
    "indefinite": Family(
        lambda ratio, d: _powers(ratio, d) * np.where(np.arange(d) == 1, -1.0, 1.0), arguments=(0.5, 0.6, 0.7)
    ),
    "traceless": Family(_traceless, seeded=True),
    "halves": Family(lambda level, d: np.where(_first_half(d), 1.0, level), arguments=(0.25, 0.5)),
}


def of_trace_one(weights: Array) -> Array:
    """A diagonal over its trace."""
    return np.asarray(weights / weights.sum())


COVARIANCES: Mapping[str, Family] = {
    "isotropic": Family(lambda _, d: np.ones(d) / d),
    "linear": Family(lambda _, d: of_trace_one(np.linspace(0.2, 1.8, d))),
    "half": Family(lambda _, d: of_trace_one(1.0 * _first_half(d))),
    "power": Family(lambda exponent, d: of_trace_one(np.arange(1, d + 1.0) ** -exponent), arguments=(0.25, 0.5)),
    "spiked": Family(
        lambda weight, d: of_trace_one(np.where(np.arange(d) == 0, weight * d, 1.0)), arguments=(0.05, 0.1)
    ),
}


def _aligned(_: float, B: Array) -> Array:
    """A matrix over its trace, as a covariance."""
    return np.asarray(B / (B.sum() if B.ndim == 1 else np.trace(B)))


def _above(level: float, B: Array) -> Array:
    """(B − level·Tr(B)/d)₊ over its trace: a matrix less a share of its mean, cut off at zero, as a covariance."""
    values, basis = (B, None) if B.ndim == 1 else np.linalg.eigh(B)
    kept = of_trace_one(np.maximum(values - level * values.mean(), 0.0))
    return kept if basis is None else np.asarray((basis * kept) @ basis.T)


# Made from another parameter's matrix instead of a size.
ALONG: Mapping[str, Family] = {"aligned": Family(_aligned), "above": Family(_above, arguments=(0.1, 0.2, 0.35, 0.5))}


# -- points, weights, numbers ----------------------------------------------------------------------------------------


def unit(points: Array) -> Array:
    """Every row over its norm."""
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True))


def _gaussian(seed: float, *shape: int) -> Array:
    return generator(seed, *shape).standard_normal(shape)


def _few(seed: float, n: int, d: int) -> Array:
    """Points along few directions (a quarter of d, at least one), each many times."""
    directions = unit(_gaussian(seed, max(1, d // 4), d))
    return np.asarray(directions[np.arange(n) % len(directions)])


def _vertices(d: int) -> Array:
    """All 2^d vertices of the cube {±1/√d}^d."""
    bits = (np.arange(2**d)[:, None] >> np.arange(d)) & 1
    return np.asarray((1.0 - 2.0 * bits) / np.sqrt(d))


def _fan(degrees: float, n: int, d: int) -> Array:
    """Points in the plane of the first two axes, each turned by `degrees` from the one before, about the first."""
    angles = np.deg2rad(degrees) * (np.arange(n) - (n - 1) / 2) if d > 1 else np.zeros(n)
    flat = np.stack([np.cos(angles), np.sin(angles)], axis=1)[:, :d]
    return np.hstack([flat, np.zeros((n, max(d - 2, 0)))])


# Shape (n, d) each, on the unit sphere.
SPHERE: Mapping[str, Family] = {
    "sphere": Family(lambda seed, n, d: unit(_gaussian(seed, n, d)), seeded=True),
    "cube": Family(lambda seed, n, d: generator(seed, n, d).choice((-1.0, 1.0), size=(n, d)) / np.sqrt(d), seeded=True),
    "single": Family(lambda seed, n, d: np.repeat(unit(_gaussian(seed, 1, d)), n, axis=0), seeded=True),
    "few": Family(_few, seeded=True),
    # Isotropic, and symmetric under x → −x: exactly so where n is a multiple of 2d, of 2^d.
    "cross": Family(lambda _, n, d: np.concatenate([np.eye(d), -np.eye(d)])[np.arange(n) % (2 * d)]),
    "vertices": Family(lambda _, n, d: _vertices(d)[np.arange(n) % 2**d]),
    "axes": Family(lambda _, n, d: np.eye(d)[np.arange(n) % d]),
    "fan": Family(_fan, arguments=(90.0, 20.0)),
}
POINTS: Mapping[str, Family] = {"gaussian": Family(_gaussian, seeded=True), **SPHERE}


def _neurons(seed: float, d: int, count: int) -> Array:
    return np.asarray(generator(seed, d, count).standard_normal((d, count)) / np.sqrt(d))


# First-layer weights of norm about one, one column a neuron, shape (d, N); `repeated` for N copies of one direction.
NEURONS: Mapping[str, Family] = {
    "gaussian": Family(_neurons, seeded=True),
    "repeated": Family(lambda seed, d, N: np.repeat(_neurons(seed, d, N)[:, :1], N, axis=1), seeded=True),
}


def _signs(seed: float, n: int) -> Array:
    """±1 in equal numbers, one more of +1 where n is odd."""
    return generator(seed, n).permutation(np.where(np.arange(n) % 2 == 0, 1.0, -1.0))


NUMBERS: Mapping[str, Family] = {
    "gaussian": Family(_gaussian, seeded=True),
    "ones": Family(lambda _, n: np.ones(n)),
    "signs": Family(_signs, seeded=True),
}
# Entries without structure, row by row.
ENTRIES: Mapping[str, Family] = {
    "gaussian": Family(lambda seed, n, k: _gaussian(seed, n * k).reshape(n, k), seeded=True),
    "ones": Family(lambda _, n, k: np.ones((n, k))),
}
