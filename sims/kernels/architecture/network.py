"""A network as a list of layers, and its kernels as all widths grow."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch

from lazy_assay.sims.kernels._errors import KernelError
from lazy_assay.sims.kernels._inputs import fields
from lazy_assay.sims.kernels._results import Kernels
from lazy_assay.sims.kernels._storage import Store
from lazy_assay.sims.kernels.architecture._blocks import block_size, filled
from lazy_assay.sims.kernels.architecture._layer import DATA, GAUSSIAN, Grid, Layer
from lazy_assay.sims.kernels.architecture._walk import walked
from lazy_assay.sims.modules.errors import refused_as
from lazy_assay.sims.modules.gate import is_whole, require_finite

if TYPE_CHECKING:
    from torch import Tensor

NAMES = ("nngp", "ntk")


class Network:
    """Layers one after the other, in the NTK parameterisation, at points (n, *grid, channels): channels come last.

    Images are (n, height, width, channels), sequences (n, length, channels), vectors (n, channels); torch's images
    become so by `x.movedim(1, -1)`. The number of channels is asked for, so that another order is noticed.
    """

    def __init__(self, *layers: Layer, channels: int) -> None:
        """Raises KernelError for what is no layer, or for layers that have no limit in this order."""
        if not layers or any(not isinstance(layer, Layer) for layer in layers):
            raise KernelError(f"a network is made of layers, such as Dense(), not of {layers!r}")
        if not is_whole(channels) or channels < 1:
            raise KernelError(f"channels is {channels!r}; it is the number of entries of a point at each position")
        self.layers, self.channels = layers, int(channels)
        law = DATA
        for layer in layers:
            law = layer.law(law)
        if law != GAUSSIAN:
            raise KernelError(
                f"the network ends with {type(layers[-1]).__name__}; an affine map ends it, as Dense() does"
            )

    def kernels(self, x: Any, y: Any = None, *, memory_limit: int = 2**30, folder: Any = None) -> Kernels:
        """The NNGP and the tangent kernel between points x (n, *grid, channels) and y (m, …), or among x: (n, m) each.

        Tensors keep dtype and device, arrays become float64. Among x itself both are symmetric to the last bit.
        `memory_limit` is in bytes, for results and work together. With `folder` the results are streamed into its files
        nngp.npy and ntk.npy, which may be larger than memory and are mapped, on the CPU; they count for nothing there.
        Where x or y requires gradients the results carry them: then all is computed at once, and must fit the limit.
        Accuracy: nearly coinciding points keep their angles to about 1e-11 until an average over positions, an
        activation that is not homogeneous, or attention; thereafter, and between points of unequal norms, an angle
        below 1e-8 (float64) is not told from zero. Raises KernelError.
        """
        if not is_whole(memory_limit):
            raise KernelError(f"memory_limit={memory_limit!r}; it is a whole number of bytes")
        with refused_as(KernelError):
            left, right = fields(x, y, self.channels)
            positions = max(math.prod(grid) for grid in self.grids(tuple(left.shape[1:-1])))
            positions = positions**2 if self._pairs else positions
            wanted = torch.is_grad_enabled() and any(v is not None and v.requires_grad for v in (left, right))
            compute = self._with_graph if wanted else self._in_blocks
            found = compute(left, right, positions, int(memory_limit) // left.element_size(), folder)
        return Kernels(*found)

    def grids(self, grid: Grid) -> Iterator[Grid]:
        """The positions before each layer, and at the end. Raises KernelError where there are some left."""
        for layer in self.layers:
            yield grid
            grid = layer.grid(grid)
        if grid:
            raise KernelError(
                f"the network ends with positions {grid}; put AveragePooling() or Flatten() before its last Dense()"
            )
        yield grid

    @property
    def _pairs(self) -> bool:
        return any(layer.mixes for layer in self.layers)

    @property
    def _alive(self) -> int:
        """Numbers that are held at once for each pair of positions."""
        return max(layer.alive() for layer in self.layers) + 4

    def _in_blocks(self, x: Tensor, y: Tensor | None, positions: int, limit: int, folder: Any) -> tuple[Tensor, Tensor]:
        shape = (len(x), len(x if y is None else y))
        with Store(folder, NAMES, x.device) as store, torch.no_grad():
            size = block_size(positions, self._alive, limit - (0 if store.on_disk else 2 * math.prod(shape)), x.device)
            wholes = store.matrix("nngp", shape, x.dtype), store.matrix("ntk", shape, x.dtype)
            filled(self._entries, x.detach(), None if y is None else y.detach(), wholes, size)
            for name, whole in zip(NAMES, wholes, strict=True):
                require_finite(f"the limiting {name}", whole, f"features as large as these overflow {x.dtype}")
            first, second = (store.finished(name, whole) for name, whole in zip(NAMES, wholes, strict=True))
        return first, second

    def _with_graph(
        self, x: Tensor, y: Tensor | None, positions: int, limit: int, folder: Any
    ) -> tuple[Tensor, Tensor]:
        if folder is not None:
            raise KernelError("a kernel with gradients lies in memory: leave folder out, or detach x and y")
        needed = len(x) * len(x if y is None else y) * positions * self._alive * len(self.layers)
        if needed > limit:
            raise KernelError(
                "memory_limit is too small: with gradients all entries are held at once, about "
                f"{needed * x.element_size()} bytes; take fewer points, or detach x and y"
            )
        nngp, ntk = self._entries(x, x if y is None else y, y is None)
        if y is None:
            nngp, ntk = (nngp + nngp.mT) / 2, (ntk + ntk.mT) / 2
        for name, whole in zip(NAMES, (nngp, ntk), strict=True):
            require_finite(f"the limiting {name}", whole.detach(), f"features as large as these overflow {x.dtype}")
        return nngp, ntk

    def _entries(self, x: Tensor, y: Tensor, same: bool) -> tuple[Tensor, Tensor]:
        return walked(x, y, self.layers, pairs=self._pairs, same=same)
