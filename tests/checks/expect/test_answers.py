from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from lazy_assay import expect
from lazy_assay.checks.statistics.sequence import Array

SIZES = (4, 8, 16, 32)
Judge = Callable[[float], expect.Outcome]


@pytest.fixture(autouse=True)
def session() -> Iterator[expect.Session]:
    with expect.Session(false_alarm=1e-3, checks=10, raises=False) as opened:
        yield opened


def uniform(n: int, seed: int) -> Array:
    return np.random.default_rng(seed).random(n)


def exponential(n: int, seed: int) -> Array:
    return np.random.default_rng(seed).exponential(size=n)


def power(n: int, seed: int, size: float) -> Array:
    return exponential(n, seed) / size


# Each claims a number that is off the truth by so much.
JUDGES: dict[str, Judge] = {
    "bounded": lambda off: expect.mean(uniform, equals=0.5 + off, resolution=0.03, bounds=(0, 1)),
    "of known spread": lambda off: expect.mean(exponential, equals=1 + off, resolution=0.03, sd=1),
    "skewed": lambda off: expect.mean(exponential, equals=1 + off, resolution=0.03),
    "tossed": lambda off: expect.proportion(lambda n, s: uniform(n, s) < 0.2, equals=0.2 + off, resolution=0.03),
    "distributed": lambda off: expect.law(uniform, lambda x: np.clip(x + off, 0, 1), resolution=0.03),
    "growing": lambda off: expect.slope(power, SIZES, equals=-1 + off, resolution=0.03),
    "compared": lambda off: expect.no_worse(lambda n, s: uniform(n, s + 1) + off, uniform, resolution=0.03, sd=0.5),
}


@pytest.mark.parametrize("kind", JUDGES)
def test_a_true_claim_is_right(kind: str) -> None:
    assert JUDGES[kind](0.0).verdict == "right"


@pytest.mark.parametrize("kind", JUDGES)
def test_a_claim_off_by_more_than_the_resolution_is_wrong(kind: str) -> None:
    outcome = JUDGES[kind](0.035)
    assert outcome.verdict == "wrong"
    assert abs(outcome.off) == pytest.approx(0.035, abs=5 * outcome.standard_error)


@pytest.mark.parametrize("kind", JUDGES)
def test_a_guarantee_says_what_it_rests_on(kind: str) -> None:
    outcome = JUDGES[kind](0.0)
    assert outcome.guarantee.partition(":")[0] in ("exact", "asymptotic")


@pytest.mark.parametrize("kind", ["bounded", "of known spread", "skewed", "tossed"])
def test_a_known_bias_is_allowed_and_not_a_reason_to_fail(kind: str) -> None:
    allowed = {
        "bounded": lambda: expect.mean(uniform, equals=0.55, resolution=0.03, bias=0.06, bounds=(0, 1)),
        "of known spread": lambda: expect.mean(exponential, equals=1.05, resolution=0.03, bias=0.06, sd=1),
        "skewed": lambda: expect.mean(exponential, equals=1.05, resolution=0.03, bias=0.06),
        "tossed": lambda: expect.proportion(lambda n, s: uniform(n, s) < 0.2, equals=0.25, resolution=0.03, bias=0.06),
    }
    assert allowed[kind]().verdict == "right"


def test_one_sided_claims_allow_the_other_side() -> None:
    assert expect.mean(uniform, at_least=0.3, resolution=0.05, bounds=(0, 1)).verdict == "right"
    assert expect.mean(uniform, at_most=0.3, resolution=0.05, bounds=(0, 1)).verdict == "wrong"
    assert expect.proportion(lambda n, s: uniform(n, s) < 0.9, at_least=0.85, resolution=0.05).verdict == "right"


def test_what_is_better_is_no_worse() -> None:
    assert expect.no_worse(lambda n, s: uniform(n, s) - 1, uniform, resolution=0.05, sd=1).verdict == "right"
    higher: dict[str, Any] = {"resolution": 0.05, "sd": 1, "better": "higher"}
    assert expect.no_worse(lambda n, s: uniform(n, s) - 1, uniform, **higher).verdict == "wrong"


def test_a_law_with_atoms_is_a_law() -> None:
    def dice(n: int, seed: int) -> Array:
        return np.random.default_rng(seed).integers(1, 7, size=n).astype(float)

    fair = expect.law(dice, lambda x: np.clip(np.floor(x), 0, 6) / 6, resolution=0.05)
    loaded = expect.law(dice, lambda x: (np.clip(np.floor(x), 0, 6) / 6) ** 1.3, resolution=0.05)
    assert (fair.verdict, loaded.verdict) == ("right", "wrong")


def test_draws_of_infinite_variance_are_undecided_and_say_what_would_help() -> None:
    outcome = expect.mean(lambda n, s: np.random.default_rng(s).standard_cauchy(n), equals=0, resolution=0.1)
    assert outcome.verdict == "undecided"
    assert "need" in outcome.reason


@pytest.mark.parametrize("number", [0.0, 0.1, 1e-200])
def test_draws_that_all_agree_are_undecided(number: float) -> None:
    outcome = expect.mean(lambda n, s: np.full(n, number), equals=number + 1, resolution=0.1)
    assert outcome.verdict == "undecided"
    assert "spread" in outcome.reason


def test_tiny_draws_are_judged_as_large_ones_are() -> None:
    def tiny(n: int, seed: int) -> Array:
        return 1e-200 * exponential(n, seed)

    assert expect.mean(tiny, equals=1e-200, resolution=3e-202).verdict == "right"
    assert expect.mean(tiny, equals=1.04e-200, resolution=3e-202).verdict == "wrong"


def test_a_budget_that_does_not_reach_the_resolution_is_named() -> None:
    with expect.Session(budget=500, raises=False):
        outcome = expect.mean(uniform, equals=0.5, resolution=0.001, bounds=(0, 1))
    assert outcome.verdict == "undecided"
    assert "budget=500" in outcome.reason


def test_a_failure_shows_what_was_observed_and_the_call_that_replays_it() -> None:
    with expect.Session(entropy=3), pytest.raises(expect.Wrong) as caught:
        expect.mean(exponential, equals=1.2, resolution=0.1, sd=1)
    outcome, text = caught.value.outcome, str(caught.value)
    assert isinstance(caught.value, AssertionError)
    for word in ("observed", "standard error", "expected    1.2", "resolution  0.1", "exact: Catoni", "replay"):
        assert word in text
    n, seed = text.partition("draw(")[2].partition(")")[0].split(", ")
    assert exponential(int(n), int(seed)).mean() == outcome.observed


def test_undecided_is_no_assertion_error() -> None:
    with expect.Session(budget=300), pytest.raises(expect.Undecided) as caught:
        expect.mean(uniform, equals=0.5, resolution=0.001, bounds=(0, 1))
    assert not isinstance(caught.value, AssertionError)
