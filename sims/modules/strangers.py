"""Company for a point, by which a network that couples points gives itself away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor

# Companions this many times as large as the largest of the points.
_FAR = 1e3


def strangers(x: Tensor) -> list[Tensor]:
    """Batches of four, the second the first point of x, (n, ...), at a place that no reversal keeps.

    Its companions are others of x; then far above and far below, so that means and extremes are others on either side;
    then NaN, which all but comparisons hand on. Of integers they are smaller ones, which a table has too.
    """
    first, last = x[:1], x[-1:]
    own = torch.cat([last, first, x[len(x) // 2 :][:1], x[min(1, len(x) - 1) :][:1]])
    if not x.numel():
        return [own]
    if not x.is_floating_point():
        other = ~last if x.dtype == torch.bool else last // 2
        return [own, _among(first, last, other), _among(first, torch.zeros_like(first), other)]
    least, most = torch.aminmax(x)
    far = torch.full_like(first, _FAR) * torch.maximum(-least, most).clamp(min=1)
    nothing = torch.full_like(first, torch.nan)
    return [own, _among(first, far, last), _among(first, -far, last), _among(first, nothing, nothing)]


def _among(first: Tensor, one: Tensor, other: Tensor) -> Tensor:
    return torch.cat([one, first, other, one])
