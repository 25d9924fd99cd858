import json
from pathlib import Path
from typing import Any

import pytest

from lazy_assay import theory
from lazy_assay.checks.site import SiteError, build
from lazy_assay.checks.site._badges import badge
from lazy_assay.checks.site._links import broken

RUN: dict[str, Any] = {"started": "2026-11-29T00:00:00", "profile": "quick"}


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    from lazy_assay.checks.site._build import gather

    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "conf.py").write_text("", encoding="utf-8")
    row = {"id": "ghorbani2019.eq17", "status": "confirmed", "parts": [], "expected": "confirmed", "reason": ""}
    gather(list(theory.claims()), {"run": RUN, "claims": [row], "results": []}, docs, tmp_path / "source")
    return tmp_path / "source"


def test_every_claim_has_a_page_at_its_id_and_a_badge(pages: Path) -> None:
    for claim in theory.claims():
        assert (pages / "claims" / f"{claim.id}.md").is_file()
        assert (pages / "_static" / "badges" / f"{claim.id}.svg").is_file()


def test_a_page_shows_what_holds_beside_what_is_printed(pages: Path) -> None:
    text = (pages / "claims" / "ghorbani2019.eq17.md").read_text(encoding="utf-8")
    assert "As it holds" in text
    assert "As printed" in text
    assert 'class="differs"' in text


def test_a_claim_that_the_run_left_out_is_not_run(pages: Path) -> None:
    assert "not run" in (pages / "claims" / "ghorbani2019.theorem2.md").read_text(encoding="utf-8")


def test_a_badge_says_its_status_in_text() -> None:
    assert "confirmed" in badge("confirmed")
    assert "&lt;b&gt;" in badge("<b>")


def test_a_run_that_is_missing_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="no stored run"):
        build([], tmp_path / "results.json", tmp_path, tmp_path / "site")


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<p id="here"><a href="b.html">b</a><a href="#here">a</a><a href="#lost">c</a>')
    assert broken(tmp_path.resolve()) == ["a.html: b.html", "a.html: #lost"]


def test_what_is_stored_in_a_run_cannot_write_markup(pages: Path) -> None:
    from lazy_assay.checks.site._atlas import words

    assert words("<script>*x*_y_") == r"\<script\>\*x\*\_y\_"
    assert json.dumps(RUN)
