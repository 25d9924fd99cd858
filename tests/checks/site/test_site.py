import json
from pathlib import Path
from typing import Any

import pytest

from lazy_assay import theory
from lazy_assay.checks.site import SiteError, build
from lazy_assay.checks.site._badges import badge
from lazy_assay.checks.site._links import broken
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict, to_json

RUN: dict[str, Any] = {"started": "2026-11-29T00:00:00", "profile": "quick"}


def results() -> list[dict[str, Any]]:
    given: dict[str, Any] = {
        "claim": "ghorbani2019.eq17",
        "part": "RF",
        "check": "means",
        "route": "<exact>",
        "trials": 9,
        "resolution": 0.01,
    }
    at: dict[str, Any] = {
        "d": 48,
        "Delta": "levels:5",
        "Sigma": "unit",
        "Gamma": "isotropic",
        "activation": "quadratic",
    }
    near = [(24, 0.7273), (48, 0.6377), (96, 0.5672)]
    found = [
        Result(**given, subject=Subject.CLAIM, verdict=Verdict.AGREES, configuration={**at, "N": n}, predicted=value,
               estimate=value, interval=(value - 0.01, value + 0.01), method="betting", stage="search")
        for n, value in near
    ]  # fmt: skip
    return [to_json(result) for result in found]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from lazy_assay.checks.site._build import gather

    tmp_path = tmp_path_factory.mktemp("site")
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "conf.py").write_text("", encoding="utf-8")
    row: dict[str, Any] = {
        "id": "ghorbani2019.eq17",
        "status": "confirmed",
        "parts": [],
        "expected": "confirmed",
        "reason": "",
    }
    part: dict[str, Any] = {
        "name": "RF",
        "kind": "Identity",
        "status": "confirmed",
        "expected": "confirmed",
        "as_expected": True,
    }
    row |= {
        "kind": "Identity",
        "date": "",
        "as_expected": True,
        "source": "",
        "parts": [{**part, "reason": "", "date": ""}],
    }
    run = {"run": RUN, "claims": [row], "results": results(), "errata": [], "coverage": {"per_claim": {}}}
    gather(list(theory.claims()), run, docs, tmp_path / "source")
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


def test_a_page_has_the_pictures_of_the_stored_run(pages: Path) -> None:
    text = (pages / "claims" / "ghorbani2019.eq17.md").read_text(encoding="utf-8")
    assert '<svg viewBox="0 0 420' in text
    assert "as printed" in text
    assert "A lost factor 2 is noticed at 3 of 3 settings" in text
    assert "&lt;exact&gt;" in text
    assert "<exact>" not in text
    assert "<svg" not in (pages / "claims" / "ghorbani2019.theorem2.md").read_text(encoding="utf-8")


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
