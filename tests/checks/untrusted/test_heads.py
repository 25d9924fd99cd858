from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lazy_assay import theory
from lazy_assay.checks.engine.order import UsageError
from lazy_assay.checks.executors import costs, report_folder
from lazy_assay.checks.executors.plan import Plan, resumed
from lazy_assay.checks.vocabulary.profiles import PROFILES

CLAIM = "ghorbani2019.eq13"
HEADS = 8


@pytest.fixture
def plan() -> Plan:
    return Plan(
        id="20261122T085000-abc123",
        started="2026-11-22T08:50:00+00:00",
        selection=(CLAIM,),
        profile="quick",
        entropy=0,
        device="cpu",
        device_reason="cpu was asked for",
    )


def test_a_mutated_head_is_a_sound_plan_or_one_line(
    rng: random.Random, mutate: Callable[..., bytes], plan: Plan, harmless: Callable[..., Any], tmp_path: Path
) -> None:
    head = json.loads(json.dumps(dataclasses.asdict(plan)))
    for _ in range(HEADS):
        (tmp_path / "run.json").write_bytes(mutate(head, rng))
        try:
            with harmless():
                told = resumed(tmp_path)
        except (UsageError, theory.UnknownClaimError):
            continue
        assert all(type(getattr(told, it.name)) is type(getattr(plan, it.name)) for it in dataclasses.fields(Plan))
        assert set(told.selection) <= set(theory.ids())
        assert (told.profile in PROFILES, told.entropy >= 0, told.collections) == (True, True, ())


def test_of_mutated_seconds_only_those_that_are_some_are_remembered(
    rng: random.Random, mutate: Callable[..., bytes], harmless: Callable[..., Any], tmp_path: Path
) -> None:
    for _ in range(HEADS):
        (tmp_path / ".seconds").write_bytes(mutate({f"{CLAIM}:RF/statement": 0.5, f"{CLAIM}:NT/statement": 2}, rng))
        with harmless():
            told = costs.read(tmp_path / ".seconds")
        assert all(isinstance(item, str) and type(it) is float and 0 <= it < 1e9 for item, it in told.items())


@pytest.mark.parametrize("name", ["run.json", "results.json"])
def test_a_run_beside_mutated_files_begins_and_sets_the_unfinished_one_aside(
    rng: random.Random,
    mutate: Callable[..., bytes],
    plan: Plan,
    stored: Any,
    harmless: Callable[..., Any],
    tmp_path: Path,
    name: str,
) -> None:
    sound = {"run.json": json.loads(json.dumps(dataclasses.asdict(plan))), "results.json": stored}
    for other in sound:
        (tmp_path / other).write_text(json.dumps(sound[other]))
    (tmp_path / name).write_bytes(mutate(sound[name], rng))
    (tmp_path / "results.jsonl").write_text("{}\n")
    with harmless():
        note = report_folder.begin(tmp_path, plan)
    asides = list(tmp_path.glob("results-*.jsonl"))
    assert bool(note) == bool(asides)
    assert resumed(tmp_path) == plan
    assert not (tmp_path / "results.jsonl").exists()
