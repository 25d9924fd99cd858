"""What every part would notice, as a page: counts at the top, weakest parts first, survivors with their reasons."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lazy_assay.checks.power.expressions import SHARES
from lazy_assay.checks.power.faults.sightings import Sighting
from lazy_assay.checks.power.faults.told import section
from lazy_assay.checks.power.measured import INNER, LEVEL, ROUGH, WHOLE
from lazy_assay.checks.vocabulary.profiles import PROFILES

Row = Mapping[str, Any]
# What a profile should come to, in percent of quantitative parts.
MARKS = {"quick": {"10 %": 90, "1 %": 70}, "full": {"10 %": 100}, "nightly": {"1 %": 95}}
TITLE = "## Faults planted in simulations"
FAULTS = """By `assay power --faults`: the simulations of a task run with one fault in them, at the task's anchors in
`quick`, beside the same task with the sound ones. *no longer confirmed* counts as caught: a run fails by it."""
QUANTITATIVE = ("Identity", "Limit", "Bound", "Rate", "Balance")
# Survivors of a grade and a reason that are called by name.
NAMED = 3
# What holds with equality: every mistake of ten percent, and every gross one, should be refuted in `full`.
EXACT = ("Identity", "Limit")
SERIOUS = (WHOLE[0], INNER[0], *ROUGH)
HEAD = """# What Assay would notice{where}

Written by `assay power --table`; not by hand. Every part's statement is bent in sympy, one mistake at a time, and held
against what was drawn in profile `{profile}` (entropies {entropies}). *10 %, 3 %, 1 %, 0.1 %*: of the whole
prediction, either way where the statement has two sides. *comparisons*: how many of a part's comparisons notice each of
these, every way counted alone. *coefficients*: terms off by the same shares. *gross*: terms and constants dropped,
exponents off by 1 or ½, symbols swapped, normalisations, inequalities flipped; for a finding its sign and size, for a
certificate the property removed. Mistakes that change no number, or only weaken an inequality, are set apart.
*caught*: the smallest share of the prediction that is caught with probability 1 − miss, by plan. *1 % in*: seconds of
draws that tell one percent. A loose inequality names its companion (→): the part beside it that is exact, or attained.

*by*: **draws**, every mistake was judged on draws; **plan**, it was held against a stored run (`--from`): its
estimates, how they scattered and what was allowed tell which mistakes the same checks refute, a number against a number
at once, a sampled one with probability 1 − miss in its confirmation.

