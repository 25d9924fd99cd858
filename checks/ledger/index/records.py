"""What a reader of the index gets: runs, and results over nights, as plain data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from lazy_assay.checks.ledger.index import columns


class Run(NamedTuple):
    """One run. `make` is equal for runs that must find the same to the last bit: code, machine, profile, entropy.

    `digest` names its journal; `results` counts what that holds, `unreadable` its lines that are no result.
    """

    run: str
    started: str
    finished: str
    profile: str
    entropy: str
    device: str
    commit: str
    exit_code: int | None
    make: str
    digest: str
    results: int
    unreadable: int


class Record(NamedTuple):
    """What one run found about one comparison. Its numbers are those of the result; None is NaN.

    `lower` and `upper` are the ends of the interval, `bias` the allowance b(n), `monte_carlo` the half-width of the
    confidence set; `content` is equal for results that say the same; `place` is the line of `journal` with the rest.
    """

    run: str
    commit: str
    make: str
    journal: str
    place: int
    started: str
    comparison: str
    claim: str
    part: str
    check: str
    route: str
    subject: str
    id: str
    stage: str
    verdict: str
    guarantee: str
    method: str
    statement_version: str
    simulation_version: str
    entropy: str
    device: str
    profile: str
    trials: int
    diverged: int
    predicted: float | None
    estimate: float | None
    lower: float | None
    upper: float | None
    bias: float | None
    monte_carlo: float | None
    resolution: float | None
    false_alarm: float | None
    seconds: float | None
    content: str


REAL = frozenset({*columns.NUMBERS, *columns.DERIVED})
WHOLE = frozenset({"place", "results", "unreadable", *columns.COUNTS})


def _kinds(names: Iterable[str]) -> tuple[Any, ...]:
    """What may stand in each of these fields."""
    special: dict[str, Any] = {"exit_code": (int, type(None))} | dict.fromkeys(WHOLE, int)
    return tuple((float, type(None)) if name in REAL else special.get(name, str) for name in names)


KINDS = {kind: _kinds(kind._fields) for kind in (Run, Record)}


class AlteredError(ValueError):
    """A row of the index holds what nobody here wrote; the message names the column."""


def record(row: Any) -> Record:
    """A Record of a row with its fields in order. Raises AlteredError for a value of a wrong type."""
    return Record._make(_checked(Record, row))


def run(row: Any) -> Run:
    """A Run of a row with its fields in order. Raises AlteredError for a value of a wrong type."""
    return Run._make(_checked(Run, row))


def _checked(kind: type[Run] | type[Record], row: Any) -> Any:
    if not all(map(isinstance, row, KINDS[kind])):
        fits = zip(kind._fields, row, KINDS[kind], strict=True)
        name, value = next((name, value) for name, value, allowed in fits if not isinstance(value, allowed))
        raise AlteredError(f"{name} is {type(value).__name__} in a row of it")
    return row
