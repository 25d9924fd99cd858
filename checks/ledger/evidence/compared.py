"""Two runs held against one another: statuses of claims, verdicts and numbers of comparisons.

Runs of one entropy, profile and device should say the same to the last bit, so that any difference was made by code,
libraries or the machine. Other runs have other draws: two estimates differ where they are further apart than chance
leaves for any of so many comparisons, at `LEVEL` for all together (normal approximation, Bonferroni).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from lazy_assay.checks.ledger.evidence.news import HOLDS, OPEN

LEVEL = 1e-6
SAME = ("profile", "entropy", "device")
NUMBERS = ("predicted", "estimate", "interval", "trials", "tolerance")
Data = Mapping[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that differs: a claim's `status`, or a comparison's `verdict` or `numbers`. news: worse, mended, other,
    new or not run. distance: between the two estimates in standard errors, where that means something."""

    kind: str
    claim: str
    what: str
    was: str
    now: str
    news: str
    distance: float = math.nan


@dataclass(frozen=True, kw_only=True)
class Compared:
    """same_draws: whether the runs had the same noise. shared: comparisons that both made. threshold: in standard
    errors.
    """

    was: Data
    now: Data
    same_draws: bool
    shared: int
    threshold: float
    differences: tuple[Difference, ...]


def compared(was: Data, now: Data) -> Compared:
    """The second run against the first; both as in results.json. Raises ValueError for what is none."""
    try:
        first, second = ({str(row["comparison"]): row for row in told["results"]} for told in (was, now))
        same = all(was["run"].get(name) == now["run"].get(name) for name in SAME)
        shared = [key for key in first if key in second]
        threshold = -NormalDist().inv_cdf(LEVEL / (2 * max(len(shared), 1)))
        found = [*_statuses(was["claims"], now["claims"]), *_verdicts(first, second)]
        for key in shared:
            found += _numbers(first[key], second[key], 0.0 if same else threshold)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a run cannot be compared: {error!s:.200} is missing or no run's") from None
    return Compared(
        was=was["run"],
        now=now["run"],
        same_draws=same,
        shared=len(shared),
        threshold=0.0 if same else threshold,
        differences=tuple(found),
    )


def _statuses(was: Sequence[Row], now: Sequence[Row]) -> list[Difference]:
    first, second = ({row["id"]: row for row in rows} for rows in (was, now))
    told = []
    for id in sorted({*first, *second}):
        old, new = ((rows[id]["status"] if id in rows else "") for rows in (first, second))
        if old != new:
            grades = [_grade(rows[id]) if id in rows else None for rows in (first, second)]
            told.append(Difference(kind="status", claim=id, what=id, was=old, now=new, news=_news(*grades)))
    return told


def _news(was: tuple[bool, int] | None, now: tuple[bool, int] | None) -> str:
    if was is None or now is None:
        return "new" if was is None else "not run"
    return "other" if was == now else "worse" if now > was else "mended"


def _grade(row: Row) -> tuple[bool, int]:
    word = row["status"]
    return word != row.get("expected", word), 0 if word in HOLDS else 1 if word in OPEN else 2


def _verdicts(first: Mapping[str, Row], second: Mapping[str, Row]) -> list[Difference]:
    keys = [key for key in first if key in second and first[key]["verdict"] != second[key]["verdict"]]
    return [_difference("verdict", first[key], second[key], "verdict") for key in keys]


def _difference(kind: str, was: Row, now: Row, name: str, distance: float = math.nan) -> Difference:
    return Difference(
        kind=kind,
        claim=str(now["claim"]),
        what=str(now["comparison"]),
        was=str(was[name]),
        now=str(now[name]),
        news="other",
        distance=distance,
    )


def _numbers(was: Row, now: Row, threshold: float) -> list[Difference]:
    """At a threshold of zero every bit counts."""
    if not threshold:
        names = [name for name in NUMBERS if was[name] != now[name]]
        return [_difference("numbers", was, now, names[0], _distance(was, now))] if names else []
    distance = _distance(was, now)
    return [_difference("numbers", was, now, "estimate", distance)] if abs(distance) > threshold else []


def _distance(was: Row, now: Row) -> float:
    errors = [_error(row) for row in (was, now)]
    gap, spread = float(now["estimate"]) - float(was["estimate"]), math.hypot(*errors)
    return gap / spread if spread > 0 and math.isfinite(gap) else math.nan


def _error(row: Row) -> float:
    """The standard error of an estimate; NaN where nothing was drawn."""
    deviation, trials = float(row["figures"].get("deviation", math.nan)), int(row["trials"])
    return deviation / math.sqrt(trials) if trials else math.nan


def lines(told: Compared) -> list[str]:
    """What `assay compare` prints: a line a difference, then a count."""
    said = [
        f"{it.kind} {it.news if it.kind == 'status' else ''}{' ' if it.kind == 'status' else ''}{it.what}: "
        f"{it.was or 'absent'} -> {it.now or 'absent'}"
        + ("" if math.isnan(it.distance) else f" ({it.distance:+.1f} standard errors)")
        for it in told.differences
    ]
    how = "the same draws" if told.same_draws else f"other draws: {told.threshold:.1f} standard errors apart or more"
    return [*said, f"{len(told.differences)} differences, {told.shared} comparisons shared, {how}"]
