"""Draws a figure: theory published dashed, finite-size solid, simulated points by route with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from checks._result import Result, Verdict
from checks.figures._declaration import Figure, Line, Series

# Okabe and Ito's colours, told apart with any colour vision; one a line, and a sign for each route.
COLOURS = ("#D55E00", "#CC79A7", "#0072B2", "#009E73", "#E69F00", "#56B4E9")
SIGNS = ("o", "s", "^", "D", "v")
# Inches: the picture is legible when a phone's 400 pixels shrink it, so its letters are large for its width.
SIZE, FONT = (6.4, 5.6), 12


def draw(folder: Path, figure: Figure, size: int, results: Sequence[Result], status: str) -> list[Path]:
    """figure.svg and figure.png; the same points give the same bytes."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    settings: Any = {"font.size": FONT, "svg.fonttype": "none", "svg.hashsalt": figure.claim.id}
    settings |= {"axes.spines.top": False, "axes.spines.right": False}
    with rc_context(settings):
        canvas = Canvas(figsize=SIZE, layout="constrained")
        FigureCanvasAgg(canvas)
        _axes(canvas.add_subplot(), figure, size, results, status)
        paths = [folder / "figure.svg", folder / "figure.png"]
        canvas.savefig(paths[0], metadata={"Date": None, "Creator": "assay", "Title": figure.title})
        canvas.savefig(paths[1], dpi=150, metadata={"Software": "assay"})
    return paths


def _axes(axes: Any, figure: Figure, size: int, results: Sequence[Result], status: str) -> None:
    lines = list({id(series.line): series.line for series in figure.series}.values())
    for k, line in enumerate(lines):
        _theory(axes, figure, size, line, COLOURS[k % len(COLOURS)])
    for k, series in enumerate(figure.series):
        colour = COLOURS[lines.index(series.line) % len(COLOURS)]
        _points(axes, figure, series, results, colour, SIGNS[_occurrence(figure, k)])
    axes.set_xscale("log")
    axes.set_ylim(bottom=-0.02, top=max(1.02, 1.05 * _highest(results)))
    axes.set_xlabel("samples n (100 a step)" if figure.over_samples else "neurons per dimension, N/d")
    axes.set_ylabel(figure.risk)
    axes.set_title(f"{figure.title}\nd = {size}: {status}", fontsize=FONT)
    axes.grid(alpha=0.25, linewidth=0.6)
    if not figure.over_samples:
        ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10]
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
    _legend(axes, figure)


def _highest(results: Sequence[Result]) -> float:
    points = [result.estimate for result in results if result.check == "points" and np.isfinite(result.estimate)]
    return max(points, default=1.0)


def _occurrence(figure: Figure, k: int) -> int:
    """How many series before this one share its line: the first is a circle, the next a square."""
    return sum(other.line is figure.series[k].line for other in figure.series[:k])


def _theory(axes: Any, figure: Figure, size: int, line: Line, colour: str) -> None:
    if figure.over_samples:
        values = _values(figure, line, size, max(1, round(figure.ratios[0] * size)))
        axes.axhline(line.published(values), color=colour, linestyle=(0, (5, 3)), linewidth=1.4)
        axes.axhline(line.finite(values), color=colour, linewidth=1.4)
        return
    first, last = min(figure.ratios) * size, max(figure.ratios) * size
    neurons = sorted({max(1, round(N)) for N in np.geomspace(first, last, 60)} | {size})
    at = [_values(figure, line, size, N) for N in neurons]
    ratios = np.array(neurons) / size
    axes.plot(ratios, [line.published(values) for values in at], color=colour, linestyle=(0, (5, 3)), linewidth=1.4)
    axes.plot(ratios, [line.finite(values) for values in at], color=colour, linewidth=1.4)


def _values(figure: Figure, line: Line, size: int, N: int) -> dict[str, Any]:
    from checks._spectra import materialise

    return materialise(line.configuration(figure.spectra, size, N))


def _points(axes: Any, figure: Figure, series: Series, results: Sequence[Result], colour: str, sign: str) -> None:
    name = f"{series.name} by {series.how}"
    points = [result for result in results if result.check == "points" and result.route == name]
    mine = [result for result in points if np.isfinite(result.estimate)]
    if not mine:
        return
    x = [_abscissa(figure, result) for result in mine]
    y = np.array([r.estimate for r in mine])
    ends = np.array([r.interval for r in mine])
    reach = np.where(np.isfinite(ends), np.abs(ends - y[:, None]), 0.0).T
    # Two routes to one line stand side by side: a hollow sign for the second, so that neither hides the other.
    face = colour if sign == SIGNS[0] else "white"
    axes.errorbar(
        x,
        y,
        yerr=reach,
        fmt=sign,
        color=colour,
        markersize=6.5,
        markerfacecolor=face,
        elinewidth=1.2,
        capsize=2.5,
        zorder=3,
    )
    off = [k for k, result in enumerate(mine) if result.verdict is not Verdict.AGREES]
    axes.scatter([x[k] for k in off], [y[k] for k in off], marker="x", color="black", s=90, linewidths=1.4, zorder=4)


def _abscissa(figure: Figure, result: Result) -> float:
    if figure.over_samples:
        return float(result.figures["samples"])
    return float(result.configuration["N"]) / float(result.configuration["d"])


def _legend(axes: Any, figure: Figure) -> None:
    from matplotlib.lines import Line2D

    lines = list({id(series.line): series.line for series in figure.series}.values())
    handles = []
    for k, series in enumerate(figure.series):
        colour, sign = COLOURS[lines.index(series.line) % len(COLOURS)], SIGNS[_occurrence(figure, k)]
        face = colour if sign == SIGNS[0] else "white"
        label = f"{series.name} ({series.how})"
        handles.append(Line2D([], [], color=colour, marker=sign, markerfacecolor=face, linestyle="none", label=label))
    handles.append(Line2D([], [], color="0.3", label="theory at this size"))
    handles.append(Line2D([], [], color="0.3", linestyle=(0, (5, 3)), label="theory, published"))
    handles.append(Line2D([], [], color="black", marker="x", linestyle="none", label="not (yet) agreeing"))
    axes.legend(
        handles=handles, fontsize=FONT - 2.5, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2
    )
