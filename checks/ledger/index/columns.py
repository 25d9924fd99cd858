"""What the index holds of a run and of a result: a short list of columns, read from the journals' plain data.

The list is short on purpose: all else stands in the journals, and a further column is a new SCHEMA and a rebuild.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

SCHEMA = 4
# Of a run: text, as its head in the journal has it.
RUN = ("started", "finished", "profile", "entropy", "device", "commit")
# What of a run decides the bits of its draws, beside profile, entropy and the code.
MACHINE = ("device_class", "dtype", "threads", "instruction_set", "tf32", "versions")
# Of a result: what is compared (the same on every night), then what this night says about it.
SUBJECT = ("comparison", "claim", "part", "check", "route", "subject")
VERSIONS = ("statement_version", "simulation_version", "entropy", "device", "profile")
TEXTS = ("id", "stage", "verdict", "guarantee", "method", *VERSIONS)
COUNTS = ("trials", "diverged")
NUMBERS = ("predicted", "estimate", "resolution", "false_alarm", "seconds")
# Computed from others: the two ends of `interval`, and `tolerance` as b(n) and the half-width of the confidence set.
DERIVED = ("lower", "upper", "bias", "monte_carlo")
BIAS = ("finite_size", "discretisation", "optimisation", "rounding")
# How long it took and what it is told in are no part of what a result says.
APART = ("seconds", "message")
NOT_RUN = "NOT_RUN"
_TEXT = json.JSONEncoder(sort_keys=True, default=str)
# Both databases hold counts in 64 bits.
LARGEST = 2**63 - 1


def of_run(head: Mapping[str, Any], digest: str, results: int, unreadable: int) -> dict[str, Any]:
    """The row of a journal: `results` that it holds, and `unreadable` lines that are none."""
    run = head["run"]
    row = {name: storable(run.get(name, "")) for name in RUN}
    code = run.get("exit_code")
    return row | {
        "journal": short(digest),
        "digest": digest,
        "run": storable(run["id"]),
        "exit_code": code if isinstance(code, int) and abs(code) < 2**31 else None,
        "make": _make(run),
        "results": results,
        "unreadable": unreadable,
    }


def _make(run: Mapping[str, Any]) -> str:
    """A digest of all that decides bits: runs with the same one must find the same.

    A run that does not say what code it ran is like no other.
    """
    commit = str(run.get("commit") or "")
    code = run.get("code") or (commit if commit and "dirty" not in commit else run["id"])
    return digest_of([code, *(run.get(name) for name in (*MACHINE, "profile", "entropy", "device"))])


def of_claims(head: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The statuses that a run's head tells: of each claim once, with an empty `part`, and of its named parts."""
    told: dict[tuple[str, str], dict[str, Any]] = {}
    for row in _stated(head.get("claims"), "id"):
        told[row["id"], ""] = row
        told |= {(row["id"], part["name"]): part for part in _stated(row.get("parts"), "name") if part["name"]}
    names = ("claim", "part", "status", "expected")
    words = [(*key, row["status"], row["expected"]) for key, row in sorted(told.items())]
    return [dict(zip(names, map(storable, row), strict=True)) for row in words]


def _stated(rows: Any, name: str) -> list[dict[str, Any]]:
    """Those of some rows that have a name and statuses."""
    found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [row for row in found if all(isinstance(row.get(key), str) for key in (name, "status", "expected"))]


def of_result(row: Any) -> dict[str, Any]:
    """The columns of a result, its subject among them. Raises ValueError where one is missing or of a wrong type."""
    if not isinstance(row, Mapping):
        raise ValueError(f"a result is {type(row).__name__}, not an object")
    try:
        told: dict[str, Any] = {name: _word(row, name) for name in (*SUBJECT, *TEXTS)}
        told |= {name: _count(row, name) for name in COUNTS} | {name: _number(row[name], name) for name in NUMBERS}
        ends, parts = row["interval"], row["tolerance"]
        if not isinstance(ends, list) or len(ends) != 2:
            raise ValueError("interval is no pair")
        if not isinstance(parts, Mapping):
            raise ValueError(f"tolerance is {type(parts).__name__}, not an object")
        told |= {name: _number(end, "interval") for name, end in zip(("lower", "upper"), ends, strict=True)}
        told |= {"bias": _sum(parts), "monte_carlo": _number(parts["monte_carlo"], "monte_carlo")}
    except KeyError as error:
        raise ValueError(f"{error.args[0]} is missing") from None
    told["key"] = digest_of([told[name] for name in SUBJECT])
    told["content"] = digest_of({name: value for name, value in row.items() if name not in APART})
    return told


def short(digest: str) -> str:
    """What stands for a journal in each of its rows."""
    return digest[:16]


def digest_of(data: Any) -> str:
    """16 hexadecimal digits for JSON data, whatever the order of its names."""
    return hashlib.blake2b(_TEXT.encode(data).encode(), digest_size=8).hexdigest()


def storable(value: Any) -> str:
    """Text that any database takes: no unpaired surrogate and no NUL."""
    text = str(value)
    return text if text.isprintable() else text.encode(errors="backslashreplace").decode().replace("\0", "\\0")


def _word(row: Mapping[str, Any], name: str) -> str:
    value = row[name]
    if not isinstance(value, int if name == "entropy" else str) or isinstance(value, bool):
        raise ValueError(f"{name} is {type(value).__name__}")
    return storable(value)


def _count(row: Mapping[str, Any], name: str) -> int:
    value = row[name]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST:
        raise ValueError(f"{name} is no count")
    return value


def _number(value: Any, name: str) -> float | None:
    """A number as journals write it; NaN, which no database compares, is None."""
    if isinstance(value, bool) or not (isinstance(value, (int, float)) or value in ("nan", "inf", "-inf")):
        raise ValueError(f"{name} is {type(value).__name__}, not a number")
    try:
        # The sign of a zero is not kept by every database.
        number = float(value) + 0.0
    except OverflowError:
        raise ValueError(f"{name} is no number of double precision") from None
    return None if math.isnan(number) else number


def _sum(parts: Mapping[str, Any]) -> float | None:
    numbers = [_number(parts[name], name) for name in BIAS]
    return None if None in numbers else _number(math.fsum(number for number in numbers if number is not None), "bias")
