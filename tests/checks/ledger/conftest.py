"""Runs as small as a ledger takes them, and the databases that it is tested with: SQLite, and a PostgreSQL server."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lazy_assay.checks.ledger import Ledger
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict, to_json

CLAIM = "fake2024.theorem1"
Stored = Callable[..., dict[str, Any]]


def row(name: str, estimate: float, **changes: Any) -> dict[str, Any]:
    """A result as a run stores it; `name` tells its configuration, and so its comparison, from others."""
    told: dict[str, Any] = {
        "claim": CLAIM, "part": "", "check": "mean", "subject": Subject.CLAIM, "configuration": {"B": name},
        "route": "tosses", "verdict": Verdict.AGREES, "predicted": 0.5, "estimate": estimate, "interval": (0.1, 0.9),
        "trials": 10, "stage": "search", "method": "betting", "profile": "quick",
    }  # fmt: skip
    return to_json(Result(**(told | changes)))


@pytest.fixture(scope="session")
def stored() -> Stored:
    """The data of a run of one claim, as in results.json: its id, the day it started, a status, estimates by name."""

    def make(id: str, day: int = 1, status: str = "confirmed", **estimates: float) -> dict[str, Any]:
        started = f"2026-01-{day:02d}T00:00:00+00:00"
        names = {"profile": "quick", "entropy": 0, "device": "cpu", "commit": "abc", "code": "one", "exit_code": 0}
        return {
            "run": {"id": id, "started": started, "finished": started, **names},
            "results": [row(name, value) for name, value in estimates.items()],
            "claims": [{"id": CLAIM, "status": status, "expected": "confirmed"}],
            "errata": [],
            "coverage": {"planned": 1},
        }

    return make


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user of its own, in a working folder of its own."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))


@pytest.fixture
def sqlite(tmp_path: Path) -> Ledger:
    """A ledger in a file that is not there yet."""
    return Ledger(f"sqlite:///{tmp_path / 'deep' / 'down' / 'ledger.sqlite'}")


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    """An empty ledger in either kind of database."""
    found: Ledger = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def postgresql(server: Path, tmp_path: Path) -> Ledger:
    """A ledger in the server's one database, emptied."""
    import psycopg

    with psycopg.connect(host=str(server), user="assay", dbname="postgres", autocommit=True) as connection:
        connection.execute("drop schema public cascade")
        connection.execute("create schema public")
    return Ledger(f"postgresql+psycopg://assay@/postgres?host={server}&journals={tmp_path / 'journals'}")


@pytest.fixture(scope="session")
def server() -> Iterator[Path]:
    """A PostgreSQL server that listens on a socket in this folder alone, run by a user who is not root."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'lazy-assay[postgres]'")
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="assay-postgresql-"))
    user = _user()
    if user:
        shutil.chown(folder, user)
    act = ["runuser", "-u", user, "--"] * bool(user)
    control = [*act, str(binaries / "pg_ctl"), "-D", str(folder / "data"), "-s", "-w"]
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    try:
        make = [str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "assay", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*act, *make, "--no-sync"], check=True, capture_output=True, cwd=folder)
        subprocess.run([*control, "-o", options, "-l", str(folder / "log"), "start"], check=True, cwd=folder)
        yield folder
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, cwd=folder, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path | None:
    """Where Debian, or the search path, has the server's programs: those of the newest version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def _user() -> str:
    """Whom root starts the server as; empty for anybody else, who may start it."""
    if os.geteuid() != 0:
        return ""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@pytest.fixture
def python() -> Callable[[str], str]:
    """What a program prints in a fresh interpreter."""

    def run(program: str) -> str:
        return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout

    return run