"""


OPAQUE = """What stands on the right there is the solution of a problem, in no closed form: it is bent as a whole alone,
and no formula is held against itself."""


def page(
    rows: Sequence[Row],
    profile: str,
    entropies: Sequence[int],
    faults: Sequence[str] = (),
    of: int = 0,
) -> str:
    """Markdown of stored rows (`measured.as_data`). faults: the section of those that were planted. of: how many parts
    there are."""
    where = "" if profile == "quick" else f" in `{profile}`"
    told = HEAD.format(where=where, profile=profile, entropies=", ".join(map(str, entropies)))
    lines = [*marks(rows, of, profile), "", *budgets(rows), "", *curve(rows), "", *counts(rows), "", *weakest(rows), ""]
    return told + "\n".join([*lines, *unseen(rows), *survivors(rows), *faults]) + "\n"


def planted(sightings: Sequence[Sighting], before: str = "") -> list[str]:
    """The section of planted faults; where none were, that of the page as it was before, if it has one."""
    if sightings:
        return ["", TITLE, "", FAULTS, "", *section(sightings)]
    _, found, kept = before.partition(TITLE)
    return ["", TITLE, *kept.rstrip("\n").split("\n")[1:]] if found else []


def marks(rows: Sequence[Row], of: int = 0, profile: str = "quick") -> list[str]:
    """The shares of quantitative parts that notice an error, beside what is asked of the profile."""
    mine = [row for row in rows if row["kind"] in QUANTITATIVE]
    inner = sum(any(name not in WHOLE and name != "the inequality flipped" for name in row["shares"]) for row in mine)
    planned = sum(row["basis"] == "plan" for row in mine)
    lines = [
        f"**{len(mine)} of {of or len(mine)} quantitative parts are measured here**, {planned} by plan, {inner} with "
        "mistakes inside of their statements, the others by errors of the whole and flipped inequalities."
    ]
    if len(mine) < of:
        lines.append("What is cheap was measured first: the shares below tell nothing of the rest.")
    lines.append("")
    for size, asked in MARKS.get(profile, {}).items():
        told, judged = sum(noticing(row, size) is True for row in mine), _asked(mine, size)
        share = f"{100 * told / judged:.0f} %" if judged else "—"
        lines.append(
            f"- {size}: {told} of {judged} notice it ({share}; asked of {profile}: {asked} %){_besides(mine, size)}."
        )
    return [*lines, *exact(mine)]


def _besides(rows: Sequence[Row], size: str) -> str:
    """Of those that do not notice it, the loose bounds whose companion does, and the exponents of rates."""
    deaf = [row for row in rows if noticing(row, size) is False]
    by_name = {named(row): row for row in rows}
    beside = (by_name.get(f"{row['claim']}:{row['companion']}") for row in deaf if row["companion"])
    covered = sum(it is not None and noticing(it, size) is True for it in beside)
    slopes = sum(row["kind"] == "Rate" for row in deaf)
    if not deaf:
        return ""
    return f"; of the other {len(deaf)}, {covered} are loose bounds whose companion does, {slopes} exponents of rates"


def exact(rows: Sequence[Row]) -> list[str]:
    """Of what holds with equality, how many mistakes of ten percent, and gross ones, are refuted."""
    kinds = {
        "identities and limits": [row for row in rows if row["kind"] in EXACT],
        "sharp rates": [row for row in rows if row["sharp"]],
        "bounds that are attained to 1 %": [row for row in rows if _attained(row)],
    }
    lines = ["- Mistakes of 10 %, of the whole or a coefficient, and gross ones (asked of full: 100 %):"]
    for kind, mine in kinds.items():
        told = [row["shares"][name] for row in mine for name in SERIOUS if name in row["shares"]]
        refuted, judged = sum(it["refuted"] for it in told), sum(it["judged"] for it in told)
        whole = sum(all(noticing(row, name) is not False for name in SERIOUS) for row in mine)
        lines.append(f"    - {kind}: {refuted} of {judged} refuted, all of them in {whole} of {len(mine)} parts.")
    return lines


def _attained(row: Row) -> bool:
    return row["kind"] == "Bound" and noticing(row, "1 %") is True


def budgets(rows: Sequence[Row]) -> list[str]:
    """At each profile's budget, how many parts catch an error of each size with probability 1 − miss, by plan."""
    mine = [row for row in rows if row["kind"] in QUANTITATIVE]
    lines = ["| by plan, at the budget of | " + " | ".join(WHOLE) + " |", "|" + "---|" * (1 + len(WHOLE))]
    for name in PROFILES:
        told = [row["smallest error caught"].get(name) for row in mine]
        counts_ = (sum(it is not None and it <= float(share) for it in told) for share in SHARES)
        lines.append(f"| {name} | {' | '.join(f'{it}/{len(mine)}' for it in counts_)} |")
    return lines


def counts(rows: Sequence[Row]) -> list[str]:
    """For each kind, how many of its parts notice an error of each size in every direction, how many comparisons do,
    and gross mistakes."""
    lines = [f"| kind | parts | {' | '.join(WHOLE)} | comparisons | gross mistakes refuted | interval |"]
    lines.append("|" + "---|" * (5 + len(WHOLE)))
    kinds = dict.fromkeys(row["kind"] for row in rows)
    for name in [*kinds, "all quantitative"]:
        mine = [row for row in rows if row["kind"] == name or (name not in kinds and row["kind"] in QUANTITATIVE)]
        noticed = [_of(sum(noticing(row, size) is True for row in mine), _asked(mine, size)) for size in WHOLE]
        refuted, judged = gross(mine)
        lines.append(
            f"| {name} | {len(mine)} | {' | '.join(noticed)} | {_curve(mine)} | {refuted}/{judged} "
            f"| {_interval(refuted, judged)} |"
        )
    return lines


def curve(rows: Sequence[Row]) -> list[str]:
    """The kill curve over all comparisons that have a plan, with its intervals."""
    lines = ["| error of the whole | comparisons that notice it | interval |", "|---|---|---|"]
    for size in WHOLE:
        refuted, judged = _summed(rows, size)
        lines.append(f"| {size} | {_of(refuted, judged)} | {_interval(refuted, judged)} |")
    return lines


