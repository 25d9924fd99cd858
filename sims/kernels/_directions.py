"""Norms of points, and the gap 1 − cos between their directions without cancellation where they nearly coincide.

The arccosine of a rounded cosine knows small angles to √ε only, 1e-8 in float64. The gap is therefore computed from
products of two slices of each direction: the first slice has so few bits that its products and their sums are exact,
and what is left is small. An angle is then known to about 1e-12 (float64), or 1e-5 (float32), however small it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.modules.gate import is_known

if TYPE_CHECKING:
    from torch import Tensor

# Where every gap in a block is above this, a plain product knows all of its angles to 1e-14 already.
_NEAR = 1e-3


class Directions(NamedTuple):
    """Unit vectors (..., n, d) as coarse + rest, and their squared norms split alike, (..., n) each."""

    unit: Tensor
    coarse: Tensor
    rest: Tensor
    coarse_square: Tensor
    rest_square: Tensor

    def rows(self, start: int, stop: int) -> Directions:
        """Those of the points from `start` to `stop`."""
        vectors = (part[..., start:stop, :] for part in self[:3])
        return Directions(*vectors, *(part[..., start:stop] for part in self[3:]))

    def batch(self, start: int, stop: int) -> Directions:
        """Those of the leading indices from `start` to `stop`."""
        return Directions(*(part[start:stop] for part in self))


def norms_and_directions(x: Tensor) -> tuple[Tensor, Directions]:
    """Norms (..., n) of points x (..., n, d) of any size, and their directions; zero has the direction zero."""
    largest = x.abs().amax(-1, keepdim=True)
    scaled = x / torch.where(largest > 0, largest, torch.ones_like(largest))
    length = torch.linalg.vector_norm(scaled, dim=-1, keepdim=True)
    unit = scaled / torch.where(length > 0, length, torch.ones_like(length))
    # Half the bits, so that a sum of products of coarse parts, below 2 in size, has no more than all of them.
    grid = 2.0**25 if x.dtype == torch.float64 else 2.0**10
    coarse = (unit * grid).round_().div_(grid)
    rest = unit - coarse
    squares = coarse.square().sum(-1), (rest * (unit + coarse)).sum(-1)
    return (largest * length)[..., 0], Directions(unit, coarse, rest, *squares)


def gaps(x: Directions, y: Directions, *, from_diagonal: bool) -> Tensor:
    """1 − cos between every direction of x and of y, shape (..., n, m); `from_diagonal`: x are the first of y."""
    gap = _plain(x, y)
    if is_known(gap):
        if from_diagonal:
            gap.diagonal(dim1=-2, dim2=-1).fill_(1.0)
        least, most = (extreme.item() for extreme in torch.aminmax(gap))
        if least > _NEAR:
            return gap if most <= 2 else gap.clamp_(max=2)
    return _sliced(x, y).clamp_(0, 2)


def _plain(x: Directions, y: Directions) -> Tensor:
    one = x.unit.new_ones(())
    return torch.baddbmm(one, x.unit, y.unit.mT, alpha=-1)


def _sliced(x: Directions, y: Directions) -> Tensor:
    """(|x|² + |y|²)/2 − <x, y>, first of the coarse parts, exactly, then of what is left."""
    rest = torch.cat([x.coarse, x.rest], dim=-1) @ torch.cat([y.rest, y.unit], dim=-1).mT
    gap = (x.coarse @ y.coarse.mT).neg_()
    gap += (x.coarse_square[..., :, None] + y.coarse_square[..., None, :]).mul_(0.5)
    gap += (x.rest_square[..., :, None] + y.rest_square[..., None, :]).mul_(0.5).sub_(rest)
    return gap
