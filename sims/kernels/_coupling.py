"""Whether a module's outputs at a point depend on the others: companions tell that leave nothing in common.

Every kernel here is of the module at each point alone. One that couples the points is another function of a batch, and
is refused. A point goes in between companions as far off as numbers go, and between NaN, which anything but a
comparison hands on. It is the same point whatever the memory, and what it shows does not hang on which of the points
are the largest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from sims.kernels._alone import Alone, Subject
from sims.kernels._errors import KernelError

if TYPE_CHECKING:
    from torch import Tensor

# Companions this many times as large as the largest of the points.
_FAR = 1e3


def require_uncoupled(subject: Subject, x: Tensor, found: Alone) -> None:
    """Raises KernelError where the outputs at the first point are others in company."""
    near = [_stays(subject, batch, found) for batch in strangers(x)]
    if None in near and False not in near:
        # What is no point of the module's may be more than it takes; points of x are not.
        near.append(_is_near(subject, _between(x[:1], x[-1:], x[-1:]), found))
    if False in near:
        if not found.are_near(subject.run(found.point).detach()):
            raise KernelError("the module's output at a point changes from call to call, so it has no tangent kernel")
        raise KernelError("the module's output at a point depends on the other points, so it has no tangent kernel")


def _stays(subject: Subject, batch: Tensor, found: Alone) -> bool | None:
    try:
        return _is_near(subject, batch, found)
    except KernelError:
        return None


def _is_near(subject: Subject, batch: Tensor, found: Alone) -> bool:
    return found.are_near(subject.run(batch)[1].detach())


def strangers(x: Tensor) -> list[Tensor]:
    """Batches of four, the second the first point of x, at a place that no reversal keeps."""
    first, last = x[:1], x[-1:]
    if not x.is_floating_point():
        return [_between(first, last, ~last if x.dtype == torch.bool else last // 2)]
    far = torch.full_like(first, _FAR) * x.abs().max().clamp(min=1)
    nothing = torch.full_like(first, torch.nan)
    return [torch.cat([last, first, far, -far]), _between(first, nothing, nothing)]


def _between(first: Tensor, one: Tensor, other: Tensor) -> Tensor:
    return torch.cat([one, first, other, one])
