"""What every part would notice, as a page: counts at the top, weakest parts first, survivors with their reasons."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lazy_assay.checks.power.faults.sightings import Sighting
from lazy_assay.checks.power.faults.told import section
from lazy_assay.checks.power.measured import GRADES, LEVEL

Row = Mapping[str, Any]
SHOWN = ("10 %", "1 %", "0.1 %")
# What `quick` should come to, in percent of quantitative parts.
MARKS = {"10 %": 90, "1 %": 70}
FAULTS = """By `assay power --faults`: the simulations of a task run with one fault in them, at the task's anchors in
`quick`, beside the same task with the sound ones. *no longer confirmed* counts as caught: a run fails by it."""
QUANTITATIVE = ("Identity", "Limit", "Bound", "Rate", "Balance")
HEAD = """# What Assay would notice

Written by `assay power --table`; not by hand. Every part's statement is bent in sympy, one mistake at a time, and held
against the draws of profile `{profile}` (entropies {entropies}). *10 %, 1 %, 0.1 %*: of the whole prediction, either
way where the statement has two sides. *gross*: terms and constants dropped, exponents off by 1 or ½, symbols swapped,
normalisations, inequalities flipped; for a finding its sign and size, for a certificate the property removed.
Mistakes that change no number, or only weaken an inequality, are set apart. *caught*: the smallest share of the
prediction that is caught with probability 1 − miss, by plan. *1 % in*: seconds of draws that tell one percent. A loose
inequality names its companion (→): the part beside it that is exact, or attained.

