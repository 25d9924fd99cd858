"""What is said of a reader's module in place of an answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

# What several instruments find out, each in its own way.
DRAWS = "the module draws at random, so that its outputs are no function of its inputs; call module.eval() first"
CHANGES = "the module gives another output when it runs again: it draws at random, or has a state"
COUPLES = "what the module makes of a point depends on the other points of a batch; let each point go through alone"
BRANCHES = "the module's control flow depends on values, so that no one network stands for it"


class ModuleError(Exception):
    """A module, or what is to go through it, that is refused; one line: what, where and how to mend it."""


class FailsError(ModuleError):
    """The reader's own code raises; the error is the cause."""


@contextmanager
def refused_as(kind: type[ModuleError]) -> Iterator[None]:
    """What the gate refuses inside, as an instrument's own error, in the same words."""
    try:
        yield
    except ModuleError as error:
        if isinstance(error, kind):
            raise
        raise kind(str(error)) from error


@contextmanager
def running(where: str = "on its inputs") -> Iterator[None]:
    """The reader's own code runs inside. Raises FailsError, for whatever it raises, and lets other refusals through."""
    try:
        yield
    except ModuleError:
        raise
    except Exception as error:  # A reader's code may raise anything, and no instrument may.
        raise FailsError(f"the module fails {where} ({told(error)})") from error


def told(error: Exception) -> str:
    """An error in one line: its kind, and the first line that it has."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return ": ".join([type(error).__name__, *lines[:1]])
