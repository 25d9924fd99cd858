"""The controller's side of a run: takes the results off the test reports, keeps them line by line, writes the
report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lazy_assay.checks.engine.made import made
from lazy_assay.checks.engine.order import LateError, UsageError
from lazy_assay.checks.engine.registry import task_at
from lazy_assay.checks.engine.summary import Summary, summarise
from lazy_assay.checks.executors import costs
from lazy_assay.checks.executors.items import PROPERTY
from lazy_assay.checks.executors.keeper import Keeper
from lazy_assay.checks.executors.report_folder import LINES, plain
from lazy_assay.checks.ledger import _journal as journal
from lazy_assay.checks.vocabulary import text


class Recorder(Keeper):
    """Runs in the controller alone. Every finished item is appended to the report folder's log at once, so that a
    run that is killed keeps what was finished; an item of a worker that died is put back, once.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        folder = config.getoption("--assay-report")
        log = _made_ready(Path(folder)) / LINES if folder else None
        option = config.getoption
        try:
            super().__init__(log, made(option("--assay-profile"), option("--assay-entropy"), option("--assay-device")))
        except journal.JournalError as error:
            raise pytest.UsageError(str(error)) from None
        self.put_back: set[str] = set()
        self.summary: Summary | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the results off the report before others (junit.xml) see them, and keep them."""
        carried = [json.loads(str(value)) for name, value in report.user_properties if name == PROPERTY]
        report.user_properties = [(name, value) for name, value in report.user_properties if name != PROPERTY]
        item = item_id(report.nodeid)
        if report.when == "call" and report.outcome == "skipped" and item is not None:
            self.late[item] = str(LateError())
        elif report.when == "call" and item is not None:
            if not carried:
                self.failed[item] = failure(report)
                return
            try:
                self.keep(item, carried)
            except (ValueError, KeyError, TypeError) as error:
                self.failed[item] = f"a result of it is none: {text.line(error)}"

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport, sched: Any) -> None:
        """A worker died: its item runs again, once; a second death is a loss, and the machine's fault."""
        if crashitem in self.put_back:
            self.failed[item_id(crashitem) or crashitem] = "its worker died twice"
            return
        self.put_back.add(crashitem)
        sched.mark_test_pending(crashitem)
        report.outcome = "rerun"  # type: ignore[assignment]

    def pytest_report_teststatus(
        self, report: pytest.TestReport
    ) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """How a put-back item shows in pytest's own output."""
        if str(report.outcome) == "rerun":
            return "rerun", "R", ("WORKER DIED, RUNS AGAIN", {"yellow": True})
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Sum up; a status that is not as expected fails the session even where every item passed."""
        if not self.finished:
            return
        self._remember()
        self.summary = summarise(self.finished)
        if int(exitstatus) == 0 and self.summary.failing:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _remember(self) -> None:
        """Keep what items took in pytest's cache, where it has one, for the order of the next run."""
        if cache := getattr(self.config, "cache", None):
            results = [result for found in self.finished.values() for result in found]
            spent = costs.spent((result.task, result.seconds) for result in results)
            cache.set(costs.CACHED, costs.later(costs.checked(cache.get(costs.CACHED, {})), spent))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """One line a claim that is not as expected, and a count of those that are."""
        if self.summary is None:
            return
        terminalreporter.section("claims")
        for line in self.summary.lines():
            terminalreporter.write_line(text.line(line))


def _made_ready(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        plain(folder)
    except OSError as error:
        raise pytest.UsageError(f"--assay-report {folder} cannot be made ({error.strerror}); name another") from None
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None
    return folder


def item_id(node: str) -> str | None:
    """The task id behind a pytest node id, or None for a test that is no claim."""
    task = task_at(node)
    return task.id if task else None


def failure(report: pytest.TestReport) -> str:
    """Why an item has no result: one line of what was raised."""
    crash = getattr(report.longrepr, "reprcrash", None)
    told = crash.message if crash is not None else str(report.longrepr or "no result")
    return str(told).strip().partition("\n")[0]
