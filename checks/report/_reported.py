"""The paper's own numbers of an experiment beside this run's: two sides and their difference, setting by setting.

What no single setting tells, all of them together may: `jointly` is Fisher's test of the printed differences.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lazy_assay.checks.report._numbers import aligned, configuration, number
from lazy_assay.checks.report._rows import Row, ends, estimate, half_width, shared
from lazy_assay.theory import Observation, Part
from lazy_assay.theory._evidence import Measured, Reported

_LEVEL = 1e-3
_SIDES = ("larger", "larger spread", "smaller", "smaller spread")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One setting: where, either side as mean (standard deviation), their difference with its interval, runs.

    `ends` is the difference as numbers: itself, and the interval's two ends.
    """

    where: str
    first: str
    second: str
    difference: str
    runs: str
    ends: tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The names of the sides, this run's lines, and the paper's."""

    sides: tuple[str, str]
    here: list[Line]
    paper: list[Line]
    level: str
    jointly: str


def beside(part: Part | None, rows: Sequence[Row]) -> Comparison | None:
    """For an observation whose paper prints numbers; None elsewhere."""
    reported = part.reported if isinstance(part, Observation) else None
    if reported is None:
        return None
    measured = [row for row in rows if row["subject"] == "claim" and set(_SIDES) <= set(row["figures"])]
    common = shared(measured) if len(measured) > 1 else measured[0]["configuration"] if measured else {}
    return Comparison(
        sides=reported.sides,
        here=[_here(row, list(common)) for row in measured],
        paper=[_printed(where, sides, reported.trials) for where, sides in reported.rows.items()],
        level=number(_LEVEL),
        jointly=_jointly(reported) if len(reported.rows) > 1 else "",
    )


def _jointly(reported: Reported) -> str:
    """How many printed differences have the sign that most have, and Fisher's p of that sign, one-sided."""
    first = [a - b > 0 for (a, _), (b, _) in reported.rows.values()]
    ahead = sum(first) * 2 >= len(first)
    side = reported.sides[0 if ahead else 1]
    _, p = fisher(reported, reverse=not ahead)
    count = max(sum(first), len(first) - sum(first))
    return f"{side} is the larger in {count} of the paper's {len(first)} settings; jointly p = {number(p, 2)}"


def fisher(reported: Reported, *, reverse: bool = False) -> tuple[float, float]:
    """Fisher's statistic, of twice as many degrees of freedom as there are settings, and its p.

    It combines Welch's one-sided tests, from the printed means and deviations, of the first side being the larger one
    (the second with `reverse`). A setting without any spread has no test, and makes both NaN.
    """
    from scipy.special import chdtrc, stdtr

    logs = []
    for (first, spread), (second, other) in reported.rows.values():
        difference = second - first if reverse else first - second
        error, freedom = _standard_error(spread, other, reported.trials)
        logs.append(math.log(stdtr(freedom, -difference / error)) if error > 0 else math.nan)
    statistic = -2 * math.fsum(logs)
    return statistic, float(chdtrc(2 * len(logs), statistic))


def _here(row: Row, common: list[str]) -> Line:
    """The contrast's name, with what of its configuration the others do not share."""
    figures, apart = row["figures"], configuration(row["configuration"], common)
    told = aligned([estimate(row), *ends(row)], half_width(row))
    return Line(
        where=f"{row['route']} ({apart})" if apart else row["route"],
        first=_side(float(figures["larger"]), float(figures["larger spread"])),
        second=_side(float(figures["smaller"]), float(figures["smaller spread"])),
        difference=f"{told[0]} [{told[1]}, {told[2]}]",
        runs=f"{row['trials']}, paired",
        ends=(estimate(row), *ends(row)),
    )


def _printed(where: str, sides: tuple[Measured, Measured], runs: int) -> Line:
    """The difference of two independent means, with Welch's interval from what is printed."""
    (first, spread), (second, other) = sides
    half = _welch(spread, other, runs)
    told = aligned([first - second, first - second - half, first - second + half], half)
    return Line(
        where=where,
        first=f"{first:.2f} ({spread:.2f})",
        second=f"{second:.2f} ({other:.2f})",
        difference=f"{told[0]} [{told[1]}, {told[2]}]",
        runs=str(runs),
        ends=(first - second, first - second - half, first - second + half),
    )


def _side(mean: float, spread: float) -> str:
    told = aligned([mean, spread], spread)
    return f"{told[0]} ({told[1]})"


def _welch(first: float, second: float, runs: int) -> float:
    """Half the width of Welch's interval for a difference of means of `runs` draws each."""
    from scipy.special import stdtrit

    error, freedom = _standard_error(first, second, runs)
    return float(stdtrit(freedom, 1 - _LEVEL / 2) * error) if error > 0 else math.nan


def _standard_error(first: float, second: float, runs: int) -> tuple[float, float]:
    """Of a difference of means of `runs` draws each, with Welch's degrees of freedom."""
    a, b = first**2 / runs, second**2 / runs
    return math.sqrt(a + b), (a + b) ** 2 / ((a**2 + b**2) / (runs - 1)) if a + b > 0 else math.nan
