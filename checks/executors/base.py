"""What an executor is: it takes orders and gives futures of results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, as_completed
from types import TracebackType
from typing import Protocol, Self

from lazy_assay.checks.engine.order import Order
from lazy_assay.checks.vocabulary.result import Result


class MachineFailedError(RuntimeError):
    """A worker was lost, or could not be started; the message is one line."""


class Executor(Protocol):
    """PEP 3148's `submit`, of orders. A context manager: on leaving, what is not begun is cancelled.

    A future holds the results of its order, or what performing it raised: UsageError for a task that there is not,
    MachineFailedError for a worker that was lost. An order that fails takes no other with it.
    """

    def submit(self, order: Order) -> Future[list[Result]]:
        """Begin an order, now or as soon as there is room."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def performed(executor: Executor, orders: Iterable[Order]) -> Iterator[tuple[Order, list[Result]]]:
    """Orders with their results, as they are done. What performing one raised is raised here."""
    running = {}
    for order in orders:
        future = executor.submit(order)
        if future.done():
            yield order, future.result()
        else:
            running[future] = order
    yield from ((running[future], future.result()) for future in as_completed(running))
