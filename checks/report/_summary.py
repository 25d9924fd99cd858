"""Renders summary.md, for the summary of a CI step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lazy_assay.checks.report._headline import Earlier, changes, concerns, headline, not_run, sign
from lazy_assay.checks.report._numbers import plural, seconds
from lazy_assay.checks.vocabulary.text import markdown as escaped
from lazy_assay.theory import Gravity


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    lines = [" | ".join(head), " | ".join("---" for _ in head), *(" | ".join(map(escaped, row)) for row in rows)]
    return [f"| {line} |" for line in lines]


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", f"## {title}", "", *lines] if lines else []


def _claims(data: Mapping[str, Any]) -> list[str]:
    rows = [
        (
            claim["id"],
            claim["kind"],
            f"{sign(claim['status'])} {claim['status']}",
            claim["expected"] if claim["as_expected"] else f"{claim['expected']} (differs)",
            f"{claim['decoys_refuted']} of {claim['decoys']}",
            ", ".join(claim["routes"]) or "none",
        )
        for claim in data["claims"]
    ]
    return _table(("claim", "kind", "status", "expected", "decoys refuted", "routes that agree"), rows)


def _errata(data: Mapping[str, Any]) -> list[str]:
    rows = [
        (
            f"{entry['claim']}{':' + entry['part'] if entry['part'] else ''}",
            entry["gravity"],
            entry["locator"],
            entry["printed"],
            entry["corrected"],
            entry["as_printed_verdict"] or "–",
        )
        for entry in sorted(data["errata"], key=lambda entry: list(Gravity).index(entry["gravity"]))
    ]
    return _table(("claim", "gravity", "place", "printed", "corrected", "as printed"), rows) if rows else []


def render(data: Mapping[str, Any], earlier: Earlier) -> str:
    """The summary as Markdown."""
    first, run, coverage = headline(data, earlier), data["run"], data["coverage"]
    changed = [f"- {escaped(c['id'])}: was {escaped(c['previous'])}, is {escaped(c['status'])}" for c in changes(data)]
    looked = [f"- {escaped(c.claim)}{': ' if c.claim else ''}{escaped(c.words)}" for c in concerns(data)]
    left_out = [f"- {escaped(item)}: {escaped(reason)}" for item, reason in not_run(data)]
    about = f"{run['profile']} profile, entropy {run['entropy']}, {run['device']}, {seconds(run['seconds'])}"
    items = f"{coverage['executed']} of {plural(coverage['planned'], 'planned item')} executed"
    lines = [
        f"**{first.sign} {escaped(first.text)}**",
        "",
        escaped(f"Run {run['id']}: {about}; {items}."),
        *_section("Claims", _claims(data)),
        *_section("Changed", changed),
        *_section("To look at", looked),
        *_section("Not run", left_out),
        *_section("Errata", _errata(data)),
    ]
    return "\n".join(lines) + "\n"
