from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lazy_assay.checks.engine.order import LateError
from lazy_assay.checks.executors import run as running
from lazy_assay.checks.executors.plan import plan
from lazy_assay.checks.executors.progress import Listener
from lazy_assay.checks.executors.report_folder import begin
from lazy_assay.checks.ledger import Ledger
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.deadline import TimeGuardError
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.theory._catalogue import catalogue

IDENTITY, SWEEP = "ghorbani2019.eq13", "ghorbani2019.closure"


@pytest.fixture
def dear(tmp_path: Path) -> Path:
    """The folder of a ledger in which one part was dear."""
    row = {"task": f"{SWEEP}:general_model/statement", "seconds": 5000.0, "verdict": "AGREES", "subject": "claim"}
    head = {"id": "before", "started": "2026-01-01T00:00:00+00:00", "profile": "quick"}
    told = {"run": head, "claims": [], "results": [row], "errata": [], "coverage": {"planned": 1}}
    Ledger(f"sqlite:///{tmp_path / 'run' / 'ledger.sqlite'}").record(told)
    return tmp_path / "run"


def test_what_a_budget_leaves_out_is_not_run_and_said_with_its_cost(
    run: Callable[..., Any], dear: Path, undisturbed: Any
) -> None:
    finished = run(IDENTITY, SWEEP, "-n", "0", "--budget", "10m")
    assert finished.outcome.code == 3
    skipped = {entry["item"]: entry["reason"] for entry in finished.data["coverage"]["skipped"]}
    assert skipped
    assert all(item.startswith(f"{SWEEP}:general_model/") for item in skipped)
    assert {why.partition(": it takes")[0] for why in skipped.values()} == {"no night of this length pays for it"}
    assert f"not run: {len(skipped)} of 10 items, which the budget left out" in finished.outcome.err
    statuses = {part["name"]: part["status"] for row in finished.data["claims"] for part in row["parts"]}
    assert statuses["general_model"] == "not run"
    assert statuses["NT"] == "confirmed"
    mine = {row["id"]: row["verdict"] for row in finished.data["results"]}
    theirs = {row["id"]: row["verdict"] for row in undisturbed.data["results"]}
    assert mine.items() < theirs.items()
    again = run("--resume", "-n", "0")
    assert again.outcome.code == 3
    assert [entry["item"] for entry in again.data["coverage"]["skipped"]] == list(skipped)
    assert "not 1200" in run("--resume", "-n", "0", "--budget", "20m").outcome.err


def test_a_dry_run_prints_the_same_plan_twice_and_touches_nothing(assay: Callable[..., Any], dear: Path) -> None:
    words = ("run", IDENTITY, SWEEP, "-n", "0", "--dry-run", "--ledger", f"sqlite:///{dear / 'ledger.sqlite'}")
    plain, one, other = (assay(*words, *more) for more in ([], ["--budget", "10m"], ["--budget", "10m"]))
    assert one == other
    assert (plain.code, one.code) == (0, 0)
    assert "1 h 23 min" in one.out
    assert "1 parts cost more than a night" in one.out
    told = assay(*words, "--budget", "10m", "--json").data
    assert [row["part"] for row in told["night"]["left_out"]] == [f"{SWEEP}:general_model"]
    assert told["night"]["span"] <= told["seconds"] == 540
    assert list(Path().iterdir()) == []


def test_a_night_keeps_a_share_for_its_canary_and_both_fit(assay: Callable[..., Any]) -> None:
    told = assay("run", "--profile", "nightly", "-n", "2", "--budget", "20m", "--dry-run", "--json").data
    assert told["canary"]["span"] + told["night"]["span"] <= told["seconds"] == 1080
    assert told["canary"]["chosen"]
    assert told["night"]["left_out"]


