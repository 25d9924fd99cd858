from __future__ import annotations

import json
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lazy_assay.checks.cli.main import run_command
from lazy_assay.checks.ledger import Ledger, LedgerError
from lazy_assay.checks.ledger.evidence.morning import as_data, morning
from lazy_assay.checks.report import morning as page
from lazy_assay.checks.report.morning._rows import parts
from lazy_assay.checks.statistics.signs import kept_signs
from lazy_assay.checks.vocabulary.unfinished import OVERTAKEN

Night = Callable[..., dict[str, Any]]


def test_the_morning_counts_what_became_of_each_claim_on_each_device(story: Ledger) -> None:
    told = morning(story)
    wanted = {"worse": 1, "new": 1, "mended": 0, "stabilised": 0, "not run": 1, "unchanged": 2}
    assert told.counts == wanted
    assert [run.run for run in told.runs] == ["nightly13cpu", "nightly13cuda-1"]
    assert told.bad
    assert told.stretches == 12
    assert told.verdicts == {"AGREES": 12}


def test_a_bias_is_told_with_its_range_and_the_canary_that_moved_with_it(story: Ledger) -> None:
    told = as_data(morning(story))
    (found,) = told["found"]
    assert (found["claim"], found["device"], found["exact"]) == ("coin2026.theorem0", "cpu", True)
    assert (found["error"], found["from_the_start"], found["tonight"]) == (0.1, False, False)
    assert [move["run"] for move in found["moved"]] == ["quick8cpu"]
    json.dumps(told)


def test_seeds_beyond_what_is_allowed_are_told_as_shares_and_exact(
    ledger: Ledger, nightly: Night, tmp_path: Path
) -> None:
    for number in range(8):
        seeds = np.random.default_rng(number).random(100) + 0.3
        figures = kept_signs(seeds, 0.0, 0.5, "below", Fraction(1, 2))
        ledger.record(nightly(number, 1, figures=figures, predicted=-2.0, method="median"))
    (found,) = morning(ledger).found
    assert (found.signs, found.exact, found.bias) == (True, True, 0.0)
    # Eight seeds in ten are beyond, where five may be.
    assert np.mean(found.change.offs) == pytest.approx(0.3, abs=0.05)
    told = page.write(morning(ledger), tmp_path).read_text(encoding="utf-8")
    assert "share of seeds beyond what is allowed, minus the share that may be" in told


def test_the_morning_of_an_earlier_night_knows_nothing_of_later_ones(story: Ledger) -> None:
    told = morning(story, run="nightly8cpu")
    assert told.found == ()
    assert len(told.moved) == 8
    assert told.counts["worse"] == 0
    assert not told.bad


def test_there_is_no_morning_without_a_night(ledger: Ledger, story: Ledger) -> None:
    with pytest.raises(LedgerError, match="no run yet"):
        morning(ledger)
    with pytest.raises(LedgerError, match="no run whose id begins with 'zz'"):
        morning(story, run="zz")
    with pytest.raises(LedgerError, match="begins with 'nightly1'"):
        morning(story, run="nightly1")


def test_the_last_cell_of_a_part_that_did_not_run_tonight_says_so(story: Ledger) -> None:
    (row,) = [row for row in parts(morning(story), ran=False) if row["part"] == "coin2026.theorem2"]
    assert row["nights"][-2:] == ("confirmed", "not run")
    assert row["since"] == "2026-01-14"


def test_the_page_escapes_what_the_ledger_holds(ledger: Ledger, nightly: Night) -> None:
    for number in range(2):
        data = nightly(number, 1, claims={"<script>alert(1)</script>": "refuted"}, commit="<b>&")
        data["run"]["device"] = "cpu"
        ledger.record(data)
    written = page.render(morning(ledger))
    assert "<script" not in written
    assert "&lt;script&gt;" in written
    assert re.search(r"<b>", written) is None


def test_the_command_writes_the_page_and_says_the_first_line(
    story: Ledger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["morning", "--ledger", story.url, "--out", str(tmp_path)]) == 1
    first, *rest = capsys.readouterr().out.splitlines()
    assert first.startswith(
        "✗ 1 worse · 1 new · 1 not run · 2 unchanged · 1 not as expected · a bias was found in 1 comparison"
    )
    assert any(line.startswith("bias: coin2026.theorem0: limit, mean, tosses, d = 3, on cpu") for line in rest)
    assert (tmp_path / "morning.html").is_file()
    assert run_command(["morning", "--ledger", story.url, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["counts"]["worse"] == 1


def test_the_command_compares_runs_of_the_ledger_and_of_folders(
    story: Ledger, tmp_path: Path, nightly: Night, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "results.json").write_text(json.dumps(nightly(0)), encoding="utf-8")
    assert run_command(["compare", "quick7cpu", "quick8", "--ledger", story.url]) == 1
    assert "8 differences, 8 comparisons shared, the same draws" in capsys.readouterr().out
    assert run_command(["compare", str(tmp_path), "nightly3", "--ledger", story.url, "--json"]) == 1
    assert [it["what"] for it in json.loads(capsys.readouterr().out)["differences"]] == ["coin2026.theorem2"]
    assert run_command(["compare", "nothing", "nightly3", "--ledger", story.url]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_an_item_that_broke_is_told_first_and_what_was_left_out_is_not(
    ledger: Ledger, nightly: Night, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"coin2026.theorem{number}" for number in range(9)]
    data = nightly(0, 1, claims=dict.fromkeys(names, "not run"))
    skipped = {"a": "the budget left it out", "b": OVERTAKEN, "c": "ValueError: <no>"}
    data["run"]["left_out"] = {"a": "the budget left it out"}
    data["coverage"] = {"skipped": [{"item": item, "reason": reason} for item, reason in skipped.items()]}
    ledger.record(data)
    assert run_command(["morning", "--ledger", ledger.url, "--out", str(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("✗ 1 item failed · nothing is worse")
    assert lines[1] == "✗ c failed: ValueError: <no>"
    assert lines[-2] == "– 9 parts not run tonight, 9 of them never yet; the page names them"
    assert "ValueError: &lt;no&gt;" in (tmp_path / "morning.html").read_text()
