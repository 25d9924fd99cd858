from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lazy_assay.checks.executors.keeper import finished
from lazy_assay.checks.ledger import Ledger
from lazy_assay.checks.ledger import _journal as journal
from lazy_assay.checks.vocabulary.result import to_json

IDENTITY = "ghorbani2019.eq13"

# -- a run -------------------------------------------------------------------------------------------------------------

# Imported by every Python process: dies in the middle of what MOMENT names, the COUNT-th time that it is done.
DIES = """
import os, signal
from lazy_assay.checks.ledger import Ledger
from lazy_assay.checks.vocabulary import files
moment, left, held, replace = os.environ["MOMENT"], [int(os.environ["COUNT"])], files.held, os.replace
def due(name):
    left[0] -= name == moment
    return name == moment and left[0] == 0
def die():
    os.kill(os.getpid(), signal.SIGKILL)
def torn(path):
    file = held(path)
    if due("line") and not path.name.endswith(".lock"):
        file.write(b'{"item": "' + b"x" * 100)
        file.flush()
        die()
    return file
def replaced(*paths):
    if due("file"):
        die()
    replace(*paths)
def record(*_):
    die()
files.held, os.replace = torn, replaced
if moment == "ledger":
    Ledger.record = record
"""


@pytest.fixture
def killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """A run that was killed at a moment: its report folder."""

    def run(moment: str, count: int) -> Path:
        # Hypothesis draws constants out of local modules, but not out of those under `tests`.
        place = tmp_path / "tests"
        place.mkdir()
        (place / "sitecustomize.py").write_text(DIES, encoding="utf-8")
        path = os.pathsep.join(filter(None, [str(place), os.environ.get("PYTHONPATH")]))
        words = (
            "run",
            IDENTITY,
            "--device",
            "cpu",
            "-n",
            "0",
            "--report",
            "killed",
            "--ledger",
            "sqlite:///book.sqlite",
        )
        done = subprocess.run(
            [sys.executable, "-m", "lazy_assay", *words],
            env={**os.environ, "PYTHONPATH": path, "MOMENT": moment, "COUNT": str(count)},
            capture_output=True,
            check=False,
        )
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()
        return Path("killed")

    return run


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What a run that nothing disturbs finds, without its times."""
    from lazy_assay.checks.cli.main import run_command

    place = tmp_path_factory.mktemp("whole")
    words = ("run", IDENTITY, "--device", "cpu", "-n", "0", "--report", str(place / "report"))
    assert run_command([*words, "--ledger", f"sqlite:///{place / 'book.sqlite'}"]) == 0
    return rows(place / "report")


def rows(folder: Path) -> list[dict[str, Any]]:
    told = json.loads((folder / "results.json").read_text(encoding="utf-8"))["results"]
    return [{name: value for name, value in row.items() if name != "seconds"} for row in told]


# A header and three items stand, the fourth is torn; two of the report's files are written, the page is not; all is.
@pytest.mark.parametrize("moment, count, items", [("line", 5, 3), ("file", 5, 6), ("ledger", 1, 6)])
def test_a_run_that_is_killed_loses_no_item_and_finds_the_same_when_it_is_resumed(
    killed: Callable[..., Path],
    assay: Callable[..., Any],
    whole: list[dict[str, Any]],
    moment: str,
    count: int,
    items: int,
) -> None:
    folder = killed(moment, count)
    before = (folder / "results.jsonl").read_bytes()
    kept = journal.read(folder / "results.jsonl")
    assert len(kept.entries) == items
    assert kept.bad == (("results.jsonl, line 5: cut off",) if moment == "line" else ())
    again = assay("run", "--resume", "-n", "0", "--report", folder, "--ledger", "sqlite:///book.sqlite")
    assert again.code == 0, again.err
    assert (folder / "results.jsonl").read_bytes().startswith(before)
    assert set(journal.read(folder / "results.jsonl").entries) == {row["task"] for row in whole}
    assert rows(folder) == whole
    assert Ledger("sqlite:///book.sqlite").last_statuses() == {IDENTITY: "confirmed"}


# -- the journal, byte by byte -----------------------------------------------------------------------------------------

# Writes lines through the journal and dies after a number of bytes, whatever they belong to: once for each number.
WRITER = """
import json, os, signal, sys
from pathlib import Path
from lazy_assay.checks.ledger import Ledger
from lazy_assay.checks.ledger import _journal as journal
lines = json.loads(Path(sys.argv[1]).read_text())
class Dying:
    def __init__(self, file, left):
        self.file, self.left = file, left
    def __enter__(self):
        return self
    def __exit__(self, *_):
        self.file.close()
    def __getattr__(self, name):
        return getattr(self.file, name)
    def write(self, data):
        self.file.write(data[:self.left[0]])
        if len(data) > self.left[0]:
            self.file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        self.left[0] -= len(data)
def write(path, left):
    held = journal.files.held
    journal.files.held = lambda path: Dying(held(path), left)
    journal.opened(path, lines[0]["made"])
    for line in lines:
        journal.append(path, line)
        path.with_suffix(".told").open("a").write(line["item"] + "\\n")
    journal.close(path)
for place, left in enumerate(map(int, sys.argv[3:])):
    child = os.fork()
    if not child:
        write(Path(sys.argv[2], f"{place}.jsonl"), [left])
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
"""
MOMENTS = 50


def test_at_whatever_byte_a_writer_is_killed_what_it_told_of_is_kept_and_the_rest_is_written_again(
    tmp_path: Path, result: Callable[..., Any]
) -> None:
    mark = {"code": "abc", "profile": "quick", "entropy": 0, "device": "cpu"}
    lines = [
        journal.sealed({"item": item, "made": mark, "results": [to_json(result(task=item, message="ρ" * 50))]})
        for item in ("a", "b", "c", "d")
    ]
    sound = tmp_path / "sound.jsonl"
    journal.opened(sound, mark)
    for line in lines:
        journal.append(sound, line)
    journal.close(sound)
    written = len(sound.read_bytes())
    # The first byte, the last but one, the newlines, and those between.
    ends = [at for at, byte in enumerate(sound.read_bytes()) if byte == 10]
    moments = sorted({0, 1, *ends, *(written * k // MOMENTS for k in range(MOMENTS))})
    (tmp_path / "lines.json").write_text(json.dumps(lines))
    subprocess.run(
        [sys.executable, "-c", WRITER, tmp_path / "lines.json", tmp_path, *map(str, moments)], check=True, timeout=60
    )
    assert len(moments) >= MOMENTS
    for place, moment in enumerate(moments):
        path, told = tmp_path / f"{place}.jsonl", tmp_path / f"{place}.told"
        before = path.read_bytes()
        assert before == sound.read_bytes()[:moment]
        kept = finished(path, mark)
        assert set(kept) >= set(told.read_text().split() if told.exists() else ())
        journal.opened(path, mark)
        for line in lines:
            if line["item"] not in kept:
                journal.append(path, line)
        journal.close(path)
        found = journal.read(path)
        assert path.read_bytes().startswith(before)
        assert found.closed
        again = {item: [to_json(it) for it in entry.results] for item, entry in found.entries.items()}
        assert again == {line["item"]: line["results"] for line in lines}
        # A line that lacked its newline alone is whole once it is ended.
        assert found.skipped == (moment > 0 and not {moment, moment - 1} & set(ends))
