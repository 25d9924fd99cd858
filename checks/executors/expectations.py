"""pytest's side of `lazy_assay.expect`: what a project declares, which test is running, and the outcome *undecided*.

Every pytest run on a machine that has Assay loads this file: it imports neither numpy nor anything of the harness,
and says nothing in a session that makes no such check.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from lazy_assay.checks.expect.outcome import Outcome, Undecided
from lazy_assay.checks.expect.session import Session

# What a report carries from a worker to the controller.
CHECKS, UNDECIDED = "expect_checks", "expect_undecided"


def add_options(parser: pytest.Parser) -> None:
    """What a project declares once."""
    parser.addini(
        "expect_false_alarm", "chance that a session in which all is right calls a check wrong", default="1e-4"
    )
    parser.addini(
        "expect_checks", "number of checks that the rate is divided by: at least as many as there are", default="200"
    )
    parser.addini(
        "expect_miss", "chance that one check does not call wrong what is off by its resolution", default="1e-3"
    )
    parser.addini("expect_budget", "draws of one check at most", default=str(2**20))
    parser.addini("expect_undecided", "what an undecided check does to the session: report or fail", default="report")
    group = parser.getgroup("expect", "assertions about random programs")
    group.addoption(
        "--expect-entropy", type=int, default=0, help="fixes the seeds of every check; 0 unless told otherwise"
    )


def switch_on(config: pytest.Config) -> None:
    """Open the session that the project's ini declares. Raises pytest.UsageError for what is no declaration."""
    config.pluginmanager.register(Expectations(config), "assay-expect")


class Expectations:
    """Tells `expect` which test is running, and the session what its checks came to."""

    def __init__(self, config: pytest.Config) -> None:
        self.session = _declared(config)
        self.session.__enter__()
        self.config = config
        self.fails = config.getini("expect_undecided")
        if self.fails not in ("report", "fail"):
            raise pytest.UsageError(f"expect_undecided = {self.fails}: report or fail")
        self.checks: set[str] = set()
        self.undecided = 0

    def pytest_unconfigure(self) -> None:
        """The session before it, if any, goes on."""
        self.session.__exit__(None, None, None)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """A test begins, or is run again."""
        # xdist writes the group that a test is kept with behind its name, in some of its modes.
        group = item.get_closest_marker("xdist_group")
        self.session.begin(item.nodeid.rpartition("@")[0] if group and "@" in item.nodeid else item.nodeid)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """A test with an undecided check, and nothing worse, is undecided; other plugins take it for skipped."""
        report = yield
        outcomes, self.session.outcomes = self.session.outcomes, []
        if call.excinfo and call.excinfo.errisinstance(Undecided) and not outcomes:
            # Of another instrument, which has its own rate: a scaling.
            return _set_undecided(report, item, str(call.excinfo.value).partition("\n")[0])
        if not outcomes:
            return report
        setattr(report, CHECKS, sorted({it.node + " " + it.site for it in outcomes}))
        open_ones = [it for it in outcomes if it.verdict == "undecided"]
        if open_ones and (report.passed or (call.excinfo and call.excinfo.errisinstance(Undecided))):
            return _set_undecided(report, item, _sentence(open_ones))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count, here or in the controller of workers."""
        self.checks.update(getattr(report, CHECKS, ()))
        self.undecided += hasattr(report, UNDECIDED)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, Any] | None:
        """An outcome of its own."""
        return ("undecided", "U", ("UNDECIDED", {"yellow": True})) if hasattr(report, UNDECIDED) else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """More checks than declared: the rate does not hold, and that is a mistake of the ini."""
        if hasattr(self.config, "workerinput"):
            return
        if len(self.checks) > self.session.checks:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        elif self.undecided and self.fails == "fail" and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """One line for the rate, one for each undecided test."""
        for report in terminalreporter.stats.get("undecided", ()):
            terminalreporter.write_line(f"UNDECIDED {report.nodeid}: {getattr(report, UNDECIDED)}")
        if not self.checks:
            return
        declared = self.session
        line = f"expect: {len(self.checks)} of {declared.checks} declared checks"
        if len(self.checks) > declared.checks:
            line = f"expect: {len(self.checks)} checks, but expect_checks = {declared.checks}: declare them all"
        else:
            line += f", a false alarm in at most {declared.false_alarm:g} of sessions, entropy {declared.entropy}"
        terminalreporter.write_line(line)


def _set_undecided(report: pytest.TestReport, item: pytest.Item, sentence: str) -> pytest.TestReport:
    report.outcome = "skipped"
    setattr(report, UNDECIDED, sentence)
    report.longrepr = (str(item.path), (item.location[1] or 0) + 1, f"Undecided: {sentence}")
    return report


def _sentence(outcomes: list[Outcome]) -> str:
    first = outcomes[0]
    low, high = first.interval
    more = f", and {len(outcomes) - 1} more" if len(outcomes) > 1 else ""
    why = f" ({first.reason})" if first.reason else ""
    return (
        f"{first.check} between {low:.6g} and {high:.6g} for {first.expected}, resolution {first.resolution:g},"
        f" n = {first.n}{why}{more}"
    )


def _declared(config: pytest.Config) -> Session:
    try:
        return Session(
            false_alarm=float(config.getini("expect_false_alarm")),
            miss=float(config.getini("expect_miss")),
            checks=int(config.getini("expect_checks")),
            budget=int(config.getini("expect_budget")),
            entropy=config.getoption("--expect-entropy"),
            strict_count=False,
        )
    except ValueError as error:
        raise pytest.UsageError(f"expect_…: {error}") from None
