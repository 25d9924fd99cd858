import math
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from lazy_assay.checks.procedures.means import Means
from lazy_assay.checks.statistics import ErrorRates, draws_needed
from lazy_assay.checks.vocabulary.check import Fine, Resolution, Route
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import Profile
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.checks.vocabulary.setting import Setting
from lazy_assay.checks.vocabulary.space import Between, OneOf, Space
from lazy_assay.theory import Bound, Limit

RUNS = 80
IMPROBABLE = 1e-6
RATES = ErrorRates(false_alarm=0.05, miss=0.05, claims_cap=1, suspects_cap=8)
BIAS, RESOLUTION = 0.01, 0.05
TRUTH = 0.4 + 0.25 / 20
ONE = Space(draws={"d": OneOf((20,))}, anchors=({"d": 20},))


def tosses(shift: float) -> Callable[..., np.ndarray]:
    return lambda *, d, trials, entropy, **_: (np.random.default_rng(entropy).random(trials) < TRUTH + shift) * 1.0


def tail(successes: int, trials: int, rate: float) -> float:
    """P(at least so many successes), exactly."""
    chances = [math.comb(trials, k) * rate**k * (1 - rate) ** (trials - k) for k in range(successes, trials + 1)]
    return math.fsum(chances)


def verdicts(results: list[Result]) -> set[Verdict]:
    return {r.verdict for r in results if r.subject is Subject.CLAIM}


