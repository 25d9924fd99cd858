"""The tolerance budget: what a comparison may be off by, part by part, and the resolution it must reach."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from lazy_assay.checks.report._numbers import configuration, number
from lazy_assay.checks.report._rows import TOLERANCE_PARTS, Row, detectable, part_of_tolerance, shared
from lazy_assay.checks.report.pictures import svg
from lazy_assay.checks.report.pictures.discrepancy import heading
from lazy_assay.checks.report.pictures.figure import Figure

ROWS = 12
FULL_ROWS = 3
SOURCES = 4
_UNSAID = {"monte_carlo": "half-width of the confidence set"}
_REACH = 1.6
_HEIGHT = 56.0
_ROOM = 66
_SHORT = {"finite_size": "size", "discretisation": "discr.", "optimisation": "optim.", "monte_carlo": "MC"}


def _sum(row: Row) -> float:
    return sum(part_of_tolerance(row, name) for name in TOLERANCE_PARTS)


def _filled(row: Row) -> float:
    return _sum(row) / detectable(row) if detectable(row) else 0.0


def _telling(row: Row) -> bool:
    """Whether a bar says more than that the whole allowance is one part, as in an exact comparison."""
    return float(row["resolution"]) != 0 or sum(part_of_tolerance(row, name) > 0 for name in TOLERANCE_PARTS) > 1


def draw(rows: Sequence[Row], units: str) -> Figure | None:
    """One stacked bar a configuration and route; a bar that ends before its tick can decide."""
    left = sorted((row for row in rows if _sum(row) or detectable(row)), key=_filled, reverse=True)
    if not left:
        return None
    chosen, common = left[: ROWS if any(map(_telling, left)) else FULL_ROWS], shared(left)
    routes = {row["route"] for row in left}
    only = f" All by {routes.pop()}." if len(routes) == 1 else ""
    scale = svg.Scale(0, _REACH, 18, svg.WIDTH - 18)
    bottom = 8 + _HEIGHT * len(chosen)
    drawn = [svg.horizontal_axis(scale, bottom, "share of bias + resolution", 8)]
    drawn += [_row(row, 8 + _HEIGHT * index, scale, list(common), bool(only)) for index, row in enumerate(chosen)]
    hidden = f" The {len(chosen)} fullest of {len(left)}." if len(left) > len(chosen) else ""
    unit = f" ({units})" if units else ""
    return Figure(
        picture=svg.picture(bottom + 42, "Tolerance budget", f"{len(chosen)} stacked bars.{hidden}", *drawn),
        caption=f"Tolerance budget{unit}: named parts, stacked, and the tick at bias + resolution.{only}{hidden}",
        note=configuration(common),
        legend=_legend(left),
        sources=_sources(left),
    )


def _row(row: Row, top: float, scale: svg.Scale, told: list[str], alone: bool) -> Markup:
    apart = configuration(row["configuration"], told)
    words = " · ".join(filter(None, (apart, "" if apart and alone else row["route"])))
    drawn = [
        heading(row, top, words, "label halo"),
        _stack(row, top + 20, scale),
        svg.text(22, top + 47, _numbers(row), "label small halo"),
    ]
    if detectable(row):
        drawn.append(svg.line(scale(1), top + 17, scale(1), top + 35, "tick"))
    if detectable(row) and _filled(row) <= 1:
        drawn.append(svg.text(scale(1) + 6, top + 31, _resolution(row), "label small halo"))
    return svg.element("g", *drawn)


def _resolution(row: Row) -> str:
    return f"resolution {number(row['resolution'], 2)}"


def _stack(row: Row, y: float, scale: svg.Scale) -> Markup:
    unit, position, drawn = detectable(row) or _sum(row), 0.0, []
    for name in TOLERANCE_PARTS:
        share = part_of_tolerance(row, name) / unit
        if share:
            drawn.append(svg.bar(scale(position), scale(position + share), y, 12, f"part {name}"))
        position += share
    if position > _REACH:
        drawn.append(svg.text(scale(_REACH), y + 11, f"{number(position, 2)} ▶", "beyond halo", "end"))
    return Markup("").join(drawn)


def _numbers(row: Row) -> str:
    """The parts that a bar can show; the others have their numbers in the sources."""
    seen = [name for name in TOLERANCE_PARTS if part_of_tolerance(row, name) > 1e-3 * _sum(row)]
    told = [f"{TOLERANCE_PARTS[name]} {number(part_of_tolerance(row, name), 2)}" for name in seen]
    if len(" + ".join(told)) > _ROOM:
        told = [f"{_SHORT.get(name, TOLERANCE_PARTS[name])} {number(part_of_tolerance(row, name), 2)}" for name in seen]
    # A bar that passes its tick covers the place where the resolution would stand.
    ending = f"; {_resolution(row)}" if _filled(row) > 1 else ""
    return svg.clipped(" + ".join(told) + ending, _ROOM)


def _present(rows: Sequence[Row]) -> list[str]:
    return [name for name in TOLERANCE_PARTS if any(part_of_tolerance(row, name) for row in rows)]


def _legend(rows: Sequence[Row]) -> list[tuple[Markup, str]]:
    swatches = [(svg.bar(2, 22, 3, 10, f"part {name}"), TOLERANCE_PARTS[name]) for name in _present(rows)]
    return [*swatches, (svg.line(12, 0, 12, 16, "tick"), "bias + resolution")]


def _sources(rows: Sequence[Row]) -> list[tuple[str, list[str]]]:
    """How large each part is over all rows, and where it comes from: the distinct sentences, a few of them."""
    listed = []
    for name in _present(rows):
        having = [row for row in rows if part_of_tolerance(row, name)]
        sizes = [part_of_tolerance(row, name) for row in having]
        span = " … ".join(dict.fromkeys(number(size, 2) for size in (min(sizes), max(sizes))))
        said = list(dict.fromkeys(row["tolerance_sources"].get(name, _UNSAID.get(name, "")) for row in having))
        sentences = [sentence for sentence in said if sentence] or ["its source is not stated"]
        more = [f"and {len(sentences) - SOURCES} more, in results.json"] if len(sentences) > SOURCES else []
        listed.append((TOLERANCE_PARTS[name], [span, *sentences[:SOURCES], *more]))
    return listed
