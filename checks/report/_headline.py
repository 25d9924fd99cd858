"""The first line, did anything change and can I trust it?, and what it rests on: changes, and what deserves a look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lazy_assay.checks.report._numbers import aligned, configuration, number, plural
from lazy_assay.checks.report._rows import Row, ends, estimate, half_width
from lazy_assay.checks.statistics.accounting import ErrorRates
from lazy_assay.checks.vocabulary.unfinished import NEVER, broken

Earlier = Mapping[str, list[dict[str, Any]]]

# Tone and sign of each status. The sign says it without colour.
STATUSES = {
    "confirmed": ("good", "✓"),
    "holds, sharp": ("good", "✓"),
    "holds, within 10×": ("good", "≲"),
    "holds, loose": ("good", "≪"),
    "reproduced": ("good", "✓"),
    "refuted": ("bad", "✗"),
    "not reproduced": ("bad", "✗"),
    "reverse": ("bad", "⇄"),
    "undecided": ("open", "?"),
    "undecided here": ("idle", "…"),
    "vacuous": ("open", "∅"),
    "not run": ("idle", "–"),
}
OPEN = ("undecided", "undecided here", "vacuous", "not run")
# A profile below the one that decides finds nothing that could have changed, nor does a run that left it out.
UNASKED = "undecided here"
CHANGES_NAMED = 3
REFUTATIONS = 10


def tone(status: str) -> str:
    """The class that colours a status; one that this program does not know is open."""
    return STATUSES.get(status, ("open", "?"))[0]


def sign(status: str) -> str:
    """The sign of a status."""
    return STATUSES.get(status, ("open", "?"))[1]


@dataclass(frozen=True, kw_only=True)
class Headline:
    """The first line in its clauses; `tone` is good, open or bad."""

    tone: str
    clauses: tuple[str, ...]

    @property
    def text(self) -> str:
        """The line itself."""
        return " · ".join(self.clauses)

    @property
    def sign(self) -> str:
        """The line's sign."""
        return {"good": "✓", "bad": "✗"}.get(self.tone, "?")


def headline(data: Mapping[str, Any], earlier: Earlier) -> Headline:
    """The answer for this run."""
    claims, rates = data["claims"], ErrorRates()
    clauses = [_right(claims)]
    if data["run"]["exit_code"] == 4:
        items = broken(data)
        clauses.insert(0, f"{plural(len(items), 'item')} failed" if items else "the machine failed")
    clauses.append(_change_clause(data, earlier))
    miss = f"miss ≤ {number(rates.miss)} per configuration"
    clauses.append(f"run-wide false alarm ≤ {number(rates.false_alarm)}, {miss}")
    clauses.append(_open_clause(claims))
    return Headline(tone=_tone(data), clauses=tuple(clauses))


def _right(claims: Sequence[Row]) -> str:
    """How much is as expected: of the claims, or where some were not run whole, of the parts that ran."""
    parts = [part for claim in claims for part in claim["parts"]]
    ran = [part for part in parts if part["status"] != NEVER]
    if not ran:
        return "no claim was run"
    if len(ran) < len(parts):
        right = sum(part["as_expected"] for part in ran)
        return f"{right} of {plural(len(ran), 'part')} that ran as expected"
    return f"{sum(claim['as_expected'] for claim in claims)} of {plural(len(claims), 'claim')} as expected"


def _tone(data: Mapping[str, Any]) -> str:
    """As the exit code has it: 1 and 4 are bad, 3 is open, whatever word heads the claim that is to blame."""
    if data["run"]["exit_code"] in (1, 4):
        return "bad"
    wrong = [claim for claim in data["claims"] if not claim["as_expected"]]
    return "open" if data["run"]["exit_code"] or wrong or not data["claims"] else "good"


def _open_clause(claims: Sequence[Row]) -> str:
    counts = Counter(claim["status"] for claim in claims)
    parts = [part["status"] for claim in claims for part in claim["parts"]]
    if NEVER in parts:
        counts = Counter(parts)
    named = [f"{counts[status]} {status}" for status in OPEN if counts[status] or status == "undecided"]
    if counts[NEVER]:
        named[-1] = f"{counts[NEVER]} of {plural(len(parts), 'part')} not run"
    return ", ".join(named)


def changes(data: Mapping[str, Any]) -> list[Row]:
    """The claims whose status is not what the last run before this one found."""
    unknown = {UNASKED, NEVER}
    asked = [claim for claim in data["claims"] if not unknown & {claim["status"], claim["previous"]}]
    return [claim for claim in asked if claim["previous"] not in (None, claim["status"])]


def _change_clause(data: Mapping[str, Any], earlier: Earlier) -> str:
    changed, first = changes(data), [claim for claim in data["claims"] if claim["previous"] is None]
    if len(first) == len(data["claims"]):
        return "no earlier run to compare with"
    since = f"since {last_seen(data, earlier) or 'the last run'}"
    new = f" ({len(first)} new)" if first else ""
    if not changed:
        return f"nothing changed {since}{new}"
    named = "; ".join(f"{c['id']} was {c['previous']}, is {c['status']}" for c in changed[:CHANGES_NAMED])
    more = f"; and {len(changed) - CHANGES_NAMED} more" if len(changed) > CHANGES_NAMED else ""
    return f"{len(changed)} changed {since}: {named}{more}{new}"


