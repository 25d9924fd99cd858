"""Points, labels and coefficients by name and seed: `sphere:7` is n uniform points of the unit sphere under seed 7."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from lazy_assay.checks.configurations import datasets

Array = np.ndarray


def _rng(seed: int, *sizes: int) -> np.random.Generator:
    return np.random.default_rng([seed, *sizes])


def _unit(points: Array) -> Array:
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True))


def _gaussian(seed: int, n: int, d: int) -> Array:
    return _rng(seed, n, d).standard_normal((n, d))


def _few(seed: int, n: int, d: int) -> Array:
    """Points along few directions (a quarter of d, at least one), each many times."""
    directions = _unit(_gaussian(seed, max(1, d // 4), d))
    return np.asarray(directions[np.arange(n) % len(directions)])


def _vertices(d: int) -> Array:
    """All 2^d vertices of the cube {±1/√d}^d."""
    bits = (np.arange(2**d)[:, None] >> np.arange(d)) & 1
    return np.asarray((1.0 - 2.0 * bits) / np.sqrt(d))


# Shape (n, d) each. On the unit sphere, but for `gaussian`.
FAMILIES: Mapping[str, Callable[[int, int, int], Array]] = {
    "gaussian": _gaussian,
    "sphere": lambda seed, n, d: _unit(_gaussian(seed, n, d)),
    "cube": lambda seed, n, d: _rng(seed, n, d).choice((-1.0, 1.0), size=(n, d)) / np.sqrt(d),
    "single": lambda seed, n, d: np.repeat(_unit(_gaussian(seed, 1, d)), n, axis=0),
    "few": _few,
    # Isotropic, and symmetric under x → −x: exactly so where n is a multiple of 2d, of 2^d.
    "cross": lambda seed, n, d: np.concatenate([np.eye(d), -np.eye(d)])[np.arange(n) % (2 * d)],
    "vertices": lambda seed, n, d: _vertices(d)[np.arange(n) % 2**d],
    "axes": lambda seed, n, d: np.eye(d)[np.arange(n) % d],
    "digits": lambda seed, n, d: _unit(datasets.projected("digits", n, d, seed).inputs),
}


def point_set(text: str, n: int, d: int) -> Array:
    """n points in d dimensions, shape (n, d). Raises ValueError for an unknown family."""
    family, _, argument = text.partition(":")
    if family not in FAMILIES:
        raise ValueError(f"unknown points {text!r}; known are {', '.join(FAMILIES)}")
    return FAMILIES[family](int(argument or 0), n, d)


def labels(text: str, n: int) -> Array:
    """n labels: `signs:seed`, ±1 in equal numbers (one more of +1 where n is odd), or `gaussian:seed`."""
    family, _, argument = text.partition(":")
    rng = _rng(int(argument or 0), n)
    if family == "signs":
        return rng.permutation(np.where(np.arange(n) % 2 == 0, 1.0, -1.0))
    return numbers(text, n)


def numbers(text: str, size: int) -> Array:
    """Real numbers: `gaussian:seed`, or `ones`. Raises ValueError for an unknown family."""
    family, _, argument = text.partition(":")
    if family == "gaussian":
        return _rng(int(argument or 0), size).standard_normal(size)
    if family == "ones":
        return np.ones(size)
    raise ValueError(f"unknown numbers {text!r}; known are gaussian, ones")
