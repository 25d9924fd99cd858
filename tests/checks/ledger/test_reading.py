from __future__ import annotations

import json
import math
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lazy_assay.checks.ledger import Ledger, LedgerError
from lazy_assay.checks.ledger.address import LedgerOutdatedError
from lazy_assay.checks.ledger.index import columns
from lazy_assay.checks.ledger.verification import verify

Stored = Callable[..., dict[str, Any]]
CLAIM = "fake2024.theorem1"


def test_the_last_status_is_that_of_the_latest_run_whatever_the_order_of_recording(
    ledger: Ledger, stored: Stored
) -> None:
    ledger.record(stored("late", 9, "refuted"))
    ledger.record(stored("early", 2, "confirmed"))
    assert ledger.last_statuses() == {CLAIM: "refuted"}
    assert ledger.last_run()["run"]["id"] == "late"


def test_statuses_go_from_the_oldest_to_the_newest_before_a_date(ledger: Ledger, stored: Stored) -> None:
    for day, status in ((3, "refuted"), (1, "vacuous"), (2, "undecided")):
        ledger.record(stored(f"run{day}", day, status))
    told = ledger.statuses()[CLAIM]
    assert [entry["status"] for entry in told] == ["vacuous", "undecided", "refuted"]
    assert told[0] == {
        "status": "vacuous",
        "expected": "confirmed",
        "run": "run1",
        "started": "2026-01-01T00:00:00+00:00",
        "commit": "abc",
    }
    before = ledger.statuses(before="2026-01-03T00:00:00+00:00")[CLAIM]
    assert [entry["status"] for entry in before] == ["vacuous", "undecided"]
    assert [entry["status"] for entry in ledger.statuses(limit=1)[CLAIM]] == ["refuted"]


def test_runs_are_told_oldest_first(ledger: Ledger, stored: Stored) -> None:
    for day in (3, 1, 2):
        ledger.record(stored(f"run{day}", day, aa=0.1, bb=0.2))
    assert [run.run for run in ledger.runs()] == ["run1", "run2", "run3"]
    assert [run.run for run in ledger.runs(limit=1)] == ["run3"]
    assert [run.run for run in ledger.runs(before="2026-01-03")] == ["run1", "run2"]
    (run,) = ledger.runs(limit=1)
    assert (run.profile, run.entropy, run.device, run.exit_code, run.results) == ("quick", "0", "cpu", 0, 2)
    assert ledger.data(run)["results"] == stored("run3", 3, aa=0.1, bb=0.2)["results"]


def test_the_history_of_a_comparison_goes_over_nights(ledger: Ledger, stored: Stored) -> None:
    for day in (3, 1, 2):
        ledger.record(stored(f"run{day}", day, aa=day / 10, bb=0.7))
    comparison = stored("x", 1, aa=0.0)["results"][0]["comparison"]
    told = ledger.history(comparison)
    assert [(record.run, record.estimate) for record in told] == [("run1", 0.1), ("run2", 0.2), ("run3", 0.3)]
    assert [record.run for record in ledger.history(comparison, limit=2)] == ["run2", "run3"]
    assert {record.comparison for record in told} == {comparison}
    assert ledger.history("another") == []


def test_every_column_of_a_record_is_what_the_result_says(ledger: Ledger, stored: Stored) -> None:
    data = stored("one", 1, aa=0.3)
    (row,) = data["results"]
    row["tolerance"] |= {"finite_size": 0.25, "rounding": 0.5, "monte_carlo": 0.125}
    row |= {"statement_version": "s", "simulation_version": "t", "seconds": 2.5, "resolution": 0.01}
    ledger.record(data)
    (record,) = ledger.history(row["comparison"])
    same = [*columns.SUBJECT, *columns.COUNTS, *columns.NUMBERS, *columns.TEXTS]
    told = {name: getattr(record, name) for name in same}
    assert told == {name: row[name] for name in same} | {"entropy": "0"}
    assert (record.bias, record.monte_carlo, record.lower, record.upper) == (0.75, 0.125, 0.1, 0.9)
    assert (record.run, record.started, record.commit, record.place) == ("one", data["run"]["started"], "abc", 2)


