"""Averages over positions: a window, the whole grid, and the grid made one vector."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.kernels._errors import KernelError
from lazy_assay.sims.kernels.architecture._layer import DATA, UNEQUAL, Grid, Layer
from lazy_assay.sims.kernels.architecture._state import against, same_positions
from lazy_assay.sims.kernels.architecture._windows import each, slid, summed

if TYPE_CHECKING:
    from torch import Tensor

    from lazy_assay.sims.kernels.architecture._state import Side, State


@dataclass(frozen=True)
class AveragePooling(Layer):
    """z(p) = (1/|k|) Σ_k h(p·stride + k), over a window without padding; `size` None: one average over the whole grid.

    It is linear and has no parameters, so covariances and tangent kernels are averaged over the windows of both points
    (Novak et al. 2019; Arora et al. 2019):

        E z z' = (1/|k|²) Σ_{k, l} E h(p + k) h'(q + l),   Θ = (1/|k|²) Σ_{k, l} Θ_h(p + k, q + l).

    Every pair of positions counts. With e(x, p) the mean of a point's own D over its window with itself, the variance
    is the mean of the variances less e, and D = mean D_h − (e(x, p) + e(y, q))/2. The average of Gaussians is one.
    """

    mixes: ClassVar[bool] = True
    size: int | Sequence[int] | None = None
    stride: int | Sequence[int] | None = None

    def window(self, grid: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Size and stride, one for each axis; the stride is the size where none is given."""
        size = tuple(grid) if self.size is None else each("size", self.size, len(grid), least=1)
        return size, size if self.stride is None else each("stride", self.stride, len(grid), least=1)

    def grid(self, grid: Grid) -> Grid:
        """See Layer."""
        if not grid:
            raise KernelError("average pooling needs points with positions, (n, *grid, channels)")
        if self.size is None:
            if self.stride is not None:
                raise KernelError("a stride belongs to a window: give average pooling a size")
            return ()
        return slid(grid, *self.window(grid), "average pooling")

    def law(self, law: str) -> str:
        """As before it."""
        return law

    def variance(self, side: Side, axes: int) -> Tensor:
        """The mean of the variances, less that of a point's own distances."""
        assert side.distance is not None
        mean = self._mean(side.variance, axes, 1)
        return (mean - self._spread(side, axes)).clamp(min=0)

    def rule(self, state: State, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor | None]:
        """See the class."""
        spreads = (self._spread(side, state.axes) for side in (state.left, state.right))
        after = 0 if self.size is None else state.axes
        one, other = (against(e, after, True, first=i == 0) for i, e in enumerate(spreads))
        distance = self._mean(state.distance, state.axes, 2) - (one + other) / 2
        return distance, None if state.tangent is None else self._mean(state.tangent, state.axes, 2)

    def _spread(self, side: Side, axes: int) -> Tensor:
        """e: the mean of a point's own D over a window with itself."""
        assert side.distance is not None
        mean = self._mean(side.distance, axes, 2)
        return mean if self.size is None else same_positions(mean, axes)

    def _mean(self, values: Tensor, axes: int, times: int) -> Tensor:
        """Over windows of the last `times` grids, each on its own."""
        last = tuple(range(-times * axes, 0))
        if self.size is None:
            return torch.mean(values, last)
        size, stride = self.window(values.shape[-axes:])
        for axis in last:
            values = summed(values, (axis,), size[axis % axes], stride[axis % axes])
        return values / float(math.prod(size) ** times)


@dataclass(frozen=True)
class Flatten(Layer):
    """All positions and channels made one vector, before a Dense() layer.

    A dense map of P n entries sees Σ_p <h(p), h'(p)>/(P n): the mean over positions p, the same in both points, of
    covariance and tangent kernel. Its channels are of several laws, so that nothing but an affine map may follow.
    """

    def grid(self, grid: Grid) -> Grid:
        """None."""
        if not grid:
            raise KernelError("Flatten() needs points with positions, (n, *grid, channels): these are vectors already")
        return ()

    def law(self, law: str) -> str:
        """Unequal channels."""
        return law if law == DATA else UNEQUAL

    def variance(self, side: Side, axes: int) -> Tensor:
        """The mean of the variances."""
        return side.variance.mean(tuple(range(-axes, 0)))

    def rule(self, state: State, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor | None]:
        """See the class."""
        return self._mean(state.distance, state), None if state.tangent is None else self._mean(state.tangent, state)

    def _mean(self, values: Tensor, state: State) -> Tensor:
        values = same_positions(values, state.axes) if state.pairs else values
        return values.mean(tuple(range(-state.axes, 0)))
