from collections.abc import Callable
from fractions import Fraction
from typing import Any, NoReturn

import numpy as np
import pytest

from lazy_assay.checks.configurations.datasets import DataAbsentError
from lazy_assay.checks.procedures.effects import Contrast, Effects, telling
from lazy_assay.checks.statistics import ErrorRates, effect, median_interval
from lazy_assay.checks.vocabulary.check import Route
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.deadline import TimeGuardError
from lazy_assay.checks.vocabulary.profiles import Profile
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.theory import Claim, Observation, Quantity

PART = Observation(sentence="It is warm.", quantity=Quantity(symbol=None, meaning="warmth"))


def warmth(*, d: int, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64") -> NoReturn:
    raise AssertionError("the test gives its own draws")


def drawn(mean: float, broken: int = 0) -> Callable[..., np.ndarray]:
    """Two columns a seed: normal about `mean`, and about 0; the first `broken` rows blew up."""

    def draw(*, trials: int, entropy: int, **_: Any) -> np.ndarray:
        rows = np.random.default_rng(entropy).standard_normal((trials, 2)) / 10 + np.array([mean, 0.0])
        rows[:broken, 0] = np.nan
        return np.asarray(rows)

    return draw


@pytest.fixture
def observed(context: Callable[..., Context]) -> Callable[..., list[Result]]:
    """The results of one contrast of the two columns, with 0.5 the smallest effect of interest."""

    def run(
        simulate: Callable[..., Any], reads: Any = None, subject: Subject = Subject.CLAIM, **further: Any
    ) -> list[Result]:
        route = Route(name="warmth", simulate=warmth, reads=reads)
        contrast = Contrast("warm beyond cold", (route, {"d": 3}), None, 0.5, subject)
        effects = Effects(contrasts=(contrast,), further=further)
        return effects.run(context(1, simulate={"warmth": simulate}), PART)

    return run


@pytest.mark.parametrize("mean, word", [(1.0, "reproduced"), (0.1, "not reproduced"), (-1.0, "reverse")])
def test_an_effect_has_a_plain_word(observed: Callable[..., list[Result]], mean: float, word: str) -> None:
    assert [r.word for r in observed(drawn(mean))] == [word]


def test_a_seed_that_blew_up_makes_the_contrast_diverged_and_is_counted(observed: Callable[..., list[Result]]) -> None:
    (found,) = observed(drawn(1.0, broken=2))
    assert (found.verdict, found.diverged) == (Verdict.DIVERGED, 2)


def test_a_contrast_reads_the_columns_that_its_route_reads(observed: Callable[..., list[Result]]) -> None:
    assert [r.word for r in observed(drawn(1.0), reads=lambda draws: draws[:, ::-1])] == ["reverse"]


def test_a_profile_measures_its_further_controls_besides(observed: Callable[..., list[Result]]) -> None:
    further = Contrast("colder", (Route(name="warmth", simulate=warmth), {"d": 4}), None, 0.9, Subject.CONTROL)
    assert [r.route for r in observed(drawn(1.0), small=(further,))] == ["warm beyond cold", "colder"]
    assert [r.route for r in observed(drawn(1.0), nightly=(further,))] == ["warm beyond cold"]


def test_what_would_decide_in_some_profiles_alone_is_an_error() -> None:
    contrast = Contrast("colder", (Route(name="warmth", simulate=warmth), {"d": 4}), None, 0.9)
    with pytest.raises(ValueError, match="'colder' would decide in some profiles alone; make it a part of its own"):
        Effects(contrasts=(contrast,), further={"nightly": (contrast,)})


def test_a_part_that_nothing_decides_is_an_error() -> None:
    control = Contrast("colder", (Route(name="warmth", simulate=warmth), {"d": 4}), None, 0.9, Subject.CONTROL)
    with pytest.raises(ValueError, match="nothing decides"):
        Effects(contrasts=(control,))


def test_a_profile_that_does_not_exist_decides_nothing() -> None:
    contrast = Contrast("colder", (Route(name="warmth", simulate=warmth), {"d": 4}), None, 0.9)
    with pytest.raises(ValueError, match="'weekly' is no profile; there are quick, full, nightly"):
        Effects(contrasts=(contrast,), decides="weekly")


@pytest.mark.parametrize(
    "name, verdict", [("quick", Verdict.ELSEWHERE), ("full", Verdict.AGREES), ("nightly", Verdict.AGREES)]
)
def test_a_lesser_profile_says_where_a_part_is_decided_and_draws_nothing(
    context: Callable[..., Context], profile: Callable[..., Profile], name: str, verdict: Verdict
) -> None:
    seen = []

    def draw(**given: Any) -> np.ndarray:
        seen.append(given)
        return drawn(1.0)(**given)

    contrast = Contrast("warm beyond cold", (Route(name="warmth", simulate=warmth), {"d": 3}), None, 0.5)
    control = Contrast("colder", contrast.larger, None, 0.5, Subject.CONTROL)
    ours = context(1, profile=profile(name=name), simulate={"warmth": draw})
    found = Effects(contrasts=(contrast, control), decides="full").run(ours, PART)
    assert found[0].verdict is verdict
    assert bool(seen) is (verdict is Verdict.AGREES)
    assert name != "quick" or [r.message for r in found] == ["its settings are run in profile full"]


def test_every_contrast_may_be_confirmed_and_is_counted(claim: Callable[..., Claim]) -> None:
    contrast = Contrast("warm", (Route(name="warmth", simulate=warmth), {"d": 4}), None, 0.9)
    control = Contrast("cold", contrast.larger, None, 0.9, Subject.CONTROL)
    effects = Effects(contrasts=(contrast, contrast), further={"full": (control,)})
    (task,) = effects.tasks(claim())
    assert task.confirms == 3


def test_pooled_settings_are_judged_by_their_mean_seed_by_seed(context: Callable[..., Context]) -> None:
    def draw(*, d: int, trials: int, **given: Any) -> np.ndarray:
        return np.stack([np.arange(trials) * 1e-3 + d, np.zeros(trials)], axis=-1)

    route = Route(name="warmth", simulate=warmth)
    together = Contrast("warm", (route, {"d": 3, "c": 0}), None, 0.5, pooled=((route, {"d": -1, "c": 0}),))
    (found,) = Effects(contrasts=(together,)).run(context(1, simulate={"warmth": draw}), PART)
    assert found.estimate == pytest.approx(1 + 1e-3 * (found.trials - 1) / 2)
    assert (found.figures["settings"], found.figures["settings with the larger ahead"]) == (2, 1)
    assert found.configuration == {"d": "3 | -1", "c": 0}


def test_settings_are_pooled_where_one_draw_has_both_sides() -> None:
    side = (Route(name="warmth", simulate=warmth), {"d": 3})
    with pytest.raises(ValueError, match="leave `smaller` away"):
        Contrast("warm", side, side, 0.5, pooled=(side,))


@pytest.mark.parametrize("mean, word", [(0.0, "reproduced"), (1.0, "not reproduced"), (-1.0, "not reproduced")])
def test_an_equality_is_reproduced_within_the_smallest_difference_on_either_side(
    context: Callable[..., Context], mean: float, word: str
) -> None:
    route = Route(name="warmth", simulate=warmth)
    alike = Contrast("as warm as cold", (route, {"d": 3}), None, 0.5, equality=True)
    (found,) = Effects(contrasts=(alike,)).run(context(1, simulate={"warmth": drawn(mean)}), PART)
    assert found.word == word


def test_an_equality_is_undecided_where_its_interval_crosses_the_smallest_difference(
    context: Callable[..., Context],
) -> None:
    route = Route(name="warmth", simulate=warmth)
    alike = Contrast("as warm as cold", (route, {"d": 3}), None, 0.5, equality=True)
    (found,) = Effects(contrasts=(alike,)).run(context(1, simulate={"warmth": drawn(0.5)}), PART)
    assert found.verdict is Verdict.UNDECIDED


def test_a_confirmation_takes_four_times_the_seeds_on_streams_of_its_own(context: Callable[..., Context]) -> None:
    seen = []

    def draw(*, trials: int, entropy: int, **_: Any) -> np.ndarray:
        seen.append((trials, entropy))
        return drawn(-1.0)(trials=trials, entropy=entropy)

    contrast = Contrast("warm beyond cold", (Route(name="warmth", simulate=warmth), {"d": 3}), None, 0.5)
    (found,) = Effects(contrasts=(contrast,)).run(context(1, simulate={"warmth": draw}), PART)
    (first, key), (second, other) = seen
    assert (second, found.trials) == (4 * first, 4 * first)
    assert key != other


def absent(*, d: int, **_: Any) -> NoReturn:
    raise DataAbsentError("it is not here")


@pytest.mark.parametrize("first", [3, 4])
def test_a_contrast_whose_data_are_absent_takes_no_other_with_it(context: Callable[..., Context], first: int) -> None:
    def draw(*, d: int, **given: Any) -> np.ndarray:
        return absent(d=d) if d == 3 else drawn(1.0)(**given)

    route = Route(name="warmth", simulate=warmth)
    contrasts = tuple(Contrast(f"d = {d}", (route, {"d": d}), None, 0.5) for d in (first, 7 - first))
    found = Effects(contrasts=contrasts).run(context(1, simulate={"warmth": draw}), PART)
    assert {r.route: r.verdict for r in found} == {"d = 3": Verdict.NOT_RUN, "d = 4": Verdict.AGREES}


def test_the_time_guard_keeps_what_is_measured_and_what_the_same_runs_give(context: Callable[..., Context]) -> None:
    route = Route(name="warmth", simulate=warmth)
    warm, again = (Contrast(name, (route, {"d": 3}), None, 0.5) for name in ("warm", "again"))
    further = Contrast("further", (route, {"d": 4}), None, 0.5)
    ours = context(1, simulate={"warmth": drawn(1.0)})
    asked = []

    def guard() -> None:
        asked.append(1)
        if len(asked) > 1:
            raise TimeGuardError("time guard of 1 s tripped")

    ours.guard = guard  # type: ignore[method-assign]  # a clock of the test's own
    found = Effects(contrasts=(warm, again, further)).run(ours, PART)
    assert [r.verdict for r in found] == [Verdict.AGREES, Verdict.AGREES, Verdict.UNDECIDED]
    assert found[2].message == "time guard of 1 s tripped"


def test_an_effect_carries_the_mean_and_the_spread_of_either_side(observed: Callable[..., list[Result]]) -> None:
    (found,) = observed(lambda *, trials, **_: np.stack([np.arange(trials) + 1e3, np.arange(trials) / 2], axis=-1))
    sides = np.arange(found.trials)
    figures = found.figures
    assert (figures["larger"], figures["smaller"]) == (sides.mean() + 1e3, sides.mean() / 2)
    assert figures["larger spread"] == pytest.approx(sides.std(ddof=1))
    assert figures["smaller spread"] == pytest.approx(sides.std(ddof=1) / 2)


def shown(share: float) -> Callable[..., np.ndarray]:
    """Two columns: the first is beyond the smallest effect of interest in just this share of the rows."""

    def draw(*, trials: int, **_: Any) -> np.ndarray:
        first = np.where(np.arange(trials) < round(share * trials), 1.0, 0.0)
        return np.stack([first, np.zeros(trials)], axis=-1)

    return draw


@pytest.mark.parametrize(
    "share, word", [(1.0, "reproduced"), (11 / 12, "reproduced"), (0.55, "undecided"), (0.0, "not reproduced")]
)
def test_a_finding_is_what_more_seeds_than_not_show(
    observed: Callable[..., list[Result]], share: float, word: str
) -> None:
    (found,) = observed(shown(share))
    assert found.word == word


def test_a_share_of_the_seeds_may_be_the_finding(context: Callable[..., Context]) -> None:
    route = Route(name="warmth", simulate=warmth)
    for share, told in ((Fraction(1, 2), "not reproduced"), (Fraction(1, 10), "reproduced")):
        some = Contrast("some are warm", (route, {"d": 3}), None, 0.5, share=share)
        effects = Effects(contrasts=(some,), seeds=lambda context: 240)
        (found,) = effects.run(context(1, simulate={"warmth": shown(0.3)}), PART)
        assert found.word == told


@pytest.mark.parametrize("equality, ends", [(False, 1), (True, 2)])
def test_an_equality_shares_the_strict_level_between_its_ends(
    context: Callable[..., Context], equality: bool, ends: int
) -> None:
    rows = []

    def draw(**told: Any) -> np.ndarray:
        rows.append(drawn(-1.0)(**told))
        return rows[-1]

    route = Route(name="warmth", simulate=warmth)
    contrast = Contrast("warm", (route, {"d": 3}), None, 0.5, equality=equality)
    rates = ErrorRates()
    (found,) = Effects(contrasts=(contrast,)).run(context(1, simulate={"warmth": draw}, rates=rates), PART)
    gaps = rows[-1][:, 0] - rows[-1][:, 1]
    assert found.interval == median_interval(gaps, rates.strict / ends)
    assert (found.false_alarm, found.method, found.guarantee) == (rates.strict, "median", "exact")


@pytest.mark.parametrize("seeds, word", [(10, "not reproduced"), (7, "undecided")])
def test_so_few_seeds_that_the_strict_level_is_out_of_reach_refute_nothing(
    context: Callable[..., Context], monkeypatch: pytest.MonkeyPatch, seeds: int, word: str
) -> None:
    monkeypatch.setattr(effect, "SEEDS_AT_LEAST", 1)
    route = Route(name="warmth", simulate=warmth)
    contrast = Contrast("warm", (route, {"d": 3}), None, 0.5)
    effects = Effects(contrasts=(contrast,), seeds=lambda context: seeds)
    (found,) = effects.run(context(1, simulate={"warmth": drawn(0.0)}, rates=ErrorRates()), PART)
    # 28 seeds against 40: two to the power of minus 31 is what the strict level asks for.
    assert found.word == word


def test_seeds_that_are_planned_for_a_share_tell_it(context: Callable[..., Context]) -> None:
    assert telling(0.9)(context(rates=ErrorRates())) == 27


def beyond(found: Result) -> tuple[float, float]:
    """Number of seeds that nights keep, and the share of them that speaks against the finding."""
    return found.figures["draws count"], -found.figures["draws mean"]


def test_nights_keep_the_seeds_short_of_the_smallest_effect_those_of_the_search_among_them(
    observed: Callable[..., list[Result]],
) -> None:
    (reproduced,), (short,) = observed(drawn(1.0)), observed(drawn(0.1))
    assert beyond(reproduced) == (reproduced.trials, 0.0)
    assert beyond(short) == (1.25 * short.trials, 1.0)
    for found in (reproduced, short):
        assert (found.figures["draws side"], found.figures["draws chance"]) == (-1.0, 0.5)


def test_a_finding_of_a_share_of_the_seeds_leaves_the_others(context: Callable[..., Context]) -> None:
    route = Route(name="warmth", simulate=warmth)
    contrast = Contrast("warm", (route, {"d": 3}), None, 0.5, share=Fraction(1, 10))
    (found,) = Effects(contrasts=(contrast,)).run(context(1, simulate={"warmth": drawn(1.0)}), PART)
    assert found.figures["draws chance"] == pytest.approx(0.9)


def test_an_equality_keeps_seeds_on_either_side(context: Callable[..., Context]) -> None:
    contrast = Contrast("as warm", (Route(name="warmth", simulate=warmth), {"d": 3}), None, 0.5, equality=True)
    (found,) = Effects(contrasts=(contrast,)).run(context(1, simulate={"warmth": drawn(1.0)}), PART)
    assert (found.figures["draws side"], found.figures["draws mean"]) == (0.0, 1.0)
