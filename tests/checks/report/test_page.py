from __future__ import annotations

import copy
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import lazy_assay.checks.report as checks_report
from lazy_assay.checks.report import _page

HOSTILE = "<script>alert(1)</script>"
FROM_ELSEWHERE = re.compile(r"<(script|link|img|iframe|source)\b[^>]*\b(src|href)\s*=\s*[\"']?https?:")


class Tags(HTMLParser):
    """Collects the tags that are opened, and every address they name."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.addresses: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "xlink:href", "action")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def parsed(text: str) -> Tags:
    tags = Tags()
    tags.feed(text)
    return tags


def first_line(text: str) -> str:
    found = re.search(r"<h1.*?</h1>", text, re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]+>", "", found.group()).split())


def test_the_folder_holds_page_data_and_summary(page: Path) -> None:
    assert page.name == "index.html"
    assert sorted(path.name for path in page.parent.iterdir()) == ["index.html", "results.json", "summary.md"]


def test_the_page_has_formulas_and_pictures_and_needs_nothing_from_elsewhere(page: Path) -> None:
    text = page.read_text()
    assert "<math" in text
    assert "<svg" in text
    assert not FROM_ELSEWHERE.search(text)
    tags = parsed(text)
    assert not tags.names & {"script", "link", "img", "iframe", "object"}
    assert all(address.startswith("#") for address in tags.addresses)
    assert "url(" not in text
    assert "@import" not in text


def test_the_first_line_counts_claims_and_names_what_changed_and_the_error_rates(page: Path) -> None:
    line = first_line(page.read_text())
    assert "2 of 4 claims as expected" in line
    assert "2 changed since 2026-11-21: fake2024.eq6 was confirmed, is undecided" in line
    assert "run-wide false alarm ≤ 10⁻⁶, miss ≤ 0.001 per configuration" in line
    assert line.endswith("1 undecided, 1 not run")


def test_the_first_line_of_a_quiet_run_says_that_nothing_changed(
    data: Any, history: Any, lookup: Any, tmp_path: Path
) -> None:
    data["claims"], data["run"]["exit_code"] = data["claims"][:1], 0
    line = first_line(checks_report.write(data, tmp_path, history, lookup=lookup).read_text())
    assert line.startswith("✓ 1 of 1 claim as expected · nothing changed since 2026-11-21 · ")
    assert line.endswith(" · 0 undecided")


def test_every_claim_has_a_cell_and_a_section_even_one_that_was_taken_out(page: Path, data: Any) -> None:
    text = page.read_text()
    for claim in data["claims"]:
        assert f'href="#{claim["id"]}"' in text
        assert f'id="{claim["id"]}"' in text
        assert claim["title"] in text
    assert "This checkout has no claim of that id" in text


def test_decoys_controls_errata_and_what_was_left_out_are_told_with_their_numbers(page: Path) -> None:
    text = page.read_text()
    assert "412 standard errors away" in text
    assert "fails without it at 1 of 1, as it must" in text
    assert "the printed form: refuted by simulation" in text
    assert "the data set is absent" in text
    assert "no CUDA device here" in text
    assert "assay replay" in text


def test_a_sweep_is_drawn_with_the_published_limit_and_one_marker_shape_a_route(page: Path) -> None:
    text = page.read_text()
    assert "theory limit" in text
    assert "less the prediction" in text
    assert text.count("point route-2") >= 5


def test_a_hostile_string_is_escaped_wherever_it_stands(data: Any, tmp_path: Path) -> None:
    data = poisoned(data)
    page = checks_report.write(
        data, tmp_path, {HOSTILE: [{"started": HOSTILE, "status": HOSTILE}]}, lookup=lambda id: None
    )
    for path in (page, tmp_path / "summary.md"):
        assert "<script" not in path.read_text()
    assert "&lt;script&gt;" in page.read_text()
    tags = parsed(page.read_text())
    assert "script" not in tags.names
    assert not tags.handlers


def test_a_quotation_mark_cannot_end_an_attribute(data: Any, tmp_path: Path) -> None:
    data = poisoned(data, '" onload="alert(1)')
    tags = parsed(checks_report.write(data, tmp_path, lookup=lambda id: None).read_text())
    assert not tags.handlers


def poisoned(value: Any, poison: str = HOSTILE, key: str = "") -> Any:
    closed = ("verdict", "subject", "status", "expected", "interval", "gravity", "guarantee")
    if isinstance(value, dict):
        freely_named = key in (
            "configuration",
            "figures",
            "ranges",
            "domain",
            "versions",
            "per_claim",
            "tolerance_sources",
        )
        return {poison if freely_named else name: poisoned(item, poison, name) for name, item in value.items()}
    if isinstance(value, list):
        return [poisoned(item, poison, key) for item in value]
    return poison if isinstance(value, str) and key not in closed and value not in ("nan", "inf", "-inf") else value


def test_no_half_written_file_appears_when_rendering_raises(
    data: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> str:
        raise RuntimeError("the template is broken")

    monkeypatch.setattr(_page, "render", fail)
    with pytest.raises(RuntimeError, match="broken"):
        checks_report.write(data, tmp_path / "report", lookup=lambda id: None)
    assert not (tmp_path / "report").exists()


def test_an_older_report_stays_whole_when_a_write_fails(page: Path, data: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path.name: path.read_bytes() for path in page.parent.iterdir()}

    def fail(*_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        checks_report.write(data, page.parent, lookup=lambda id: None)
    assert {path.name: path.read_bytes() for path in page.parent.iterdir()} == before


def test_the_page_is_the_same_for_the_same_data(data: Any, history: Any, lookup: Any, tmp_path: Path) -> None:
    first = checks_report.write(copy.deepcopy(data), tmp_path / "a", history, lookup=lookup)
    second = checks_report.write(
        json.loads((tmp_path / "a" / "results.json").read_text()), tmp_path / "b", history, lookup=lookup
    )
    assert first.read_bytes() == second.read_bytes()


def test_a_run_of_no_claims_still_makes_a_page(data: Any, tmp_path: Path) -> None:
    data |= {"claims": [], "results": [], "errata": []}
    line = first_line(checks_report.write(data, tmp_path, lookup=lambda id: None).read_text())
    assert line.startswith("? no claim was run")


@pytest.mark.parametrize(
    "fate, words", [("refuted", "refuted by simulation"), ("undecided", "not told apart from the right one")]
)
def test_what_became_of_a_printed_form_is_told_in_words(
    data: Any, lookup: Any, tmp_path: Path, fate: str, words: str
) -> None:
    data["errata"][0]["as_printed_verdict"] = fate
    text = checks_report.write(data, tmp_path, lookup=lookup).read_text()
    assert f"the printed form: {words}" in text


@pytest.mark.parametrize("code, sign", [(0, "✓"), (1, "✗"), (3, "?"), (4, "✗")])
def test_the_first_line_has_the_tone_of_the_exit_code(
    data: Any, lookup: Any, tmp_path: Path, code: int, sign: str
) -> None:
    data["claims"], data["run"]["exit_code"] = data["claims"][:1], code
    if code in (1, 3):
        data["claims"][0] |= {"status": "vacuous" if code == 1 else "undecided", "as_expected": False}
    assert first_line(checks_report.write(data, tmp_path, lookup=lookup).read_text()).startswith(sign)


def undecided_here(data: Any) -> Any:
    row = data["claims"][0]
    told = {"status": "undecided here", "expected": "undecided here", "as_expected": True}
    row |= told
    row["parts"] = [row["parts"][0] | told | {"name": "wide", "reason": "decided in profile full", "ours": True}]
    data["claims"], data["run"]["exit_code"] = [row], 0
    return data


def test_what_a_profile_does_not_decide_is_as_expected_and_told(
    data: Any, lookup: Any, history: Any, tmp_path: Path
) -> None:
    page = checks_report.write(undecided_here(data), tmp_path, history, lookup=lookup)
    line, text = first_line(page.read_text()), (tmp_path / "summary.md").read_text()
    assert line.startswith("✓ 1 of 1 claim as expected · nothing changed since")
    assert line.endswith("0 undecided, 1 undecided here")
    assert "fake2024.theorem1:wide: undecided here: decided in profile full" in text
    assert "Our own addition" in page.read_text()
