"""What the checks could have caught and what they did catch: detectable errors, decoys, negative controls."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from lazy_assay.checks.report._numbers import aligned, configuration, number, percent, plural
from lazy_assay.checks.report._rows import (
    Row,
    bias,
    by_severity,
    compared,
    detectable,
    ends,
    estimate,
    half_width,
    predicted,
    standard_errors,
)
from lazy_assay.theory import Observation, Part

_WORDS = {"AGREES": "agree", "DISAGREES": "disagree"}


@dataclass(frozen=True, kw_only=True)
class Caught:
    """The smallest error that a decided comparison would have caught; for effects, the smallest half-width.

    `share` is the smallest as a share of what is predicted; None where 0 is predicted, and for effects.
    """

    share: float | None = None
    sharpest: str
    effects: bool = False


def _size(row: Row, units: str, side: str) -> str:
    sum_of = f"bias {number(bias(row), 2)} + resolution {number(row['resolution'], 2)}"
    absolute = f"{number(detectable(row), 2)} {units}".rstrip()
    place = f"{row['route']} at {configuration(row['configuration']) or 'the only configuration'}"
    if not predicted(row):
        return f"{absolute} where 0 is predicted ({sum_of}), {place}"
    relative = _relative(row, side)
    share = "more than the whole" if relative > 1 else f"{percent(relative)} of the"
    if side != "both":
        return f"{share} prediction, which is how near the interval comes to it, {place}"
    return f"{share} prediction ({absolute} = {sum_of}), {place}"


def _relative(row: Row, side: str) -> float:
    """Where 0 is predicted no share of it can be told, and such rows come last. Of an inequality, what would have to be
    wrong before this interval contradicted it: a loose one hides any error that is smaller."""
    (low, high), said = ends(row), predicted(row)
    margins = {"below": said + bias(row) - low, "above": high + bias(row) - said}
    return max(margins.get(side, detectable(row)), 0.0) / abs(said) if said else math.inf


def caught(rows: Sequence[Row], units: str, side: str = "both") -> Caught | None:
    """Over the comparisons that reached a verdict; None where there are none. side: where the statement lets the
    quantity lie of the prediction."""
    decided = [row for row in rows if row["verdict"] in ("AGREES", "DISAGREES")]
    # How near an interval comes to a bound needs no tolerance: an exact comparison tells it too.
    sized = sorted((row for row in decided if detectable(row) or side != "both"), key=lambda row: _relative(row, side))
    sized = [row for row in sized if predicted(row)] or sized
    if sized:
        share = _relative(sized[0], side) if predicted(sized[0]) else None
        return Caught(share=share, sharpest=_size(sized[0], units, side))
    effects = [row for row in decided if half_width(row) > 0]
    return Caught(sharpest=_effect(min(effects, key=half_width), units), effects=True) if effects else None


def _effect(row: Row, units: str) -> str:
    known = f"{number(half_width(row), 2)} {units}, against a mark at {number(predicted(row))}"
    return f"{known}, {row['route']} at {configuration(row['configuration']) or 'the only configuration'}"


def distance(row: Row) -> str:
    """How far an estimate lies from what was predicted: in standard errors where known, else in half-widths."""
    errors = standard_errors(row)
    if errors is not None:
        # Draws that hardly vary have an error near rounding level: how many of those fit says nothing more.
        return f"{number(errors, 2)} standard errors away" if errors < 1e6 else "more than 10⁶ standard errors away"
    gap = abs(estimate(row) - predicted(row))
    if half_width(row) > 0:
        return f"{number(gap / half_width(row), 2)} half-widths of its interval away"
    return f"off by {number(gap, 2)} without sampling"


def _clearance(row: Row) -> float:
    low, high = ends(row)
    return max(low - predicted(row), predicted(row) - high)


@dataclass(frozen=True, kw_only=True)
class Opponent:
    """A decoy or a negative control, and what became of it."""

    name: str
    sentence: str
    tone: str
    outcome: str
    by: str


def _strongest(rows: Sequence[Row]) -> str:
    refuted = [row for row in compared(rows, rows[0]["subject"]) if row["verdict"] == "DISAGREES"]
    if not refuted:
        return ""
    best = max(refuted, key=lambda row: (standard_errors(row) or 0.0, _clearance(row)))
    place = configuration(best["configuration"]) or "the only configuration"
    return f"most clearly by {best['route']} at {place}, {distance(best)}"


def _tally(rows: Sequence[Row]) -> str:
    return f"at {sum(row['verdict'] == 'DISAGREES' for row in rows)} of {len(rows)}"


def _grouped(rows: Sequence[Row], subject: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["subject"] == subject:
            groups[row["decoy"] or row["assumption"] or row["case"] or row["check"]].append(row)
    return groups


def decoys(rows: Sequence[Row], part: Part | None) -> list[Opponent]:
    """Every decoy that the part declares or the results name."""
    groups = _grouped(rows, "decoy")
    sentences = {decoy.name: decoy.sentence for decoy in part.decoys} if part else {}
    found = []
    for name in dict.fromkeys([*sentences, *groups]):
        against = groups.get(name, [])
        by = _strongest(against) if against else ""
        outcome = f"refuted {_tally(against)}" if by else _survival(against)
        # A certificate refutes without two numbers to compare.
        if not by and any(row["verdict"] == "DISAGREES" for row in against):
            by, outcome = "by a certificate", f"refuted {_tally(against)}"
        tone = "good" if by else ("bad" if against else "idle")
        found.append(Opponent(name=name, sentence=sentences.get(name, ""), tone=tone, outcome=outcome, by=by))
    return found


def _survival(against: Sequence[Row]) -> str:
    if not against:
        return "not confronted in this run"
    reasons = dict.fromkeys(row["message"] for row in against if row["message"])
    return "survived" + (f": {'; '.join(reasons)}" if reasons else "")


def controls(rows: Sequence[Row], part: Part | None) -> list[Opponent]:
    """Each assumption that was broken on purpose, and whether the theorem then fails; what stands beside a finding."""
    if isinstance(part, Observation):
        return [_companion(row) for row in rows if row["subject"] == "control"]
    sentences = {item.name: item.sentence for item in part.assumptions} if part else {}
    found = []
    for name, against in _grouped(rows, "control").items():
        fails = any(row["verdict"] == "DISAGREES" for row in against)
        outcome = (
            f"the statement fails without it {_tally(against)}, as it must" if fails else "not observed to be necessary"
        )
        by = _strongest(against) if fails else ""
        found.append(
            Opponent(
                name=name, sentence=sentences.get(name, ""), tone="good" if fails else "idle", outcome=outcome, by=by
            )
        )
    return found


def _companion(row: Row) -> Opponent:
    """A contrast beside a finding, for a simpler explanation: its own effect and word."""
    told = aligned([estimate(row), *ends(row)], half_width(row))
    return Opponent(
        name=row["route"],
        sentence="",
        tone={"AGREES": "good", "DISAGREES": "bad"}.get(row["verdict"], "idle"),
        outcome=f"{row['word'] or row['message']}, {told[0]} [{told[1]}, {told[2]}] against {number(predicted(row))}",
        by="",
    )


@dataclass(frozen=True, kw_only=True)
class Degenerate:
    """A configuration at which the claim must not break down, and the gravest verdict that it got."""

    name: str
    verdict: str
    where: str
    routes: str


def degenerate(rows: Sequence[Row]) -> list[Degenerate]:
    """The degenerate configurations of the claim's own comparisons, each once."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in by_severity(rows):
        if row["subject"] == "claim" and row["degenerate"]:
            groups[row["degenerate"]].append(row)
    return [
        Degenerate(
            name=name,
            verdict=same[0]["verdict"],
            where=configuration(same[0]["configuration"]) or "the only configuration",
            routes=", ".join(dict.fromkeys(row["route"] for row in same)),
        )
        for name, same in groups.items()
    ]


