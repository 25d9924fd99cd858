"""Draws theory against simulated points along one size, the log-log lines of a rate, and a figure of a paper again."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from lazy_assay.checks.procedures.exponents import AT
from lazy_assay.checks.report._numbers import configuration, letter, number
from lazy_assay.checks.report._rows import Row, bias, ends, estimate, predicted, shared
from lazy_assay.checks.report.pictures import sweeps
from lazy_assay.checks.report.pictures.canvas import (
    COLOURS,
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
from lazy_assay.checks.report.pictures.sweeps import Points, Sweep
from lazy_assay.theory import Part

_ABOVE, _BELOW, _ALONE = (60, 410, 138, 330), (60, 410, 44, 122), (60, 410, 44, 250)
_LIMIT = ("┄", "quiet", "published limit")
AS_PRINTED = ("┅", "bad", "as printed")
_HERE = ("━", "ink", "prediction at this size")
_DASHES = (0, (2, 2))
# Whose legend has room.
RATES, SERIES = 4, 6
# Theory at fewer points than this is marked at each: a line between them would claim more.
_JOINED = 5
# A slope that stands for any that is steeper.
_STEEP = 40.0


def swept(sweep: Sweep, part: Part | None, salt: str) -> Picture:
    """Points, prediction, published limit, and dashed the printed formula; below, what is left with its intervals."""
    limit, printed = sweeps.limit_curve(part, sweep), sweeps.printed_curve(part, sweep)
    theory, routes = sweeps.lines(sweep), sweep.by_route()
    if len(theory) == 1 and (dense := sweeps.finite_curve(part, sweep, *theory.values())):
        theory = dict.fromkeys(theory, dense)

    def fill(above: Any, below: Any) -> None:
        _values(above, sweep, routes, (limit, printed, *theory.values()))
        _residuals(below, sweep, routes)
        below.set_xlabel(_name(sweep.key, part))

    quantity, over = part.quantity.meaning if part else "estimate", letter(sweep.key)
    low, high = number(sweep.values[0]), number(sweep.values[-1])
    told = f"{len(sweep.rows)} results by {', '.join(routes)}, {over} from {low} to {high}"
    large = sweeps.too_large(sweep)
    uncurved = f" No formula is evaluated at {large}." if large and part is not None else ""
    apart = " Routes are set apart sideways." if len(routes) > 1 else ""
    caption = f"{quantity[:1].upper()}{quantity[1:]} against {over}; below, less the prediction.{apart}{uncurved}"
    signs = [legend(index, route) for index, route in enumerate(routes)]
    side = part.allowed_side if part else "both"
    here = _HERE if side == "both" else (*_HERE[:2], f"the bound at this size: the quantity may lie {side} it")
    signs += [here] * (len(theory) == 1) + [_LIMIT] * bool(limit) + [AS_PRINTED] * bool(printed)
    note = configuration(sweep.fixed)
    return draw(
        salt, (f"{quantity} against {over}", told), (_ABOVE, _BELOW), fill, caption=caption, note=note, legend=signs
    )


def _name(key: str, part: Part | None) -> str:
    declared = part.declared.get(key) if part else None
    if declared is None:
        return letter(key)
    units = "" if declared.units == "dimensionless" else f" ({declared.units})"
    return clipped(f"{letter(key)}: {declared.meaning}{units}", 50)


def _values(panel: Any, sweep: Sweep, routes: Mapping[str, Sequence[Row]], curves: Sequence[Points]) -> None:
    limit, printed, *theory = curves
    seen = [y for curve in (limit, *theory) for _, y in curve] + [estimate(row) for row in sweep.rows]
    # The printed formula may be far off: in sight where that leaves the rest its room.
    middle, reach = (max(seen) + min(seen)) / 2, 2 * (max(seen) - min(seen) or abs(max(seen)))
    span(panel, "x", sweep.values)
    span(panel, "y", seen + [y for _, y in printed if abs(y - middle) < reach])
    for curve, colour, style in ((limit, "quiet", "--"), (printed, "bad", _DASHES)):
        if curve:
            line(
                panel,
                [x for x, _ in curve],
                [y for _, y in curve],
                color=COLOURS[colour],
                linestyle=style,
                linewidth=1.6,
            )
    for index, curve in enumerate(theory):
        line(
            panel,
            [x for x, _ in curve],
            [y for _, y in curve],
            color=ROUTES[index % 6] if len(theory) > 1 else COLOURS["ink"],
            lw=1.4,
        )
    for index, rows in enumerate(routes.values()):
        xs = [float(row["configuration"][sweep.key]) for row in rows]
        _dots(panel, index, xs, [estimate(row) for row in rows], _aside(panel, index, len(routes)))


def _dots(panel: Any, index: int, xs: Sequence[float], ys: Sequence[float], where: Any = None) -> None:
    colour, ground = ROUTES[index % 6], COLOURS["ground"]
    where = where or panel.transData
    line(panel, xs, ys, SIGNS[index % 6], color=colour, markeredgecolor=ground, transform=where)


def _aside(panel: Any, index: int, count: int) -> Any:
    """Where a route's points stand: routes share their places, and would hide one another."""
    from matplotlib.transforms import ScaledTranslation

    shift = 6 * (index - (count - 1) / 2) / 72
    return panel.transData + ScaledTranslation(shift, 0, panel.figure.dpi_scale_trans)


