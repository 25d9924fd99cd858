"""What `assay power --out REPORT/power` measured, where a report's folder holds it: graded mistakes, planted faults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lazy_assay.checks.report._rows import Row
from lazy_assay.checks.vocabulary.files import read_json
from lazy_assay.checks.vocabulary.text import shown

FOLDER, FAULTS = "power", Path("faults") / "sightings.json"
CAUGHT = ("caught", "no longer confirmed")
_PART = ("claim", "part", "kind")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Parts with the grades of mistakes, (refuted, judged) each, and what survived; of each fault, what saw it and what
    did not. `unread` names the files that hold no such thing."""

    parts: list[tuple[Row, dict[str, tuple[int, int]], list[str]]] = field(default_factory=list)
    faults: dict[str, tuple[list[Row], list[Row]]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    @property
    def grades(self) -> list[str]:
        """Every grade that some part has."""
        return list(dict.fromkeys(grade for _, shares, _ in self.parts for grade in shares))

    @property
    def uncaught(self) -> list[str]:
        """The faults that no check saw."""
        return [name for name, (caught, _) in self.faults.items() if not caught]


def measured(folder: Path) -> Measured:
    """What lies in the folder of a report; nothing where nothing was measured."""
    told = Measured()
    for path in sorted((folder / FOLDER).glob("*.json")):
        try:
            told.parts.extend(_parts(path))
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            told.unread.append(path.name)
    try:
        _faults(folder / FOLDER / FAULTS, told)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        told.unread.append(FAULTS.name)
    return told


def _parts(path: Path) -> Iterator[tuple[Row, dict[str, tuple[int, int]], list[str]]]:
    for part in shown(read_json(path))["parts"]:
        shares = {grade: (int(it["refuted"]), int(it["judged"])) for grade, it in part["shares"].items()}
        yield {name: str(part[name]) for name in _PART}, shares, [str(it["mistake"]) for it in part["survivors"]]


def _faults(path: Path, told: Measured) -> None:
    for row in shown(read_json(path)) if path.is_file() else ():
        caught, missed = told.faults.setdefault(str(row["fault"]), ([], []))
        (caught if row["fate"] in CAUGHT else missed).append({name: str(row[name]) for name in ("task", "reason")})
