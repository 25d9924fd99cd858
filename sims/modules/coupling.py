"""Whether a module's outputs at a point depend on the others: companions tell that leave nothing in common.

What is asked here is of the module at each point alone. One that couples the points is another function of a batch, and
is refused. The first point goes in among companions that leave nothing of what is common as it was: so the answer hangs
neither on the memory allowed nor on which of the points are the largest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch
from torch.func import vmap

from lazy_assay.sims.modules.alone import Alone, Subject
from lazy_assay.sims.modules.capture import OtherWaysError
from lazy_assay.sims.modules.errors import CHANGES, COUPLES, ModuleError
from lazy_assay.sims.modules.mapped import other_ways
from lazy_assay.sims.modules.outputs import flat
from lazy_assay.sims.modules.strangers import strangers

if TYPE_CHECKING:
    from torch import Tensor


def require_uncoupled(subject: Subject, x: Tensor, found: Alone) -> None:
    """Raises ModuleError where the outputs at the first point are others in company."""
    if all(found.are_near(outputs) for outputs in _in_company(subject, strangers(x))):
        return
    if not found.are_near(subject.run(found.point).detach()):
        raise ModuleError(CHANGES)
    raise ModuleError(COUPLES)


def _in_company(subject: Subject, batches: list[Tensor]) -> list[Tensor]:
    """Outputs of the second point of each batch, all batches at once if torch.func can."""
    try:
        with other_ways():
            outputs = vmap(lambda batch: flat(subject.module(batch), len(batch))[1])(torch.stack(batches))
        return list(outputs.detach())
    except (OtherWaysError, ModuleError):
        return list(_one_by_one(subject, batches))


def _one_by_one(subject: Subject, batches: list[Tensor]) -> Iterator[Tensor]:
    for count, batch in enumerate(batches):
        try:
            yield subject.run(batch)[1].detach()
        except ModuleError:
            # What is no point of the module's may be more than it takes; the first batch is of points.
            if not count:
                raise
