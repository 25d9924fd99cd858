"""Renders morning.html: self-contained, readable without JavaScript, everything from the ledger escaped."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import jinja2

from lazy_assay.checks.ledger.evidence.morning import Morning
from lazy_assay.checks.ledger.evidence.news import STEADY
from lazy_assay.checks.ledger.evidence.stretches import LEVEL, WATCH
from lazy_assay.checks.report import _headline
from lazy_assay.checks.report._numbers import number, plural
from lazy_assay.checks.report.morning import _rows as rows
from lazy_assay.checks.vocabulary.files import place

PAGE = "morning.html"
_HERE = Path(__file__).parent


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([_HERE, _HERE.parent]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "tone": _headline.tone, "sign": _headline.sign, "day": unbroken}
    environment.globals["plural"] = plural
    return environment


def unbroken(words: str) -> str:
    """The words, with dates that no line ends in."""
    return re.sub(r"\b(\d{4})-(\d\d)-(\d\d)\b", "\\1\u2011\\2\u2011\\3", words)


def render(told: Morning) -> str:
    """The page as one string of HTML."""
    return (
        _environment()
        .get_template("morning.html.jinja")
        .render(
            morning=told,
            night=told.runs[-1],
            headline=rows.headline(told),
            regressions=rows.regressions(told),
            found=rows.findings(told.found),
            watched=rows.findings(told.watched),
            moves=rows.moves(told),
            committed=rows.committed(told),
            devices=rows.devices(told),
            ran=rows.parts(told, ran=True),
            waiting=rows.parts(told, ran=False),
            level=LEVEL,
            watch=WATCH,
            steady=STEADY,
        )
    )


def write(told: Morning, folder: Path) -> Path:
    """Write `morning.html` into `folder`; return its path."""
    page = render(told)
    folder.mkdir(parents=True, exist_ok=True)
    place(folder / PAGE, page)
    return folder / PAGE
