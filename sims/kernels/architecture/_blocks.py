"""The kernels of a network filled block by block, in memory or on disk, within a limit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.kernels._errors import KernelError

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    # From points (a, ...), (b, ...) and whether they are the same ones to both kernels, (a, b).
    Entries = Callable[[Tensor, Tensor, bool], tuple[Tensor, Tensor]]

# Rows of a block at least, where there is room: what points need alone is then a small share of the work.
_LEAST = 8


def block_size(positions: int, alive: int, room: int, device: torch.device) -> int:
    """How many points go into a side of a block. Raises KernelError if none does.

    An entry has so many pairs of positions, each with so many numbers alive. One tensor of a block fits a cache.
    """
    each = positions * alive
    most = math.isqrt(max(room, 0) // each)
    if most < 1:
        raise KernelError(
            f"memory_limit is too small: one entry takes {each} numbers beside the result, {room} are left"
        )
    cached = math.isqrt(chunk_sizes(2**18, 2 * positions, device)[0])
    return min(most, max(_LEAST, cached))


def filled(entries: Entries, x: Tensor, y: Tensor | None, wholes: tuple[Tensor, Tensor], size: int) -> None:
    """Fills both (n, m); among x itself the upper triangle is computed, and is mirrored to the last bit."""
    other = x if y is None else y
    for rows in _slices(0, len(x), size):
        for columns in _slices(rows.start if y is None else 0, len(other), size):
            same = y is None and rows == columns
            for whole, part in zip(wholes, entries(x[rows], other[columns], same), strict=True):
                if same:
                    part = part.triu() + part.triu(1).mT
                whole[rows, columns] = part.to(whole.device)
                if y is None and not same:
                    whole[columns, rows] = part.mT.to(whole.device)


def _slices(start: int, stop: int, size: int) -> Iterator[slice]:
    for first in range(start, stop, size):
        yield slice(first, min(first + size, stop))
