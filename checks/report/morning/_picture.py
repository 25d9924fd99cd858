"""One comparison over nights: how far off it was, what it may be off by, and the nights among which a change began."""

from __future__ import annotations

from markupsafe import Markup

from lazy_assay.checks.ledger.evidence.changes import Change
from lazy_assay.checks.report.pictures.svg import WIDTH, Scale, bar, element, line, picture, text, vertical_axis

HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 150.0, 62.0, 8.0, 8.0, 24.0


def over_nights(change: Change, bias: float, name: str) -> Markup:
    """Estimate minus prediction, a point a night with one standard error each way."""
    ends = [off + sign * error for off, error in zip(change.offs, change.errors, strict=True) for sign in (-1, 1)]
    y = Scale.over([*ends, -bias, bias, 0.0], HEIGHT - BOTTOM, TOP)
    x = Scale(-0.5, len(change.runs) - 0.5, LEFT, WIDTH - RIGHT)
    begun = (x(change.first - 0.5), x(change.last + 0.5))
    drawn = [
        vertical_axis(y, LEFT, WIDTH - RIGHT, about=3),
        bar(*begun, TOP, HEIGHT - BOTTOM - TOP, "range"),
        bar(LEFT, WIDTH - RIGHT, y(bias), max(y(-bias) - y(bias), 0.8), "allowed"),
        line(LEFT, y(0.0), WIDTH - RIGHT, y(0.0), "theory"),
    ]
    for night, (off, error) in enumerate(zip(change.offs, change.errors, strict=True)):
        at = x(night)
        drawn.append(line(at, y(off - error), at, y(off + error), "interval"))
        drawn.append(element("circle", cx=at, cy=y(off), r=2.2, class_="point"))
    first, last = (change.runs[place].started[:10] for place in (0, -1))
    drawn += [text(LEFT, HEIGHT - 6, first, "small"), text(WIDTH - RIGHT, HEIGHT - 6, last, "small", "end")]
    told = f"{len(change.runs)} nights; the change began between night {change.first + 1} and {change.last + 1}"
    return picture(HEIGHT, f"estimate minus prediction, {name}", told, *drawn)