def _summed(rows: Sequence[Row], size: str) -> tuple[int, int]:
    told = [row["comparisons"][size] for row in rows if size in row["comparisons"]]
    return sum(it["refuted"] for it in told), sum(it["judged"] for it in told)


def _curve(rows: Sequence[Row]) -> str:
    told = [_summed(rows, size) for size in WHOLE]
    return f"{', '.join(str(refuted) for refuted, _ in told)} of {told[0][1]}" if told[0][1] else "—"


def weakest(rows: Sequence[Row]) -> list[str]:
    """A line a part, the weakest first."""
    head = ["part", "kind", *WHOLE, "comparisons", "coefficients", "gross", "caught, quick", "full", "nightly"]
    lines = [f"| {' | '.join([*head, '1 % in', 'by'])} |", "|" + "---|" * (len(head) + 2)]
    for row in sorted(rows, key=strength):
        shares = [_share(row["shares"].get(size)) for size in WHOLE]
        inner = [it for name, it in row["shares"].items() if name.startswith("coefficient")]
        coefficients = _of(sum(it["refuted"] for it in inner), sum(it["judged"] for it in inner))
        caught = [_percent(row["smallest error caught"].get(name)) for name in ("quick", "full", "nightly")]
        kind = row["kind"] + ", ours" * row["ours"] + ", sharp" * row["sharp"]
        lines.append(
            f"| {named(row)}{companion(row)} | {kind} | {' | '.join(shares)} | {_curve([row])} | {coefficients} "
            f"| {_of(*gross([row]))} | {' | '.join(caught)} | {_seconds(row['seconds to tell 1 %'])} | {row['basis']} |"
        )
    return lines


def unseen(rows: Sequence[Row]) -> list[str]:
    """The parts whose statement is a symbol alone, with the reason; none where there are none."""
    opaque = sorted((row for row in rows if row.get("opaque")), key=named)
    told = [f"- {named(row)}: {row['opaque']}" for row in opaque]
    return ["## Statements that sympy does not see into", "", OPAQUE, "", *told, ""] if told else []


def survivors(rows: Sequence[Row]) -> list[str]:
    """What lived, of gross mistakes and those of ten percent, by its reason: a few of each grade by name."""
    lines = ["## Survivors among gross mistakes and errors of 10 %", ""]
    for row in sorted(rows, key=strength):
        alive = [it for it in row["survivors"] if it["grade"] in SERIOUS]
        for reason in dict.fromkeys(it["reason"] for it in alive):
            mine = [it for it in alive if it["reason"] == reason]
            grades = dict.fromkeys(it["grade"] for it in mine)
            told = "; ".join(f"{grade}: {_names([it for it in mine if it['grade'] == grade])}" for grade in grades)
            off = max(it["off"] for it in mine)
            least = f" (off by {100 * off:.3g} % at most)" if 0 < off < 1 else ""
            lines.append(f"- {named(row)}{companion(row)}: **{reason}**{least}: {told}")
    return lines if len(lines) > 2 else [*lines, "None."]


def _names(alive: Sequence[Row]) -> str:
    shown = [f"`{it['mistake']}`" for it in alive[:NAMED]]
    return ", ".join(shown) + (f" and {len(alive) - NAMED} more" if len(alive) > NAMED else "")


def strength(row: Row) -> tuple[float, float, str]:
    """What rows are sorted by: the share of mutants refuted at 10 % and of gross ones, then of all."""
    first = _fraction([row["shares"].get(WHOLE[0]), *(row["shares"].get(name) for name in ROUGH)])
    return first, _fraction(list(row["shares"].values())), named(row)


def noticing(row: Row, size: str) -> bool | None:
    """Whether every error of that size was refuted; None where there was none."""
    share = row["shares"].get(size)
    return None if share is None else share["refuted"] == share["judged"]


def gross(rows: Sequence[Row]) -> tuple[int, int]:
    """How many gross mistakes were refuted, of how many."""
    told = [it for row in rows for name, it in row["shares"].items() if name in ROUGH]
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
    if value is None or not math.isfinite(value):
        return "—"
    return f"{100 * value:.2g} %" if value < 1 else f"{100 * value:.0f} %"


def _seconds(value: float | None) -> str:
    return "—" if value is None else f"{value:.2g} s"
