from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lazy_assay.checks.ledger import FolderStore, Ledger, LedgerError, default_url

IDENTITY = "ghorbani2019.eq13"


def stored_run(id: str, day: int, status: str = "confirmed", **results: float) -> dict[str, Any]:
    """A run of one claim, as small as the ledger takes it."""
    return {
        "run": {"id": id, "started": f"2026-01-{day:02d}T00:00:00+00:00"},
        "claims": [{"id": "fake2024.theorem1", "status": status, "expected": "confirmed"}],
        "results": [{"id": name, "claim": "fake2024.theorem1", "estimate": value} for name, value in results.items()],
        "errata": [],
        "coverage": {"planned": 1},
    }


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(f"sqlite:///{tmp_path / 'deep' / 'down' / 'ledger.sqlite'}")


def test_a_ledger_that_is_not_there_is_empty_and_is_not_made_by_reading(ledger: Ledger) -> None:
    assert ledger.last_statuses() == {}
    assert ledger.history() == {}
    assert ledger.find("abc") == []
    with pytest.raises(LedgerError, match="holds no run yet"):
        ledger.last_run()
    assert not ledger.path.parent.exists()


def test_making_sure_of_a_ledger_does_not_make_it(ledger: Ledger) -> None:
    ledger.make_sure()
    assert not ledger.path.exists()


def test_what_is_recorded_comes_back(ledger: Ledger) -> None:
    told = stored_run("one", 1, zz=0.1, aa=0.2, mm=1 / 3)
    ledger.record(told)
    assert ledger.last_run() == told


def test_recording_a_run_twice_changes_nothing(ledger: Ledger) -> None:
    for _ in range(2):
        ledger.record(stored_run("one", 1, zz=0.1, aa=0.2))
    assert ledger.last_run() == stored_run("one", 1, zz=0.1, aa=0.2)
    assert len(ledger.history()["fake2024.theorem1"]) == 1
    with sqlite3.connect(ledger.path) as connection:
        counts = [connection.execute(f"select count(*) from {name}").fetchone() for name in ("runs", "results")]
    connection.close()
    assert counts == [(1,), (2,)]


def test_a_run_that_was_resumed_replaces_its_first_half(ledger: Ledger) -> None:
    ledger.record(stored_run("one", 1, "undecided", aa=0.2))
    ledger.record(stored_run("one", 1, "confirmed", aa=0.2, bb=0.3))
    assert ledger.last_statuses() == {"fake2024.theorem1": "confirmed"}
    assert [row["id"] for row in ledger.last_run()["results"]] == ["aa", "bb"]


def test_the_last_status_is_that_of_the_latest_run_whatever_the_order_of_recording(ledger: Ledger) -> None:
    ledger.record(stored_run("late", 9, "refuted"))
    ledger.record(stored_run("early", 2, "confirmed"))
    assert ledger.last_statuses() == {"fake2024.theorem1": "refuted"}
    assert ledger.last_run()["run"]["id"] == "late"


def test_history_goes_from_the_oldest_to_the_newest_before_a_date(ledger: Ledger) -> None:
    for day, status in ((3, "refuted"), (1, "vacuous"), (2, "undecided")):
        ledger.record(stored_run(f"run{day}", day, status))
    every = [row["status"] for row in ledger.history()["fake2024.theorem1"]]
    assert every == ["vacuous", "undecided", "refuted"]
    before = ledger.history(before="2026-01-03T00:00:00+00:00")["fake2024.theorem1"]
    assert [row["status"] for row in before] == ["vacuous", "undecided"]
    assert [row["status"] for row in ledger.history(limit=1)["fake2024.theorem1"]] == ["refuted"]


def test_a_result_is_found_by_the_beginning_of_its_id_the_latest_first(ledger: Ledger) -> None:
    ledger.record(stored_run("one", 1, abc1=0.1, abd2=0.2))
    ledger.record(stored_run("two", 2, abc1=0.3))
    assert [row["estimate"] for row in ledger.find("abc1")] == [0.3]
    assert {row["id"] for row in ledger.find("ab")} == {"abc1", "abd2"}
    assert ledger.find("bc") == []


@pytest.mark.parametrize("wild", ["%", "a_c1", "_bc1"])
def test_the_beginning_of_an_id_is_no_pattern(ledger: Ledger, wild: str) -> None:
    ledger.record(stored_run("one", 1, abc1=0.1))
    assert ledger.find(wild) == []


@pytest.mark.parametrize("url", ["", "ledger.sqlite", "sqlite://x", "sqlite:///", "postgres:///x"])
def test_another_url_is_refused(url: str) -> None:
    with pytest.raises(LedgerError, match=r"give a URL such as sqlite:///ledger\.sqlite"):
        Ledger(url)


Use = Callable[[Ledger], Any]
USES: dict[str, Use] = {
    "record": lambda ledger: ledger.record(stored_run("one", 1)),
    "make_sure": lambda ledger: ledger.make_sure(),
    "last_statuses": lambda ledger: ledger.last_statuses(),
    "history": lambda ledger: ledger.history(),
    "last_run": lambda ledger: ledger.last_run(),
    "find": lambda ledger: ledger.find("a"),
}


@pytest.mark.parametrize("name", USES)
def test_a_file_that_is_no_ledger_gives_one_line_whatever_is_asked(tmp_path: Path, name: str) -> None:
    place = tmp_path / "notes.txt"
    place.write_text("not a database, by any means")
    with pytest.raises(LedgerError, match="cannot be used: file is not a database; name another with --ledger") as told:
        USES[name](Ledger(f"sqlite:///{place}"))
    assert "\n" not in str(told.value)
    assert place.read_text() == "not a database, by any means"


def test_the_default_ledger_is_the_users_own(tmp_path: Path) -> None:
    assert default_url() == f"sqlite:///{tmp_path / 'home' / 'lazy-assay' / 'ledger.sqlite'}"


# -- with the command line ---------------------------------------------------------------------------------------------


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
    told = stored_run("long ago", 1, "undecided")
    told["claims"][0]["id"] = IDENTITY
    Ledger(f"sqlite:///{tmp_path / 'run' / 'ledger.sqlite'}").record(told)
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


def test_a_run_stores_its_results_as_json_and_no_pickle(undisturbed: Any) -> None:
    with sqlite3.connect(Ledger(undisturbed.ledger).path) as connection:
        rows = connection.execute("select data from results").fetchall()
    connection.close()
    assert {json.loads(text)["id"] for (text,) in rows} == {row["id"] for row in undisturbed.data["results"]}
