"""One section a claim: its statement from theory, its evidence from this run, and what the two say together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from lazy_assay.checks.report import _budget, _evidence, _power, _reported, notation
from lazy_assay.checks.report._headline import Earlier, before
from lazy_assay.checks.report._numbers import aligned, configuration, number, percent, training
from lazy_assay.checks.report._rows import (
    TOLERANCE_PARTS,
    Row,
    by_severity,
    compared,
    confronted,
    drawable,
    ends,
    evidence,
    half_width,
    part_of_tolerance,
)
from lazy_assay.checks.report.pictures import pictures
from lazy_assay.checks.report.pictures.canvas import Picture
from lazy_assay.theory import Claim, Part, Remark

# A page with more rows than this would not open at once.
TABLE_ROWS = 160
HISTORY = 60
# An error of a smaller share is one that no simulation's noise hides.
ROUNDING = 1e-6
Lookup = Callable[[str], Claim | None]
# What is right and what is printed, typeset.
Forms = tuple[Markup, Markup] | None


@dataclass(frozen=True, kw_only=True)
class Table:
    """Results in full, the ones that deserve a look first; `hidden` more are in results.json."""

    rows: list[tuple[Row, dict[str, str]]]
    hidden: int


@dataclass(frozen=True, kw_only=True)
class PartView:
    """One statement with its evidence. `known` is theory's part, or None where the checkout no longer has it."""

    row: Row
    known: Part | None
    units: str
    symbols: list[notation.Symbol]
    formula: Markup | None
    versions: Forms
    rate: Markup | None
    pictures: list[Picture]
    sweeps_hidden: int
    undrawn: list[str]
    caught: _evidence.Caught | None
    power: _power.Power | None
    budget: list[_budget.Share]
    sampling_free: str
    decoys: list[_evidence.Opponent]
    controls: list[_evidence.Opponent]
    degenerate: list[_evidence.Degenerate]
    tally: str
    reported: _reported.Comparison | None
    table: Table

    @property
    def unpredicted(self) -> str:
        """Why no error of a prediction can be told, where none can."""
        if self.row["kind"] == "Observation":
            return "An observed effect: no number is predicted."
        return "No comparison of two numbers reached a verdict; a certificate is exact where it decides."


@dataclass(frozen=True, kw_only=True)
class Section:
    """One claim."""

    row: Row
    known: Claim | None
    parts: list[PartView]
    errata: list[tuple[Row, Forms]]
    remarks: list[Remark]
    coverage: list[tuple[str, str, str, str]]
    counts: Row | None
    history: list[dict[str, Any]]

    @property
    def locator(self) -> str:
        """The place in the paper; where the claim is not known here, as the results have it."""
        return self.known.source.locator if self.known else str(self.row["source"])

    @property
    def notice(self) -> str:
        """The smallest error that any of its comparisons would have noticed, in a few words; empty where none can."""
        shares = [part.caught.share for part in self.parts if part.caught and part.caught.share is not None]
        if not shares or min(shares) >= 1:
            return ""
        least = min(shares)
        what = f"an error of {percent(least)}" if least > ROUNDING else "any error but rounding"
        return f"would notice {what}"

    @property
    def face(self) -> Markup:
        """What a cell shows: the first picture of the paper's own parts, else of any, else the statement."""
        parts = sorted(self.parts, key=lambda part: bool(part.row.get("ours")))
        drawn = [part.pictures[0].thumbnail for part in parts if part.pictures]
        stated = [part.formula for part in parts if part.formula]
        return (drawn or stated or [Markup("")])[0]


def sections(data: Mapping[str, Any], earlier: Earlier, lookup: Lookup) -> list[Section]:
    """Every claim of the run, in the run's order."""
    return [_section(data, row, before(data, earlier, row["id"]), lookup(row["id"])) for row in data["claims"]]


def _section(data: Mapping[str, Any], row: Row, history: list[dict[str, Any]], known: Claim | None) -> Section:
    rows = [result for result in data["results"] if result["claim"] == row["id"]]
    counts = data["coverage"]["per_claim"].get(row["id"])
    listed = _parts(row, rows)
    room = TABLE_ROWS // max(1, len(listed))
    return Section(
        row=row,
        known=known,
        parts=[_part(part, known, [r for r in rows if r["part"] == part["name"]], room) for part in listed],
        errata=[_erratum(entry, known) for entry in data["errata"] if entry["claim"] == row["id"]],
        remarks=[remark for part in known.parts for remark in part.remarks] if known else [],
        coverage=_coverage(counts, rows, known) if counts else [],
        counts=counts,
        history=history[-HISTORY:],
    )


