"""Holds a ledger's journals against their seals, and every row of its index against the journals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lazy_assay.checks.ledger import sealed
from lazy_assay.checks.ledger._ledger import Ledger
from lazy_assay.checks.ledger.index import columns
from lazy_assay.checks.ledger.index.contents import Contents, Row, contents
from lazy_assay.checks.ledger.index.records import Record

if TYPE_CHECKING:
    from lazy_assay.checks.ledger.index.queries import Index

# What of a record names who made it, and is no part of what it says.
NAMES = ("run", "commit", "make", "journal", "place", "started", "content", *columns.APART)


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with a ledger: where, in a name, and what, in a sentence."""

    name: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.name}: {self.sentence}"


@dataclass(kw_only=True)
class Verification:
    """What was looked at, what is wrong, and (`notes`) what a reader may want to know and is not wrong."""

    runs: int = 0
    journals: int = 0
    results: int = 0
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def verify(ledger: Ledger) -> Verification:
    """Look at everything. Raises LedgerError where the index cannot be read."""
    told, intact = Verification(), {}
    for digest, path in ledger.archive.paths().items():
        told.journals += 1
        if damage := _damage(path):
            told.findings.append(Finding(path.name, damage))
        else:
            intact[digest] = path
    with ledger.opened() as index:
        known = set(index.journals().values()) if index else set()
        if pending := len(intact.keys() - known):
            told.notes.append(f"{pending} journals are not in the index yet: the next run or a rebuild takes them up")
        for digest in sorted(known - set(ledger.archive.paths())):
            told.findings.append(
                Finding(digest, "this journal is in the index and not in the folder: merge it, or rebuild")
            )
        if index is not None:
            told.runs = len(index.runs())
            shared = [intact[digest] for digest in sorted(known & set(intact))]
            _compare(index, shared, told, more=bool(known - set(intact)))
            told.findings += conflicts(index)
    return told


def _damage(path: Path) -> str:
    try:
        name = sealed.check(path)
    except (sealed.DamagedError, OSError) as error:
        return f"damaged: {error}; merge a good copy of it, and rebuild"
    return "" if name == path.name else f"its content is that of {name}; merge a good copy of it, and rebuild"


def _compare(index: Index, paths: Iterable[Path], told: Verification, *, more: bool) -> None:
    """The rows of these journals; where there are `more` in the index, it may hold comparisons that these have not."""
    keys: dict[str, Row] = {}
    for path in paths:
        expected = contents(path)
        told.results += len(expected.results)
        told.notes += [f"{sentence}: left out" for sentence in expected.unreadable]
        told.findings += _differing(index, expected)
        keys |= {row["key"]: row for row in expected.comparisons}
    if count := index.orphans():
        told.findings.append(Finding("index", f"{count} rows belong to no journal; rebuild"))
    told.findings += _held("index", "assay_comparisons", index, list(keys.values()), more=more)


def _differing(index: Index, expected: Contents) -> Iterator[Finding]:
    run, journal = expected.journal["run"], expected.journal["journal"]
    tables = {"journals": [expected.journal], "statuses": expected.statuses}
    tables |= {"results": expected.results, "numbers": expected.numbers}
    for table, rows in tables.items():
        yield from _held(run, f"assay_{table}", index, rows, journal)


def _held(
    name: str, table: str, index: Index, expected: list[Row], journal: str = "", *, more: bool = False
) -> Iterator[Finding]:
    """What a table holds against what it should: the first row that is wrong, or how many are missing."""
    if not expected:
        expected, names = [], ["journal" if journal else "key"]
    else:
        names = list(expected[0])
    mine, theirs = {tuple(row.values()) for row in expected}, index.rows(table, names, journal)
    wrong = [row for row in theirs if row not in mine]
    if wrong and not more:
        shown = ", ".join(f"{column} {value}" for column, value in zip(names, wrong[0], strict=True))
        yield Finding(name, f"{len(wrong)} rows of {table} are not the journals': {shown[:300]}; rebuild")
    elif missing := len(mine.difference(theirs)):
        yield Finding(name, f"{missing} rows of {table} are missing or altered; rebuild")


def conflicts(index: Index, scope: Iterable[str] | None = None) -> list[Finding]:
    """Keys that came back with other content; `scope` names the journals that are new."""
    return [_conflict(records) for records in index.conflicts(scope)]


def _conflict(records: list[Record]) -> Finding:
    first = records[0]._asdict()
    other = next(record._asdict() for record in records if record.content != records[0].content)
    names = [name for name in first if name not in NAMES and first[name] != other[name]]
    where = " and ".join(f"run {row['run']}, line {row['place']}" for row in (first, other))
    return Finding(
        records[0].comparison,
        f"came back with other content, though code, machine, profile and entropy are the same: {where} differ in "
        f"{', '.join(names) or 'what the journals alone hold'}",
    )
