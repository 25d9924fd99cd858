"""Draws theory against simulated points along one size, the log-log lines of a rate, and a figure of a paper again."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from lazy_assay.checks.procedures.sweep import AT
from lazy_assay.checks.report._numbers import configuration, number
from lazy_assay.checks.report._rows import Row, bias, ends, estimate, predicted, shared
from lazy_assay.checks.report.pictures.canvas import (
    COLOURS,
    ROUTES,
    SIGNS,
    Picture,
    clipped,
    draw,
    intervals,
    legend,
    span,
)
from lazy_assay.checks.report.pictures.sweeps import (
    Points,
    Sweep,
    finite_curve,
    limit_curve,
    lines,
    printed_curve,
    too_large,
)
from lazy_assay.theory import Part

_ABOVE, _BELOW, _ALONE = (60, 410, 138, 330), (60, 410, 44, 122), (60, 410, 44, 250)
_LIMIT = ("┄", "quiet", "published limit")
_PRINTED = ("┅", "bad", "as printed")
_HERE = ("━", "ink", "prediction at this size")
# Whose legend has room.
RATES, SERIES = 4, 6


def swept(sweep: Sweep, part: Part | None, salt: str) -> Picture:
    """Points, prediction, published limit, and dashed the printed formula; below, what is left with its intervals."""
    limit, printed, theory = limit_curve(part, sweep), printed_curve(part, sweep), lines(sweep)
    routes = sweep.by_route()
    if len(theory) == 1 and (dense := finite_curve(part, sweep)):
        theory = dict.fromkeys(theory, dense)

    def fill(panels: Sequence[Any]) -> None:
        above, below = panels
        _values(above, sweep, routes, (limit, printed, *theory.values()))
        _residuals(below, sweep, routes)
        below.set_xlabel(_name(sweep.key, part))

    quantity = part.quantity.meaning if part else "estimate"
    low, high = number(sweep.values[0]), number(sweep.values[-1])
    told = f"{len(sweep.rows)} results by {', '.join(routes)}, {sweep.key} from {low} to {high}"
    svg, thumbnail = draw(salt, (f"{quantity} against {sweep.key}", told), (_ABOVE, _BELOW), fill)
    large = too_large(sweep)
    uncurved = f" No formula is evaluated at {large}." if large and part is not None else ""
    apart = " Routes are set apart sideways." if len(routes) > 1 else ""
    caption = f"{quantity[:1].upper()}{quantity[1:]} against {sweep.key}; below, less the prediction.{apart}{uncurved}"
    signs = [legend(index, route) for index, route in enumerate(routes)]
    signs += [_HERE] * (len(theory) == 1) + [_LIMIT] * bool(limit) + [_PRINTED] * bool(printed)
    return Picture(svg=svg, thumbnail=thumbnail, caption=caption, note=configuration(sweep.fixed), legend=signs)


def _name(key: str, part: Part | None) -> str:
    declared = part.declared.get(key) if part else None
    if declared is None:
        return key
    units = "" if declared.units == "dimensionless" else f" ({declared.units})"
    return clipped(f"{key}: {declared.meaning}{units}", 50)


def _values(panel: Any, sweep: Sweep, routes: Mapping[str, Sequence[Row]], curves: Sequence[Points]) -> None:
    limit, printed, *theory = curves
    span(panel, "x", sweep.values)
    span(panel, "y", [y for curve in (limit, *theory) for _, y in curve] + [estimate(row) for row in sweep.rows])
    for curve, colour, style in ((limit, "quiet", "--"), (printed, "bad", (0, (2, 2)))):
        if curve:
            panel.plot(*zip(*curve, strict=True), color=COLOURS[colour], linestyle=style, linewidth=1.5)
    for index, curve in enumerate(theory):
        panel.plot(*zip(*curve, strict=True), color=ROUTES[index % 6] if len(theory) > 1 else COLOURS["ink"], lw=1.4)
    for index, rows in enumerate(routes.values()):
        xs = [float(row["configuration"][sweep.key]) for row in rows]
        ys = [estimate(row) for row in rows]
        _dots(panel, index, len(routes), xs, ys)


def _dots(panel: Any, index: int, count: int, xs: Sequence[float], ys: Sequence[float]) -> None:
    panel.plot(
        xs, ys, SIGNS[index % 6], color=ROUTES[index % 6], markeredgecolor=COLOURS["ground"],
        transform=_aside(panel, index, count),
    )  # fmt: skip


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
    panel.plot(panel.get_xlim(), [0, 0], color=COLOURS["ink"], lw=1.2)
    floor, ceiling = panel.get_ylim()
    for index, rows in enumerate(routes.values()):
        xs = [float(row["configuration"][sweep.key]) for row in rows]
        lows = [max(ends(row)[0] - predicted(row), floor) for row in rows]
        highs = [min(ends(row)[1] - predicted(row), ceiling) for row in rows]
        where = _aside(panel, index, len(routes))
        panel.plot(*intervals(xs, lows, highs), color=ROUTES[index % 6], lw=1.8, transform=where)
        _dots(panel, index, len(routes), xs, [estimate(row) - predicted(row) for row in rows])


def sizes(row: Row) -> Points:
    """What a slope was fitted to: each size with the geometric mean of the quantity there; older results have none."""
    named = [(float(name.removeprefix(AT)), float(log)) for name, log in row["figures"].items() if name.startswith(AT)]
    return sorted((size, math.exp(log)) for size, log in named if math.isfinite(log) and abs(log) < 300)


def rate(rows: Sequence[Row], part: Part | None, salt: str) -> Picture | None:
    """Log-log: the points of each slope, the claimed slope through their middle, and the band that it may lie in."""
    chosen = [row for row in rows if len(sizes(row)) > 1][:RATES]
    if not chosen:
        return None

    def fill(panels: Sequence[Any]) -> None:
        (panel,) = panels
        found = [sizes(row) for row in chosen]
        span(panel, "x", [size for points in found for size, _ in points], log=True)
        span(panel, "y", [value for points in found for _, value in points], log=True)
        for index, (row, points) in enumerate(zip(chosen, found, strict=True)):
            _claimed(panel, row, points)
            _dots(panel, index, 1, *map(list, zip(*points, strict=True)))

    common = shared(chosen)
    signs = [
        legend(index, f"{configuration(row['configuration'], list(common)) or row['route']}: slope "
               f"{number(estimate(row))}, claimed {number(predicted(row))}")
        for index, row in enumerate(chosen)
    ]  # fmt: skip
    quantity = part.quantity.meaning if part else "quantity"
    hidden = f" {len(chosen)} of {len(rows)} sweeps." if len(rows) > len(chosen) else ""
    caption = f"{quantity[:1].upper()}{quantity[1:]}, geometric mean at each size, both axes logarithmic.{hidden}"
    svg, thumbnail = draw(salt, (f"{quantity} against size", f"{len(chosen)} slopes"), (_ALONE,), fill)
    signs.append(("━", "ink", "the claimed slope, and in grey what it may differ by"))
    return Picture(svg=svg, thumbnail=thumbnail, caption=caption, note=configuration(common), legend=signs)


def _claimed(panel: Any, row: Row, points: Points) -> None:
    middle = [math.fsum(math.log(point[axis]) for point in points) / len(points) for axis in (0, 1)]
    wide = bias(row) + float(row["resolution"])
    xs = [points[0][0], math.exp(middle[0]), points[-1][0]]

    def along(slope: float) -> list[float]:
        return [math.exp(max(-300.0, min(300.0, middle[1] + slope * (math.log(x) - middle[0])))) for x in xs]

    low, high = along(predicted(row) - wide), along(predicted(row) + wide)
    panel.fill_between(xs, low, high, color=COLOURS["rule"], alpha=0.7, linewidth=0)
    panel.plot(xs, along(predicted(row)), color=COLOURS["ink"], lw=1.2)


def figure(rows: Sequence[Row], part: Part | None, salt: str) -> Picture:
    """A frame of risks as the paper drew it: each series against neurons per dimension, or samples."""
    series: dict[str, list[tuple[float, Row]]] = defaultdict(list)
    over = "steps" if any("steps" in row["configuration"] for row in rows) else "N"
    for row in rows:
        series[row["route"]].append((_abscissa(row["configuration"]), row))
    shown = dict(list(series.items())[:SERIES])

    def fill(panels: Sequence[Any]) -> None:
        (panel,) = panels
        points = [point for found in shown.values() for point in found]
        span(panel, "x", [x for x, _ in points])
        span(panel, "y", [value for _, row in points for value in (estimate(row), predicted(row))])
        for index, found in enumerate(shown.values()):
            found.sort(key=lambda point: point[0])
            _series(panel, index, found)

    axis = "neurons per dimension, N/d" if over == "N" else "samples"
    svg, thumbnail = draw(salt, (part.sentence if part else "The figure", f"{len(rows)} points"), (_ALONE,), fill)
    signs = [legend(index, name) for index, name in enumerate(shown)]
    signs += [("━", "ink", "theory at this size, in each series' colour"), _LIMIT]
    note = configuration(shared(rows), ["N"])
    return Picture(svg=svg, thumbnail=thumbnail, caption=f"The figure, drawn again: {axis}.", note=note, legend=signs)


def _abscissa(items: Mapping[str, Any]) -> float:
    if "steps" in items:
        return float(items["steps"])
    return float(items["N"]) / float(items.get("d", 1))


def _series(panel: Any, index: int, found: Sequence[tuple[float, Row]]) -> None:
    xs, colour = [x for x, _ in found], ROUTES[index % 6]
    published = [float(row["figures"].get("published", "nan")) for _, row in found]
    panel.plot(xs, published, color=colour, linestyle="--", lw=1, alpha=0.7)
    panel.plot(xs, [predicted(row) for _, row in found], color=colour, lw=1.3)
    floor, ceiling = panel.get_ylim()
    bars = [(max(ends(row)[0], floor), min(ends(row)[1], ceiling)) for _, row in found]
    panel.plot(*intervals(xs, *zip(*bars, strict=True)), color=colour, lw=1.8)
    _dots(panel, index, 1, xs, [estimate(row) for _, row in found])
