from __future__ import annotations

import errno
import gzip
import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lazy_assay.checks.ledger import FolderStore, Ledger, LedgerError

IDENTITY = "ghorbani2019.eq13"


def stored_run(id: str, status: str) -> dict[str, Any]:
    """A run long ago of one claim, as small as the ledger takes it."""
    return {
        "run": {"id": id, "started": "2026-01-01T00:00:00+00:00"},
        "claims": [{"id": IDENTITY, "status": status, "expected": "confirmed"}],
        "results": [],
        "errata": [],
        "coverage": {"planned": 1},
    }


def test_a_run_goes_to_the_users_own_ledger_where_none_is_named(assay: Callable[..., Any]) -> None:
    assert assay("run", IDENTITY, "-n", "0").code == 0
    last = {row["id"]: row["last"] for row in assay("list", "--json").data}
    assert last[IDENTITY] == "confirmed"
    assert set(last.values()) == {"confirmed", None}


def test_the_list_shows_the_last_status(assay: Callable[..., Any], undisturbed: Any) -> None:
    last = {row["id"]: row["last"] for row in assay("list", "--json", "--ledger", undisturbed.ledger).data}
    assert {id: status for id, status in last.items() if status} == {
        row["id"]: row["status"] for row in undisturbed.data["claims"]
    }
    lines = assay("list", "--ledger", undisturbed.ledger).out.splitlines()
    assert sum("never run" in line for line in lines) == len(last) - 3


