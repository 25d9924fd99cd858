from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

IDENTITY = "ghorbani2019.eq13"
VICTIM = "ghorbani2019.eq13:NT/statement"
# The first process that comes to an item dies in the middle of it, as one does that is killed for its memory.
DIES = f"""if task.id == {VICTIM!r}:
    mark = Path(os.environ["MARKS"]) / "died"
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), 9)"""


def rows(finished: Any) -> list[dict[str, Any]]:
    """What a run found about the one claim, to the last bit, in the order of its report."""
    told = [row for row in finished.data["results"] if row["claim"] == IDENTITY]
    return [{name: value for name, value in row.items() if name != "seconds"} for row in told]


@pytest.mark.parametrize("executor", ["local", "gateways"])
def test_a_run_finds_the_same_whatever_performs_its_items(
    run: Callable[..., Any], undisturbed: Any, executor: str
) -> None:
    finished = run(IDENTITY, "-n", "1", "--executor", executor)
    assert finished.outcome.code == 0
    assert sorted(finished.items) == sorted(item for item in undisturbed.items if item.startswith(IDENTITY))
    assert rows(finished) == rows(undisturbed)


def test_a_pool_that_loses_a_worker_is_made_anew_and_the_run_finds_the_same(
    run: Callable[..., Any], undisturbed: Any, sabotage: Callable[[str], Path]
) -> None:
    place = sabotage(DIES)
    finished = run(IDENTITY, "-n", "1", "--executor", "pool")
    assert (place / "died").exists()
    assert finished.outcome.code == 0, finished.outcome.err
    assert f"a worker was lost in {VICTIM}; it runs again" in finished.outcome.err
    assert rows(finished) == rows(undisturbed)


@pytest.fixture
def scheduler(tmp_path: Path, sabotage: Callable[[str], Path]) -> Iterator[str]:
    """The address of a Dask scheduler with two workers, all three processes of their own; one worker will die."""
    sabotage(DIES)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    one = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", address, "--no-dashboard", "--no-show"]
    other = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-nanny", "--nthreads", "1"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    processes: list[subprocess.Popen[bytes]] = [
        subprocess.Popen(words, **quiet)  # type: ignore[call-overload]
        for words in (one, [*other, "--no-dashboard"], [*other, "--no-dashboard"])
    ]
    try:
        yield address
    finally:
        for process in processes:
            process.send_signal(signal.SIGKILL)
            process.wait()


def test_a_dask_worker_that_is_killed_midway_changes_no_bit_of_a_result(
    run: Callable[..., Any], undisturbed: Any, scheduler: str
) -> None:
    finished = run(IDENTITY, "-n", "1", "--executor", f"dask={scheduler}")
    assert finished.outcome.code == 0, finished.outcome.err
    assert (Path(os.environ["MARKS"]) / "died").exists()
    assert rows(finished) == rows(undisturbed)
    kept = [len(list(place.iterdir())) for place in (finished.folder / "shelf").iterdir()]
    assert kept == [1] * 6


def test_a_scheduler_that_is_not_there_is_the_machines_fault_in_one_line(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from lazy_assay.checks.executors import dask

    monkeypatch.setattr(dask, "PATIENCE", 0.5)
    begun = time.monotonic()
    finished = run(IDENTITY, "--executor", "dask=tcp://127.0.0.1:9")
    assert finished.outcome.code == 4
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in finished.outcome.err
    assert time.monotonic() - begun < 120


@pytest.mark.parametrize("name", ["cluster", "pool=3", ""])
def test_an_executor_that_there_is_not_is_one_line(assay: Callable[..., Any], name: str) -> None:
    outcome = assay("run", IDENTITY, "--executor", name or "=")
    assert outcome.is_one_line()
    assert "local, pool, gateways, dask, slurm" in outcome.err
