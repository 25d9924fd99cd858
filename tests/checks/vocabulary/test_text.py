from __future__ import annotations

import html
import json
import re
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lazy_assay.checks.vocabulary import text

PIECES = (
    "@name",
    "#12",
    "org/repo#3",
    "GH-7",
    "http://e.org/a_b",
    "www.e.org",
    "a@b.c",
    "<b>",
    "&amp;",
    "&#64;x",
    "![x](y)",
    "[x][y]",
    "`c`",
    "*a*",
    "__b__",
    "_c_",
    "~~d~~",
    "$e$",
    "|",
    "\\",
    "# h",
    "- l",
    "1. l",
    "> q",
    "\x1b[31m",
    "\x9b31m",
    "\u202e",
    "\ud800",
    "\x00",
    "\n\n",
    "\u2028",
    "a",
    " ",
    "1",
    "-",
    "=",
    "+",
)
WORDS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=8).map("".join)
READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def rendered(source: str) -> str:
    """What a reader sees of a list entry, without the marks of the entry itself."""
    page = READER.render(f"- {source}")
    inside = re.fullmatch(r"<ul>\n<li>(.*)</li>\n</ul>\n", page, re.DOTALL)
    assert inside is not None, page
    return inside[1]


# How long a draw takes on a busy machine is no finding.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@CALM
@given(words=WORDS)
@example(words="# Heading")
@example(words="1. one")
@example(words="__b__")
@example(words="<script>alert(1)</script> @all #1 https://e.org www.e.org GH-3")
def test_markdown_shows_the_words_and_none_of_them_does_anything(words: str) -> None:
    page = rendered(text.markdown(words))
    assert not re.search(r"<(?!/?script&)", page), page
    seen = html.unescape(page)
    assert seen.replace("\u200b", "") == text.line(words)
    assert not re.search(r"@\w|#\w|GH-\d|://|www\.", seen, re.IGNORECASE)
    assert "$" not in re.sub(r"\\\$", "", text.markdown(words))


@CALM
@given(words=WORDS)
def test_a_line_is_one_line_without_control_or_bidirectional_characters(words: str) -> None:
    shown = text.line(words)
    assert "\n" not in shown
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff]", shown)
    shown.encode()


@CALM
@given(data=st.recursive(WORDS | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner)))
def test_json_text_holds_the_same_data_and_no_such_characters(data: Any) -> None:
    shown = text.json_text(json.dumps(data, ensure_ascii=False, indent=1))
    assert json.loads(shown) == data
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", shown)


def test_plain_words_letters_and_spaces_of_every_language_stay_as_they_are() -> None:
    words = "‖W‖² ≤ 1\u202f000, 5\u00a0% (theorem2_3) Müller 数学"
    assert text.visible(words) == words
    assert text.markdown("chizat2019.theorem2_3: 5 % of −1.5·10⁻³") == "chizat2019.theorem2_3: 5 % of −1.5·10⁻³"


def test_what_is_shown_in_data_is_visible_and_long_text_is_cut_with_its_length() -> None:
    assert text.shown({"a\x1b": ["\u202e", 1, {"b": "x" * 5000}]}) == {
        "a\\x1b": ["\\u202e", 1, {"b": "x" * text.LONGEST + "… (5000 characters)"}]
    }
