"""The plan of what a comparison catches, against what its draws do."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp

from lazy_assay.checks.power.reach import Plan, Seen, caught
from lazy_assay.checks.power.slopes import lacking, placed, slope_needed, told_of
from lazy_assay.checks.procedures.exponents import AHEAD, AT_MOST, HERE, MARGIN, MOVES, SEARCHED
from lazy_assay.checks.procedures.sweep import Sweep
from lazy_assay.checks.statistics import ErrorRates
from lazy_assay.checks.statistics.planning import share_told
from lazy_assay.checks.statistics.quantile import rank
from lazy_assay.checks.vocabulary.check import Route, Task
from lazy_assay.checks.vocabulary.distortion import Distortion
from lazy_assay.checks.vocabulary.profiles import PROFILES, Profile
from lazy_assay.checks.vocabulary.result import Result, Tolerance, Verdict
from lazy_assay.theory import Bound, Decoy, Integer, Limit, Parameter, Part, Rate

Make = Callable[..., Any]
QUICK, RATES = PROFILES["quick"], ErrorRates()
BETTING = {"deviation": 0.49, "draws low": 0.0, "draws high": 1.0}
d = sp.Symbol("d", integer=True, positive=True)


@pytest.fixture
def bound(part: Limit) -> Bound:
    return Bound(
        sentence="The chance of heads is at most a half.",
        quantity=part.quantity,
        statement=sp.Le(part.quantity.symbol, sp.Rational(1, 2)),
        parameters=part.parameters,
        published=lambda: 0.5,
        decoys=part.decoys,
    )


def exact(result: Make, **told: Any) -> Result:
    made: Result = result(method="exact", stage="exact", tolerance=Tolerance(rounding=0.01), **told)
    return made


def test_a_number_against_a_number_catches_what_lies_beyond_its_allowance_from_where_it_is(
    part: Limit, result: Make
) -> None:
    # 0.41 against 0.4 ± 0.01: on the edge above, so that any prediction that is lower is refuted.
    seen = Seen(part, RATES, exact(result))
    assert seen.smallest(QUICK, -1) == pytest.approx(0.0, abs=1e-12)
    assert seen.smallest(QUICK, 1) == pytest.approx(0.05)
    assert seen.catches(QUICK, 0.051)
    assert not seen.catches(QUICK, 0.049)


def test_a_mistake_on_the_allowed_side_is_no_suspect(bound: Bound, result: Make) -> None:
    seen = Seen(bound, RATES, result(predicted=0.5, estimate=0.41))
    assert seen.suspicion(-0.5) > seen.suspicion(-0.1)
    assert seen.suspicion(5.0) == -np.inf


def test_a_bound_has_one_direction_and_its_slack_hides_what_is_smaller(bound: Bound, result: Make) -> None:
    seen = Seen(bound, RATES, exact(result, predicted=0.5))
    assert seen.directions == (-1,)
    assert seen.smallest(QUICK, -1) == pytest.approx((0.01 + 0.09) / 0.5)
    assert not seen.catches(QUICK, 3.0)
    assert seen.lacks(QUICK, -0.1) == "on the allowed side"
    assert caught([seen], QUICK) == {-1: pytest.approx(0.2)}


def test_scatter_beyond_the_allowance_is_noise_and_no_truth(part: Limit, result: Make) -> None:
    drawn = result(method="asymptotic", stage="search", false_alarm=1e-3, figures={"deviation": 0.5})
    assert Seen(part, RATES, drawn).offset == 0.0
    assert Seen(part, RATES, replace(drawn, tolerance=Tolerance(finite_size=0.004))).offset == pytest.approx(0.004)


@pytest.mark.parametrize("deviation", [0.49, 0.1, 0.01, 1e-4])
@pytest.mark.parametrize("estimate", [0.05, 0.41, 0.9])
def test_bounds_of_a_betting_plan_enclose_it(part: Limit, result: Make, deviation: float, estimate: float) -> None:
    figures = BETTING | {"deviation": deviation}
    drawn = result(method="betting", stage="search", false_alarm=1e-3, estimate=estimate, figures=figures)
    profile = replace(QUICK, confirm_trials=12_000)
    least, told, most = (
        Seen(part, RATES, drawn).need(profile, 1, plan) for plan in (Plan.LEAST, Plan.EXACT, Plan.MOST)
    )
    assert least <= told <= most < 2.2 * least


@pytest.fixture
def tried(claim: Make, context: Make, part: Limit) -> Make:
    """The verdict of a procedure's only task on a prediction that is off by a share, and its plan."""

    def run(procedure: Any, of: Part, profile: Profile) -> tuple[Seen, Callable[[float], set[Verdict]]]:
        (task,) = procedure.tasks(claim(of))
        assert isinstance(task, Task)
        at = context(3, claim=task.claim, profile=profile, rates=RATES, memory={}, suspects=8)
        found = task.run(at)
        cell = min(found, key=lambda r: r.tolerance.bias)

        def off(share: float) -> set[Verdict]:
            distortion = Distortion.of(lambda value: value * (1 + share))
            return {r.verdict for r in task.run(replace(at, distort=distortion))}

        return Seen(of, RATES, replace(cell, profile=profile.name)), off

    return run


