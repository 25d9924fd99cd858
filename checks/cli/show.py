"""A claim for reading: statement, assumptions, conventions, errata, and how it is checked."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lazy_assay import theory
from lazy_assay.checks.engine.registry import check, tasks
from lazy_assay.checks.vocabulary.profiles import ORDER
from lazy_assay.checks.vocabulary.status import expectation
from lazy_assay.theory import Claim, Erratum, Gravity, Observation, Part
from lazy_assay.theory._prediction import FORMULAS, arguments


def as_data(claim: Claim) -> dict[str, Any]:
    """The claim as JSON data; formulas as sympy source."""
    return {
        "id": claim.id,
        "title": claim.title,
        "kind": claim.kind,
        "source": str(claim.source),
        "convention": claim.convention,
        "parts": [_part(claim, part) for part in claim.parts],
        "checks": [task.id for task in tasks(claim.id)],
    }


def _part(claim: Claim, part: Part) -> dict[str, Any]:
    expected, decides = expectation(check(claim.id), part), check(claim.id).decides(part.name)
    return {
        "name": part.name,
        "kind": part.kind,
        "sentence": part.sentence,
        "statement": None if part.statement is None else str(part.statement),
        "printed": None if part.printed_statement is None else str(part.printed_statement),
        "quantity": {
            "symbol": str(part.quantity.symbol),
            "meaning": part.quantity.meaning,
            "units": part.quantity.units,
        },
        "parameters": {
            p.name: {"meaning": p.meaning, "domain": p.domain.describe(), "units": p.units} for p in part.parameters
        },
        "formulas": _formulas(claim, part),
        "auxiliary": {str(a.symbol): a.meaning for a in part.auxiliary},
        "assumptions": {a.name: a.sentence + (f" ({a.threshold})" if a.threshold else "") for a in part.assumptions},
        "uncontrolled": {
            name: why
            for name, why in check(claim.id).uncontrolled.items()
            if name in {assumption.name for assumption in part.assumptions}
        },
        "decoys": {decoy.name: decoy.sentence for decoy in part.decoys},
        "reported": _reported(part),
        "errata": [_erratum(erratum) for erratum in part.errata],
        "remarks": {remark.locator: remark.sentence for remark in part.remarks},
        "expected": {
            "status": expected.status,
            "reason": expected.reason,
            "date": expected.date,
            "as_printed": expected.as_printed,
            "decided_from": decides,
        },
        "ours": part.ours,
    }


def _formulas(claim: Claim, part: Part) -> dict[str, list[str]]:
    """What each call of the claim takes for this part, by the call's name; `as_printed` where the paper errs."""
    found = {call: choose(part) for call, (_, choose) in FORMULAS.items() if call != "corrected"}
    if part.printed is None:
        del found["as_printed"]
    chooser = [claim.selector] if claim.selector else []
    return {call: chooser + list(arguments(formula)) for call, formula in found.items() if formula is not None}


def _reported(part: Part) -> dict[str, Any] | None:
    """The paper's own numbers of an experiment, each side as [mean, standard deviation]."""
    told = part.reported if isinstance(part, Observation) else None
    if told is None:
        return None
    return {"sides": list(told.sides), "trials": told.trials, "rows": {k: list(v) for k, v in told.rows.items()}}


def errata_data() -> list[dict[str, Any]]:
    """Every erratum of every claim, gravest first."""
    order = list(Gravity)
    rows = [
        {"claim": claim.id, "part": part.name, "source": str(claim.source), **_erratum(erratum)}
        for claim in theory.claims()
        for part, erratum in claim.errata
    ]
    return sorted(rows, key=lambda row: order.index(Gravity(row["gravity"])))


def errata_text() -> str:
    """The errata for reading, one paragraph each."""
    lines = []
    for row in errata_data():
        where = f"{row['claim']}{':' + row['part'] if row['part'] else ''}"
        lines += [f"{where}  {row['gravity']}  {row['locator']}"]
        lines += [f"    printed: {row['printed']}", f"    right:   {row['corrected']}"]
    return "\n".join(lines)


def _erratum(erratum: Erratum) -> dict[str, Any]:
    names = ("locator", "printed", "reading", "charitable", "corrected", "derivation", "evidence")
    return {"gravity": str(erratum.gravity), **{name: getattr(erratum, name) for name in names}}


def as_text(claim: Claim) -> str:
    """The claim as a page of plain text."""
    lines = [f"{claim.id}: {claim.title}", str(claim.source), claim.convention, ""]
    for part in claim.parts:
        lines += _part_lines(claim, part)
    lines += ["checked by", *(f"  {task.id}" for task in tasks(claim.id))]
    return "\n".join(lines)


def _part_lines(claim: Claim, part: Part) -> list[str]:
    told = _part(claim, part)
    lines = [f"{part.kind}{' ' + part.name if part.name else ''}: {part.sentence}"]
    if part.statement is not None:
        lines += [
            "",
            *("    " + line for line in sp.pretty(part.statement, use_unicode=True, num_columns=100).splitlines()),
            "",
        ]
    lines += [f"  {told['quantity']['symbol']}  {part.quantity.meaning} ({part.quantity.units})"]
    lines += [f"  {name}  {text}" for name, text in told["auxiliary"].items()]
    lines += [f"  {name}  {p['meaning']}: {p['domain']}" for name, p in told["parameters"].items()]
    lines += [f"  {call} takes {', '.join(names) or 'nothing'}" for call, names in told["formulas"].items()]
    lines += [f"  assumes {name}: {text}" for name, text in told["assumptions"].items()]
    lines += [f"  no control breaks {name}: {text}" for name, text in told["uncontrolled"].items()]
    lines += [f"  must refute: {name} ({text})" for name, text in told["decoys"].items()]
    if reported := told["reported"]:
        first, second = reported["sides"]
        lines += [f"  the paper reports {first} | {second}, mean (standard deviation) of {reported['trials']} runs"]
        lines += [f"    {where}: {a} ({b}) | {c} ({d})" for where, ((a, b), (c, d)) in reported["rows"].items()]
    for erratum in part.errata:
        lines += [
            f"  erratum ({erratum.gravity}), {erratum.locator}",
            f"    printed: {erratum.printed}",
            *([f"    read as: {erratum.reading}"] if erratum.reading else []),
            f"    right:   {erratum.corrected}",
            f"    {erratum.derivation}",
            *([f"    charitably: {erratum.charitable}"] if erratum.charitable else []),
        ]
    lines += [f"  remark, {remark.locator}: {remark.sentence}" for remark in part.remarks]
    expected = told["expected"]
    lines += [f"  expected: {expected['status']} ({expected['reason']})"]
    lines += [f"  decided from profile {expected['decided_from']} on"] * (expected["decided_from"] != ORDER[0])
    return [*lines, *["  our own addition: it does not head the claim"] * part.ours, ""]
