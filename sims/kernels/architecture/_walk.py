"""Two sets of points through all layers of a network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from lazy_assay.sims.kernels.architecture._points import half_distances, mean_squares
from lazy_assay.sims.kernels.architecture._state import Side, State, against

if TYPE_CHECKING:
    from torch import Tensor

    from lazy_assay.sims.kernels.architecture._layer import Layer


def walked(x: Tensor, y: Tensor, layers: Sequence[Layer], *, pairs: bool, same: bool) -> tuple[Tensor, Tensor]:
    """NNGP and tangent kernel, (n, m), of points x (n, *grid, d) and y (m, *grid, d).

    `same`: y is x, and each point meets itself.
    """
    state = _start(x, y, pairs, same)
    for layer in layers:
        state = _through(layer, state, same)
    tangent = state.tangent if state.tangent is not None else torch.zeros_like(state.distance)
    return state.covariance, tangent


def _start(x: Tensor, y: Tensor, pairs: bool, same: bool) -> State:
    """The data: no parameter lies below them, so their tangent kernel is zero."""
    axes = x.ndim - 2
    left, right = _side(x, axes, pairs, first=True), _side(y, axes, pairs, first=False)
    n, m, grid, d = len(x), len(y), x.shape[1:-1], x.shape[-1]
    if pairs:
        found = half_distances(x.reshape(-1, d), y.reshape(-1, d)).reshape(n, -1, m, grid.numel()).transpose(1, 2)
        distance = found.reshape(n, m, *grid, *grid)
    else:
        at = (v.reshape(len(v), -1, d).transpose(0, 1) for v in (x, y))
        distance = half_distances(*at).permute(1, 2, 0).reshape(n, m, *grid)
    if same:
        distance = _with_own(distance, left)
    return State(distance, torch.zeros_like(distance), left, right, axes, pairs)


def _side(x: Tensor, axes: int, pairs: bool, *, first: bool) -> Side:
    grid = x.shape[1:-1]
    lead = (len(x), 1) if first else (1, len(x))
    variance = mean_squares(x).reshape(*lead, *grid)
    if not pairs:
        return Side(variance, None)
    flat = x.reshape(len(x), -1, x.shape[-1])
    distance = half_distances(flat, flat).reshape(*lead, *grid, *grid)
    return Side(variance, distance * _apart(grid, distance))


def _through(layer: Layer, state: State, same: bool) -> State:
    left, right = (_side_through(layer, state, side) for side in (state.left, state.right))
    axes = left.variance.ndim - 2
    first, second = (against(side.variance, axes, state.pairs, first=i == 0) for i, side in enumerate((left, right)))
    distance, tangent = layer.rule(state, first, second)
    if same:
        distance = _with_own(distance, left)
    return State(distance, tangent, left, right, axes, state.pairs)


def _side_through(layer: Layer, state: State, side: Side) -> Side:
    variance = layer.variance(side, state.axes)
    if not state.pairs:
        return Side(variance, None)
    axes = variance.ndim - 2
    first, second = (against(variance, axes, True, first=one) for one in (True, False))
    distance = layer.rule(state.own(side), first, second)[0]
    # A position with itself: zero, whatever rounding says.
    return Side(variance, distance * _apart(variance.shape[2:], distance))


def _apart(grid: Sequence[int], like: Tensor) -> Tensor:
    """One for two positions that differ, and zero for one with itself, (*grid, *grid)."""
    count = math.prod(grid)
    return 1 - torch.eye(count, dtype=like.dtype, device=like.device).reshape((*grid, *grid))


def _with_own(distance: Tensor, left: Side) -> Tensor:
    """A point with itself: its own distances, to the last bit."""
    at = torch.arange(len(distance), device=distance.device)
    own = torch.zeros_like(left.variance) if left.distance is None else left.distance
    return distance.index_put((at, at), own[:, 0])
