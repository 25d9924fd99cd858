"""A picture with its words: what the template shows as one `<figure>`."""

from __future__ import annotations

from dataclasses import dataclass, field

from markupsafe import Markup


@dataclass(frozen=True, kw_only=True)
class Figure:
    """`legend` pairs a swatch (in a box of 24 by 16) with its meaning; `sources` a part with where it comes from."""

    picture: Markup
    caption: str
    note: str = ""
    legend: list[tuple[Markup, str]] = field(default_factory=list)
    sources: list[tuple[str, list[str]]] = field(default_factory=list)
