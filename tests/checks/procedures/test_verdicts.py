import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np
import pytest

from lazy_assay.checks.engine.perform import run
from lazy_assay.checks.procedures.means import Control, Means, Target
from lazy_assay.checks.procedures.sequential import observe
from lazy_assay.checks.vocabulary.check import Resolution, Task
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import Profile
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.checks.vocabulary.setting import Setting
from lazy_assay.checks.vocabulary.space import OneOf, Space
from lazy_assay.theory import Assumption, Claim, Limit

INF = math.inf
TARGET = Target(predicted=1.0, bias=0.1, resolution=0.2)
ONE = Space(draws={"d": OneOf((20,))}, anchors=({"d": 20},))


@pytest.mark.parametrize(
    "interval, agrees, refutes, hopeless",
    [
        ((0.95, 1.05), True, False, False),
        ((0.71, 1.29), True, False, False),
        ((0.60, 1.05), False, False, False),
        ((0.95, 1.35), False, False, False),
        ((1.11, 1.25), True, True, False),
        ((0.75, 0.89), True, True, False),
        ((1.11, 1.50), False, True, False),
        ((1.31, 1.50), False, True, True),
        ((0.50, 0.69), False, True, True),
        ((-INF, INF), False, False, False),
    ],
)
def test_an_interval_agrees_inside_the_reach_and_refutes_beyond_the_bias(
    interval: tuple[float, float], agrees: bool, refutes: bool, hopeless: bool
) -> None:
    said = TARGET.agrees(interval), TARGET.refutes(interval), TARGET.hopeless(interval)
    assert said == (agrees, refutes, hopeless)


@pytest.mark.parametrize(
    "side, interval, agrees, refutes",
    [
        ("below", (-5.0, 0.0), True, False),
        ("below", (-5.0, 1.29), True, False),
        ("below", (0.0, 1.31), False, False),
        ("below", (1.11, 1.5), False, True),
        ("above", (2.0, 5.0), True, False),
        ("above", (0.71, 5.0), True, False),
        ("above", (0.69, 5.0), False, False),
        ("above", (0.5, 0.89), False, True),
    ],
)
def test_a_one_sided_target_judges_its_own_side_alone(
    side: str, interval: tuple[float, float], agrees: bool, refutes: bool
) -> None:
    target = replace(TARGET, side=side)
    assert (target.agrees(interval), target.refutes(interval)) == (agrees, refutes)


@pytest.mark.parametrize(
    "side, estimate, suspicion",
    [
        ("both", 1.4, 1.0),
        ("both", 0.6, 1.0),
        ("both", 1.1, 0.0),
        ("below", 1.4, 1.0),
        ("below", 0.6, -5 / 3),
        ("above", 0.6, 1.0),
    ],
)
def test_suspicion_is_the_distance_beyond_the_bias_in_units_of_the_reach(
    side: str, estimate: float, suspicion: float
) -> None:
    assert replace(TARGET, side=side).suspicion(estimate) == pytest.approx(suspicion)


def test_suspicion_of_an_exact_prediction_without_resolution_is_the_distance_itself() -> None:
    assert Target(1.0, 0.0, 0.0).suspicion(1.5) == 0.5


def test_a_resolution_adds_its_share_its_floor_in_the_dimension_and_its_constant() -> None:
    resolution = Resolution(relative=0.1, per={"d": 0.4}, absolute=0.01)
    assert resolution.at(-2.0, {"d": 8}) == pytest.approx(0.2 + 0.05 + 0.01)


@pytest.fixture
def at(
    confronted: Callable[..., list[Result]],
    context: Callable[..., Context],
    means: Callable[..., Means],
    profile: Callable[..., Profile],
) -> Callable[..., Result]:
    """The claim's one result at d = 20, where a simulation takes the place of the tosses."""

    def run(
        simulate: Callable[..., Any], *, bounds: Any = (0.0, 1.0), budget: Profile | None = None, **changes: Any
    ) -> Result:
        check = means(space=ONE, search=False, bounds=bounds, resolution=changes.pop("resolution", 0.1))
        told = context(1, simulate={"tosses": simulate}, profile=budget or profile(search_trials=1_500), **changes)
        (found,) = [r for r in confronted(check, told) if r.subject is Subject.CLAIM]
        return found

    return run


def constant(value: float) -> Callable[..., np.ndarray]:
    return lambda *, trials, **_: np.full(trials, value)


def coin(*, trials: int, entropy: int, d: int, **_: Any) -> np.ndarray:
    return (np.random.default_rng(entropy).random(trials) < 0.4 + 0.25 / d) * 1.0


@pytest.mark.parametrize("value", [math.nan, INF, -INF])
@pytest.mark.parametrize("bounds", [(0.0, 1.0), None])
def test_draws_that_are_not_finite_make_the_result_diverged_and_are_counted(
    at: Callable[..., Result], value: float, bounds: tuple[float, float] | None
) -> None:
    found = at(constant(value), bounds=bounds)
    assert (found.verdict, found.diverged) == (Verdict.DIVERGED, 150)


