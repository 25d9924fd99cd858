from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

IDENTITY, SWEEP, SEARCH = "ghorbani2019.eq13", "ghorbani2019.closure", "daniely2019.corollary3"
# The first item of eq13, and the first of its second part.
FIRST, THIRD = "ghorbani2019.eq13:RF/statement", "ghorbani2019.eq13:NT/statement"
HANGS = "if task.id == {item!r}: threading.Event().wait()"

Starter = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def started() -> Iterator[Starter]:
    """Starts `assay` in a process group of its own; nothing of it outlives the test."""
    processes: list[subprocess.Popen[str]] = []

    def start(*words: Any) -> subprocess.Popen[str]:
        # A line an item, by which a test knows how far a run has come.
        told = ["-v"] * (words[0] == "run")
        command = [sys.executable, "-m", "lazy_assay", *map(str, words), *told]
        pipe = subprocess.PIPE
        # A shell's background job ignores the keyboard, and would hand that on.
        kept = signal.signal(signal.SIGINT, signal.SIG_DFL)
        try:
            processes.append(subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True))
        finally:
            signal.signal(signal.SIGINT, kept)
        return processes[-1]

    yield start
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def await_items(process: subprocess.Popen[str], count: int) -> None:
    """Return once the run has said that `count` items are done: each is in the log by then."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.lstrip().startswith(f"{count}/"):
            return
    raise AssertionError(f"the run ended before {count} items were done")


@pytest.mark.parametrize("workers, hangs, done", [("0", THIRD, 2), ("2", FIRST, 4)])
def test_a_run_that_is_killed_goes_on_where_it_stopped(
    started: Starter,
    assay: Callable[..., Any],
    sabotage: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    undisturbed: Any,
    workers: str,
    hangs: str,
    done: int,
) -> None:
    sabotage(HANGS.format(item=hangs))
    # A ledger that remembers no costs: the items come in their order, and the one that hangs where it is awaited.
    folder, log, ledger = Path("killed"), Path("killed/results.jsonl"), "sqlite:///killed.sqlite"
    process = started("run", IDENTITY, "--device", "cpu", "-n", workers, "--report", folder, "--ledger", ledger)
    await_items(process, done)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = log.read_bytes()
    assert before.count(b"\n") == 1 + done
    assert not (folder / "results.json").exists()
    monkeypatch.delenv("PYTHONPATH")
    again = assay("run", "--resume", "-n", "0", "--report", folder, "--ledger", ledger)
    assert again.code == 0
    assert log.read_bytes().startswith(before)
    # A header, six items, a footer.
    assert log.read_bytes().count(b"\n") == 8
    mine = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    theirs = undisturbed.data
    rows = [row for row in theirs["results"] if row["claim"] == IDENTITY]
    for data in (mine, {**theirs, "results": rows}):
        data["results"] = [{**row, "seconds": 0.0} for row in data["results"]]
    assert mine["results"] == [{**row, "seconds": 0.0} for row in rows]
    assert mine["coverage"]["executed"] == 6
    assert mine["claims"][0]["status"] == "confirmed"


def test_a_run_that_is_stopped_from_the_keyboard_is_incomplete_and_says_how_to_go_on(
    started: Starter, assay: Callable[..., Any], sabotage: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    sabotage(HANGS.format(item=THIRD))
    process = started(
        "run", IDENTITY, "--device", "cpu", "-n", "0", "--report", "stopped", "--ledger", "sqlite:///stopped.sqlite"
    )
    await_items(process, 2)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 3
    assert "`assay run --resume --report stopped` goes on from here" in err
    data = json.loads(Path("stopped/results.json").read_text(encoding="utf-8"))
    parts = {part["name"]: part["status"] for part in data["claims"][0]["parts"]}
    assert parts == {"RF": "confirmed", "NT": "not run", "NN": "not run"}
    assert data["coverage"]["skipped"][0] == {"item": THIRD, "reason": "not run"}
    monkeypatch.delenv("PYTHONPATH")
    fresh = assay("run", SWEEP, "-n", "0", "--report", "stopped", "--ledger", "sqlite:///stopped.sqlite")
    assert fresh.code == 0
    assert "an unfinished run was here" in fresh.err
    (aside,) = Path("stopped").glob("results-*.jsonl")
    assert len(aside.read_text(encoding="utf-8").splitlines()) == 1 + 2


def interrupted(finished: Any, *, keep: int, cut: bytes = b"") -> list[str]:
    """Make a finished run look as a kill leaves it: a header, `keep` whole items, the start of another, no report."""
    log = finished.folder / "results.jsonl"
    head, *lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(head + b"".join(lines[:keep]) + cut)
    for name in ("results.json", "index.html", "summary.md", "junit.xml"):
        (finished.folder / name).unlink()
    return [json.loads(line)["item"] for line in lines[:keep]]


def healed(finished: Any) -> None:
    """Take the torn line out of a copy of the log, so that the rest can be read as the items that it holds."""
    log = finished.folder / "results.jsonl"
    log.write_bytes(b"".join(line for line in log.read_bytes().splitlines(keepends=True) if is_json(line)))


def is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def cuts(line: bytes) -> dict[str, bytes]:
    return {
        "in the middle": line[: len(line) // 2],
        "before its newline": line.rstrip(b"\n"),
        "inside a letter": b'{"item": "\xce',
        "after a byte": line[:1],
    }


@pytest.mark.parametrize("where", ["in the middle", "before its newline", "inside a letter", "after a byte"])
def test_a_last_line_that_was_cut_off_is_run_again(
    copied: Any, undisturbed: Any, assay: Callable[..., Any], same: Callable[..., None], where: str
) -> None:
    lines = (copied.folder / "results.jsonl").read_bytes().splitlines(keepends=True)
    kept = interrupted(copied, keep=8, cut=cuts(lines[9])[where])
    torn = (copied.folder / "results.jsonl").read_bytes()
    again = assay("run", "--resume", "-n", "0", "--report", copied.folder, "--ledger", copied.ledger)
    assert again.code == 0
    assert "results.jsonl, line 10: cut off: skipped, its item runs again" in again.err
    assert (copied.folder / "results.jsonl").read_bytes().startswith(torn)
    healed(copied)
    assert copied.items[:8] == kept
    # A line that lacked its newline alone is whole once it is ended, and its item stands twice.
    assert set(copied.items) == set(undisturbed.items)
    same(copied.data, undisturbed.data)


def test_resuming_a_finished_run_runs_nothing_and_reports_the_same(
    copied: Any, undisturbed: Any, assay: Callable[..., Any], same: Callable[..., None]
) -> None:
    again = assay("run", "--resume", "-n", "0", "--report", copied.folder, "--ledger", copied.ledger)
    assert again.code == 0
    assert copied.items == undisturbed.items
    assert not any(f"/{len(copied.items)}  " in line for line in again.err.splitlines())
    same(copied.data, undisturbed.data)


def test_the_plan_may_be_named_again(copied: Any, assay: Callable[..., Any]) -> None:
    interrupted(copied, keep=11)
    same = ["--profile", "quick", "--entropy", "0", "--device", "cpu"]
    words = ["run", IDENTITY, SWEEP, SEARCH, *same, "--resume", "-n", "0"]
    assert assay(*words, "--report", copied.folder, "--ledger", copied.ledger).code == 0


@pytest.mark.parametrize(
    "words, complaint",
    [
        (["--entropy", "7"], "a run with entropy 0, not 7"),
        (["--profile", "full"], "a run with profile quick, not full"),
        ([IDENTITY], "a run with claims"),
        (["--device", "cuda"], "a run with device cpu, not cuda"),
    ],
)
def test_another_plan_is_no_resumption(
    copied: Any, assay: Callable[..., Any], words: list[str], complaint: str
) -> None:
    interrupted(copied, keep=8)
    before = (copied.folder / "results.jsonl").read_bytes()
    outcome = assay("run", *words, "--resume", "--report", copied.folder, "--ledger", copied.ledger)
    assert outcome.is_one_line(), outcome
    assert complaint in outcome.err
    assert (copied.folder / "results.jsonl").read_bytes() == before
    assert not (copied.folder / "results.json").exists()


@pytest.mark.parametrize(
    "spoil, complaint",
    [({"device": "cuda:5"}, "'cuda:5' is not available"), ({"selection": ["nobody2000.theorem9"]}, "unknown claim")],
)
def test_a_plan_that_this_machine_cannot_continue_is_refused(
    copied: Any, assay: Callable[..., Any], spoil: dict[str, Any], complaint: str
) -> None:
    interrupted(copied, keep=8)
    head = copied.folder / "run.json"
    head.write_text(json.dumps(json.loads(head.read_text()) | spoil))
    outcome = assay("run", "--resume", "--report", copied.folder, "--ledger", copied.ledger)
    assert outcome.is_one_line(), outcome
    assert complaint in outcome.err


def test_an_unfinished_run_is_set_aside_when_a_new_one_starts(copied: Any, assay: Callable[..., Any]) -> None:
    interrupted(copied, keep=8)
    before = (copied.folder / "results.jsonl").read_bytes()
    fresh = assay("run", IDENTITY, "-n", "0", "--report", copied.folder, "--ledger", copied.ledger)
    assert fresh.code == 0
    (aside,) = copied.folder.glob("results-*.jsonl")
    assert aside.read_bytes() == before
    assert f"its results are in {aside.name}" in fresh.err
    assert len(copied.items) == 6
