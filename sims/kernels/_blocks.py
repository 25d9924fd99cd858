"""A kernel matrix filled block by block: blocks fit a cache, and a symmetric matrix is computed once, not twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.kernels._directions import Directions, gaps, norms_and_directions
from lazy_assay.sims.kernels._inputs import leading_axes

if TYPE_CHECKING:
    from torch import Tensor

    # From gap (c, n, m), a (c, n, 1) and b (c, 1, m) to the entries of each kernel.
    Entries = Callable[[Tensor, Tensor, Tensor], Sequence[Tensor]]
    Room = Callable[[tuple[int, ...]], Tensor]


def fill(x: Tensor, y: Tensor | None, entries: Entries, rooms: Sequence[Room], alive: int) -> list[Tensor]:
    """The kernels of x (..., n, d) with y (..., m, d), or of x with itself: symmetric to the last bit.

    `rooms` make the matrices of a shape, one a kernel. `alive` numbers are held at once for each entry.
    """
    return _symmetric(x, entries, rooms, alive) if y is None else _rectangular(x, y, entries, rooms, alive)


def _symmetric(x: Tensor, entries: Entries, rooms: Sequence[Room], alive: int) -> list[Tensor]:
    lead, n = x.shape[:-2], x.shape[-2]
    a, directions = norms_and_directions(x.reshape(-1, *x.shape[-2:]))
    a = a / x.shape[-1] ** 0.5
    wholes = [room((len(a), n, n)) for room in rooms]
    for c, r in _triangle(len(a), alive, n, x.device):
        some = directions.batch(c.start, c.stop)
        left, right = some.rows(r.start, r.stop), some.rows(r.start, n)
        gap = gaps(left, right, from_diagonal=True)
        block = entries(gap, a[c, r, None], a[c, None, r.start :])
        for whole, part in zip(wholes, block, strict=True):
            whole[c, r, r.start :] = part
            whole[c, r.start :, r] = part.mT
            # The block on the diagonal: its upper triangle on both sides.
            size = part.shape[-2]
            upper = part[..., :size].triu(1)
            whole[c, r, r] = upper + upper.mT
    # An angle of zero, exactly.
    on_diagonal = entries(torch.zeros_like(a), a, a)
    for whole, values in zip(wholes, on_diagonal, strict=True):
        whole.diagonal(dim1=-2, dim2=-1).copy_(values)
    return [whole.reshape(*lead, n, n) for whole in wholes]


def _rectangular(x: Tensor, y: Tensor, entries: Entries, rooms: Sequence[Room], alive: int) -> list[Tensor]:
    lead = leading_axes(x, y)
    a, left = _flat(x, lead)
    b, right = _flat(y, lead)
    n, m = a.shape[-1], b.shape[-1]
    wholes = [room((len(a), n, m)) for room in rooms]
    for c, r in _blocks(len(a), alive * m, n, x.device):
        gap = gaps(left.batch(c.start, c.stop).rows(r.start, r.stop), right.batch(c.start, c.stop), from_diagonal=False)
        for whole, part in zip(wholes, entries(gap, a[c, r, None], b[c, None, :]), strict=True):
            whole[c, r] = part
    return [whole.reshape(*lead, n, m) for whole in wholes]


def _flat(x: Tensor, lead: torch.Size) -> tuple[Tensor, Directions]:
    """Root mean squares (c, n) and directions of points with their leading axes made one."""
    norms, directions = norms_and_directions(x.expand(*lead, *x.shape[-2:]).reshape(-1, *x.shape[-2:]))
    return norms / x.shape[-1] ** 0.5, directions


def _blocks(batch: int, row: int, n: int, device: torch.device) -> Iterator[tuple[slice, slice]]:
    """Leading indices and rows: many small matrices at once, or some rows of one large matrix; `row` numbers each."""
    for c in _slices(chunk_sizes(batch, row * n, device)):
        for r in _slices(chunk_sizes(n, (c.stop - c.start) * row, device)):
            yield c, r


def _triangle(batch: int, alive: int, n: int, device: torch.device) -> Iterator[tuple[slice, slice]]:
    """The same from the diagonal on: the shorter what is left of a row, the more rows make a block."""
    for c in _slices(chunk_sizes(batch, alive * n * n, device)):
        start = 0
        while start < n:
            size = chunk_sizes(n - start, (c.stop - c.start) * alive * (n - start), device)[0]
            yield c, slice(start, start + size)
            start += size


def _slices(sizes: list[int]) -> Iterator[slice]:
    start = 0
    for size in sizes:
        yield slice(start, start + size)
        start += size