def test_one_diverged_draw_among_many_is_not_dropped(at: Callable[..., Result]) -> None:
    found = at(lambda **told: np.append(coin(**told)[1:], math.nan))
    assert (found.verdict, found.diverged) == (Verdict.DIVERGED, 1)


def test_a_search_that_climbs_goes_on_where_a_configuration_diverges(
    confronted: Callable[..., list[Result]], context: Callable[..., Context], means: Callable[..., Means]
) -> None:
    found = confronted(means(), context(1, simulate={"tosses": constant(math.nan)}))
    verdicts = [r.verdict for r in found if r.subject is Subject.CLAIM]
    assert len(verdicts) > 3
    assert set(verdicts) == {Verdict.DIVERGED}


def test_a_spent_budget_leaves_the_result_undecided(at: Callable[..., Result], profile: Callable[..., Profile]) -> None:
    found = at(coin, resolution=1e-4, budget=profile(search_trials=300, confirm_trials=300))
    assert (found.verdict, found.trials) == (Verdict.UNDECIDED, 300)


def test_the_time_guard_leaves_the_result_undecided_and_says_so(
    at: Callable[..., Result], profile: Callable[..., Profile]
) -> None:
    found = at(coin, budget=profile(guard=-1.0))
    assert (found.verdict, found.trials) == (Verdict.UNDECIDED, 0)
    assert found.message == "time guard of -1 s tripped"


def test_a_task_that_trips_the_time_guard_outside_its_draws_is_undecided(
    claim: Callable[..., Claim], context: Callable[..., Context], profile: Callable[..., Profile]
) -> None:
    def stuck(context: Context) -> NoReturn:
        context.guard()
        raise AssertionError("the guard did not trip")

    task = Task(claim=claim(), part=claim().parts[0], name="stuck", run=stuck)
    (found,) = run(task, context(profile=profile(guard=-1.0)))
    assert (found.verdict, found.task) == (Verdict.UNDECIDED, "coin.claim/stuck")
    assert "time guard" in found.message


def test_draws_outside_their_stated_range_fall_back_to_the_asymptotic_sequence(at: Callable[..., Result]) -> None:
    found = at(lambda **told: coin(**told) * 1.5 - 0.1, resolution=0.5)
    assert found.method == "asymptotic"
    assert "left the range" in found.message


def test_a_refutation_tells_the_numbers_even_where_draws_left_their_range(at: Callable[..., Result]) -> None:
    found = at(lambda **told: coin(**told) + 0.5)
    assert found.verdict is Verdict.DISAGREES
    assert "but claimed 0.4125" in found.message
    assert "left the range" in found.message


def test_draws_inside_their_range_keep_the_exact_sequence(at: Callable[..., Result]) -> None:
    assert at(coin).method == "betting"


def test_rounding_at_the_edge_of_the_range_is_no_departure_from_it(
    context: Callable[..., Context], means: Callable[..., Means]
) -> None:
    (route,) = means().routes
    route = replace(route, allowance=lambda values: replace(means().routes[0].allowance(values), rounding=1e-8))
    told = context(0, simulate={"tosses": constant(-1e-9)})
    observed = observe(
        told, route, Setting({"d": 20}, {"d": 20}), stage="search", level=0.01, budget=300, settled=lambda _: False
    )
    assert (observed.method, observed.message, observed.estimate) == ("betting", "", 0.0)


SMALL = Assumption(name="small", sentence="d is at most 30", holds=lambda d: d <= 30)


@pytest.fixture
def assuming(
    confronted: Callable[..., list[Result]],
    context: Callable[..., Context],
    means: Callable[..., Means],
    part: Limit,
    profile: Callable[..., Profile],
) -> Callable[..., list[Result]]:
    """Results of the coin's check, assumed to hold for d ≤ 30 only, with further anchors or controls."""

    def run(
        anchors: tuple[dict[str, Any], ...] = ({"d": 20},), simulate: Callable[..., Any] = coin, **changes: Any
    ) -> list[Result]:
        check = means(space=Space(draws={"d": OneOf((20,))}, anchors=anchors), search=False, resolution=0.1, **changes)
        told = context(1, simulate={"tosses": simulate}, profile=profile(search_trials=1_500, confirm_trials=3_000))
        return confronted(check, told, replace(part, assumptions=(SMALL,)))

    return run


def test_a_configuration_that_breaks_an_assumption_is_out_of_regime_and_names_it(
    assuming: Callable[..., list[Result]],
) -> None:
    inside, outside = sorted(
        (r for r in assuming(anchors=({"d": 20}, {"d": 40})) if r.subject is Subject.CLAIM),
        key=lambda r: r.configuration["d"],
    )
    assert (inside.verdict, outside.verdict, outside.trials) == (Verdict.AGREES, Verdict.OUT_OF_REGIME, 0)
    assert outside.message == "breaks small: d is at most 30"


