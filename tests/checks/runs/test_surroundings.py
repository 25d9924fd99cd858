from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lazy_assay import sims
from lazy_assay.checks.engine.made import code_digest, made
from lazy_assay.checks.executors import report_folder
from lazy_assay.checks.ledger import FolderStore
from lazy_assay.checks.ledger._journal import sealed
from lazy_assay.checks.ledger.index import database
from lazy_assay.sims.quadratic import random_features

IDENTITY = "ghorbani2019.eq13"
SCRIPT = Path(sys.executable).with_name("assay")


def test_one_importable_name_is_installed(tmp_path: Path) -> None:
    probe = (
        "import importlib.util as u; print([n for n in ('theory', 'sims', 'checks', 'lazy_assay') if u.find_spec(n)])"
    )
    done = subprocess.run([sys.executable, "-c", probe], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['lazy_assay']"


def test_every_name_of_the_face_is_there_and_an_unknown_one_is_told() -> None:
    import lazy_assay
    from lazy_assay import checks

    assert all(getattr(lazy_assay, name) is not None for name in lazy_assay.__all__)
    assert all(getattr(checks, name) is not None for name in dir(checks))
    for module in (lazy_assay, checks):
        with pytest.raises(AttributeError, match="no attribute 'nonsense'; it has"):
            module.nonsense  # noqa: B018


def test_a_stream_is_named_by_the_place_in_the_package_or_by_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sims.stream_name(random_features.population_risk) == "sims.random_features.population_risk"
    monkeypatch.setattr(random_features, "STREAM", "sims.elsewhere", raising=False)
    assert sims.stream_name(random_features.population_risk) == "sims.elsewhere.population_risk"


STRANGER = """
import checks, sims, theory

def test_mine():
    assert (checks.MINE, sims.MINE, theory.MINE) == ("checks", "sims", "theory")
"""


@pytest.mark.parametrize("words", [("-m", "pytest"), ("-m", "pytest", "-p", "xdist", "-n", "2")])
def test_a_strangers_project_with_folders_of_the_same_names_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    for name in ("theory", "sims", "checks"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"MINE = {name!r}\n")
    (tmp_path / "test_stranger.py").write_text(STRANGER)
    (tmp_path / "conftest.py").write_text("import checks\n")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    done = subprocess.run([sys.executable, *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_neither_the_working_folder_nor_the_shell_has_a_say_in_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("random", "queue", "string", "conftest"):
        Path(f"{name}.py").write_text("raise SystemExit('imported from the working folder')\n")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    for name, value in (
        ("PYTEST_ADDOPTS", "--nonsense"),
        ("PYTEST_PLUGINS", "nonsense"),
        ("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1"),
        ("GIT_DIR", str(tmp_path)),
    ):
        monkeypatch.setenv(name, value)
    done = subprocess.run(
        [SCRIPT, "run", IDENTITY, "-n", "1", "--device", "cpu"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_two_runs_in_one_folder_are_refused_and_the_holder_is_named(assay: Callable[..., Any]) -> None:
    Path("busy").mkdir()
    with report_folder.alone(Path("busy")):
        outcome = assay("run", IDENTITY, "-n", "0", "--report", "busy")
    assert outcome.is_one_line(), outcome
    assert f"busy is in use by the run of process {os.getpid()}" in outcome.err
    assert not list(Path("busy").iterdir())


@pytest.mark.parametrize("name", ["results.jsonl", "run.json", "index.html"])
def test_a_link_out_of_the_report_folder_is_not_followed(assay: Callable[..., Any], name: str) -> None:
    Path("mine").write_text("precious")
    Path("report").mkdir()
    Path("report", name).symlink_to(Path("mine").resolve())
    outcome = assay("run", IDENTITY, "-n", "0", "--report", "report")
    assert outcome.is_one_line(), outcome
    assert "is a link, and is not followed" in outcome.err
    assert Path("mine").read_text() == "precious"


def test_a_strangers_page_is_not_replaced(assay: Callable[..., Any]) -> None:
    Path("index.html").write_text("mine")
    for words in (("run", IDENTITY, "-n", "0", "--report", "."),):
        outcome = assay(*words)
        assert outcome.is_one_line(), outcome
        assert "is not a report of Assay's" in outcome.err
    assert Path("index.html").read_text() == "mine"


def test_reading_a_foreign_database_leaves_it_as_it_is(assay: Callable[..., Any]) -> None:
    with closing(sqlite3.connect("foreign.sqlite")) as connection:
        connection.execute("create table mine (a)")
        connection.commit()
    before = Path("foreign.sqlite").read_bytes()
    assert assay("list", "--ledger", "sqlite:///foreign.sqlite").is_one_line()
    assert Path("foreign.sqlite").read_bytes() == before


def test_a_locked_ledger_is_told_and_the_run_goes_on(
    run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    run(IDENTITY, "-n", "0")
    with closing(sqlite3.connect(tmp_path / "run" / "ledger.sqlite")) as holder:
        holder.execute("begin exclusive")
        finished = run("--resume", "-n", "0")
    assert finished.outcome.code == 0
    assert "database is locked" in finished.outcome.err
    assert "is kept, and the next run takes it up" in finished.outcome.err


@pytest.mark.parametrize("change", [{"code": "other"}, {"entropy": 7}, {"profile": "full"}, {"device": "cuda"}])
def test_a_resumed_run_takes_no_item_that_something_else_made(
    copied: Any, assay: Callable[..., Any], undisturbed: Any, same: Callable[..., None], change: dict[str, Any]
) -> None:
    log = copied.folder / "results.jsonl"
    head, first, *rest = log.read_text(encoding="utf-8").splitlines()[:-1]
    told = json.loads(first)
    told["made"] |= change
    told["results"][0] |= {"estimate": 0.123}
    told = sealed({name: value for name, value in told.items() if name != "seal"})
    log.write_text("\n".join([head, json.dumps(told), *rest]) + "\n", encoding="utf-8")
    again = assay("run", "--resume", "-n", "0", "--report", copied.folder, "--ledger", copied.ledger)
    assert again.code == 0
    assert "1 items were made by other code, libraries or settings" in again.err
    same(copied.data, undisturbed.data)


def test_the_mark_of_a_run_follows_the_code_of_every_collection(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from lazy_assay.theory import _catalogue

    for folder in ("theory/paper", "sims", "checks"):
        (tmp_path / "mine" / folder).mkdir(parents=True)
        (tmp_path / "mine" / folder / "a.py").write_text("x = 1\n")
    built_in = _catalogue.catalogue().collections
    monkeypatch.setattr(_catalogue, "_CURRENT", [_catalogue.Catalogue(built_in)])
    without = made("quick", 0, "cpu")
    _catalogue.collection(tmp_path / "mine")
    before = made("quick", 0, "cpu")
    assert before != without
    (tmp_path / "mine" / "theory" / "paper" / "a.py").write_text("x = 2\n")
    code_digest.cache_clear()
    assert made("quick", 0, "cpu") != before


@pytest.mark.parametrize(
    "spoil",
    [
        lambda stored: stored.replace(np.float64(0.5).tobytes(), np.float64(0.75).tobytes()),
        lambda stored: stored[:-20] + b"\0" * 20,
        lambda stored: stored[:-1],
        lambda stored: stored.replace(b"'<f8'", b"'<i8'"),
    ],
)
def test_stored_draws_that_were_changed_are_not_believed(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    store = FolderStore(tmp_path / "draws")
    store.save("abcdef", np.array([0.5, 2.0]))
    (path,) = (tmp_path / "draws").rglob("*.npy")
    path.write_bytes(spoil(path.read_bytes()))
    assert store.load("abcdef") is None


def test_draws_of_another_address_are_not_believed(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.save("abcdef", np.array([0.5, 2.0]))
    (tmp_path / "ab" / "abcdef.npy").rename(tmp_path / "ab" / "abfedc.npy")
    assert store.load("abfedc") is None
