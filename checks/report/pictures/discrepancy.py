"""Estimate minus prediction, one row a result, in units of what the check must catch: rows become comparable."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from lazy_assay.checks.report._numbers import configuration, number
from lazy_assay.checks.report._rows import Row, bias, detectable, ends, estimate, predicted, shared
from lazy_assay.checks.report.pictures import svg
from lazy_assay.checks.report.pictures.figure import Figure

ROWS = 16
HEIGHT = 40.0
_REACH = 2.0


def _normalised(row: Row) -> tuple[float, float, float]:
    """Low end, estimate and high end, less the prediction, over bias + resolution."""
    unit = detectable(row)
    distances = (value - predicted(row) for value in (ends(row)[0], estimate(row), ends(row)[1]))
    low, middle, high = (d / unit if unit else (math.copysign(math.inf, d) if d else 0.0) for d in distances)
    return low, middle, high


def _farthest(row: Row) -> float:
    return max(abs(end) for end in _normalised(row))


def draw(rows: Sequence[Row], side: str = "") -> Figure | None:
    """The rows farthest from their predictions; `side` ("below", "above") is where a bound lets the quantity lie."""
    left = sorted(rows, key=_farthest, reverse=True)
    if not left:
        return None
    chosen, common = left[:ROWS], shared(left)
    scale = svg.Scale(-_REACH, _REACH, 18, svg.WIDTH - 18)
    bottom = 8 + HEIGHT * len(chosen)
    routes = sorted({row["route"] for row in left})
    drawn = [
        _bands(scale, bottom, side),
        svg.horizontal_axis(scale, bottom, "(estimate − prediction) / (bias + resolution)", 8),
        *(_row(row, 8 + HEIGHT * index, scale, routes, list(common)) for index, row in enumerate(chosen)),
    ]
    hidden = f" The {len(chosen)} farthest of {len(left)} results." if len(left) > len(chosen) else ""
    told = f"{len(chosen)} results, one a row.{hidden}"
    return Figure(
        picture=svg.picture(bottom + 42, "Estimate minus prediction", told, *drawn),
        caption=f"Estimate minus prediction, with its interval, in units of bias + resolution.{hidden}",
        note=configuration(common),
        legend=[*route_swatches(routes), *_swatches(side)],
    )


def _bands(scale: svg.Scale, bottom: float, side: str) -> Markup:
    low, high = (-_REACH if side == "below" else -1.0), (_REACH if side == "above" else 1.0)
    band = svg.bar(scale(low), scale(high), 8, bottom - 8, "allowed")
    return band + svg.line(scale(0), 8, scale(0), bottom, "theory")


def _row(row: Row, top: float, scale: svg.Scale, routes: list[str], told: list[str]) -> Markup:
    low, middle, high = _normalised(row)
    y, index = top + 27, routes.index(row["route"])
    inner = bias(row) / detectable(row) if detectable(row) else 0.0
    class_ = f"route-{index % 6}"
    drawn = [
        heading(row, top, configuration(row["configuration"], told) or row["route"]),
        svg.bar(scale(-inner), scale(inner), y - 6, 12, "bias"),
        svg.line(scale(low), y, scale(high), y, f"interval {class_}"),
    ]
    if abs(middle) <= _REACH:
        drawn.append(svg.marker(index, scale(middle), y, f"point {class_}"))
    else:
        drawn.append(_beyond(middle, y, scale))
    return svg.element("g", *drawn)


def heading(row: Row, top: float, words: str, class_: str = "label") -> Markup:
    """A row's words: what tells it apart, in sight; all of it for a pointer or a screen reader."""
    title = f"{row['route']} at {configuration(row['configuration'])}: {row['verdict']}"
    return svg.element("title", title) + svg.text(22, top + 14, svg.clipped(words, 56), class_)


def _beyond(middle: float, y: float, scale: svg.Scale) -> Markup:
    """An arrow at the edge, with the number that has no room on the axis."""
    right = middle > 0
    words = f"{number(middle, 2)} ▶" if right else f"◀ {number(middle, 2)}"
    return svg.text(scale(_REACH if right else -_REACH), y + 4, words, "beyond", "end" if right else "start")


def route_swatches(routes: Sequence[str]) -> list[tuple[Markup, str]]:
    """A legend's entries for routes, in the order that gave them their signs."""
    return [(svg.marker(index, 12, 8, f"point route-{index % 6}"), route) for index, route in enumerate(routes)]


def _swatches(side: str) -> list[tuple[Markup, str]]:
    beyond = f"; the bound lets the quantity lie anywhere {side} it" if side else ""
    return [
        (svg.bar(2, 22, 3, 10, "bias"), "bias: what the theorem or the formula leaves open"),
        (svg.bar(2, 22, 3, 10, "allowed"), f"bias + resolution: the interval must lie inside{beyond}"),
    ]
