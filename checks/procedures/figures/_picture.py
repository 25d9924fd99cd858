"""Draws a figure: theory published dashed, finite-size solid, simulated points by route with intervals."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lazy_assay.checks.ledger.files import place
from lazy_assay.checks.procedures.figures._declaration import Figure, Line, Series, Values
from lazy_assay.checks.vocabulary.result import Result, Verdict

# Okabe and Ito's colours, told apart with any colour vision: a regime has the same in every frame, a second line of a
# regime its next one. A route has a sign.
COLOURS = {"RF": ("#D55E00", "#CC79A7"), "NT": ("#0072B2", "#56B4E9"), "NN": ("#009E73", "#E69F00")}
SIGNS = ("o", "s", "^", "D", "v")
# Inches: the picture is legible when a phone's 400 pixels shrink it, so its letters are large for its width.
SIZE, FONT = (6.4, 5.6), 12


def draw(folder: Path, figure: Figure, size: int, results: Sequence[Result], status: str) -> list[Path]:
    """figure.svg and figure.png; the same points give the same bytes."""

    def axes(canvas: Any) -> None:
        _axes(canvas.add_subplot(), figure, size, results, status)

    return saved(folder, figure.claim.id, figure.title, SIZE, FONT, axes)


def saved(
    folder: Path, salt: str, title: str, size: tuple[float, float], font: float, axes: Callable[[Any], None]
) -> list[Path]:
    """figure.svg and figure.png of what `axes` draws on a canvas of a size in inches; bytes hang on nothing else."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    settings: Any = {"font.size": font, "svg.fonttype": "none", "svg.hashsalt": salt}
    settings |= {"axes.spines.top": False, "axes.spines.right": False}
    with rc_context(settings):
        canvas = Canvas(figsize=size, layout="constrained")
        FigureCanvasAgg(canvas)
        axes(canvas)
        paths = [folder / "figure.svg", folder / "figure.png"]
        place(paths[0], _bytes(canvas, "svg", metadata={"Date": None, "Creator": "assay", "Title": title}))
        place(paths[1], _bytes(canvas, "png", dpi=150, metadata={"Software": "assay"}))
    return paths


def _bytes(canvas: Any, format: str, **settings: Any) -> bytes:
    picture = io.BytesIO()
    canvas.savefig(picture, format=format, **settings)
    return picture.getvalue()


def _axes(axes: Any, figure: Figure, size: int, results: Sequence[Result], status: str) -> None:
    for k, series in enumerate(figure.series):
        if _occurrence(figure, k) == 0:
            _theory(axes, figure, size, series.line, _colour(figure, series))
    levels = [line.published(_values(figure, line, size, 1)) for line in figure.floors.values()]
    for level in levels:
        axes.axhline(level, color="0.3", linestyle=":", linewidth=1.6)
    for k, series in enumerate(figure.series):
        _points(axes, figure, series, results, _colour(figure, series), SIGNS[_occurrence(figure, k)])
    axes.set_xscale("log")
    low, high = _range(results)
    low = min([low, *levels])
    # From 0 to 1 where the risks span that; where they stay above a third, the room below them says nothing.
    axes.set_ylim(bottom=-0.03 if low < 1 / 3 else low - 0.05, top=max(1.02, high + 0.03))
    axes.set_xlabel("samples n (100 a step)" if figure.over_samples else "neurons per dimension, N/d")
    axes.set_ylabel(figure.risk)
    axes.set_title(f"{figure.title}\nd = {size}: {status}", fontsize=FONT)
    axes.grid(alpha=0.25, linewidth=0.6)
    if not figure.over_samples:
        ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10]
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
    _legend(axes, figure, results)


def _range(results: Sequence[Result]) -> tuple[float, float]:
    risks = [result.estimate for result in results if result.check == "points" and np.isfinite(result.estimate)]
    return min(risks, default=0.0), max(risks, default=1.0)


def _occurrence(figure: Figure, k: int) -> int:
    """How many series before this one share its line: the first is a circle, the next a square."""
    return sum(other.line is figure.series[k].line for other in figure.series[:k])


def _colour(figure: Figure, series: Series) -> str:
    lines = list({id(other.line): other.line for other in figure.series if other.regime == series.regime}.values())
    shades = COLOURS[series.regime]
    return shades[next(k for k, line in enumerate(lines) if line is series.line) % len(shades)]


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


def _values(figure: Figure, line: Line, size: int, N: int) -> Values:
    return figure.setting(line, size, N).values


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
    if figure.over_samples:
        axes.plot(x, y, color=colour, linewidth=0.8, linestyle=":")
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


def _legend(axes: Any, figure: Figure, results: Sequence[Result]) -> None:
    from matplotlib.lines import Line2D

    handles = []
    for k, series in enumerate(figure.series):
        colour, sign = _colour(figure, series), SIGNS[_occurrence(figure, k)]
        face = colour if sign == SIGNS[0] else "white"
        label = f"{series.name} ({series.how})"
        handles.append(Line2D([], [], color=colour, marker=sign, markerfacecolor=face, linestyle="none", label=label))
    handles.append(Line2D([], [], color="0.3", label="theory at this size"))
    handles.append(Line2D([], [], color="0.3", linestyle=(0, (5, 3)), label="theory, published"))
    handles += [Line2D([], [], color="0.3", linestyle=":", label=name) for name in figure.floors]
    if any(result.check == "points" and result.verdict is not Verdict.AGREES for result in results):
        handles.append(Line2D([], [], color="black", marker="x", linestyle="none", label="undecided or differing"))
    axes.legend(
        handles=handles, fontsize=FONT - 2.5, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2
    )
