from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

IDENTITY = "theory/ghorbani2019/eq13.py"
PLANTED = """
from dataclasses import replace

def pytest_collection_finish(session):
    from lazy_assay.checks.engine import perform
    from lazy_assay.checks.vocabulary.result import Verdict
    honest = perform.run
    def run(task, context):
        {body}
    perform.run = run
"""


@pytest.fixture
def plain(checkout: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """pytest as a developer calls it, in the checkout or elsewhere."""

    def run(*words: str, cwd: Path = checkout) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", "0", *words]
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Replaces what a claim's item does, through a pytest plugin: `-p planted`."""

    def write(body: str) -> None:
        (tmp_path / "planted.py").write_text(PLANTED.format(body=body), encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")])))

    return write


def test_claims_and_tests_are_collected_side_by_side(plain: Callable[..., Any]) -> None:
    done = plain(
        IDENTITY, "theory/ghorbani2019/_quadratic_target.py", "tests/checks/statistics/test_slope.py", "-q", "--co"
    )
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("theory/")] == [
        f"{IDENTITY}::{part}: {name}" for part in ("RF", "NT", "NN") for name in ("statement", "derivation")
    ]
    assert any(line.startswith("tests/checks/statistics/test_slope.py::test_") for line in lines)
    assert "_quadratic_target" not in done.stdout


def test_a_selection_runs_what_it_names_and_passes(plain: Callable[..., Any]) -> None:
    done = plain(IDENTITY, "-k", "NN and derivation")
    assert done.returncode == 0, done.stdout
    assert "1 passed, 5 deselected" in done.stdout


def test_without_a_report_a_session_shares_its_draws_and_leaves_none(
    plain: Callable[..., Any], plant: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    plant("print('drawn into ', context.store.folder); return []")
    done = plain("-p", "planted", IDENTITY, "theory/ghorbani2019/theorem5.py", "-s")
    folders = {line.partition("drawn into ")[2] for line in done.stdout.splitlines() if "drawn into" in line}
    assert len(folders) == 1, done.stdout
    assert str(tmp_path / "assay-draws-") in folders.pop()
    assert not list(tmp_path.glob("assay-draws-*"))


def test_a_claim_that_fails_shows_sentences_and_no_traceback(
    plain: Callable[..., Any], plant: Callable[[str], None]
) -> None:
    plant("return honest(task, replace(context, distort=lambda predicted: 2 * predicted))")
    done = plain("-p", "planted", "theory/ghorbani2019/closure.py", "-k", "neural_tangent")
    assert done.returncode == 1
    assert "Traceback" not in done.stdout
    assert "site-packages" not in done.stdout
    assert "checks/_" not in done.stdout
    sentences = [line for line in done.stdout.splitlines() if line.startswith("[ghorbani2019.closure]")]
    assert sentences
    assert all("entropy" in line and "claimed" in line for line in sentences)
    assert "ghorbani2019.closure: refuted" in done.stdout


def test_a_status_that_differs_fails_the_session_though_every_item_passed(
    plain: Callable[..., Any], plant: Callable[[str], None]
) -> None:
    plant("return [replace(r, verdict=Verdict.UNDECIDED) for r in honest(task, context) if r.subject == 'claim']")
    done = plain("-p", "planted", IDENTITY)
    assert done.returncode == 1, done.stdout
    assert "6 passed" in done.stdout
    assert "ghorbani2019.eq13: undecided" in done.stdout


INNOCENT = """
import sys

def test_nothing_of_assay_is_here(pytestconfig):
    heavy = {"torch", "sympy", "numpy", "lazy_assay.theory", "lazy_assay.sims", "lazy_assay.checks.executors.items"}
    assert not heavy & set(sys.modules)
    assert not pytestconfig.pluginmanager.has_plugin("assay-claims")
    assert not pytestconfig.pluginmanager.has_plugin("assay-recorder")
"""


def test_a_project_that_is_not_assay_is_left_alone(plain: Callable[..., Any], tmp_path: Path) -> None:
    place = tmp_path / "project"
    (place / "theory" / "paper2024").mkdir(parents=True)
    (place / "theory" / "paper2024" / "theorem1.py").write_text("CLAIM = 1 / 0\n")
    (place / "test_innocent.py").write_text(INNOCENT)
    done = plain("-v", cwd=place)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
    assert "theorem1" not in done.stdout


def test_help_of_any_pytest_names_the_options(plain: Callable[..., Any], tmp_path: Path) -> None:
    done = plain("--help", cwd=tmp_path)
    assert "claims confronted with simulations" in done.stdout
    assert "--assay-profile" in done.stdout


def test_claims_can_be_asked_for_from_anywhere(plain: Callable[..., Any], checkout: Path, tmp_path: Path) -> None:
    done = plain("--assay", "--noconftest", "-q", "--co", str(checkout / IDENTITY), cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert f"{IDENTITY}::RF: statement" in done.stdout
