"""Orders in this process, each done when `submit` returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from lazy_assay.checks.engine.order import Order
from lazy_assay.checks.engine.perform import perform
from lazy_assay.checks.vocabulary.context import DrawStore, MemoryStore
from lazy_assay.checks.vocabulary.distortion import Distortion
from lazy_assay.checks.vocabulary.result import Result


@dataclass(kw_only=True)
class Local:
    """The in-process executor; the only one that takes what is no plain data. Its orders share one store of draws.

    distort, simulate: see `checks.confront`.
    """

    distort: Callable[[Any], Any] | Distortion | None = None
    simulate: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    store: DrawStore = field(default_factory=MemoryStore)

    def submit(self, order: Order) -> Future[list[Result]]:
        """Perform an order. Its draws are kept where it says, else with those of the others."""
        future: Future[list[Result]] = Future()
        store = None if order.draws else self.store
        try:
            future.set_result(perform(order, store=store, distort=self.distort, simulate=self.simulate))
        except Exception as error:
            future.set_exception(error)
        return future

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left to cancel."""