def _parts(row: Row, rows: Sequence[Row]) -> list[Row]:
    """The claim's parts, and those that only results name (a part that was taken out since)."""
    named = {part["name"] for part in row["parts"]}
    orphans = dict.fromkeys(result["part"] for result in rows if result["part"] not in named)
    template = {key: row[key] for key in ("kind", "status", "expected", "reason", "date", "as_expected")}
    return [*row["parts"], *({**template, "name": name} for name in orphans)]


def _part(row: Row, known: Claim | None, rows: list[Row], room: int) -> PartView:
    part = next((part for part in known.parts if part.name == row["name"]), None) if known else None
    units, found = _units(part), evidence(rows)
    shown, told = ([row for row in some if drawable(row)] for some in (found, confronted(rows)))
    proofs = [row for row in rows if row["method"] == "certificate"]
    reported = _reported.beside(part, shown)
    printed = [(line.where, *line.ends) for line in reported.paper] if reported else []
    units_told = units or "units as in results.json"
    wrong = [row for row in compared(rows, "as_printed") if drawable(row)]
    drawn, hidden = pictures(part, shown, proofs, units_told, _salt(row, rows), printed, wrong)
    return PartView(
        row=row,
        known=part,
        units=units_told,
        symbols=notation.symbols(part) if part else [],
        formula=notation.mathml(part) if part else None,
        versions=notation.side_by_side(part) if part else None,
        rate=notation.mathml(part, "rate", block=False) if part else None,
        pictures=drawn,
        sweeps_hidden=hidden,
        undrawn=[_place(row) for row in found if not drawable(row)],
        caught=_evidence.caught(told, units, part.allowed_side if part else "both"),
        power=_power.measured(told, part),
        budget=_budget.shares(shown),
        sampling_free=_evidence.sampling_free(rows, shown),
        decoys=_evidence.decoys(rows, part),
        controls=_evidence.controls(rows, part),
        degenerate=_evidence.degenerate(rows),
        tally=_evidence.tally(rows),
        reported=reported,
        table=_table(rows, room),
    )


def _salt(row: Row, rows: Sequence[Row]) -> str:
    """What sets the names inside one picture apart from those of another on a page."""
    return f"{rows[0]['claim'] if rows else ''}:{row['name']}"


def _place(row: Row) -> str:
    return f"{row['route']} at {configuration(row['configuration']) or 'the only configuration'}"


def _units(part: Part | None) -> str:
    return "" if part is None else part.estimated_units


def _erratum(entry: Row, known: Claim | None) -> tuple[Row, Forms]:
    for part, erratum in known.errata if known else ():
        if part.name == entry["part"] and erratum.locator == entry["locator"] and erratum.printed == entry["printed"]:
            return entry, notation.erratum_forms(part, erratum)
    return entry, None


def _coverage(counts: Row, rows: Sequence[Row], known: Claim | None) -> list[tuple[str, str, str, str]]:
    """Name, domain, range executed, and how many distinct values, of each parameter."""
    listed = []
    for name in dict.fromkeys([*counts["domain"], *counts["ranges"]]):
        ran = counts["ranges"].get(name, [])
        numeric = all(isinstance(value, (int, float)) for value in ran)
        values = [str(number(value, 4)) if numeric else str(value) for value in ran]
        ends = " … ".join(dict.fromkeys(values)) if numeric else ", ".join(values)
        distinct = {repr(row["configuration"][name]) for row in rows if name in row["configuration"]}
        listed.append(
            (name, counts["domain"].get(name, "not declared"), ends or "none", str(len(distinct)) if distinct else "–")
        )
    return listed


def _table(rows: Sequence[Row], room: int) -> Table:
    chosen = by_severity(rows)[:room]
    return Table(rows=[(row, _cells(row)) for row in chosen], hidden=len(rows) - len(chosen))


def _cells(row: Row) -> dict[str, str]:
    low, high = ends(row)
    told = aligned([row["predicted"], row["estimate"], low, high], half_width(row))
    return {
        "name": _evidence.named(row),
        "configuration": configuration(row["configuration"]) or "none",
        "training": training(row["figures"]),
        "predicted": told[0],
        "estimate": told[1],
        "interval": f"{told[2]} … {told[3]}" if high > low else "exact" if high == low else "none",
        "guarantee": row["guarantee"],
        "trials": f"{row['trials']:,}".replace(",", "\u202f"),
        "tolerance": number(sum(part_of_tolerance(row, name) for name in TOLERANCE_PARTS), 2),
        "resolution": number(row["resolution"], 2),
    }
