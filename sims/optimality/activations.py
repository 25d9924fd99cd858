"""Activations of which the infimum of g can be enclosed: bounded ones, and those of degree one, with enclosures.

Values and slopes over intervals of z, widened by what float64 may be off by: elementary functions are assumed to err by
less than 4 units in the last place (`FUNCTION` has room for the few operations around them); tests hold the libraries
to that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy

from lazy_assay.sims.optimality.errors import OptimalityError

Array = np.ndarray
# Half a unit in the last place, and 4 of them with room.
U = 2.0**-53
FUNCTION = 10 * U


@dataclass(frozen=True)
class Bounded:
    """|σ| ≤ 1, with a slope that is even, positive, at most `steepest`, and falls as |z| grows."""

    name: str
    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    steepest: float

    def slopes(self, low: Array, high: Array) -> tuple[Array, Array]:
        """Bounds of σ' over [low, high]."""
        near = np.where((low <= 0) & (high >= 0), 0.0, np.minimum(np.abs(low), np.abs(high)))
        far = np.maximum(np.abs(low), np.abs(high))
        room = 2 * FUNCTION * self.steepest
        return np.maximum(self.slope(far) - room, 0.0), self.slope(near) + room


@dataclass(frozen=True)
class Homogeneous:
    """σ(z) = above·z for z > 0, below·z for z < 0: σ(cz) = cσ(z) for c > 0."""

    name: str
    below: float
    above: float

    def value(self, z: Array) -> Array:
        """σ(z)."""
        return np.where(z > 0, self.above * z, self.below * z)

    def slopes(self, low: Array, high: Array) -> tuple[Array, Array]:
        """Bounds of σ' over [low, high], both slopes where the interval has a kink inside."""
        least, most = sorted((self.below, self.above))
        up, down = low > 0, high < 0
        return (
            np.where(up, self.above, np.where(down, self.below, least)),
            np.where(up, self.above, np.where(down, self.below, most)),
        )


def _tanh_slope(z: Array) -> Array:
    # 1 − tanh² loses its digits far out; 4/(e^z + e^−z)² does not.
    t = np.exp(-2 * np.abs(z))
    return np.asarray(4 * t / np.square(1 + t))


def _sigmoid_slope(z: Array) -> Array:
    t = np.exp(-np.abs(z))
    return np.asarray(t / np.square(1 + t))


def _erf_slope(z: Array) -> Array:
    return np.asarray(2 / np.sqrt(np.pi) * np.exp(-np.square(z)))


_BOUNDED = (
    Bounded("tanh", np.tanh, _tanh_slope, 1.0),
    Bounded("sigmoid", lambda z: scipy.special.expit(z), _sigmoid_slope, 0.25),
    Bounded("erf", lambda z: scipy.special.erf(z), _erf_slope, 1.13),
)
_HOMOGENEOUS = (Homogeneous("relu", 0.0, 1.0), Homogeneous("abs", -1.0, 1.0))
Activation = Bounded | Homogeneous
ACTIVATIONS: dict[str, Activation] = {found.name: found for found in (*_BOUNDED, *_HOMOGENEOUS)}


def named(activation: str) -> Activation:
    """By name. Raises OptimalityError for one that is neither bounded nor homogeneous, or is not known."""
    if activation not in ACTIVATIONS:
        raise OptimalityError(
            f"activation {activation!r}: the infimum of g is enclosed for {', '.join(ACTIVATIONS)} and leaky ReLU, "
            "which are bounded or homogeneous"
        )
    return ACTIVATIONS[activation]
