from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lazy_assay.checks.engine.registry import tasks
from lazy_assay.checks.executors import costs
from lazy_assay.checks.executors.plugin import Claims
from lazy_assay.checks.ledger import Ledger
from lazy_assay.checks.vocabulary.check import Task

TRAINED = tasks("kawaguchi2021.table1")
SWEPT = tasks("ghorbani2019.closure")
ALGEBRA = tasks("ghorbani2019.eq13")


def test_what_trains_is_guessed_dearer_than_what_sweeps_and_that_than_algebra() -> None:
    swept = [task for task in SWEPT if task.part.kind == "Rate" and task.routes]
    assert swept
    assert sorted([*ALGEBRA, *swept, *TRAINED], key=costs.turn({})) == [*TRAINED, *swept, *ALGEBRA]


def test_a_plan_s_own_order_goes_before_what_things_cost() -> None:
    planned = [ALGEBRA[1].id, TRAINED[0].id]
    told = sorted([*ALGEBRA[:3], TRAINED[0], SWEPT[0]], key=costs.turn({ALGEBRA[2].id: 50.0}, planned))
    assert [task.id for task in told[:3]] == [*planned, ALGEBRA[2].id]


def test_what_is_remembered_wins_over_the_guess_and_equals_stay_as_they_came() -> None:
    remembered = {ALGEBRA[3].id: 100.0, **{task.id: 0.0 for task in TRAINED}}
    assert sorted([*TRAINED, *ALGEBRA], key=costs.turn(remembered)) == [
        *(ALGEBRA[3], *ALGEBRA[:3], *ALGEBRA[4:]),
        *TRAINED,
    ]


def named(id: str, *names: str) -> list[Task]:
    return [task for name in names for task in tasks(id) if task.id == f"{id}:{name}"]


def test_what_only_reads_the_runs_of_a_dearer_task_begins_when_all_others_have() -> None:
    # Two readings of one training, a slope and another of the same runs, and trainings of other networks.
    small, large, resnet = named(
        "kawaguchi2021.table2", "small_noise/effect", "large_noise/effect", "small_noise_resnet/effect"
    )
    theta, u = named(
        "fang2021.figure3", *(f"practical_{layer}/slope by descent, practical" for layer in ("theta", "u"))
    )
    told = costs.begun([theta, u, *ALGEBRA, small, large, resnet], {large.id: 30.0, theta.id: 20.0})
    assert told == [large, theta, resnet, *ALGEBRA, small, u]


def test_a_plan_s_own_order_stays_whoever_reads_the_same_runs() -> None:
    small, large = named("kawaguchi2021.table2", "small_noise/effect", "large_noise/effect")
    assert costs.begun([ALGEBRA[0], large, small], {}, [small.id, large.id]) == [small, large, ALGEBRA[0]]


def item(task: Task) -> Any:
    return SimpleNamespace(task=task)


@pytest.fixture
def ordered() -> Callable[..., list[Any]]:
    """A collection as the plugin leaves it, of a run that names a file of seconds or has pytest's cache."""

    def order(items: list[Any], *, file: str = "", cached: Any = None) -> list[Any]:
        options: dict[str, Any] = {"--assay-skip": "", "--assay-data-dir": "", "--assay-collection": []}
        cache = SimpleNamespace(get=lambda key, default: cached if key == costs.CACHED else default)
        config: Any = SimpleNamespace(
            getoption=(options | {"--assay-seconds": file}).__getitem__, getini=lambda name: [], cache=cache
        )
        Claims(config).pytest_collection_modifyitems(config, items)
        return items

    return order


@pytest.mark.parametrize("by", ["file", "cache"])
def test_a_run_begins_with_what_took_longest_and_ends_with_the_tests(
    ordered: Callable[..., list[Any]], tmp_path: Path, by: str
) -> None:
    cheap, dear, other, test = item(TRAINED[0]), item(ALGEBRA[0]), item(ALGEBRA[1]), SimpleNamespace()
    remembered = {cheap.task.id: 0.02, dear.task.id: 40.0}
    (tmp_path / "seconds").write_text(json.dumps(remembered))
    told = {"file": str(tmp_path / "seconds")} if by == "file" else {"cached": remembered}
    assert ordered([test, cheap, dear, other], **told) == [dear, other, cheap, test]


@pytest.mark.parametrize("stored", ["[]", "{", "", '{"a": NaN}', '{"a": "x", "b": -1, "c": true, "d": 1e999, "e": []}'])
def test_a_damaged_memory_is_none(tmp_path: Path, stored: str) -> None:
    (tmp_path / "seconds").write_text(stored)
    assert costs.read(tmp_path / "seconds") == {}
    assert costs.read(tmp_path / "absent") == {}


def test_a_run_that_met_its_draws_stored_does_not_make_an_item_cheap_at_once() -> None:
    assert costs.later({"a": 40.0, "b": 1.0}, {"a": 0.1, "c": 2.0}) == {"a": 20.0, "b": 0.5, "c": 2.0}


def test_a_run_remembers_what_the_folder_and_the_ledger_say(tmp_path: Path) -> None:
    ledger, data = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}"), {"run": {"id": "x", "started": "2026"}}
    rows = [{"id": str(k), "claim": "a.b", "task": task, "seconds": 1.5} for k, task in enumerate(["a.b/c", "a.b/d"])]
    ledger.record({**data, "results": rows, "claims": []})
    mine = [{"task": "a.b/d", "seconds": 2.0}, {"task": "a.b/d", "seconds": 3.0}, {"seconds": 1.0}, "junk"]
    (tmp_path / "results.json").write_text(json.dumps({"results": mine}))
    costs.remember(tmp_path, costs.remembered(tmp_path, ledger))
    assert costs.read(tmp_path / costs.SECONDS) == {"a.b/c": 1.5, "a.b/d": 5.0}
