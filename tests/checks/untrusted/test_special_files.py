from __future__ import annotations

import contextlib
import gzip
import io
import os
import random
import signal
import struct
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lazy_assay.checks.cli.main import run_command
from lazy_assay.checks.configurations.datasets import IMAGES, LABELS, check_directory
from lazy_assay.checks.ledger import FolderStore
from lazy_assay.checks.ledger import _journal as journal
from lazy_assay.checks.vocabulary import files

CLAIM = "ghorbani2019.eq13"
Outcome = tuple[int, list[str]]


@pytest.fixture(autouse=True)
def _not_for_ever() -> Iterator[None]:
    """A reader that waits for a pipe fails its test."""

    def waited(*_: Any) -> None:
        raise AssertionError("it waits for a pipe")

    before = signal.signal(signal.SIGALRM, waited)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def assay(*words: Any) -> Outcome:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run_command([str(word) for word in words])
    return code, err.getvalue().splitlines()


def refused(outcome: Outcome, why: str) -> bool:
    code, lines = outcome
    return code == 2 and len(lines) == 1 and lines[0].startswith("assay: ") and why in lines[0]


# -- pipes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["run.json", "results.json", "results.jsonl", "index.html", "summary.md", "junit.xml", ".running", "draws"]
)
def test_a_pipe_in_the_place_of_a_file_of_the_report_folder_is_one_line(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / name)
    ledger = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    kind = "folder" if name == "draws" else "regular file"
    assert refused(assay("run", CLAIM, "-n", "0", "--report", tmp_path, "--ledger", ledger), f"{name} is no {kind}")
    assert refused(assay("run", "--resume", "--report", tmp_path, "--ledger", ledger), f"{name} is no {kind}")


def test_a_pipe_in_the_place_of_results_is_no_report_to_replay_from(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "results.json")
    assert refused(assay("replay", "abc", "--report", tmp_path), "holds no results.json")


