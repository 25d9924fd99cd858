from collections.abc import Callable
from dataclasses import fields
from functools import partial
from typing import Any, NoReturn

import numpy as np
import pytest

from lazy_assay.checks.procedures.exponents import confirming
from lazy_assay.checks.procedures.means import Control
from lazy_assay.checks.procedures.sweep import Sweep
from lazy_assay.checks.statistics import ErrorRates, ahead, drifts, log_log_slope, median_interval, slopes
from lazy_assay.checks.vocabulary.check import Route
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import Profile
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.theory import Assumption, Limit, Rate

SIZES = tuple(2.0**-k for k in range(3, 9))
# Half of the fixture's resolution.
MARGIN = 0.05


def decay(*, d: int, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64") -> NoReturn:
    raise AssertionError("the test gives its own draws")


def falling(exponent: float, noise: float = 0.01) -> Callable[..., np.ndarray]:
    """Quantities that fall like size**exponent, shape (trials, sizes)."""

    def draw(*, trials: int, entropy: int, **_: Any) -> np.ndarray:
        rng = np.random.default_rng(entropy)
        return np.asarray(SIZES) ** exponent * np.exp(noise * rng.standard_normal((trials, len(SIZES))))

    return draw


@pytest.fixture
def swept(part: Limit, context: Callable[..., Context], profile: Callable[..., Profile]) -> Callable[..., list[Result]]:
    """The results of a rate O(x²), or of slope at most −2 as sizes grow, at some sizes d; `changes` are of the rate."""

    def run(
        simulate: Callable[..., Any],
        towards: str = "zero",
        dimensions: tuple[int, ...] = (5, 6, 7, 8),
        suspects: int = 8,
        controls: tuple[Control, ...] = (),
        reads: Any = None,
        further: tuple[dict[str, Any], ...] = (),
        at_most: int = 4,
        repeated: int = 1,
        elsewhere: float = 0.0,
        margin: float | None = None,
        **changes: Any,
    ) -> list[Result]:
        told = {field.name: getattr(part, field.name) for field in fields(Rate) if hasattr(part, field.name)}
        exponent = 2.0 if towards == "zero" else -2.0
        rate = Rate(**told | {"published": lambda: exponent, "towards": towards, "decoys": ()} | changes)
        configurations = tuple({"d": d} for d in dimensions)
        sweep = Sweep(
            route=Route(name="decay", simulate=decay, reads=reads),
            sizes=SIZES,
            configurations=configurations,
            resolution=0.1,
            controls=controls,
            further={"small": further, "another": ({"d": 99},)},
            at_most=at_most,
            repeated=repeated,
            elsewhere=elsewhere,
            margin=margin,
        )
        return sweep.run(context(2, simulate={"decay": simulate}, rates=ErrorRates(), suspects=suspects), rate)

    return run


@pytest.mark.parametrize("exponent", [2.0, 2.5])
def test_a_quantity_that_falls_as_fast_as_stated_or_faster_agrees(
    swept: Callable[..., list[Result]], exponent: float
) -> None:
    found = swept(falling(exponent))
    assert [(r.verdict, r.stage) for r in found] == [(Verdict.AGREES, "search")] * 4


def test_a_quantity_that_falls_more_slowly_is_refuted_on_fresh_draws(swept: Callable[..., list[Result]]) -> None:
    found = swept(falling(1.8))
    assert [(r.verdict, r.stage) for r in found] == [(Verdict.DISAGREES, "confirm")] * 4
    assert all("but claimed 2" in r.message for r in found)
    assert {r.false_alarm for r in found} == {ErrorRates().strict}


@pytest.mark.parametrize("exponent, verdict", [(-2.0, "AGREES"), (-2.5, "AGREES"), (-1.8, "DISAGREES")])
def test_as_sizes_grow_the_slope_is_at_most_the_stated_one(
    swept: Callable[..., list[Result]], exponent: float, verdict: str
) -> None:
    assert {r.verdict for r in swept(falling(exponent), towards="infinity")} == {verdict}


def test_a_sweep_confirms_no_more_suspects_than_its_share(swept: Callable[..., list[Result]]) -> None:
    found = swept(falling(1.8), suspects=3)
    assert [r.stage for r in found].count("confirm") == 3
    assert [r.verdict for r in found].count(Verdict.UNDECIDED) == 1


def test_a_quantity_that_levels_off_is_refuted_however_much_its_slope_drifts(
    swept: Callable[..., list[Result]],
) -> None:
    found = swept(lambda **told: falling(2.0)(**told) + 1e-4)
    assert {r.verdict for r in found} == {Verdict.DISAGREES}


def test_a_slope_that_still_comes_up_to_the_stated_one_is_not_refuted(swept: Callable[..., list[Result]]) -> None:
    found = swept(lambda **told: falling(2.0)(**told) / (1 + 20 * np.asarray(SIZES)))
    assert Verdict.DISAGREES not in {r.verdict for r in found}
    assert all(r.estimate < 1.9 and r.tolerance.finite_size > 0.1 for r in found)


def test_a_row_that_is_not_finite_is_diverged(swept: Callable[..., list[Result]]) -> None:
    def broken(**told: Any) -> np.ndarray:
        draws = falling(2.0)(**told)
        draws[0, 1] = np.inf
        return draws

    found = swept(broken)
    assert {(r.verdict, r.diverged, r.subject) for r in found} == {(Verdict.DIVERGED, 1, Subject.CLAIM)}


@pytest.mark.parametrize("exponent, verdict", [(2.0, "AGREES"), (2.5, "DISAGREES"), (1.8, "DISAGREES")])
def test_a_sharp_rate_is_missed_on_either_side(
    swept: Callable[..., list[Result]], exponent: float, verdict: str
) -> None:
    assert {r.verdict for r in swept(falling(exponent), sharp=True)} == {verdict}


def test_a_printed_rate_is_refuted_and_a_broken_assumption_shows_what_it_was_for(
    swept: Callable[..., list[Result]],
) -> None:
    def draw(*, d: int, **told: Any) -> np.ndarray:
        return falling(1.0 if d == 5 else 2.0)(**told)

    odd = Assumption(name="not five", sentence="d is not 5", holds=lambda d: d != 5)
    found = swept(
        draw,
        dimensions=(6, 7),
        assumptions=(odd,),
        printed=lambda: 2.5,
        controls=(Control(assumption="not five", configuration={"d": 5}),),
    )
    assert [r.subject for r in found] == [Subject.CLAIM, Subject.CLAIM, Subject.AS_PRINTED, Subject.CONTROL]
    assert [r.verdict for r in found[2:]] == [Verdict.DISAGREES, Verdict.DISAGREES]
    assert found[3].assumption == "not five"


def test_a_configuration_that_breaks_an_assumption_is_no_place_to_confront_a_rate(
    swept: Callable[..., list[Result]],
) -> None:
    odd = Assumption(name="not five", sentence="d is not 5", holds=lambda d: d != 5)
    with pytest.raises(ValueError, match="breaks not five"):
        swept(falling(2.0), assumptions=(odd,))


def test_a_route_reads_its_draws_before_they_are_compared(swept: Callable[..., list[Result]]) -> None:
    def both(**told: Any) -> np.ndarray:
        return np.stack([falling(1.0)(**told), falling(2.0)(**told)], axis=1)

    assert {r.verdict for r in swept(both, reads=lambda draws: draws[:, 1])} == {Verdict.AGREES}
    assert {r.verdict for r in swept(both, reads=lambda draws: draws[:, 0])} == {Verdict.DISAGREES}


def test_a_profile_goes_through_its_further_configurations_and_no_others(swept: Callable[..., list[Result]]) -> None:
    found = swept(falling(2.0), further=({"d": 20},))
    assert [r.configuration["d"] for r in found] == [5, 6, 7, 8, 20]


@pytest.mark.parametrize("sharp", [False, True])
def test_ends_that_may_err_share_the_strict_level(swept: Callable[..., list[Result]], sharp: bool) -> None:
    found = swept(falling(1.0, noise=0.1), dimensions=(5,), sharp=sharp)[0]
    told: list[np.ndarray] = []

    def draw(**given: Any) -> np.ndarray:
        told.append(falling(1.0, noise=0.1)(**given))
        return told[-1]

    swept(draw, dimensions=(5,), sharp=sharp)
    # The search, the confirmation, and the drift of the confirmation on a stream of its own.
    assert [len(rows) for rows in told] == [12, 12, 48, 48]
    level = ErrorRates().strict / (2 if sharp else 1)
    slope = log_log_slope(np.array(SIZES), told[2], level)
    assert found.interval == (slope.low, slope.high)
    assert found.false_alarm == ErrorRates().strict


def test_a_drift_is_measured_on_other_streams_than_those_it_judges(swept: Callable[..., list[Result]]) -> None:
    keys: list[int] = []

    def draw(*, entropy: int, **told: Any) -> np.ndarray:
        keys.append(entropy)
        # The first stream of all drifts; the others are straight, and too shallow.
        bent = 1 / (1 + 20 * np.asarray(SIZES)) if len(keys) == 1 else 1.0
        return falling(1.8)(entropy=entropy, **told) * bent

    (found,) = swept(draw, dimensions=(5,))
    assert len(set(keys)) == len(keys) == 4
    assert found.verdict is Verdict.DISAGREES
    assert found.tolerance.finite_size < MARGIN + 0.05


def test_a_slope_that_agrees_as_it_is_needs_no_drift(swept: Callable[..., list[Result]]) -> None:
    calls: list[int] = []

    def draw(**told: Any) -> np.ndarray:
        calls.append(1)
        return falling(2.0)(**told)

    (found,) = swept(draw, dimensions=(5,))
    assert (len(calls), found.tolerance.finite_size, found.guarantee) == (1, 0.0, "exact")


def test_what_an_allowance_for_drift_decides_is_calibrated(swept: Callable[..., list[Result]]) -> None:
    found = swept(lambda **told: falling(2.0)(**told) / (1 + 20 * np.asarray(SIZES)), dimensions=(5,))[0]
    assert found.tolerance.finite_size > 0.1
    assert found.guarantee == "calibrated"


def test_a_drift_that_blew_up_allows_nothing(swept: Callable[..., list[Result]]) -> None:
    calls: list[int] = []

    def draw(**told: Any) -> np.ndarray:
        calls.append(1)
        return falling(1.8)(**told) * (1.0 if len(calls) in (1, 3) else np.nan)

    (found,) = swept(draw, dimensions=(5,))
    assert (found.verdict, found.tolerance.finite_size) == (Verdict.UNDECIDED, 0.0)


def test_a_confirmation_that_does_not_refute_may_agree_by_its_larger_sample(swept: Callable[..., list[Result]]) -> None:
    def draw(*, trials: int, entropy: int, **_: Any) -> np.ndarray:
        slopes = np.random.default_rng(entropy).normal(2.0, 0.06, (trials, 1))
        return np.asarray(np.asarray(SIZES) ** slopes)

    found = swept(draw, dimensions=tuple(range(5, 25)), sharp=True, suspects=20)
    confirmed = [r for r in found if r.stage == "confirm"]
    assert {r.verdict for r in confirmed} == {Verdict.AGREES}
    assert {r.false_alarm for r in confirmed} == {ErrorRates().look_again}
    assert {r.false_alarm for r in found if r.stage == "search"} == {ErrorRates().look}


def test_an_allowance_that_refutes_is_the_end_of_what_is_ahead(swept: Callable[..., list[Result]]) -> None:
    told: list[np.ndarray] = []

    def draw(**given: Any) -> np.ndarray:
        told.append(falling(1.2, noise=0.05)(**given) / (1 + np.asarray(SIZES)))
        return told[-1]

    (found,) = swept(draw, dimensions=(5,))
    sizes = np.array(SIZES)
    _, high = median_interval(ahead(sizes, told[3], onwards=True), ErrorRates().strict)
    assert (found.verdict, found.stage) == (Verdict.DISAGREES, "confirm")
    drift = high - float(np.median(slopes(sizes, told[2])))
    assert found.tolerance.finite_size == pytest.approx(drift + MARGIN)
    assert drift > np.median(drifts(sizes, told[3]))


def test_what_lies_between_the_slope_and_what_is_ahead_of_it_is_not_refuted(
    swept: Callable[..., list[Result]],
) -> None:
    # A slope of 1.6 that moves by 0.5, without noise: 1.9 lies on its way, 2.2 beyond.
    at = np.log(SIZES) - np.log(SIZES).mean()
    bend = 0.5 / float(drifts(np.array(SIZES), np.exp(-(at**2))[None])[0])
    slope = 1.6 - bend * float(slopes(np.array(SIZES), np.exp(-(at**2))[None])[0])

    def draw(*, trials: int, entropy: int, **_: Any) -> np.ndarray:
        noise = np.random.default_rng(entropy).normal(scale=1e-3, size=(trials, len(SIZES)))
        return np.asarray(np.exp(slope * at - bend * at**2 + noise))

    for sharp in (True, False):
        (found,) = swept(draw, dimensions=(5,), sharp=sharp, published=lambda: 1.9)
        assert (found.verdict, found.guarantee) == (Verdict.AGREES, "calibrated")
        assert found.tolerance.finite_size == pytest.approx(0.5, abs=0.01)
        (found,) = swept(draw, dimensions=(5,), sharp=sharp, published=lambda: 2.25)
        assert found.verdict is Verdict.DISAGREES
    (found,) = swept(draw, dimensions=(5,), sharp=True, published=lambda: 1.45)
    assert (found.verdict, found.tolerance.finite_size) == (Verdict.DISAGREES, MARGIN)


@pytest.mark.parametrize("at_most, noise, seeds", [(4, 0.1, 48), (5, 0.1, 60), (64, 0.001, 48)])
def test_a_confirmation_has_four_times_the_seeds_of_a_search_and_no_more_than_it_may(
    swept: Callable[..., list[Result]], at_most: int, noise: float, seeds: int
) -> None:
    (found,) = swept(falling(1.0, noise=noise), dimensions=(5,), sharp=True, at_most=at_most)
    assert (found.verdict, found.trials) == (Verdict.DISAGREES, seeds)


def test_a_confirmation_tells_what_must_be_noticed(swept: Callable[..., list[Result]]) -> None:
    # The resolution is 0.1: so far off, four times a search's seeds tell nothing.
    told = {at_most: swept(falling(1.9, noise=0.1), sharp=True, at_most=at_most, repeated=5) for at_most in (4, 64)}
    assert {r.verdict for r in told[64]} == {Verdict.DISAGREES}
    assert Verdict.DISAGREES not in {r.verdict for r in told[4]}
    assert all(240 < r.trials < 60 * 64 for r in told[64])


@pytest.mark.parametrize("resolution", [0.0, 1e-6])
def test_what_no_number_of_seeds_tells_is_confirmed_by_as_many_as_may_be(resolution: float) -> None:
    assert confirming(1.0, 12, 64, resolution, ErrorRates()) == 12 * 64


def test_a_wrong_version_has_as_few_seeds_as_tell_it(swept: Callable[..., list[Result]]) -> None:
    told = {
        wrong: swept(falling(2.0, noise=0.1), dimensions=(5,), printed=partial(float, wrong), repeated=20)[1]
        for wrong in (3.0, 2.1, 2.02)
    }
    assert [r.subject for r in told.values()] == [Subject.AS_PRINTED] * 3
    assert told[3.0].trials == 48 < told[2.1].trials < told[2.02].trials <= 4 * 240
    assert [r.verdict for r in told.values()][:2] == [Verdict.DISAGREES] * 2


def slopes_kept(found: Result) -> tuple[float, float, float, float]:
    """Number of seeds that nights keep, shares above and below what is allowed, and the share that may be."""
    told = {name.removeprefix("draws "): value for name, value in found.figures.items() if name.startswith("draws ")}
    spread = told["second"] + told["mean"] ** 2
    return told["count"], (spread + told["mean"]) / 2, (spread - told["mean"]) / 2, told["chance"]


@pytest.mark.parametrize(
    "exponent, towards, sharp, above, below",
    [(2.0, "zero", False, 0.0, 0.0), (1.8, "zero", False, 0.0, 1.0), (2.2, "zero", False, 0.0, 0.0),
     (2.2, "zero", True, 1.0, 0.0), (1.89, "zero", True, 0.0, 1.0), (1.91, "zero", True, 0.0, 0.0)],
)  # fmt: skip
def test_nights_keep_the_seeds_whose_slope_misses_the_exponent_by_more_than_must_be_noticed(
    swept: Callable[..., list[Result]], exponent: float, towards: str, sharp: bool, above: float, below: float
) -> None:
    (found,) = swept(falling(exponent, noise=1e-4), towards=towards, sharp=sharp, dimensions=(5,))
    assert slopes_kept(found)[1:] == pytest.approx((above, below, 0.5))
    assert found.figures["draws side"] == (0.0 if sharp else -1.0)
    # A confirmation's seeds stand beside those of the search that asked for it.
    earlier = 0 if found.stage == "search" else found.figures["seeds of a search"]
    assert slopes_kept(found)[0] == found.trials + earlier


def test_a_rate_whose_draws_blew_up_keeps_none(swept: Callable[..., list[Result]]) -> None:
    def broken(*, trials: int, entropy: int, **_: Any) -> np.ndarray:
        return np.full((trials, len(SIZES)), np.nan)

    (found,) = swept(broken, dimensions=(5,))
    assert not [name for name in found.figures if name.startswith("draws ")]


def test_elsewhere_as_much_is_noticed_as_is_said_of_it_by_the_profile_s_own_seeds(
    swept: Callable[..., list[Result]],
) -> None:
    here, there = swept(falling(2.0), dimensions=(5,), further=({"d": 20},), repeated=3, elsewhere=0.3)
    assert [(r.resolution, r.trials) for r in (here, there)] == [(0.1, 36), (0.3, 12)]


def test_a_slope_that_is_off_by_less_than_the_margin_is_not_refuted_however_many_seeds_tell_it(
    swept: Callable[..., list[Result]],
) -> None:
    # Off by 0.09, which 12 seeds let pass for more than the resolution, and 12·16 tell apart from nothing.
    told = {margin: swept(falling(1.91, noise=0.1), at_most=16, margin=margin) for margin in (0.0, 0.095)}
    assert Verdict.DISAGREES in {r.verdict for r in told[0.0]}
    assert Verdict.DISAGREES not in {r.verdict for r in told[0.095]}
    assert all(r.stage == "confirm" for r in told[0.095] if r.trials > 12)


def test_a_refutation_tells_the_margin_beyond_which_it_lies(swept: Callable[..., list[Result]]) -> None:
    (found,) = swept(falling(1.8, noise=1e-6), dimensions=(5,))
    assert found.tolerance.finite_size == pytest.approx(MARGIN, abs=1e-4)
    assert found.message.endswith("but claimed 2 ± 0.05")
    assert found.tolerance.sources["finite_size"].startswith("a margin of 0.05, declared")
    assert found.figures["margin of the slope"] == MARGIN


def test_a_wrong_version_and_a_broken_assumption_have_no_margin(swept: Callable[..., list[Result]]) -> None:
    (claim, printed) = swept(falling(2.0, noise=1e-3), dimensions=(5,), printed=lambda: 2.04, margin=0.09)
    assert (claim.verdict, printed.subject, printed.verdict) == (
        Verdict.AGREES,
        Subject.AS_PRINTED,
        Verdict.DISAGREES,
    )
    assert printed.message.endswith("but claimed 2.04")


@pytest.mark.parametrize("margin", [-0.01, 0.11])
def test_a_margin_lies_within_what_must_be_noticed(claim: Any, part: Limit, margin: float) -> None:
    sweep = Sweep(
        route=Route(name="decay", simulate=decay), sizes=SIZES, configurations=(), resolution=0.1, margin=margin
    )
    with pytest.raises(ValueError, match="a margin lies between 0 and the resolution"):
        sweep.validate(claim(part))


def test_a_claim_that_holds_agrees_by_the_first_seeds_of_a_confirmation_of_thousands(
    swept: Callable[..., list[Result]],
) -> None:
    drawn: list[int] = []

    def draw(*, trials: int, **told: Any) -> np.ndarray:
        drawn.append(trials)
        # Off by half of the resolution: 60 seeds leave it open, and 240 do not.
        return falling(1.95, noise=0.2)(trials=trials, **told)

    found = swept(draw, dimensions=tuple(range(5, 25)), suspects=20, sharp=True, at_most=80, repeated=5)
    confirmed = [r for r in found if r.stage == "confirm"]
    assert confirmed
    assert {(r.verdict, r.trials, r.false_alarm) for r in confirmed} <= {
        (Verdict.AGREES, 240, ErrorRates().look_again / 2)
    }
    assert max(drawn) == 240


def test_a_claim_that_is_wrong_is_held_against_all_the_seeds_that_were_planned(
    swept: Callable[..., list[Result]],
) -> None:
    found = swept(falling(1.85, noise=0.2), sharp=True, at_most=80, repeated=5)
    assert {(r.verdict, r.false_alarm) for r in found} == {(Verdict.DISAGREES, ErrorRates().strict)}
    assert all(r.trials > 240 for r in found)
