from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from torch import nn

from lazy_assay import theory
from lazy_assay.checks.engine.registry import check
from lazy_assay.checks.kawaguchi2021 import _certified
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.checks.vocabulary.status import PartStatus, part_status
from lazy_assay.sims.rank import Proof, RankResult, RankVerdict, Scope
from lazy_assay.theory.kawaguchi2021.theorem2 import input_distinguishability, order_of_magnitude, parameters

THEOREM_2 = "kawaguchi2021.theorem2"


def status(id: str, part: str, *, entropy: int = 3) -> tuple[PartStatus, list[Result]]:
    """The status of one part from its certificates alone, at a third of a quick run."""
    claim, found = theory.claim(id), check(id)
    context = Context(claim=claim, profile=replace(PROFILES["quick"], seeds=4), entropy=entropy)
    tasks = [task for procedure in found.procedures if procedure.part == part for task in procedure.tasks(claim)]
    results = [result for task in tasks for result in task.run(context)]
    return part_status(claim, claim.part(part), found, results), results


@pytest.mark.parametrize(
    "id, part",
    [(THEOREM_2, "full_rank"), ("kawaguchi2021.assumption1", "structure"), ("kawaguchi2021.measure_zero", "")],
)
def test_certificates_confirm_what_is_expected(id: str, part: str) -> None:
    found, _ = status(id, part)
    assert found.as_expected, found


@pytest.mark.parametrize("answer, wanted", [(RankVerdict.FULL, "vacuous"), (RankVerdict.DEFICIENT, "refuted")])
def test_a_certificate_that_always_says_the_same_is_noticed(
    monkeypatch: pytest.MonkeyPatch, answer: RankVerdict, wanted: str
) -> None:
    def always(module: nn.Module, data: np.ndarray, **settings: Any) -> RankResult:
        return RankResult(
            verdict=answer, reason="planted", scope=Scope.GIVEN, certificate=Proof(rung="count"), samples=len(data)
        )

    monkeypatch.setattr(_certified, "certified_rank", always)
    found, _ = status(THEOREM_2, "full_rank")
    assert found.status == wanted


def test_a_certificate_that_never_answers_confirms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(module: nn.Module, data: np.ndarray, **settings: Any) -> RankResult:
        return RankResult(verdict=RankVerdict.NONE, reason="planted", scope=Scope.GIVEN)

    monkeypatch.setattr(_certified, "certified_rank", never)
    found, results = status("kawaguchi2021.measure_zero", "")
    assert found.status in ("vacuous", "undecided")
    assert {r.verdict for r in results} == {Verdict.UNDECIDED}


def test_hypotheses_that_are_not_needed_stand_as_controls() -> None:
    _, results = status(THEOREM_2, "full_rank")
    held = {r.name for r in results if r.subject is Subject.CONTROL and r.verdict is Verdict.AGREES}
    assert {"one unit a narrow layer", "n − 1 units", "points on a ray"} <= held


@pytest.mark.parametrize(
    "points, holds",
    [
        ([[1.0, 0.0], [0.0, 1.0]], True),
        ([[1.0], [2.0]], False),
        ([[1.0, 0.0], [1.0, 0.0]], False),
        ([[1.0, 0.0], [0.0, 0.0]], False),
        # Beyond float64's own resolution: the inner products round to the squared norm.
        ([[1.0, 2.0**-40], [1.0, -(2.0**-40)]], True),
    ],
)
def test_assumption_3_is_decided_exactly(points: list[list[float]], holds: bool) -> None:
    assert input_distinguishability(np.array(points)) is holds


def test_the_printed_count_errs_both_ways() -> None:
    assert parameters(10, 1, 20, 2) < order_of_magnitude(10, 1, 20, 2)
    assert parameters(1, 1, 5, 2) > order_of_magnitude(1, 1, 5, 2)
