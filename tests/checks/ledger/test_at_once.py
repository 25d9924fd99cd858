from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from lazy_assay.checks.ledger import Ledger, LedgerError
from lazy_assay.checks.ledger.verification import verify

Stored = Callable[..., dict[str, Any]]
WRITERS, EACH = 8, 3

WRITING = """
import json, sys
from lazy_assay.checks.ledger import Ledger, LedgerError
ledger = Ledger(sys.argv[1])
for line in sys.stdin:
    try:
        ledger.record(json.loads(line))
    except LedgerError as error:
        print(error, file=sys.stderr)
    print("recorded", flush=True)
"""


def writer(url: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", WRITING, url], stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def nights(stored: Stored, name: str, count: int) -> list[dict[str, Any]]:
    """Runs of the same comparisons, each by another code, so that they may say what they like."""
    told = [stored(f"{name}-{day}", day, **{f"a{place}": 0.1 for place in range(40)}) for day in range(1, count + 1)]
    return [data | {"run": data["run"] | {"code": data["run"]["id"]}} for data in told]


def lines(data: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(told) + "\n" for told in data)


def test_two_runs_at_once_lose_nothing(sqlite: Ledger, stored: Stored) -> None:
    processes = [writer(sqlite.url) for _ in range(2)]
    data = {process: lines(nights(stored, f"run{place}", 8)) for place, process in enumerate(processes)}
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda process: process.communicate(data[process]), processes))
    # An index that was locked for too long is told and costs nothing: who comes next takes up what it lacks.
    sqlite.record(stored("last", 9))
    told = verify(sqlite)
    assert (told.runs, told.journals, told.results, told.findings, told.notes) == (17, 17, 640, [], [])


def test_eight_writers_at_once_on_a_server_lose_nothing(postgresql: Ledger, stored: Stored) -> None:
    def write(place: int) -> None:
        for data in nights(stored, f"run{place}", EACH):
            Ledger(url).record(data)

    url = f"{postgresql.address.target}&journals={postgresql.archive.folder}"
    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(write, range(WRITERS)))
    told = verify(postgresql)
    assert (told.runs, told.results, told.findings, told.notes) == (WRITERS * EACH, WRITERS * EACH * 40, [], [])


@pytest.mark.parametrize("moment", range(4))
def test_a_writer_that_is_killed_leaves_a_ledger_that_verifies(sqlite: Ledger, stored: Stored, moment: int) -> None:
    data = nights(stored, "run", 12)
    process = writer(sqlite.url)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(lines(data))
    process.stdin.flush()
    for _ in range(1 + moment):
        process.stdout.readline()
    time.sleep(random.Random(moment).random() / 50)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    before = verify(sqlite)
    assert before.findings == []
    assert before.journals >= 1 + moment
    for told in data:
        sqlite.record(told)
    after = verify(sqlite)
    assert (after.runs, after.journals, after.findings, after.notes) == (12, 12, [], [])


def test_a_server_that_goes_away_is_one_line_and_the_run_is_kept(
    postgresql: Ledger, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgresql.record(stored("one", 1, aa=0.1))
    database = postgresql.database

    def die(connection: Any, path: Path) -> bool:
        connection.exec_driver_sql("select pg_terminate_backend(pg_backend_pid())")
        return True

    with monkeypatch.context() as patch:
        patch.setattr(type(database), "add", lambda self, connection, path: die(connection, path))
        with pytest.raises(LedgerError, match=r"is kept, and the next run takes it up") as told:
            postgresql.record(stored("two", 2, aa=0.1))
    assert told.value.machine
    assert "\n" not in str(told.value)
    postgresql.record(stored("three", 3, aa=0.1))
    assert [run.run for run in postgresql.runs()] == ["one", "two", "three"]
