"""Turns an order into results: the one place where a task meets what it is run with."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from lazy_assay.checks.configurations.datasets import DIRECTORY, DataAbsentError
from lazy_assay.checks.engine.order import LateError, Order, UsageError
from lazy_assay.checks.engine.registry import figure, tasks
from lazy_assay.checks.ledger import FolderStore
from lazy_assay.checks.procedures.figures._options import Options
from lazy_assay.checks.statistics import ErrorRates
from lazy_assay.checks.vocabulary.check import Task
from lazy_assay.checks.vocabulary.context import (
    Context,
    DrawStore,
    MemoryStore,
    RepeatedDrawsError,
)
from lazy_assay.checks.vocabulary.deadline import TimeGuardError
from lazy_assay.checks.vocabulary.distortion import Distortion
from lazy_assay.checks.vocabulary.profiles import PROFILES, Profile
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.sims import code_version
from lazy_assay.sims.core.chunks import halved
from lazy_assay.theory import collection
from lazy_assay.theory._version import statement_version

# What a result says that was made after memory had run out.
HALVED = "(made again after memory had run out, in kernel calls of half the size)"
NOTHING: Mapping[str, Callable[..., Any]] = {}


def perform(
    order: Order,
    *,
    store: DrawStore | None = None,
    distort: Callable[[Any], Any] | Distortion | None = None,
    simulate: Mapping[str, Callable[..., Any]] = NOTHING,
) -> list[Result]:
    """Run an order's task in this process; its draws are stored before this returns.

    store: where draws are kept instead of where the order says. distort, simulate: see `checks.confront`; they are no
    plain data, so no order carries them. Raises UsageError for a task that there is not, LateError if it is too late.
    """
    if order.until and time.time() > order.until:
        raise LateError
    for folder in order.collections:
        collection(folder)
    if order.data_dir:
        os.environ[DIRECTORY] = order.data_dir
    planned, profile = _planned(order)
    task = next((task for task in planned if task.id == order.task), None)
    if task is None:
        raise UsageError(f"there is no task {order.task}: the check has changed since")
    context = Context(
        claim=task.claim,
        profile=profile,
        entropy=order.entropy,
        device=order.device,
        distort=distort,
        simulate=simulate,
        store=store or (FolderStore(Path(order.draws)) if order.draws else MemoryStore()),
        rates=rates(planned),
        suspects=suspects(order.claim).get(order.task, 0),
        until=order.until,
    )
    return run(task, context)


def _planned(order: Order) -> tuple[Sequence[Task], Profile]:
    """The tasks among which an order's is, and what they are run with."""
    if not order.figure:
        return tasks(order.claim), PROFILES[order.profile]
    options = Options.of(order.figure)
    return figure(order.claim).tasks(options), options.profile


def suspects(id: str) -> dict[str, int]:
    """How many suspects each searching task of a claim may confirm: a fixed split of the cap, by task id."""
    searching = [task for task in tasks(id) if task.searches]
    shares = ErrorRates().suspects_for(len(searching)) if searching else ()
    return {task.id: share for task, share in zip(searching, shares, strict=True)}


def rates(planned: Sequence[Task]) -> ErrorRates:
    """The error rates that a claim's tasks are run at: whatever they may confirm is counted before any draw is seen.

    A claim has its share of the false-alarm rate, in so many confirmations or more of them: suspects at most
    `suspects_cap`, and besides what the tasks confirm of their own (contrasts, a figure's points).
    """
    plain = ErrorRates()
    searching = sum(task.searches for task in planned)
    counted = (sum(plain.suspects_for(searching)) if searching else 0) + sum(task.confirms for task in planned)
    return replace(plain, suspects_cap=max(plain.suspects_cap, counted))


def run(task: Task, context: Context) -> list[Result]:
    """Run one task on one thread; a tripped time guard leaves an UNDECIDED result that says so."""
    started = time.monotonic()
    with one_thread(simulates=task.simulates, device=context.device):
        results = _attempt(task, context, again=True)
    spent = time.monotonic() - started
    versions = {name: _version(simulations) for name, simulations in task.simulations.items()}
    return [
        replace(
            result,
            task=task.id,
            seconds=result.seconds or spent / len(results),
            statement_version=statement_version(task.claim, task.part, result.decoy),
            # What stands in for a simulation has no version.
            simulation_version="" if context.simulate else _of(result, versions.get(result.route, "")),
        )
        for result in results
    ]


def _version(simulations: Sequence[Callable[..., Any]]) -> str:
    """The code version of the simulations behind a route; two sides of a contrast may have one each."""
    return "+".join(dict.fromkeys(code_version(simulate) for simulate in simulations))


def _attempt(task: Task, context: Context, *, again: bool) -> list[Result]:
    """Run a task; a lack of memory is the machine's fault and no verdict: it is tried once more, then NOT_RUN."""
    context.started = time.monotonic()
    try:
        return task.run(context)
    except TimeGuardError as stopped:
        return [_stopped(task, context, Verdict.UNDECIDED, str(stopped))]
    except DataAbsentError as absent:
        return [_stopped(task, context, Verdict.NOT_RUN, str(absent))]
    except RepeatedDrawsError as repeated:
        return [_stopped(task, context, Verdict.UNDECIDED, str(repeated))]
    except (MemoryError, RuntimeError) as error:
        if not _out_of_memory(error):
            raise
        if again:
            with halved():
                return [_marked(result) for result in _attempt(task, context, again=False)]
        return [_stopped(task, context, Verdict.NOT_RUN, f"out of memory in {task.id}, twice", fault="memory")]


def _marked(result: Result) -> Result:
    return result if result.fault else replace(result, message=f"{result.message} {HALVED}".strip())


def _of(result: Result, version: str) -> str:
    """The version of what was simulated; by halves other noise is drawn, so that is another and no contradiction."""
    return f"{version}/2" if version and result.message.endswith(HALVED) else version


def _out_of_memory(error: Exception) -> bool:
    """torch raises RuntimeError for memory on a CPU and a subclass of it, named so, on a GPU."""
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or "can't allocate memory" in str(error)
    )


def _stopped(task: Task, context: Context, verdict: Verdict, reason: str, fault: str = "") -> Result:
    return context.result(
        task.part,
        check=task.name,
        subject=Subject.CLAIM,
        configuration={},
        route=task.name,
        verdict=verdict,
        message=reason,
        fault=fault,
    )


@contextmanager
def one_thread(*, simulates: bool = True, device: str = "cpu") -> Iterator[None]:
    """One thread a worker, whatever -n is: floating-point sums change their last bits with the number of threads.

    On a GPU, no TF32 and deterministic sums: see `exact`.

    torch, which takes seconds to load, is loaded for what simulates alone.
    """
    from threadpoolctl import threadpool_limits

    from lazy_assay.sims.core.device import exact
    from lazy_assay.sims.core.heap import keep_freed
    from lazy_assay.sims.core.torch import torch

    used = simulates or "torch" in sys.modules
    keep_freed()
    before = torch.get_num_threads() if used else 1
    set_up = exact(device) if used else nullcontext()
    try:
        if used:
            torch.set_num_threads(1)
        with threadpool_limits(limits=1), set_up:
            yield
    finally:
        if used:
            torch.set_num_threads(before)
