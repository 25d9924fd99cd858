"""What a reader of the index gets: runs, and results over nights, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from lazy_assay.checks.ledger.index import columns


@dataclass(frozen=True, kw_only=True)
class Run:
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


@dataclass(frozen=True, kw_only=True)
class Record:
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


FIELDS: dict[type, tuple[str, ...]] = {kind: tuple(field.name for field in fields(kind)) for kind in (Run, Record)}
WHOLE = frozenset({"place", "results", "unreadable", *columns.COUNTS})
REAL = frozenset({*columns.NUMBERS, *columns.DERIVED})


class AlteredError(ValueError):
    """A row of the index holds what nobody here wrote; the message names the column."""


def record(row: Sequence[Any]) -> Record:
    """A Record of a row with its fields in order. Raises AlteredError for a value of a wrong type."""
    return Record(**_checked(Record, row))


def run(row: Sequence[Any]) -> Run:
    """A Run of a row with its fields in order. Raises AlteredError for a value of a wrong type."""
    return Run(**_checked(Run, row))


def _checked(kind: type, row: Sequence[Any]) -> dict[str, Any]:
    told = dict(zip(FIELDS[kind], row, strict=True))
    for name, value in told.items():
        if name in REAL:
            fits = value is None or isinstance(value, float)
        elif name == "exit_code":
            fits = value is None or isinstance(value, int)
        else:
            fits = isinstance(value, int if name in WHOLE else str)
        if not fits:
            raise AlteredError(f"{name} is {type(value).__name__} in a row of it")
    return told