@pytest.fixture
def misses(
    confronted: Callable[..., list[Result]],
    context: Callable[..., Context],
    means: Callable[..., Means],
    profile: Callable[..., Profile],
) -> Callable[..., int]:
    """In how many runs a shifted truth is not refuted, with a share of the draws that the plan asks for."""
    planned = draws_needed(0.49, RESOLUTION, RATES.strict, RATES.miss, low=0.0, high=1.0, mean=TRUTH)

    def count(shift: float, share: float) -> int:
        budget = profile(search_trials=2 * planned, confirm_trials=math.ceil(share * planned))
        check = means(space=ONE, search=False, bias=BIAS, resolution=RESOLUTION, trials=planned // 2)
        told = {"profile": budget, "rates": RATES, "simulate": {"tosses": tosses(shift)}}
        runs = [confronted(check, context(entropy, **told)) for entropy in range(RUNS)]
        return sum(Verdict.DISAGREES not in verdicts(run) for run in runs)

    return count


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_truth_off_by_bias_and_resolution_is_missed_no_more_often_than_stated(
    misses: Callable[..., int], sign: int
) -> None:
    assert tail(misses(sign * (BIAS + RESOLUTION), share=1.5), RUNS, RATES.miss) > IMPROBABLE


def test_a_quarter_of_the_planned_draws_misses_more_often_than_stated(misses: Callable[..., int]) -> None:
    assert tail(misses(BIAS + RESOLUTION, share=0.25), RUNS, RATES.miss) < IMPROBABLE


def test_a_truth_within_the_bias_is_never_refuted_here_and_agrees(
    confronted: Callable[..., list[Result]],
    context: Callable[..., Context],
    means: Callable[..., Means],
    profile: Callable[..., Profile],
) -> None:
    check = means(space=ONE, search=False, bias=0.03, resolution=RESOLUTION)
    told = {"profile": profile(search_trials=6_000), "rates": ErrorRates(), "simulate": {"tosses": tosses(0.02)}}
    assert [verdicts(confronted(check, context(entropy, **told))) for entropy in range(5)] == [{Verdict.AGREES}] * 5


@pytest.fixture
def bounded(
    confronted: Callable[..., list[Result]],
    context: Callable[..., Context],
    means: Callable[..., Means],
    profile: Callable[..., Profile],
    part: Limit,
) -> Callable[..., set[Verdict]]:
    """Verdicts on a one-sided bound at the coin's chance, where the truth is shifted from it."""

    def run(side: str, shift: float) -> set[Verdict]:
        told = {field.name: getattr(part, field.name) for field in fields(Bound) if hasattr(part, field.name)}
        check = means(space=ONE, search=False, resolution=RESOLUTION)
        budget = profile(search_trials=3_000, confirm_trials=6_000)
        told_context = context(5, profile=budget, rates=RATES, simulate={"tosses": tosses(shift)})
        return verdicts(confronted(check, told_context, Bound(**told | {"side": side})))

    return run


@pytest.mark.parametrize("side, shift", [("below", -0.3), ("above", 0.3)])
def test_a_bound_is_not_refuted_from_its_allowed_side(
    bounded: Callable[..., set[Verdict]], side: str, shift: float
) -> None:
    assert bounded(side, shift) == {Verdict.AGREES}


@pytest.mark.parametrize("side, shift", [("below", 0.3), ("above", -0.3)])
def test_a_bound_is_refuted_from_the_other_side(bounded: Callable[..., set[Verdict]], side: str, shift: float) -> None:
    assert bounded(side, shift) == {Verdict.DISAGREES}


def loud_when_small(*, d: int, trials: int, entropy: int, **_: Any) -> np.ndarray:
    """Off by 0.1 everywhere, with noise that hides it at small sizes."""
    return 0.5 + 0.25 / d + np.random.default_rng(entropy).normal(0, 0.05 * (40 / d) ** 2, trials)


def test_a_discrepancy_is_not_lost_by_shrinking_to_where_noise_hides_it(
    confronted: Callable[..., list[Result]],
    context: Callable[..., Context],
    means: Callable[..., Means],
    profile: Callable[..., Profile],
) -> None:
    space = Space(draws={"d": Between(4, 40)}, anchors=({"d": 40},))
    check = means(space=space, search=False, bounds=None, resolution=0.03)
    budget = profile(search_trials=1_200, confirm_trials=4_800)
    found = confronted(check, context(3, profile=budget, rates=RATES, simulate={"tosses": loud_when_small}))
    assert Verdict.DISAGREES in verdicts(found)


def test_a_refutation_is_shown_at_the_smallest_configuration_that_still_refutes(
    confronted: Callable[..., list[Result]],
    context: Callable[..., Context],
    means: Callable[..., Means],
    profile: Callable[..., Profile],
) -> None:
    space = Space(draws={"d": Between(5, 40)}, anchors=({"d": 40},))
    check = means(space=space, search=False, resolution=RESOLUTION)
    budget = profile(search_trials=3_000, confirm_trials=6_000)
    found = confronted(check, context(3, profile=budget, rates=RATES, simulate={"tosses": tosses(0.2)}))
    (shown,) = [r for r in found if r.verdict is Verdict.DISAGREES and r.subject is Subject.CLAIM]
    assert (shown.configuration, shown.stage) == ({"d": 5}, "confirm")


def test_every_configuration_of_a_run_has_exactly_one_result(
    confronted: Callable[..., list[Result]],
    context: Callable[..., Context],
    means: Callable[..., Means],
    profile: Callable[..., Profile],
) -> None:
    space = Space(draws={"d": Between(5, 40)}, anchors=({"d": 40}, {"d": 20}))
    found = confronted(means(space=space, resolution=RESOLUTION), context(3, simulate={"tosses": tosses(0.2)}))
    shown = [r.configuration["d"] for r in found if r.subject is Subject.CLAIM]
    assert len(set(shown)) == len(shown)
    assert {40, 20, 10, 5} <= set(shown)


def test_distorting_the_prediction_is_noticed_as_a_shifted_truth_is(
    confronted: Callable[..., list[Result]],
    context: Callable[..., Context],
    means: Callable[..., Means],
    profile: Callable[..., Profile],
) -> None:
    check = means(space=ONE, search=False, resolution=RESOLUTION)
    budget = profile(search_trials=3_000, confirm_trials=6_000)
    undistorted = context(4, profile=budget, rates=RATES, simulate={"tosses": tosses(0.0)})
    assert verdicts(confronted(check, undistorted)) == {Verdict.AGREES}
    distorted = replace(undistorted, distort=lambda p: p + 0.2)
    assert Verdict.DISAGREES in verdicts(confronted(check, distorted))


# -- fine anchors ----------------------------------------------------------------------------------------------------

PERCENT = Fine(anchors=({"d": 30},), resolution=Resolution(relative=0.009), copies=128)


def test_a_percent_is_told_at_fine_anchors_and_nowhere_else(
    confronted: Callable[..., list[Result]],
    context: Callable[..., Context],
    means: Callable[..., Means],
    profile: Callable[..., Profile],
) -> None:
    budget = profile(search_trials=12_000, confirm_trials=48_000)
    told = {"profile": budget, "rates": ErrorRates(), "simulate": {"tosses": tosses_of_the_stated_chance}}
    off = context(5, **told, distort=lambda p: 1.01 * p)
    coarse = means(space=ONE, search=False, resolution=0.05, trials=2000)
    assert verdicts(confronted(coarse, off)) == {Verdict.AGREES}
    found = confronted(replace(coarse, fine=PERCENT), off)
    assert {r.configuration["d"]: r.verdict for r in found} == {30: Verdict.DISAGREES, 20: Verdict.AGREES}


def test_dear_fine_anchors_are_left_to_thorough_profiles(
    confronted: Callable[..., list[Result]],
    context: Callable[..., Context],
    means: Callable[..., Means],
    profile: Callable[..., Profile],
) -> None:
    dear = replace(PERCENT, anchors=(), further=PERCENT.anchors)
    check = means(space=ONE, search=False, resolution=0.05, trials=2000, fine=dear)
    for thorough, expected in ((False, {20: Verdict.AGREES}), (True, {20: Verdict.AGREES, 30: Verdict.DISAGREES})):
        budget = profile(search_trials=12_000, confirm_trials=48_000, thorough=thorough)
        told = {"profile": budget, "rates": ErrorRates(), "simulate": {"tosses": tosses_of_the_stated_chance}}
        found = confronted(check, context(5, **told, distort=lambda p: 1.01 * p))
        assert {r.configuration["d"]: r.verdict for r in found} == expected


def test_the_right_claim_agrees_at_fine_anchors(
    confronted: Callable[..., list[Result]],
    context: Callable[..., Context],
    means: Callable[..., Means],
    profile: Callable[..., Profile],
) -> None:
    budget = profile(search_trials=12_000, confirm_trials=48_000)
    told = {"profile": budget, "rates": ErrorRates(), "simulate": {"tosses": tosses_of_the_stated_chance}}
    check = means(space=ONE, search=False, resolution=0.05, trials=2000, fine=PERCENT)
    assert verdicts(confronted(check, context(5, **told))) == {Verdict.AGREES}


def tosses_of_the_stated_chance(*, d: int, trials: int, entropy: int, **_: Any) -> np.ndarray:
    return (np.random.default_rng(entropy).random(trials) < 0.4 + 0.25 / d) * 1.0


def test_a_compared_draw_is_the_mean_of_its_copies(context: Callable[..., Context]) -> None:
    route = Route(name="tosses", simulate=tosses_of_the_stated_chance)
    setting = Setting({"d": 20}, {"d": 20})
    told = context(5, simulate={"tosses": tosses_of_the_stated_chance})
    raw = told.draws(route, setting, stage="search", batch=0, trials=40)
    means_of_eight = told.draws(replace(route, copies=8), setting, stage="search", batch=0, trials=5)
    assert means_of_eight == pytest.approx(raw.reshape(5, 8).mean(axis=1))
