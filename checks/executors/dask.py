"""Orders on a Dask cluster: workers of this machine, or of a scheduler that others have joined."""

from __future__ import annotations

import json
from concurrent.futures import Future, wait
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lazy_assay.checks.engine.order import Order, UsageError
from lazy_assay.checks.executors import shelf
from lazy_assay.checks.executors.base import MachineFailedError
from lazy_assay.checks.executors.machines import worker_environment
from lazy_assay.checks.vocabulary.result import Result

# So long a scheduler is waited for.
PATIENCE = 20


class Dask:
    """A client of the scheduler at `address`, else of `workers` processes of this machine, each with one device.

    folder: where results are kept, on a file system that all workers share. An order whose worker is lost is given to
    another one by the scheduler. Raises UsageError without `distributed`, MachineFailedError without a scheduler.
    """

    def __init__(self, workers: int, folder: Path, *, address: str = "", device: str = "cpu") -> None:
        try:
            from distributed import Client
        except ImportError:
            raise UsageError("Dask is not installed: pip install 'lazy-assay[dask]'") from None
        self.folder = folder.resolve()
        self.cluster = None if address else _local(workers, device)
        try:
            self.client = Client(address or self.cluster, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            why = " ".join(str(error).split())[:200]
            raise MachineFailedError(f"no Dask scheduler answers at {address or 'this machine'}: {why}") from None
        self._running: set[Future[list[Result]]] = set()
        # A task is forgotten by Dask once nobody holds its future.
        self._held: list[Any] = []

    def submit(self, order: Order) -> Future[list[Result]]:
        """Hand an order to the scheduler, under our own key: an order that is there already is not begun twice."""
        outer: Future[list[Result]] = Future()
        outer.set_running_or_notify_cancel()
        name, text = shelf.key(order), json.dumps(order.to_json())
        # Where it keeps its draws makes another task of it, though not another result.
        called = f"assay-{name}-{shelf.digest(text)}"
        inner = self.client.submit(shelf.answer, text, str(self.folder), name, key=called, pure=False)
        self._running.add(outer)
        self._held.append(inner)
        inner.add_done_callback(lambda done: self._pass_on(order, name, done, outer))
        return outer

    def _pass_on(self, order: Order, name: str, done: Any, outer: Future[list[Result]]) -> None:
        try:
            if done.status != "finished":
                outer.set_exception(
                    MachineFailedError(f"a worker was lost while {order.task} was to run: {done.status}")
                )
            else:
                outer.set_result(shelf.taken(self.folder, name, done.result(), order))
        except Exception as error:
            outer.set_exception(error)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what runs; after an error, cancel what has not begun."""
        if error is None:
            wait(self._running)
        else:
            self.client.cancel(self._held)
        self.client.close()
        if self.cluster is not None:
            self.cluster.close()


def _local(workers: int, device: str) -> Any:
    """A scheduler in this process and workers of this machine, one thread and one device each, and no dashboard."""
    from dask import config
    from distributed import Nanny, Scheduler, SpecCluster

    specifications = {
        index: {"cls": Nanny, "options": {"nthreads": 1, "env": worker_environment(device, index), "dashboard": False}}
        for index in range(workers)
    }
    scheduler = {"cls": Scheduler, "options": {"host": "127.0.0.1", "port": 0, "dashboard": False}}
    # Workers log by themselves, to whatever terminal they have inherited.
    quiet = {"distributed.nanny.pre-spawn-environ.DASK_LOGGING__DISTRIBUTED": "error"}
    with config.set(quiet):
        return SpecCluster(workers=specifications, scheduler=scheduler, silence_logs=50)
