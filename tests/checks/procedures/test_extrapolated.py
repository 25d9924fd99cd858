from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp

from lazy_assay.checks.procedures.extrapolated import Extrapolated
from lazy_assay.checks.statistics import ErrorRates
from lazy_assay.checks.vocabulary.check import Resolution, Route, Values
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import Profile
from lazy_assay.checks.vocabulary.result import Result, Subject, Tolerance, Verdict
from lazy_assay.checks.vocabulary.space import Between, Space
from lazy_assay.theory import Decoy, Limit, Quantity


def two_sizes(*, d: int, trials: int, entropy: int, **_: Any) -> np.ndarray:
    """At d and 2d, draws of variance 3(1 − 8/d)/d: neither is near 3/d."""
    sizes = np.array([d, 2 * d])
    return np.asarray(
        np.sqrt(3 * (1 - 8 / sizes) / sizes) * np.random.default_rng(entropy).standard_normal((trials, 2))
    )


def left(values: Values) -> Tolerance:
    return Tolerance(finite_size=10 / values["d"] ** 2, sources={"finite_size": "next order"})


@pytest.fixture
def found(
    confronted: Callable[..., list[Result]],
    context: Callable[..., Context],
    part: Limit,
    profile: Callable[..., Profile],
) -> Callable[..., list[Result]]:
    """The results of a part whose limit of d·Var is `limit`, and whose form at finite size is of no use."""

    def run(limit: float = 3.0, simulate: Callable[..., Any] = two_sizes) -> list[Result]:
        stated = replace(
            part,
            quantity=Quantity(symbol=sp.Symbol("V"), meaning="d times the variance"),
            statement=sp.Eq(sp.Symbol("V"), sp.Float(limit)),
            published=lambda: limit,
            finite=lambda d: 1000.0,
            limit_of=lambda d: {},
            decoys=(Decoy(name="twice", sentence="2V", published=lambda: 2 * limit, finite=lambda d: 2 * limit),),
        )
        check = Extrapolated(
            size="d",
            power=1,
            space=Space(draws={"d": Between(20, 40)}, anchors=({"d": 20},)),
            routes=(Route(name="normal", simulate=two_sizes, allowance=left, examples=0, copies=8),),
            resolution=Resolution(relative=0.15),
        )
        told = context(
            3,
            simulate={"normal": simulate},
            profile=profile(search_trials=12_000, confirm_trials=48_000),
            rates=ErrorRates(),
        )
        return confronted(check, told, stated)

    return run


def test_a_limit_that_neither_size_shows_agrees_and_a_decoy_is_refuted(found: Callable[..., list[Result]]) -> None:
    results = found()
    assert [(r.subject, r.verdict, r.method) for r in results] == [
        (Subject.CLAIM, Verdict.AGREES, "betting"),
        (Subject.DECOY, Verdict.DISAGREES, "betting"),
    ]
    assert results[0].estimate == pytest.approx(3, rel=0.1)


@pytest.mark.parametrize("factor", [0.75, 1.3])
def test_a_wrong_limit_is_refuted_on_fresh_draws(found: Callable[..., list[Result]], factor: float) -> None:
    told = found(3 * factor)[0]
    assert (told.verdict, told.stage) == (Verdict.DISAGREES, "confirm")


def test_what_one_size_alone_shows_is_not_what_is_compared(found: Callable[..., list[Result]]) -> None:
    def twice_the_same(**told: Any) -> np.ndarray:
        return np.repeat(two_sizes(**told)[:, :1], 2, axis=1)

    assert found(simulate=twice_the_same)[0].verdict is Verdict.DISAGREES
