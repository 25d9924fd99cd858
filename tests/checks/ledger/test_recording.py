from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lazy_assay.checks.ledger import Ledger, LedgerError, LedgerLockedError, default_url, sealed
from lazy_assay.checks.ledger.archive import Archive
from lazy_assay.checks.ledger.index import database
from lazy_assay.checks.ledger.verification import verify

Stored = Callable[..., dict[str, Any]]
CLAIM = "fake2024.theorem1"


def test_a_ledger_that_is_not_there_is_empty_and_is_not_made_by_reading(sqlite: Ledger) -> None:
    assert sqlite.last_statuses() == {}
    assert sqlite.statuses() == {}
    assert sqlite.find("abc") == []
    assert sqlite.runs() == []
    assert sqlite.history("x") == []
    assert sqlite.latest() == {}
    with pytest.raises(LedgerError, match="holds no run yet"):
        sqlite.last_run()
    assert not sqlite.path.parent.exists()


def test_making_sure_of_a_ledger_does_not_make_it(sqlite: Ledger) -> None:
    sqlite.make_sure()
    assert not sqlite.path.exists()


def test_an_empty_server_is_an_empty_ledger(postgresql: Ledger) -> None:
    postgresql.make_sure()
    assert postgresql.statuses() == {}
    assert postgresql.runs() == []


def test_what_is_recorded_comes_back(ledger: Ledger, stored: Stored) -> None:
    told = stored("one", 1, zz=0.1, aa=0.2, mm=1 / 3)
    ledger.record(told)
    assert ledger.last_run() == told
    assert list(ledger.last_run()) == list(told)


def test_recording_a_run_twice_changes_nothing(ledger: Ledger, stored: Stored) -> None:
    ledger.record(stored("one", 1, zz=0.1, aa=0.2))
    before = list(ledger.database.dump())
    ledger.record(stored("one", 1, zz=0.1, aa=0.2))
    assert list(ledger.database.dump()) == before
    assert len(ledger.archive.paths()) == 1
    assert len(before) == 1 + 1 + 1 + 1 + 2 + 2


def test_a_run_that_was_resumed_counts_by_its_end_and_its_first_half_is_kept(ledger: Ledger, stored: Stored) -> None:
    ledger.record(stored("one", 1, "undecided", aa=0.2))
    ended = stored("one", 1, "confirmed", aa=0.2, bb=0.3)
    ended["run"]["finished"] = "2026-01-02T00:00:00+00:00"
    ledger.record(ended)
    assert ledger.last_statuses() == {CLAIM: "confirmed"}
    assert ledger.last_run() == ended
    assert [(run.run, run.results) for run in ledger.runs()] == [("one", 2)]
    assert len(ledger.history(ended["results"][0]["comparison"])) == 1
    assert [len(told) for told in ledger.latest(nights=9).values()] == [1, 1]
    assert len(ledger.archive.paths()) == 2


def test_a_run_whose_name_is_no_file_name_is_refused(sqlite: Ledger, stored: Stored) -> None:
    for name in ("../../etc/passwd", "", "a b", "-rf", "x" * 81):
        with pytest.raises(LedgerError, match="takes no such run: the run's id"):
            sqlite.record(stored(name))
    assert not sqlite.archive.folder.exists()


@pytest.mark.parametrize(
    "broken", [{}, {"run": {}}, {"run": {"id": "one"}}, {"run": {"id": "one"}, "results": [{"a": float("nan")}]}]
)
def test_data_that_is_no_run_is_refused(sqlite: Ledger, broken: dict[str, Any]) -> None:
    with pytest.raises(LedgerError, match="takes no such run"):
        sqlite.record(broken)


def test_a_journal_is_named_by_its_run_and_its_content(sqlite: Ledger, stored: Stored) -> None:
    sqlite.record(stored("one", 1, aa=0.2))
    ((digest, path),) = sqlite.archive.paths().items()
    assert path == sqlite.path.with_name("ledger.sqlite.journals") / f"one.{digest}.jsonl.gz"
    assert sealed.check(path) == path.name


