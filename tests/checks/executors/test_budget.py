from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazy_assay.checks.engine.order import UsageError
from lazy_assay.checks.engine.registry import tasks
from lazy_assay.checks.executors import budget
from lazy_assay.checks.executors.budget import Candidate
from lazy_assay.checks.executors.nights import Nights, alone, gain, simulated
from lazy_assay.checks.executors.shards import dealt, parsed, shard
from lazy_assay.checks.vocabulary.check import part_of
from lazy_assay.theory._catalogue import catalogue

IDS = catalogue().ids()


@pytest.mark.parametrize(
    "text, seconds", [("6h", 21600), ("90m", 5400), ("1h30m", 5400), ("45s", 45), ("1h1m1s", 3661)]
)
def test_a_budget_is_a_length_of_time(text: str, seconds: int) -> None:
    assert budget.seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "6", "h", "6h ", "-6h", "0m", "6d", "m6", "1m1h", "٦h", "9" * 40 + "h"])
def test_what_is_no_length_of_time_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(UsageError, match=r"^--budget [^\n]*$"):
        budget.seconds(text)


@pytest.mark.parametrize("text", ["", "1", "0/3", "4/3", "a/b", "1/2/3", "-1/2", "1/99999"])
def test_what_is_no_shard_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(UsageError, match=r"^--shard [^\n]*$"):
        parsed(text)


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_shards_partition_the_claims_and_are_about_equal(count: int) -> None:
    shards = dealt(IDS, count)
    assert sorted(id for one in shards for id in one) == sorted(IDS)
    assert shards == dealt(IDS[::-1], count)
    assert [shard(IDS, f"{place}/{count}") for place in range(1, count + 1)] == shards
    assert min(map(len, shards)) > 0


def test_a_shard_without_a_claim_is_refused() -> None:
    with pytest.raises(UsageError, match="only 1 claims are chosen"):
        shard(IDS[:1], "2/2")


def part(name: str, *seconds: float, gain: float = 1.0, seen: str = "") -> Candidate:
    return Candidate(part=name, items={f"{name}/{k}": cost for k, cost in enumerate(seconds)}, gain=gain, seen=seen)


def finished(items: list[float], workers: int) -> float:
    """When workers that take the next item whenever they are free are done."""
    free = [0.0] * workers
    for cost in items:
        free[free.index(min(free))] += cost
    return max(free)


NIGHT = st.lists(st.lists(st.floats(0.01, 300), min_size=1, max_size=4), min_size=1, max_size=25)


@given(costs=NIGHT, workers=st.integers(1, 5), length=st.floats(1, 900), order=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_what_is_chosen_fits_in_whatever_order_it_is_begun_and_every_item_is_chosen_or_left(
    costs: list[list[float]], workers: int, length: float, order: object
) -> None:
    parts = [part(f"p{k}", *each) for k, each in enumerate(costs)]
    found = budget.share(parts, seconds=length, workers=workers)
    items = [cost for it in parts if it.part in found.chosen for cost in it.items.values()]
    order.shuffle(items)  # type: ignore[attr-defined]
    assert finished(items, workers) <= length * (1 + 1e-12)
    assert set(found.chosen).isdisjoint(found.left)
    assert {*found.chosen, *found.left} == {it.part for it in parts}
    assert len(found.left_out) == sum(len(it.items) for it in parts if it.part in found.left)
    assert found == budget.share(parts[::-1], seconds=length, workers=workers)


@given(costs=NIGHT, workers=st.integers(1, 3), gains=st.lists(st.floats(0, 1e6), min_size=25, max_size=25))
@settings(max_examples=30, deadline=None)
def test_every_part_that_a_night_can_pay_for_has_its_turn_within_the_nights_that_are_stated(
    costs: list[list[float]], workers: int, gains: list[float]
) -> None:
    parts = {f"p{k}": part(f"p{k}", *each, gain=gains[k]) for k, each in enumerate(costs)}
    able = {name for name, it in parts.items() if budget.makespan([it], workers) <= 400}
    due = dict.fromkeys(able, math.inf)
    for night in range(1, 40):
        found = budget.share(parts.values(), seconds=400, workers=workers)
        due = {name: min(due[name], night - 1 + found.nights) for name in able}
        for name in found.chosen:
            parts[name] = replace(parts[name], seen=f"{night:04d}")
            due[name] = math.inf
        assert all(last > night for last in due.values())


def test_the_rest_of_a_night_goes_to_what_gains_most_an_hour_and_what_is_too_dear_is_told_with_its_cost() -> None:
    parts = [part("old", 5, seen="1"), part("rich", 4, gain=50, seen="2"), part("poor", 4, gain=2, seen="2")]
    found = budget.share([*parts, part("dear", 7000)], seconds=10, workers=1)
    assert list(found.chosen) == ["old", "rich"]
    assert found.left["poor"] == "the budget left it out: it takes 4.0 s"
    assert found.left["dear"] == "no night of this length pays for it: it takes 1 h 56 min"


def row(**changes: object) -> dict[str, object]:
    return {"tolerance": {"monte_carlo": 0.1}, "resolution": 0.1, "trials": 500} | changes


def test_a_result_gains_as_the_square_of_what_it_resolves_and_no_more_than_an_alarm_takes() -> None:
    one = gain(row())
    assert one == pytest.approx(math.log(2000))
    assert gain(row(resolution=0.05)) == pytest.approx(one / 4)
    assert gain(row(resolution=10.0)) == pytest.approx(math.log(1e6))
    assert gain(row(trials=0)) == gain(row(tolerance={"monte_carlo": "nan"})) == 1.0


def test_an_effect_whose_networks_another_trained_costs_what_training_does() -> None:
    told = {"a:x/effect": 60.0, "a:y/effect": 0.1, "a:z/effect": 30.0, "b:x/effect": 0.1, "a:x/statement": 0.1}
    assert alone(told) == told | {"a:y/effect": 60.0}


def test_what_a_larger_profile_runs_is_not_thought_free_because_a_lesser_one_left_it_out() -> None:
    plain = next(task for task in tasks("kearns2023.structured_data") if task.id.endswith(":movement/effect"))
    wide = next(task for task in tasks("kearns2023.structured_data") if task.id.endswith("movement_wide/effect"))
    widest = next(task for task in tasks("kearns2023.structured_data") if task.id.endswith("movement_widest/effect"))
    known = Nights(profile="nightly")
    assert (known.cost(wide), known.cost(widest)) == (4 * known.cost(plain), 3600.0)
    rows = [
        {"task": wide.id, "seconds": 0.0, "verdict": "ELSEWHERE"},
        {"task": "t", "seconds": 1.0, "verdict": "AGREES"},
    ]
    assert [row["task"] for row in simulated(rows)] == ["t"]


def test_what_never_ran_in_a_profile_costs_what_a_quick_run_says_times_the_work_and_at_most_its_guard() -> None:
    task = tasks("ghorbani2019.eq13")[0]
    assert Nights(profile="nightly", lesser={task.id: 2.0}).cost(task) == 60.0
    assert Nights(profile="nightly", lesser={task.id: 900.0}).cost(task) == 3600.0
    assert Nights(profile="nightly", lesser={task.id: 2.0}, seconds={task.id: 7.0}).cost(task) == 7.0
    (found, *_) = budget.candidates(["ghorbani2019.eq13"], Nights(profile="quick", seen={part_of(task.id): "2026"}))
    assert found.seen == "2026"
