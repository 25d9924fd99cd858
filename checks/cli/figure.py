"""`assay figure`: every point as a job over stored draws, the table and the picture, and one line of status."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from lazy_assay import theory
from lazy_assay.checks.engine.order import UsageError, validate
from lazy_assay.checks.engine.registry import check
from lazy_assay.checks.executors.run import DIFFERS, INCOMPLETE, MACHINE, OK
from lazy_assay.checks.ledger import FolderStore
from lazy_assay.checks.procedures.figures import _cost, _picture, _table
from lazy_assay.checks.procedures.figures._declaration import Figure
from lazy_assay.checks.procedures.figures._procedure import Job, Options, jobs, results, results_of
from lazy_assay.checks.statistics import ErrorRates
from lazy_assay.checks.vocabulary.check import Check
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.result import Result
from lazy_assay.checks.vocabulary.status import INCOMPLETE as OPEN
from lazy_assay.checks.vocabulary.status import part_status
from lazy_assay.theory._catalogue import catalogue

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for; plain data, so that a worker process can take it."""

    id: str
    options: Options
    entropy: int
    device: str
    folder: Path


def request(id: str, options: Options, entropy: int, device: str | None, folder: Path) -> Request:
    """A checked request. Raises UsageError or UnknownClaimError, one line each; writes nothing."""
    from lazy_assay.sims import DeviceNotFoundError
    from lazy_assay.sims.core.device import choose

    drawn = figure(theory.claim(id).id)
    if options.size < drawn.smallest:
        raise UsageError(f"--size {options.size} is below {drawn.smallest}, the least d of {id}; give a larger one")
    if any(size <= 0 for size in options.step_sizes or ()):
        raise UsageError("--step-sizes are positive numbers such as 0.001,0.01")
    try:
        chosen, _ = choose(device)
    except DeviceNotFoundError as error:
        raise UsageError(str(error)) from None
    validate("full", entropy, str(chosen))
    return Request(id=id, options=options, entropy=entropy, device=str(chosen), folder=folder)


def figure(id: str) -> Figure:
    """The figure that a claim's check declares. Raises UsageError where there is none."""
    try:
        found: Figure = importlib.import_module(catalogue().place(id).check).FIGURE
    except (ModuleNotFoundError, AttributeError):
        known = ", ".join(other for other in theory.ids() if ".figure" in other)
        raise UsageError(f"{id} has no figure to draw; figures are {known}") from None
    return found


def plan(asked: Request, cores: int) -> list[str]:
    """What it would cost."""
    return _cost.told(figure(asked.id), asked.options, cores)


def execute(asked: Request, workers: int, say: Say) -> int:
    """Run what is not stored, write table and picture, say the status; the exit code is that of `assay run`."""
    drawn = figure(asked.id)
    _writable(asked.folder)
    done: dict[Job, list[Result]] = {}
    every = jobs(drawn, asked.options.size)
    try:
        for job, rows in _done(asked, every, workers):
            done[job] = rows
            say(f"{len(done)}/{len(every)}  {_line(drawn, job, rows)}")
    except (BrokenProcessPool, MemoryError, RuntimeError) as error:
        why = " ".join(str(error).split())[:200] or type(error).__name__
        say(f"the machine failed: {why}; the same command goes on from what is stored in {asked.folder}")
        return MACHINE
    return _report(asked, drawn, [result for job in every for result in done[job]], say)


def _line(drawn: Figure, job: Job, rows: Sequence[Result]) -> str:
    series, last = drawn.series[job.series], rows[-1]
    interval = f"[{last.interval[0]:.4f}, {last.interval[1]:.4f}]"
    return f"{series.name} by {series.how}, N = {job.N}: {last.estimate:.4f} in {interval}, {last.verdict}"


def _done(asked: Request, every: Sequence[Job], workers: int) -> Iterator[tuple[Job, list[Result]]]:
    """Jobs with their results, as they are done."""
    if workers < 2:
        yield from ((job, work(asked, job)) for job in every)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_one_thread) as pool:
        futures = {pool.submit(work, asked, job): job for job in every}
        try:
            yield from ((futures[future], future.result()) for future in as_completed(futures))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _one_thread() -> None:
    """Bits change with the thread count; one thread a worker, here as in `assay run`."""
    os.environ["OMP_NUM_THREADS"] = "1"
    from lazy_assay.sims.core.torch import torch

    torch.set_num_threads(1)


def work(asked: Request, job: Job) -> list[Result]:
    """One job, over the folder's store. No guard: a figure takes the time that it takes."""
    drawn = figure(asked.id)
    profile = replace(PROFILES["full"], name=f"size {asked.options.size}", guard=float("inf"))
    context = Context(
        claim=drawn.claim,
        profile=profile,
        entropy=asked.entropy,
        device=asked.device,
        store=FolderStore(asked.folder / "draws"),
        rates=rates(drawn, asked.options.size),
    )
    return results(context, drawn, asked.options, job)


def rates(drawn: Figure, size: int) -> ErrorRates:
    """The claim's share of the false-alarm rate, over every point that the figure has at a size."""
    counted = sum(results_of(drawn.series[job.series], 1, drawn.checkpoints) for job in jobs(drawn, size))
    return replace(ErrorRates(), suspects_cap=max(ErrorRates().suspects_cap, counted))


def _report(asked: Request, drawn: Figure, found: Sequence[Result], say: Say) -> int:
    declared: Check = check(asked.id)
    status = part_status(drawn.claim, drawn.claim.parts[0], declared, found)
    agreeing = sum(result.verdict == "AGREES" for result in found)
    head: dict[str, Any] = {
        "figure": asked.id,
        "options": asdict(asked.options),
        "entropy": asked.entropy,
        "device": asked.device,
        "status": status.status,
        "expected": status.expected.status,
    }
    _table.write(asked.folder, drawn, found, head)
    words = f"{status.status}, {agreeing} of {len(found)} agree"
    paths = _picture.draw(asked.folder, drawn, asked.options.size, found, words)
    say(", ".join(str(path) for path in (*paths, asked.folder / "points.csv", asked.folder / "points.json")))
    for row in [result for result in found if result.check == "rate"]:
        say(f"{row.route}: excess ~ n^{row.estimate:.2f} in [{row.interval[0]:.2f}, {row.interval[1]:.2f}]")
    say(f"{asked.id} at d = {asked.options.size}: {words}" + (f" ({status.reason})" if status.reason else ""))
    if status.as_expected:
        return OK
    return INCOMPLETE if status.status in OPEN else DIFFERS


def _writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise UsageError(f"folder {folder} cannot be written ({error.strerror}); choose another with --out") from None
