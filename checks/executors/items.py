"""Claims as pytest items: one item a task, its results carried by the test report as plain JSON text."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from lazy_assay.checks.engine.order import Order
from lazy_assay.checks.engine.perform import perform
from lazy_assay.checks.engine.registry import check, item_name, tasks
from lazy_assay.checks.vocabulary.check import Task
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict, to_json
from lazy_assay.checks.vocabulary.status import POSITIVE, expectation
from lazy_assay.checks.vocabulary.text import visible
from lazy_assay.theory._catalogue import catalogue
from lazy_assay.theory._status import REFUTED

PROPERTY = "assay"
# So many calls are shown of the way to an error, the last ones.
FRAMES = 12


class ClaimFailedError(Exception):
    """A task's results are not what the check file expects; the message lists them."""


class ClaimFile(pytest.File):
    """A claim's file as a collector: its tasks, generated and declared."""

    claim: str

    def collect(self) -> Iterator[ClaimItem]:
        """One item a task."""
        for task in tasks(self.claim):
            item: ClaimItem = ClaimItem.from_parent(self, name=item_name(task))
            item.task = task
            yield item


class NoTests(pytest.File):
    """A file in which pytest has nothing to look for."""

    def collect(self) -> Iterator[pytest.Item]:
        """Nothing."""
        return iter(())


class ClaimItem(pytest.Item):
    """One task of one claim."""

    task: Task

    def runtest(self) -> None:
        """Run the task; its results travel in `user_properties`, then anything unexpected fails the item."""
        results = perform(self.order)
        # As ASCII: a worker cannot hand over text that is no UTF-8, and would take the whole run with it.
        self.user_properties += [(PROPERTY, json.dumps(to_json(result))) for result in results]
        if problems := unexpected(self.task, results):
            raise ClaimFailedError("\n".join(problems))

    @property
    def order(self) -> Order:
        """The item as plain data."""
        option = self.config.getoption
        folder = option("--assay-report")
        return Order(
            task=self.task.id,
            profile=option("--assay-profile"),
            entropy=option("--assay-entropy"),
            device=option("--assay-device"),
            draws=option("--assay-draws") or (str(Path(folder) / "draws") if folder else ""),
            data_dir=option("--assay-data-dir"),
            collections=catalogue().folders(),
        )

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """A failed claim shows its sentences; a broken check its error and, below it, where that came from."""
        if isinstance(excinfo.value, ClaimFailedError):
            return visible(excinfo.value)
        raised = "".join(traceback.format_exception_only(excinfo.value)).strip()
        frames = traceback.extract_tb(excinfo.tb)
        start = next((at for at, frame in enumerate(frames) if frame.filename == __file__), 0)
        return visible(f"{raised}\n\n{''.join(traceback.format_list(frames[start:][-FRAMES:]))}")

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the item stands, for pytest's own report."""
        return self.path, 0, f"{self.task.claim.id}{': ' if self.name else ''}{self.name}"


def unexpected(task: Task, results: Sequence[Result]) -> list[str]:
    """Sentences about what a task found that the check file does not expect; statuses are judged at the end of the
    run."""
    expected = expectation(check(task.claim.id), task.part)
    told = [
        r.message
        for r in results
        if r.subject is Subject.CLAIM and r.verdict is Verdict.DISAGREES and expected.status in POSITIVE
    ]
    told += [
        f"[{task.claim.id}] the decoy {r.decoy!r} was not refuted ({r.verdict})"
        for r in results
        if r.subject is Subject.DECOY and r.verdict is not Verdict.DISAGREES
    ]
    told += [
        f"[{task.claim.id}] the printed form was expected to be refuted and was not"
        for r in results
        if r.subject is Subject.AS_PRINTED and r.verdict is not Verdict.DISAGREES and expected.as_printed == REFUTED
    ]
    if not results:
        told.append(f"[{task.claim.id}] {task.name}: nothing ran")
    return told
