"""Small pictures by hand: elements, scales, axes. Text stays text, colours come from the page's style sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from lazy_assay.checks.report._numbers import number

# One width for every picture: it is legible when a 400 px screen shrinks it, and two fit beside each other on a desk.
WIDTH = 420.0


def element(tag: str, *children: Markup | str, **attributes: object) -> Markup:
    """One SVG element, its text and attributes escaped; `class_` and `stroke_width` name class and stroke-width."""
    written = Markup("").join(
        Markup(' {}="{}"').format(
            name.rstrip("_").replace("_", "-"), f"{value:.2f}" if isinstance(value, float) else value
        )
        for name, value in attributes.items()
    )
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(tag), written, Markup("").join(map(escape, children)))


def picture(height: float, title: str, description: str, *children: Markup) -> Markup:
    """An `<svg>` that tells a screen reader what it shows."""
    return element(
        "svg",
        element("title", title),
        element("desc", description),
        *children,
        viewBox=f"0 0 {WIDTH:.0f} {height:.0f}",
        role="img",
        class_="picture",
    )


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def text(x: float, y: float, words: str, class_: str = "label", anchor: str = "start") -> Markup:
    """One line of text."""
    return element("text", words, x=x, y=y, class_=class_, text_anchor=anchor)


def bar(x1: float, x2: float, y: float, height: float, class_: str) -> Markup:
    """A rectangle between two horizontal positions."""
    return element("rect", x=min(x1, x2), y=y, width=abs(x2 - x1), height=height, class_=class_)


def polyline(points: Sequence[tuple[float, float]], class_: str) -> Markup:
    """A line through points."""
    return element("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points), class_=class_)


def marker(shape: int, x: float, y: float, class_: str) -> Markup:
    """A route's sign: told apart by shape as well as by colour."""
    s = 4.5
    corners = (
        ((-s, -s), (s, -s), (s, s), (-s, s)),
        ((0, -s - 1), (s + 1, s), (-s - 1, s)),
        ((0, -s - 1.5), (s + 1.5, 0), (0, s + 1.5), (-s - 1.5, 0)),
        ((0, s + 1), (s + 1, -s), (-s - 1, -s)),
    )
    if shape % 5 == 0:
        return element("circle", cx=x, cy=y, r=s, class_=class_)
    return element(
        "polygon", points=" ".join(f"{x + a:.1f},{y + b:.1f}" for a, b in corners[shape % 5 - 1]), class_=class_
    )


def clipped(words: str, length: int) -> str:
    """The words, cut with an ellipsis where a picture has no room for all of them."""
    return words if len(words) <= length else words[: length - 1].rstrip(" ,") + "…"


@dataclass(frozen=True)
class Scale:
    """From values in [low, high] to positions in [start, end]; logarithmic where `log`."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    @classmethod
    def over(cls, values: Sequence[float], start: float, end: float, pad: float = 0.06) -> Scale:
        """A scale that holds all values with some air; logarithmic where positive values span more than two decades."""
        low, high = min(values), max(values)
        if low > 0 and high / low > 100:
            air = (high / low) ** pad
            return cls(low / air, high * air, start, end, log=True)
        air = (high - low) * pad or abs(high) * 0.1 or 1.0
        return cls(low - air, high + air, start, end)

    def __call__(self, value: float) -> float:
        share = self._share(min(max(value, self.low), self.high))
        return self.start + share * (self.end - self.start)

    def _share(self, value: float) -> float:
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self, about: int = 4) -> list[float]:
        """Round values inside the scale."""
        return self._decades(about) if self.log else self._steps(about)

    def _decades(self, about: int) -> list[float]:
        first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.high))
        every = max(1, math.ceil((last - first + 1) / (about + 1)))
        return [10.0**exponent for exponent in range(first, last + 1, every)]

    def _steps(self, about: int) -> list[float]:
        rough = (self.high - self.low) / about
        unit = 10.0 ** math.floor(math.log10(rough))
        step = max(unit * factor for factor in (1, 2, 5) if unit * factor <= rough * (1 + 1e-9))
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        return [round(index * step, 12 - math.floor(math.log10(step))) for index in range(first, last + 1)]


def horizontal_axis(scale: Scale, y: float, words: str, top: float | None = None) -> Markup:
    """Ticks and their numbers below y, with a grid up to `top`, and the axis's name in the middle below."""
    drawn = [line(scale.start, y, scale.end, y, "axis")]
    for value in scale.ticks():
        x = scale(value)
        drawn += [line(x, y if top is None else top, x, y + 4, "grid"), text(x, y + 17, number(value), anchor="middle")]
    drawn.append(text((scale.start + scale.end) / 2, y + 35, words, "label name", "middle"))
    return Markup("").join(drawn)


def vertical_axis(scale: Scale, x: float, right: float, about: int = 4) -> Markup:
    """Ticks and their numbers left of x, with a grid to the right."""
    drawn = [line(x, scale.start, x, scale.end, "axis")]
    for value in scale.ticks(about):
        y = scale(value)
        drawn += [line(x - 4, y, right, y, "grid"), text(x - 7, y + 4, number(value), anchor="end")]
    return Markup("").join(drawn)
