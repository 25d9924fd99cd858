"""Finds a stored result and makes it again: the task that made it runs with the same entropy, profile and device."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lazy_assay import theory
from lazy_assay.checks.engine.order import Order, UsageError, validate
from lazy_assay.checks.engine.perform import perform
from lazy_assay.checks.ledger import Ledger
from lazy_assay.checks.vocabulary import files
from lazy_assay.checks.vocabulary.result import from_json, to_json

Row = dict[str, Any]


def find(id: str, folder: Path | None, ledger: Ledger) -> Row:
    """The stored result of that id (or its beginning). Raises UsageError where there is none, or more than one."""
    if folder is not None:
        rows = [row for row in _stored(folder) if isinstance(row, dict) and str(row.get("id", "")).startswith(id)]
    else:
        rows = ledger.find(id)
    if len({row["id"] for row in rows}) != 1:
        told = "no stored result has" if not rows else f"{len(rows)} stored results have"
        raise UsageError(f"{told} an id that begins with {id!r}; the report lists the ids")
    return _whole(rows[0])


def _stored(folder: Path) -> list[Any]:
    try:
        rows = files.read_json(folder / "results.json")["results"]
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(f"{folder} holds no results.json; name a report folder") from None
    return rows if isinstance(rows, list) else []


def _whole(row: Row) -> Row:
    try:
        from_json(row)
        return dict(row)
    except (ValueError, KeyError, TypeError) as error:
        why = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
        raise UsageError(f"the stored result {row['id']} cannot be read: {why}; another run makes it again") from None


def differing(stored: Row, again: Row) -> list[str]:
    """The fields in which two results differ in any bit; how long they took and their sentence are no part of it."""
    first, second = (to_json(from_json(row)) for row in (stored, again))
    return [name for name in first if name not in ("seconds", "message") and first[name] != second[name]]


def replayed(stored: Row) -> Row:
    """The same comparison, made now. Raises UsageError where the check has changed so that it is no longer made."""
    theory.claim(stored["claim"])
    validate(stored["profile"], stored["entropy"], stored["device"])
    names = ("task", "profile", "entropy", "device")
    for result in perform(Order(**{name: stored[name] for name in names})):
        if result.id == stored["id"]:
            return to_json(result)
    raise UsageError(f"result {stored['id']} is no longer made by {stored['task']}: the check has changed since")
