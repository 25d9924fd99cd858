"""Theory curve against simulated points: finds the sweeps among a part's results and draws each."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from lazy_assay.checks.report._numbers import configuration, number
from lazy_assay.checks.report._rows import Row, ends, estimate, predicted
from lazy_assay.checks.report.pictures import svg
from lazy_assay.checks.report.pictures.figure import Figure
from lazy_assay.theory import Part, materialise
from lazy_assay.theory._parameter import LARGEST_SIZE
from lazy_assay.theory._prediction import arguments

KEYS = ("N", "d", "epsilon", "rho", "steps")
SWEEPS_SHOWN = 4
POINTS = 41
# Of sizes that are numbers alone: a formula may sum over them.
LARGEST_NUMBER = 100_000
LEFT = 66.0
Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Sweep:
    """Results of one check whose configurations differ in `key` only."""

    key: str
    fixed: Mapping[str, Any]
    rows: tuple[Row, ...]

    @property
    def values(self) -> list[float]:
        """The key's distinct values, in order."""
        return sorted({float(row["configuration"][self.key]) for row in self.rows})

    def by_route(self) -> dict[str, list[Row]]:
        """The rows of each route, ordered by the key."""
        routes: dict[str, list[Row]] = defaultdict(list)
        for row in sorted(self.rows, key=lambda row: float(row["configuration"][self.key])):
            routes[row["route"]].append(row)
        return dict(sorted(routes.items()))


