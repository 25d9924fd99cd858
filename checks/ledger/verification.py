"""Holds a ledger's journals against their seals, and every row of its index against the journals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lazy_assay.checks.ledger import sealed
from lazy_assay.checks.ledger._ledger import Ledger
from lazy_assay.checks.ledger.index import columns
from lazy_assay.checks.ledger.index.contents import Contents, contents
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
    with ledger.index() as index:
        if index is not None:
            _compare(index, ledger.archive.paths(), intact, told)
            told.runs = len(index.runs())
            told.findings += conflicts(index)
    return told


def _damage(path: Path) -> str:
    try:
        name = sealed.check(path)
    except (sealed.DamagedError, OSError) as error:
        return f"damaged: {error}; merge a good copy of it, and rebuild"
    return "" if name == path.name else f"its content is that of {name}; merge a good copy of it, and rebuild"


def _compare(index: Index, paths: dict[str, Path], intact: dict[str, Path], told: Verification) -> None:
    known = set(index.journals().values())
    for digest in sorted(known - set(paths)):
        told.findings.append(Finding(digest, "the index has this journal, the folder has not: merge it, or rebuild"))
    if pending := [path.name for digest, path in intact.items() if digest not in known]:
        told.notes.append(f"{len(pending)} journals are not in the index yet: the next run or a rebuild takes them up")
    keys: dict[str, dict[str, Any]] = {}
    for digest in sorted(known & set(intact)):
        expected = contents(intact[digest])
        told.results += len(expected.results)
        told.notes += [f"{sentence}: left out" for sentence in expected.unreadable]
        told.findings += _differing(index, expected)
        keys |= {row["key"]: row for row in expected.comparisons}
    told.findings += _stray(index, keys, whole=known == set(intact))


def _differing(index: Index, expected: Contents) -> Iterator[Finding]:
    """One finding for each table that does not hold a journal's rows: the first that differs, or the missing ones."""
    run, stored = expected.journal["run"], index.rows(expected.journal["journal"])
    for table, rows in (("runs", [expected.journal]), ("statuses", expected.statuses), ("results", expected.results)):
        mine, theirs = set(map(_row, rows)), set(map(_row, stored[table]))
        if wrong := [row for row in stored[table] if _row(row) not in mine]:
            yield Finding(run, f"{len(wrong)} {table} in the index are not its journal's: {_shown(wrong[0])}; rebuild")
        elif missing := len(mine - theirs):
            yield Finding(run, f"{missing} {table} of its journal are missing in the index; rebuild")


def _row(row: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(row.items()))


def _stray(index: Index, keys: dict[str, dict[str, Any]], *, whole: bool) -> Iterator[Finding]:
    """Rows that belong to no journal, and comparisons that are not what the journals compare."""
    if count := index.orphans():
        yield Finding("index", f"{count} rows belong to no journal; rebuild")
    stored = {row["key"]: row for row in index.comparisons()}
    for key, row in stored.items():
        if key in keys and row != keys[key]:
            yield Finding("index", f"a comparison is not its journals': {_shown(row)}; rebuild")
        elif key not in keys and whole:
            yield Finding("index", f"no journal has this comparison: {_shown(row)}; rebuild")
    if missing := len(keys.keys() - stored.keys()):
        yield Finding("index", f"{missing} comparisons are missing; rebuild")


def _shown(row: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in row.items() if name not in ("journal", "content"))[:300]


def conflicts(index: Index, scope: Iterable[str] | None = None) -> list[Finding]:
    """Keys that came back with other content; `scope` names the journals that are new."""
    return [_conflict(records) for records in index.conflicts(scope)]


def _conflict(records: list[Record]) -> Finding:
    first = asdict(records[0])
    other = next(asdict(record) for record in records if record.content != records[0].content)
    names = [name for name in first if name not in NAMES and first[name] != other[name]]
    where = " and ".join(f"run {row['run']}, line {row['place']}" for row in (first, other))
    return Finding(
        records[0].comparison,
        f"came back with other content, though code, machine, profile and entropy are the same: {where} differ in "
        f"{', '.join(names) or 'what the journals alone hold'}",
    )
