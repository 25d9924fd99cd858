"""Where a simulation can be spoilt: a function that its modules share, its streams, its arguments, its draws."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import numpy as np

from lazy_assay.sims.core.batch import as_float64

Simulate = Callable[..., Any]
Seam = Callable[[], AbstractContextManager[None]]
SIMULATIONS = "lazy_assay.sims"


@contextmanager
def replaced(original: Any, stand_in: Any) -> Iterator[None]:
    """`stand_in` for a function, under every name that a loaded module of simulations has for it."""
    modules = [module for name, module in list(sys.modules.items()) if name.startswith(SIMULATIONS)]
    held = [(vars(module), name) for module in modules for name, it in list(vars(module).items()) if it is original]
    for names, name in held:
        names[name] = stand_in
    try:
        yield
    finally:
        for names, name in held:
            names[name] = original


@contextmanager
def entries(table: dict[str, Any], spoil: Callable[[Any], Any]) -> Iterator[None]:
    """Every entry of a table spoilt."""
    kept = dict(table)
    table.update({name: spoil(it) for name, it in kept.items()})
    try:
        yield
    finally:
        table.update(kept)


@contextmanager
def method(owner: type, name: str, stand_in: Callable[..., Any]) -> Iterator[None]:
    """`stand_in(original, self, …)` for a method."""
    original = getattr(owner, name)
    setattr(owner, name, lambda self, *given, **told: stand_in(original, self, *given, **told))
    try:
        yield
    finally:
        setattr(owner, name, original)


def at_seams(*seams: Seam) -> Callable[[Simulate], Simulate]:
    """What spoils a simulation by what it calls, for as long as it runs."""

    def spoil(simulate: Simulate) -> Simulate:
        def spoilt(**told: Any) -> Any:
            with ExitStack() as stack:
                for seam in seams:
                    stack.enter_context(seam())
                return simulate(**told)

        return spoilt

    return spoil


def at_arguments(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Simulate], Simulate]:
    """What spoils a simulation by what it is told."""
    return lambda simulate: lambda **told: simulate(**told | change(told))


def at_draws(change: Callable[[np.ndarray, np.random.Generator], np.ndarray]) -> Callable[[Simulate], Simulate]:
    """What spoils the draws of a simulation, with a generator of its own for each batch."""

    def spoil(simulate: Simulate) -> Simulate:
        return lambda **told: change(as_float64(simulate(**told)), np.random.default_rng(told["entropy"] ^ 1))

    return spoil


def rolled(tensors: Sequence[Any], share: float) -> tuple[Any, ...]:
    """Tensors whose first axis is the trials, each with a share of the trial before it."""
    return tuple((1 - share) * it + share * it.roll(1, 0) for it in tensors)
