from __future__ import annotations

import json
import math
from typing import Any

import pytest

from lazy_assay import claim, plan
from lazy_assay.checks.cli.main import run_command
from lazy_assay.theory._planning import PlanError

B = [1.0, 0.5, 0.2, 0.1]
SET = ("--set", "B=1,0.5,0.2,0.1")
ID = "ghorbani2019.theorem3"


def test_a_size_is_planned_with_what_is_assumed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["plan", ID, "0.2", *SET]) == 0
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert printed.startswith(f"N = {plan(ID, 0.2, B=B).size}: ")
    assert "Assumed: " in printed


def test_the_inverse_question_has_the_prediction_at_that_size(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["plan", ID, "--at", "2", *SET, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["predicted"] == pytest.approx(claim(ID).predict_finite(N=2, B=B))
    assert (found["size"], found["target"], found["before"]) == (2, None, None)


def test_a_bound_is_inverted_for_the_features_that_it_asks_for(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("daniely2019.corollary3", "0.1", "--size", "q", "--limit", "--set", "C=1", "--set", "f_norm=2")
    assert run_command(["plan", *words, "--json"]) == 0
    q = json.loads(capsys.readouterr().out)["size"]
    bound = [claim("daniely2019.corollary3").predict(q=it, C=1.0, f_norm=2.0) for it in (q - 1, q)]
    assert bound[1] <= 0.1 < bound[0]


@pytest.mark.parametrize(
    "words",
    [
        (ID, *SET),
        (ID, "0.2", "--at", "3", *SET),
        (ID, "--at", "0", *SET),
        (ID, "nan", *SET),
        (ID, "many", *SET),
        (ID, *SET, "--", "-1"),
        (ID, "0.2", *SET, "--set", "N=3"),
        (ID, "0.2", *SET, "--set", "target=3"),
        (ID, "0.2", "--size", "M", *SET),
        (ID, "0.2"),
        ("ghorbani2019.theorem99", "0.2"),
        ("daniely2019.fluctuation", "0.2", "--size", "q"),
    ],
)
def test_what_cannot_be_planned_is_one_line(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["plan", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("asked", [{}, {"target": 0.1, "at": 3}, {"at": 2.5}, {"at": True}, {"target": math.inf}])
def test_a_plan_answers_one_question(asked: dict[str, Any]) -> None:
    with pytest.raises(PlanError):
        plan(ID, **asked, B=B)
