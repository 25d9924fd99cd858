from __future__ import annotations

import json
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import lazy_assay
from lazy_assay.checks.engine import perform as engine
from lazy_assay.checks.engine.order import Order, UsageError
from lazy_assay.checks.engine.perform import perform
from lazy_assay.checks.engine.registry import tasks
from lazy_assay.checks.executors.base import Executor, MachineFailedError
from lazy_assay.checks.executors.dask import Dask
from lazy_assay.checks.executors.gateways import Gateways
from lazy_assay.checks.executors.local import Local
from lazy_assay.checks.executors.pool import Pool
from lazy_assay.checks.executors.slurm import Slurm
from lazy_assay.checks.vocabulary.result import to_json

# Algebra alone, and a sweep in torch.
ORDERS = [Order(task=task.id) for id in ("ghorbani2019.eq13", "ghorbani2019.closure") for task in tasks(id)[-2:]]


def rows(results: list[Any]) -> list[dict[str, Any]]:
    """Results to the last bit, without how long they took."""
    return [{**to_json(result), "seconds": 0} for result in results]


@pytest.fixture(scope="module")
def expected() -> list[list[dict[str, Any]]]:
    return [rows(perform(order)) for order in ORDERS]


# Another executor joins by a line here.
EXECUTORS: dict[str, Callable[[], Executor]] = {
    "local": Local,
    "pool": lambda: Pool(1),
    "gateways": lambda: Gateways(["popen"]),
    "dask": lambda: Dask(1, shelf_folder()),
    "slurm": lambda: Slurm(2, shelf_folder(), executor=Immediate()),
}


class Immediate:
    """In place of submitit: a job is done when it is submitted, in this process."""

    def submit(self, function: Callable[..., str], *arguments: str) -> Any:
        told = function(*arguments)
        return SimpleNamespace(done=lambda: True, result=lambda: told)


def shelf_folder() -> Path:
    """A folder that all workers of this machine share."""
    return Path(tempfile.mkdtemp(prefix="assay-shelf-"))


@pytest.fixture(scope="module", params=EXECUTORS)
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    with EXECUTORS[request.param]() as made:
        yield made


class TestEveryExecutor:
    def test_equal_orders_give_equal_results_to_the_last_bit(
        self, executor: Executor, expected: list[list[dict[str, Any]]]
    ) -> None:
        futures = [executor.submit(order) for order in ORDERS]
        assert [rows(future.result(timeout=120)) for future in futures] == expected

    def test_an_order_that_fails_is_an_exception_in_its_future_alone(
        self, executor: Executor, expected: list[list[dict[str, Any]]]
    ) -> None:
        wrong, right = executor.submit(replace(ORDERS[0], task="ghorbani2019.eq13/nothing")), executor.submit(ORDERS[0])
        assert isinstance(wrong.exception(timeout=120), UsageError)
        assert rows(right.result(timeout=120)) == expected[0]

    def test_draws_are_stored_before_the_future_is_done(self, executor: Executor, tmp_path: Path) -> None:
        executor.submit(replace(ORDERS[-1], draws=str(tmp_path / "draws"))).result(timeout=120)
        assert list((tmp_path / "draws").rglob("*.npy"))


def test_a_worker_that_is_lost_is_the_machines_fault_in_one_line() -> None:
    with Pool(1) as pool:
        future = pool.submit(ORDERS[-1])
        for worker in pool.workers:
            os.kill(worker, signal.SIGKILL)
        error = future.exception(timeout=120)
    assert isinstance(error, MachineFailedError)
    assert "\n" not in str(error)
    assert ORDERS[-1].task in str(error)


def test_a_gateway_that_is_lost_takes_its_order_and_what_waits_for_it() -> None:
    with Gateways(["popen"]) as gateways:
        futures = [gateways.submit(order) for order in (ORDERS[-1], ORDERS[0])]
        for gateway in gateways.group:
            os.kill(gateway.remote_exec("import os; channel.send(os.getpid())").receive(), signal.SIGKILL)
        errors = [future.exception(timeout=120) for future in futures]
        late = gateways.submit(ORDERS[0]).exception(timeout=120)
    assert all(isinstance(error, MachineFailedError) and "\n" not in str(error) for error in (*errors, late))


def test_a_gateway_that_cannot_be_opened_is_one_line() -> None:
    with pytest.raises(MachineFailedError, match=r"a worker could not be started: [^\n]*$"):
        Gateways(["popen//python=/no/such/python"])


def test_a_gateway_imports_nothing_from_the_folder_it_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "queue.py").write_text("raise SystemExit('a stranger')")
    monkeypatch.chdir(tmp_path)
    with Gateways(["popen"]) as gateways:
        assert gateways.submit(ORDERS[0]).result(timeout=120)


def test_confront_and_replay_perform_the_same_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    contexts: list[Any] = []
    honest: Callable[..., Any] = engine.run

    def run(task: Any, context: Any) -> Any:
        contexts.append((task.id, context.rates, context.suspects))
        return honest(task, context)

    monkeypatch.setattr(engine, "run", run)
    from lazy_assay.checks.engine.replay import replayed

    (result, *_) = [r for r in lazy_assay.confront("ghorbani2019.closure") if r.task == ORDERS[-1].task]
    confronted = [context for context in contexts if context[0] == result.task]
    contexts.clear()
    stored = to_json(result)
    assert {**replayed(stored), "seconds": 0} == {**stored, "seconds": 0}
    assert contexts == confronted


def test_an_order_comes_back_from_json_as_it_was() -> None:
    order = Order(task="a.b:c/d", profile="full", entropy=2**60 + 1, device="cuda:1", draws="x", collections=("y",))
    assert Order.from_json(json.loads(json.dumps(order.to_json()))) == order


@pytest.mark.parametrize(
    "data, fault",
    [
        ({}, "an order is an object with a task"),
        ([], "an order is an object with a task"),
        ({"task": 3}, "order: task cannot be int"),
        ({"task": "a", "entropy": True}, "order: entropy cannot be bool"),
        ({"task": "a", "collections": "here"}, "order: collections cannot be str"),
        ({"task": "a", "distort": "x"}, "an order has no 'distort'"),
    ],
)
def test_what_is_no_order_is_named(data: Any, fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        Order.from_json(data)
