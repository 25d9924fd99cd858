from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

INI = """
[pytest]
expect_checks = {checks}
expect_false_alarm = 1e-3
expect_budget = 20000
expect_undecided = {undecided}
"""

PROJECT = """
import numpy as np
import pytest
from lazy_assay import expect

def uniform(n, seed):
    return np.random.default_rng(seed).random(n)

@pytest.mark.parametrize("claimed", [0.5, 0.6])
def test_mean(claimed, record_property):
    record_property("answer", str(expect.mean(uniform, equals=claimed, resolution=0.05, bounds=(0, 1))))

def test_loop(record_property):
    for scale in range(1, 4):
        outcome = expect.mean(lambda n, s: scale * uniform(n, s), equals=scale / 2, resolution=0.1 * scale, sd=scale)
        record_property("answer", str(outcome))

def test_undecided():
    expect.mean(lambda n, s: np.random.default_rng(s).standard_cauchy(n), equals=0, resolution=0.1)

def test_plain():
    assert expect
"""

SEARCHES = """
import numpy as np
from hypothesis import example, given, settings, strategies as st
from lazy_assay import expect

def uniform(n, seed):
    return np.random.default_rng(seed).random(n)

quickly = settings(max_examples=8, deadline=None, database=None, derandomize=True)

@quickly
@example(1.0)
@given(st.floats(0.1, 1))
def test_right_search(p):
    expect.mean(lambda n, s: p * uniform(n, s), equals=p / 2, resolution=0.1, bounds=(0, 1))

@quickly
@given(st.integers(0, 100))
def test_wrong_search(k):
    expect.mean(lambda n, s: k * uniform(n, s), equals=min(k, 50) / 2, resolution=3, bounds=(0, 100))

@quickly
@given(st.floats(0.1, 1))
def test_undecided_search(p):
    expect.mean(lambda n, s: np.full(n, p), equals=0, resolution=0.1)
"""

RERUNS = """
import random

from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    for _ in range(2):
        for report in runtestprotocol(item, nextitem=nextitem, log=False):
            item.ihook.pytest_runtest_logreport(report=report)
    return True

def pytest_collection_modifyitems(items):
    random.Random(7).shuffle(items)
"""
# Found by a search that is the same every time: the smallest k that is claimed wrongly by more than chance.
OUTCOMES = {
    "test_mean[0.5]": "passed",
    "test_mean[0.6]": "failed",
    "test_loop": "passed",
    "test_undecided": "undecided",
    "test_right_search": "passed",
    "test_wrong_search": "failed",
    "test_undecided_search": "undecided",
    "test_plain": "passed",
}


class Answers:
    """What each test came to, with all of its numbers."""

    def __init__(self) -> None:
        self.found: dict[str, set[str]] = {}
        self.outcomes: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.when != "call":
            return
        name = report.nodeid.rpartition("::")[2]
        told = [line for line in str(report.longrepr).splitlines() if "observed" in line or "replay" in line]
        # A test that is run again keeps what it recorded before.
        told += dict.fromkeys(str(value) for _, value in report.user_properties)
        self.found.setdefault(name, set()).add("\n".join([report.outcome, *told]))
        self.outcomes[name] = "undecided" if hasattr(report, "expect_undecided") else report.outcome


Run = Callable[..., tuple[int, Answers]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A stranger's project, and its pytest."""
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)

    def start(*words: str, checks: object = 10, undecided: str = "report", conftest: str = "") -> tuple[int, Answers]:
        (tmp_path / "pytest.ini").write_text(INI.format(checks=checks, undecided=undecided))
        (tmp_path / "test_project.py").write_text(PROJECT)
        (tmp_path / "test_searches.py").write_text(SEARCHES)
        (tmp_path / "conftest.py").write_text(conftest)
        monkeypatch.chdir(tmp_path)
        answers = Answers()
        code = pytest.main(["-q", "-p", "no:cacheprovider", "--import-mode=importlib", *words], plugins=[answers])
        return int(code), answers

    return start


def test_answers_are_the_same_in_workers_in_another_order_and_again(run: Run) -> None:
    code, alone = run("-n", "0")
    assert (code, alone.outcomes) == (1, OUTCOMES)
    assert all(len(answers) == 1 for answers in alone.found.values())
    code, again = run("-n", "2", conftest=RERUNS)
    assert (code, again.found) == (1, alone.found)
    # Each of the three alone in its worker.
    code, some = run("-n", "3", "-k", "mean or loop", "test_project.py")
    assert (code, some.found) == (1, {name: alone.found[name] for name in some.found})
    assert set(some.found) == {"test_mean[0.5]", "test_mean[0.6]", "test_loop"}
    _, otherwise = run("-n", "0", "-k", "mean", "--expect-entropy", "1", "test_project.py")
    assert set(otherwise.found) == {"test_mean[0.5]", "test_mean[0.6]"}
    assert all(otherwise.outcomes[name] == some.outcomes[name] for name in otherwise.found)
    assert all(otherwise.found[name] != some.found[name] for name in otherwise.found)


def test_undecided_has_its_own_word_and_passes_or_fails_as_declared(
    run: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    selection = ("-n", "0", "-k", "undecided or loop")
    assert run(*selection)[0] == 0
    text = capfd.readouterr().out
    assert "UNDECIDED test_project.py::test_undecided: expect.mean between" in text
    assert "1 passed, 5 deselected, 2 undecided" in text
    assert "expect: 3 of 10 declared checks, a false alarm in at most 0.001 of sessions, entropy 0" in text
    assert run(*selection, undecided="fail")[0] == 1


@pytest.mark.parametrize("workers", ["0", "2"])
def test_more_checks_than_declared_fail_the_session(run: Run, capfd: pytest.CaptureFixture[str], workers: str) -> None:
    code, _ = run("-n", workers, "-k", "mean or loop", "test_project.py", checks=2)
    assert code == 4
    assert "expect: 3 checks, but expect_checks = 2: declare them all" in capfd.readouterr().out


@pytest.mark.parametrize("bad", ["many", "0"])
def test_a_declaration_that_is_none_is_one_line(run: Run, capfd: pytest.CaptureFixture[str], bad: str) -> None:
    code, _ = run("-n", "0", checks=bad)
    assert code == 4
    assert "ERROR: expect_" in capfd.readouterr().err


def test_a_session_without_checks_says_nothing(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("-n", "0", "-k", "plain", "test_project.py")[0] == 0
    text = capfd.readouterr()
    assert "expect" not in text.out + text.err
