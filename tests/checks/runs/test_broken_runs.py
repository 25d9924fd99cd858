from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lazy_assay.checks.executors import run as _run
from lazy_assay.checks.executors.progress import Listener

IDENTITY = "ghorbani2019.eq13"


def raised(error: BaseException) -> pytest.ExceptionInfo[BaseException]:
    with pytest.raises(type(error)) as found:
        raise error
    return found


@pytest.mark.parametrize(
    "error, line",
    [
        (OSError(24, "Too many open files"), "OSError: [Errno 24] Too many open files"),
        (
            AssertionError('Traceback:\n  File "a.py", line 3\nexecnet.DumpError: no text\nassert False'),
            "execnet.DumpError: no text",
        ),
        (AssertionError("\x1b[31m"), "AssertionError: \\x1b[31m"),
        (EOFError("expected 1 bytes, got 0"), "a worker process was lost as it began; `assay run --resume` goes on"),
        (KeyError("x" * 5000), "KeyError: '" + "x" * 289),
    ],
)
def test_what_breaks_pytest_is_one_line_and_no_traceback(error: BaseException, line: str) -> None:
    listener = Listener(1, 0, quiet=True)
    assert listener.pytest_internalerror(raised(error)) is True
    assert listener.broken == f"the machine failed: {line}"
    listener.pytest_internalerror(raised(ValueError("what came of it")))
    assert listener.broken == f"the machine failed: {line}"


@pytest.mark.parametrize("handles, workers", [(9, "0"), (18, "2")])
def test_too_few_file_handles_are_the_machines_fault_in_one_line(handles: int, workers: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lazy_assay", "run", IDENTITY, "--device", "cpu", "-n", workers],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (handles, handles)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4, done.stderr
    # Of a worker's breakdown in one line, and in another of what came of it.
    assert 1 <= sum("Too many open files" in line for line in done.stderr.splitlines()) <= 2
    assert any("the machine failed" in line for line in done.stderr.splitlines())
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("status", [0, 1, 5])
def test_workers_that_are_lost_before_their_first_item_are_the_machines_fault(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    # As pytest comes back where each worker, and each that is put in its place, is killed while it collects.
    nothing = SimpleNamespace(finished={}, failed={}, late={}, unkept="")
    monkeypatch.setattr(_run, "_pytest", lambda *_: (status, nothing))
    finished = run(IDENTITY, "-n", "1")
    assert finished.outcome.code == 4
    told = "the machine failed: its workers were lost before they came to ghorbani2019.eq13:RF/statement"
    assert told in finished.outcome.err.splitlines()
    assert finished.data["coverage"]["executed"] == 0


def test_a_run_that_is_stopped_is_incomplete_and_blames_no_machine(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = SimpleNamespace(finished={}, failed={}, late={}, unkept="")
    monkeypatch.setattr(_run, "_pytest", lambda *_: (_run.INTERRUPTED, nothing))
    assert run(IDENTITY, "-n", "1").outcome.code == 3


def test_a_result_with_a_field_that_none_can_have_is_named_and_the_others_are_kept(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from lazy_assay.checks.engine import perform

    honest = perform.run

    def odd(task: Any, context: Any) -> list[Any]:
        found = honest(task, context)
        return [replace(result, trials=-1) for result in found] if task.id.endswith("RF/statement") else found

    monkeypatch.setattr(perform, "run", odd)
    finished = run(IDENTITY, "-n", "0")
    assert finished.outcome.code == 4
    told = "ghorbani2019.eq13:RF/statement: a result of it is none: trials is no count of at most 9223372036854775807"
    assert told in finished.outcome.err.splitlines()
    assert finished.data["coverage"]["executed"] == 5


def test_pytests_own_option_for_the_report_follows_no_link_and_waits_for_no_pipe(
    tmp_path: Path, checkout: Path
) -> None:
    folder = tmp_path / "report"
    folder.mkdir()
    os.mkfifo(folder / "results.jsonl")
    file = checkout / "theory" / "ghorbani2019" / "eq13.py"
    words = [sys.executable, "-m", "pytest", str(file), "--assay", f"--assay-report={folder}", "-p", "no:cacheprovider"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 4, done.stdout + done.stderr
    assert "results.jsonl is no regular file" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
