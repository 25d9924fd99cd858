"""The errata of a run: what is printed, what is right, and how far the simulation tells the two apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from lazy_assay.checks.report._evidence import distance
from lazy_assay.checks.report._numbers import configuration, number
from lazy_assay.checks.report._rows import Row, compared, standard_errors
from lazy_assay.checks.report._sections import Forms, Section
from lazy_assay.theory import Gravity

FATES = {"refuted": "refuted by simulation", "undecided": "not told apart from the right one"}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One erratum. `apart` says how far what was observed lies from what is printed, `replay` shows it again."""

    row: Row
    title: str
    source: str
    forms: Forms
    fate: str
    apart: str
    errors: float | None
    replay: str
    thumbnail: Markup


def entries(data: Mapping[str, Any], sections: Sequence[Section]) -> list[Entry]:
    """Gravest first, and in each gravity in the run's order."""
    found = [_entry(data, section, *erratum) for section in sections for erratum in section.errata]
    order = [str(gravity) for gravity in Gravity]
    return sorted(found, key=lambda entry: order.index(entry.row["gravity"]))


def _entry(data: Mapping[str, Any], section: Section, row: Row, forms: Forms) -> Entry:
    place = (row["claim"], row["part"])
    against = [r for r in compared(data["results"], "as_printed") if (r["claim"], r["part"]) == place]
    against = [r for r in against if r["verdict"] == "DISAGREES"] or against
    best = max(against, key=lambda r: (r["trials"] > 0, standard_errors(r) or 0.0), default=None)
    part = next((part for part in section.parts if part.row["name"] == row["part"]), None)
    verdict = row["as_printed_verdict"] or ""
    where = configuration(best["configuration"]) or "the only configuration" if best else ""
    return Entry(
        row=row,
        title=section.row["title"],
        source=section.row["source"],
        forms=forms,
        fate=FATES.get(verdict, verdict.lower()),
        apart=_apart(best, where) if best else "",
        errors=standard_errors(best) if best else None,
        replay=best["replay"] if best else "",
        thumbnail=part.pictures[0].thumbnail if part and part.pictures else Markup(""),
    )


def _apart(row: Row, where: str) -> str:
    if not row["trials"] and "residual" in row["configuration"]:
        return "by algebra: sympy finds that the two differ"
    here, there = (number(row[name]) for name in ("estimate", "predicted"))
    return f"{here} against the printed {there}, {distance(row)}, by {row['route']} at {where}"


def as_data(found: Sequence[Entry]) -> list[dict[str, Any]]:
    """What errata.json holds: the entries of results.json, with title, source, distance and command."""
    return [
        {**entry.row, "title": entry.title, "source": entry.source, "standard_errors": entry.errors,
         "replay": entry.replay} for entry in found
    ]  # fmt: skip
