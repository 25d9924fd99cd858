from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from lazy_assay.checks.engine.registry import check
from lazy_assay.checks.executors import progress
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.checks.vocabulary.status import expectation

CONFIRMED, REVERSE = "ghorbani2019.eq13", "kawaguchi2021.figure2"


def result(claim: str, part: str, verdict: Verdict, subject: Subject = Subject.CLAIM) -> Result:
    return Result(
        claim=claim, part=part, check="c", subject=subject, configuration={}, route="r", verdict=verdict, profile="full"
    )


def heard(
    capsys: pytest.CaptureFixture[str], *results: Result, outcome: str = "passed", verbose: bool = False
) -> list[str]:
    listener = progress.Listener(9, 0, verbose=verbose)
    item = f"{CONFIRMED}:part/check"
    listener.recorder = SimpleNamespace(finished={item: list(results)}, late={})  # type: ignore[assignment]
    listener.pytest_runtest_logreport(SimpleNamespace(when="call", outcome=outcome, nodeid=item, duration=0.1))
    return capsys.readouterr().err.splitlines()


@pytest.fixture(autouse=True)
def items(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "item_id", lambda nodeid: nodeid)


def test_an_item_that_agrees_is_no_line_unless_it_is_asked_for(capsys: Any) -> None:
    agrees = result(CONFIRMED, "RF", Verdict.AGREES)
    refuted_decoy = result(CONFIRMED, "RF", Verdict.DISAGREES, Subject.DECOY)
    assert heard(capsys, agrees, refuted_decoy) == []
    (line,) = heard(capsys, agrees, verbose=True)
    assert "1 AGREES" in line


@pytest.mark.parametrize("verdict", [Verdict.DISAGREES, Verdict.UNDECIDED, Verdict.DIVERGED, Verdict.NOT_RUN])
def test_a_surprise_is_a_line_at_once(capsys: Any, verdict: Verdict) -> None:
    (line,) = heard(capsys, result(CONFIRMED, "RF", verdict))
    assert f"1 {verdict}" in line


def test_a_disagreement_that_was_expected_is_no_surprise(capsys: Any) -> None:
    part = next(part for part in check(REVERSE).claim.parts if _fails(part))
    assert heard(capsys, result(REVERSE, part.name, Verdict.DISAGREES)) == []


def _fails(part: Any) -> bool:
    return expectation(check(REVERSE), part, "full").status in ("reverse", "not reproduced")


def test_a_failed_item_is_a_line(capsys: Any) -> None:
    (line,) = heard(capsys, outcome="failed")
    assert line.endswith("failed  0.1 s")


def test_a_long_silence_without_a_terminal_is_broken(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SECONDS_QUIET", -1.0)
    (line,) = heard(capsys, result(CONFIRMED, "RF", Verdict.AGREES))
    assert line.strip().startswith("1/9")
