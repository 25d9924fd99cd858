"""The tolerance budget of a part: how large each named part is over all comparisons, and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lazy_assay.checks.report._numbers import number
from lazy_assay.checks.report._rows import TOLERANCE_PARTS, Row, part_of_tolerance

SOURCES = 4
_UNSAID = {"monte_carlo": "half-width of the confidence set"}


@dataclass(frozen=True, kw_only=True)
class Share:
    """One part: its name, its smallest and largest size, and the distinct sentences on its source, a few of them."""

    name: str
    span: str
    sources: list[str]


def shares(rows: Sequence[Row]) -> list[Share]:
    """The parts that any row has, and the resolution."""
    found = [_share(name, having) for name in TOLERANCE_PARTS if (having := _having(rows, name))]
    sizes = [float(row["resolution"]) for row in rows if float(row["resolution"]) > 0]
    told = "beyond the sum of the other parts, what must be noticed"
    return [*found, Share(name="resolution", span=_span(sizes), sources=[told])] if sizes else found


def _having(rows: Sequence[Row], name: str) -> list[Row]:
    return [row for row in rows if part_of_tolerance(row, name)]


def _share(name: str, rows: Sequence[Row]) -> Share:
    said = list(dict.fromkeys(row["tolerance_sources"].get(name, _UNSAID.get(name, "")) for row in rows))
    sentences = [sentence for sentence in said if sentence] or ["its source is not stated"]
    more = [f"and {len(sentences) - SOURCES} more, in results.json"] if len(sentences) > SOURCES else []
    span = _span([part_of_tolerance(row, name) for row in rows])
    return Share(name=TOLERANCE_PARTS[name], span=span, sources=[*sentences[:SOURCES], *more])


def _span(sizes: Sequence[float]) -> str:
    return " … ".join(dict.fromkeys(number(size, 2) for size in (min(sizes), max(sizes))))
