"""One operator's call, as its row in the table sees it: arguments by name, and what is known of each tensor."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lazy_assay.sims.analyticity._decision import Decision
from lazy_assay.sims.analyticity._range import ALL, Range
from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Known:
    """What is known of a value: whether it depends on parameters, and the range of its entries.

    value: for a constant that nothing random made, itself. masked: some entries may be −∞, for every parameter alike;
    `finite` then says which are not, where that is known. unsure: a constant that may be infinite or NaN, as far as is
    known. shape: of a tensor in a call.
    """

    tainted: bool
    range: Range = ALL
    value: Any = None
    masked: bool = False
    finite: Tensor | None = None
    unsure: bool = False
    shape: tuple[int, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """What a rule says of a call that is not analytic for every argument."""

    decision: Decision
    reason: str


def not_certified(reason: str) -> Judgement:
    """Nothing proves this call analytic."""
    return Judgement(Decision.NOT_CERTIFIED, reason)


def on_domain(reason: str) -> Judgement:
    """Analytic on a domain, and the argument is shown to lie in it."""
    return Judgement(Decision.ANALYTIC_ON_DOMAIN, reason)


@dataclass(frozen=True)
class Call:
    """`arguments` by the schema's names; tensors among them stand as `Known`, everything else as itself.

    shape, dtype: of the (first) result. same: the first two tensors are one. defaults: of the schema.
    """

    name: str
    arguments: Mapping[str, Any]
    shape: tuple[int, ...] = ()
    same: bool = False
    dtype: Any = None
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def get(self, name: str, default: Any = None) -> Any:
        """An argument, or its default."""
        found = self.arguments.get(name)
        return default if found is None else found

    def first(self) -> Known:
        """The first tensor."""
        return self.tensors()[0]

    def tensors(self) -> list[Known]:
        """Every tensor among the arguments, those in lists too."""
        found: list[Known] = []
        for value in self.arguments.values():
            entries = value if isinstance(value, (list, tuple)) else [value]
            found += [entry for entry in entries if isinstance(entry, Known)]
        return found

    def range(self, name: str) -> Range:
        """The range of a tensor, or of a number."""
        value = self.arguments.get(name)
        if isinstance(value, Known):
            return value.range
        return number(value, self.dtype) if isinstance(value, (int, float)) else ALL

    def left_at_default(self, name: str) -> bool:
        """Whether an argument was not given, or as its default."""
        if name not in self.arguments:
            return True
        given, default = self.arguments[name], self.defaults.get(name)
        return bool(given is default or (type(given) is type(default) and given == default))


def number(value: float, dtype: Any) -> Range:
    """A Python number, and what it is once rounded to the precision of the result: torch computes with either."""
    try:
        exact = float(value)
    except OverflowError:
        return ALL
    low, high = exact, exact
    if isinstance(value, int) and int(exact) != value:
        low, high = math.nextafter(exact, -math.inf), math.nextafter(exact, math.inf)
    if dtype is not None and dtype.is_floating_point:
        rounded = float(torch.tensor(exact, dtype=dtype))
        low, high = min(low, rounded), max(high, rounded)
    return Range(low, high)
