"""Orders in processes of this machine, one thread and one device each."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from types import TracebackType
from typing import Any, Self

from lazy_assay.checks.engine.order import Order
from lazy_assay.checks.engine.perform import perform
from lazy_assay.checks.executors.base import MachineFailedError
from lazy_assay.checks.executors.machines import make_sure, worker_environment
from lazy_assay.checks.vocabulary.result import Result, from_json, to_json


class Pool:
    """`workers` spawned processes. An order and its results cross as plain data.

    device: what orders name, so that each worker sees a device of its own before torch is loaded.
    """

    def __init__(self, workers: int, *, device: str = "cpu") -> None:
        context = get_context("spawn")
        places = context.Queue()
        for index in range(workers):
            places.put(worker_environment(device, index))
        self._pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(places,))

    def submit(self, order: Order) -> Future[list[Result]]:
        """Hand an order to the next free worker."""
        outer: Future[list[Result]] = Future()
        try:
            inner = self._pool.submit(_performed, order.to_json())
        except (BrokenProcessPool, OSError) as error:
            outer.set_exception(_failed(order, error))
            return outer
        inner.add_done_callback(lambda done: _pass_on(order, done, outer))
        return outer

    @property
    def workers(self) -> list[int]:
        """The processes that have been started, by their ids."""
        return list(self._pool._processes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what runs; after an error, cancel what has not begun."""
        self._pool.shutdown(wait=True, cancel_futures=error is not None)


def _pass_on(order: Order, done: Future[list[dict[str, Any]]], outer: Future[list[Result]]) -> None:
    if done.cancelled():
        outer.cancel()
        outer.set_running_or_notify_cancel()
    elif isinstance(error := done.exception(), BrokenProcessPool):
        outer.set_exception(_failed(order, error))
    elif error is not None:
        outer.set_exception(error)
    else:
        outer.set_result([from_json(row) for row in done.result()])


def _failed(order: Order, error: Exception) -> MachineFailedError:
    return MachineFailedError(f"a worker was lost while {order.task} was to run: {type(error).__name__}")


def _begin(places: Any) -> None:
    environment: Mapping[str, str] = places.get()
    os.environ.update(environment)
    make_sure()


def _performed(order: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [to_json(result) for result in perform(Order.from_json(order))]
