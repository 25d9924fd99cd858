"""A page a claim: what it states, what a stored run found, and how to see it again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
from markupsafe import Markup, escape

from lazy_assay.checks.report.notation import erratum_forms, mathml, side_by_side, symbols
from lazy_assay.checks.site._badges import tone
from lazy_assay.theory import Claim, Erratum, Part

Row = Mapping[str, Any]
NOT_RUN = "not run"
_MARKED = re.compile(r"([\\`*_{}\[\]<>#|$~^@!])")


def words(text: str) -> str:
    """Text as Markdown that shows it as it is."""
    return _MARKED.sub(r"\\\1", " ".join(text.split()))


@dataclass(frozen=True, kw_only=True)
class Fate:
    """A wrong version, and what became of it in the run."""

    name: str
    sentence: str
    outcome: str


@dataclass(frozen=True, kw_only=True)
class PartPage:
    """What a page shows of one part."""

    part: Part
    status: str
    tally: str
    notices: str
    fates: list[Fate]
    replay: str


def page(claim: Claim, run: Mapping[str, Any]) -> str:
    """The claim's page in Markdown. `run` is what results.json holds."""
    row: Row = next((each for each in run["claims"] if each["id"] == claim.id), {})
    results = [each for each in run["results"] if each["claim"] == claim.id]
    parts = [_part(part, row, [each for each in results if each["part"] == part.name]) for part in claim.parts]
    status = row.get("status", NOT_RUN)
    return (
        _environment()
        .get_template("claim.md.jinja")
        .render(claim=claim, row=row, status=status, tone=tone(status), parts=parts, run=run["run"])
    )


def index(claims: Sequence[Claim], run: Mapping[str, Any]) -> str:
    """The list of all claims by paper, in Markdown."""
    statuses = {row["id"]: row["status"] for row in run["claims"]}
    papers: dict[str, list[tuple[Claim, str, str]]] = {}
    for claim in claims:
        status = statuses.get(claim.id, NOT_RUN)
        paper = claim.source.paper
        papers.setdefault(f"{paper.authors} ({paper.year}). {paper.title}", []).append((claim, status, tone(status)))
    return _environment().get_template("claims.md.jinja").render(papers=papers, run=run["run"])


def _part(part: Part, row: Row, results: list[Row]) -> PartPage:
    told: Row = next((each for each in row.get("parts", ()) if each["name"] == part.name), {})
    own = [each for each in results if each["subject"] == "claim"]
    counts = Counter(each["verdict"] for each in own)
    return PartPage(
        part=part,
        status=told.get("status", NOT_RUN),
        tally=", ".join(f"{count} {verdict}" for verdict, count in counts.most_common()),
        notices=_notices(own),
        fates=[_fate(decoy.name, decoy.sentence, results) for decoy in part.decoys],
        replay=own[0]["replay"] if own else "",
    )


def _notices(rows: Sequence[Row]) -> str:
    """The smallest error, as a share of the prediction, that some agreeing comparison would have told."""
    shares = [
        (sum(row["tolerance"].values()) + row["resolution"]) / abs(row["predicted"])
        for row in rows
        if row["verdict"] == "AGREES"
        and row["trials"]
        and isinstance(row["predicted"], (int, float))
        and row["predicted"]
    ]
    positive = [share for share in shares if share > 0]
    return f"{100 * min(positive):.2g} %" if positive else ""


def _fate(name: str, sentence: str, results: Sequence[Row]) -> Fate:
    against = [row for row in results if row["subject"] == "decoy" and row.get("decoy") == name]
    refuted = sum(row["verdict"] == "DISAGREES" for row in against)
    outcome = f"refuted at {refuted} of {len(against)}" if against else "not confronted in this run"
    return Fate(name=name, sentence=sentence, outcome=outcome)


def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("lazy_assay.checks.site", ""),
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters |= {"words": words, "e": escape, "formula": _formula, "letters": symbols, "forms": _forms}
    return made


def _formula(part: Part) -> Markup:
    """The statement; where the paper's differs both, side by side, with the difference marked."""
    both = side_by_side(part)
    if both is None:
        return Markup('<div class="formula">{}</div>').format(mathml(part) or "")
    return _pair(*both)


def _pair(right: Markup, printed: Markup) -> Markup:
    return Markup(
        '<div class="formulas"><figure><figcaption>As it holds</figcaption>{}</figure>'
        '<figure class="printed"><figcaption>As printed</figcaption>{}</figure></div>'
    ).format(right, printed)


def _forms(erratum: Erratum, part: Part) -> Markup:
    both = erratum_forms(part, erratum)
    # What stands above already is not shown twice.
    return Markup("") if both is None or both == side_by_side(part) else _pair(*both)
