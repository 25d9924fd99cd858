"""Runs, results and statuses over time in one SQLite file. Everything in it is JSON text and numbers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from lazy_assay.checks.vocabulary.files import strict_json

SCHEMA = """
create table if not exists runs (id text primary key, started text not null, data text not null);
create table if not exists results (run text not null, id text not null, claim text not null, data text not null,
primary key (run, id)); create table if not exists statuses (run text not null, claim text not null, status text not
null, expected text not null,
  primary key (run, claim));
"""


# Seconds that a locked ledger is waited for: the run's results are in its folder whatever becomes of it.
PATIENCE = 1.5


class LedgerError(ValueError):
    """The ledger cannot be opened or read; one line says why and how to mend it."""


def default_url() -> str:
    """The user's own ledger."""
    from platformdirs import user_data_path

    return f"sqlite:///{user_data_path('lazy-assay') / 'ledger.sqlite'}"


class Ledger:
    """Opened by URL: `sqlite:///relative.sqlite` or `sqlite:////absolute.sqlite`. Raises LedgerError for any other."""

    def __init__(self, url: str) -> None:
        scheme, separator, path = url.partition(":///")
        if scheme != "sqlite" or not separator or not path:
            raise LedgerError(f"ledger {url!r} cannot be opened; give a URL such as sqlite:///ledger.sqlite")
        self.url, self.path = url, Path(path)

    @contextmanager
    def _connection(self, *, writes: bool = False) -> Iterator[sqlite3.Connection]:
        """A connection; one that only reads leaves a foreign file as it is. Raises LedgerError within two seconds."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            mode = "rwc" if writes else "ro"
            address = f"{self.path.resolve().as_uri()}?mode={mode}"
            with closing(sqlite3.connect(address, uri=True, timeout=PATIENCE)) as connection:
                if writes:
                    connection.executescript(SCHEMA)
                # Text that is no UTF-8 costs no other row.
                connection.text_factory = lambda stored: stored.decode(errors="backslashreplace")
                with connection:
                    yield connection
        except (OSError, sqlite3.Error, ValueError, RecursionError) as error:
            raise LedgerError(f"ledger {self.url} cannot be used: {error}; name another with --ledger") from error

    def make_sure(self) -> None:
        """Raise LedgerError where nothing can be kept here; a file that is not there yet is not made."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LedgerError(f"ledger {self.url} cannot be used: {error}; name another with --ledger") from error
        self.last_statuses()

    def record(self, data: Mapping[str, Any]) -> None:
        """Store a run's data (as in results.json); recording a run twice changes nothing."""
        run = data["run"]
        head = {key: value for key, value in data.items() if key != "results"}
        with self._connection(writes=True) as connection:
            connection.execute(
                "insert or replace into runs values (?, ?, ?)", (run["id"], run["started"], json.dumps(head))
            )
            rows = [(run["id"], row["id"], row["claim"], json.dumps(row)) for row in data["results"]]
            connection.executemany("insert or replace into results values (?, ?, ?, ?)", rows)
            said = [(run["id"], row["id"], row["status"], row["expected"]) for row in data["claims"]]
            connection.executemany("insert or replace into statuses values (?, ?, ?, ?)", said)

    def last_statuses(self) -> dict[str, str]:
        """The latest status of every claim that was ever run; empty where there is no ledger yet."""
        if not self.path.exists():
            return {}
        with self._connection() as connection:
            rows = connection.execute("select claim, status from statuses join runs on run = runs.id order by started")
            return {claim: status for claim, status in rows if isinstance(claim, str) and isinstance(status, str)}

    def history(self, *, before: str = "", limit: int = 20) -> dict[str, list[dict[str, str]]]:
        """For each claim its statuses, oldest first, of the last `limit` runs that started before `before`."""
        if not self.path.exists():
            return {}
        with self._connection() as connection:
            query = (
                "select claim, status, expected, started from statuses join runs on run = runs.id where "
                "started < ? order by started"
            )
            rows = connection.execute(query, (before or "9999",)).fetchall()
        told: dict[str, list[dict[str, str]]] = {}
        for claim, status, expected, started in rows:
            if not all(isinstance(word, str) for word in (claim, status, expected, started)):
                continue
            told.setdefault(claim, []).append({"status": status, "expected": expected, "started": started})
        return {claim: entries[-limit:] for claim, entries in told.items()}

    def last_run(self) -> dict[str, Any]:
        """The data of the latest run, as in results.json. Raises LedgerError where there is none."""
        if not self.path.exists():
            raise LedgerError(f"ledger {self.url} holds no run yet; `assay run` fills it")
        with self._connection() as connection:
            found = connection.execute("select id, data from runs order by started desc limit 1").fetchone()
            if found is None:
                raise LedgerError(f"ledger {self.url} holds no run yet; `assay run` fills it")
            rows = connection.execute("select data from results where run = ? order by rowid", (found[0],)).fetchall()
            head = _parsed(found[1])
            if not isinstance(head, dict) or "run" not in head:
                raise LedgerError(f"ledger {self.url}: the run {found[0]!r} has no head; name another with --ledger")
            return {"run": head.pop("run"), "results": [_parsed(row[0]) for row in rows], **head}

    def find(self, id: str) -> list[dict[str, Any]]:
        """The stored results whose id starts with `id`, latest first, one for each id."""
        if not self.path.exists():
            return []
        with self._connection() as connection:
            query = (
                "select results.id, results.data from results join runs on run = runs.id "
                "where substr(results.id, 1, ?) = ? order by started"
            )
            rows = connection.execute(query, (len(id), id)).fetchall()
            read = [_parsed(text) for text in dict(rows).values()][::-1]
            return [row for row in read if isinstance(row, dict) and isinstance(row.get("id"), str)]


def _parsed(stored: Any) -> Any:
    """The data of a row; of one that is no JSON, what stands there, which no reader takes for a result."""
    try:
        return strict_json(stored)
    except (ValueError, TypeError):
        return stored