def test_pipes_among_the_draws_are_neither_read_nor_written(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    (tmp_path / "ab").mkdir()
    os.mkfifo(tmp_path / "ab" / "abcdef.npy")
    os.mkfifo(tmp_path / "ab" / "abcdef.lock")
    assert store.load("abcdef") is None
    with pytest.raises(OSError, match="no regular file"), store.computing("abcdef"):
        pass
    store.save("abcdef", np.ones(2))
    assert store.load("abcdef") is not None


@pytest.mark.parametrize("name", [IMAGES, LABELS, f"{IMAGES}.gz"])
def test_a_pipe_among_the_users_own_data_is_one_line(name: str, tmp_path: Path) -> None:
    mnist(tmp_path, leaving_out=name.removesuffix(".gz"))
    os.mkfifo(tmp_path / name)
    with pytest.raises(ValueError, match="is not a whole IDX file: it is no regular file"):
        check_directory(str(tmp_path))


@pytest.mark.parametrize("name", ["theory/me2026/square.py", "checks/me2026/square.py", "sims/draws.py"])
def test_a_pipe_in_a_collection_is_refused_before_it_is_imported(name: str, tmp_path: Path) -> None:
    for room in ("theory", "checks"):
        (tmp_path / "mine" / room / "me2026").mkdir(parents=True)
    (tmp_path / "mine" / "sims").mkdir()
    (tmp_path / "mine" / "theory" / "me2026" / "other.py").write_text("CLAIM = None\n")
    os.mkfifo(tmp_path / "mine" / name)
    assert refused(assay("list", "--collection", tmp_path / "mine"), f"{name} is no regular file")


# -- files that grow ---------------------------------------------------------------------------------------------------


def mnist(folder: Path, *, leaving_out: str = "", pixels: bytes = b"\1" * (3 * 28 * 28)) -> None:
    images, classes = struct.pack(">IIII", 2051, 3, 28, 28) + pixels, struct.pack(">II", 2049, 3) + bytes([4, 0, 9])
    for name, body in ((IMAGES, images), (LABELS, classes)):
        if name != leaving_out:
            (folder / name).write_bytes(body)


def test_of_a_file_that_unpacks_to_far_more_than_its_head_says_no_more_is_unpacked(tmp_path: Path) -> None:
    mnist(tmp_path, leaving_out=IMAGES)
    bomb = gzip.compress(struct.pack(">IIII", 2051, 3, 28, 28) + bytes(2**25), compresslevel=1)
    (tmp_path / f"{IMAGES}.gz").write_bytes(bomb)
    tracemalloc.start()
    with pytest.raises(ValueError, match="its head does not fit its length"):
        check_directory(str(tmp_path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**22


@pytest.mark.parametrize(
    "body, why",
    [
        (gzip.compress(struct.pack(">IIII", 2051, 2**20, 2**10, 2**10)), "promises 1099511627776 bytes"),
        (gzip.compress(struct.pack(">IIII", 2051, 0, 28, 28)), "its head is not that of such a file"),
        (gzip.compress(struct.pack(">IIII", 2051, 3, 28, 28) + bytes(10)), "its head does not fit its length"),
        (gzip.compress(bytes(2**12))[:20], "end-of-stream"),
        (gzip.compress(random.Random(7).randbytes(2**12))[:10] + b"\xff" * 40, "Error -3"),
        (b"no archive", "Not a gzipped file"),
    ],
    ids=["promises", "head", "length", "cut off", "broken", "no archive"],
)
def test_a_packed_file_that_is_none_is_one_line(body: bytes, why: str, tmp_path: Path) -> None:
    mnist(tmp_path, leaving_out=IMAGES)
    (tmp_path / f"{IMAGES}.gz").write_bytes(body)
    with pytest.raises(ValueError, match="is not a whole IDX file: ") as raised:
        check_directory(str(tmp_path))
    assert why in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("deep", [100, 900, 100_000])
def test_data_that_is_nested_deeper_than_readers_call_themselves_is_refused(deep: int) -> None:
    for text in ("[" * deep + "]" * deep, '{"a":' * deep + "1" + "}" * deep):
        with pytest.raises(ValueError, match="nested too deep"):
            files.strict_json(text)
    assert files.strict_json("[" * 60 + "]" * 60)


def test_a_file_larger_than_any_of_ours_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    with path.open("wb") as file:
        file.truncate(files.LARGEST + 1)
    with pytest.raises(OSError, match="it has more than"):
        files.read(path, largest=2**20)
    assert refused(assay("replay", "abc", "--report", tmp_path), "holds no results.json")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
def test_text_of_another_encoding_is_no_strict_json(encoding: str) -> None:
    with pytest.raises(ValueError, match="codec"):
        files.strict_json('{"a": "é"}'.encode(encoding))
    assert files.strict_json('{"a": "é"}'.encode("utf-8-sig")) == {"a": "é"}


# -- links -------------------------------------------------------------------------------------------------------------


def test_a_link_among_the_draws_is_not_written_through(tmp_path: Path, harmless: Callable[..., Any]) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "draws").mkdir()
    (tmp_path / "draws" / "ab").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "draws" / "cd").mkdir()
    (tmp_path / "draws" / "cd" / "cdefgh.lock").symlink_to(tmp_path / "precious")
    store = FolderStore(tmp_path / "draws")
    with pytest.raises(OSError, match="is a link, and is not followed"):
        store.save("abcdef", np.ones(2))
    with pytest.raises(OSError, match="is a link, and is not followed"), store.computing("abcdef"):
        pass
    with pytest.raises(OSError, match="symbolic link"), store.computing("cdefgh"):
        pass
    assert (tmp_path / "precious").read_text() == "mine"
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_journal_that_is_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(journal.JournalError, match="cannot be written"):
        journal.append(tmp_path / "results.jsonl", {"item": "a"})
    assert not (tmp_path / "elsewhere").exists()


def test_a_new_claim_is_not_written_through_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "mine" / "theory" / "me2026").mkdir(parents=True)
    (tmp_path / "mine" / "theory" / "me2026" / "square.py").symlink_to(tmp_path / "elsewhere")
    outcome = assay("new", "me2026.square", "--collection", tmp_path / "mine")
    assert refused(outcome, "cannot be written")
    assert not (tmp_path / "elsewhere").exists()
