"""All that a morning's page tells, as plain data: one night against those before it, and what the nights say
together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lazy_assay.checks.ledger._ledger import Ledger
from lazy_assay.checks.ledger.address import LedgerError
from lazy_assay.checks.ledger.checkout import Commit, between
from lazy_assay.checks.ledger.evidence.changes import Change, changes
from lazy_assay.checks.ledger.evidence.moves import Canaries, Move, device_class, is_canary, moves
from lazy_assay.checks.ledger.evidence.news import OPEN, News, Told, counts, near, news
from lazy_assay.checks.ledger.evidence.stretches import Evidence, nights
from lazy_assay.checks.ledger.index.numbers import VERDICTS
from lazy_assay.checks.ledger.index.records import Run
from lazy_assay.checks.vocabulary.unfinished import broken

if TYPE_CHECKING:
    from lazy_assay.checks.ledger.index.queries import Index

# A stretch that the last so many nights of its device did not see is another version's, or is no longer run.
CURRENT = 3


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A stretch whose evidence suffices (`found`) or is watched, with where its change began.

    evidence: the natural logarithm of its e-value. exact: whether the draws have a known range. signs: whether they are
    seeds beyond what is allowed, and `change` has shares of these. moved: the canary's moves of the same comparison in
    the nights among which the change began.
    """

    subject: Mapping[str, str]
    device: str
    evidence: float
    exact: bool
    bias: float
    signs: bool
    change: Change
    moved: tuple[Move, ...]
    tonight: bool