def _numeric(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _buckets(rows: Sequence[Row]) -> list[Sweep]:
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        items = row["configuration"]
        for key in (key for key in KEYS if _numeric(items.get(key))):
            rest = tuple(sorted((name, repr(value)) for name, value in items.items() if name != key))
            found[key, row["check"], rest].append(row)
    sweeps = []
    for (key, _, _), members in found.items():
        fixed = {name: value for name, value in members[0]["configuration"].items() if name != key}
        sweeps.append(Sweep(key, fixed, tuple(members)))
    return [sweep for sweep in sweeps if len(sweep.values) >= 3]


def sweeps(rows: Sequence[Row]) -> list[Sweep]:
    """Groups of the claim's own results that differ in one size only, at three values or more; no row is in two."""
    left, chosen = list(rows), []
    while found := _buckets(left):
        best = max(found, key=lambda sweep: len(sweep.values))
        chosen.append(best)
        taken = {id(row) for row in best.rows}
        left = [row for row in left if id(row) not in taken]
    return chosen


def limit_curve(part: Part | None, sweep: Sweep) -> Points:
    """The published limit along the sweep, evaluated densely; empty where it cannot be evaluated."""
    if part is None or part.published is None or part.limit_of is None:
        return []
    published, limit_of = part.published, part.limit_of

    def at(given: Mapping[str, Any]) -> float:
        values = {**given, **limit_of(**{name: given[name] for name in arguments(limit_of)})}
        return float(published(**{name: values[name] for name in arguments(published)}))

    return _curve(part, sweep, at)


def finite_curve(part: Part | None, sweep: Sweep) -> Points:
    """The finite-size prediction along the sweep, evaluated densely; empty where it cannot be evaluated."""
    if part is None or part.finite is None:
        return []
    finite = part.finite
    return _curve(part, sweep, lambda given: float(finite(**{name: given[name] for name in arguments(finite)})))


def too_large(sweep: Sweep) -> str:
    """The size at which no formula is evaluated while a page is made, as text; empty where there is none.

    Arrays that a configuration names are made anew at each point, and grow with the square of the dimension.
    """
    named = any(isinstance(value, str) for value in sweep.fixed.values())
    largest = LARGEST_SIZE if named else LARGEST_NUMBER
    sizes = {**sweep.fixed, sweep.key: sweep.values[-1]}
    return next((f"{name} = {number(size)}" for name, size in sizes.items() if _numeric(size) and size > largest), "")


def _curve(part: Part, sweep: Sweep, at: Callable[[Mapping[str, Any]], float]) -> Points:
    if too_large(sweep):
        return []
    points = []
    for value in _dense(sweep):
        # Outside the formula's domain (N = d, a size that a spectrum lacks) there is no curve, and that is no fault
        # here.
        try:
            values = materialise({**sweep.fixed, sweep.key: value}, part.domains, part.relations)
            points.append((float(value), at(values)))
        except (ValueError, ArithmeticError, LookupError, TypeError):
            continue
    return [(x, y) for x, y in points if math.isfinite(y)]


def _dense(sweep: Sweep) -> list[float]:
    values = sweep.values
    low, high = values[0], values[-1]
    log = low > 0 and high / low > 100
    steps = [index / (POINTS - 1) for index in range(POINTS)]
    dense = [low * (high / low) ** s if log else low + (high - low) * s for s in steps]
    whole = all(isinstance(row["configuration"][sweep.key], int) for row in sweep.rows)
    return sorted({*map(round, dense)}) if whole else sorted({*dense, *values})


def _lines(sweep: Sweep) -> dict[str, Points]:
    """Prediction through the points: one line where the routes share it, else one a route."""
    lines = {
        route: [(float(r["configuration"][sweep.key]), predicted(r)) for r in rows]
        for route, rows in sweep.by_route().items()
    }
    at: dict[float, set[float]] = defaultdict(set)
    for points in lines.values():
        for x, y in points:
            at[x].add(y)
    same = all(math.isclose(min(ys), max(ys), rel_tol=1e-9, abs_tol=1e-300) for ys in at.values())
    return {"prediction at this size": sorted((x, min(ys)) for x, ys in at.items())} if same else lines


def draw(sweep: Sweep, part: Part | None) -> Figure:
    """Simulated points, the finite-size prediction and the published limit; below, what is left with its intervals."""
    limit, lines, routes = limit_curve(part, sweep), _lines(sweep), sweep.by_route()
    if len(lines) == 1 and (dense := finite_curve(part, sweep)):
        lines = dict.fromkeys(lines, dense)
    x = svg.Scale.over(sweep.values, LEFT, svg.WIDTH - 14)
    quantity, units = (part.quantity.meaning, part.quantity.units) if part else ("estimate", "")
    apart = " Routes are set apart sideways." if len(routes) > 1 else ""
    low, high = number(sweep.values[0]), number(sweep.values[-1])
    told = f"{len(sweep.rows)} results by {', '.join(routes)}, {sweep.key} from {low} to {high}"
    large = too_large(sweep)
    uncurved = f" No formula is evaluated at {large}." if large and part is not None else ""
    above, below = _values(sweep, x, limit, lines, units), _residuals(sweep, x, _name(sweep.key, part))
    return Figure(
        picture=svg.picture(400, f"{quantity} against {sweep.key}", told, above, below),
        caption=f"{quantity[:1].upper()}{quantity[1:]} against {sweep.key}; below, less the prediction."
        f"{apart}{uncurved}",
        note=configuration(sweep.fixed),
        legend=_legend(list(routes), len(lines) == 1, bool(limit)),
    )


def _name(key: str, part: Part | None) -> str:
    declared = part.declared.get(key) if part else None
    if declared is None:
        return key
    units = "" if declared.units == "dimensionless" else f" ({declared.units})"
    return svg.clipped(f"{key}: {declared.meaning}{units}", 50)


def _values(sweep: Sweep, x: svg.Scale, limit: Points, lines: Mapping[str, Points], units: str) -> Markup:
    ys = [y for points in (*lines.values(), limit) for _, y in points] + [estimate(row) for row in sweep.rows]
    y = svg.Scale.over(ys, 236, 24)
    drawn = [svg.vertical_axis(y, LEFT, x.end), svg.text(6, 14, svg.clipped(units, 60), "label name")]
    if limit:
        drawn.append(svg.polyline([(x(a), y(b)) for a, b in limit], "theory limit"))
    for index, points in enumerate(lines.values()):
        route = f" route-{index % 6}" if len(lines) > 1 else ""
        drawn.append(svg.polyline([(x(a), y(b)) for a, b in points], f"theory{route}"))
    for index, place, row in _placed(sweep, x):
        drawn.append(svg.marker(index, place, y(estimate(row)), f"point route-{index % 6}"))
    return Markup("").join(drawn)


def _residuals(sweep: Sweep, x: svg.Scale, name: str) -> Markup:
    """Estimate minus prediction with its interval, which the values above are mostly too large to show."""
    left = [end - predicted(row) for row in sweep.rows for end in (*ends(row), estimate(row))]
    y = svg.Scale.over([0.0, *filter(math.isfinite, left)], 360, 262)
    drawn = [svg.vertical_axis(y, LEFT, x.end, about=3), svg.horizontal_axis(x, 360, name, 24)]
    drawn.append(svg.line(x.start, y(0), x.end, y(0), "theory"))
    for index, place, row in _placed(sweep, x):
        low, high = (y(end - predicted(row)) for end in ends(row))
        class_ = f"route-{index % 6}"
        drawn.append(svg.line(place, low, place, high, f"interval {class_}"))
        drawn.append(svg.marker(index, place, y(estimate(row) - predicted(row)), f"point {class_}"))
    return Markup("").join(drawn)


def _placed(sweep: Sweep, x: svg.Scale) -> list[tuple[int, float, Row]]:
    """Each row with its route's number and its horizontal place."""
    routes = sweep.by_route()
    middle = (len(routes) - 1) / 2
    return [
        (index, x(float(row["configuration"][sweep.key])) + 7 * (index - middle), row)
        for index, rows in enumerate(routes.values())
        for row in rows
    ]


def _legend(routes: list[str], one_line: bool, limit: bool) -> list[tuple[Markup, str]]:
    swatches = [(svg.marker(index, 12, 8, f"point route-{index % 6}"), route) for index, route in enumerate(routes)]
    if one_line:
        swatches.append((svg.line(2, 8, 22, 8, "theory"), "prediction at this size"))
    if limit:
        swatches.append((svg.line(2, 8, 22, 8, "theory limit"), "published limit"))
    return swatches