def test_a_claim_remembers_its_status_before_this_run_also_when_it_is_resumed(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    Ledger(f"sqlite:///{tmp_path / 'run' / 'ledger.sqlite'}").record(stored_run("long-ago", "undecided"))
    for words in ([IDENTITY], ["--resume"]):
        claim = run(*words, "-n", "0").data["claims"][0]
        assert (claim["status"], claim["previous"]) == ("confirmed", "undecided")


def test_the_report_is_written_again_from_the_ledger_byte_for_byte(assay: Callable[..., Any], undisturbed: Any) -> None:
    outcome = assay("report", "--ledger", undisturbed.ledger, "--out", "again")
    assert (outcome.code, outcome.out) == (0, f"{Path('again/index.html')}\n")
    for name in ("results.json", "summary.md", "index.html"):
        assert Path("again", name).read_bytes() == (undisturbed.folder / name).read_bytes()


def test_a_report_that_cannot_be_written_is_a_usage_error(assay: Callable[..., Any], undisturbed: Any) -> None:
    outcome = assay("report", "--ledger", undisturbed.ledger, "--out", "/proc/none")
    assert outcome.is_one_line(), outcome


def test_a_ledger_that_fails_at_the_end_costs_no_result(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Ledger, data: Any) -> None:
        raise LedgerError("the disk is full")

    monkeypatch.setattr(Ledger, "record", full)
    finished = run(IDENTITY, "-n", "0")
    assert finished.outcome.code == 0
    assert "the disk is full" in finished.outcome.err
    assert len(finished.data["results"]) > 50


# -- assay ledger ------------------------------------------------------------------------------------------------------


def test_a_run_keeps_one_sealed_journal_of_json_lines(undisturbed: Any) -> None:
    (path,) = Ledger(undisturbed.ledger).archive.paths().values()
    head, *rows, footer = map(json.loads, gzip.decompress(path.read_bytes()).splitlines())
    assert rows == undisturbed.data["results"]
    assert head == {"ledger": 1} | {name: told for name, told in undisturbed.data.items() if name != "results"}
    assert footer["lines"] == len(rows) + 1


def test_the_ledger_of_a_run_verifies_and_merging_its_report_adds_nothing(
    assay: Callable[..., Any], undisturbed: Any
) -> None:
    told = assay("ledger", "verify", "--ledger", undisturbed.ledger, "--json")
    count = len(undisturbed.data["results"])
    assert told.code == 0
    assert told.data == {
        "ledger": undisturbed.ledger, "runs": 1, "journals": 1, "results": count, "findings": [], "notes": [],
    }  # fmt: skip
    merged = assay("ledger", "merge", undisturbed.folder, "--ledger", undisturbed.ledger)
    assert (merged.code, merged.out) == (0, "0 journals merged\n")


def test_a_report_folder_fills_another_ledger_which_is_rebuilt_and_exported(
    assay: Callable[..., Any], undisturbed: Any
) -> None:
    mine = ("--ledger", "sqlite:///mine.sqlite")
    assert assay("ledger", "merge", undisturbed.folder, *mine).out == "1 journals merged\n"
    Path("mine.sqlite").unlink()
    outcome = assay("ledger", "verify", *mine)
    assert (outcome.code, "1 journals are not in the index yet" in outcome.out) == (0, True)
    assert assay("ledger", "rebuild", *mine).out == "the index holds 1 journals\n"
    rows = [json.loads(line) for line in assay("ledger", "export", IDENTITY, *mine).out.splitlines()]
    assert len(rows) > 50
    assert {row["run"] for row in rows} == {undisturbed.data["run"]["id"]}
    assert {row["claim"] for row in rows} == {IDENTITY}


def test_a_damaged_journal_is_exit_code_1_and_is_named(assay: Callable[..., Any], copied: Any) -> None:
    (path,) = Ledger(copied.ledger).archive.paths().values()
    path.write_bytes(path.read_bytes()[:-9])
    told = assay("ledger", "verify", "--ledger", copied.ledger)
    assert (told.code, told.err) == (1, "")
    assert told.out.startswith(f"{path.name}: damaged: ")
    assert told.out.endswith("1 runs, 1 journals, 0 results: 1 findings\n")
    assert assay("ledger", "verify", "--ledger", copied.ledger, "--json").data["findings"][0]["name"] == path.name
    assert assay("ledger", "merge", path, "--ledger", "sqlite:///mine.sqlite").is_one_line()


def test_old_runs_are_moved_aside_by_number_or_date(assay: Callable[..., Any]) -> None:
    Ledger("sqlite:///mine.sqlite").record(stored_run("long-ago", "undecided"))
    words = ("ledger", "prune", "--to", "aside", "--ledger", "sqlite:///mine.sqlite")
    told = assay(*words, "--before", "2027-01-01", "--dry-run")
    assert told.out == "long-ago, started 2026-01-01T00:00:00+00:00\n1 runs would go to aside\n"
    assert assay(*words, "--keep", "1").out == "0 runs went to aside\n"
    assert not Path("aside").exists()
    assert assay(*words, "--keep", "0", "--json").data["findings"] == []
    assert len(list(Path("aside").iterdir())) == 1
    assert assay("ledger", "merge", "aside", "--ledger", "sqlite:///mine.sqlite").code == 0


REFUSED = [
    (("prune", "--to", "aside"), "Give either --keep N or --before DATE"),
    (("prune", "--to", "aside", "--keep", "1", "--before", "2026-01-01"), "Give either --keep N or --before DATE"),
    (("prune", "--to", "aside", "--before", "yesterday"), "is no date such as 2026-01-31"),
    (("prune", "--keep", "1"), "Missing option '--to'"),
    (("merge",), "Missing argument"),
    (("merge", "nowhere"), "nowhere is not a ledger, a folder of journals, a journal or a report folder"),
    (("verify", "--ledger", "mysql://x"), "give a URL such as sqlite:///ledger.sqlite"),
    (("verify", "--ledger", "postgresql://nobody.invalid/x"), "cannot be used"),
    ((), "Missing command"),
]


@pytest.mark.parametrize("words, sentence", REFUSED)
def test_a_wrong_use_of_the_ledger_is_one_line(
    assay: Callable[..., Any], words: tuple[str, ...], sentence: str
) -> None:
    outcome = assay("ledger", *words)
    assert outcome.is_one_line(), outcome
    assert sentence in outcome.err


def test_a_full_disk_is_the_machines_fault(
    assay: Callable[..., Any], undisturbed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    outcome = assay("ledger", "merge", undisturbed.folder, "--ledger", "sqlite:///mine.sqlite")
    assert (outcome.code, outcome.err.count("\n")) == (4, 1)
    assert "cannot be written (No space left on device); make room" in outcome.err
    assert not list(Path("mine.sqlite.journals").iterdir())


FORMER = """
create table runs (id, started, data);
create table results (run, id, claim, data);
create table statuses (run, claim, status, expected);
"""


def test_a_former_ledger_is_refused_before_a_run_and_is_carried_over(
    run: Callable[..., Any], assay: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "run" / "ledger.sqlite"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FORMER)
        head = json.dumps(stored_run("long-ago", "undecided"))
        connection.execute("insert into runs values ('long-ago', '2026', ?)", (head,))
        connection.commit()
    url = f"sqlite:///{path}"
    refused = run(IDENTITY, "-n", "0").outcome
    assert refused.is_one_line(), refused
    assert "`assay ledger rebuild` carries it over" in refused.err
    assert assay("ledger", "rebuild", "--ledger", url).code == 0
    assert {row["id"]: row["last"] for row in assay("list", "--json", "--ledger", url).data}[IDENTITY] == "undecided"
    assert run(IDENTITY, "-n", "0").data["claims"][0]["previous"] == "undecided"


# -- draws -------------------------------------------------------------------------------------------------------------


def test_draws_come_back_bit_for_bit_and_what_is_broken_counts_as_absent(tmp_path: Path) -> None:
    store, draws = FolderStore(tmp_path / "draws"), np.array([[0.1, np.nan], [1 / 3, -0.0]])
    assert store.load("abcdef") is None
    store.save("abcdef", draws)
    known = store.load("abcdef")
    assert known is not None
    assert known.tobytes() == draws.tobytes()
    (path,) = (tmp_path / "draws").rglob("*.npy")
    path.write_bytes(path.read_bytes()[:-5])
    assert store.load("abcdef") is None
    path.write_bytes(b"")
    assert store.load("abcdef") is None
