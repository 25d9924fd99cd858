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
from lazy_assay.checks.report._headline import concerns
from lazy_assay.checks.vocabulary.unfinished import OVERTAKEN

THEOREM = "claims/fake2024.theorem1.html"
# What a page links to: another page or the data of this folder, or a place on a page.
OURS = re.compile(r"(\.\./)?(claims/)?[A-Za-z0-9_.]+\.(html|json|md)|#[\w.-]+")
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


def texts(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.html")}


def test_the_folder_holds_pages_data_and_summary(page: Path, data: Any) -> None:
    assert page.name == "index.html"
    names = ["claims", "coverage.html", "errata.html", "errata.json", "index.html", "power.html"]
    assert sorted(path.name for path in page.parent.iterdir()) == [*names, "results.json", "summary.md"]
    claims = sorted(f"{claim['id']}.html" for claim in data["claims"])
    assert sorted(path.name for path in (page.parent / "claims").iterdir()) == claims


def test_the_pages_need_nothing_from_elsewhere_and_link_to_what_is_there(page: Path) -> None:
    pages = texts(page.parent)
    assert "<math" in pages[THEOREM]
    assert "<svg" in pages[THEOREM]
    for name, text in pages.items():
        assert not FROM_ELSEWHERE.search(text)
        tags = parsed(text)
        assert not tags.names & {"script", "link", "img", "iframe", "object"}
        assert "@import" not in text
        for address in tags.addresses:
            assert OURS.fullmatch(address), address
            if not address.startswith("#"):
                assert (page.parent / name).parent.joinpath(address).resolve().exists(), address


def test_every_name_that_a_picture_refers_to_is_on_its_own_page_once(page: Path) -> None:
    for text in texts(page.parent).values():
        ids = re.findall(r' id="([^"]+)"', text)
        assert len(ids) == len(set(ids))
        asked = {*re.findall(r"url\(#([^)]+)\)", text), *re.findall(r'<use href="#([^"]+)"', text)}
        assert asked <= set(ids)


def test_the_first_line_counts_claims_and_names_what_changed_and_the_error_rates(page: Path) -> None:
    line = first_line(page.read_text())
    assert "3 of 4 parts that ran as expected" in line
    assert "1 changed since 2026-11-21: fake2024.eq6 was confirmed, is undecided" in line
    assert "run-wide false alarm ≤ 10⁻⁶, miss ≤ 0.001 per configuration" in line
    assert line.endswith("1 undecided, 1 of 5 parts not run")


def test_a_night_that_left_most_out_says_how_the_rest_did_and_names_what_broke(
    data: Any, history: Any, lookup: Any, tmp_path: Path
) -> None:
    gone = data["claims"][3]
    data["claims"] = [data["claims"][0], *({**gone, "id": f"gone2020.theorem{number}"} for number in range(9))]
    data["run"] |= {"exit_code": 4, "left_out": {"b": "dear"}}
    told = {"b": "dear", "c": OVERTAKEN, "d": "not run", "e": "ZeroDivisionError: division by zero"}
    data["coverage"]["skipped"] = [{"item": item, "reason": reason} for item, reason in told.items()]
    text = checks_report.write(data, tmp_path, history, lookup=lookup).read_text()
    assert first_line(text).startswith("✗ 1 item failed · 1 of 1 part that ran as expected · nothing changed")
    assert first_line(text).endswith("9 of 10 parts not run")
    looked = [(concern.tone, concern.words) for concern in concerns(data)]
    assert looked[0] == ("bad", "e failed: ZeroDivisionError: division by zero")
    assert looked[1][1].startswith("9 parts of 9 claims were not run")


def test_of_a_claim_that_was_not_run_whole_the_parts_that_ran_are_to_be_looked_at(data: Any) -> None:
    (limit, bound, effect, gone), part = data["claims"], data["claims"][3]["parts"][0]
    parts = [part | {"name": "one"}, part | {"name": "two", "status": "undecided", "reason": "1 of 7 diverged"}]
    data["claims"] = [limit, bound, effect, gone | {"parts": parts}]
    words = [concern.words for concern in concerns(data) if concern.claim == gone["id"]]
    assert words == ["two: undecided, but confirmed was expected (1 of 7 diverged)"]


def test_the_first_line_of_a_quiet_run_says_that_nothing_changed(
    data: Any, history: Any, lookup: Any, tmp_path: Path
) -> None:
    data["claims"], data["run"]["exit_code"] = data["claims"][:1], 0
    line = first_line(checks_report.write(data, tmp_path, history, lookup=lookup).read_text())
    assert line.startswith("✓ 1 of 1 claim as expected · nothing changed since 2026-11-21 · ")
    assert line.endswith(" · 0 undecided")


def test_every_claim_has_a_cell_and_a_page_even_one_that_was_taken_out(page: Path, data: Any) -> None:
    pages = texts(page.parent)
    for claim in data["claims"]:
        assert f'href="claims/{claim["id"]}.html"' in pages["index.html"]
        assert claim["title"] in pages["index.html"]
        assert claim["title"] in pages[f"claims/{claim['id']}.html"]
    assert "This checkout has no claim of that id" in pages["claims/gone2020.theorem9.html"]


def test_decoys_controls_and_errata_are_told_with_their_numbers(page: Path) -> None:
    text = texts(page.parent)[THEOREM]
    assert "412 standard errors away" in text
    assert "fails without it at 1 of 1, as it must" in text
    apart = "0.375 against the printed 0.5, 412 standard errors away, by exact oracle at d = 32"
    assert f"the printed form: refuted by simulation, {apart}" in text
    assert "assay replay" in text


@pytest.mark.parametrize(
    "words, shown",
    [
        ("‖B‖_F² at θ_j(0)", "‖B‖<sub>F</sub>² at θ<sub>j</sub>(0)"),
        ("O(m^(−1/2)) of tk^h_W", "O(m<sup>−1/2</sup>) of tk<sup>h</sup><sub>W</sub>"),
        ("2λ_pη of E_{x,y}[f^2]", "2λ<sub>p</sub>η of E<sub>x,y</sub>[f<sup>2</sup>]"),
        ("step_size by `assay run`", "step_size by <code>assay run</code>"),
        ("<b>_x", "&lt;b&gt;_x"),
    ],
)
def test_a_sentence_shows_its_mathematics_and_leaves_names_in_code_alone(words: str, shown: str) -> None:
    assert _page._prose(words) == shown


def test_a_lost_factor_two_is_answered_on_the_page_of_the_claim_and_in_the_table_of_power(page: Path) -> None:
    pages = {name: re.sub(r"<[^>]+>", "", text) for name, text in texts(page.parent).items()}
    assert "a lost factor 2: noticed at 17 of 17 settings" in pages[THEOREM]
    assert "Theorem 1" in pages["power.html"]


def power_of(folder: Path) -> Path:
    share = {"refuted": 3, "judged": 4, "interval": [0, 1]}
    part: dict[str, Any] = {"claim": "fake2024.theorem1", "part": "", "kind": "Limit", "shares": {"1 %": share}}
    part["survivors"] = [{"mistake": HOSTILE, "grade": "1 %"}]
    rows = [
        {"fault": "stream used twice", "task": "fake2024.theorem1/means", "fate": fate, "reason": fate, "seconds": 1}
        for fate in ("caught", "not seen")
    ]
    (folder / "power" / "faults").mkdir(parents=True)
    (folder / "power" / "fake2024.theorem1.json").write_text(json.dumps({"parts": [part]}), encoding="utf-8")
    (folder / "power" / "torn.json").write_text('{"parts": [', encoding="utf-8")
    (folder / "power" / "faults" / "sightings.json").write_text(json.dumps(rows), encoding="utf-8")
    return folder


def test_what_assay_power_measured_stands_on_the_page_of_power_where_a_report_holds_it(
    page: Path, data: Any, lookup: Any, tmp_path: Path
) -> None:
    checks_report.write(data, power_of(tmp_path), lookup=lookup)
    text = texts(tmp_path)["power.html"]
    assert "3 of 4" in text
    assert "Every fault is caught." in text
    assert "<td>stream used twice</td><td><code>fake2024.theorem1/means</code> caught</td>" in text
    assert "No measurement of power: torn.json." in text
    assert "<script" not in text
    assert "Faults planted" not in texts(page.parent)["power.html"]


def test_what_a_larger_profile_decides_is_told_apart_from_what_was_not_run(page: Path) -> None:
    missing, larger = texts(page.parent)["coverage.html"].split("Left to a larger profile")
    assert "no CUDA device here" in missing
    assert "None." in larger


def test_the_index_says_what_would_be_noticed_and_the_power_page_at_how_many_settings(page: Path) -> None:
    pages = texts(page.parent)
    assert "would notice an error of 0.46\u00a0%" in pages["index.html"]
    row = re.sub(r"<[^>]+>", " ", pages["power.html"]).split("Risk of the tangent model")[1]
    assert "17 of 17" in row.split("The lazy bound")[0]


def test_what_was_left_out_is_told_with_its_reason(page: Path) -> None:
    text = texts(page.parent)["coverage.html"]
    assert "the data set is absent" in text
    assert "no CUDA device here" in text
    assert "a whole number ≥ 2" in text


def test_the_errata_stand_on_a_page_and_in_a_file_with_the_command_that_shows_them(page: Path) -> None:
    text = texts(page.parent)["errata.html"]
    assert "(1−ρ)₊ in both terms" in text
    assert "412 standard errors away" in text
    (entry,) = json.loads((page.parent / "errata.json").read_text())
    assert entry["standard_errors"] == pytest.approx(412.5)
    assert entry["replay"].startswith("assay replay ")
    assert entry["title"] == "Risk of the tangent model"


def test_a_sweep_is_drawn_with_limit_printed_form_and_a_sign_a_route(page: Path) -> None:
    text = texts(page.parent)[THEOREM]
    assert "published limit" in text
    assert "as printed" in text
    assert "less the prediction" in text
    signs = re.findall(r'<span class="swatch (\w+)" aria-hidden="true">(.)</span>', text)
    assert len({sign for sign, _ in signs[:3]}) == len({letter for _, letter in signs[:3]}) == 3


def test_a_claim_with_a_strange_id_gets_a_page_inside_the_folder(data: Any, tmp_path: Path) -> None:
    strange = ["../../away", "x" * 300, "a/b.c", ".", "con\u202e", "A.b\n"]
    data["claims"] = [{**data["claims"][0], "id": id} for id in strange]
    checks_report.write(data, tmp_path / "report", lookup=lambda id: None)
    assert [path.name for path in tmp_path.iterdir()] == ["report"]
    assert len(list((tmp_path / "report" / "claims").iterdir())) == len(strange)


def test_what_the_morning_page_says_stands_on_the_index(data: Any, tmp_path: Path) -> None:
    page = checks_report.write(data, tmp_path, lookup=lambda id: None, changes="<p>two moved</p>")
    assert '<h2 id="changed">What changed</h2>\n<p>two moved</p>' in page.read_text()


def test_a_hostile_string_is_escaped_wherever_it_stands(data: Any, tmp_path: Path) -> None:
    data = poisoned(data)
    page = checks_report.write(
        data, tmp_path, {HOSTILE: [{"started": HOSTILE, "status": HOSTILE}]}, lookup=lambda id: None
    )
    assert "<script" not in (tmp_path / "summary.md").read_text()
    assert "&lt;script&gt;" in page.read_text()
    for text in texts(tmp_path).values():
        assert "<script" not in text
        tags = parsed(text)
        assert "script" not in tags.names
        assert not tags.handlers


def test_a_quotation_mark_cannot_end_an_attribute(data: Any, tmp_path: Path) -> None:
    data = poisoned(data, '" onload="alert(1)')
    checks_report.write(data, tmp_path, lookup=lambda id: None)
    assert not [handler for text in texts(tmp_path).values() for handler in parsed(text).handlers]


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


def test_an_older_report_stays_whole_when_a_write_fails(
    data: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = checks_report.write(data, tmp_path, lookup=lambda id: None)
    before = {path: path.read_bytes() for path in page.parent.rglob("*.*")}

    def fail(*_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        checks_report.write(data, page.parent, lookup=lambda id: None)
    assert {path: path.read_bytes() for path in page.parent.rglob("*.*")} == before


def test_the_page_is_the_same_for_the_same_data(data: Any, history: Any, lookup: Any, tmp_path: Path) -> None:
    first = checks_report.write(copy.deepcopy(data), tmp_path / "a", history, lookup=lookup)
    second = checks_report.write(
        json.loads((tmp_path / "a" / "results.json").read_text()), tmp_path / "b", history, lookup=lookup
    )
    assert texts(first.parent) == texts(second.parent)


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
    checks_report.write(data, tmp_path, lookup=lookup)
    assert f"the printed form: {words}" in texts(tmp_path)["errata.html"]


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
    assert "Our own addition" in texts(tmp_path)[THEOREM]
    assert "decided in profile full" in texts(tmp_path)["coverage.html"]
