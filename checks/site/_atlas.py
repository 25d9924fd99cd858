"""A page a claim: what it states, what a stored run found, and how to see it again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
from markupsafe import Markup, escape

from lazy_assay.checks.report import PartView, Section
from lazy_assay.checks.report.notation import erratum_forms, mathml, side_by_side, symbols
from lazy_assay.checks.site._badges import tone
from lazy_assay.checks.vocabulary.text import line
from lazy_assay.theory import Claim, Erratum, Part

Row = Mapping[str, Any]
NOT_RUN = "not run"
_MARKED = re.compile(r"([\\`*_{}\[\]<>#|$~^@!])")


def words(text: str) -> str:
    """Text as Markdown that shows it as it is."""
    return _MARKED.sub(r"\\\1", " ".join(text.split()))


@dataclass(frozen=True, kw_only=True)
class PartPage:
    """A part, and what the run has of it; None where it did not run."""

    part: Part
    view: PartView | None


def page(claim: Claim, section: Section | None, run: Row) -> str:
    """The claim's page in Markdown, from the run's section of it; `run` is the head of results.json."""
    views = {view.row["name"]: view for view in section.parts} if section else {}
    parts = [PartPage(part=part, view=views.get(part.name)) for part in claim.parts]
    row: Row = section.row if section else {}
    status = row.get("status", NOT_RUN)
    replays = [row["replay"] for view in views.values() for row, _ in view.table.rows]
    told = {"claim": claim, "row": row, "status": status, "tone": tone(status), "parts": parts, "run": run}
    return _environment().get_template("claim.md.jinja").render(**told, replay=next(iter(replays), ""))


def index(claims: Sequence[Claim], run: Mapping[str, Any]) -> str:
    """The list of all claims by paper, in Markdown."""
    statuses = {row["id"]: row["status"] for row in run["claims"]}
    papers: dict[str, list[tuple[Claim, str, str]]] = {}
    for claim in claims:
        status = statuses.get(claim.id, NOT_RUN)
        paper = claim.source.paper
        papers.setdefault(f"{paper.authors} ({paper.year}). {paper.title}", []).append((claim, status, tone(status)))
    return _environment().get_template("claims.md.jinja").render(papers=papers, run=run["run"])


def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("lazy_assay.checks.site", ""),
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters |= {
        "words": words,
        "e": escape,
        "formula": _formula,
        "letters": symbols,
        "forms": _forms,
        "line": line,
    }
    made.globals["not_run"] = NOT_RUN
    return made


def _formula(part: Part) -> Markup:
    """The statement; where the paper's differs both, side by side, with the difference marked."""
    both = side_by_side(part)
    if both is None:
        return Markup('<div class="formula" tabindex="0">{}</div>').format(mathml(part) or "")
    return _pair(*both)


def _pair(right: Markup, printed: Markup) -> Markup:
    return Markup(
        '<div class="formulas"><figure tabindex="0"><figcaption>As it holds</figcaption>{}</figure>'
        '<figure class="printed" tabindex="0"><figcaption>As printed</figcaption>{}</figure></div>'
    ).format(right, printed)


def _forms(erratum: Erratum, part: Part) -> Markup:
    both = erratum_forms(part, erratum)
    # What stands above already is not shown twice.
    return Markup("") if both is None or both == side_by_side(part) else _pair(*both)
