"""What a layer's rule is given of two sets of points: variances of their features, half distances, tangent kernel.

A feature of the limit at point x and position p is a random variable u(x, p), the same law for every channel. With
s = E u(x, p)², t = E v(y, q)² a state carries D = E (u − v)²/2 in place of the covariance E u v = (s + t)/2 − D: where
two points coincide D is zero to the last bit, and nearly coinciding points keep their small angles.

Positions are those of a grid of k axes. With `pairs` all positions of x meet all of y: (n, m, *grid, *grid); otherwise
position p of x meets p of y alone, (n, m, *grid), which is all that a network needs whose layers mix no positions but
by shifts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Side:
    """One set of points alone: variances (n, 1, *grid) or (1, m, *grid), and with `pairs` a point's own distances.

    `distance` (n, 1, *grid, *grid) is D between the positions of one point; None without `pairs`.
    """

    variance: Tensor
    distance: Tensor | None


@dataclass(frozen=True)
class State:
    """Two sets of points: `distance` D, and the tangent kernel of a feature, or None where it is not wanted."""

    distance: Tensor
    tangent: Tensor | None
    left: Side
    right: Side
    axes: int
    pairs: bool

    @property
    def first(self) -> Tensor:
        """Variances of the left, such that they broadcast with D."""
        return against(self.left.variance, self.axes, self.pairs, first=True)

    @property
    def second(self) -> Tensor:
        """Variances of the right, such that they broadcast with D."""
        return against(self.right.variance, self.axes, self.pairs, first=False)

    @property
    def covariance(self) -> Tensor:
        """E u v = (s + t)/2 − D."""
        return covariance(self.distance, self.first, self.second)

    def own(self, side: Side) -> State:
        """A side with itself, its points one by one: needs `pairs`."""
        assert side.distance is not None
        return State(side.distance, None, side, side, self.axes, self.pairs)


def covariance(distance: Tensor, s: Tensor, t: Tensor) -> Tensor:
    """(s + t)/2 − D."""
    return (s + t) / 2 - distance


def against(values: Tensor, axes: int, pairs: bool, *, first: bool) -> Tensor:
    """Values (..., *grid) with as many axes of size one after the grid (first), or before it, if `pairs`."""
    if not pairs:
        return values
    lead, grid = values.shape[: values.ndim - axes], values.shape[values.ndim - axes :]
    ones = (1,) * axes
    return values.reshape(*lead, *((*grid, *ones) if first else (*ones, *grid)))


def flattened(values: Tensor, axes: int) -> Tensor:
    """(..., *grid, *grid) as (..., P, P)."""
    lead, grid = values.shape[: values.ndim - 2 * axes], values.shape[values.ndim - axes :]
    count = math.prod(grid)
    return values.reshape(*lead, count, count)


def same_positions(values: Tensor, axes: int) -> Tensor:
    """The entries of (..., *grid, *grid) where both positions are one, (..., *grid)."""
    grid = values.shape[values.ndim - axes :]
    diagonal = flattened(values, axes).diagonal(dim1=-2, dim2=-1)
    return diagonal.reshape(*diagonal.shape[:-1], *grid)
