"""Orders as jobs of a Slurm cluster, by submitit: one job an order, its results on the shelf that all nodes share."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lazy_assay.checks.engine.order import Order, UsageError
from lazy_assay.checks.executors import shelf
from lazy_assay.checks.executors.base import MachineFailedError
from lazy_assay.checks.vocabulary.result import Result

# How often a lost job is begun again, and how often jobs are asked after, in seconds.
AGAIN, EVERY = 1, 0.2


@dataclass
class _Job:
    order: Order
    name: str
    future: Future[list[Result]]
    left: int = AGAIN
    running: Any = None


class Slurm:
    """At most `workers` jobs at a time, in the partition that is named, if one is.

    folder: on a file system that all nodes share; what submitit itself writes lies in `folder/slurm`. cluster: `slurm`,
    or `local` for processes of this machine. executor: one of submitit's own, in place of theirs. Raises UsageError
    without submitit, MachineFailedError where there is no Slurm.
    """

    def __init__(
        self, workers: int, folder: Path, *, partition: str = "", cluster: str = "slurm", executor: Any = None
    ) -> None:
        self.folder, self.most = folder.resolve(), max(workers, 1)
        self.jobs = executor or _executor(self.folder / "slurm", cluster, partition)
        self._waiting: deque[_Job] = deque()
        self._running: list[_Job] = []
        self._lock, self._closing, self._left = threading.Lock(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def submit(self, order: Order) -> Future[list[Result]]:
        """Queue an order."""
        job = _Job(order, shelf.key(order), Future())
        with self._lock:
            self._waiting.append(job)
        return job.future

    def _serve(self) -> None:
        """Begin what waits, ask after what runs."""
        while True:
            with self._lock:
                if self._left.is_set():
                    while self._waiting:
                        self._waiting.popleft().future.cancel()
                while self._waiting and len(self._running) < self.most:
                    self._begin(self._waiting.popleft())
                if self._closing.is_set() and not self._running and not self._waiting:
                    return
            for job in [job for job in self._running if job.running.done()]:
                self._running.remove(job)
                self._end(job)
            time.sleep(EVERY)

    def _begin(self, job: _Job) -> None:
        if not job.future.running() and not job.future.set_running_or_notify_cancel():
            return
        try:
            text = json.dumps(job.order.to_json())
            job.running = self.jobs.submit(shelf.answer, text, str(self.folder), job.name)
            self._running.append(job)
        except Exception as error:
            job.future.set_exception(_failed(job.order, error))

    def _end(self, job: _Job) -> None:
        try:
            told = job.running.result()
        except Exception as error:
            # What performing raises is in the answer: this is a job that was lost, preempted or killed.
            if job.left:
                job.left -= 1
                with self._lock:
                    self._waiting.appendleft(job)
            else:
                job.future.set_exception(_failed(job.order, error))
            return
        try:
            job.future.set_result(shelf.taken(self.folder, job.name, told, job.order))
        except Exception as error:
            job.future.set_exception(error)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what runs; after an error, cancel what has not begun."""
        if error is not None:
            self._left.set()
        self._closing.set()
        self._thread.join()


def _executor(folder: Path, cluster: str, partition: str) -> Any:
    try:
        import submitit
    except ImportError:
        raise UsageError("submitit is not installed: pip install 'lazy-assay[slurm]'") from None
    try:
        made = submitit.AutoExecutor(folder=folder, cluster=cluster)
    except RuntimeError as error:
        raise MachineFailedError(f"no Slurm here: {' '.join(str(error).split())[:200]}") from None
    made.update_parameters(timeout_min=24 * 60, name="assay", cpus_per_task=1)
    if partition:
        made.update_parameters(slurm_partition=partition)
    return made


def _failed(order: Order, error: Exception) -> MachineFailedError:
    why = " ".join(str(error).split())[:200]
    return MachineFailedError(f"a job was lost while {order.task} was to run: {why}")
