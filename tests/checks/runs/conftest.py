from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from lazy_assay import theory
from lazy_assay.checks.cli.main import run_command
from lazy_assay.checks.vocabulary.result import Result, Verdict

# Fast claims of three kinds: algebra alone, a sweep in torch, and a search with a confidence sequence.
IDENTITY, SWEEP, SEARCH = "ghorbani2019.eq13", "ghorbani2019.closure", "daniely2019.corollary3"
# What differs between two runs that found the same.
TIMINGS = ("id", "started", "finished", "seconds", "command", "commit")

# What the pytest around these tests, or a colourful terminal, would pass on.
WORKER = ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID")
SURROUNDINGS = ("PYTEST_ADDOPTS", *WORKER, "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")


@dataclass(frozen=True)
class Outcome:
    """What a command line gave back."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """What it printed, as strict JSON."""
        return strict(self.out)

    def is_one_line(self) -> bool:
        """Whether the command was refused the way that every bad input is."""
        line = self.err.removesuffix("\n")
        return self.code == 2 and not self.out and line.startswith("assay: ") and "\n" not in line


def refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not strict JSON")


def strict(text: str) -> Any:
    return json.loads(text, parse_constant=refuse)


@dataclass(frozen=True)
class Finished:
    """A report folder, the ledger beside it, and what the command printed."""

    folder: Path
    ledger: str
    outcome: Outcome

    @property
    def data(self) -> dict[str, Any]:
        """results.json."""
        found: dict[str, Any] = strict((self.folder / "results.json").read_text(encoding="utf-8"))
        return found

    @property
    def items(self) -> list[str]:
        """The items in the log, in the order in which they came."""
        lines = (self.folder / "results.jsonl").read_text(encoding="utf-8").splitlines()
        return [told["item"] for line in lines if "item" in (told := json.loads(line))]


def found(data: dict[str, Any]) -> dict[str, Any]:
    """A run's data without what another run of the same may differ in."""
    run = {name: value for name, value in data["run"].items() if name not in TIMINGS}
    results = [{name: value for name, value in row.items() if name != "seconds"} for row in data["results"]]
    return {**data, "run": run, "results": results}


@pytest.fixture
def same() -> Callable[[dict[str, Any], dict[str, Any]], None]:
    """Asserts that two runs found the same, bit for bit: JSON keeps every bit of a float."""

    def compare(one: dict[str, Any], other: dict[str, Any]) -> None:
        mine, theirs = found(one), found(other)
        assert [row["id"] for row in mine["results"]] == [row["id"] for row in theirs["results"]]
        for row, twin in zip(mine["results"], theirs["results"], strict=True):
            assert row == twin
        assert mine == theirs

    return compare


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user of its own: an empty working folder, no ledger yet, and nothing of the pytest around it."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    for name in SURROUNDINGS:
        monkeypatch.delenv(name, raising=False)


def call(*words: Any) -> Outcome:
    """`assay` in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run_command([str(word) for word in words])
    return Outcome(code, out.getvalue(), err.getvalue())


@pytest.fixture
def assay() -> Callable[..., Outcome]:
    """`assay` in this process: its exit code and what it printed."""
    return call


def start(*words: Any) -> subprocess.Popen[str]:
    """`assay` in a process, and a process group, of its own."""
    command = [sys.executable, "-m", "lazy_assay", *map(str, words)]
    pipe = subprocess.PIPE
    # A shell's background job ignores the keyboard, and would hand that on.
    kept = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, encoding="utf-8", start_new_session=True)
    finally:
        signal.signal(signal.SIGINT, kept)


@pytest.fixture
def command() -> Callable[..., Outcome]:
    """`assay` in a process of its own."""

    def run(*words: Any) -> Outcome:
        process = start(*words)
        out, err = process.communicate()
        return Outcome(process.returncode, out, err)

    return run


@pytest.fixture
def python() -> Callable[..., Outcome]:
    """A program in a fresh interpreter."""

    def run(program: str, *words: str) -> Outcome:
        done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=False)
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run


def finish(place: Path, *words: Any) -> Finished:
    ledger = f"sqlite:///{place / 'ledger.sqlite'}"
    return Finished(
        place / "report",
        ledger,
        call("run", "--device", "cpu", *words, "--report", place / "report", "--ledger", ledger),
    )


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Finished]:
    """`assay run` in this process, into a folder and a ledger of this test's own; the same ones each time."""
    return lambda *words: finish(tmp_path / "run", *words)


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A quick run of three claims in one process. Read it, never write to it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in SURROUNDINGS:
            patch.delenv(name, raising=False)
        return finish(tmp_path_factory.mktemp("undisturbed"), IDENTITY, SWEEP, SEARCH, "-n", "0")


@pytest.fixture
def copied(undisturbed: Finished, tmp_path: Path) -> Finished:
    """The same run in a folder that may be written to."""
    shutil.copytree(undisturbed.folder.parent, tmp_path / "copy")
    ledger = f"sqlite:///{tmp_path / 'copy' / 'ledger.sqlite'}"
    return Finished(tmp_path / "copy" / "report", ledger, undisturbed.outcome)


SABOTAGE = """
import os, threading
from dataclasses import replace
from pathlib import Path
import lazy_assay.checks.engine.perform as confront
run = confront.run
def sabotaged(task, context):
    {body}
    return run(task, context)
confront.run = sabotaged
"""


@pytest.fixture
def sabotage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Every Python process started from now on runs `body` before each task; returns a folder for its marks."""

    def plant(body: str) -> Path:
        # Hypothesis draws constants out of local modules, but not out of those under `tests`.
        place = tmp_path / "tests"
        place.mkdir()
        (place / "sitecustomize.py").write_text(SABOTAGE.format(body=body.replace("\n", "\n    ")), encoding="utf-8")
        inherited = os.environ.get("PYTHONPATH")
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(place), inherited])))
        monkeypatch.setenv("MARKS", str(place))
        return place

    return plant


@pytest.fixture
def verdicts(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """In this process: the claim's results of a task get a verdict that they did not earn, or the task breaks."""

    def judge(**given: Verdict | Exception) -> None:
        from lazy_assay.checks.engine import perform

        honest = perform.run

        def run(task: Any, context: Any) -> list[Result]:
            verdict = given.get(task.claim.id.partition(".")[2])
            if isinstance(verdict, Exception):
                raise verdict
            results = honest(task, context)
            if verdict is None:
                return results
            return [
                replace(result, verdict=verdict, message=f"[{task.claim.id}] judged {verdict}")
                if result.subject == "claim"
                else result
                for result in results
            ]

        monkeypatch.setattr(perform, "run", run)

    return judge


@pytest.fixture
def checkout() -> Path:
    """The repository's root."""
    return Path(theory.__path__[0]).resolve().parent
