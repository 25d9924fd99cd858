from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lazy_assay.checks.ledger import Ledger, LedgerError
from lazy_assay.checks.ledger.upkeep import exported, merge, prunable, prune, rebuild
from lazy_assay.checks.ledger.verification import verify

Stored = Callable[..., dict[str, Any]]


@pytest.fixture
def other(tmp_path: Path, stored: Stored) -> Ledger:
    """Another ledger, with two runs."""
    ledger = Ledger(f"sqlite:///{tmp_path / 'other.sqlite'}")
    for day in (1, 2):
        ledger.record(stored(f"run{day}", day, aa=0.25, bb=0.5))
    return ledger


def report(folder: Path, data: dict[str, Any]) -> Path:
    """A report folder of that run, as far as a ledger looks at it."""
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"id": data["run"]["id"]}))
    (folder / "results.json").write_text(json.dumps(data, indent=1))
    return folder


# -- merging -----------------------------------------------------------------------------------------------------------


def test_another_ledger_is_merged_by_url_by_file_and_by_folder(ledger: Ledger, other: Ledger) -> None:
    assert len(merge(ledger, [other.url]).journals) == 2
    assert [run.run for run in ledger.runs()] == ["run1", "run2"]
    for place in (other.url, str(other.path), str(other.archive.folder)):
        assert merge(ledger, [place]).journals == []
    assert not verify(ledger).findings
    assert list(ledger.database.dump()) == list(other.database.dump())


@pytest.mark.parametrize("packed", [True, False])
def test_a_single_journal_is_merged_whatever_its_name(
    sqlite: Ledger, other: Ledger, tmp_path: Path, packed: bool
) -> None:
    digest, path = next(iter(other.archive.paths().items()))
    content = path.read_bytes()
    (tmp_path / "any").write_bytes(content if packed else gzip.decompress(content))
    assert merge(sqlite, [str(tmp_path / "any")]).journals == [digest]
    assert verify(sqlite).findings == []


def test_the_run_of_a_report_folder_and_its_canary_are_merged(sqlite: Ledger, stored: Stored, tmp_path: Path) -> None:
    folder = report(tmp_path / "report", night := stored("night", 2, aa=0.3))
    report(folder / "canary", stored("canary", 1, aa=0.2))
    assert len(merge(sqlite, [str(folder)]).journals) == 2
    assert [run.run for run in sqlite.runs()] == ["canary", "night"]
    sqlite.record(night)
    assert merge(sqlite, [str(folder)]).journals == []


def test_a_run_without_a_report_is_refused_with_how_to_finish_it(
    sqlite: Ledger, stored: Stored, tmp_path: Path
) -> None:
    folder = report(tmp_path / "report", stored("night", 2, aa=0.3))
    (folder / "run.json").write_text(json.dumps({"id": "a later one"}))
    with pytest.raises(LedgerError, match=f"finish it by `assay run --resume --report {folder}`"):
        merge(sqlite, [str(folder)])
    (folder / "results.json").unlink()
    with pytest.raises(LedgerError, match="holds a run without a report"):
        merge(sqlite, [str(folder)])


@pytest.mark.parametrize("place", ["nowhere", ".", "notes.txt", "mysql://x", "sqlite:///nowhere.sqlite"])
def test_what_holds_no_journal_is_refused_before_anything_is_merged(sqlite: Ledger, other: Ledger, place: str) -> None:
    Path("notes.txt").write_text("hello")
    with pytest.raises(LedgerError):
        merge(sqlite, [other.url, place])
    assert sqlite.archive.paths() == {}


def test_a_damaged_journal_is_named_and_the_others_are_merged(sqlite: Ledger, other: Ledger) -> None:
    path = next(iter(other.archive.paths().values()))
    path.write_bytes(path.read_bytes()[:-20])
    told = merge(sqlite, [other.url])
    assert [finding.name for finding in told.findings] == [str(path)]
    assert len(told.journals) == 1
    assert not verify(sqlite).findings