def _residuals(panel: Any, sweep: Sweep, routes: Mapping[str, Sequence[Row]]) -> None:
    """Estimate less prediction with its interval, which the values above are mostly too large to show."""
    left = [end - predicted(row) for row in sweep.rows for end in (*ends(row), estimate(row))]
    span(panel, "x", sweep.values)
    span(panel, "y", [0.0, *filter(math.isfinite, left)], ticks=3, log=False)
    line(panel, panel.get_xlim(), [0, 0], color=COLOURS["ink"], lw=1.2)
    for index, rows in enumerate(routes.values()):
        points = [(float(row["configuration"][sweep.key]), row) for row in rows]
        _bars(panel, index, points, _aside(panel, index, len(routes)), less=predicted)


def _bars(
    panel: Any, index: int, points: Sequence[tuple[float, Row]], where: Any = None, less: Any = lambda row: 0
) -> None:
    """Estimates with their intervals, cut at the axis."""
    floor, ceiling = panel.get_ylim()
    xs = [x for x, _ in points]
    lows = [max(ends(row)[0] - less(row), floor) for _, row in points]
    highs = [min(ends(row)[1] - less(row), ceiling) for _, row in points]
    colour, where = ROUTES[index % 6], where or panel.transData
    line(panel, *intervals(xs, lows, highs), color=colour, lw=1.8, transform=where)
    _dots(panel, index, xs, [estimate(row) - less(row) for _, row in points], where)


def sizes(row: Row) -> Points:
    """What a slope was fitted to: each size with the geometric mean of the quantity there; older results have none."""
    named = [(float(name.removeprefix(AT)), float(log)) for name, log in row["figures"].items() if name.startswith(AT)]
    return sorted((size, math.exp(log)) for size, log in named if math.isfinite(log) and abs(log) < 300)


def rate(rows: Sequence[Row], part: Part | None, salt: str, printed: Sequence[Row] = ()) -> Picture | None:
    """Log-log: the points of each slope with the line of its slope, the claimed one through their middle, the band that
    it may lie in; dashed the printed one, where that is another."""
    chosen = [row for row in rows if len(sizes(row)) > 1][:RATES]
    if not chosen:
        return None
    side, wrong = part.allowed_side if part else "both", [row for row in printed if len(sizes(row)) > 1][:1]

    def fill(panel: Any) -> None:
        found = [(row, sizes(row)) for row in (*chosen, *wrong)]
        span(panel, "x", [size for _, points in found for size, _ in points], log=True)
        span(panel, "y", [value for _, points in found for _, value in points], log=True)
        for index, (row, points) in enumerate(found[: len(chosen)]):
            _claimed(panel, row, points, side)
            line(panel, *_along(points, estimate(row)), color=ROUTES[index % 6], lw=1, linestyle=":")
            _dots(panel, index, *map(list, zip(*points, strict=True)))
        for row, points in found[len(chosen) :]:
            line(panel, *_along(points, predicted(row)), color=COLOURS["bad"], lw=1.6, linestyle=_DASHES)
        panel.set_xlabel(_swept(chosen[0], part))

    common = shared(chosen)
    signs = [
        legend(index, f"{configuration(row['configuration'], common) or row['route']}: slope "
               f"{number(estimate(row))}, claimed {number(predicted(row))}")
        for index, row in enumerate(chosen)
    ]  # fmt: skip
    free = "" if side == "both" else ": it may be steeper" if side == "below" else ": it may be flatter"
    signs += [("━", "ink", f"the claimed slope, and in grey where the slope may lie{free}")]
    signs += [(*AS_PRINTED[:2], f"as printed: slope {number(predicted(row))}") for row in wrong]
    quantity = part.quantity.meaning if part else "quantity"
    hidden = f" {len(chosen)} of {len(rows)} sweeps." if len(rows) > len(chosen) else ""
    caption = f"{quantity[:1].upper()}{quantity[1:]}, geometric mean at each size, both axes logarithmic.{hidden}"
    told, note = (f"{quantity} against size", f"{len(chosen)} slopes"), configuration(common)
    return draw(salt, told, (_ALONE,), fill, caption=caption, note=note, legend=signs)