def named(row: Row) -> str:
    """What of its subject a row compares, or what it came to: a decoy, a broken assumption, a case, a word."""
    return next((str(row[field]) for field in ("decoy", "assumption", "case", "degenerate", "word") if row[field]), "")


def sampling_free(rows: Sequence[Row], shown: Sequence[Row]) -> str:
    """One sentence on the exact comparisons that no picture shows; empty where there are none."""
    pictured = {id(row) for row in shown}
    rest = [row for row in compared(rows, "claim") if not row["trials"] and id(row) not in pictured]
    if not rest:
        return ""
    agreed = sum(row["verdict"] == "AGREES" for row in rest)
    used = [abs(estimate(row) - predicted(row)) / detectable(row) for row in rest if detectable(row)]
    share = f"; the largest difference takes {percent(max(used))} of its budget" if used else ""
    what = ", ".join(dict.fromkeys(row["route"] for row in rest))
    return f"Without sampling ({what}): {agreed} of {plural(len(rest), 'comparison')} agree{share}."


def tally(rows: Sequence[Row]) -> str:
    """How many of the claim's own results came to each verdict, as text."""
    counts = Counter(row["verdict"] for row in rows if row["subject"] == "claim").most_common()
    return ", ".join(f"{count} {_WORDS.get(verdict) or verdict.replace('_', ' ').lower()}" for verdict, count in counts)
