"""Draws results one below the other: discrepancies in units of what must be caught, effects, certificates by count."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
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
    span,
)

ROWS = 6
HEIGHT = 34.0
_REACH = 2.0
_LETTERS = 58
_FATES = (("AGREES", "blue"), ("UNDECIDED", "orange"), ("DISAGREES", "vermillion"))


def _panel(count: int) -> tuple[float, float, float, float]:
    return 14, 406, 40, 44 + HEIGHT * count


def _rows(panel: Any, names: Sequence[str], axis: str) -> None:
    """A row a name, from the top; its words stand above what is drawn at −row."""
    panel.set(ylim=(-len(names) + 0.4, 0.85), xlabel=axis)
    for index, name in enumerate(names):
        panel.text(0.005, -index + 0.34, clipped(name, _LETTERS), transform=panel.get_yaxis_transform(), fontsize=11)


def _normalised(row: Row) -> tuple[float, float, float]:
    """Low end, estimate and high end, less the prediction, over bias + resolution."""
    unit = detectable(row)
    distances = (value - predicted(row) for value in (ends(row)[0], estimate(row), ends(row)[1]))
    low, middle, high = (d / unit if unit else (math.copysign(math.inf, d) if d else 0.0) for d in distances)
    return low, middle, high


def discrepancies(rows: Sequence[Row], side: str, salt: str) -> Picture:
    """The rows farthest from their predictions; `side` ("below", "above") is where a bound lets the quantity lie."""
    left = sorted(rows, key=lambda row: max(map(abs, _normalised(row))), reverse=True)
    chosen, common, routes = left[:ROWS], shared(left), sorted({row["route"] for row in left})

    def fill(panels: Sequence[Any]) -> None:
        (panel,) = panels
        span(panel, "x", [-_REACH, _REACH], log=False)
        low, high = (-9.0 if side == "below" else -1.0), (9.0 if side == "above" else 1.0)
        panel.axvspan(low, high, color=COLOURS["rule"], alpha=0.5, linewidth=0)
        panel.axvline(0.0, color=COLOURS["ink"], lw=1)
        names = [configuration(row["configuration"], list(common)) or row["route"] for row in chosen]
        _rows(panel, names, "(estimate − prediction) / (bias + resolution)")
        _distances(panel, chosen, routes)

    hidden = f" The {len(chosen)} farthest of {len(left)} results." if len(left) > len(chosen) else ""
    svg, thumbnail = draw(salt, ("Estimate minus prediction", f"{len(chosen)} results, one a row.{hidden}"),
                          (_panel(len(chosen)),), fill)  # fmt: skip
    beyond = f"; the bound lets the quantity lie anywhere {side} it" if side else ""
    signs = [legend(index, route) for index, route in enumerate(routes)]
    signs += [("▮", "quiet", "bias: what the theorem or the formula leaves open")]
    signs += [("▮", "rule", f"bias + resolution: the interval must lie inside{beyond}")]
    caption = f"Estimate minus prediction, with its interval, in units of bias + resolution.{hidden}"
    return Picture(svg=svg, thumbnail=thumbnail, caption=caption, note=configuration(common), legend=signs)


def _distances(panel: Any, rows: Sequence[Row], routes: Sequence[str]) -> None:
    edge = 1.05 * _REACH
    biases = [bias(row) / detectable(row) if detectable(row) else 0.0 for row in rows]
    ys, xs = intervals([-index for index in range(len(rows))], [-b for b in biases], biases)
    panel.plot(xs, ys, color=COLOURS["quiet"], alpha=0.45, lw=9, solid_capstyle="butt")
    for kind, route in enumerate(routes):
        placed = [(-index, _normalised(row)) for index, row in enumerate(rows) if row["route"] == route]
        _bars(panel, kind, [(y, max(low, -edge), min(max(middle, -edge), edge), min(high, edge), abs(middle) > edge)
                               for y, (low, middle, high) in placed])  # fmt: skip
        for y, (_, middle, _) in placed:
            if abs(middle) > edge:
                words = f"{number(middle, 2)} ▶" if middle > 0 else f"◀ {number(middle, 2)}"
                panel.text(edge, y + 0.34, words, ha="right", fontsize=11)


def _bars(panel: Any, index: int, bars: Sequence[tuple[float, float, float, float, bool]]) -> None:
    """Each bar: its height, low end, middle, high end, and whether the middle is out of sight."""
    if not bars:
        return
    colour = ROUTES[index % 6]
    ys, xs = intervals([bar[0] for bar in bars], [bar[1] for bar in bars], [bar[3] for bar in bars])
    panel.plot(xs, ys, color=colour, lw=2)
    seen = [(middle, y) for y, _, middle, _, hidden in bars if not hidden]
    if seen:
        panel.plot(*zip(*seen, strict=True), SIGNS[index % 6], color=colour, markeredgecolor=COLOURS["ground"])


Printed = tuple[str, float, float, float]


def effects(rows: Sequence[Row], mark: str, units: str, salt: str, printed: Sequence[Printed] = ()) -> Picture:
    """Effects on their own axis, in the results' order; `mark` says what the tick is, `printed` are the paper's own."""
    chosen, common = rows[:ROWS], shared(rows)
    theirs = list(printed)[:ROWS]
    names = [_apart(row, common) for row in chosen] + [f"the paper: {name}" for name, *_ in theirs]

    def fill(panels: Sequence[Any]) -> None:
        (panel,) = panels
        seen = [value for row in chosen for value in (*ends(row), estimate(row), predicted(row))]
        seen += [value for _, *values in theirs for value in values]
        span(panel, "x", [0.0, *filter(math.isfinite, seen)], log=False)
        low, high = panel.get_xlim()
        _rows(panel, names, clipped(f"effect ({units})", _LETTERS))
        panel.axvline(0.0, color=COLOURS["quiet"], lw=1)
        marks = [(predicted(row), -index) for index, row in enumerate(chosen) if math.isfinite(predicted(row))]
        if marks:
            panel.plot(*zip(*marks, strict=True), "|", color=COLOURS["ink"], markersize=15, markeredgewidth=2)
        found = [(estimate(row), *ends(row)) for row in chosen]
        paper = [(middle, a, b) for _, middle, a, b in theirs]
        for kind, start, group in ((0, 0, found), (1, len(chosen), paper)):
            bars = [
                (-float(start + k), max(a, low), middle, min(b, high), not math.isfinite(middle))
                for k, (middle, a, b) in enumerate(group)
            ]
            _bars(panel, kind, bars)

    hidden = f" The first {len(chosen)} of {len(rows)} results." if len(rows) > len(chosen) else ""
    told = ("Effects with their intervals", f"{len(names)} effects, one a row.{hidden}")
    svg, thumbnail = draw(salt, told, (_panel(len(names)),), fill)
    signs = [(LETTERS[0], NAMES[4], "this run"), ("❙", "ink", mark)]
    signs += [(LETTERS[1], NAMES[5], "from the paper's table, Welch's interval")] if theirs else []
    caption = f"Effects with their intervals.{hidden}"
    return Picture(svg=svg, thumbnail=thumbnail, caption=caption, note=configuration(common), legend=signs)


def _apart(row: Row, common: Mapping[str, Any]) -> str:
    apart = configuration(row["configuration"], list(common))
    return f"{row['route']}: {apart}" if apart else str(row["route"])


def certificates(rows: Sequence[Row], salt: str) -> Picture:
    """How often each kind of object was certified, left undecided or disproved."""
    groups: dict[str, Counter[str]] = {}
    for row in rows:
        groups.setdefault(_kind(row), Counter())[row["verdict"]] += 1
    shown = dict(sorted(groups.items(), key=lambda item: item[1].total(), reverse=True)[:ROWS])

    def fill(panels: Sequence[Any]) -> None:
        (panel,) = panels
        span(panel, "x", [0, max(counts.total() for counts in shown.values())], log=False)
        panel.set_xlim(left=0)
        _rows(panel, [_told(name, counts) for name, counts in shown.items()], "draws")
        places, left = [-index for index in range(len(shown))], [0.0] * len(shown)
        for verdict, colour in _FATES:
            right = [a + counts[verdict] for a, counts in zip(left, shown.values(), strict=True)]
            ys, xs = intervals(places, left, right)
            panel.plot(xs, ys, color=COLOURS[colour], lw=10, solid_capstyle="butt")
            left = right

    hidden = f" The {len(shown)} commonest of {len(groups)} kinds." if len(groups) > len(shown) else ""
    told = ("What was certified how often", f"{len(rows)} draws of {len(groups)} kinds.{hidden}")
    svg, thumbnail = draw(salt, told, (_panel(len(shown)),), fill)
    signs = [("▮", "blue", "proved"), ("▮", "orange", "undecided"), ("▮", "vermillion", "disproved")]
    caption = f"What was certified how often.{hidden}"
    return Picture(svg=svg, thumbnail=thumbnail, caption=caption, legend=signs)


def _kind(row: Row) -> str:
    wrong = row["decoy"] or row["assumption"] or ("as printed" if row["subject"] == "as_printed" else "")
    if wrong:
        return f"must fail: {wrong}"
    parts = [row["case"] or row["degenerate"], str(row["configuration"].get("activation", "")), row["route"]]
    return ", ".join(dict.fromkeys(filter(None, parts)))


def _told(name: str, counts: Counter[str]) -> str:
    verdict = "DISAGREES" if name.startswith("must fail") else "AGREES"
    word = "disproved" if verdict == "DISAGREES" else "proved"
    ending = f": {word} {counts[verdict]} of {counts.total()}"
    return clipped(name, _LETTERS - len(ending)) + ending
