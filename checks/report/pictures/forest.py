"""Draws results one below the other: discrepancies in units of what must be caught, effects, certificates by count."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from lazy_assay.checks.report._numbers import configuration, number
from lazy_assay.checks.report._rows import Row, bias, detectable, ends, estimate, predicted, shared
from lazy_assay.checks.report.pictures.canvas import (
    COLOURS,
    LETTERS,
    NAMES,
    ROUTES,
    SIGNS,
    Picture,
    clipped,
    draw,
    intervals,
    legend,
    line,
    span,
)

ROWS, PRINTED = 6, 2
HEIGHT = 34.0
# Discrepancies beyond so many units are told as a number; shares of a bound below this one stand at the edge.
_REACH, _LEAST = 2.0, 1e-4
_LETTERS = 62
_FATES = (("AGREES", "blue"), ("UNDECIDED", "orange"), ("DISAGREES", "vermillion"))
# A line in words, its low end, middle and high end, and which route's it is; −1 for what is printed.
Bar = tuple[str, float, float, float, int]
Printed = tuple[str, float, float, float]
_WRONG = -1
_AS_PRINTED = ("✕", "bad", "the printed formula")


def _listed(salt: str, told: str, names: Sequence[str], axis: str, fill: Any, hidden: str, **words: Any) -> Picture:
    """A row a name, from the top; the words stand above what is drawn at −row."""

    def fill_rows(panel: Any) -> None:
        fill(panel)
        panel.set(ylim=(-len(names) + 0.4, 0.85), xlabel=axis)
        for index, name in enumerate(names):
            where = panel.get_yaxis_transform()
            panel.text(0.005, -index + 0.34, clipped(name, _LETTERS), transform=where, fontsize=11)

    box = (14, 406, 40, 44 + HEIGHT * len(names))
    return draw(salt, (told, f"{len(names)} rows.{hidden}"), (box,), fill_rows, caption=f"{told}.{hidden}", **words)


def _of(shown: int, count: int, what: str) -> str:
    return f" The {shown} {what} of {count}." if count > shown else ""


def _bars(panel: Any, bars: Sequence[Bar]) -> None:
    """Ends are cut at the axis; a middle beyond it is told in words at the edge."""
    low, high = panel.get_xlim()
    for kind in sorted({bar[-1] for bar in bars}):
        colour, sign = (COLOURS["bad"], "X") if kind == _WRONG else (ROUTES[kind % 6], SIGNS[kind % 6])
        mine = [(-k, *bar[1:4]) for k, bar in enumerate(bars) if bar[-1] == kind]
        ys, xs = intervals([b[0] for b in mine], [max(b[1], low) for b in mine], [min(b[3], high) for b in mine])
        line(panel, xs, ys, color=colour, lw=2)
        seen = [bar for bar in mine if low <= bar[2] <= high]
        ground = COLOURS["ground"]
        line(panel, [bar[2] for bar in seen], [bar[0] for bar in seen], sign, color=colour, markeredgecolor=ground)
        for y, _, middle, _ in mine:
            if middle < low or middle > high:
                words = f"{number(middle, 2)} ▶" if middle > 0 else f"◀ {number(middle, 2)}"
                panel.text(high, y + 0.34, words, ha="right", fontsize=11)


def discrepancies(rows: Sequence[Row], side: str, salt: str, printed: Sequence[Row] = ()) -> Picture:
    """The rows farthest from their predictions, and where the printed formula lies; `side` ("below", "above") is where
    a bound lets the quantity lie: then as shares of the bound, where there are such."""
    if side != "both" and all(predicted(row) > 0 and estimate(row) > 0 for row in rows):
        return _shares(rows, side, salt)
    left = sorted(rows, key=lambda row: max(map(abs, _units(row))), reverse=True)
    chosen, wrong, routes = left[:ROWS], list(printed[:PRINTED]), sorted({row["route"] for row in left})
    common = shared([*left, *wrong])
    bars = [(f"as printed: {_label(row, common)}", *_units(row), _WRONG) for row in wrong]
    bars += [(_label(row, common), *_units(row), routes.index(row["route"])) for row in chosen]

    def fill(panel: Any) -> None:
        span(panel, "x", [-_REACH, _REACH], log=False)
        low, high = (-9.0 if side == "below" else -1.0), (9.0 if side == "above" else 1.0)
        panel.axvspan(low, high, color=COLOURS["rule"], alpha=0.5, linewidth=0)
        panel.axvline(0.0, color=COLOURS["ink"], lw=1)
        half = [bias(row) / detectable(row) if detectable(row) else 0.0 for row in (*wrong, *chosen)]
        ys, xs = intervals([-index for index in range(len(bars))], [-b for b in half], half)
        line(panel, xs, ys, color=COLOURS["quiet"], alpha=0.45, lw=9)
        _bars(panel, bars)

    beyond = f"; the bound lets the quantity lie anywhere {side} it" if side != "both" else ""
    signs = [legend(index, route) for index, route in enumerate(routes)] + [_AS_PRINTED] * bool(wrong)
    signs += [("▮", "quiet", "bias: what the theorem or the formula leaves open")]
    signs += [("▮", "rule", f"bias + resolution: the interval must lie inside{beyond}")]
    told = "Estimate minus prediction, with its interval, in units of bias + resolution"
    axis, hidden = "(estimate − prediction) / (bias + resolution)", _of(len(chosen), len(left), "farthest")
    return _listed(salt, told, [bar[0] for bar in bars], axis, fill, hidden, note=configuration(common), legend=signs)


def _units(row: Row) -> tuple[float, float, float]:
    """Low end, estimate and high end, less the prediction, over bias + resolution."""
    unit = detectable(row)
    distances = (value - predicted(row) for value in (ends(row)[0], estimate(row), ends(row)[1]))
    low, middle, high = (d / unit if unit else (math.copysign(math.inf, d) if d else 0.0) for d in distances)
    return low, middle, high


def _shares(rows: Sequence[Row], side: str, salt: str) -> Picture:
    """What is estimated over its bound, the rows nearest to it."""
    left = sorted(rows, key=lambda row: estimate(row) / predicted(row), reverse=side == "below")
    chosen, common, routes = left[:ROWS], shared(left), sorted({row["route"] for row in left})
    bars = [_share(row, _label(row, common), routes.index(row["route"])) for row in chosen]

    def fill(panel: Any) -> None:
        seen = [value for bar in bars for value in bar[1:4] if math.isfinite(value)]
        span(panel, "x", [1.0, *seen, *([0.0] if side == "below" and min(seen) > 0.01 else [])])
        low, high = panel.get_xlim()
        panel.axvspan(*((low, 1.0) if side == "below" else (1.0, high)), color=COLOURS["rule"], alpha=0.5, linewidth=0)
        panel.axvline(1.0, color=COLOURS["ink"], lw=1.5)
        _bars(panel, bars)

    signs = [legend(index, route) for index, route in enumerate(routes)]
    signs += [("┃", "ink", "the bound"), ("▮", "rule", "where it lets the quantity lie")]
    told, hidden = "What is estimated as a share of its bound", _of(len(chosen), len(left), "nearest")
    return _listed(
        salt, told, [b[0] for b in bars], "estimate / bound", fill, hidden, note=configuration(common), legend=signs
    )


def _share(row: Row, name: str, kind: int) -> Bar:
    low, middle, high = (max(v / predicted(row), _LEAST) for v in (ends(row)[0], estimate(row), ends(row)[1]))
    return name, low, middle, high, kind


def _label(row: Row, common: Any) -> str:
    return configuration(row["configuration"], common, short=True) or str(row["route"])


def effects(rows: Sequence[Row], mark: str, units: str, salt: str, printed: Sequence[Printed] = ()) -> Picture:
    """Effects on their own axis, in the results' order; `mark` says what the tick is, `printed` are the paper's own."""
    chosen, common = rows[:ROWS], shared(rows)
    found = [(_apart(row, common), ends(row)[0], estimate(row), ends(row)[1], 0) for row in chosen]
    theirs = [(f"the paper: {name}", low, middle, high, 1) for name, middle, low, high in printed]
    marks = [(predicted(row), -index) for index, row in enumerate(chosen) if math.isfinite(predicted(row))]

    def fill(panel: Any) -> None:
        seen = [value for bar in (*found, *theirs) for value in bar[1:4]] + [x for x, _ in marks]
        span(panel, "x", [0.0, *filter(math.isfinite, seen)], log=False)
        panel.axvline(0.0, color=COLOURS["quiet"], lw=1)
        xs, ys = zip(*marks or [(math.nan, 0)], strict=True)
        line(panel, xs, ys, "|", color=COLOURS["ink"], markersize=15, markeredgewidth=2)
        _bars(panel, [*found, *theirs])

    signs = [(LETTERS[0], NAMES[4], "this run"), ("❙", "ink", mark)]
    signs += [(LETTERS[1], NAMES[5], "from the paper's table, Welch's interval")] if theirs else []
    names, hidden = [bar[0] for bar in (*found, *theirs)], _of(len(chosen), len(rows), "first")
    axis, note = clipped(f"effect ({units})", _LETTERS), configuration(common)
    return _listed(salt, "Effects with their intervals", names, axis, fill, hidden, note=note, legend=signs)


def _apart(row: Row, common: Any) -> str:
    apart = configuration(row["configuration"], common, short=True)
    return f"{row['route']}: {apart}" if apart and len(common) else str(row["route"])


def certificates(rows: Sequence[Row], salt: str) -> Picture:
    """How often each kind of object was certified, left undecided or disproved."""
    groups: dict[str, Counter[str]] = {}
    for row in rows:
        groups.setdefault(_kind(row), Counter())[row["verdict"]] += 1
    shown = dict(sorted(groups.items(), key=lambda item: item[1].total(), reverse=True)[:ROWS])

    def fill(panel: Any) -> None:
        span(panel, "x", [0, max(counts.total() for counts in shown.values())], log=False)
        panel.set_xlim(left=0)
        places, left = [-index for index in range(len(shown))], [0.0] * len(shown)
        for verdict, colour in _FATES:
            right = [a + counts[verdict] for a, counts in zip(left, shown.values(), strict=True)]
            ys, xs = intervals(places, left, right)
            line(panel, xs, ys, color=COLOURS[colour], lw=10)
            left = right

    names, hidden = [_told(*item) for item in shown.items()], _of(len(shown), len(groups), "commonest kinds")
    signs = [("▮", "blue", "proved"), ("▮", "orange", "undecided"), ("▮", "vermillion", "disproved")]
    return _listed(salt, "What was certified how often", names, "draws", fill, hidden, legend=signs)


def _kind(row: Row) -> str:
    if row["subject"] == "as_printed" or row["decoy"]:
        return f"must fail: {row['decoy'] or 'as printed'}"
    if row["assumption"]:
        return f"without {row['assumption']}"
    parts = [row["case"] or row["degenerate"], str(row["configuration"].get("activation", "")), row["route"]]
    return ", ".join(dict.fromkeys(filter(None, parts)))


def _told(name: str, counts: Counter[str]) -> str:
    verdict = "DISAGREES" if name.startswith(("must fail", "without")) else "AGREES"
    word = "disproved" if verdict == "DISAGREES" else "proved"
    ending = f": {word} {counts[verdict]} of {counts.total()}"
    return clipped(name, _LETTERS - len(ending)) + ending
