"""Affine maps: dense ones, at each position alike, and convolutions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

from lazy_assay.sims.kernels._errors import KernelError
from lazy_assay.sims.kernels.architecture._layer import GAUSSIAN, Grid, Layer
from lazy_assay.sims.kernels.architecture._state import against
from lazy_assay.sims.kernels.architecture._windows import each, padded, slid, summed

if TYPE_CHECKING:
    from torch import Tensor

    from lazy_assay.sims.kernels.architecture._state import Side, State


_LARGEST = 1e30


def require_scale(name: str, value: object) -> float:
    """A standard deviation, such that eighth powers are numbers. Raises KernelError."""
    if not isinstance(value, Real) or isinstance(value, bool) or not 0 <= float(value) <= _LARGEST:
        raise KernelError(f"{name} is {value!r}; a standard deviation is a number from 0 to {_LARGEST:g}")
    return float(value)


@dataclass(frozen=True)
class Convolution(Layer):
    """z_i(p) = σ_w Σ_{k, j} W_ijk h_j(p·stride + k − padding)/√(n |k|) + σ_b b_i, with W, b ~ N(0, 1) trained.

    n channels in, |k| positions in the window, zeros outside the grid, as torch's convolutions have them. As n grows
    the channels z_i become independent centred Gaussians with the mean over the window of what goes in (Novak et al.
    2019; Garriga-Alonso et al. 2019; Arora et al. 2019):

        E z z' = σ_w² (1/|k|) Σ_k E h(p + k) h'(q + k) + σ_b²,
        Θ = E z z' + σ_w² (1/|k|) Σ_k Θ_h(p + k, q + k):

    the gradients in W and b give the first, those below come in through W, whose entries are independent of them in
    the limit (Yang 2020). Both are linear, so D, half the mean squared distance, is the same mean of D_h, without the
    bias; where one of two positions lies outside the grid it is half the variance of the other.
    `size`, `stride` and `padding` are whole numbers, or one for each axis of the grid.
    """

    size: int | Sequence[int]
    stride: int | Sequence[int] = 1
    padding: int | Sequence[int] = 0
    weight_std: float = 1.0
    bias_std: float = 0.0

    def __post_init__(self) -> None:
        require_scale("weight_std", self.weight_std)
        require_scale("bias_std", self.bias_std)

    def window(self, axes: int) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """Size, stride and padding, one for each axis."""
        size, stride = each("size", self.size, axes, least=1), each("stride", self.stride, axes, least=1)
        return size, stride, each("padding", self.padding, axes, least=0)

    def grid(self, grid: Grid) -> Grid:
        """See Layer."""
        if not grid:
            raise KernelError(
                "a convolution needs points with positions, (n, *grid, channels); use Dense() for vectors"
            )
        size, stride, padding = self.window(len(grid))
        around = [n + 2 * p for n, p in zip(grid, padding, strict=True)]
        return slid(around, size, stride, "a convolution")

    def law(self, law: str) -> str:
        """Gaussian, whatever goes in."""
        return GAUSSIAN

    def variance(self, side: Side, axes: int) -> Tensor:
        """σ_w² mean over the window + σ_b²."""
        return self._mean(padded(side.variance, self.window(axes)[2], pairs=False), axes, False) + self.bias_std**2

    def rule(self, state: State, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor | None]:
        """See the class."""
        distance = self._mean(self._around(state), state.axes, state.pairs)
        if state.tangent is None:
            return distance, None
        below = padded(state.tangent, self.window(state.axes)[2], state.pairs)
        # Fresh, so that it may be added to: half the variances are small, and broadcast.
        tangent = self._mean(below, state.axes, state.pairs).sub_(distance)
        return distance, tangent.add_(first / 2).add_(second / 2)

    def _mean(self, values: Tensor, axes: int, pairs: bool) -> Tensor:
        """σ_w² mean over windows, at both positions alike."""
        size, stride, _ = self.window(axes)
        for i in range(axes):
            along = (i - 2 * axes, i - axes) if pairs else (i - axes,)
            values = summed(values, along, size[i], stride[i])
        return values * (self.weight_std**2 / math.prod(size))

    def _around(self, state: State) -> Tensor:
        """D with the positions outside the grid, whose features are zero."""
        padding = self.window(state.axes)[2]
        if not state.pairs or not any(padding):
            return padded(state.distance, padding, state.pairs)
        s, t = (padded(side.variance, padding, pairs=False) for side in (state.left, state.right))
        whole = (against(s, state.axes, True, first=True) + against(t, state.axes, True, first=False)) / 2
        grid = state.distance.shape[-state.axes :]
        inside = [slice(p, p + n) for p, n in zip(padding, grid, strict=True)]
        index: Any = (..., *inside, *inside)
        whole[index] = state.distance
        return whole


@dataclass(frozen=True)
class Dense(Layer):
    """z_i(p) = σ_w Σ_j W_ij h_j(p)/√n + σ_b b_i: a convolution of one position (Jacot, Gabriel and Hongler 2018).

    At points with positions it acts at each alike, as torch's Linear does; Flatten() before it makes them one.
    """

    weight_std: float = 1.0
    bias_std: float = 0.0

    def __post_init__(self) -> None:
        require_scale("weight_std", self.weight_std)
        require_scale("bias_std", self.bias_std)

    def grid(self, grid: Grid) -> Grid:
        """The same."""
        return grid

    def law(self, law: str) -> str:
        """Gaussian, whatever goes in."""
        return GAUSSIAN

    def variance(self, side: Side, axes: int) -> Tensor:
        """σ_w² s + σ_b²."""
        return side.variance * self.weight_std**2 + self.bias_std**2

    def rule(self, state: State, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor | None]:
        """K = σ_w² E h h' + σ_b², so D = σ_w² D_h, and Θ = K + σ_w² Θ_h."""
        distance = state.distance * self.weight_std**2
        if state.tangent is None:
            return distance, None
        tangent = (state.tangent * self.weight_std**2).sub_(distance)
        return distance, tangent.add_(first / 2).add_(second / 2)
