from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from matplotlib.font_manager import findfont

import lazy_assay.checks.report as checks_report
from lazy_assay.checks.engine import replay
from lazy_assay.checks.engine.order import UsageError
from lazy_assay.checks.ledger import Ledger
from lazy_assay.checks.vocabulary.result import from_json

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# What a page of ours is made of; anything else came out of the data.
TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "nav", "footer", "section", "div",
    "span", "p", "a", "h1", "h2", "h3", "h4", "small", "strong", "code", "br", "ul", "ol", "li", "dl", "dt",
    "dd", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "figure", "figcaption", "svg",
    "sub", "sup",
    "desc", "g", "line", "rect", "circle", "polygon", "polyline", "text", "math", "mrow", "mi", "mn", "mo",
    "mtext", "mspace", "msub", "msup", "msubsup", "mfrac", "msqrt", "mroot", "mover", "munder", "munderover",
    "mtable", "mtr", "mtd", "mfenced", "mstyle", "fieldset", "legend", "label", "input", "article", "path", "use",
    "defs", "clippath",
}  # fmt: skip
OURS = re.compile(r"(\.\./)?(claims/)?[A-Za-z0-9_.]+\.(html|json|md)|#[\w.-]+")
HARMFUL = ("<pwn", "<script", 'onpwn="', "1337", "\x1b", "\u202e", "\x00")
WHOLE = {f"{name}.html" for name in ("index", "errata", "power", "coverage")}
WHOLE |= {"claims", "results.json", "errata.json", "summary.md"}
ENTRIES = ("results", "claims", "errata")


@pytest.fixture(scope="module", autouse=True)
def fonts() -> str:
    # Matplotlib keeps a list of the machine's fonts for itself, which its first use writes.
    return findfont("DejaVu Sans")


class Page(HTMLParser):
    """What of a page is none of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.strange: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.strange += [] if tag in TAGS else [tag]
        self.strange += [name for name, _ in attributes if name.startswith("on") or name in ("src", "action", "srcset")]
        self.strange += [str(value) for name, value in attributes if name == "href" and not OURS.fullmatch(str(value))]


def stranger(page: str) -> list[str]:
    reader = Page()
    reader.feed(page)
    return reader.strange + [word for word in HARMFUL if word in page]


@pytest.mark.parametrize("page", ["<p><pwn></p>", "<p onclick='a()'>", "<a href='javascript:a()'>", "<p>{1337}</p>"])
def test_a_stranger_in_a_page_is_seen(page: str) -> None:
    assert stranger(page)


@pytest.fixture
def rotten(stored: dict[str, Any], change: Callable[..., Any], rng: random.Random) -> dict[str, Any]:
    """A run's data with half of its entries mutated, as strict JSON has them."""
    for name in ENTRIES:
        stored[name] = [change(entry, rng) if rng.random() < 0.5 else entry for entry in stored[name]]
    stored["coverage"]["per_claim"] = {
        id: change(entry, rng) if rng.random() < 0.5 else entry for id, entry in stored["coverage"]["per_claim"].items()
    }
    whole: dict[str, Any] = checks_report.strict(stored)
    return whole


def test_a_report_of_mutated_entries_names_what_it_leaves_out_and_escapes_the_rest(
    rotten: dict[str, Any], rng: random.Random, harmless: Callable[..., Any], tmp_path: Path
) -> None:
    # A claim's statement is ours; what one of these strings names is none.
    lookup: Any = {} if rng.random() < 0.2 else {"lookup": lambda id: None}
    history = {"ghorbani2019.eq13": [{"status": "<pwn>", "started": "<pwn>"}]}
    with harmless():
        whole, left_out = checks_report.readable(rotten)
        checks_report.write(whole, tmp_path / "report", history, **lookup)
    assert all(told.isprintable() and len(told) < 450 for told in left_out)
    assert sum(len(rotten[name]) - len(whole[name]) for name in ENTRIES) <= len(left_out)
    assert {path.name for path in (tmp_path / "report").iterdir()} == WHOLE
    for page in (tmp_path / "report").rglob("*.html"):
        assert not stranger(page.read_text(encoding="utf-8"))
    shown = READER.render((tmp_path / "report" / "summary.md").read_text(encoding="utf-8"))
    assert not re.search(r"<(?!/?(?:p|ul|li|h\d|table|thead|tbody|tr|th|td|strong)\b)", shown)
    assert not re.search(r"[@#]\w|://|www\.", shown)
    checks_report.validate(json.loads((tmp_path / "report" / "results.json").read_text(encoding="utf-8")))


def test_what_the_schema_does_not_ask_for_may_be_absent(stored: dict[str, Any], tmp_path: Path) -> None:
    schema = json.loads(checks_report._schema.SCHEMA.read_text(encoding="utf-8"))["$defs"]
    for name, definition in (("results", "result"), ("claims", "claim"), ("errata", "erratum")):
        stored[name] = [{key: entry[key] for key in schema[definition]["required"]} for entry in stored[name]]
    for claim in stored["claims"]:
        claim["parts"] = [{key: part[key] for key in schema["part"]["required"]} for part in claim["parts"]]
    stored["run"] = {key: stored["run"][key] for key in schema["run"]["required"]}
    checks_report.write(stored, tmp_path / "report")


def test_a_replay_of_mutated_results_finds_a_whole_one_or_says_in_one_line_why_not(
    rng: random.Random,
    mutate: Callable[..., bytes],
    stored: dict[str, Any],
    harmless: Callable[..., Any],
    tmp_path: Path,
) -> None:
    asked = stored["results"][0]["id"]
    for _ in range(5):
        (tmp_path / "results.json").write_bytes(mutate({**stored, "results": stored["results"][:3]}, rng))
        try:
            with harmless():
                row = replay.find(asked, tmp_path, Ledger("sqlite:///none.sqlite"))
        except UsageError:
            continue
        assert row["id"] == asked
        assert replay.differing(row, row) == []
        from_json(row)
