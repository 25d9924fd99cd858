"""Draws one comparison over nights: how far off it was, what it may be off by, and when a change began."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from lazy_assay.checks.report.pictures.canvas import COLOURS, draw, intervals, line, span

_BOX = (62, 412, 34, 150)


def over_nights(
    offs: Sequence[float],
    errors: Sequence[float],
    bias: float,
    begun: tuple[int, int],
    days: Sequence[str],
    name: str,
    what: str = "estimate minus prediction",
) -> Markup:
    """`what` is shown, a point a night with one standard error each way; `begun` has the places of the first and the
    last night among which a change began, `days` their dates."""

    def fill(panel: Any) -> None:
        nights = range(len(offs))
        lows, highs = [[a + k * b for a, b in zip(offs, errors, strict=True)] for k in (-1, 1)]
        span(panel, "x", [-0.5, len(offs) - 0.5], log=False)
        span(panel, "y", [*lows, *highs, -bias, bias, 0.0], ticks=3, log=False)
        panel.axvspan(begun[0] - 0.5, begun[1] + 0.5, color=COLOURS["orange"], alpha=0.3, linewidth=0)
        panel.axhspan(-bias, bias, color=COLOURS["rule"], alpha=0.6, linewidth=0)
        panel.axhline(0.0, color=COLOURS["ink"], lw=1)
        line(panel, *intervals(list(nights), lows, highs), color=COLOURS["blue"], lw=1.6)
        line(panel, list(nights), list(offs), "o", color=COLOURS["blue"], markersize=4)
        panel.set_xlabel(f"nights, {days[0]} to {days[-1]}" if days else "nights")

    told = f"{len(offs)} nights; the change began between night {begun[0] + 1} and {begun[1] + 1}"
    return draw(name, (f"{what}, {name}", told), (_BOX,), fill).svg
