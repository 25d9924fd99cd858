"""Sources are gathered in one folder, Sphinx makes pages of them, and every link within the site is followed."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from lazy_assay.checks.report import InvalidDataError, sections, strict, validate
from lazy_assay.checks.site import _atlas, _badges, _links
from lazy_assay.checks.vocabulary.text import line, shown
from lazy_assay.theory import Claim

CONFIGURATION = "conf.py"
SHOWN = 5


class SiteError(ValueError):
    """The site cannot be built; the message says, in one line, why."""


def build(
    claims: Iterable[Claim], results: Path, docs: Path, site: Path, *, sphinx: Callable[..., int] | None = None
) -> Path:
    """Build the site of `claims` into the folder `site` and return its index.html.

    results: a stored run's results.json. docs: the folder of written pages, with Sphinx's conf.py.
    sphinx: what makes pages, called with Sphinx's arguments; for tests. Raises SiteError.
    """
    run = _run(results)
    if not (docs / CONFIGURATION).is_file():
        raise SiteError(f"{docs}: no {CONFIGURATION} there; --docs names the folder of the written pages")
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "source"
        gather(list(claims), run, docs, source)
        code = (sphinx or _sphinx())(["-q", "-W", "--keep-going", "-b", "html", str(source), str(site)])
    if code:
        raise SiteError(f"Sphinx found faults (its exit code {code}); they are named above")
    if lost := _links.broken(site.resolve()):
        more = f" and {len(lost) - SHOWN} more" if len(lost) > SHOWN else ""
        raise SiteError(f"links that lead nowhere: {', '.join(lost[:SHOWN])}{more}")
    return site / "index.html"


def gather(claims: list[Claim], run: Mapping[str, Any], docs: Path, source: Path) -> None:
    """Write all that Sphinx reads into the folder `source`."""
    shutil.copytree(docs, source)
    folder, badges = source / "claims", source / "_static" / "badges"
    folder.mkdir(parents=True, exist_ok=True)
    badges.mkdir(parents=True, exist_ok=True)
    statuses = {row["id"]: row["status"] for row in run["claims"]}
    (folder / "index.md").write_text(_atlas.index(claims, run), encoding="utf-8")
    found = {section.row["id"]: section for section in sections(shown(run), {}, {it.id: it for it in claims}.get)}
    for claim in claims:
        text = _atlas.page(claim, found.get(claim.id), run["run"])
        (folder / f"{claim.id}.md").write_text(text, encoding="utf-8")
        status = statuses.get(claim.id, _atlas.NOT_RUN)
        (badges / f"{claim.id}.svg").write_text(_badges.badge(status), encoding="utf-8")


def _run(results: Path) -> dict[str, Any]:
    try:
        data = strict(json.loads(results.read_text(encoding="utf-8")))
        validate(data)
    except (OSError, ValueError, InvalidDataError) as problem:
        raise SiteError(line(f"{results}: no stored run ({problem}); `assay run` writes one")) from None
    return dict(data)


def _sphinx() -> Callable[..., int]:
    try:
        from sphinx.cmd.build import build_main
    except ModuleNotFoundError:
        raise SiteError("the site wants Sphinx: pip install 'lazy-assay[docs]'") from None
    told: Callable[..., int] = build_main
    return told
