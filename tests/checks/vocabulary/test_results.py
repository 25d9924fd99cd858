import json
import math
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest

from lazy_assay.checks.report._numbers import training
from lazy_assay.checks.vocabulary.check import Clock
from lazy_assay.checks.vocabulary.result import Result, Subject, Tolerance, Verdict, from_json, to_json

INF = math.inf


def same(one: Result, other: Result) -> bool:
    """Equal field by field, where NaN is equal to itself."""
    return all(repr(getattr(one, field.name)) == repr(getattr(other, field.name)) for field in fields(one))


@pytest.fixture
def full(result: Callable[..., Result]) -> Result:
    """A result with something in every field."""
    return result(
        part="limit", subject=Subject.DECOY, decoy="one more neuron", stage="confirm", method="betting",
        message="[a] ρ ≤ 1", profile="quick", entropy=2**60 + 1, device="cuda:1", task="coin.claim/x", resolution=0.1,
        false_alarm=4.9e-10, diverged=3, seconds=1.25, figures={"deviation": 0.5},
        configuration={"d": 20, "B": "exponential:1", "rho": 0.1, "odd": True},
        tolerance=Tolerance(finite_size=0.1, rounding=1e-8, monte_carlo=0.2, sources={"finite_size": "next order"}),
    )  # fmt: skip


def test_a_result_comes_back_from_json_as_it_was(full: Result) -> None:
    told = json.loads(json.dumps(to_json(full), allow_nan=False))
    assert same(from_json(told), full)
    assert from_json(told).id == full.id


@pytest.mark.parametrize("value", [math.nan, INF, -INF])
def test_nan_and_infinities_travel_through_strict_json(full: Result, value: float) -> None:
    odd = replace(
        full, predicted=value, estimate=value, interval=(-INF, value), figures={"deviation": value},
        tolerance=Tolerance(monte_carlo=value),
    )  # fmt: skip
    text = json.dumps(to_json(odd), allow_nan=False)
    assert same(from_json(json.loads(text)), odd)


def test_json_holds_verdict_subject_and_the_command_that_replays(full: Result) -> None:
    told = to_json(full)
    assert (told["verdict"], told["subject"]) == ("AGREES", "decoy")
    assert told["replay"] == f"assay replay {full.id}"


def test_a_missing_field_is_an_error(full: Result) -> None:
    told = to_json(full)
    del told["verdict"]
    with pytest.raises(KeyError, match="verdict"):
        from_json(told)


# Stored ledgers and replays name results by these digits: they may not change by accident.
def test_the_id_of_a_result_is_the_same_in_every_version(result: Callable[..., Result]) -> None:
    assert result(entropy=7, profile="quick", stage="search").id == "a2eda92370cb"


@pytest.mark.parametrize(
    "change",
    [
        {"entropy": 1}, {"part": "limit"}, {"route": "SGD"}, {"subject": Subject.DECOY}, {"decoy": "half"},
        {"stage": "confirm"}, {"profile": "full"}, {"device": "cuda"}, {"check": "slope"}, {"claim": "coin.other"},
        {"configuration": {"d": 21}}, {"configuration": {"d": "20"}},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_what_was_compared_is_in_the_id(result: Callable[..., Result], change: dict[str, Any]) -> None:
    assert result(**change).id != result().id


@pytest.mark.parametrize(
    "change", [{"verdict": Verdict.DISAGREES}, {"estimate": 9.0}, {"seconds": 1.0}, {"message": "x"}, {"trials": 1}]
)
def test_what_was_found_is_not_in_the_id(result: Callable[..., Result], change: dict[str, Any]) -> None:
    assert result(**change).id == result().id


def test_the_order_of_a_configuration_does_not_matter_to_the_id(result: Callable[..., Result]) -> None:
    first, second = ({"d": 1, "N": 2}, {"N": 2, "d": 1})
    assert result(configuration=first).id == result(configuration=second).id


def test_the_bias_is_every_part_of_the_tolerance_but_the_monte_carlo_one() -> None:
    parts: dict[str, Any] = {
        "finite_size": 1.0,
        "discretisation": 2.0,
        "optimisation": 4.0,
        "monte_carlo": 100.0,
        "rounding": 8.0,
    }
    assert Tolerance(**parts).bias == 15.0
    assert Tolerance(**parts, sources={"rounding": "eps"}).parts() == parts


def test_a_clock_tells_step_size_steps_time_and_scale() -> None:
    figures = Clock(step_size=0.1, steps=200, alpha=4).figures()
    assert figures == {"step size": 0.1, "steps": 200.0, "time": pytest.approx(20), "alpha": 4}
    assert training(figures) == "step size 0.1, 200 steps, time 20, α = 4"
    assert training({"deviation": 0.5}) == ""


@pytest.mark.parametrize(
    "changes, guarantee",
    [
        ({"method": "betting", "tolerance": Tolerance()}, "exact"),
        ({"method": "asymptotic", "tolerance": Tolerance()}, "asymptotic"),
        ({"method": "t", "tolerance": Tolerance()}, "asymptotic"),
        ({"method": "certificate", "tolerance": Tolerance()}, "certificate"),
        ({"method": "exact", "tolerance": Tolerance(rounding=1e-9, sources={"rounding": "computed"})}, "computed"),
        ({"tolerance": Tolerance(finite_size=0.1, sources={"finite_size": "calibrated on others"})}, "calibrated"),
        ({"tolerance": Tolerance(finite_size=0.0, sources={"finite_size": "calibrated on others"})}, "exact"),
    ],
)
def test_a_result_says_what_its_interval_rests_on(full: Result, changes: dict[str, Any], guarantee: str) -> None:
    changed = replace(full, **changes)
    assert changed.guarantee == guarantee
    assert to_json(changed)["guarantee"] == guarantee


def test_nights_are_compared_by_a_key_without_entropy_and_profile(full: Result) -> None:
    other = replace(full, entropy=1, profile="nightly", device="cpu", stage="search", estimate=3.0, seconds=0.0)
    assert other.comparison == full.comparison
    for changes in ({"claim": "b"}, {"part": "x"}, {"check": "x"}, {"route": "x"}, {"subject": Subject.CLAIM},
                    {"decoy": "another decoy"}, {"configuration": {"d": 21}}):  # fmt: skip
        assert replace(full, **changes).comparison != full.comparison
