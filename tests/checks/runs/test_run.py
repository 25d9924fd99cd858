from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import lazy_assay.checks.report as checks_report
from lazy_assay.checks.engine.registry import tasks
from lazy_assay.checks.executors import run as _run
from lazy_assay.checks.vocabulary.check import Expected
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.result import Verdict

IDENTITY, SWEEP = "ghorbani2019.eq13", "ghorbani2019.closure"


def test_a_run_that_finds_what_is_expected_exits_0(undisturbed: Any) -> None:
    assert undisturbed.outcome.code == 0
    assert "exit 0: every status is as expected" in undisturbed.outcome.err


def test_the_only_line_on_stdout_is_the_path_of_the_page(undisturbed: Any) -> None:
    assert undisturbed.outcome.out == f"{undisturbed.folder / 'index.html'}\n"


def test_a_run_writes_the_whole_report_and_leaves_nothing_else(undisturbed: Any) -> None:
    names = {path.name for path in undisturbed.folder.iterdir()}
    pages = {"index.html", "errata.html", "power.html", "coverage.html"}
    wanted = pages | {"results.json", "summary.md", "junit.xml", "run.json", "results.jsonl"}
    assert names == wanted | {"draws", ".seconds", "claims", "errata.json"}
    claims = {path.stem for path in (undisturbed.folder / "claims").iterdir()}
    assert claims == {claim["id"] for claim in undisturbed.data["claims"]}
    assert all((undisturbed.folder / name).stat().st_size > 100 for name in wanted)


def test_results_are_strict_json_of_the_published_schema(undisturbed: Any) -> None:
    checks_report.validate(undisturbed.data)
    assert undisturbed.data["results"]


def test_every_result_of_a_run_has_an_id_of_its_own(undisturbed: Any) -> None:
    ids = [row["id"] for row in undisturbed.data["results"]]
    assert len(set(ids)) == len(ids)


def test_coverage_counts_every_item(undisturbed: Any) -> None:
    planned = [task.id for claim in undisturbed.data["claims"] for task in tasks(claim["id"])]
    coverage = undisturbed.data["coverage"]
    assert (coverage["planned"], coverage["executed"], coverage["skipped"]) == (len(planned), len(planned), [])
    assert sorted(undisturbed.items) == sorted(planned)


def test_the_log_holds_what_the_report_holds(undisturbed: Any) -> None:
    lines = (undisturbed.folder / "results.jsonl").read_text(encoding="utf-8").splitlines()
    logged = {row["id"]: row for line in lines for row in json.loads(line).get("results", ())}
    assert logged == {row["id"]: row for row in undisturbed.data["results"]}


def test_the_junit_file_lists_every_item_and_carries_no_result(undisturbed: Any) -> None:
    text = (undisturbed.folder / "junit.xml").read_text(encoding="utf-8")
    cases = list(ET.fromstring(text).iter("testcase"))
    assert len(cases) == undisturbed.data["coverage"]["planned"]
    assert not list(ET.fromstring(text).iter("property"))
    assert undisturbed.data["results"][0]["id"] not in text


def test_the_run_says_what_it_ran_with(undisturbed: Any) -> None:
    head, stored = undisturbed.data["run"], json.loads((undisturbed.folder / "run.json").read_text())
    assert head.items() >= stored.items()
    assert (head["profile"], head["entropy"], head["device"], head["threads"]) == ("quick", 0, "cpu", 1)
    assert {"torch", "numpy", "sympy", "hypothesis", "python"} <= set(head["versions"])


def test_progress_names_every_item_once_where_it_is_asked_to(run: Callable[..., Any]) -> None:
    finished = run(IDENTITY, "-n", "0", "-v")
    lines = finished.outcome.err.splitlines()
    assert all(sum(item in line for line in lines) == 1 for item in finished.items)


def test_an_item_that_is_as_expected_is_no_line(undisturbed: Any) -> None:
    assert not any(f"  {item}  " in line for line in undisturbed.outcome.err.splitlines() for item in undisturbed.items)


def test_json_prints_the_results_and_nothing_else(run: Callable[..., Any]) -> None:
    finished = run(IDENTITY, "-n", "0", "--json")
    assert finished.outcome.code == 0
    assert finished.outcome.data == finished.data
    assert not finished.outcome.err


def test_a_claim_that_is_named_twice_runs_once(run: Callable[..., Any]) -> None:
    finished = run(IDENTITY, IDENTITY, "-n", "0")
    assert len(finished.items) == len(tasks(IDENTITY))
    assert [row["id"] for row in finished.data["claims"]] == [IDENTITY]


def test_another_entropy_gives_other_configurations(run: Callable[..., Any], undisturbed: Any) -> None:
    finished = run(IDENTITY, "-n", "0", "--entropy", "5")
    before = [row for row in undisturbed.data["results"] if row["claim"] == IDENTITY]
    assert finished.data["run"]["entropy"] == 5
    assert not {row["id"] for row in finished.data["results"]} & {row["id"] for row in before}
    assert finished.outcome.code == 0


