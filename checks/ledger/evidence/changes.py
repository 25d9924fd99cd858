"""Where a change began: a set of nights and the commits between them, with the error that the set has.

No single commit is named as a fact: what is told is the range from the commit of the last night that may have been
before the change to that of the last night that may have been its first. What is older than the record is said so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from lazy_assay.checks.ledger.evidence.stretches import Evidence, telling
from lazy_assay.checks.ledger.index.records import Run
from lazy_assay.checks.statistics.change_point import change_point

# The error of a confidence set for the night of a change.
LEVEL = 0.1
# Nights that are looked at: one more is dropped at the far end, and the set says so where it reaches there.
NIGHTS = 180


class Change(NamedTuple):
    """A stretch that was found: which nights it had (`runs`, with `offs` from the prediction and their `errors`), which
    of these may have been the first of the new mean (`first` to `last`, `best` the likeliest; places in `runs`), at
    what error, and on which run the evidence sufficed."""

    slot: int
    runs: tuple[Run, ...]
    offs: tuple[float, ...]
    errors: tuple[float, ...]
    best: int
    first: int
    last: int
    level: float
    found: Run

    @property
    def from_the_start(self) -> bool:
        """Whether the record may begin with it."""
        return self.first == 0

    @property
    def good(self) -> str:
        """The commit of the last night that was surely before the change; empty where none is."""
        return self.runs[self.first - 1].commit if self.first else ""

    @property
    def bad(self) -> str:
        """The commit of the last night that may have been the first of the change."""
        return self.runs[self.last].commit

    @property
    def commits(self) -> tuple[str, ...]:
        """The commits that nights ran in that range, in order, without the good one."""
        ran = [run.commit for run in self.runs[self.first : self.last + 1]]
        return tuple(commit for commit in dict.fromkeys(ran) if commit != self.good)


def changes(told: Evidence, nights: Iterable[tuple[Run, np.ndarray]], slots: Sequence[int]) -> list[Change]:
    """Where the change of each of these stretches began; `nights` are the runs with their numbers, oldest first."""
    names = {told.names[slot]: slot for slot in slots}
    series: dict[int, list[tuple[Run, float, float]]] = {slot: [] for slot in slots}
    seen: set[tuple[int, int]] = set()
    for run, numbers in nights if names else ():
        rows, found = telling(numbers)
        for place in np.flatnonzero(np.isin(found, np.array(list(names), dtype=np.uint64))):
            row, name = rows[place], int(found[place])
            if (name, int(row["entropy"])) not in seen:
                seen.add((name, int(row["entropy"])))
                series[names[name]].append((run, *_off(row)))
    return [_change(told, slot, points[-NIGHTS:]) for slot, points in series.items() if len(points) > 1]


def _off(row: np.void) -> tuple[float, float]:
    """How far a night's mean lies from the prediction, and its standard error; of signs, the share above less that
    below, less what the share of a side may be (whichever side speaks)."""
    if not row["chance"] > 0:
        return float(row["mean"] - row["predicted"]), _error(row)
    # Seeds that are all alike have an error too: half a seed is added on either side.
    count, share = float(row["count"]), abs(float(row["mean"]))
    share = (count * share + 0.5) / (count + 1)
    return float(row["mean"] - row["side"] * row["chance"]), float(np.sqrt(share * (1 - share) / count))


def _error(row: np.void) -> float:
    """The standard error of a night's mean; of draws that are all alike, that of the smallest spread a double has."""
    return max(float(np.sqrt(row["second"] / row["count"])), 1e-12 * max(abs(float(row["mean"])), 1e-300))


def _change(told: Evidence, slot: int, points: Sequence[tuple[Run, float, float]]) -> Change:
    runs, offs, errors = zip(*points, strict=True)
    found = told.runs[told.found.get(slot, told.watched.get(slot, len(told.runs) - 1))]
    # What came after it was found is left out: the set is that of the night on which somebody was told.
    until = max(2, sum(run.started <= found.started for run in runs))
    place = change_point(np.array(offs[:until]), np.array(errors[:until]), LEVEL)
    return Change(slot, runs, offs, errors, place.best, min(place.nights), max(place.nights), LEVEL, found)
