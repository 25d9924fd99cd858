"""What a drawn module is made of: steps, each of which knows what points it takes and what shape is after it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

Shape = tuple[int, ...]
# A module's outputs may be several.
Act = Callable[[Tensor], Any]
Part = TypeVar("Part", bound=nn.Module)
WIDTH = 4
# Numbers at a point before a step.
LARGEST = 64


class Drawn(nn.Module):
    """Runs its parts one after the other; `parts` are modules or plain functions that hold what they need."""

    def __init__(self) -> None:
        super().__init__()
        self.chain: list[Act] = []
        self.held: dict[str, Tensor] = {}

    def own(self, part: Part) -> Part:
        """Registers a module."""
        self.add_module(f"part{len(self._modules)}", part)
        return part

    def weight(self, *shape: int) -> nn.Parameter:
        """Registers a parameter."""
        made = nn.Parameter(torch.randn(*shape) / math.sqrt(shape[0]))
        self.register_parameter(f"weight{len(self._parameters)}", made)
        return made

    def forward(self, x: Tensor) -> Any:
        for step in self.chain:
            x = step(x)
        return x


@dataclass(frozen=True)
class Step:
    """Takes points of so many axes, each at least so long; `make` returns what it does and the shape after it."""

    ndims: tuple[int, ...]
    least: int
    make: Callable[[Drawn, Shape], tuple[Act, Shape]]

    def takes(self, shape: Shape) -> bool:
        """Whether it can stand behind points of this shape."""
        return len(shape) in self.ndims and min(shape) >= self.least and math.prod(shape) <= LARGEST


STEPS: dict[str, Step] = {}


def step(*ndims: int, least: int = 1) -> Callable[[Callable[[Drawn, Shape], tuple[Act, Shape]]], None]:
    """Names a step after its function."""

    def named(make: Callable[[Drawn, Shape], tuple[Act, Shape]]) -> None:
        STEPS[make.__name__] = Step(ndims, least, make)

    return named


def plain(name: str, act: Act) -> None:
    STEPS[name] = Step((1, 2, 3), 1, lambda m, s: (act, s))