@dataclass(frozen=True, kw_only=True)
class Morning:
    """`runs` are those of the night, one for each shard or device; `moved` what the canary of this night says;
    `failed` the items that broke, each with its error."""

    runs: tuple[Run, ...]
    earlier: int
    news: tuple[Told, ...]
    found: tuple[Finding, ...]
    watched: tuple[Finding, ...]
    moved: tuple[tuple[Mapping[str, str], Move], ...]
    canary: tuple[Run, ...]
    stretches: int
    verdicts: Mapping[str, int]
    failed: tuple[tuple[str, str], ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many parts have each news."""
        return counts(self.news)

    @property
    def bad(self) -> bool:
        """Whether somebody should look today: a part is worse, or bad from its first night; an item broke; a bias was
        found tonight."""
        first = any(row.news is News.NEW and row.status not in OPEN for row in self.surprises)
        return bool(first or self.counts["worse"] or self.failed or any(finding.tonight for finding in self.found))

    @property
    def surprises(self) -> tuple[Told, ...]:
        """Parts that ran and are not as expected."""
        return tuple(row for row in self.news if not row.as_expected and row.news is not News.NOT_RUN)

    @property
    def committed(self) -> dict[tuple[str, str], tuple[Commit, ...]]:
        """What was committed in each range of nights that is in question, where Assay's own checkout knows it."""
        changed = [it.change for it in (*self.found, *self.watched) if not it.change.from_the_start]
        ranges = [row.commits for row in self.surprises] + [(change.good, change.bad) for change in changed]
        ranges += [(move.before.commit, move.after.commit) for _, move in self.moved]
        told = {(good, bad): between(good, bad) for good, bad in dict.fromkeys(ranges) if good != bad}
        return {names: commits for names, commits in told.items() if commits}


def morning(ledger: Ledger, *, run: str = "") -> Morning:
    """The morning after the ledger's last run, or after the run whose id begins with `run`. Raises LedgerError."""
    runs = ledger.runs()
    night = _night(ledger, runs, run)
    with ledger.index() as index:
        assert index is not None
        told, canaries, recent, verdicts = _first_pass(until(index, night))
        found, watched = (_current(told, slots) for slots in (told.found, told.watched))
        watched = [slot for slot in watched if slot not in told.found]
        keys = {int(told.rows[slot]["key"]) for slot in (*found, *watched)}
        wanted = np.array(sorted(keys), dtype=np.uint64)
        # The numbers of a year are read again, night by night, where something was found, and never held together.
        again = (
            [(one, numbers[np.isin(numbers["key"], wanted)]) for one, numbers in until(index, night)] if keys else []
        )
        places = {change.slot: change for change in changes(told, again, [*found, *watched])}
        moved = list(moves(again))
        keys |= {move.key for move in recent}
        subjects = {int(key, 16): row for key, row in index.subjects(f"{key:016x}" for key in keys).items()}
    beside = _beside(runs, night)
    latest = beside[-1].run
    became = [news(ledger, one, runs) for one in _devices(beside)]
    findings = {
        slot: _finding(told, change, subjects, moved, told.runs[told.found.get(slot, 0)].run == latest)
        for slot, change in places.items()
    }
    return Morning(
        runs=tuple(beside),
        earlier=max(earlier for _, earlier in became),
        news=tuple(row for told, _ in became for row in told),
        failed=tuple(item for one in beside for item in _failed(ledger, one)),
        found=tuple(findings[slot] for slot in found if slot in findings),
        watched=tuple(findings[slot] for slot in watched if slot in findings),
        moved=tuple((subjects.get(move.key, {}), move) for move in recent),
        canary=tuple(canaries),
        stretches=len(told.names),
        verdicts=dict(sum((verdicts[one.run] for one in beside), Counter())),
    )


def _night(ledger: Ledger, runs: Sequence[Run], run: str) -> Run:
    wanted = [one for one in runs if one.run.startswith(run)]
    if not wanted:
        raise LedgerError(f"ledger {ledger.url} holds no run{f' whose id begins with {run!r}' if run else ' yet'}")
    if run and len({one.run for one in wanted}) > 1 and run not in {one.run for one in wanted}:
        raise LedgerError(f"{len(wanted)} runs have an id that begins with {run!r}; give more of it")
    return next((one for one in wanted if one.run == run), wanted[-1])


def _beside(runs: Sequence[Run], night: Run) -> list[Run]:
    """The runs of one night: of its profile, begun in the hours before it; on one class of device at one entropy."""
    earlier = [one for one in runs if one.profile == night.profile and one.started <= night.started]
    mine = device_class(night), night.entropy
    return [
        one
        for one in earlier
        if one is night
        or (near(one, night) and ((device_class(one), one.entropy) == mine or device_class(one) != mine[0]))
    ]


def _failed(ledger: Ledger, run: Run) -> list[tuple[str, str]]:
    """What broke in a run, where its journal is here."""
    try:
        return broken(ledger.head(run))
    except LedgerError:
        return []


def _devices(runs: Iterable[Run]) -> list[Run]:
    """The last run on each class of device."""
    return list({device_class(run): run for run in runs}.values())


def _current(told: Evidence, slots: Iterable[int]) -> list[int]:
    """Of these the stretches that are still run, the strongest first."""
    recent = {run.run for run in told.runs[-CURRENT * max(1, len(_devices(told.runs)) * 2) :]}
    kept = [slot for slot in slots if told.runs[told.last[slot]].run in recent]
    return sorted(kept, key=lambda slot: -told.log[slot])


def _finding(
    told: Evidence, change: Change, subjects: Mapping[int, Mapping[str, str]], moved: Sequence[Move], tonight: bool
) -> Finding:
    row = told.rows[change.slot]
    key, device = int(row["key"]), bytes(row["device"]).decode(errors="replace")
    begun = change.runs[change.first].started, change.runs[change.last].started
    near = [move for move in moved if move.key == key and device_class(move.after) == device]
    return Finding(
        subject=subjects.get(key, {}),
        device=device,
        evidence=float(told.log[change.slot]),
        exact=bool(nights(told.rows[[change.slot]]).ranged[0]),
        bias=0.0 if row["chance"] > 0 else float(row["bias"]),
        signs=bool(row["chance"] > 0),
        change=change,
        moved=tuple(move for move in near if begun[0][:10] <= move.after.started[:10] <= begun[1][:10]),
        tonight=tonight,
    )


def _first_pass(
    nights: Iterable[tuple[Run, np.ndarray]],
) -> tuple[Evidence, list[Run], list[Move], dict[str, Counter[str]]]:
    """The evidence; the last canary of each class of device, and what it saw move; the verdicts of each run."""
    told, canaries, last, verdicts = (
        Evidence(),
        Canaries(),
        dict[str, tuple[Run, list[Move]]](),
        dict[str, Counter[str]](),
    )
    for run, numbers in nights:
        told.fold(run, numbers)
        codes = np.bincount(numbers["verdict"], minlength=len(VERDICTS))[: len(VERDICTS)].tolist()
        verdicts[run.run] = Counter({word: count for word, count in zip(VERDICTS, codes, strict=True) if count})
        if is_canary(run):
            last[device_class(run)] = run, list(canaries.feed(run, numbers))
    return told, [run for run, _ in last.values()], [move for _, found in last.values() for move in found], verdicts


def until(index: Index, night: Run) -> Iterator[tuple[Run, np.ndarray]]:
    """The runs up to a night with their numbers, oldest first."""
    return (told for told in index.numbers() if told[0].started <= night.started)


def as_data(told: Morning) -> dict[str, Any]:
    """The morning as plain data."""
    return {
        "runs": [run._asdict() for run in told.runs],
        "earlier": told.earlier,
        "counts": told.counts,
        "news": [row._asdict() for row in told.news],
        "found": [_finding_data(finding) for finding in told.found],
        "watched": [_finding_data(finding) for finding in told.watched],
        "failed": [{"item": item, "error": error} for item, error in told.failed],
        "moved": [_move_data(subject, move) for subject, move in told.moved],
        "committed": {f"{a}..{b}": [one._asdict() for one in found] for (a, b), found in told.committed.items()},
        "stretches": told.stretches,
        "verdicts": dict(told.verdicts),
    }


def _finding_data(finding: Finding) -> dict[str, Any]:
    change = finding.change
    return {
        **finding.subject,
        "device": finding.device,
        "evidence": finding.evidence,
        "exact": finding.exact,
        "found": change.found.run,
        "tonight": finding.tonight,
        "first": change.runs[change.first].run,
        "last": change.runs[change.last].run,
        "best": change.runs[change.best].run,
        "error": change.level,
        "from_the_start": change.from_the_start,
        "after": change.good,
        "until": change.bad,
        "commits": list(change.commits),
        "moved": [_move_data(finding.subject, move) for move in finding.moved],
    }


def _move_data(subject: Mapping[str, str], move: Move) -> dict[str, Any]:
    what = [name for name in ("draws", "statement", "verdict") if getattr(move, name)]
    return {
        **subject,
        "device": device_class(move.after),
        "moved": what,
        "after": move.before.commit,
        "until": move.after.commit,
        "was": move.before.run,
        "run": move.after.run,
    }
