"""Reads the rows of results.json: finite numbers, the bias of a tolerance, which rows are the evidence."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lazy_assay.checks.vocabulary.check import CHAIN

Row = Mapping[str, Any]

TOLERANCE_PARTS = {
    "finite_size": "finite size",
    "discretisation": "discretisation",
    "optimisation": "optimisation",
    "monte_carlo": "Monte Carlo",
    "rounding": "rounding",
}
_SEVERITY = ("DISAGREES", "UNDECIDED", "DIVERGED", "NOT_RUN", "ELSEWHERE", "AGREES", "OUT_OF_REGIME")
_SUBJECTS = ("claim", "as_printed", "decoy", "control")


# Beyond these sizes the arithmetic of a picture overflows.
_SMALLEST, _LARGEST = 1e-150, 1e150


def drawable(row: Row) -> bool:
    """Whether each number of the row is zero, not finite, or of a size that a picture can hold."""
    numbers = [row["predicted"], row["estimate"], row["resolution"], row["trials"], *row["interval"]]
    numbers += row["tolerance"].values()
    numbers += [value for value in row["configuration"].values() if not isinstance(value, str)]
    sizes = [abs(float(value)) for value in numbers]
    return all(_SMALLEST <= size <= _LARGEST for size in sizes if size and math.isfinite(size))


def predicted(row: Row) -> float:
    """What the theory says, in the units of the quantity."""
    return float(row["predicted"])


def estimate(row: Row) -> float:
    """What the simulation says."""
    return float(row["estimate"])


def ends(row: Row) -> tuple[float, float]:
    """The confidence set; an exact comparison has none, and its estimate stands at both ends."""
    low, high = (float(end) for end in row["interval"])
    return (estimate(row) if math.isnan(low) else low), (estimate(row) if math.isnan(high) else high)


def half_width(row: Row) -> float:
    """Half the width of the confidence set."""
    low, high = ends(row)
    return (high - low) / 2


def part_of_tolerance(row: Row, name: str) -> float:
    """One named part of the tolerance, 0 where it is not a finite number."""
    value = float(row["tolerance"].get(name, 0.0))
    return value if math.isfinite(value) else 0.0


def bias(row: Row) -> float:
    """The allowance b(n): every part of the tolerance but the Monte-Carlo one."""
    return sum(part_of_tolerance(row, name) for name in TOLERANCE_PARTS if name != "monte_carlo")


def detectable(row: Row) -> float:
    """The discrepancy that would have been caught: bias + resolution."""
    resolution = float(row["resolution"])
    return bias(row) + (resolution if math.isfinite(resolution) else 0.0)


def compared(rows: Iterable[Row], subject: str) -> list[Row]:
    """The rows of one subject that compare two finite numbers."""
    return [r for r in rows if r["subject"] == subject and math.isfinite(predicted(r)) and math.isfinite(estimate(r))]


def standard_errors(row: Row) -> float | None:
    """How many standard errors lie between estimate and prediction, where the row tells."""
    deviation = float(row["figures"].get("deviation", 0))
    if deviation > 0 and row["trials"]:
        return abs(estimate(row) - predicted(row)) * math.sqrt(row["trials"]) / deviation
    return None


def evidence(rows: Sequence[Row]) -> list[Row]:
    """The claim's comparisons that bear on the theorem: simulated ones; else exact ones, the chain's last of all."""
    found = compared(rows, "claim")
    simulated = [row for row in found if row["trials"]]
    return simulated or [row for row in found if row["check"] != CHAIN] or found


def confronted(rows: Sequence[Row]) -> list[Row]:
    """The comparisons of the claim with something else than its own formula, simulated or exact; else all."""
    found = compared(rows, "claim")
    return [row for row in found if row["check"] != CHAIN] or found


def by_severity(rows: Iterable[Row]) -> list[Row]:
    """The claim's own rows first, and among them the ones that deserve a look."""
    return sorted(rows, key=lambda row: (_SUBJECTS.index(row["subject"]), _SEVERITY.index(row["verdict"])))


def shared(rows: Sequence[Row]) -> dict[str, Any]:
    """The part of the configuration that all rows have in common; nothing for a single row."""
    if len(rows) < 2:
        return {}
    first = rows[0]["configuration"]
    return {k: v for k, v in first.items() if all(row["configuration"].get(k) == v for row in rows)}
