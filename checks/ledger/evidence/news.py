"""What became of each claim since the last night: new, worse, mended, unchanged, stabilised or not run.

A run is held against the earlier runs of its profile on its class of device. *Worse* and *mended* go by whether a
status is as expected, then by whether it holds, is open or fails. *Stabilised* is said on one night only: the
`STEADY`th of one status after another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from lazy_assay.checks.ledger._ledger import Ledger
from lazy_assay.checks.ledger.evidence.moves import device_class
from lazy_assay.checks.ledger.index.records import Run
from lazy_assay.theory._status import NOT_RUN, STATUSES

STEADY, WINDOW = 5, 30
HOLDS = {status.word for status in STATUSES if status.holds}
OPEN = {status.word for status in STATUSES if status.open}


class News(StrEnum):
    """In the order in which they are told."""

    WORSE = "worse"
    NEW = "new"
    MENDED = "mended"
    STABILISED = "stabilised"
    NOT_RUN = "not run"
    UNCHANGED = "unchanged"


class Told(NamedTuple):
    """One claim on one class of device: its news, its statuses so far (oldest first, tonight's last where it ran), and
    the run on which its status of tonight began, `since`."""

    claim: str
    device: str
    news: News
    status: str
    expected: str
    was: str
    statuses: tuple[str, ...]
    since: str
    commits: tuple[str, str]


def peers(runs: Sequence[Run], night: Run) -> list[Run]:
    """A run and the earlier ones of its profile on its class of device, oldest first."""
    mine = (night.profile, device_class(night))
    return [run for run in runs if (run.profile, device_class(run)) == mine and run.started <= night.started]


def news(ledger: Ledger, night: Run, runs: Sequence[Run]) -> list[Told]:
    """What became of each claim that was run in the last `WINDOW` nights. Raises LedgerError."""
    compared = peers(runs, night)[-WINDOW:]
    order = {run.run: place for place, run in enumerate(compared)}
    told = []
    for claim, entries in ledger.statuses(limit=len(runs)).items():
        mine = {order[entry["run"]]: entry for entry in entries if entry["run"] in order}
        if mine:
            told.append(_told(claim, compared, mine))
    return told


def counts(told: Sequence[Told]) -> dict[str, int]:
    """How many claims have each news, in the order in which they are told."""
    found = Counter(row.news for row in told)
    return {kind.value: found[kind] for kind in News}


def _told(claim: str, compared: Sequence[Run], mine: Mapping[int, Mapping[str, str]]) -> Told:
    last = len(compared) - 1
    ran = [place for place in sorted(mine) if mine[place]["status"] != NOT_RUN]
    words = tuple(mine[place]["status"] for place in sorted(mine))
    entry = mine[max(mine)]
    status = entry["status"] if last in mine else NOT_RUN
    earlier = [place for place in ran if place < last]
    was = mine[earlier[-1]]["status"] if earlier else ""
    kind = _kind(mine, ran, earlier, last)
    begun = max((place for place in earlier if mine[place]["status"] != status), default=None)
    since = next((place for place in ran if begun is None or place > begun), last)
    commits = ("" if begun is None else compared[begun].commit, compared[since].commit)
    return Told(
        claim,
        device_class(compared[last]),
        kind,
        status,
        entry["expected"],
        was,
        words,
        compared[since].started,
        commits,
    )


def _kind(mine: Mapping[int, Mapping[str, str]], ran: Sequence[int], earlier: Sequence[int], last: int) -> News:
    if last not in ran:
        return News.NOT_RUN
    if not earlier:
        return News.NEW
    now, then = (_grade(mine[place]) for place in (last, earlier[-1]))
    if now != then:
        return News.WORSE if now > then else News.MENDED
    words = [mine[place]["status"] for place in ran]
    steady = len(words) > STEADY and len(set(words[-STEADY:])) == 1 and words[-STEADY - 1] != words[-1]
    return News.STABILISED if steady else News.UNCHANGED


def _grade(entry: Mapping[str, str]) -> tuple[bool, int]:
    """How bad a status is: whether it surprises, then whether it holds, is open or fails."""
    word = entry["status"]
    return word != entry["expected"], 0 if word in HOLDS else 1 if word in OPEN else 2