def test_merging_a_good_copy_mends_a_damaged_journal(sqlite: Ledger, other: Ledger) -> None:
    merge(sqlite, [other.url])
    path = next(iter(sqlite.archive.paths().values()))
    path.write_bytes(b"spoilt")
    assert verify(sqlite).findings
    merge(sqlite, [other.url])
    assert not verify(sqlite).findings


def test_a_run_that_contradicts_what_is_here_is_a_finding_of_the_merge_and_replaces_nothing(
    ledger: Ledger, other: Ledger, stored: Stored
) -> None:
    ledger.record(stored("mine", 3, aa=0.25, bb=0.51))
    told = merge(ledger, [other.url])
    (finding,) = told.findings
    assert finding.name == stored("x", 1, bb=0.0)["results"][0]["comparison"]
    assert "differ in estimate" in finding.sentence
    assert sorted(record.estimate or 0 for record in ledger.history(finding.name)) == [0.5, 0.5, 0.51]
    assert merge(ledger, [other.url]).findings == []


def test_a_file_that_names_a_folder_of_the_system_writes_nothing_there(
    sqlite: Ledger, stored: Stored, tmp_path: Path
) -> None:
    folder = report(tmp_path / "report", stored("../../../escaped", 2, aa=0.3))
    told = merge(sqlite, [str(folder)])
    assert "the run's id" in told.findings[0].sentence
    assert sqlite.archive.paths() == {}
    assert not list(tmp_path.glob("**/escaped*"))


# -- rebuilding --------------------------------------------------------------------------------------------------------


def test_an_index_that_was_dropped_is_made_again_bit_for_bit(ledger: Ledger, stored: Stored) -> None:
    for day in (3, 1, 2):
        ledger.record(stored(f"run{day}", day, aa=day / 10, bb=0.7))
    before = list(ledger.database.dump())
    assert len(before) == 1 + 2 + 3 + 3 + 6 + 3
    with ledger.database.writing() as connection:
        connection.exec_driver_sql("update assay_results set estimate = 7")
        connection.exec_driver_sql("drop table assay_statuses")
    assert len(rebuild(ledger).journals) == 3
    assert list(ledger.database.dump()) == before


def test_a_file_that_was_removed_is_made_again(sqlite: Ledger, stored: Stored) -> None:
    sqlite.record(stored("one", 1, aa=0.1))
    before = list(sqlite.database.dump())
    sqlite.path.unlink()
    rebuild(sqlite)
    assert list(sqlite.database.dump()) == before


def test_an_index_of_an_older_schema_is_made_again_and_one_of_a_newer_is_left(ledger: Ledger, stored: Stored) -> None:
    ledger.record(stored("one", 1, aa=0.1))
    before = list(ledger.database.dump())
    with ledger.database.writing() as connection:
        connection.exec_driver_sql("update assay_schema set version = 0")
    rebuild(ledger)
    assert list(ledger.database.dump()) == before
    with ledger.database.writing() as connection:
        connection.exec_driver_sql("update assay_schema set version = 99")
    with pytest.raises(LedgerError, match="use a newer Assay"):
        rebuild(ledger)


def test_runs_whose_journals_are_elsewhere_are_not_dropped_unasked(
    ledger: Ledger, stored: Stored, tmp_path: Path
) -> None:
    ledger.record(stored("one", 1, aa=0.1))
    ledger.record(stored("two", 2, bb=0.1))
    digest, path = next(iter(ledger.archive.paths().items()))
    path.rename(tmp_path / path.name)
    with pytest.raises(LedgerError, match=rf"has 1 journals in its index that are not in .*{digest} is one"):
        rebuild(ledger)
    assert [run.run for run in ledger.runs()] == ["one", "two"]
    assert rebuild(ledger, drop=True).notes == ["1 journals are not here and were dropped from the index"]
    assert [run.run for run in ledger.runs()] == ["two"]
    merge(ledger, [str(tmp_path / path.name)])
    assert [run.run for run in ledger.runs()] == ["one", "two"]
    assert not verify(ledger).findings


