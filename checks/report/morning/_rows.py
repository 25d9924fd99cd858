"""What the morning page's tables say, as plain text in rows."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lazy_assay.checks.ledger.checkout import SHOWN
from lazy_assay.checks.ledger.evidence.changes import Change
from lazy_assay.checks.ledger.evidence.morning import Finding, Morning
from lazy_assay.checks.ledger.evidence.moves import Move, device_class
from lazy_assay.checks.ledger.evidence.news import News, Told
from lazy_assay.checks.report._headline import Headline
from lazy_assay.checks.report._numbers import configuration, percent, plural, power_of_ten
from lazy_assay.checks.report.pictures.nights import over_nights

Row = dict[str, Any]
NIGHTS = 14
# What a picture over nights shows of seeds that are judged by order.
SHARES = "share of seeds beyond what is allowed, minus the share that may be"


def headline(told: Morning) -> Headline:
    """The answer for this morning."""
    counts = told.counts
    tonight = sum(finding.tonight for finding in told.found)
    clauses = [f"{counts['worse']} worse" if counts["worse"] else "nothing is worse"]
    clauses += [f"{count} {word}" for word, count in counts.items() if count and word not in ("worse", "unchanged")]
    clauses.append(f"{counts['unchanged']} unchanged")
    if told.surprises:
        clauses.append(f"{len(told.surprises)} not as expected")
    if told.failed:
        clauses.insert(0, f"{plural(len(told.failed), 'item')} failed")
    if told.found:
        new = f", {tonight} of them tonight" if tonight else ""
        clauses.append(f"a bias was found in {plural(len(told.found), 'comparison')}{new}")
    if told.moved:
        clauses.append(f"the code moved {plural(len(told.moved), 'comparison')}")
    open_ = told.found or counts["not run"] or told.moved
    return Headline(tone="bad" if told.bad else "open" if open_ else "good", clauses=tuple(clauses))


def regressions(told: Morning) -> list[Row]:
    """Parts that are not as expected, those that are worse since the last night first."""
    wrong = sorted(told.surprises, key=lambda row: (row.news is not News.WORSE, row.device, row.part))
    return [_part(row) | {"range": between(*row.commits)} for row in wrong]


def parts(told: Morning, *, ran: bool) -> list[Row]:
    """Every part that ran tonight, or that did not, with its last nights, in the order of the news."""
    order = list(News)
    mine = [row for row in told.news if (row.news is not News.NOT_RUN) is ran]
    return [_part(row) for row in sorted(mine, key=lambda row: (order.index(row.news), row.part, row.device))]


def _part(row: Told) -> Row:
    names = ("part", "device", "status", "expected", "was")
    told: Row = {name: getattr(row, name) for name in names}
    tonight = (row.status,) if row.news is News.NOT_RUN and row.statuses[-1] != row.status else ()
    nights = (*row.statuses, *tonight)[-NIGHTS:]
    return told | {"news": row.news.value, "nights": nights, "since": row.since[:10], "as_expected": row.as_expected}


def findings(told: Sequence[Finding]) -> list[Row]:
    """Comparisons whose evidence speaks against their statement, with where it began."""
    return [_finding(finding) for finding in told]


def _finding(finding: Finding) -> Row:
    change, where = finding.change, place(finding.subject)
    return {
        "claim": finding.subject.get("claim", "?"),
        "where": where,
        "device": finding.device,
        "odds": f"{power_of_ten(math.floor(finding.evidence / math.log(10)))} to 1",
        "exact": "exact" if finding.exact else "asymptotic: no range of the draws is known",
        "found": change.found.started[:10],
        "tonight": finding.tonight,
        "began": began(change),
        "sure": percent(1 - change.level),
        "range": "" if change.from_the_start else between(change.good, change.bad),
        "commits": change.commits if not change.from_the_start else (),
        "canary": "; ".join(_moved(move) for move in finding.moved),
        "moved": bool(finding.moved),
        "picture": over_nights(
            change.offs,
            change.errors,
            finding.bias,
            (change.first, change.last),
            [run.started[:10] for run in change.runs],
            where,
            SHARES if finding.signs else "estimate minus prediction",
        ),
    }


def began(change: Change) -> str:
    """The nights among which a change began."""
    first, last = change.runs[change.first].started[:10], change.runs[change.last].started[:10]
    if change.from_the_start:
        return f"by {last}, and perhaps before the record" if change.last else "before the record"
    return f"on the night of {first}" if change.first == change.last else f"between the nights of {first} and {last}"


def between(good: str, bad: str) -> str:
    """A range of commits, as git takes it."""
    if not good:
        return f"up to {bad}" if bad else "no commit is known"
    return f"{good}..{bad}" if good != bad else f"none: both nights ran {bad}"


def committed(told: Morning) -> list[Row]:
    """The ranges in question with their commits and who wrote these; one that goes on says so."""
    return [
        {
            "range": between(*names),
            "commits": commits,
            "authors": ", ".join(sorted({commit.author for commit in commits})),
            "more": len(commits) == SHOWN,
        }
        for names, commits in told.committed.items()
    ]


def moves(told: Morning) -> list[Row]:
    """What the canary saw move, by claim and device."""
    groups: dict[tuple[str, str], list[Move]] = {}
    for subject, move in told.moved:
        groups.setdefault((subject.get("claim", "?"), device_class(move.after)), []).append(move)
    return [
        {
            "claim": claim,
            "device": device,
            "count": plural(len(found), "comparison"),
            "what": ", ".join(_what(found)),
            "range": between(found[0].before.commit, found[0].after.commit),
        }
        for (claim, device), found in sorted(groups.items())
    ]


def _what(found: Iterable[Move]) -> list[str]:
    names = {"draws": "what is drawn", "statement": "what is claimed", "verdict": "the verdict"}
    found = list(found)
    return [words for name, words in names.items() if any(getattr(move, name) for move in found)]


def _moved(move: Move) -> str:
    return f"{', '.join(_what([move]))} on {move.after.started[:10]}, {between(move.before.commit, move.after.commit)}"


def place(subject: Mapping[str, str]) -> str:
    """Which comparison, in words: check, route and configuration."""
    try:
        *_, at = json.loads(subject["comparison"])
        at = configuration(at)
    except (KeyError, ValueError, TypeError, AttributeError):
        at = ""
    part = subject.get("part", "")
    return ", ".join(filter(None, [part, subject.get("check", ""), subject.get("route", ""), at]))


def devices(told: Morning) -> list[Row]:
    """The counts of news by class of device, where there is more than one."""
    names = sorted({row.device for row in told.news})
    counted = {name: [row.news for row in told.news if row.device == name] for name in names}
    return [{"device": name, **{kind.value: counted[name].count(kind) for kind in News}} for name in names]
