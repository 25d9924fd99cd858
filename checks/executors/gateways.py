"""Orders over execnet, pytest-xdist's transport: processes of this machine, or of others that ssh reaches."""

from __future__ import annotations

import json
import shlex
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

from lazy_assay.checks.engine.order import LateError, Order, UsageError
from lazy_assay.checks.executors.base import MachineFailedError
from lazy_assay.checks.executors.machines import worker_environment
from lazy_assay.checks.vocabulary.result import Result, from_json

# What runs on the other side: an order in, its results or its fault out, as JSON text. It imports Assay from where that
# is installed there.
_WORKER = """
import json
from lazy_assay.checks.executors.gateways import answer
from lazy_assay.checks.executors.machines import make_sure
make_sure()
for order in channel:
    channel.send(answer(order))
"""
Work = tuple[Order, Future[list[Result]]]


class Gateways:
    """One worker a specification of execnet: `popen` for this machine, `ssh=HOST//python=PATH` for another.

    Where a worker stands on another machine, an order's folders are that machine's. device: what orders name, so that
    each worker of this machine sees a device of its own. Raises MachineFailedError, one line, for a worker that does
    not start.
    """

    def __init__(self, specifications: Sequence[str], *, device: str = "cpu") -> None:
        import execnet

        self.group = execnet.Group()
        self._work: SimpleQueue[Work | None] = SimpleQueue()
        self._left = threading.Event()
        try:
            channels = [
                self.group.makegateway(_specified(text, device, index)).remote_exec(_WORKER)
                for index, text in enumerate(specifications)
            ]
        except Exception as error:
            self.group.terminate(timeout=1.0)
            raise MachineFailedError(f"a worker could not be started: {' '.join(str(error).split())[:200]}") from None
        self._alive = len(channels)
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._serve, args=(channel,), daemon=True) for channel in channels]
        for thread in self._threads:
            thread.start()

    def submit(self, order: Order) -> Future[list[Result]]:
        """Hand an order to the next free worker."""
        future: Future[list[Result]] = Future()
        with self._lock:
            if self._alive:
                self._work.put((order, future))
                return future
        future.set_exception(_lost(order))
        return future

    def _serve(self, channel: Any) -> None:
        """Feed one worker, an order at a time; what it was doing when it was lost is the machine's fault."""
        while (work := self._work.get()) is not None:
            order, future = work
            if self._left.is_set() or not future.set_running_or_notify_cancel():
                future.cancel()
                continue
            try:
                channel.send(json.dumps(order.to_json()))
                future.set_result(_read(channel.receive()))
            except (EOFError, OSError):
                future.set_exception(_lost(order))
                self._bury()
                return
            except Exception as error:
                future.set_exception(error)
        channel.close()

    def _bury(self) -> None:
        """One worker less; without any, what waits is lost too."""
        with self._lock:
            self._alive -= 1
            while not self._alive and not self._work.empty():
                if (work := self._work.get()) is not None:
                    work[1].set_exception(_lost(work[0]))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what runs; after an error, cancel what has not begun."""
        if error is not None:
            self._left.set()
        for _ in self._threads:
            self._work.put(None)
        for thread in self._threads:
            thread.join()
        self.group.terminate(timeout=2.0)


def _specified(text: str, device: str, index: int) -> str:
    """A specification with the worker's environment: one thread, a device, no module from the folder it stands in.

    execnet sets the environment of a process that has begun, and it begins by importing; so Python is told by a flag.
    """
    here = text.startswith("popen") and "python=" not in text
    interpreter = (f"python={shlex.quote(sys.executable)} -P",) if here else ()
    environment = {**worker_environment(device, index), "PYTHONSAFEPATH": "1"}
    return "//".join((text, *interpreter, *(f"env:{name}={value}" for name, value in environment.items())))


def _lost(order: Order) -> MachineFailedError:
    return MachineFailedError(f"a worker was lost while {order.task} was to run")


def answer(order: str) -> str:
    """What a worker sends back for an order, as JSON text."""
    from lazy_assay.checks.engine.perform import perform
    from lazy_assay.checks.vocabulary.result import to_json

    try:
        return json.dumps({"results": [to_json(result) for result in perform(Order.from_json(json.loads(order)))]})
    except LateError:
        return json.dumps({"late": ""})
    except UsageError as error:
        return json.dumps({"usage": str(error)})
    except Exception as error:
        return json.dumps({"fault": f"{type(error).__name__}: {error}"})


def _read(text: str) -> list[Result]:
    told = json.loads(text)
    if "late" in told:
        raise LateError
    if "usage" in told:
        raise UsageError(told["usage"])
    if "fault" in told:
        raise RuntimeError(told["fault"])
    return [from_json(row) for row in told["results"]]
