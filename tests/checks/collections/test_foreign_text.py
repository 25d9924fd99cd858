from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

# Half a character, what no terminal and no XML may have, and markup.
RUDE = "\ud800 \x00\x1b[31m \ufffe \u202e <pwn a='1'> ]]> & @pwn"
SHOWN = r"\ud800 \x00\x1b[31m \ufffe \u202e <pwn a='1'> ]]> & @pwn"
CHECK = """
from dataclasses import dataclass
from lazy_assay.checks import Check, Result, Subject, Verdict
from lazy_assay.checks.vocabulary.check import Task
from ...theory.mine2026.square import CLAIM
RUDE = {rude!r}

@dataclass(frozen=True, kw_only=True)
class Rude:
    part: str = ""

    def validate(self, claim):
        pass

    def tasks(self, claim):
        runs = {{"says <b>": self.says, "disagrees": self.disagrees, "raises": self.raises, "breaks": self.breaks}}
        return [Task(claim=claim, part=claim.part(""), name=name, run=run) for name, run in runs.items()]

    def says(self, context, verdict=Verdict.AGREES):
        return [Result(claim=context.claim.id, part="", check=RUDE, subject=Subject.CLAIM, configuration={{RUDE: RUDE}},
            route=RUDE, verdict=verdict, message=RUDE, profile=context.profile.name, entropy=context.entropy)]

    def disagrees(self, context):
        return self.says(context, Verdict.DISAGREES)

    def raises(self, context):
        raise ZeroDivisionError(RUDE)

    def breaks(self, context):
        raise OSError(5, RUDE, RUDE)

CHECK = Check(claim=CLAIM, procedures=(Rude(),))
"""


@pytest.mark.parametrize("workers", ["0", "1"])
def test_whatever_text_a_check_hands_over_is_kept_and_shown_and_takes_no_other_item_with_it(
    collection: Callable[..., Path], assay: Callable[..., Any], square: str, workers: str
) -> None:
    folder = collection("rude", theory__mine2026__square=square, checks__mine2026__square=CHECK.format(rude=RUDE))
    outcome = assay("run", "--collection", folder, "-n", workers, "--device", "cpu")
    assert outcome.code == 4, outcome.err
    lines = outcome.err.splitlines()
    assert all(line.isprintable() for line in lines)
    assert rf"mine2026.square/raises: ZeroDivisionError: {SHOWN}" in lines
    report = Path("assay-report")
    data = json.loads((report / "results.json").read_text(encoding="utf-8"))
    assert {row["item"] for row in data["coverage"]["skipped"]} == {"mine2026.square/raises", "mine2026.square/breaks"}
    said = [row for row in data["results"] if row["message"] == RUDE]
    assert sorted((row["route"], row["configuration"], row["verdict"]) for row in said) == [
        (RUDE, {RUDE: RUDE}, "AGREES"), (RUDE, {RUDE: RUDE}, "DISAGREES")
    ]  # fmt: skip
    for name in ("index.html", "summary.md"):
        text = (report / name).read_text(encoding="utf-8")
        assert not [word for word in ("<pwn", "\x00", "\x1b", "\u202e", "\ufffe") if word in text]
    suite = ET.parse(report / "junit.xml").getroot()
    assert {tag.tag for tag in suite.iter()} == {"testsuites", "testsuite", "testcase", "failure"}
    cases = {str(case.get("name")): case for case in suite.iter("testcase")}
    assert set(cases) == {"statement", "derivation", "says <b>", "disagrees", "raises", "breaks"}
    assert r"<pwn a='1'> ]]> &" in str(cases["raises"].findtext("failure"))
    assert "mine2026/square.py" in str(cases["raises"].findtext("failure"))


@pytest.mark.parametrize("name", ["", "two\\nlines", "\\x1b[31m", "\\ud800"])
def test_a_task_by_a_name_that_no_line_can_show_is_not_run(
    collection: Callable[..., Path], assay: Callable[..., Any], square: str, name: str
) -> None:
    check = CHECK.format(rude="").replace("says <b>", name)
    folder = collection("rude", theory__mine2026__square=square, checks__mine2026__square=check)
    outcome = assay("run", "--collection", folder, "-n", "0", "--device", "cpu")
    assert outcome.code == 3
    assert "is no name; it is shown, on one line" in outcome.err
    assert outcome.err.isprintable() or "\n" in outcome.err


def test_a_part_by_a_name_that_is_none_is_refused_in_one_line(
    collection: Callable[..., Path], assay: Callable[..., Any], square: str
) -> None:
    folder = collection("rude", theory__mine2026__square=square.replace("Identity(", 'Identity(name="a/b\\n",'))
    outcome = assay("list", "--collection", folder)
    assert "parts: 'a/b\\n' is no name of letters, digits and _" in outcome.err
    assert len(outcome.err.splitlines()) == 1