def control(results: list[Result]) -> Result:
    (found,) = [r for r in results if r.subject is Subject.CONTROL]
    return found


def test_a_control_where_the_claim_holds_all_the_same_says_that_the_assumption_was_not_needed(
    assuming: Callable[..., list[Result]],
) -> None:
    found = control(assuming(controls=(Control(assumption="small", configuration={"d": 40}),)))
    assert (found.verdict, found.assumption) == (Verdict.AGREES, "small")
    assert found.message.startswith("not observed to be necessary")


def test_a_control_where_the_claim_fails_disagrees(assuming: Callable[..., list[Result]]) -> None:
    def biased_when_large(*, d: int, trials: int, entropy: int, **_: Any) -> np.ndarray:
        return (np.random.default_rng(entropy).random(trials) < (0.8 if d > 30 else 0.4 + 0.25 / d)) * 1.0

    results = assuming(simulate=biased_when_large, controls=(Control(assumption="small", configuration={"d": 40}),))
    assert control(results).verdict is Verdict.DISAGREES
    assert {r.verdict for r in results if r.subject is Subject.CLAIM} == {Verdict.AGREES}


@pytest.mark.parametrize("name, d", [("small", 20), ("unheard of", 40)])
def test_a_control_that_does_not_break_its_assumption_is_an_error(
    assuming: Callable[..., list[Result]], name: str, d: int
) -> None:
    with pytest.raises(ValueError, match=rf"\[coin.claim\] control {name}: the configuration does not break it"):
        assuming(controls=(Control(assumption=name, configuration={"d": d}),))


def test_a_decoy_that_differs_nowhere_is_left_undecided(
    confronted: Callable[..., list[Result]], context: Callable[..., Context], means: Callable[..., Means], part: Limit
) -> None:
    assert part.published
    same = replace(part, decoys=(replace(part.decoys[0], published=part.published),))
    check = means(space=ONE, search=False, resolution=0.1, bias=1.0)
    (decoy,) = [r for r in confronted(check, context(1), same) if r.subject is Subject.DECOY]
    assert (decoy.verdict, decoy.message) == (Verdict.UNDECIDED, "differs nowhere that was drawn")


def test_decoys_and_the_printed_form_are_confronted_where_they_differ(
    confronted: Callable[..., list[Result]],
    context: Callable[..., Context],
    means: Callable[..., Means],
    part: Limit,
    profile: Callable[..., Profile],
) -> None:
    wrong = replace(part, printed=lambda: 0.7)
    told = context(1, profile=profile(search_trials=1_500, confirm_trials=3_000))
    found = confronted(means(space=ONE, search=False, resolution=0.1), told, wrong)
    judged = {(r.subject, r.name): r for r in found if r.subject in (Subject.DECOY, Subject.AS_PRINTED)}
    assert {key: r.verdict for key, r in judged.items()} == {
        (Subject.DECOY, "half"): Verdict.DISAGREES,
        (Subject.AS_PRINTED, ""): Verdict.DISAGREES,
    }
    # Without a finite-size form, the right one's correction is carried over: 0.5 + 0.25/20.
    assert judged[Subject.DECOY, "half"].predicted == pytest.approx(0.5 + 0.25 / 20)


def test_draws_that_are_equal_to_the_last_bit_do_not_draw_a_decoy_away_from_where_it_is_told(
    confronted: Callable[..., list[Result]], context: Callable[..., Context], means: Callable[..., Means], part: Limit
) -> None:
    def right(d: int) -> float:
        return 0.4 + 0.25 / d

    def equal(*, d: int, trials: int, **_: Any) -> np.ndarray:
        # 13/32 to the last bit at 20; at 40 but for it.
        return 13 / 32 * (1 + (np.arange(trials) % 2) * (2**-52 if d == 40 else 0.0))

    near = replace(part.decoys[0], finite=lambda d: right(d) + (0.1 if d == 40 else 1e-6))
    space = Space(draws={}, anchors=({"d": 20}, {"d": 40}))
    told = context(1, simulate={"tosses": equal})
    found = confronted(means(space=space, search=False, resolution=0.1), told, replace(part, decoys=(near,)))
    (decoy,) = [r for r in found if r.subject is Subject.DECOY]
    assert (decoy.verdict, decoy.configuration) == (Verdict.DISAGREES, {"d": 40})


def test_no_wrong_version_is_confronted_while_a_distortion_is_tried(
    confronted: Callable[..., list[Result]], context: Callable[..., Context], means: Callable[..., Means]
) -> None:
    found = confronted(means(space=ONE, search=False), context(1, distort=lambda p: p))
    assert {r.subject for r in found} == {Subject.CLAIM}
