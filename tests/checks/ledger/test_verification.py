from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from lazy_assay.checks.ledger import Ledger
from lazy_assay.checks.ledger.index.tables import TABLES
from lazy_assay.checks.ledger.verification import verify

Stored = Callable[..., dict[str, Any]]
# The schema's own version has a test of its own.
FILLED = [table for table in TABLES if table.name != "assay_schema"]


@pytest.fixture
def filled(sqlite: Ledger, stored: Stored) -> Ledger:
    """Three nights of two comparisons, and one of a third."""
    for day in (1, 2, 3):
        sqlite.record(stored(f"run{day}", day, aa=0.25, bb=0.5))
    sqlite.record(stored("run4", 4, cc=0.75))
    return sqlite


def change(ledger: Ledger, statement: str) -> int:
    with ledger.database.writing() as connection:
        return connection.exec_driver_sql(statement).rowcount


def test_a_ledger_that_grew_verifies(ledger: Ledger, stored: Stored) -> None:
    for day in (1, 2, 3):
        ledger.record(stored(f"run{day}", day, aa=0.25, bb=0.5))
    told = verify(ledger)
    assert (told.runs, told.journals, told.results, told.findings, told.notes) == (3, 3, 6, [], [])


def test_a_ledger_of_nothing_verifies(sqlite: Ledger) -> None:
    assert (verify(sqlite).findings, verify(sqlite).notes) == ([], [])


@pytest.mark.parametrize("place", [0, 1, 40, -30, -1])
def test_a_journal_with_one_other_byte_is_named(filled: Ledger, place: int) -> None:
    (path,) = [path for path in filled.archive.paths().values() if path.name.startswith("run2.")]
    content = bytearray(path.read_bytes())
    content[place] ^= 4
    path.write_bytes(content)
    (finding,) = verify(filled).findings
    assert finding.name == path.name
    assert finding.sentence.startswith("damaged: ")


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "a number": lambda lines: lines.replace(b'"estimate": 0.25', b'"estimate": 0.26'),
    "a line less": lambda lines: b"".join([*lines.splitlines(True)[:-2], lines.splitlines(True)[-1]]),
    "a line twice": lambda lines: b"".join([*lines.splitlines(True)[:2], *lines.splitlines(True)[1:]]),
    "no footer": lambda lines: b"".join(lines.splitlines(True)[:-1]),
    "a line behind the footer": lambda lines: lines + b"{}\n",
    "an end that is cut off": lambda lines: lines[:-1],
    "no head": lambda lines: b"".join(lines.splitlines(True)[1:]),
    "nothing": lambda lines: b"",
    "zeros": lambda lines: bytes(100),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_journal_whose_lines_are_not_those_sealed_is_named(filled: Ledger, name: str) -> None:
    path = next(iter(filled.archive.paths().values()))
    path.write_bytes(gzip.compress(SPOILT[name](gzip.decompress(path.read_bytes()))))
    assert [finding.name for finding in verify(filled).findings] == [path.name]


def test_a_journal_under_anothers_name_is_named(filled: Ledger) -> None:
    first, second, *_ = filled.archive.paths().values()
    shutil.copy(first, second)
    (finding,) = verify(filled).findings
    assert finding.name == second.name
    assert f"its content is that of {first.name}" in finding.sentence


@pytest.mark.parametrize("table", FILLED, ids=str)
def test_a_row_that_is_altered_in_any_column_is_found(filled: Ledger, table: sa.Table, tmp_path: Path) -> None:
    whole = filled.path.read_bytes()
    for column in table.c:
        filled.path.write_bytes(whole)
        value = "'x'" if isinstance(column.type, sa.Text) else "77"
        row = f"select min({next(iter(table.primary_key)).name}) from {table.name}"
        name = next(iter(table.primary_key)).name
        limit = f'where "{name}" = ({row})' + (" and place = 2" if "place" in table.c else "")
        assert change(filled, f'update {table.name} set "{column.name}" = {value} {limit}') == 1, column
        assert verify(filled).findings, column


@pytest.mark.parametrize("table", FILLED, ids=str)
def test_a_row_that_is_missing_is_found(filled: Ledger, table: sa.Table) -> None:
    name = next(iter(table.primary_key)).name
    assert change(filled, f"delete from {table.name} where {name} = (select max({name}) from {table.name})")
    assert verify(filled).findings