def _swept(row: Row, part: Part | None) -> str:
    """The name of what was swept, where it is the one parameter that the configuration lacks."""
    left = [name for name in part.declared if name not in row["configuration"]] if part else []
    return _name(left[0], part) if len(left) == 1 else "size"


def _along(points: Points, slope: float) -> tuple[list[float], list[float]]:
    """The line of a slope through the middle of the points."""
    x, y = (math.fsum(math.log(point[axis]) for point in points) / len(points) for axis in (0, 1))
    xs = [points[0][0], math.exp(x), points[-1][0]]
    return xs, [math.exp(max(-300.0, min(300.0, y + slope * (math.log(at) - x)))) for at in xs]


def _claimed(panel: Any, row: Row, points: Points, side: str) -> None:
    wide = bias(row) + float(row["resolution"])
    xs, low = _along(points, -_STEEP if side == "below" else predicted(row) - wide)
    _, high = _along(points, _STEEP if side == "above" else predicted(row) + wide)
    panel.fill_between(xs, low, high, color=COLOURS["rule"], alpha=0.5, linewidth=0)
    line(panel, *_along(points, predicted(row)), color=COLOURS["ink"], lw=1.2)


def figure(rows: Sequence[Row], part: Part | None, salt: str) -> Picture:
    """A frame of risks as the paper drew it: each series against neurons per dimension, or samples where the width is
    one."""
    series: dict[str, list[tuple[float, Row]]] = defaultdict(list)
    over = "N" if len({row["configuration"]["N"] for row in rows}) > 1 else "steps"
    for row in rows:
        series[row["route"]].append((_abscissa(row["configuration"], over), row))
    shown = {name: sorted(found, key=lambda point: point[0]) for name, found in list(series.items())[:SERIES]}
    axis = "neurons per dimension, N/d" if over == "N" else "steps of training"

    def fill(panel: Any) -> None:
        points = [point for found in shown.values() for point in found]
        span(panel, "x", [x for x, _ in points], log=True)
        span(panel, "y", [value for _, row in points for value in (estimate(row), predicted(row))])
        for index, found in enumerate(shown.values()):
            _series(panel, index, found, _aside(panel, index, len(shown)))
        panel.set_xlabel(axis)

    signs = [legend(index, name) for index, name in enumerate(shown)]
    signs += [("━", "ink", "theory at this size, in each series' colour"), _LIMIT]
    told, note = (part.sentence if part else "The figure", f"{len(rows)} points"), configuration(shared(rows), ["N"])
    caption = f"The figure, drawn again: risk against {axis}. Series are set apart sideways."
    return draw(salt, told, (_ALONE,), fill, caption=caption, note=note, legend=signs)


def _abscissa(items: Mapping[str, Any], over: str) -> float:
    return float(items["N"]) / float(items.get("d", 1)) if over == "N" else float(items.get("steps", 1))


def _series(panel: Any, index: int, found: Sequence[tuple[float, Row]], where: Any) -> None:
    xs, colour = [x for x, _ in found], ROUTES[index % 6]
    published = [float(row["figures"].get("published", "nan")) for _, row in found]
    joined = len(found) >= _JOINED
    signs = {"linestyle": "--"} if joined else {"linestyle": "", "marker": "_", "markersize": 18}
    line(panel, xs, published, color=COLOURS["quiet"], lw=1, **signs, transform=where)
    signs = {"linestyle": "-"} if joined else {"linestyle": "", "marker": "_", "markersize": 18}
    line(panel, xs, [predicted(row) for _, row in found], color=colour, **signs, markeredgewidth=1.6, transform=where)
    _bars(panel, index, found, where)