@pytest.mark.parametrize("bounds", [None, (0.0, 1.0)])
def test_what_is_planned_to_be_caught_is_and_a_third_of_it_is_not(
    tried: Make, means: Make, part: Limit, bounds: Any
) -> None:
    check = means(resolution=0.01, trials=2000, search=False, bounds=bounds)
    seen, off = tried(check, part, replace(QUICK, search_trials=12_000, confirm_trials=12_000))
    for way in (1, -1):
        share = seen.smallest(replace(QUICK, confirm_trials=12_000), way)
        assert Verdict.DISAGREES in off(1.05 * way * share)
        assert Verdict.DISAGREES not in off(way * share / 3)


def falling(*, sizes: Any, trials: int, entropy: int, scatter: float = 0.01, **_: Any) -> np.ndarray:
    noise = np.random.default_rng(entropy).normal(scale=scatter, size=(trials, len(sizes)))
    return np.asarray(np.exp(noise) / np.sqrt(sizes))


def test_a_rate_s_plan_holds_of_its_draws(tried: Make, part: Limit) -> None:
    sizes = (8.0, 16.0, 32.0, 64.0, 128.0)
    rate = Rate(
        sentence="The error falls like d to the −1/2.",
        quantity=part.quantity,
        statement=sp.Eq(part.quantity.symbol, sp.Order(1 / sp.sqrt(d), (d, sp.oo))),
        parameters=(Parameter("d", d, "size", Integer(4)),),
        published=lambda: -0.5,
        sharp=True,
        decoys=(Decoy(name="fast", sentence="like 1/d", published=lambda: -1.0),),
    )
    route = Route(name="falling", simulate=falling, settings=lambda values: {"sizes": sizes})
    check = Sweep(route=route, sizes=sizes, configurations=({},), resolution=0.05)
    seen, off = tried(check, rate, QUICK)
    for way in (1, -1):
        share = seen.smallest(QUICK, way)
        assert 0.02 < share < 0.5
        assert off(1.05 * way * share) == {Verdict.DISAGREES}
        assert off(way * share / 4) == {Verdict.AGREES}


@pytest.mark.parametrize("seeds, level", [(12, 1e-3), (48, 1.2e-10), (240, 1e-10), (30, 1e-10)])
def test_a_rate_s_plan_has_the_ranks_and_shares_of_its_verdicts(seeds: int, level: float) -> None:
    assert placed(seeds, level) == rank(seeds, level)
    assert told_of(seeds, level, 1e-3) == pytest.approx(share_told(seeds, level, 1e-3), abs=1e-9)


SEARCHED_SLOPE = {HERE: 0.1, AHEAD: 0.4, MOVES: -0.2, SEARCHED: 100.0, AT_MOST: 4.0}


@pytest.mark.parametrize(
    "direction, room, reason",
    [
        (-1, 0.09, "the slope is still on its way there"),
        (1, 0.01, "too few seeds: it takes a search of some 5e+03, 5e+01 s"),
        (1, 0.09, "within the resolution"),
        (1, 0.2, "too few seeds of a confirmation"),
    ],
)
def test_what_hides_an_error_of_a_rate_is_told(result: Make, direction: int, room: float, reason: str) -> None:
    found = result(
        method="median",
        stage="search",
        figures=SEARCHED_SLOPE,
        trials=100,
        seconds=1.0,
        resolution=0.1,
        profile="quick",
    )
    assert lacking(RATES, found, direction, room) == reason


@pytest.fixture
def rate(part: Limit) -> Rate:
    return Rate(
        sentence="The error falls like d to the −1/2.",
        quantity=part.quantity,
        statement=sp.Eq(part.quantity.symbol, sp.Order(1 / sp.sqrt(d), (d, sp.oo))),
        parameters=(Parameter("d", d, "size", Integer(4)),),
        published=lambda: -0.5,
        decoys=(Decoy(name="fast", sentence="like 1/d", published=lambda: -1.0),),
    )


def slope(result: Make, figures: dict[str, float]) -> Result:
    made: Result = result(method="median", stage="search", figures=figures, trials=12, resolution=0.1, profile="quick")
    return made


def test_a_slope_of_a_run_that_kept_no_scatter_tells_nothing(rate: Rate, result: Make) -> None:
    found = result(method="median", stage="search", figures={}, profile="quick")
    assert math.isinf(slope_needed(rate, RATES, found, QUICK, 1))
    assert lacking(RATES, found, 1, 0.5) == "too few draws"


@pytest.mark.parametrize("margin", [0.02, 0.05])
def test_a_rate_s_plan_takes_off_what_lies_within_the_margin(rate: Rate, result: Make, margin: float) -> None:
    told = {HERE: 0.1, AHEAD: 0.1, MOVES: 0.0, SEARCHED: 12.0, AT_MOST: 4.0}
    without, within = (
        slope_needed(rate, RATES, slope(result, told | {MARGIN: size}), QUICK, 1) for size in (0.0, margin)
    )
    assert within == pytest.approx(without + margin)
    # A run from before there were margins was judged without one.
    assert slope_needed(rate, RATES, slope(result, told), QUICK, 1) == without