STRANGE = {
    "assay_statuses": "insert into assay_statuses values ('nobody', 'a.b', '', 'refuted', 'confirmed')",
    "assay_comparisons": "insert into assay_comparisons values ('k', 'c', 'a.b', '', 'mean', 'tosses', 'claim')",
    "assay_results": "insert into assay_results select 'nobody', place, started, key, content, id, stage, verdict, "
    "guarantee, method, statement_version, simulation_version, entropy, device, profile, trials, diverged, predicted, "
    "estimate, resolution, false_alarm, seconds, lower, upper, bias, monte_carlo from assay_results limit 1",
    "assay_journals": "insert into assay_journals select 'nobody', 'd', 'run9', started, finished, profile, entropy, "
    'device, "commit", make, exit_code, results, unreadable from assay_journals limit 1',
}


@pytest.mark.parametrize("table", STRANGE)
def test_a_row_of_no_journal_is_found(filled: Ledger, table: str) -> None:
    assert change(filled, STRANGE[table]) == 1
    assert verify(filled).findings


def test_a_journal_that_the_folder_lost_is_found(filled: Ledger) -> None:
    digest, path = next(iter(filled.archive.paths().items()))
    path.unlink()
    (finding,) = verify(filled).findings
    assert finding.name == digest


# -- a key that comes back with other content --------------------------------------------------------------------------


def test_a_key_that_comes_back_with_other_content_is_named_and_both_are_kept(ledger: Ledger, stored: Stored) -> None:
    ledger.record(stored("one", 1, aa=0.25, bb=0.5))
    ledger.record(other := stored("two", 2, aa=0.26, bb=0.5))
    (finding,) = verify(ledger).findings
    assert finding.name == other["results"][0]["comparison"]
    assert "run one, line 2 and run two, line 2 differ in estimate" in finding.sentence
    assert [record.estimate for record in ledger.history(finding.name)] == [0.25, 0.26]


def test_a_run_that_comes_back_with_other_content_is_named_and_both_are_kept(ledger: Ledger, stored: Stored) -> None:
    ledger.record(stored("one", 1, aa=0.25, bb=0.5))
    ledger.record(stored("one", 1, aa=0.26, bb=0.5))
    (finding,) = verify(ledger).findings
    assert "run one, line 2 and run one, line 2 differ in estimate" in finding.sentence
    assert len(ledger.archive.paths()) == 2


def test_what_differs_in_the_journal_alone_is_named_as_well(sqlite: Ledger, stored: Stored) -> None:
    sqlite.record(stored("one", 1, aa=0.25))
    other = stored("two", 2, aa=0.25)
    other["results"][0]["figures"] = {"slope": 1.0}
    sqlite.record(other)
    (finding,) = verify(sqlite).findings
    assert finding.sentence.endswith("differ in what the journals alone hold")


MADE: dict[str, Any] = {
    "code": "two",
    "profile": "full",
    "entropy": 7,
    "device": "cuda",
    "threads": 4,
    "versions": {"torch": "3"},
}


@pytest.mark.parametrize("name", MADE)
def test_what_something_else_made_may_differ(ledger: Ledger, stored: Stored, name: str) -> None:
    ledger.record(stored("one", 1, aa=0.25))
    other = stored("two", 2, aa=0.26)
    other["run"][name] = MADE[name]
    ledger.record(other)
    assert not verify(ledger).findings


@pytest.mark.parametrize("name", ["statement_version", "simulation_version", "stage"])
def test_another_version_is_another_key(sqlite: Ledger, stored: Stored, name: str) -> None:
    sqlite.record(stored("one", 1, aa=0.25))
    other = stored("two", 2, aa=0.26)
    other["results"][0][name] = "another"
    sqlite.record(other)
    assert not verify(sqlite).findings


@pytest.mark.parametrize("name", ["seconds", "message"])
def test_how_long_it_took_and_what_it_is_told_in_is_no_content(sqlite: Ledger, stored: Stored, name: str) -> None:
    sqlite.record(stored("one", 1, aa=0.25))
    other = stored("two", 2, aa=0.25)
    other["results"][0][name] = {"seconds": 3.0, "message": "other words"}[name]
    sqlite.record(other)
    assert not verify(sqlite).findings


def test_what_was_not_run_contradicts_nothing(sqlite: Ledger, stored: Stored) -> None:
    sqlite.record(stored("one", 1, aa=0.25))
    other = stored("two", 2, aa=0.26)
    other["results"][0]["verdict"] = "NOT_RUN"
    sqlite.record(other)
    assert not verify(sqlite).findings


def test_runs_that_do_not_say_what_code_they_ran_are_compared_with_none(sqlite: Ledger, stored: Stored) -> None:
    for name, estimate in (("one", 0.25), ("two", 0.26)):
        data = stored(name, 1, aa=estimate)
        data["run"] |= {"code": "", "commit": "abc-dirty"}
        sqlite.record(data)
    assert not verify(sqlite).findings
