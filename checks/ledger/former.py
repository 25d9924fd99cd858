"""Ledgers from before there were journals: an SQLite file with runs, results and statuses. Read, never written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from lazy_assay.checks.ledger.address import LedgerError
from lazy_assay.checks.vocabulary.files import strict_json

TABLES = ("runs", "results", "statuses")


def holds(path: Path) -> bool:
    """Whether the file is an SQLite database with the tables of such a ledger."""
    try:
        with closing(_connected(path)) as connection:
            names = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    except (OSError, sqlite3.Error):
        return False
    return names >= set(TABLES)


def runs(path: Path) -> Iterator[dict[str, Any]]:
    """The data of each run, as in results.json; of what is no JSON in it, the text. Raises LedgerError."""
    try:
        with closing(_connected(path)) as connection:
            for id, head in connection.execute("select id, data from runs order by started, id").fetchall():
                rows = connection.execute("select data from results where run = ? order by rowid", (id,)).fetchall()
                told = _data(head)
                told = told if isinstance(told, dict) else {"run": {"id": id}}
                yield {"run": told.pop("run", {"id": id}), "results": [_data(row) for (row,) in rows], **told}
    except (OSError, sqlite3.Error) as error:
        raise LedgerError(f"the former ledger {path} cannot be read: {error}; name another") from None


def _connected(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise OSError(f"{path} is no regular file")
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=1.5)
    connection.text_factory = lambda stored: stored.decode(errors="backslashreplace")
    connection.execute("pragma query_only = on")
    return connection


def _data(stored: Any) -> Any:
    try:
        return strict_json(stored)
    except (ValueError, TypeError):
        return str(stored)
