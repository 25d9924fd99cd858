from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lazy_assay.checks.procedures.means import Means
from lazy_assay.checks.statistics import ErrorRates
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import Profile
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.checks.vocabulary.space import Between, OneOf, Space

RUNS = 60
IMPROBABLE = 1e-6


def refuted(results: list[Result]) -> list[Result]:
    return [r for r in results if r.subject is Subject.CLAIM and r.verdict is Verdict.DISAGREES]


def confirmed(results: list[Result]) -> list[Result]:
    return [r for r in results if r.subject is Subject.CLAIM and r.stage == "confirm"]


def tail(successes: int, trials: int, rate: float) -> float:
    """P(at least so many successes), exactly."""
    chances = [math.comb(trials, k) * rate**k * (1 - rate) ** (trials - k) for k in range(successes, trials + 1)]
    return math.fsum(chances)


class SameStreams(Context):
    """A wrong harness: confirms on the draws that made the suspects."""

    def draws(self, *args: Any, stage: str, **kwargs: Any) -> np.ndarray:
        return super().draws(*args, stage="search", **kwargs)


class SearchLevel(ErrorRates):
    """A wrong harness: confirms at the level of the search."""

    @property
    def strict(self) -> float:
        return self.miss


CARELESS = SearchLevel(false_alarm=0.05, miss=0.3, claims_cap=1, suspects_cap=8)
# Sizes that nothing is smaller than: each suspect is confirmed where it was found, and the cap is used up.
SCATTERED = Space(draws={"d": OneOf(tuple(range(4, 41)))}, anchors=({"d": 20},))
BUDGET = {"bounded": {}, "asymptotic": {"search_trials": 600, "confirm_trials": 1_200}}


@pytest.fixture
def night(
    confronted: Callable[..., list[Result]],
    context: Callable[..., Context],
    means: Callable[..., Means],
    profile: Callable[..., Profile],
) -> Callable[..., list[list[Result]]]:
    """Runs of the right claim, one an entropy; Hypothesis searches adaptively, towards suspects."""

    def run(
        runs: int, kind: str = "bounded", space: Space = SCATTERED, harness: type[Context] = Context, **changes: Any
    ) -> list[list[Result]]:
        check = means(bounds=(0.0, 1.0) if kind == "bounded" else None, space=space)
        budget = profile(examples=6, **BUDGET[kind])
        return [confronted(check, context(entropy, harness, profile=budget, **changes)) for entropy in range(runs)]

    return run


@pytest.mark.parametrize("kind", ["bounded", "asymptotic"])
def test_a_right_claim_is_refuted_no_more_often_than_stated_whatever_the_search_does(
    night: Callable[..., list[list[Result]]], kind: str
) -> None:
    results = night(RUNS, kind)
    assert np.mean([len(confirmed(run)) for run in results]) > 4
    assert tail(sum(bool(refuted(run)) for run in results), RUNS, 0.05) > IMPROBABLE


def test_shrinking_suspects_keeps_the_rate_too(night: Callable[..., list[list[Result]]]) -> None:
    results = night(RUNS, space=Space(draws={"d": Between(4, 40)}, anchors=({"d": 20},)))
    assert sum(len(confirmed(run)) for run in results) >= RUNS
    assert tail(sum(bool(refuted(run)) for run in results), RUNS, 0.05) > IMPROBABLE


@pytest.mark.parametrize("kind", [SameStreams, Context])
def test_a_harness_that_confirms_at_the_level_of_its_search_exceeds_the_rate(
    night: Callable[..., list[list[Result]]], kind: type[Context]
) -> None:
    results = night(30, harness=kind, rates=CARELESS)
    assert tail(sum(bool(refuted(run)) for run in results), 30, 0.05) < IMPROBABLE
