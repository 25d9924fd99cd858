"""Finds the sweeps among a part's results, and the theory's curves along each."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lazy_assay.checks.report._numbers import number
from lazy_assay.checks.report._rows import Row, predicted
from lazy_assay.theory import Part, materialise
from lazy_assay.theory._parameter import LARGEST_SIZE
from lazy_assay.theory._prediction import Formula, arguments

KEYS = ("N", "d", "epsilon", "rho", "steps")
# Beside the sizes that were measured.
POINTS = 7
# Of sizes that are numbers alone: a formula may sum over them.
LARGEST_NUMBER = 100_000
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
    return _limit(part, sweep, part.published) if part else []


def printed_curve(part: Part | None, sweep: Sweep) -> Points:
    """The paper's own formula where it differs from the right one, along the sweep."""
    return _limit(part, sweep, part.printed) if part else []


def _limit(part: Part, sweep: Sweep, formula: Formula | None) -> Points:
    if formula is None or (limit_of := part.limit_of) is None:
        return []

    def at(given: Mapping[str, Any]) -> float:
        values = {**given, **limit_of(**{name: given[name] for name in arguments(limit_of)})}
        return float(formula(**{name: values[name] for name in arguments(formula)}))

    return _curve(part, sweep, at)


def finite_curve(part: Part | None, sweep: Sweep, known: Sequence[tuple[float, float]] = ()) -> Points:
    """The finite-size prediction along the sweep, evaluated between the points that are known; empty where it cannot be
    evaluated."""
    if part is None or part.finite is None:
        return []
    finite = part.finite
    return _curve(part, sweep, lambda given: float(finite(**{name: given[name] for name in arguments(finite)})), known)


def too_large(sweep: Sweep) -> str:
    """The size at which no formula is evaluated while a page is made, as text; empty where there is none.

    Arrays that a configuration names are made anew at each point, and grow with the square of the dimension.
    """
    named = any(isinstance(value, str) for value in sweep.fixed.values())
    largest = LARGEST_SIZE if named else LARGEST_NUMBER
    sizes = {**sweep.fixed, sweep.key: sweep.values[-1]}
    return next((f"{name} = {number(size)}" for name, size in sizes.items() if _numeric(size) and size > largest), "")


def _curve(
    part: Part, sweep: Sweep, at: Callable[[Mapping[str, Any]], float], known: Sequence[tuple[float, float]] = ()
) -> Points:
    if too_large(sweep):
        return []
    points = list(known)
    for value in (value for value in _dense(sweep) if value not in dict(known)):
        # Outside the formula's domain (N = d, a size that a spectrum lacks) there is no curve, and that is no fault
        # here.
        try:
            values = materialise({**sweep.fixed, sweep.key: value}, part.domains, part.relations)
            points.append((float(value), at(values)))
        except (ValueError, ArithmeticError, LookupError, TypeError):
            continue
    return sorted((x, y) for x, y in points if math.isfinite(y))


def _dense(sweep: Sweep) -> list[float]:
    values = sweep.values
    low, high = values[0], values[-1]
    log = low > 0 and high / low > 100
    steps = [index / (POINTS - 1) for index in range(POINTS)]
    dense = [low * (high / low) ** s if log else low + (high - low) * s for s in steps]
    whole = all(isinstance(row["configuration"][sweep.key], int) for row in sweep.rows)
    return sorted({*map(round, [*dense, *values])}) if whole else sorted({*dense, *values})


def lines(sweep: Sweep) -> dict[str, Points]:
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
