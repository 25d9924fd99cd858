"""`assay figure`: every point as an order over stored draws, the table and the picture, and one line of status."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lazy_assay import theory
from lazy_assay.checks.engine.order import Order, UsageError, validate
from lazy_assay.checks.engine.registry import check, figure
from lazy_assay.checks.executors.base import Executor, performed
from lazy_assay.checks.executors.local import Local
from lazy_assay.checks.executors.pool import Pool
from lazy_assay.checks.executors.run import DIFFERS, INCOMPLETE, MACHINE, OK
from lazy_assay.checks.procedures.figures._drawable import Drawable
from lazy_assay.checks.procedures.figures._options import Options
from lazy_assay.checks.vocabulary import files
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.checks.vocabulary.status import INCOMPLETE as OPEN
from lazy_assay.checks.vocabulary.status import claim_status, heading, part_status
from lazy_assay.theory._catalogue import catalogue

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for."""

    id: str
    options: Options
    entropy: int
    device: str
    folder: Path

    def order(self, task: str) -> Order:
        """The order of one of the figure's tasks; draws are kept in the figure's folder."""
        return Order(
            task=task,
            profile="full",
            entropy=self.entropy,
            device=self.device,
            draws=str(self.folder / "draws"),
            collections=catalogue().folders(),
            figure=self.options.text,
        )


def usual(id: str) -> int:
    """The size of a figure where none is asked for. Raises UsageError or UnknownClaimError."""
    return figure(theory.claim(id).id).usual


def request(id: str, options: Options, entropy: int, device: str | None, folder: Path) -> Request:
    """A checked request. Raises UsageError or UnknownClaimError, one line each; writes nothing."""
    from lazy_assay.sims import DeviceNotFoundError
    from lazy_assay.sims.core.device import choose

    drawn = figure(theory.claim(id).id)
    if options.size < drawn.smallest:
        raise UsageError(
            f"--size {options.size} is below {drawn.smallest}, the least {drawn.measure} of {id}; give a larger one"
        )
    if options.size > drawn.largest:
        raise UsageError(f"--size {options.size}: at most {drawn.largest} are taken for the {drawn.measure} of {id}")
    if any(size <= 0 for size in options.step_sizes or ()):
        raise UsageError("--step-sizes are positive numbers such as 0.001,0.01")
    try:
        chosen, _ = choose(device)
    except DeviceNotFoundError as error:
        raise UsageError(str(error)) from None
    validate("full", entropy, str(chosen))
    return Request(id=id, options=options, entropy=entropy, device=str(chosen), folder=folder)


def plan(asked: Request, cores: int) -> list[str]:
    """What it would cost."""
    return figure(asked.id).plan(asked.options, cores)


def execute(asked: Request, workers: int, say: Say) -> int:
    """Run what is not stored, write table and picture, say the status; the exit code is that of `assay run`."""
    drawn = figure(asked.id)
    _writable(asked.folder)
    tasks = {task.id: task for task in drawn.tasks(asked.options)}
    done: dict[str, list[Result]] = {}
    executor: Executor = Local() if workers < 2 else Pool(workers, device=asked.device)
    try:
        with executor:
            for order, rows in performed(executor, map(asked.order, tasks)):
                done[order.task] = rows
                say(f"{len(done)}/{len(tasks)}  {drawn.line(tasks[order.task], rows)}")
    except (MemoryError, RuntimeError) as error:
        return _failed(asked, " ".join(str(error).split())[:200] or type(error).__name__, say)
    results = [result for task in tasks for result in done[task]]
    if faults := [result.message for result in results if result.fault]:
        return _failed(asked, faults[0], say)
    return _report(asked, drawn, results, say)


def _failed(asked: Request, why: str, say: Say) -> int:
    say(f"the machine failed: {why}; the same command goes on from what is stored in {asked.folder}")
    return MACHINE


def _report(asked: Request, drawn: Drawable, found: Sequence[Result], say: Say) -> int:
    declared = check(asked.id)
    shown = list(dict.fromkeys(result.part for result in found))
    parts = [part_status(drawn.claim, drawn.claim.part(name), declared, found) for name in shown]
    status, expected = claim_status(parts), heading([(part.expected.status, part.ours) for part in parts])
    head: dict[str, Any] = {
        "figure": asked.id,
        "options": asdict(asked.options),
        "entropy": asked.entropy,
        "device": asked.device,
        "status": status,
        "expected": expected,
    }
    words = f"{status}, {_counted(found)}"
    say(", ".join(str(path) for path in drawn.write(asked.folder, asked.options, found, head, words)))
    for remark in drawn.remarks(found):
        say(remark)
    reasons = "; ".join(part.reason for part in parts if part.reason)
    say(f"{asked.id} at {drawn.measure} = {asked.options.size}: {words}" + (f" ({reasons})" if reasons else ""))
    if all(part.as_expected for part in parts):
        return OK
    return INCOMPLETE if any(part.status in OPEN for part in parts) else DIFFERS


def _counted(found: Sequence[Result]) -> str:
    """How many of what should agree do; what must not, apart."""
    claim = [result.verdict for result in found if result.subject is Subject.CLAIM]
    wrong = [result.verdict for result in found if result.subject in (Subject.DECOY, Subject.AS_PRINTED)]
    told = f"{claim.count(Verdict.AGREES)} of {len(claim)} agree"
    return told + f", {wrong.count(Verdict.DISAGREES)} of {len(wrong)} wrong versions refuted" * bool(wrong)


def _writable(folder: Path) -> None:
    try:
        files.try_out(folder)
    except OSError as error:
        raise UsageError(f"folder {folder} cannot be written ({error.strerror}); choose another with --out") from None
