"""Sightings as data, and as a section of a page: each fault, the checks that caught it, and those that did not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lazy_assay.checks.power.faults.planted import FAULTS
from lazy_assay.checks.power.faults.sightings import Fate, Sighting

# In the folder of a measurement, apart from the claims' own files.
FILE = Path("faults") / "sightings.json"


def save(folder: Path, sightings: Iterable[Sighting]) -> Path:
    """Write the sightings, in place of earlier ones."""
    path = folder / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(it) for it in sightings]
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    return path


def load(folder: Path) -> list[Sighting]:
    """What was stored; nothing where nothing was looked for."""
    path = folder / FILE
    if not path.is_file():
        return []
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return [Sighting(**row | {"fate": Fate(row["fate"])}) for row in rows]


def section(sightings: Sequence[Sighting]) -> list[str]:
    """Lines of Markdown: a row a fault, then what did not see it and why."""
    lines = ["| fault | what is wrong | caught by | not seen by |", "|" + "---|" * 4]
    for fault in FAULTS:
        mine = [it for it in sightings if it.fault == fault.name]
        if mine:
            caught = _cell(it for it in mine if it.fate in (Fate.CAUGHT, Fate.UNDECIDED))
            missed = _cell(it for it in mine if it.fate is Fate.MISSED)
            lines.append(f"| {fault.name} | {fault.sentence} | {caught} | {missed} |")
    uncaught = uncaught_of(sightings)
    lines += ["", f"Caught by none: {', '.join(uncaught)}." if uncaught else "Every fault is caught."]
    return lines


def uncaught_of(sightings: Sequence[Sighting]) -> list[str]:
    """The faults that were looked for and that no check caught."""
    caught = {it.fault for it in sightings if it.fate in (Fate.CAUGHT, Fate.UNDECIDED)}
    return [name for name in dict.fromkeys(it.fault for it in sightings) if name not in caught]


def _cell(sightings: Iterable[Sighting]) -> str:
    return "; ".join(f"`{it.task}` ({it.reason})".replace("|", "∣") for it in sightings) or "—"
