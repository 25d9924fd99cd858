"""One page of a scaling: a picture for each size that is judged, and a table of all."""

from __future__ import annotations

import html
import io
import math

import numpy as np

from lazy_assay.checks.scaling.judge import Row, Scaling

_COLOURS = {"right": "#2a7", "wrong": "#c33", "undecided": "#b80", "not judged": "#888"}
_STYLE = "body{font:14px sans-serif;margin:2em}td,th{padding:2px 8px;text-align:right}td:first-child{text-align:left}"


def page(result: Scaling) -> str:
    """The page, as text of one HTML file that needs neither server nor network."""
    judged = [row for row in result.rows if row.verdict != "not judged" and math.isfinite(row.exponent)]
    rows = "\n".join(_line(row) for row in result.rows)
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>scaling: {result.verdict}</title>"
        f"<style>{_STYLE}</style><h1>Scaling: {result.verdict}</h1><pre>{html.escape(str(result))}</pre>"
        f"{_pictures(judged, result)}<table>"
        "<tr><th>size<th>steps<th>exponent<th>interval<th>bend<th>promised<th>verdict</tr>"
        f"{rows}</table></html>\n"
    )


def _line(row: Row) -> str:
    low, high = row.interval
    promised = "" if row.allowed is None else f"{row.allowed[0]:g} to {row.allowed[1]:g}"
    return (
        f"<tr><td>{html.escape(f'{row.kind} {row.name}')}<td>{row.step}<td>{row.exponent:.2f}"
        f"<td>{low:.2f} to {high:.2f}<td>{row.bend:.2f}<td>{promised}"
        f"<td style='color:{_COLOURS[row.verdict]}'>{row.verdict}</tr>"
    )


def _pictures(rows: list[Row], result: Scaling) -> str:
    """Size against width, one line a seed, with the slope that was promised; an inline SVG."""
    from matplotlib.figure import Figure

    columns, widths = 4, np.asarray(result.sizes.widths, dtype=float)
    figure = Figure(figsize=(13, 2.4 * max(math.ceil(len(rows) / columns), 1)), layout="constrained")
    for index, row in enumerate(rows):
        axes = figure.add_subplot(math.ceil(len(rows) / columns), columns, index + 1)
        rms = result.sizes.rms[row.kind, row.name, row.step]
        axes.loglog(widths, rms.T, color=_COLOURS[row.verdict], alpha=0.3, linewidth=0.8)
        for power in {it for it in row.allowed or () if math.isfinite(it)}:
            centre = np.exp(np.log(rms).mean() + power * (np.log(widths) - np.log(widths).mean()))
            axes.loglog(widths, centre, color="black", linestyle="--", linewidth=0.8)
        axes.set_title(f"{row.kind} {row.name}, {row.step} steps: {row.exponent:.2f}", fontsize=8, parse_math=False)
        axes.tick_params(labelsize=7)
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue().partition("<svg")[1] + text.getvalue().partition("<svg")[2]