def before(data: Mapping[str, Any], earlier: Earlier, claim: str) -> list[dict[str, Any]]:
    """A claim's earlier runs, oldest first, without this run itself."""
    return [entry for entry in earlier.get(claim, []) if entry.get("started") != data["run"]["started"]]


def day(entry: Mapping[str, Any]) -> str:
    """The date of an earlier run."""
    return str(entry.get("started") or entry.get("date") or "")[:10]


def last_seen(data: Mapping[str, Any], earlier: Earlier) -> str:
    """The date of the newest earlier run of any of this run's claims; empty where it is not known."""
    days = [day(entry) for claim in data["claims"] for entry in before(data, earlier, claim["id"])]
    return max(days, default="")


@dataclass(frozen=True, kw_only=True)
class Concern:
    """Something that a reader of this run should look at first; `known` where it was expected."""

    claim: str
    tone: str
    words: str
    known: bool = False


def concerns(data: Mapping[str, Any]) -> list[Concern]:
    """Unexpected statuses, disagreements with their messages (expected ones too), open and diverged results."""
    unexpected = [claim for claim in data["claims"] if not claim["as_expected"]]
    found = [Concern(claim="", tone="bad", words=f"{item} failed: {why}") for item, why in broken(data)]
    found += [_surprise(claim) for claim in unexpected if not _waiting(claim)]
    if waiting := [claim for claim in unexpected if _waiting(claim)]:
        found += [_surprise(claim) for claim in waiting] if len(waiting) <= CHANGES_NAMED else [_folded(waiting)]
    mine = [row for row in data["results"] if row["subject"] == "claim"]
    refuted, surprising = [row for row in mine if row["verdict"] == "DISAGREES"], {claim["id"] for claim in unexpected}
    for known in (False, True):
        rows = [row for row in refuted if (row["claim"] not in surprising) is known]
        tone, label = ("open", "disagrees, as expected") if known else ("bad", "disagrees")
        found += [
            Concern(claim=row["claim"], tone=tone, words=f"{label}: {_place(row)}", known=known)
            for row in rows[:REFUTATIONS]
        ]
        if (more := len(rows) - REFUTATIONS) > 0:
            found.append(Concern(claim="", tone=tone, words=f"{more} more of these in results.json", known=known))
    for verdict in ("DIVERGED", "UNDECIDED"):
        rows = [row for row in mine if row["verdict"] == verdict]
        ids = dict.fromkeys(row["claim"] for row in rows)
        found += [_open([row for row in rows if row["claim"] == id]) for id in ids]
    return found


def _surprise(claim: Row) -> Concern:
    """What differs: the claim's own word, or the parts that do where its word, the paper's own, is as expected; of a
    claim that was not run whole, the parts that ran."""
    parts = [part for part in claim["parts"] if not part["as_expected"]]
    whole = all(part["status"] != NEVER for part in claim["parts"])
    if not whole:
        parts = [part for part in parts if part["status"] != NEVER] or parts
    elif claim["status"] != claim["expected"] or not parts:
        parts = [{**claim, "name": ""}]
    words = "; ".join(
        f"{part['name']}{': ' if part['name'] else ''}{part['status']}, but {part['expected']} was expected"
        + (f" ({part['reason']})" if part["reason"] else "")
        for part in parts
    )
    unfinished = all(part["status"] in ("undecided", "not run") for part in parts)
    return Concern(claim=claim["id"], tone="open" if unfinished else "bad", words=words)


def _waiting(claim: Row) -> bool:
    """Whether nothing but parts that did not run keeps a claim from what is expected."""
    wrong = [part["status"] for part in claim["parts"] if not part["as_expected"]]
    return bool(wrong) and set(wrong) == {NEVER}


def _folded(claims: Sequence[Row]) -> Concern:
    parts = sum(part["status"] == NEVER for claim in claims for part in claim["parts"])
    told = f"{plural(parts, 'part')} of {plural(len(claims), 'claim')} were not run"
    return Concern(claim="", tone="open", words=f"{told}: the page of what was not run has each with its reason")


def _place(row: Row) -> str:
    if row.get("word") and row["method"] != "certificate":
        told = aligned([estimate(row), *ends(row)], half_width(row))
        least = f"the smallest effect of interest is {number(row['predicted'])}"
        return f"{row['route']}: {row['word']}, {told[0]} in [{told[1]}, {told[2]}], where {least}"
    return row["message"] or f"{row['route']} at {configuration(row['configuration']) or 'the only configuration'}"


def _open(rows: Sequence[Row]) -> Concern:
    first, words = rows[0], rows[0]["verdict"].lower()
    which = ": " if len(rows) == 1 else ", the first: "
    return Concern(
        claim=first["claim"], tone="open", words=f"{plural(len(rows), 'result')} {words}{which}{_place(first)}"
    )


def not_run(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Everything that was left out, with its reason."""
    rows = [row for row in data["results"] if row["verdict"] == "NOT_RUN"]
    skipped = [(entry["item"], entry["reason"]) for entry in data["coverage"]["skipped"]]
    told = [
        (f"{row['claim']}{':' + row['part'] if row['part'] else ''}, {row['route'] or row['check']}", row["message"])
        for row in rows
    ]
    told += [
        (f"{claim['id']}:{part['name']}", f"{part['status']}: {part['reason']}")
        for claim in data["claims"]
        for part in claim["parts"]
        if part["status"] == UNASKED
    ]
    return list(dict.fromkeys((item, reason or "no reason was given") for item, reason in [*skipped, *told]))
