"""One matplotlib figure that is drawn on again and again, since making axes costs more than filling them.

Out comes SVG for a page: text stays text, colours are the page's variables, and a screen reader is told what is shown.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup, escape

from lazy_assay.checks.report._numbers import number

# One width, in points, for every picture: legible when a 400 px screen shrinks it, and two fit beside each other.
WIDTH = 420
NAMES = ("ink", "quiet", "rule", "ground", "blue", "vermillion", "green", "purple", "orange", "sky", "bad")
# Colours that stand for the page's own: matplotlib writes them, `_readable` puts the variables in their places.
COLOURS = {name: f"#{index:02x}aced" for index, name in enumerate(NAMES)}
ROUTES = tuple(COLOURS[name] for name in NAMES[4:10])
SIGNS = "os^DvP"
# The same signs as letters, for a legend in words.
LETTERS = "●■▲◆▼✚"
# Pictures with a narrower left margin have no numbers there.
BARE = 30
# Two decades in sight ask for a logarithmic axis.
_LOGARITHMIC = 100
_VARIABLE = re.compile("#(..)aced")
_DECIMALS = re.compile(r"-?\d+\.\d{2,}")
_FAMILY = re.compile(r" ?font-family: [^;\"]*;?")
# Points from an axis down to its name.
_LABEL = 20.0
_THUMBNAIL = (160.0, 84.0)
Box = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An SVG element with its words. `thumbnail` is its first panel without words; `legend` has (sign, colour,
    meaning), a colour by its name."""

    svg: Markup
    thumbnail: Markup
    caption: str = ""
    note: str = ""
    legend: list[tuple[str, str, str]] = field(default_factory=list)


def draw(salt: str, told: tuple[str, str], boxes: Sequence[Box], fill: Callable[..., None], **words: Any) -> Picture:
    """The picture; `fill` is called with its panels, `words` are caption, note and legend.

    `told` is title and description, `boxes` has left, right, bottom, top of each panel in points, the first one on top.
    """
    from matplotlib import rc_context

    height, out = boxes[0][3] + 12, io.StringIO()
    with warnings.catch_warnings(), rc_context(_style(salt)):
        # A letter that matplotlib's own font lacks is the browser's to find.
        warnings.simplefilter("ignore")
        figure, panels = _figure(len(boxes), boxes[0][0])
        figure.set_size_inches(WIDTH / 72, height / 72)
        for panel, (left, right, bottom, top) in zip(panels, boxes, strict=True):
            for artist in (*panel.lines, *panel.collections, *panel.patches, *panel.texts):
                artist.remove()
            panel.set_position((left / WIDTH, bottom / height, (right - left) / WIDTH, (top - bottom) / height))
            # In its place at once: to find one, matplotlib would measure every number on the axis.
            panel.xaxis.set_label_coords(0.5, -_LABEL / (top - bottom))
        fill(*panels)
        renderer = _renderer()(WIDTH, height, out, metadata={"Date": None})
        figure.draw(renderer)
        renderer.finalize()
    root = ElementTree.fromstring(out.getvalue())
    _readable(root)
    spoken = Markup("<title>{}</title><desc>{}</desc>").format(*told)
    picture = _svg(list(root), f"0 0 {WIDTH} {height:g}", Markup('role="img" class="picture"'), spoken)
    left, right, bottom, top = boxes[0]
    tall = min(top - bottom, (right - left) * _THUMBNAIL[1] / _THUMBNAIL[0])
    view = f"{left - 4:g} {height - top - 4:g} {right - left + 8:g} {tall + 8:g}"
    # Its own edge clips the thumbnail; what the picture clips with stays in the picture.
    data = [child for child in _panel(root) if not child.get("data-axis") and child.find("text") is None]
    for element in (element for child in data for element in child.iter()):
        element.attrib.pop("clip-path", None)
    return Picture(svg=picture, thumbnail=_svg(data, view, Markup('aria-hidden="true" class="thumbnail"')), **words)


def _style(salt: str) -> Any:
    quiet = COLOURS["quiet"]
    return {
        "svg.fonttype": "none", "svg.hashsalt": salt, "font.size": 12, "axes.linewidth": 0.8,
        "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": quiet,
        "axes.labelcolor": COLOURS["ink"],
        "xtick.color": quiet, "ytick.color": quiet, "text.color": COLOURS["ink"], "axes.grid": True,
        "grid.color": COLOURS["rule"], "grid.linewidth": 0.6, "axes.axisbelow": True, "text.parse_math": False,
        "figure.facecolor": "none", "axes.facecolor": "none", "lines.markersize": 6, "lines.markeredgewidth": 0.7,
    }  # fmt: skip


