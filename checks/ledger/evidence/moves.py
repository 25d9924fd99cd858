"""What the canary says: the same entropy, night after night, so that a number that moves was moved by no luck.

Code, libraries or the machine moved it. Beside it stands what the statistics of fresh seeds say: *the code moved* is
told the first night and to the bit, *the statistics moved* when their evidence suffices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from lazy_assay.checks.ledger.index.numbers import NUMBERS
from lazy_assay.checks.ledger.index.records import Run

# What the draws are, and what they are held against.
DRAWS = ("estimate", "lower", "upper", "trials", "diverged", "stage")
STATEMENT = ("predicted", "bias")


class Move(NamedTuple):
    """A comparison that came out otherwise than in the canary before; `draws`, `statement` and `verdict` say what
    moved.
    """

    key: int
    before: Run
    after: Run
    draws: bool
    statement: bool
    verdict: bool


def is_canary(run: Run) -> bool:
    """Whether a run is at the fixed entropy: profile quick at 0."""
    return (run.profile, run.entropy) == ("quick", "0")


class Canaries:
    """What each comparison came to in the last canary that has it, on each class of device."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self._known: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def feed(self, run: Run, numbers: np.ndarray) -> Iterator[Move]:
        """One canary more, later than those before it; what moved since. A comparison that it leaves out waits."""
        nothing = np.empty(0, dtype=NUMBERS), np.empty(0, dtype=np.intp)
        known, ran = self._known.get(device_class(run), nothing)
        _, first = np.unique(numbers["key"], return_index=True)
        rows = numbers[first]
        old, new, kept = _shared(known["key"], rows["key"])
        found = list(_moved(run, known[old], rows[new], [self.runs[place] for place in ran[old].tolist()]))
        places = np.append(ran[kept], np.full(len(rows), len(self.runs)))
        self._known[device_class(run)] = np.concatenate([known[kept], rows]), places
        self.runs.append(run)
        return iter(found)


def _shared(known: np.ndarray, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the keys of both stand in either, both of them distinct; and which of those known are in the other not."""
    if np.array_equal(known, keys):
        every = np.arange(len(keys))
        return every, every, np.zeros(len(keys), dtype=bool)
    _, old, new = np.intersect1d(known, keys, assume_unique=True, return_indices=True)
    return old, new, ~np.isin(known, keys)


def moves(nights: Iterable[tuple[Run, np.ndarray]]) -> Iterator[Move]:
    """What moved from each canary to the next of its device; of all runs, oldest first."""
    canaries = Canaries()
    for run, numbers in nights:
        if is_canary(run):
            yield from canaries.feed(run, numbers)


def _moved(run: Run, was: np.ndarray, now: np.ndarray, ran: list[Run]) -> Iterator[Move]:
    draws, statement, verdict = (_differ(was, now, names) for names in (DRAWS, STATEMENT, ("verdict",)))
    for place in np.flatnonzero(draws | statement | verdict).tolist():
        what = (bool(differ[place]) for differ in (draws, statement, verdict))
        yield Move(int(now[place]["key"]), ran[place], run, *what)


def _differ(was: np.ndarray, now: np.ndarray, names: Iterable[str]) -> np.ndarray:
    found = np.zeros(len(was), dtype=bool)
    for name in names:
        found |= (was[name] != now[name]) & ~((was[name] != was[name]) & (now[name] != now[name]))
    return found


def device_class(run: Run) -> str:
    """`cpu`, `cuda`: which of several GPUs it was says nothing."""
    return run.device.partition(":")[0]
