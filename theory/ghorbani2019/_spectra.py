"""The two kinds of matrices of the mixture, and their members by name: regular ones, as M1 asks, and ones of order
1/√d, as M2 asks. Levels are those of section 4 of the paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lazy_assay.theory import Family, Symmetric

Array = np.ndarray
LEVELS = (2.0, 1.5, 1.0)


def _rng(seed: float, d: int) -> np.random.Generator:
    return np.random.default_rng([int(seed), d])


def _levels(seed: float, d: int) -> Array:
    return np.asarray(_rng(seed, d).choice(LEVELS, size=d) / np.sqrt(d))


def _signed_levels(seed: float, d: int) -> Array:
    return _levels(seed, d) * np.where(_rng(seed + 1, d).random(d) < 0.4, -1, 1)


def _turned(values: Array, seed: float, d: int) -> Array:
    """A matrix of these eigenvalues in a uniform basis under a seed."""
    Q = np.linalg.qr(_rng(seed + 2, d).standard_normal((d, d)))[0]
    matrix = (Q * values) @ Q.T
    return np.asarray((matrix + matrix.T) / 2)


def _repeated(*values: float) -> Family:
    """These values over and over, of order 1/√d."""
    return Family(lambda _, d: np.resize(values, d) * np.sqrt(len(values) / d))


DIFFERENCES: Mapping[str, Family] = {
    "levels": Family(_levels, seeded=True),
    "signed levels": Family(_signed_levels, seeded=True),
    "negative levels": Family(lambda seed, d: -_levels(seed, d), seeded=True),
    "half levels": Family(lambda seed, d: _levels(seed, d) / 2, seeded=True),
    "turned levels": Family(lambda seed, d: _turned(_levels(seed, d), seed, d), seeded=True),
    "mixed levels": _repeated(0.7, -0.6, 0.3, 0.2, 0.1),
    "definite levels": _repeated(0.7, 0.6, 0.3, 0.2, 0.1),
    "rotated levels": Family(lambda seed, d: _turned(_signed_levels(seed, d), seed, d), seeded=True),
    "balanced levels": Family(
        lambda level, d: level * np.resize((1.0, -1.0), d) / np.sqrt(d), arguments=(1.0, 1.5, 2.0)
    ),
    # Four of five of them positive: at α = ½ they leave the variance over a random projection to its pairs.
    "mostly positive levels": Family(
        lambda level, d: level * np.resize((1.0, 1.0, 1.0, 1.0, -1.0), d) / np.sqrt(d), arguments=(1.0, 1.5, 2.0)
    ),
    "equal levels": Family(lambda level, d: np.full(d, level / np.sqrt(d)), arguments=(1.0, 1.5, 2.0)),
    "repeating levels": Family(lambda _, d: np.resize(LEVELS, d) / np.sqrt(d)),
    # Either side of M2: classes that nothing tells apart, and classes that are nearly singular to one another.
    "faint levels": Family(lambda seed, d: _signed_levels(seed, d) / 10, seeded=True),
    "strong levels": Family(lambda seed, d: 0.45 * np.sqrt(d) * _levels(seed, d), seeded=True),
}
MEANS: Mapping[str, Family] = {
    "unit": Family(lambda _, d: np.ones(d)),
    "spread": Family(lambda _, d: np.linspace(0.6, 1.4, d)),
    # Beyond the constants of M1.
    "steep": Family(lambda _, d: np.geomspace(1.0, 20.0, d)),
    "rotated spread": Family(lambda seed, d: _turned(np.linspace(0.6, 1.4, d), seed, d), seeded=True),
}


@dataclass(frozen=True)
class MeanCovariance(Symmetric):
    """Means of the two classes' covariances: regular, of order one."""

    growing: ClassVar[tuple[str, ...]] = ("unit", "spread")
    semidefinite: bool = True

    @property
    def families(self) -> Mapping[str, Family]:
        """Those of M1."""
        return MEANS

    def example(self, seed: int, full: bool, third: int, half: int) -> str:
        """Any of them."""
        return f"rotated spread:{seed}" if full else ("unit", "spread")[half]


@dataclass(frozen=True)
class CovarianceDifference(Symmetric):
    """Half the differences of two classes' covariances: of order 1/√d."""

    growing: ClassVar[tuple[str, ...]] = ("repeating levels",)

    @property
    def families(self) -> Mapping[str, Family]:
        """Those of M2, and of either side of it."""
        return DIFFERENCES

    def example(self, seed: int, full: bool, third: int, half: int) -> str:
        """Faint, so that the model exists beside any mean."""
        return f"faint levels:{seed}"