def test_options_of_the_users_own_pytest_have_no_say(run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing_at_all")
    Path("pytest.ini").write_text("[pytest]\naddopts = --nonsense\n")
    Path("conftest.py").write_text("raise SystemExit(9)\n")
    assert run(IDENTITY, "-n", "0").outcome.code == 0


def test_a_new_run_in_the_same_folder_replaces_the_finished_one(run: Callable[..., Any]) -> None:
    run(IDENTITY, "-n", "0")
    finished = run(SWEEP, "-n", "0")
    assert [row["id"] for row in finished.data["claims"]] == [SWEEP]
    assert not list(finished.folder.glob("results-*.jsonl"))


# -- exit codes --------------------------------------------------------------------------------------------------------


def test_a_refuted_claim_exits_1_and_says_why(run: Callable[..., Any], verdicts: Callable[..., None]) -> None:
    verdicts(eq13=Verdict.DISAGREES)
    finished = run(IDENTITY, "-n", "0")
    assert finished.outcome.code == 1
    assert finished.data["claims"][0]["status"] == "refuted"
    assert f"[{IDENTITY}] judged DISAGREES" in finished.outcome.err
    assert "exit 1: a status differs from its expectation" in finished.outcome.err
    assert "Traceback" not in finished.outcome.err


def test_a_claim_that_holds_though_it_was_expected_to_fail_exits_1(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from lazy_assay.checks.ghorbani2019 import closure

    doomed = Expected(status="refuted", reason="to see", date="2026-01-01")
    expected = {**closure.CHECK.expected, "general_model": doomed}
    monkeypatch.setattr(closure, "CHECK", replace(closure.CHECK, expected=expected))
    finished = run(SWEEP, "-n", "0")
    assert finished.outcome.code == 1
    assert [part["as_expected"] for part in finished.data["claims"][0]["parts"]] == [True, False]


def test_an_undecided_claim_exits_3(run: Callable[..., Any], verdicts: Callable[..., None]) -> None:
    verdicts(eq13=Verdict.UNDECIDED)
    finished = run(IDENTITY, "-n", "0")
    assert finished.outcome.code == 3
    assert finished.data["claims"][0]["status"] == "undecided"


def test_a_check_that_runs_out_of_time_is_undecided_and_says_so(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PROFILES, "quick", replace(PROFILES["quick"], guard=-1.0))
    finished = run(SWEEP, "-n", "0")
    assert finished.outcome.code == 3
    # What algebra alone says costs nothing and is not stopped.
    assert {row["verdict"] for row in finished.data["results"] if row["check"] != "chain"} == {"UNDECIDED"}


def test_a_check_that_breaks_exits_4_and_is_listed(run: Callable[..., Any], verdicts: Callable[..., None]) -> None:
    verdicts(eq13=ZeroDivisionError("divided by nought"))
    finished = run(IDENTITY, "-n", "0")
    assert finished.outcome.code == 4
    why = "ZeroDivisionError: divided by nought"
    assert f"{tasks(IDENTITY)[0].id}: {why}" in finished.outcome.err.splitlines()
    assert finished.data["coverage"]["skipped"] == [{"item": task.id, "reason": why} for task in tasks(IDENTITY)]
    assert finished.data["claims"][0]["status"] == "not run"


def test_a_machine_that_fails_outranks_a_claim_that_does(
    run: Callable[..., Any], verdicts: Callable[..., None]
) -> None:
    verdicts(eq13=Verdict.DISAGREES, closure=ZeroDivisionError("divided by nought"))
    finished = run(IDENTITY, SWEEP, "-n", "0")
    assert finished.outcome.code == 4
    assert {row["id"]: row["status"] for row in finished.data["claims"]} == {IDENTITY: "refuted", SWEEP: "not run"}


def test_a_claim_that_fails_outranks_one_that_is_undecided(
    run: Callable[..., Any], verdicts: Callable[..., None]
) -> None:
    verdicts(eq13=Verdict.DISAGREES, closure=Verdict.UNDECIDED)
    finished = run(IDENTITY, SWEEP, "-n", "0")
    assert finished.outcome.code == 1
    assert {row["id"]: row["status"] for row in finished.data["claims"]} == {IDENTITY: "refuted", SWEEP: "undecided"}


def test_a_usage_error_outranks_everything(run: Callable[..., Any], verdicts: Callable[..., None]) -> None:
    verdicts(eq13=ZeroDivisionError("never reached"))
    finished = run(IDENTITY, "-n", "0", "--device", "cuda:77")
    assert finished.outcome.is_one_line()
    assert not finished.folder.exists()


@pytest.mark.parametrize(
    "codes, worst", [((0, 3), 3), ((3, 1), 1), ((1, 4), 4), ((4, 2), 2), ((0, 0), 0), ((0, 3, 1, 4, 2), 2)]
)
def test_the_worst_of_several_exit_codes_wins(codes: tuple[int, ...], worst: int) -> None:
    assert _run.worse(*codes) == worst
    assert _run.worse(*reversed(codes)) == worst


@pytest.mark.parametrize(
    "statuses, last",
    [
        (["reverse", "undecided here"], "reverse"),
        (["undecided here", "reverse", "reproduced"], "reproduced"),
        (["undecided here", "undecided here"], "undecided here"),
        (["undecided"], "undecided"),
    ],
)
def test_a_claim_is_compared_with_the_last_run_whose_profile_decided_it(statuses: list[str], last: str) -> None:
    assert _run.last_decided([{"status": status} for status in statuses]) == last