def test_shards_are_runs_of_their_claims_alone(run: Callable[..., Any], assay: Callable[..., Any]) -> None:
    finished = run(IDENTITY, SWEEP, "-n", "0", "--shard", "1/2")
    assert finished.outcome.code == 0
    assert (finished.data["run"]["shard"], finished.data["run"]["selection"]) == ("1/2", [SWEEP])
    other = assay("run", IDENTITY, SWEEP, "--shard", "2/2", "--dry-run", "--json").data
    assert {row["part"].partition(":")[0] for row in other["night"]["chosen"]} == {IDENTITY}
    shards = [
        assay("run", "--shard", f"{place}/3", "--dry-run", "--json").data["night"]["chosen"] for place in (1, 2, 3)
    ]
    claims = [row["part"].partition(":")[0] for shard in shards for row in shard]
    assert set(claims) == set(catalogue().ids())
    assert sum(len({row["part"].partition(":")[0] for row in shard}) for shard in shards) == len(set(claims))


@pytest.mark.parametrize(
    "words, told",
    [
        (["--budget", "soon"], "no length of time"),
        (["--budget", "1s"], "pays for no part"),
        (["--shard", "3/2"], "no shard"),
    ],
)
def test_a_budget_or_shard_that_means_nothing_is_one_line(
    assay: Callable[..., Any], words: list[str], told: str
) -> None:
    outcome = assay("run", SWEEP, "-n", "0", *words)
    assert outcome.is_one_line()
    assert told in outcome.err


@pytest.fixture
def too_late(tmp_path: Path) -> Callable[[], dict[str, Any]]:
    """A run whose time is over; what it reports."""

    def run() -> dict[str, Any]:
        folder, ledger = tmp_path / "run" / "report", Ledger(f"sqlite:///{tmp_path / 'run' / 'ledger.sqlite'}")
        folder.mkdir(parents=True)
        fresh = replace(plan([IDENTITY], "quick", 0, "cpu"), budget=60)
        begin(folder, fresh)
        listener: Any = Listener(6, 0, quiet=True)
        assert running.execute(fresh, folder, workers="0", ledger=ledger, listener=listener, until=1) == 3
        told: dict[str, Any] = json.loads((folder / "results.json").read_text())
        return told

    return run


def reasons(told: dict[str, Any]) -> list[str]:
    return [entry["reason"] for entry in told["coverage"]["skipped"]]


def test_items_that_the_clock_overtakes_are_not_run_and_run_when_the_run_is_resumed(
    run: Callable[..., Any], too_late: Callable[[], dict[str, Any]]
) -> None:
    assert reasons(too_late()) == [str(LateError())] * 6
    finished = run("--resume", "-n", "0")
    assert finished.outcome.code == 0
    assert finished.data["coverage"]["executed"] == 6


def test_a_worker_that_comes_to_an_item_too_late_does_not_begin_it(
    too_late: Callable[[], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The time is over when the workers are ready, and was not when they were started.
    monkeypatch.setattr(running, "over", lambda until: False)
    assert reasons(too_late()) == [str(LateError())] * 6


def test_a_guard_ends_what_runs_when_the_budget_is_used_up() -> None:
    late: Any = Context(claim=SimpleNamespace(id="a.b"), profile=PROFILES["quick"], entropy=0, until=1)  # type: ignore[arg-type]
    with pytest.raises(TimeGuardError, match="budget of time"):
        late.guard()
    replace(late, until=2**40).guard()


def test_a_ledger_that_can_be_neither_read_nor_written_is_told_once(run: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "run" / "ledger.sqlite"
    path.parent.mkdir()
    ledger = Ledger(f"sqlite:///{path}")
    ledger.record({"run": {"id": "x", "started": "2026"}, "claims": [], "results": [], "errata": [], "coverage": {}})
    path.write_bytes(b"no database" * 1000)
    folder, fresh = tmp_path / "run" / "report", plan([IDENTITY], "quick", 0, "cpu")
    folder.mkdir()
    begin(folder, fresh)
    said: list[str] = []
    listener: Any = Listener(6, 0, quiet=True)
    listener.say = lambda *lines: said.extend(lines)
    assert running.execute(fresh, folder, workers="0", ledger=ledger, listener=listener) == 0
    assert len([line for line in said if str(path) in line]) == 1
