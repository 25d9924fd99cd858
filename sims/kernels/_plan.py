"""How the gradients of one module are had: the cheapest way that is right at a point, by plain autograd's word.

A chain of layers of which enough is known is gone through as it is: see `sims.modules.chains`. Of any other module the
ways are, from the cheapest on: inputs and sensitivities of noted calls, all points at once; gradients formed, all
points at once; gradients formed, point by point. "At once" is torch.func.vmap of the module at one point: which numbers
are whose is known by construction, whatever the module makes of its axes, and where the values of a point would decide
what is computed, torch.func refuses and the last way is left. So a way that is right at one point is right at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from lazy_assay.sims.kernels._errors import KernelError
from lazy_assay.sims.modules.alone import Alone, Subject, alone, differentiated, pulled
from lazy_assay.sims.modules.capture import OtherWaysError
from lazy_assay.sims.modules.chains import Chain, chain, in_turn
from lazy_assay.sims.modules.coupling import require_uncoupled
from lazy_assay.sims.modules.features import Direct, Feature, apart, gathered
from lazy_assay.sims.modules.gate import require_finite
from lazy_assay.sims.modules.mapped import Way, grouped, mapped

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Plan:
    """`way` is None where gradients are formed point by point; `example` is like the outputs at one.

    Of a `known` chain the layers are gone through in turn, and `first` is not asked.
    """

    subject: Subject
    example: Tensor
    way: Way | None
    first: Alone | None = None
    known: Chain | None = None

    @property
    def outputs(self) -> int:
        """How many there are at a point."""
        return len(self.example)

    @property
    def held(self) -> int:
        """Numbers held for each point, whatever the block."""
        if self.way is None:
            return 3 * self.outputs * sum(p.numel() for p in self.others) + self.outputs
        return self.way.held(self.outputs)

    @property
    def kept(self) -> int:
        """Numbers that are left for each point once its features are there."""
        return self.held if self.way is None else self.way.kept(self.outputs)

    @property
    def others(self) -> list[Tensor]:
        """The parameters whose gradients are formed."""
        return list(self.subject.trained.values()) if self.way is None else self.way.others

    def features(self, x: Tensor, batch: int | None = None, *, from_first: bool = False) -> list[Feature]:
        """Of points x, so many at once (or all), in an order that does not depend on them.

        Raises OtherWaysError where the way is not right: that shows where the points begin with the first,
        `from_first`, or where the way cannot be gone.
        """
        if self.way is None or batch is None or batch >= len(x):
            return self._at_once(x, from_first)
        starts = range(0, len(x), batch)
        return gathered((self._at_once(x[i : i + batch], from_first and not i) for i in starts), len(x))

    def _at_once(self, x: Tensor, from_first: bool) -> list[Feature]:
        if self.way is None:
            return [Direct(_jacobian(self.subject, x, self.others, self.outputs))]
        made = mapped(self.subject.module, self.way, x) if self.known is None else in_turn(self.known, x)
        require_finite("the module's output", made.outputs, "look at its parameters and at x")
        found = list(grouped(self.way, made))
        if from_first and self.first is not None and not _is_right(self.first, made.outputs[0], found):
            raise OtherWaysError
        return [feature for feature, _ in found]


def plans(subject: Subject, x: Tensor, *, layerwise: bool = True) -> Iterator[Plan]:
    """From the cheapest on; the last is always right. Raises ModuleError for a module without a tangent kernel."""
    if layerwise and (known := chain(subject.module, x)):
        yield Plan(subject, x.new_empty(known.outputs), known.way, known=known)
    everything = {id(p) for p in subject.parameters.values()}
    for count, noted in enumerate([everything, set()] if layerwise else [set()]):
        way, first = _way(subject, x[:1], noted)
        if not count:
            require_uncoupled(subject, x, first)
        yield Plan(subject, first.outputs, way, first)
    yield Plan(subject, first.outputs, None, first)


def _way(subject: Subject, point: Tensor, noted: set[int]) -> tuple[Way, Alone]:
    """With as many noted calls as there can be, of these parameters."""
    while True:
        first = alone(subject, point, noted)
        unfit = _unfit(first)
        if not unfit:
            break
        # Once one of a call's parameters is, the call is not noted, and the graph shows the other.
        noted = noted - unfit
    constants = {id(p): p.detach() for p in subject.parameters.values() if id(p) in noted}
    return Way(constants, tuple(first.calls), first.reached), first


def _unfit(first: Alone) -> set[int]:
    """Parameters of noted calls that are used otherwise too, in a derivative say, or by windows of several kinds."""
    reached = {id(p) for p in first.reached}
    groups: dict[int, int] = {}
    unfit: set[int] = set()
    for call in first.calls:
        number = call.window.groups if call.window else 1
        used = {id(p) for p in call.parameters()}
        if first.differentiates or used & reached or groups.setdefault(id(call.weight), number) != number:
            unfit |= used
    return unfit


def _is_right(first: Alone, outputs: Tensor, found: Iterable[tuple[Feature, list[Tensor]]]) -> bool:
    """Whether the first point's outputs and gradients are those of plain autograd; takes the latter up."""
    if not first.are_near(outputs):
        return False
    eps, largest = torch.finfo(outputs.dtype).eps, max(first.sizes.values())
    for feature, parameters in found:
        expected = [first.gradients.pop(id(p), None) for p in parameters]
        wanted = [torch.zeros_like(p) if g is None else g for g, p in zip(expected, parameters, strict=True)]
        for error, p in zip(apart(feature, first.cotangent, wanted), parameters, strict=True):
            # But for rounding, which the largest gradient of all may cause where this one cancels.
            slack = eps**0.5 * first.sizes.get(id(p), 0.0) + eps**0.75 * largest
            if not torch.linalg.vector_norm(error) <= slack:
                return False
    return all(first.sizes[p] == 0 for p in first.gradients)


def _jacobian(subject: Subject, x: Tensor, parameters: list[Tensor], count: int) -> Tensor:
    """∂ outputs/∂ parameters at each point of x, (n, O, P), with `count` outputs O."""
    return torch.stack([_at(subject, point, parameters, count) for point in torch.split(x, 1)])


def _at(subject: Subject, point: Tensor, parameters: list[Tensor], count: int) -> Tensor:
    outputs = subject.run(point)
    if len(outputs) != count:
        raise KernelError(f"the module has {count} outputs at one point of x and {len(outputs)} at another")
    require_finite("the module's output", outputs.detach(), "look at its parameters and at x")
    with differentiated(), torch.enable_grad():
        rows = [pulled(output, parameters, torch.ones_like(output)) for output in outputs]
    return torch.stack([torch.cat([_entries(g, p) for g, p in zip(row, parameters, strict=True)]) for row in rows])


def _entries(gradient: Tensor | None, parameter: Tensor) -> Tensor:
    return torch.zeros_like(parameter).flatten() if gradient is None else gradient.flatten()
