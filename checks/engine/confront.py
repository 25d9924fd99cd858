"""Runs a claim's checks in this process, as a plain call: no pytest."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from lazy_assay.checks.configurations.datasets import DataAbsentError
from lazy_assay.checks.engine.registry import tasks
from lazy_assay.checks.statistics import ErrorRates
from lazy_assay.checks.vocabulary.check import Task
from lazy_assay.checks.vocabulary.context import Context, MemoryStore, TimeGuardError
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.sims import code_version
from lazy_assay.theory._version import statement_version

# How a message begins where the machine, not the claim, is at fault.
MACHINE = "machine:"


class UsageError(ValueError):
    """What was asked for cannot be done; the message is one line: what is wrong and how to mend it."""


def confront(
    id: str,
    *,
    profile: str = "quick",
    entropy: int = 0,
    device: str = "cpu",
    distort: Callable[[Any], Any] | None = None,
    simulate: Mapping[str, Callable[..., Any]] | None = None,
) -> list[Result]:
    """Confront one claim with simulation and return its results.

    distort: maps every predicted value just before it is compared with draws (`lambda p: 1.01 * p` asks: would a 1 %
    error be caught?); it never reaches the sampling-free chain. simulate: `{route name: callable}` in place of a
    route's simulation, called with the same keyword arguments (the configuration's values, trials, entropy, device,
    dtype) and returning raw draws. Raises theory.UnknownClaimError or UsageError for bad arguments.
    """
    found = tasks(id)
    validate(profile, entropy, device)
    routes = list(dict.fromkeys(route for task in found for route in task.routes))
    if unknown := [name for name in simulate or {} if name not in routes]:
        raise UsageError(
            f"[{id}] simulate: there is no route {unknown[0]!r}; the claim has {', '.join(routes) or 'none'}"
        )
    store = MemoryStore()
    shares, share_of_rates = suspects(id), rates(found)
    results = []
    for task in found:
        context = Context(
            claim=task.claim,
            profile=PROFILES[profile],
            entropy=entropy,
            device=device,
            distort=distort,
            simulate=simulate or {},
            store=store,
            rates=share_of_rates,
            suspects=shares.get(task.id, 0),
        )
        results += run(task, context)
    return results


def validate(profile: str, entropy: int, device: str) -> None:
    """Raise UsageError for a profile, entropy or device that does not exist, before anything runs."""
    if profile not in PROFILES:
        raise UsageError(f"unknown profile {profile!r}; there are {', '.join(PROFILES)}")
    if isinstance(entropy, bool) or not isinstance(entropy, int) or entropy < 0:
        raise UsageError(f"entropy must be a whole number ≥ 0, got {entropy!r}")
    from lazy_assay.sims import DeviceNotFoundError
    from lazy_assay.sims.core.device import resolve

    try:
        resolve(device)
    except DeviceNotFoundError as error:
        raise UsageError(str(error)) from None


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
    with one_thread():
        results = _attempt(task, context, again=True)
    spent = time.monotonic() - started
    versions = {name: _version(simulations) for name, simulations in task.simulations.items()}
    return [
        replace(
            result,
            task=task.id,
            seconds=result.seconds or spent / len(results),
            statement_version=statement_version(task.claim, task.part, result.detail),
            # What stands in for a simulation has no version.
            simulation_version="" if context.simulate else versions.get(result.route, ""),
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
    except (MemoryError, RuntimeError) as error:
        if not _out_of_memory(error):
            raise
        if again:
            return _attempt(task, context, again=False)
        return [_stopped(task, context, Verdict.NOT_RUN, f"{MACHINE} out of memory in {task.id}, twice")]


def _out_of_memory(error: Exception) -> bool:
    """torch raises RuntimeError for memory on a CPU and a subclass of it, named so, on a GPU."""
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or "can't allocate memory" in str(error)
    )


def _stopped(task: Task, context: Context, verdict: Verdict, reason: str) -> Result:
    return Result(
        claim=task.claim.id,
        part=task.part.name,
        check=task.name,
        subject=Subject.CLAIM,
        configuration={},
        route=task.name,
        verdict=verdict,
        message=reason,
        profile=context.profile.name,
        entropy=context.entropy,
        device=context.device,
    )


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread a worker, whatever -n is: floating-point sums change their last bits with the number of threads."""
    from threadpoolctl import threadpool_limits

    from lazy_assay.sims.core.torch import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(limits=1):
            yield
    finally:
        torch.set_num_threads(before)
