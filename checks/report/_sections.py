"""One section a claim: its statement from theory, its evidence from this run, and what the two say together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
from markupsafe import Markup

from lazy_assay.checks.report import _evidence, _reported
from lazy_assay.checks.report._headline import Earlier, before
from lazy_assay.checks.report._math import mathml
from lazy_assay.checks.report._numbers import aligned, configuration, number, training
from lazy_assay.checks.report._rows import (
    TOLERANCE_PARTS,
    Row,
    by_severity,
    detectable,
    drawable,
    ends,
    evidence,
    half_width,
    part_of_tolerance,
)
from lazy_assay.checks.report.pictures import budget, curves, discrepancy
from lazy_assay.checks.report.pictures import effects as _effects
from lazy_assay.checks.report.pictures.figure import Figure
from lazy_assay.theory import Claim, Part, Remark

TABLE_ROWS = 80
HISTORY = 60
Lookup = Callable[[str], Claim | None]


@dataclass(frozen=True, kw_only=True)
class Symbol:
    """A letter of the statement: how it looks, what it means, and what values it may take."""

    sign: Markup
    meaning: str
    range: str = ""
    definition: Markup | None = None


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
    symbols: list[Symbol]
    figures: list[Figure]
    sweeps_hidden: int
    undrawn: list[str]
    caught: _evidence.Caught | None
    sampling_free: str
    decoys: list[_evidence.Opponent]
    controls: list[_evidence.Opponent]
    degenerate: list[_evidence.Degenerate]
    tally: str
    reported: _reported.Comparison | None
    table: Table


@dataclass(frozen=True, kw_only=True)
class Section:
    """One claim."""

    row: Row
    known: Claim | None
    parts: list[PartView]
    errata: list[tuple[Row, sp.Basic | None, sp.Basic | None]]
    remarks: list[Remark]
    coverage: list[tuple[str, str, str, str]]
    counts: Row | None
    history: list[dict[str, Any]]


def sections(data: Mapping[str, Any], earlier: Earlier, lookup: Lookup) -> list[Section]:
    """Every claim of the run, in the run's order."""
    return [_section(data, row, before(data, earlier, row["id"]), lookup(row["id"])) for row in data["claims"]]


def _section(data: Mapping[str, Any], row: Row, history: list[dict[str, Any]], known: Claim | None) -> Section:
    rows = [result for result in data["results"] if result["claim"] == row["id"]]
    counts = data["coverage"]["per_claim"].get(row["id"])
    return Section(
        row=row,
        known=known,
        parts=[_part(part, known, [r for r in rows if r["part"] == part["name"]]) for part in _parts(row, rows)],
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


def _part(row: Row, known: Claim | None, rows: list[Row]) -> PartView:
    part = next((part for part in known.parts if part.name == row["name"]), None) if known else None
    units, compared = _units(part), evidence(rows)
    shown = [row for row in compared if drawable(row)]
    found = curves.sweeps(shown)
    drawn = found[: curves.SWEEPS_SHOWN]
    return PartView(
        row=row,
        known=part,
        units=units or "units as in results.json",
        symbols=_symbols(part) if part else [],
        figures=_figures(part, shown, drawn, units),
        sweeps_hidden=len(found) - len(drawn),
        undrawn=[_place(row) for row in compared if not drawable(row)],
        caught=_evidence.caught(shown, units),
        sampling_free=_evidence.sampling_free(rows, shown),
        decoys=_evidence.decoys(rows, part),
        controls=_evidence.controls(rows, part),
        degenerate=_evidence.degenerate(rows),
        tally=_evidence.tally(rows),
        reported=_reported.beside(part, shown),
        table=_table(rows),
    )


def _place(row: Row) -> str:
    return f"{row['route']} at {configuration(row['configuration']) or 'the only configuration'}"


def _units(part: Part | None) -> str:
    return "" if part is None else part.estimated_units


def _side(part: Part | None) -> str:
    """Where a one-sided part lets the quantity lie."""
    return "" if part is None or part.allowed_side == "both" else part.allowed_side


def _figures(part: Part | None, rows: Sequence[Row], drawn: Sequence[curves.Sweep], units: str) -> list[Figure]:
    """A curve for each sweep; what is in no sweep as discrepancies, or as effects where there is no tolerance."""
    swept = {id(row) for sweep in drawn for row in sweep.rows}
    rest = [row for row in rows if id(row) not in swept]
    bare = [row for row in rest if row["trials"] and not detectable(row)]
    mark = part.beside if part else "prediction"
    found = [
        *(curves.draw(sweep, part) for sweep in drawn),
        discrepancy.draw([row for row in rest if not any(row is other for other in bare)], _side(part)),
        _effects.draw(bare, mark, units or "units as in results.json"),
        budget.draw(rows, units),
    ]
    return [figure for figure in found if figure is not None]


def _symbols(part: Part) -> list[Symbol]:
    observed = Symbol(sign=mathml(part.quantity.symbol), meaning=part.quantity.meaning, range=part.quantity.units)
    parameters = [
        Symbol(sign=mathml(p.symbol), meaning=p.meaning, range=f"{p.domain.describe()}; {p.units}")
        for p in part.parameters
    ]
    auxiliary = [
        Symbol(
            sign=mathml(a.symbol),
            meaning=a.meaning,
            definition=None if a.definition is None else mathml(a.definition, block=True),
        )
        for a in part.auxiliary
    ]
    return [observed, *auxiliary, *parameters]


def _erratum(entry: Row, known: Claim | None) -> tuple[Row, sp.Basic | None, sp.Basic | None]:
    for part, erratum in known.errata if known else ():
        if part.name == entry["part"] and erratum.locator == entry["locator"] and erratum.printed == entry["printed"]:
            return entry, erratum.printed_form, erratum.corrected_form
    return entry, None, None


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


def _table(rows: Sequence[Row]) -> Table:
    chosen = by_severity(rows)[:TABLE_ROWS]
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
