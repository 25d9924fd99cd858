"""A claim for reading: statement, assumptions, conventions, errata, and how it is checked."""

from __future__ import annotations

from typing import Any

import sympy as sp

from checks._profiles import ORDER
from checks._registry import check, tasks
from checks._status import expectation
from theory import Claim, Observation, Part


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
        "auxiliary": {str(a.symbol): a.meaning for a in part.auxiliary},
        "assumptions": {a.name: a.sentence + (f" ({a.threshold})" if a.threshold else "") for a in part.assumptions},
        "decoys": {decoy.name: decoy.sentence for decoy in part.decoys},
        "reported": _reported(part),
        "errata": [
            {"locator": e.locator, "printed": e.printed, "corrected": e.corrected, "evidence": e.evidence}
            for e in part.errata
        ],
        "expected": {
            "status": expected.status,
            "reason": expected.reason,
            "date": expected.date,
            "as_printed": expected.as_printed,
            "decided_from": decides,
        },
        "ours": part.ours,
    }


def _reported(part: Part) -> dict[str, Any] | None:
    """The paper's own numbers of an experiment, each side as [mean, standard deviation]."""
    told = part.reported if isinstance(part, Observation) else None
    if told is None:
        return None
    return {"sides": list(told.sides), "trials": told.trials, "rows": {k: list(v) for k, v in told.rows.items()}}


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
    lines += [f"  assumes {name}: {text}" for name, text in told["assumptions"].items()]
    lines += [f"  must refute: {name} ({text})" for name, text in told["decoys"].items()]
    if reported := told["reported"]:
        first, second = reported["sides"]
        lines += [f"  the paper reports {first} | {second}, mean (standard deviation) of {reported['trials']} runs"]
        lines += [f"    {where}: {a} ({b}) | {c} ({d})" for where, ((a, b), (c, d)) in reported["rows"].items()]
    for erratum in part.errata:
        lines += [
            f"  erratum, {erratum.locator}",
            f"    printed: {erratum.printed}",
            f"    right:   {erratum.corrected}",
            f"    {erratum.derivation}",
        ]
    expected = told["expected"]
    lines += [f"  expected: {expected['status']} ({expected['reason']})"]
    lines += [f"  decided from profile {expected['decided_from']} on"] * (expected["decided_from"] != ORDER[0])
    return [*lines, *["  our own addition: it does not head the claim"] * part.ours, ""]
