"""Renders the pages: self-contained, readable without JavaScript, everything from the data escaped."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from lazy_assay.checks.report import _errata, _power
from lazy_assay.checks.report import _headline as headline
from lazy_assay.checks.report._measured import Measured
from lazy_assay.checks.report._numbers import number, percent, plural, seconds
from lazy_assay.checks.report._sections import Lookup, Section, sections
from lazy_assay.checks.vocabulary.result import METHODS
from lazy_assay.theory import Gravity

_HERE = Path(__file__).parent
# A name that is safe as a file's on any system; others get one made of digits.
_PLAIN = re.compile(r"[A-Za-z0-9_]{1,60}\.[A-Za-z0-9_]{1,60}")
_CAPITAL = re.compile(r"(?<=[a-z])[A-Z]")
_COMMAND = re.compile(r"`([^`]+)`")
# What hangs on one letter or on a bracket: a name of several letters, such as step_size, is code.
_SCRIPT = re.compile(
    r"(?:(?<=\S)(?=\^)|(?<=[^A-Za-z0-9][A-Za-z])|(?<=^[A-Za-z])|(?<=[^\x00-\x7f])|(?<=[)\]|]))"
    r"([_^])(?:\{([^{}]+)\}|\(([^()]+)\)|([A-Za-z0-9*−∞]+|[\u0370-\u03ff]))"
)
Rendered = tuple[dict[str, str], list[dict[str, Any]]]
PAGES = ("index", "errata", "power", "coverage")


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
        "percent": percent,
        "seconds": seconds,
        "tone": headline.tone,
        "sign": headline.sign,
        "day": headline.day,
        "page": page_of,
        "spoken": _spoken,
        "prose": _prose,
        "spaced": lambda kind: _CAPITAL.sub(lambda found: f" {found[0].lower()}", kind),
    }
    environment.globals |= {"plural": plural, "mistakes": list(_power.MISTAKES.values())}
    environment.globals["gravities"] = [str(gravity) for gravity in Gravity]
    return environment


def page_of(claim: str) -> str:
    """The address of a claim's page from the index."""
    if _PLAIN.fullmatch(claim):
        return f"claims/{claim}.html"
    return f"claims/{hashlib.blake2b(claim.encode('utf-8', 'replace'), digest_size=8).hexdigest()}.html"


def _spoken(words: str, claim: str) -> str:
    """A message without the id that its place on a page tells already."""
    return words.replace(f"[{claim}] ", "")


def _prose(words: str) -> Markup:
    """A sentence with its mathematics: subscripts, superscripts and commands, as our sentences write them."""
    text = _COMMAND.sub(r"<code>\1</code>", str(escape(words)))
    return Markup(_SCRIPT.sub(_raised, text))


def _raised(found: re.Match[str]) -> str:
    tag = "sub" if found[1] == "_" else "sup"
    return f"<{tag}>{found[2] or found[3] or found[4]}</{tag}>"


@dataclass(frozen=True, kw_only=True)
class Paper:
    """The claims of one paper, in the run's order."""

    name: str
    title: str
    sections: list[Section]


def papers(found: Iterable[Section]) -> list[Paper]:
    """Grouped by what stands before the point of an id."""
    groups: dict[str, list[Section]] = {}
    for section in found:
        groups.setdefault(section.row["id"].partition(".")[0], []).append(section)
    return [_paper(key, group) for key, group in groups.items()]


def _paper(key: str, group: list[Section]) -> Paper:
    known = next((section.known.source.paper for section in group if section.known), None)
    name = f"{known.authors} ({known.year})" if known else key
    return Paper(name=name, title=known.title if known else "", sections=group)


def _asymptotic(data: Mapping[str, Any]) -> int:
    """Results whose confidence set is right for many draws or normal ones only: the reader is told how many."""
    return sum(METHODS.get(row["method"]) == "asymptotic" for row in data["results"])


def render(
    data: Mapping[str, Any], earlier: headline.Earlier, lookup: Lookup, changes: str = "",
    measured: Measured | None = None,
) -> Rendered:  # fmt: skip
    """Every page as HTML by its path in the folder, index.html last, and what errata.json holds.

    `changes` is what the morning page says of this run, as safe HTML; without it the index names changed statuses.
    """
    found, left_out = sections(data, earlier, lookup), headline.not_run(data)
    shared: dict[str, Any] = {
        "run": data["run"],
        "headline": headline.headline(data, earlier),
        "papers": papers(found),
        "coverage": data["coverage"],
        "measured": measured or Measured(),
        "missing": [entry for entry in left_out if not entry[1].startswith(headline.UNASKED)],
        "larger": [entry for entry in left_out if entry[1].startswith(headline.UNASKED)],
        "errata": _errata.entries(data, found),
    }
    pages = {page_of(section.row["id"]): _rendered("claim", shared, root="../", section=section) for section in found}
    titles = {section.row["id"]: section.row["title"] for section in found}
    for name in PAGES[1:]:
        pages[f"{name}.html"] = _rendered(name, shared, root="")
    index = {"concerns": headline.concerns(data), "changed": headline.changes(data), "changes": Markup(changes)}
    counted = {"results": len(data["results"]), "asymptotic": _asymptotic(data), "titles": titles}
    pages["index.html"] = _rendered("index", shared, root="", **index, **counted)
    return pages, _errata.as_data(shared["errata"])


def _rendered(name: str, shared: Mapping[str, Any], **more: Any) -> str:
    return _environment().get_template(f"{name}.html.jinja").render(**shared, **more, here=name)
