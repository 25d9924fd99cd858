"""Renders index.html: self-contained, readable without JavaScript, everything from the data escaped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from lazy_assay.checks.report import _headline as headline
from lazy_assay.checks.report._math import mathml
from lazy_assay.checks.report._numbers import number, plural, seconds
from lazy_assay.checks.report._sections import Lookup, sections
from lazy_assay.checks.vocabulary.result import METHODS

_HERE = Path(__file__).parent


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": number,
        "seconds": seconds,
        "mathml": mathml,
        "tone": headline.tone,
        "sign": headline.sign,
        "day": headline.day,
    }
    environment.globals["plural"] = plural
    return environment


def _asymptotic(data: Mapping[str, Any]) -> int:
    """Results whose confidence set is right for many draws or normal ones only: the reader is told how many."""
    return sum(METHODS.get(row["method"]) == "asymptotic" for row in data["results"])


def render(data: Mapping[str, Any], earlier: headline.Earlier, lookup: Lookup) -> str:
    """The page as one string of HTML."""
    return (
        _environment()
        .get_template("page.html.jinja")
        .render(
            run=data["run"],
            claims=data["claims"],
            coverage=data["coverage"],
            results=len(data["results"]),
            asymptotic=_asymptotic(data),
            headline=headline.headline(data, earlier),
            concerns=headline.concerns(data),
            not_run=headline.not_run(data),
            sections=sections(data, earlier, lookup),
        )
    )
