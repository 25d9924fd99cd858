from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp

from lazy_assay.checks.procedures.spread import BLOCK, Spread, block_variances
from lazy_assay.checks.statistics import ErrorRates
from lazy_assay.checks.statistics.moments import RANGE
from lazy_assay.checks.vocabulary.check import Resolution, Route
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import Profile
from lazy_assay.checks.vocabulary.result import Result, Subject, Tolerance, Verdict
from lazy_assay.checks.vocabulary.space import Between, Space
from lazy_assay.theory import Decoy, Limit, Quantity


def normal(*, d: int, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64") -> np.ndarray:
    """Draws of variance 3/d², whatever their mean."""
    return 0.5 + 3**0.5 / d * np.random.default_rng(entropy).standard_normal(trials)


def refuted(found: list[Result]) -> list[Result]:
    return [r for r in found if r.subject is Subject.CLAIM and r.verdict is Verdict.DISAGREES]


@pytest.fixture
def spread(
    confronted: Callable[..., list[Result]],
    context: Callable[..., Context],
    part: Limit,
    profile: Callable[..., Profile],
) -> Callable[..., list[Result]]:
    """The results of a part that predicts d²·Var = `predicted`, with `simulate` for its route."""

    def run(
        simulate: Callable[..., Any] = normal,
        predicted: float = 3.0,
        power: int = 2,
        resolution: float = 0.15,
        copies: int = 1,
        rounding: float = 0.0,
        decoys: tuple[Decoy, ...] = (),
        **changes: Any,
    ) -> list[Result]:
        stated = replace(
            part,
            quantity=Quantity(symbol=sp.Symbol("V"), meaning="d² times the variance"),
            statement=sp.Eq(sp.Symbol("V"), sp.Float(predicted)),
            published=lambda: predicted,
            finite=lambda d: predicted,
            decoys=(Decoy(name="twice", sentence="2V", published=lambda: 2 * predicted), *decoys),
        )
        check = Spread(
            size="d",
            space=Space(draws={"d": Between(4, 40)}, anchors=({"d": 20},)),
            routes=(
                Route(
                    name="normal",
                    simulate=normal,
                    examples=0,
                    copies=copies,
                    allowance=lambda values: Tolerance(rounding=rounding, sources={"rounding": "of a draw"}),
                ),
            ),
            resolution=Resolution(relative=resolution),
            power=power,
        )
        budgets = profile(search_trials=12_000, confirm_trials=48_000)
        return confronted(
            check, context(3, simulate={"normal": simulate}, profile=budgets, rates=ErrorRates(), **changes), stated
        )

    return run


def test_block_variances_have_the_variance_as_their_mean() -> None:
    draws = np.random.default_rng(0).exponential(size=8 * 20_000)
    found = block_variances(draws)
    assert found.shape == (20_000,)
    assert found.mean() == pytest.approx(1, abs=4 * found.std() / 20_000**0.5)


def test_what_is_left_over_of_the_last_block_is_dropped() -> None:
    assert block_variances(np.arange(2 * BLOCK + 3.0)) == pytest.approx([6.0, 6.0])


def test_a_right_variance_agrees_and_a_decoy_is_refuted(spread: Callable[..., list[Result]]) -> None:
    found = spread()
    assert [(r.subject, r.verdict, r.method) for r in found] == [
        (Subject.CLAIM, Verdict.AGREES, "betting"),
        (Subject.DECOY, Verdict.DISAGREES, "betting"),
    ]
    low, high = found[0].interval
    assert low < 3 < high


@pytest.mark.parametrize("factor", [0.6, 1.5])
def test_a_variance_that_is_off_is_refuted_on_fresh_draws(spread: Callable[..., list[Result]], factor: float) -> None:
    assert {r.stage for r in refuted(spread(predicted=3 * factor))} == {"confirm"}


def test_another_power_of_the_dimension_is_another_number(spread: Callable[..., list[Result]]) -> None:
    assert refuted(spread(power=1, predicted=3.0))


def test_draws_that_leave_their_place_far_beyond_the_cut_are_refuted_all_the_same(
    spread: Callable[..., list[Result]],
) -> None:
    def flips(*, d: int, trials: int, entropy: int, **_: Any) -> np.ndarray:
        return np.random.default_rng(entropy).choice((0.0, 1.0), trials)

    found = refuted(spread(simulate=flips))
    assert found
    assert all(r.interval[1] <= 8 * 3.0 for r in found)


@pytest.mark.parametrize("copies, largest", [(1, 8.0), (16, 2.75)])
def test_what_is_compared_is_cut_off_after_its_copies_are_averaged(
    spread: Callable[..., list[Result]], copies: int, largest: float
) -> None:
    told = spread(copies=copies)[0]
    assert [told.figures[name] for name in RANGE] == pytest.approx([0.0, 3 * largest])
    assert told.verdict is Verdict.AGREES


def test_a_draw_that_is_not_finite_is_diverged(spread: Callable[..., list[Result]]) -> None:
    def broken(**told: Any) -> np.ndarray:
        draws = normal(**told)
        draws[0] = np.nan
        return draws

    assert spread(simulate=broken)[0].verdict is Verdict.DIVERGED


def test_where_no_spread_is_predicted_the_check_says_so(spread: Callable[..., list[Result]]) -> None:
    with pytest.raises(ValueError, match="nothing spreads where 0 is predicted"):
        spread(predicted=0.0)


@pytest.mark.parametrize("noise, told", [(0.0, False), (1e-12, False), (1e-6, True)])
def test_that_nothing_spreads_is_told_to_rounding(
    spread: Callable[..., list[Result]], noise: float, told: bool
) -> None:
    def nearly(*, d: int, trials: int, entropy: int, **_: Any) -> np.ndarray:
        return np.asarray(0.5 + noise * np.random.default_rng(entropy).standard_normal(trials))

    found = spread(simulate=nearly, predicted=0.0, rounding=1e-15)
    assert bool(refuted(found)) is told
    assert (found[0].verdict is Verdict.AGREES) is not told