def test_the_latest_nights_of_each_comparison_come_together(ledger: Ledger, stored: Stored) -> None:
    for day in (1, 2, 3):
        ledger.record(stored(f"run{day}", day, aa=day / 10, bb=0.7))
    ledger.record(stored("run4", 4, bb=0.8))
    told = {json.loads(key)[-1]["B"]: [record.run for record in records] for key, records in ledger.latest().items()}
    assert told == {"aa": ["run3"], "bb": ["run4"]}
    told = {json.loads(key)[-1]["B"]: [it.run for it in records] for key, records in ledger.latest(nights=2).items()}
    assert told == {"aa": ["run2", "run3"], "bb": ["run3", "run4"]}
    assert ledger.latest(claims=["another.claim"]) == {}
    assert len(ledger.latest(claims=["another.claim", CLAIM])) == 2


def test_a_search_and_its_confirmation_are_two_records_of_one_comparison(ledger: Ledger, stored: Stored) -> None:
    data = stored("one", 1, aa=0.3)
    data["results"].append(data["results"][0] | {"stage": "confirm", "id": "other"})
    ledger.record(data)
    ((comparison, records),) = ledger.latest().items()
    assert sorted(record.stage for record in records) == ["confirm", "search"]
    assert len(ledger.history(comparison)) == 2


NUMBERS: list[float] = [0.1, 1 / 3, 5e-324, -0.0, 1.7976931348623157e308, -math.inf, math.inf, 1e-300, 12.0]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_comes_back_to_the_last_bit(sqlite: Ledger, stored: Stored, number: float) -> None:
    sqlite.record(data := stored("one", 1, aa=number))
    assert [record.estimate for record in sqlite.history(data["results"][0]["comparison"])] == [number]


def test_numbers_come_back_to_the_last_bit_from_a_server(postgresql: Ledger, stored: Stored) -> None:
    postgresql.record(stored("one", 1, **{f"a{place}": number for place, number in enumerate(NUMBERS)}))
    told = {json.loads(key)[-1]["B"]: records[0].estimate for key, records in postgresql.latest().items()}
    assert told == {f"a{place}": number for place, number in enumerate(NUMBERS)}
    assert not verify(postgresql).findings


def test_what_no_database_holds_is_held_all_the_same(ledger: Ledger, stored: Stored) -> None:
    data = stored("one", 1, aa=math.nan, bb=0.2)
    data["results"][1] |= {"entropy": 10**40, "message": "a\0b", "method": "NUL \0, half a pair \udc80, ∀ε>0"}
    data["run"]["commit"] = "\udc80\0"
    ledger.record(data)
    records = [records[0] for records in ledger.latest().values()]
    assert {record.estimate for record in records} == {None, 0.2}
    assert {record.entropy for record in records} == {"0", str(10**40)}
    assert "NUL \\0, half a pair \\udc80, ∀ε>0" in {record.method for record in records}
    assert ledger.last_run() == data
    assert not verify(ledger).findings


SPOILT: dict[str, Any] = {
    "comparison": None, "trials": -1, "diverged": 2**63, "estimate": [], "predicted": True, "seconds": "fast",
    "interval": [1], "tolerance": [], "entropy": "0", "resolution": 10**400, "id": 7,
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILT)
def test_a_line_that_is_no_result_costs_itself_and_is_told(sqlite: Ledger, stored: Stored, name: str) -> None:
    data = stored("one", 1, aa=0.1, bb=0.2)
    data["results"][0][name] = SPOILT[name]
    sqlite.record(data)
    (run,) = sqlite.runs()
    assert (run.results, run.unreadable) == (1, 1)
    told = verify(sqlite)
    assert not told.findings
    assert f"line 2: {name}" in told.notes[0]
    assert sqlite.last_run() == data


def test_a_result_is_found_by_the_beginning_of_its_id_the_latest_first(ledger: Ledger, stored: Stored) -> None:
    for day, estimates in ((1, {"aa": 0.1, "bb": 0.2}), (2, {"aa": 0.3})):
        data = stored(f"run{day}", day, **estimates)
        for row in data["results"]:
            row["id"] = {"aa": "abc1", "bb": "abd2"}[row["configuration"]["B"]]
        ledger.record(data)
    assert [row["estimate"] for row in ledger.find("abc1")] == [0.3]
    assert [row["id"] for row in ledger.find("ab")] == ["abc1", "abd2"]
    assert ledger.find("bc") == []
    for wild in ("%", "a_c1", "_bc1", "\udc80", "\0"):
        assert ledger.find(wild) == []


# -- what is no index --------------------------------------------------------------------------------------------------

