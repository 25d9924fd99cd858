"""Modules drawn at random: a start and a chain of steps, each of which knows what shapes a point may have before it.

A `Program` is plain strings and numbers, so that Hypothesis shrinks it and a failure can be typed in again. `COUPLING`
names the steps that mix the points: what a program with one of them computes for a batch is no function of one point.
Tests load this folder by its path:

    spec = importlib.util.spec_from_file_location("modules_drawn", FOLDER / "__init__.py")
    sys.modules["modules_drawn"] = drawn = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(drawn)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from hypothesis import strategies as st
from torch import Tensor, nn

from . import images, pointwise, positions  # noqa: F401
from .coupling import COUPLING
from .parts import STEPS, Act, Drawn, Shape


@dataclass(frozen=True)
class Program:
    """`start` is a kind of points, `steps` names of STEPS, `end` one of ENDS; `seed` decides weights and points."""

    start: str
    steps: tuple[str, ...]
    end: str
    dtype: str
    seed: int


STARTS: dict[str, Shape] = {"vector": (3,), "number": (1,), "sequence": (3, 2), "image": (2, 4, 3), "tokens": (3,)}
ENDS: dict[str, Callable[[nn.Module], Act]] = {
    "head": lambda head: lambda x: head(x.flatten(1)),
    "squeezed": lambda head: lambda x: head(x.flatten(1))[:, :1].squeeze(),
    "pair": lambda head: lambda x: (head(x.flatten(1)), x.flatten(1).square().sum(-1)),
    "mapping": lambda head: lambda x: {"a": head(x.flatten(1))[:, 0], "b": [x.flatten(1).sum(1, keepdim=True)]},
    "positions": lambda head: lambda x: head(x.flatten(1))[:, None],
}


def build(program: Program) -> Drawn:
    """The module. Raises ValueError for a step that does not fit where it stands."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(program.seed)
        try:
            torch.set_default_dtype(getattr(torch, program.dtype))
            return _built(program)
        finally:
            torch.set_default_dtype(torch.float32)


def _built(program: Program) -> Drawn:
    m, shape = Drawn(), STARTS[program.start]
    if program.start == "tokens":
        m.chain.append(m.own(nn.Embedding(5, 3)))
        shape = (*shape, 3)
    for name in program.steps:
        if not STEPS[name].takes(shape):
            raise ValueError(f"{name} does not take points of shape {shape}")
        act, shape = STEPS[name].make(m, shape)
        m.chain.append(act)
    m.chain.append(ENDS[program.end](m.own(nn.Linear(math.prod(shape), 2))))
    return m


def points(program: Program, n: int, salt: int = 0) -> Tensor:
    """Points for it, (n, ...)."""
    drawn = torch.Generator().manual_seed(2 * program.seed + salt)
    shape = (n, *STARTS[program.start])
    if program.start == "tokens":
        return torch.randint(0, 5, shape, generator=drawn)
    return torch.randn(shape, generator=drawn, dtype=torch.float64).to(getattr(torch, program.dtype))


@st.composite
def programs(draw: st.DrawFn, *, most: int = 6) -> Program:
    """A program of up to `most` steps that all fit; about one in five mixes the points. Kinks in float64 only."""
    start, dtype = draw(st.sampled_from(sorted(STARTS))), draw(st.sampled_from(["float64", "float64", "float32"]))
    kinked = (
        {"relu", "relu_in_place", "largest_position", "by_values", "above_the_mean"} if dtype == "float32" else set()
    )
    apart = [name for name in STEPS if name not in COUPLING]
    shape, m = (*STARTS[start], 3) if start == "tokens" else STARTS[start], Drawn()
    steps: list[str] = []
    for _ in range(draw(st.integers(0, most))):
        names = COUPLING if draw(st.integers(0, 14)) == 14 else apart
        able = [name for name in names if name not in kinked and STEPS[name].takes(shape)]
        if able:
            steps.append(draw(st.sampled_from(able)))
            shape = STEPS[steps[-1]].make(m, shape)[1]
    return Program(start, tuple(steps), draw(st.sampled_from(sorted(ENDS))), dtype, draw(st.integers(0, 2**20)))