def test_a_damaged_journal_is_left_out_of_the_index_and_named(sqlite: Ledger, stored: Stored) -> None:
    sqlite.record(stored("one", 1, aa=0.1))
    sqlite.record(stored("two", 2, bb=0.1))
    path = next(iter(sqlite.archive.paths().values()))
    path.write_bytes(b"")
    told = rebuild(sqlite)
    assert [finding.name for finding in told.findings] == [path.name]
    assert [run.run for run in sqlite.runs()] == ["two"]


def test_a_database_that_is_broken_is_told_and_made_again_once_it_is_moved_away(sqlite: Ledger, stored: Stored) -> None:
    sqlite.record(stored("one", 1, **{f"a{number}": 0.1 for number in range(50)}))
    before = list(sqlite.database.dump())
    content = bytearray(sqlite.path.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    sqlite.path.write_bytes(content)
    with pytest.raises(LedgerError, match=r"cannot be used: .*malformed"):
        rebuild(sqlite)
    sqlite.path.rename(sqlite.path.with_suffix(".broken"))
    rebuild(sqlite)
    assert list(sqlite.database.dump()) == before


# -- ledgers from before there were journals ---------------------------------------------------------------------------

FORMER = """
create table runs (id text primary key, started text not null, data text not null);
create table results (run text not null, id text not null, claim text not null, data text not null,
  primary key (run, id));
create table statuses (run text not null, claim text not null, status text not null, expected text not null,
  primary key (run, claim));
"""


def former(path: Path, *runs: dict[str, Any]) -> None:
    """A ledger as it was: what its `record` stored."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FORMER)
        for data in runs:
            run, head = data["run"], {key: value for key, value in data.items() if key != "results"}
            connection.execute("insert into runs values (?, ?, ?)", (run["id"], run["started"], json.dumps(head)))
            rows = [(run["id"], row["id"], row["claim"], json.dumps(row)) for row in data["results"]]
            connection.executemany("insert into results values (?, ?, ?, ?)", rows)
        connection.commit()


def test_a_former_ledger_is_refused_by_name_until_it_is_carried_over(sqlite: Ledger, stored: Stored) -> None:
    runs = [stored("one", 1, zz=0.1, aa=0.2), stored("two", 2, aa=0.2)]
    former(sqlite.path, *runs)
    for use in (sqlite.runs, sqlite.last_statuses, sqlite.make_sure, lambda: verify(sqlite)):
        with pytest.raises(
            LedgerError, match="from before there were journals: `assay ledger rebuild` carries it over"
        ):
            use()
    with pytest.raises(LedgerError, match="is kept"):
        sqlite.record(stored("three", 3, aa=0.2))
    assert len(rebuild(sqlite).journals) == 3
    assert [sqlite.data(run) for run in sqlite.runs()] == [*runs, stored("three", 3, aa=0.2)]
    assert not verify(sqlite).findings


def test_a_former_ledger_is_carried_over_once(sqlite: Ledger, stored: Stored, tmp_path: Path) -> None:
    former(sqlite.path, stored("one", 1, aa=0.2), stored("two", 2, aa=0.2))
    rebuild(sqlite)
    prune(sqlite, sqlite.runs(limit=2)[:1], tmp_path / "gone")
    rebuild(sqlite)
    assert [run.run for run in sqlite.runs()] == ["two"]


def test_a_former_ledger_is_merged_and_left_as_it_is(ledger: Ledger, stored: Stored, tmp_path: Path) -> None:
    former(tmp_path / "old.sqlite", stored("one", 1, aa=0.2))
    before = (tmp_path / "old.sqlite").read_bytes()
    assert len(merge(ledger, [str(tmp_path / "old.sqlite")]).journals) == 1
    assert merge(ledger, [f"sqlite:///{tmp_path / 'old.sqlite'}"]).journals == []
    assert ledger.last_run() == stored("one", 1, aa=0.2)
    assert (tmp_path / "old.sqlite").read_bytes() == before


def test_a_run_of_a_former_ledger_that_cannot_be_kept_is_named_and_the_others_are(
    sqlite: Ledger, stored: Stored
) -> None:
    former(sqlite.path, stored("a bad name", 1, aa=0.2), stored("two", 2, aa=0.2), stored("three", 3))
    with closing(sqlite3.connect(sqlite.path)) as connection:
        connection.execute("update runs set data = 'junk' where id = 'three'")
        connection.execute("update results set data = 'junk' where run = 'two'")
        connection.commit()
    told = rebuild(sqlite)
    assert ["a bad name" in finding.sentence for finding in told.findings] == [True]
    assert [(run.run, run.results, run.unreadable) for run in sqlite.runs()] == [("three", 0, 0), ("two", 0, 1)]


# -- pruning and exporting ---------------------------------------------------------------------------------------------


def test_pruning_moves_journals_and_merging_brings_them_back(ledger: Ledger, stored: Stored, tmp_path: Path) -> None:
    for day in (1, 2, 3):
        ledger.record(stored(f"run{day}", day, **{f"only{day}": 0.5}))
    before, files = list(ledger.database.dump()), set(ledger.archive.paths())
    old = prunable(ledger, keep=1)
    assert [run.run for run in old] == ["run1", "run2"]
    assert len(prune(ledger, old, tmp_path / "aside").journals) == 2
    assert [run.run for run in ledger.runs()] == ["run3"]
    assert not verify(ledger).findings
    shrunk = list(ledger.database.dump())
    rebuild(ledger)
    assert list(ledger.database.dump()) == shrunk
    assert len(list((tmp_path / "aside").iterdir())) == 2
    merge(ledger, [str(tmp_path / "aside")])
    assert list(ledger.database.dump()) == before
    assert set(ledger.archive.paths()) == files


def test_what_is_old_is_told_by_number_or_by_date(sqlite: Ledger, stored: Stored) -> None:
    for day in (1, 2, 3):
        sqlite.record(stored(f"run{day}", day))
    assert [run.run for run in prunable(sqlite, before="2026-01-03")] == ["run1", "run2"]
    assert [run.run for run in prunable(sqlite, keep=0)] == ["run1", "run2", "run3"]
    assert prunable(sqlite, keep=9) == []


def test_both_journals_of_a_resumed_run_are_moved(sqlite: Ledger, stored: Stored, tmp_path: Path) -> None:
    sqlite.record(stored("one", 1, aa=0.1))
    sqlite.record(stored("one", 1, aa=0.1, bb=0.2))
    assert len(prune(sqlite, sqlite.runs(), tmp_path / "aside").journals) == 2
    assert sqlite.archive.paths() == {}


def test_journals_are_not_moved_to_where_they_are_and_a_damaged_one_stays(
    sqlite: Ledger, stored: Stored, tmp_path: Path
) -> None:
    sqlite.record(stored("one", 1, aa=0.1))
    with pytest.raises(LedgerError, match="is where the journals lie now"):
        prune(sqlite, sqlite.runs(), sqlite.archive.folder)
    (path,) = sqlite.archive.paths().values()
    path.write_bytes(b"spoilt")
    (finding,) = prune(sqlite, sqlite.runs(), tmp_path / "aside").findings
    assert finding.name == path.name
    assert path.read_bytes() == b"spoilt"


def test_a_folder_that_takes_no_journal_keeps_them_where_they_are(
    sqlite: Ledger, stored: Stored, tmp_path: Path
) -> None:
    sqlite.record(stored("one", 1, aa=0.1))
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match="cannot be written"):
        prune(sqlite, sqlite.runs(), tmp_path / "file")
    assert not verify(sqlite).findings
    assert len(sqlite.runs()) == 1


def test_every_result_is_exported_with_its_run(ledger: Ledger, stored: Stored) -> None:
    for day in (2, 1):
        ledger.record(stored(f"run{day}", day, aa=0.25, bb=0.5))
    rows = list(exported(ledger))
    assert [row["run"] for row in rows] == ["run1", "run1", "run2", "run2"]
    (first, _) = stored("run1", 1, aa=0.25, bb=0.5)["results"]
    assert rows[0] == {"run": "run1", "started": "2026-01-01T00:00:00+00:00", "commit": "abc"} | first
    assert list(exported(ledger, ["another.claim"])) == []
    shutil.rmtree(ledger.archive.folder)
    with pytest.raises(LedgerError, match="merge it, or name its folder"):
        list(exported(ledger))