Use = Callable[[Ledger], Any]
USES: dict[str, Use] = {
    "make_sure": lambda ledger: ledger.make_sure(),
    "last_statuses": lambda ledger: ledger.last_statuses(),
    "statuses": lambda ledger: ledger.statuses(),
    "runs": lambda ledger: ledger.runs(),
    "history": lambda ledger: ledger.history("a"),
    "latest": lambda ledger: ledger.latest(),
    "last_run": lambda ledger: ledger.last_run(),
    "find": lambda ledger: ledger.find("a"),
    "verify": verify,
}


@pytest.mark.parametrize("name", USES)
def test_a_file_that_is_no_ledger_gives_one_line_whatever_is_asked(tmp_path: Path, name: str) -> None:
    place = tmp_path / "notes.txt"
    place.write_text("not a database, by any means")
    with pytest.raises(LedgerError, match="cannot be used: file is not a database; name another with --ledger") as told:
        USES[name](Ledger(f"sqlite:///{place}"))
    assert "\n" not in str(told.value)
    assert not told.value.machine
    assert place.read_text() == "not a database, by any means"


@pytest.mark.parametrize("name", USES)
def test_anothers_database_is_refused_and_left_as_it_is(tmp_path: Path, name: str) -> None:
    place = tmp_path / "foreign.sqlite"
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("create table mine (a)")
        connection.commit()
    before = place.read_bytes()
    with pytest.raises(LedgerError, match="it is another's database, with a table 'mine'"):
        USES[name](Ledger(f"sqlite:///{place}"))
    assert place.read_bytes() == before


def test_nothing_is_recorded_in_anothers_database_and_the_run_is_kept(sqlite: Ledger, stored: Stored) -> None:
    sqlite.path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(sqlite.path)) as connection:
        connection.execute("create table mine (a)")
        connection.commit()
    with pytest.raises(LedgerError, match="another's database"):
        sqlite.record(stored("one"))
    assert len(sqlite.archive.paths()) == 1


def test_a_pipe_in_a_ledgers_place_is_refused_and_not_waited_for(sqlite: Ledger) -> None:
    sqlite.path.parent.mkdir(parents=True)
    os.mkfifo(sqlite.path)
    with pytest.raises(LedgerError, match="it is no regular file"):
        sqlite.runs()


@pytest.mark.parametrize("version, age", [(columns.SCHEMA + 1, "newer"), (columns.SCHEMA - 1, "older")])
def test_an_index_of_another_schema_is_refused_by_its_age(
    ledger: Ledger, stored: Stored, version: int, age: str
) -> None:
    ledger.record(stored("one"))
    with ledger.database.writing() as connection:
        connection.exec_driver_sql(f"update assay_schema set version = {version}")
    for name in USES:
        with pytest.raises(LedgerOutdatedError, match=f"its schema {version} is {age} than this Assay's"):
            USES[name](ledger)
    with pytest.raises(LedgerOutdatedError, match=r"is kept, and the next run takes it up"):
        ledger.record(stored("two"))


def test_an_index_that_is_gone_is_told(sqlite: Ledger, stored: Stored) -> None:
    sqlite.record(stored("one", 1))
    sqlite.path.unlink()
    with pytest.raises(LedgerError, match="1 journals and no index; `assay ledger rebuild` makes it again"):
        sqlite.statuses()
    sqlite.make_sure()
    sqlite.record(stored("two", 2))
    assert [run.run for run in sqlite.runs()] == ["one", "two"]


@pytest.mark.parametrize(
    "altered", ["estimate = 'x'", "trials = 'many'", "verdict = x'00ff'", "verdict = cast(x'80' as text)"]
)
def test_a_row_that_nobody_here_wrote_is_one_line(sqlite: Ledger, stored: Stored, altered: str) -> None:
    sqlite.record(stored("one", 1, aa=0.1))
    with closing(sqlite3.connect(sqlite.path)) as connection:
        connection.execute(f"update assay_results set {altered}")
        connection.commit()
    with pytest.raises(LedgerError) as told:
        sqlite.latest()
    assert "\n" not in str(told.value)
    assert not told.value.machine


def test_a_journal_that_is_elsewhere_is_asked_for(sqlite: Ledger, stored: Stored, tmp_path: Path) -> None:
    sqlite.record(stored("one", 1, aa=0.1))
    sqlite.archive.folder.rename(tmp_path / "elsewhere")
    with pytest.raises(LedgerError, match=r"is not in .*ledger\.sqlite\.journals; merge it, or name its folder"):
        sqlite.last_run()
    assert Ledger(f"{sqlite.url}?journals={tmp_path / 'elsewhere'}").last_run()["run"]["id"] == "one"
