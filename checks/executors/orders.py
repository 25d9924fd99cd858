"""A run's items as orders for an executor, in place of pytest's workers: `assay run --executor`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path
from typing import Any

from lazy_assay.checks.engine.made import made
from lazy_assay.checks.engine.order import LateError, Order, UsageError
from lazy_assay.checks.engine.registry import tasks
from lazy_assay.checks.executors import costs
from lazy_assay.checks.executors.base import Executor, MachineFailedError
from lazy_assay.checks.executors.keeper import Keeper
from lazy_assay.checks.executors.machines import worker_count
from lazy_assay.checks.executors.plan import Plan
from lazy_assay.checks.executors.report_folder import DRAWS, LINES
from lazy_assay.checks.vocabulary.result import to_json
from lazy_assay.checks.vocabulary.text import line

# `--executor NAME`, or NAME=WHERE for those that have a place to name.
NAMES = ("local", "pool", "gateways", "dask", "slurm")
SHELF = "shelf"


def maker(text: str, plan: Plan, folder: Path, workers: str) -> Callable[[], Executor]:
    """What makes the executor that `text` names: `dask=tcp://HOST:8786`, `gateways=ssh=HOST//python=PATH,popen`.

    Raises UsageError for one that there is not.
    """
    from lazy_assay.checks.executors.dask import Dask
    from lazy_assay.checks.executors.gateways import Gateways
    from lazy_assay.checks.executors.local import Local
    from lazy_assay.checks.executors.pool import Pool
    from lazy_assay.checks.executors.slurm import Slurm

    name, _, where = text.partition("=")
    count = worker_count(plan.device) if workers == "auto" else max(int(workers), 1)
    made: dict[str, Callable[[], Executor]] = {
        "local": Local,
        "pool": lambda: Pool(count, device=plan.device),
        "gateways": lambda: Gateways(where.split(",") if where else ["popen"] * count, device=plan.device),
        "dask": lambda: Dask(count, folder / SHELF, address=where, device=plan.device),
        "slurm": lambda: Slurm(count, folder / SHELF, **_cluster(where)),
    }
    if name not in made or (where and name in ("local", "pool")):
        raise UsageError(f"--executor {text[:40]!r} is none; there are {', '.join(NAMES)}, the last three with =WHERE")
    return made[name]


def _cluster(where: str) -> dict[str, str]:
    """`slurm=PARTITION`, and `slurm=local:` for processes of this machine, to try it."""
    return {"cluster": "local"} if where == "local:" else {"partition": where}


def ordered(run: Plan, folder: Path, left: Iterable[str], until: int) -> list[Order]:
    """The orders of the items that are left, as they should be begun (`costs.begun`)."""
    wanted = set(left)
    chosen = [task for id in run.selection for task in tasks(id) if task.id in wanted]
    first = costs.begun(chosen, costs.read(folder / costs.SECONDS), costs.ordered(folder / costs.ORDER))
    draws = str((folder / DRAWS).resolve())
    settings: dict[str, Any] = {"profile": run.profile, "entropy": run.entropy, "device": run.device}
    settings |= {"data_dir": run.data_dir, "collections": run.collections, "until": until, "draws": draws}
    return [Order(task=task.id, **settings) for task in first]


def carry_out(
    run: Plan, folder: Path, skip: Iterable[str], make: Callable[[], Executor], listener: Any, until: int
) -> Keeper:
    """Run every item but those in `skip`; each is in the journal once it is done.

    The orders whose workers are lost run again, once, on workers that are made anew; a second loss is the machine's
    fault, as under pytest. Raises MachineFailedError where no worker can be started.
    """
    passed = set(skip)
    keeper = Keeper(folder / LINES, made(run.profile, run.entropy, run.device))
    items = [task.id for id in run.selection for task in tasks(id) if task.id not in passed]
    orders = ordered(run, folder, items, until)
    with listener.shown():
        for again in (True, False):
            orders = _round(orders, keeper, make, listener, again=again) if orders else []
    return keeper


def _round(
    orders: Sequence[Order], keeper: Keeper, make: Callable[[], Executor], listener: Any, *, again: bool
) -> list[Order]:
    """Perform orders; those whose worker was lost, where they may run `again`."""
    lost: list[Order] = []
    with make() as executor:
        running: dict[Future[Any], Order] = {}
        for order in orders:
            running[executor.submit(order)] = order
            lost += _settled({future for future in running if future.done()}, running, keeper, listener, again)
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            lost += _settled(done, running, keeper, listener, again)
    return lost


def _settled(
    done: Iterable[Future[Any]], running: dict[Future[Any], Order], keeper: Keeper, listener: Any, again: bool
) -> list[Order]:
    lost = []
    for future in done:
        order = running.pop(future)
        error = future.exception()
        if isinstance(error, MachineFailedError) and again:
            listener.say(f"a worker was lost in {order.task}; it runs again")
            lost.append(order)
            continue
        if isinstance(error, LateError):
            keeper.late[order.task] = str(error)
            continue
        if error is not None:
            twice = isinstance(error, MachineFailedError)
            keeper.failed[order.task] = (
                "its worker was lost twice" if twice else f"{type(error).__name__}: {line(error)}"
            )
            listener.item_done(order.task, [], "failed", 0.0)
            continue
        results = future.result()
        keeper.keep(order.task, [to_json(result) for result in results])
        listener.item_done(order.task, results, "passed", sum(result.seconds for result in results))
    return lost
