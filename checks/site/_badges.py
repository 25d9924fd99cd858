"""A badge a claim: a static SVG that a paper's own page can embed."""

from __future__ import annotations

from markupsafe import Markup

from lazy_assay.theory._status import NOT_REPRODUCED, REFUTED, REVERSE, STATUSES, VACUOUS

# Fill colours on which white text has a contrast of 4.5 or more.
_FILLS = {"good": "#1a7f37", "bad": "#b42318", "idle": "#57606a"}
_GOOD = tuple(status.word for status in STATUSES if status.holds)
_BAD = (REFUTED, REVERSE, NOT_REPRODUCED, VACUOUS)
_WIDTH = 6.6
_SHAPE = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" width="{total:.0f}" height="20" role="img" aria-label="assay: {text}">'
    "<title>assay: {text}</title>"
    '<rect width="44" height="20" fill="#333"/><rect x="44" width="{right:.0f}" height="20" fill="{fill}"/>'
    '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
    '<text x="6" y="14">assay</text><text x="50" y="14">{text}</text></g></svg>\n'
)


def tone(status: str) -> str:
    """How a status is shown: "good", "bad" or "idle"."""
    return "good" if status in _GOOD else "bad" if status in _BAD else "idle"


def badge(status: str) -> str:
    """SVG text that says a claim's status."""
    right = 12 + _WIDTH * len(status)
    return str(_SHAPE.format(total=44 + right, right=right, text=status, fill=_FILLS[tone(status)]))
