"""The paper's own numbers of an experiment beside this run's: two sides and their difference, setting by setting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lazy_assay.checks.report._numbers import aligned, configuration, number
from lazy_assay.checks.report._rows import Row, ends, estimate, half_width, shared
from lazy_assay.theory import Observation, Part
from lazy_assay.theory._evidence import Measured

_LEVEL = 1e-3


@dataclass(frozen=True, kw_only=True)
class Line:
    """One setting: where, either side as mean (standard deviation), their difference with its interval, runs."""

    where: str
    first: str
    second: str
    difference: str
    runs: str


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The names of the sides, this run's lines, and the paper's."""

    sides: tuple[str, str]
    here: list[Line]
    paper: list[Line]
    level: str


def beside(part: Part | None, rows: Sequence[Row]) -> Comparison | None:
    """For an observation whose paper prints numbers; None elsewhere."""
    reported = part.reported if isinstance(part, Observation) else None
    if reported is None:
        return None
    measured = [row for row in rows if row["subject"] == "claim" and "larger spread" in row["figures"]]
    common = shared(measured) if len(measured) > 1 else measured[0]["configuration"] if measured else {}
    return Comparison(
        sides=reported.sides,
        here=[_here(row, list(common)) for row in measured],
        paper=[_printed(where, sides, reported.trials) for where, sides in reported.rows.items()],
        level=number(_LEVEL),
    )


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
    )


def _side(mean: float, spread: float) -> str:
    told = aligned([mean, spread], spread)
    return f"{told[0]} ({told[1]})"


def _welch(first: float, second: float, runs: int) -> float:
    """Half the width of Welch's interval for a difference of means of `runs` draws each."""
    from scipy.stats import t

    a, b = first**2 / runs, second**2 / runs
    if a + b == 0:
        return math.nan
    freedom = (a + b) ** 2 / ((a**2 + b**2) / (runs - 1))
    return float(t.ppf(1 - _LEVEL / 2, freedom) * math.sqrt(a + b))