"""


def page(
    rows: Sequence[Row], profile: str, entropies: Sequence[int], sightings: Sequence[Sighting] = (), of: int = 0
) -> str:
    """Markdown of stored rows (`measured.as_data`) and of faults that were planted. of: how many parts there are."""
    told = HEAD.format(profile=profile, entropies=", ".join(map(str, entropies)))
    faults = ["", "## Faults planted in simulations", "", FAULTS, "", *section(sightings)] if sightings else []
    lines = [*marks(rows, of), "", *counts(rows), "", *weakest(rows), "", *survivors(rows), *faults]
    return told + "\n".join(lines) + "\n"


def marks(rows: Sequence[Row], of: int = 0) -> list[str]:
    """The shares of quantitative parts that notice ten percent and one, beside what is asked of `quick`."""
    mine = [row for row in rows if row["kind"] in QUANTITATIVE]
    inner = sum(any(name.startswith("coefficient") for name in row["shares"]) for row in mine)
    lines = [
        f"**{len(mine)} of {of or len(mine)} quantitative parts are measured here**, {inner} with mistakes inside "
        "of their statements, the others by errors of the whole and flipped inequalities (`--whole`)."
    ]
    if len(mine) < of:
        lines.append("What is cheap was measured first: the shares below tell nothing of the rest.")
    lines.append("")
    for size, asked in MARKS.items():
        noticed, judged = sum(noticing(row, size) is True for row in mine), _asked(mine, size)
        share = f"{100 * noticed / judged:.0f} %" if judged else "—"
        lines.append(f"- {size}: {noticed} of {judged} notice it ({share}; asked of quick: {asked} %).")
    return lines


def counts(rows: Sequence[Row]) -> list[str]:
    """For each kind, how many of its parts notice an error of each size in every direction, and gross mistakes."""
    lines = ["| kind | parts | 10 % | 1 % | 0.1 % | gross mistakes refuted | interval |", "|" + "---|" * 7]
    kinds = dict.fromkeys(row["kind"] for row in rows)
    for name in [*kinds, "all quantitative"]:
        mine = [row for row in rows if row["kind"] == name or (name not in kinds and row["kind"] in QUANTITATIVE)]
        noticed = [_of(sum(noticing(row, size) is True for row in mine), _asked(mine, size)) for size in SHOWN]
        refuted, judged = gross(mine)
        lines.append(
            f"| {name} | {len(mine)} | {' | '.join(noticed)} | {refuted}/{judged} | {_interval(refuted, judged)} |"
        )
    return lines


def weakest(rows: Sequence[Row]) -> list[str]:
    """A line a part, the weakest first."""
    lines = ["| part | kind | 10 % | 1 % | 0.1 % | coefficients | gross | caught, quick | full | nightly | 1 % in |"]
    lines.append("|" + "---|" * 11)
    for row in sorted(rows, key=strength):
        shares = [_share(row["shares"].get(size)) for size in SHOWN]
        inner = [it for name, it in row["shares"].items() if name.startswith("coefficient")]
        coefficients = _of(sum(it["refuted"] for it in inner), sum(it["judged"] for it in inner))
        caught = [_percent(row["smallest error caught"].get(name)) for name in ("quick", "full", "nightly")]
        kind = row["kind"] + ", ours" * row["ours"]
        lines.append(
            f"| {named(row)}{companion(row)} | {kind} | {' | '.join(shares)} | {coefficients} "
            f"| {_of(*gross([row]))} | {' | '.join(caught)} | {_seconds(row['seconds to tell 1 %'])} |"
        )
    return lines


def survivors(rows: Sequence[Row]) -> list[str]:
    """What lived, of gross mistakes and those of ten percent, with the reason."""
    lines = ["## Survivors among gross mistakes and errors of 10 %", ""]
    for row in sorted(rows, key=strength):
        alive = [it for it in row["survivors"] if it["grade"] in (SHOWN[0], *GRADES[6:])]
        for it in alive:
            off = f", off by {100 * it['off']:.3g} % at most" if it["off"] else ""
            lines.append(f"- {named(row)}{companion(row)}: {it['grade']}, {it['mistake']}{off}: {it['reason']}")
    return lines if len(lines) > 2 else [*lines, "None."]


def strength(row: Row) -> tuple[float, float, str]:
    """What rows are sorted by: the share of mutants refuted at 10 % and of gross ones, then of all."""
    first = _fraction([row["shares"].get(SHOWN[0]), *(row["shares"].get(name) for name in GRADES[6:])])
    return first, _fraction(list(row["shares"].values())), named(row)


def noticing(row: Row, size: str) -> bool | None:
    """Whether every error of that size was refuted; None where there was none."""
    share = row["shares"].get(size)
    return None if share is None else share["refuted"] == share["judged"]


def gross(rows: Sequence[Row]) -> tuple[int, int]:
    """How many gross mistakes were refuted, of how many."""
    told = [it for row in rows for name, it in row["shares"].items() if name in GRADES[6:]]
    return sum(it["refuted"] for it in told), sum(it["judged"] for it in told)


def named(row: Row) -> str:
    """The part as a reader calls it."""
    return f"{row['claim']}:{row['part']}" if row["part"] else str(row["claim"])


def companion(row: Row) -> str:
    """The part that is sharp where this one is loose."""
    return f" → {row['companion']}" if row.get("companion") else ""


def _asked(rows: Sequence[Row], size: str) -> int:
    return sum(noticing(row, size) is not None for row in rows)


def _fraction(shares: Sequence[Mapping[str, int] | None]) -> float:
    judged = sum(share["judged"] for share in shares if share)
    return sum(share["refuted"] for share in shares if share) / judged if judged else 1.0


def _interval(refuted: int, judged: int) -> str:
    from lazy_assay.checks.power.measured import Share

    if not judged:
        return "—"
    low, high = Share(refuted, judged).interval
    return f"{100 * low:.1f} … {100 * high:.1f} % at {1 - LEVEL:g}"


def _of(count: int, out_of: int) -> str:
    return f"{count}/{out_of}" if out_of else "—"


def _share(share: Mapping[str, int] | None) -> str:
    return "—" if share is None else _of(share["refuted"], share["judged"])


def _percent(value: float | None) -> str:
    return "—" if value is None or not math.isfinite(value) else f"{100 * value:.2g} %"


def _seconds(value: float | None) -> str:
    return "—" if value is None else f"{value:.2g} s"
