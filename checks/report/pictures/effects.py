"""Effects with their intervals, on the quantity's own axis: for results that have no tolerance to be measured in."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from lazy_assay.checks.report._numbers import configuration
from lazy_assay.checks.report._rows import Row, ends, estimate, predicted, shared
from lazy_assay.checks.report.pictures import svg
from lazy_assay.checks.report.pictures.discrepancy import HEIGHT, ROWS, heading
from lazy_assay.checks.report.pictures.figure import Figure


def draw(rows: Sequence[Row], mark: str, units: str) -> Figure | None:
    """One row a result, in the results' order; `mark` says what the tick at the predicted value is."""
    chosen, common = rows[:ROWS], shared(rows)
    if not chosen:
        return None
    values = [
        value for row in chosen for value in (*ends(row), estimate(row), predicted(row)) if abs(value) < float("inf")
    ]
    scale = svg.Scale.over([0.0, *values], 18, svg.WIDTH - 18)
    bottom = 8 + HEIGHT * len(chosen)
    drawn = [
        svg.horizontal_axis(scale, bottom, f"estimate ({units})", 8),
        svg.line(scale(0), 8, scale(0), bottom, "theory"),
        *(_row(row, 8 + HEIGHT * index, scale, list(common)) for index, row in enumerate(chosen)),
    ]
    hidden = f" The first {len(chosen)} of {len(rows)} results." if len(rows) > len(chosen) else ""
    return Figure(
        picture=svg.picture(bottom + 42, "Effects with their intervals", f"{len(chosen)} results.{hidden}", *drawn),
        caption=f"Effects with their intervals.{hidden}",
        note=configuration(common),
        legend=[(svg.line(12, 0, 12, 16, "tick"), mark)],
    )


def _row(row: Row, top: float, scale: svg.Scale, told: list[str]) -> Markup:
    (low, high), y, apart = ends(row), top + 27, configuration(row["configuration"], told)
    return svg.element(
        "g",
        heading(row, top, f"{row['route']}: {apart}" if apart else row["route"], "label halo"),
        svg.line(scale(predicted(row)), y - 8, scale(predicted(row)), y + 8, "tick"),
        svg.line(scale(low), y, scale(high), y, "interval route-0"),
        svg.marker(0, scale(estimate(row)), y, "point route-0"),
    )
