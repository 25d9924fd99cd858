"""What the canary says: the same entropy, night after night, so that a number that moves was moved by no luck.

Code, libraries or the machine moved it. Beside it stands what the statistics of fresh seeds say: *the code moved* is
told the first night and to the bit, *the statistics moved* when their evidence suffices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

import numpy as np

from lazy_assay.checks.ledger.index.numbers import NUMBERS
from lazy_assay.checks.ledger.index.records import Run

# What the draws are, and what they are held against.
DRAWS = ("estimate", "lower", "upper", "trials", "diverged", "stage")
STATEMENT = ("predicted", "bias")


class Move(NamedTuple):
    """A comparison that came out otherwise than in the canary before; `draws` and `statement` say what moved."""

    key: int
    before: Run
    after: Run
    draws: bool
    statement: bool
    verdict: bool
    was: np.void
    now: np.void


def canaries(nights: Iterable[tuple[Run, np.ndarray]]) -> dict[str, list[tuple[Run, np.ndarray]]]:
    """The runs at a fixed entropy, in profile quick at 0, by class of device, in the order given."""
    fixed = [(run, numbers) for run, numbers in nights if (run.profile, run.entropy) == ("quick", "0")]
    fixed.sort(key=lambda night: _device(night[0]))
    return {device: list(found) for device, found in groupby(fixed, key=lambda night: _device(night[0]))}


def moves(series: Iterable[tuple[Run, np.ndarray]]) -> Iterator[Move]:
    """What moved from each run to the next of one device; all of one entropy, oldest first.

    A comparison that a run leaves out is held against the last run that has it.
    """
    known, ran, runs = np.empty(0, dtype=NUMBERS), np.empty(0, dtype=np.intp), list[Run]()
    for run, numbers in series:
        _, first = np.unique(numbers["key"], return_index=True)
        rows = numbers[first]
        _, old, new = np.intersect1d(known["key"], rows["key"], assume_unique=True, return_indices=True)
        yield from _moved(run, known[old], rows[new], [runs[place] for place in ran[old]])
        kept = ~np.isin(known["key"], rows["key"])
        known = np.concatenate([known[kept], rows])
        ran = np.append(ran[kept], np.full(len(rows), len(runs)))
        runs.append(run)


def _moved(run: Run, was: np.ndarray, now: np.ndarray, ran: list[Run]) -> Iterator[Move]:
    told = {names: _differ(was, now, names) for names in (DRAWS, STATEMENT, ("verdict",))}
    for place in np.flatnonzero(np.logical_or.reduce(list(told.values()))):
        draws, statement, verdict = (bool(differ[place]) for differ in told.values())
        yield Move(int(now[place]["key"]), ran[place], run, draws, statement, verdict, was[place], now[place])


def _differ(was: np.ndarray, now: np.ndarray, names: Iterable[str]) -> np.ndarray:
    found = np.zeros(len(was), dtype=bool)
    for name in names:
        found |= (was[name] != now[name]) & ~((was[name] != was[name]) & (now[name] != now[name]))
    return found


def _device(run: Run) -> str:
    return run.device.partition(":")[0]
