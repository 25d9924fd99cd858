"""Live progress of a run, and its last words: a bar with the time left where there is a terminal, and surprises.

What every item came to stands in the journal; `verbose` shows it too.
"""

from __future__ import annotations

import gc
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from lazy_assay.checks.engine.registry import check
from lazy_assay.checks.engine.summary import Summary
from lazy_assay.checks.executors.recorder import Recorder, item_id
from lazy_assay.checks.vocabulary import text
from lazy_assay.checks.vocabulary.result import Result
from lazy_assay.checks.vocabulary.status import expectation

WORDS = {
    0: "every status is as expected",
    1: "a status differs from its expectation",
    3: "undecided or incomplete",
    4: "the machine failed",
}

# Where there is no terminal, a line says this often how far the run is.
SECONDS_QUIET = 60.0
# What no reader needs to hear of, whatever was expected; and the statuses that a disagreement breaks.
_SETTLED = ("AGREES", "ELSEWHERE", "OUT_OF_REGIME")
_OPEN = ("undecided", "undecided here", "vacuous", "not run")
_FAILING = ("refuted", "not reproduced", "reverse")

# How the line of a traceback that names the error begins.
_RAISED = re.compile(r"[\w.]*(Error|Exception)\b")


class Listener:
    """A pytest plugin of the controller that shows what is done, and keeps the recorder for the caller."""

    def __init__(
        self, total: int, done: int, *, quiet: bool = False, announce: bool = True, verbose: bool = False
    ) -> None:
        self.verbose, self.heard = verbose, time.monotonic()
        self.announce = announce
        self.console = Console(file=sys.stderr, quiet=quiet, highlight=False, soft_wrap=True)
        self.recorder: Recorder | None = None
        self.broken = ""
        self.total, self.done, self.verdicts = total, done, Counter[str]()
        left = (TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(compact=True))
        columns = (BarColumn(), MofNCompleteColumn(), *left, TextColumn("{task.description}"))
        self.bar = Progress(
            *columns, console=self.console, transient=True, disable=quiet or not self.console.is_terminal
        )
        self.job = self.bar.add_task("collecting", total=total, completed=done)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Find the recorder and start the bar."""
        self.recorder = config.pluginmanager.get_plugin("assay-recorder")
        self.bar.start()

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """What broke pytest itself is kept as one line, in place of the traceback that it would print."""
        self.broken = self.broken or f"the machine failed: {_last_error(excinfo)}"
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self) -> None:
        """Take the bar down. pytest is not to look for garbage among all that is imported, twice: see `run._pytest`."""
        self.bar.stop()
        gc.freeze()

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        """One item is done."""
        if report.when != "call" and report.outcome not in ("failed", "rerun"):
            return
        item = item_id(report.nodeid) or report.nodeid
        if str(report.outcome) == "rerun":
            self.say(f"a worker died in {item}; it runs again")
            return
        if self.recorder and item in self.recorder.late:
            # They are counted at the end: hundreds of them say nothing one by one.
            return
        results = self.recorder.finished.get(item, []) if self.recorder else []
        self.item_done(item, results, str(report.outcome), report.duration)

    def item_done(self, item: str, results: Sequence[Result], outcome: str, seconds: float) -> None:
        """Count an item, and show it."""
        self.done += 1
        counted = Counter(str(result.verdict) for result in results if result.subject == "claim")
        self.verdicts.update(counted)
        self.bar.update(self.job, advance=1, description=item)
        if self.verbose or outcome == "failed" or any(map(_surprising, results)):
            told = ", ".join(f"{n} {word}" for word, n in sorted(counted.items())) or outcome
            self.say(f"{self.done:4d}/{self.total}  {item}  {told}  {seconds:.1f} s")
            self.heard = time.monotonic()
        elif not self.console.is_terminal and time.monotonic() - self.heard > SECONDS_QUIET:
            self.say(f"{self.done:4d}/{self.total}  as expected so far, now {item}")
            self.heard = time.monotonic()

    @contextmanager
    def shown(self) -> Iterator[None]:
        """The bar, while orders are carried out without pytest."""
        self.bar.start()
        try:
            yield
        finally:
            self.bar.stop()

    def say(self, *lines: str) -> None:
        """Notes and troubles."""
        for line in lines:
            self.console.print(text.visible(line), markup=False)

    def finish(self, summary: Summary, page: Path, code: int) -> None:
        """The last lines: what differs, the verdicts' count, where the report is."""
        self.say(*summary.lines())
        counted = ", ".join(f"{n} {word}" for word, n in sorted(self.verdicts.items()))
        self.say(*filter(None, [counted]), f"exit {code}: {WORDS[code]}")
        if self.announce and not self.console.quiet:
            with suppress(BrokenPipeError):
                print(page, flush=True)


def _surprising(result: Result) -> bool:
    """Whether a result of the claim is not what its part's expected status says."""
    if result.subject != "claim" or str(result.verdict) in _SETTLED:
        return False
    found = check(result.claim)
    expected = expectation(found, found.claim.part(result.part), result.profile).status
    return expected not in (_FAILING if str(result.verdict) == "DISAGREES" else _OPEN)


def _last_error(excinfo: pytest.ExceptionInfo[BaseException]) -> str:
    """What was raised; of a worker's error, which comes as text of a traceback, what that one raised.

    A worker that is killed before it answers closes its pipe, and that is all its controller hears of it.
    """
    if excinfo.errisinstance(EOFError):
        return "a worker process was lost as it began; `assay run --resume` goes on"
    told = [line for line in str(excinfo.value).splitlines() if _RAISED.match(line)]
    return text.line(told[-1] if told else excinfo.exconly())[:300]
