from __future__ import annotations

import contextlib
import gzip
import io
import json
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lazy_assay.checks.cli.main import run_command
from lazy_assay.checks.engine import replay
from lazy_assay.checks.engine.order import UsageError
from lazy_assay.checks.ledger import Ledger, LedgerError
from lazy_assay.checks.ledger.evidence.morning import morning
from lazy_assay.checks.report import morning as page

Change = Callable[[Any, random.Random], Any]


@pytest.fixture
def ledger(stored: dict[str, Any], tmp_path: Path) -> Path:
    """The folder of a ledger with one run, and all that the ledger keeps beside it."""
    Ledger(f"sqlite:///{tmp_path / 'book' / 'ledger.sqlite'}").record(stored)
    return tmp_path / "book"


def cells(path: Path, rng: random.Random, change: Change) -> None:
    """Mutate one cell in four of every table: JSON as data, what is no JSON as a word."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for (table,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall():
            columns = [row[1] for row in connection.execute(f"pragma table_info({table})")]
            for values in connection.execute(f"select * from {table}").fetchall():
                for name, value in zip(columns, values, strict=True):
                    if rng.random() < 0.25:
                        with contextlib.suppress(sqlite3.Error):
                            told = cell(value, rng, change), values[0]
                            connection.execute(f"update {table} set {name} = ? where {columns[0]} is ?", told)
        connection.commit()


def cell(value: Any, rng: random.Random, change: Change) -> Any:
    try:
        told = json.dumps(change(json.loads(value), rng))
    except (TypeError, ValueError):
        told = str(change([value], rng))
    return rng.choice((told, told.encode(), told[: len(told) // 2], None, 0, -1.5, 2**62, b"\xff\x00", "nan"))


def mutate_one(folder: Path, rng: random.Random, change: Change, spoil: Callable[..., bytes]) -> None:
    """One file of the ledger, as bytes or as what it holds."""
    path = rng.choice(sorted(path for path in folder.rglob("*") if path.is_file()))
    if path.suffix == ".sqlite" and rng.random() < 0.8:
        cells(path, rng, change)
    elif path.suffix == ".gz" and rng.random() < 0.8:
        path.write_bytes(gzip.compress(spoil(gzip.decompress(path.read_bytes()), rng)))
    else:
        path.write_bytes(spoil(path.read_bytes(), rng))


def called(*words: str) -> tuple[int, list[str]]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run_command([*words])
    return code, err.getvalue().splitlines()


def test_a_mutated_ledger_is_read_as_far_as_it_can_be_or_refused_in_one_line(
    rng: random.Random,
    change: Change,
    spoil: Callable[..., bytes],
    ledger: Path,
    stored: dict[str, Any],
    harmless: Callable[..., Any],
    tmp_path: Path,
) -> None:
    book, folder = Ledger(f"sqlite:///{ledger / 'ledger.sqlite'}"), tmp_path / "report"
    if rng.random() < 0.3:
        # Sealed as it should be, and none of what a run would say.
        with contextlib.suppress(LedgerError):
            book.record(change(stored, rng))
    else:
        mutate_one(ledger, rng, change, spoil)
    reads = (
        book.last_statuses,
        book.last_run,
        lambda: replay.find(stored["results"][0]["id"], None, book),
        lambda: page.render(morning(book)),
    )
    with harmless():
        for read in reads:
            with contextlib.suppress(LedgerError, UsageError):
                read()
        code, lines = called("report", "--out", str(folder), "--ledger", book.url)
    assert code in (0, 2, 3), lines
    assert all(line.startswith("assay: ") and line.isprintable() for line in lines)
    assert code != 2 or len(lines) == 1
    assert code == 2 or "<pwn" not in (folder / "index.html").read_text(encoding="utf-8")
