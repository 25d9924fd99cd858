"""What became of each part of each claim since the last night: new, worse, mended, unchanged, stabilised, not run.

A night with a budget runs some parts of most claims and all parts of few, so what is compared is a part.

A run is held against the earlier runs of its profile on its class of device. *Worse* and *mended* go by whether a
status is as expected, then by whether it holds, is open or fails. *Stabilised* is said on one night only: the
`STEADY`th of one status after another.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from lazy_assay.checks.ledger._ledger import Ledger
from lazy_assay.checks.ledger.evidence.moves import device_class
from lazy_assay.checks.ledger.index.records import Run
from lazy_assay.checks.vocabulary.status import as_told
from lazy_assay.theory._status import NOT_RUN, STATUSES

STEADY, WINDOW = 5, 30
# Runs of one profile that began in the same so many hours may be one night: shards, devices.
HOURS = 20
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
    """One part on one class of device: its news, its statuses so far (oldest first, tonight's last where it ran), and
    the run on which its status of tonight began, `since`. part: `claim:part`; `claim` where its one part has no name.
    """

    part: str
    device: str
    news: News
    status: str
    expected: str
    was: str
    statuses: tuple[str, ...]
    since: str
    commits: tuple[str, str]

    @property
    def as_expected(self) -> bool:
        """Whether the status is the expected one, or nearer to the data than was expected of a bound."""
        return as_told(self.status, self.expected)


def peers(runs: Sequence[Run], night: Run) -> list[Run]:
    """A run and the earlier ones of its profile on its class of device, oldest first."""
    mine = (night.profile, device_class(night))
    return [run for run in runs if (run.profile, device_class(run)) == mine and run.started <= night.started]


def news(ledger: Ledger, night: Run, runs: Sequence[Run]) -> tuple[list[Told], int]:
    """What became of each part that was run in the last `WINDOW` nights, and how many nights were before this one.

    Raises LedgerError.
    """
    stated = ledger.statuses(limit=len(runs), parts=True)
    nights = _nights(peers(runs, night), stated)
    compared = [shards[-1] for shards in nights[-WINDOW:]]
    order = {run.run: place for place, shards in enumerate(nights[-WINDOW:]) for run in shards}
    told = []
    for part, entries in stated.items():
        mine = {order[entry["run"]]: entry for entry in entries if entry["run"] in order}
        if mine:
            told.append(_told(part, compared, mine))
    return told, len(nights) - 1


def _nights(runs: Sequence[Run], stated: Mapping[str, Sequence[Mapping[str, str]]]) -> list[list[Run]]:
    """Runs as nights: what began within `HOURS`, at one entropy, of parts that are others, is one night's shards."""
    parts: dict[str, set[str]] = {}
    for part, entries in stated.items():
        for entry in entries:
            parts.setdefault(entry["run"], set()).add(part)
    nights: list[list[Run]] = []
    for run in runs:
        shards = nights[-1] if nights else []
        taken = {part for shard in shards for part in parts.get(shard.run, ())}
        if (
            shards
            and shards[0].entropy == run.entropy
            and near(shards[0], run)
            and not taken & parts.get(run.run, set())
        ):
            shards.append(run)
        else:
            nights.append([run])
    return nights


def near(earlier: Run, later: Run) -> bool:
    """Whether two runs began within `HOURS`; of one that does not say when in a way that can be read, no."""
    try:
        began, since = (datetime.datetime.fromisoformat(run.started[:19]) for run in (later, earlier))
    except ValueError:
        return False
    return began - since < datetime.timedelta(hours=HOURS)


def counts(told: Sequence[Told]) -> dict[str, int]:
    """How many parts have each news, in the order in which they are told."""
    found = Counter(row.news for row in told)
    return {kind.value: found[kind] for kind in News}


def _told(part: str, compared: Sequence[Run], mine: Mapping[int, Mapping[str, str]]) -> Told:
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
        part,
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
    return not as_told(word, entry["expected"]), 0 if word in HOLDS else 1 if word in OPEN else 2
