"""The morning in a terminal: the first line, then a line for each thing to look at."""

from __future__ import annotations

from collections.abc import Iterator

from lazy_assay.checks.ledger.evidence.morning import Morning
from lazy_assay.checks.report._headline import sign
from lazy_assay.checks.report._numbers import plural
from lazy_assay.checks.report.morning import _rows as rows

# So many parts that did not run are told one by one.
NAMED = 5


def lines(told: Morning) -> Iterator[str]:
    """What `assay morning` prints."""
    first = rows.headline(told)
    yield f"{first.sign} {first.text}"
    for item, error in told.failed:
        yield f"✗ {item} failed: {error}"
    for row in rows.regressions(told):
        yield (
            f"{sign(row['status'])} {row['part']} on {row['device']}: {row['status']}, expected {row['expected']}; "
            f"{row['news']}, since {row['since']}, commits {row['range']}"
        )
    for name, found in (("bias", told.found), ("watch", told.watched)):
        for row in rows.findings(found):
            commits = f", commits {row['range']}" if row["range"] else ""
            canary = f"; the canary moved: {row['canary']}" if row["canary"] else ""
            yield (
                f"{name}: {row['claim']}: {row['where']}, on {row['device']}: {row['odds']}, found {row['found']}; "
                f"began {row['began']} ({row['sure']}){commits}{canary}"
            )
    for row in rows.moves(told):
        yield f"moved: {row['claim']} on {row['device']}: {row['count']}: {row['what']}; commits {row['range']}"
    for row in rows.committed(told):
        more = " and earlier ones" if row["more"] else ""
        yield f"commits {row['range']}: {plural(len(row['commits']), 'commit')}{more} by {row['authors']}"
    waiting = rows.parts(told, ran=False)
    for row in waiting if len(waiting) <= NAMED else ():
        yield f"– {row['part']} on {row['device']}: not run, was {row['was'] or 'never run'}"
    if len(waiting) > NAMED:
        never = sum(not row["was"] for row in waiting)
        yield f"– {plural(len(waiting), 'part')} not run tonight, {never} of them never yet; the page names them"
