"""Whether a module's outputs at a point depend on the others: companions tell that leave nothing in common.

Every kernel here is of the module at each point alone. One that couples the points is another function of a batch, and
is refused. The first point goes in among companions that leave nothing of what is common as it was: so the answer hangs
neither on the memory allowed nor on which of the points are the largest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sims._strangers import among, strangers
from sims.kernels._alone import Alone, Subject
from sims.kernels._errors import KernelError

if TYPE_CHECKING:
    from torch import Tensor


def require_uncoupled(subject: Subject, x: Tensor, found: Alone) -> None:
    """Raises KernelError where the outputs at the first point are others in company."""
    near = [_stays(subject, batch, found) for batch in strangers(x)]
    if None in near and False not in near:
        # What is no point of the module's may be more than it takes; points of x are not.
        near.append(_is_near(subject, among(x[:1], x[-1:], x[-1:]), found))
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
