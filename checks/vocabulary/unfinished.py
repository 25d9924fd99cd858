"""Why an item of a run has no results: nobody began it, or it broke."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NEVER = "not run"
# In a run with a budget.
OVERTAKEN = "the budget of time was used up before it began"


def broken(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The items of a run (its data as in results.json, or a journal's head) that broke, each with its error."""
    run, coverage = data.get("run"), data.get("coverage")
    left_out = run.get("left_out") if isinstance(run, Mapping) else None
    skipped = coverage.get("skipped") if isinstance(coverage, Mapping) else None
    rows = [row for row in skipped if isinstance(row, Mapping)] if isinstance(skipped, list) else []
    told = [(str(row.get("item", "")), str(row.get("reason", ""))) for row in rows]
    return [(item, why) for item, why in told if item not in (left_out or {}) and why not in (NEVER, OVERTAKEN, "")]