def test_a_locked_index_is_told_and_its_run_is_taken_up_by_the_next(
    sqlite: Ledger, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    sqlite.record(stored("one", 1, aa=0.1))
    with closing(sqlite3.connect(sqlite.path)) as holder:
        holder.execute("begin exclusive")
        with pytest.raises(
            LedgerLockedError, match=r"database is locked; .*two\.\w+\.jsonl\.gz is kept, and the next run"
        ):
            sqlite.record(stored("two", 2, aa=0.2))
        sqlite.make_sure()
    assert [run.run for run in sqlite.runs()] == ["one"]
    sqlite.record(stored("three", 3, aa=0.3))
    assert [run.run for run in sqlite.runs()] == ["one", "two", "three"]


def test_a_locked_server_is_told_and_its_run_is_taken_up_by_the_next(
    postgresql: Ledger, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    postgresql.record(stored("one", 1, aa=0.1))
    with postgresql.database.writing() as holder:
        holder.exec_driver_sql("lock table assay_journals in access exclusive mode")
        with pytest.raises(LedgerLockedError, match="lock timeout"):
            postgresql.record(stored("two", 2, aa=0.2))
    postgresql.record(stored("three", 3, aa=0.3))
    assert [run.run for run in postgresql.runs()] == ["one", "two", "three"]


def test_no_index_is_waited_for_longer_than_two_seconds() -> None:
    assert database.PATIENCE < 2


def test_a_server_that_is_not_there_is_one_line(tmp_path: Path, stored: Stored) -> None:
    pytest.importorskip("psycopg")
    ledger = Ledger(f"postgresql+psycopg://me:secret@/x?host={tmp_path}&journals={tmp_path / 'journals'}")
    with pytest.raises(LedgerError, match=r"cannot be used: .*No such file or directory") as told:
        ledger.record(stored("one"))
    assert "\n" not in str(told.value)
    assert "secret" not in str(told.value)
    assert len(ledger.archive.paths()) == 1


def test_without_its_driver_a_server_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(LedgerError, match=r"psycopg is not installed: pip install 'lazy-assay\[postgres\]'"):
        Ledger("postgresql+psycopg://host/x").runs()


DYING = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("pragma cache_size = 1")
connection.execute("begin immediate")
connection.execute("update assay_results set content = hex(randomblob(2000))")
os.kill(os.getpid(), 9)
"""


def test_what_a_killed_writer_left_half_done_is_undone_by_a_reader(sqlite: Ledger, stored: Stored) -> None:
    sqlite.record(stored("one", 1, **{f"a{number}": 0.1 for number in range(200)}))
    before = list(sqlite.database.dump())
    subprocess.run([sys.executable, "-c", DYING, str(sqlite.path)], check=False)
    assert sqlite.path.with_name("ledger.sqlite-journal").stat().st_size > 0
    assert list(sqlite.database.dump()) == before
    assert sqlite.last_statuses() == {CLAIM: "confirmed"}


def test_a_writer_that_dies_before_the_index_has_its_run_loses_nothing(
    sqlite: Ledger, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "_add", lambda self, path: sys.exit("killed"))
        with pytest.raises(SystemExit):
            sqlite.record(stored("one", 1, aa=0.1))
    told = verify(sqlite)
    assert (told.findings, told.notes) == (
        [],
        ["1 journals are not in the index yet: the next run or a rebuild takes them up"],
    )
    sqlite.record(stored("two", 2, aa=0.2))
    assert [run.run for run in sqlite.runs()] == ["one", "two"]


def test_a_journal_that_cannot_be_written_is_told(sqlite: Ledger, stored: Stored, tmp_path: Path) -> None:
    (tmp_path / "deep").write_text("a file where a folder should be")
    with pytest.raises(LedgerError, match=r"journal .* cannot be written \(Not a directory\); make room") as told:
        sqlite.record(stored("one"))
    assert told.value.machine


def test_a_damaged_journal_is_set_aside_where_a_good_copy_comes(sqlite: Ledger, stored: Stored) -> None:
    sqlite.record(stored("one", 1, aa=0.1))
    (path,) = sqlite.archive.paths().values()
    good = path.read_bytes()
    path.write_bytes(good[:-9])
    Archive(path.parent).keep(path.name, good)
    assert path.read_bytes() == good
    assert path.with_name(f"{path.name}.damaged").read_bytes() == good[:-9]


# -- addresses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["", "ledger.sqlite", "sqlite://x", "sqlite:///", "sqlite:///a?mode=ro", "postgres:///x", "mysql://x/y"]
)
def test_another_url_is_refused(url: str) -> None:
    with pytest.raises(LedgerError, match=r"give a URL such as sqlite:///ledger\.sqlite or postgresql\+psycopg://host"):
        Ledger(url)


def test_a_password_is_not_shown() -> None:
    for url in ("postgresql+psycopg://me:se/cret@host/x", "postgresql://host/x?password=se/cret&user=me"):
        assert "cret" not in Ledger(url).url
        assert "cret" in Ledger(url).address.target


def test_the_journals_of_a_server_lie_among_the_users_own_data_unless_named(tmp_path: Path) -> None:
    home = tmp_path / "home" / "lazy-assay" / "journals"
    assert Ledger("postgresql://me:secret@db.example:5432/assay").archive.folder == home / "db.example-5432-assay"
    assert Ledger("postgresql:///assay?host=/run/pg").archive.folder == home / "run-pg-assay"
    assert Ledger("postgresql:///assay?journals=/srv/j").archive.folder == Path("/srv/j")
    assert Ledger("sqlite:///a.sqlite?journals=/srv/j").archive.folder == Path("/srv/j")


def test_the_default_ledger_is_the_users_own(tmp_path: Path) -> None:
    assert default_url() == f"sqlite:///{tmp_path / 'home' / 'lazy-assay' / 'ledger.sqlite'}"


def test_a_ledger_is_opened_without_its_database(python: Callable[[str], str]) -> None:
    program = "import sys, lazy_assay.checks.ledger as l; l.Ledger('sqlite:///a.sqlite').last_statuses(); "
    assert python(program + "print('sqlalchemy' in sys.modules)") == "False\n"


def test_a_list_of_claims_reads_the_last_statuses_without_sqlalchemy(
    sqlite: Ledger, stored: Stored, python: Callable[[str], str]
) -> None:
    sqlite.record(stored("one", 1, "refuted", aa=0.1))
    program = f"import sys, lazy_assay.checks.ledger as l; print(l.Ledger({sqlite.url!r}).last_statuses(), "
    assert python(program + "'sqlalchemy' in sys.modules)") == f"{{'{CLAIM}': 'refuted'}} False\n"