@cache
def _figure(panels: int, margin: float) -> tuple[Any, list[Any]]:
    """One a kind of picture, by its panels and its left margin: where that is narrow, the vertical axis is bare."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(1, 1), dpi=72)
    FigureCanvasSVG(figure)
    made = [figure.add_axes((0.0, 0.0, 1.0, 1.0), label=str(index)) for index in range(panels)]
    for panel in made:
        panel.tick_params(length=3)
    made[0].tick_params(labelbottom=panels == 1)
    if margin < BARE:
        made[0].tick_params(labelleft=False, length=0)
        made[0].spines["left"].set_visible(False)
        made[0].set_yticks([])
    return figure, made


@cache
def _renderer() -> Any:
    """Matplotlib's own, but it measures no letter: the browser does, and is told where a text begins or ends."""
    from matplotlib.backends.backend_svg import RendererSVG

    def get_text_width_height_descent(_: Any, s: str, prop: Any, ismath: Any) -> tuple[float, float, float]:
        size = float(prop.get_size_in_points())
        return 0.6 * size * len(s), 0.75 * size, 0.2 * size

    return type("Renderer", (RendererSVG,), {"get_text_width_height_descent": get_text_width_height_descent})


def span(panel: Any, axis: str, values: Iterable[float], *, ticks: int = 4, log: bool | None = None) -> None:
    """An axis that holds all values with some air: logarithmic where positive values span more than two decades."""
    from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

    low, high = min(values := list(values)), max(values)
    log = low > 0 and high / low > _LOGARITHMIC if log is None else log
    air = (high / low) ** 0.06 if log else (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    made, scale = panel.xaxis if axis == "x" else panel.yaxis, "log" if log else "linear"
    if made.get_scale() != scale:
        panel.set(**{f"{axis}scale": scale})
    panel.set(**{f"{axis}lim": (low / air, high * air) if log else (low - air, high + air)})
    made.set_major_locator(
        LogLocator(subs=(1, 2, 5) if high < 30 * low else (1,), numticks=ticks + 2)
        if log
        else MaxNLocator(ticks, steps=[1, 2, 5, 10])
    )
    made.set_minor_locator(NullLocator())
    made.set_major_formatter(lambda value, _: number(value, 4))


def line(panel: Any, xs: Iterable[float], ys: Iterable[float], marker: Any = "", **style: Any) -> None:
    """A line, or signs without one. What `plot` does besides, to learn the axes' limits, takes longer than the line."""
    from matplotlib.lines import Line2D

    style = {"linestyle": "", **style} if marker else {"solid_capstyle": "butt", **style}
    panel.add_artist(Line2D([*xs], [*ys], marker=marker or "None", **style))


def intervals(xs: Sequence[float], lows: Sequence[float], highs: Sequence[float]) -> tuple[list[float], list[float]]:
    """Bars from low to high at each x, as the coordinates of one line with gaps: one path in place of many."""
    gap = float("nan")
    along = [value for x in xs for value in (x, x, gap)]
    return along, [value for low, high in zip(lows, highs, strict=True) for value in (low, high, gap)]


def legend(index: int, meaning: str) -> tuple[str, str, str]:
    """A route's entry."""
    return LETTERS[index % 6], NAMES[4 + index % 6], meaning


def clipped(words: str, length: int) -> str:
    """The words, cut with an ellipsis where a picture has no room for all of them."""
    return words if len(words) <= length else words[: length - 1].rstrip(" ,") + "…"


def _svg(children: Sequence[Any], view: str, attributes: Markup, words: str = "") -> Markup:
    inside = Markup("").join(Markup(ElementTree.tostring(child, encoding="unicode")) for child in children)
    return Markup('<svg viewBox="{}" {}>{}{}</svg>').format(escape(view), attributes, words, inside)


def _readable(root: Any) -> None:
    """Drop what a page has no use for, shorten numbers, and put the page's colours in."""
    for parent in list(root.iter()):
        parent.tag = parent.tag.rpartition("}")[2]
        parent.text, parent.tail = (parent.text or "").strip() or None, None
        name = parent.attrib.pop("id", "")
        if parent.tag in ("path", "clipPath") and name:
            parent.set("id", name)
        if name.startswith("matplotlib.axis"):
            parent.set("data-axis", name[-1])
        for key, value in list(parent.attrib.items()):
            del parent.attrib[key]
            if key != "transform" or not value.startswith("rotate(-0 "):
                parent.set(key.rpartition("}")[2], _short(value))
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in ("metadata", "style") or (child.tag in ("g", "defs") and not len(child)):
                parent.remove(child)


def _short(value: str) -> str:
    value = _DECIMALS.sub(lambda found: f"{float(found.group()):.1f}", value.replace("\n", " "))
    return _VARIABLE.sub(lambda found: f"var(--{NAMES[int(found.group(1), 16)]})", _FAMILY.sub("", value))


def _panel(root: Any) -> list[Any]:
    """What stands in the first panel."""
    figure = next(child for child in root if child.tag == "g")
    return list(next(child for child in figure if child.tag == "g" and len(child) > 1))
