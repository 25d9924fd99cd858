"""Memory that runs out, TF32 and sums in any order: what a GPU does that a CPU does not, on stand-ins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch

from lazy_assay.checks.engine import perform as engine
from lazy_assay.checks.engine.order import Order
from lazy_assay.checks.engine.perform import HALVED, perform
from lazy_assay.checks.engine.registry import tasks
from lazy_assay.checks.vocabulary.result import Verdict, to_json
from lazy_assay.sims import content_address
from lazy_assay.sims.core.chunks import chunk_sizes, halved
from lazy_assay.sims.core.device import environment, exact
from lazy_assay.sims.quadratic import neural_tangent

SWEEP = Order(task=tasks("ghorbani2019.closure")[-1].id)
CPU = torch.device("cpu")


class OutOfMemoryError(RuntimeError):
    """Named as torch's own on a GPU."""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """A device on which memory runs out the first `times` times that a task runs."""

    def make(times: int) -> None:
        left = [times]

        def run(task: Any, context: Any) -> Any:
            def attempt(context: Any) -> Any:
                left[0] -= 1
                if left[0] >= 0:
                    raise OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
                return task.run(context)

            return honest(replace(task, run=attempt), context)

        honest: Callable[..., Any] = engine.run
        monkeypatch.setattr(engine, "run", run)

    return make


def test_work_that_runs_out_of_memory_is_done_again_by_halves_and_says_so(small: Callable[[int], None]) -> None:
    whole = [to_json(result) for result in perform(SWEEP)]
    small(1)
    again = [to_json(result) for result in perform(SWEEP)]
    assert [row["verdict"] for row in again] == [row["verdict"] for row in whole]
    assert all(row["message"].endswith(HALVED) for row in again)
    # In other chunks other noise is drawn: another version, under other addresses.
    assert [row["simulation_version"] for row in again] == [f"{row['simulation_version']}/2" for row in whole]
    assert [row["estimate"] for row in again] != [row["estimate"] for row in whole]


def test_draws_by_halves_have_addresses_of_their_own() -> None:
    def address() -> str:
        return content_address(neural_tangent.tangent_space_risk, {"d": 3}, entropy=1, trials=2)

    whole = address()
    with halved():
        assert address() != whole
    assert address() == whole


def test_work_that_runs_out_of_memory_twice_is_not_run_and_the_machines_fault(small: Callable[[int], None]) -> None:
    small(2)
    (result,) = perform(SWEEP)
    assert (result.verdict, result.fault) == (Verdict.NOT_RUN, "memory")
    assert HALVED not in result.message


def test_by_halves_a_kernel_call_takes_half_as_many_trials() -> None:
    whole = chunk_sizes(10_000, 2**9, CPU)
    with halved():
        assert chunk_sizes(10_000, 2**9, CPU)[0] == whole[0] // 2
    assert chunk_sizes(10_000, 2**9, CPU) == whole


@pytest.fixture
def hasty() -> Iterator[None]:
    """A process in which somebody has allowed TF32."""
    backends: tuple[Any, ...] = torch.backends.cuda.matmul, torch.backends.cudnn
    before = [backend.allow_tf32 for backend in backends]
    for backend in backends:
        backend.allow_tf32 = True
    yield
    for backend, allowed in zip(backends, before, strict=True):
        backend.allow_tf32 = allowed


@pytest.mark.usefixtures("hasty")
def test_a_task_runs_without_tf32_whatever_the_process_allows_and_leaves_that_as_it_was() -> None:
    assert environment("cpu", "float64")["tf32"] is True
    told: list[Any] = []

    def run(context: Any) -> list[Any]:
        told.append(environment("cpu", "float64"))
        return []

    task = replace(tasks("ghorbani2019.closure")[-1], run=run)
    context: Any = type("Context", (), {"device": "cpu", "simulate": {}, "started": 0.0})()
    engine.run(task, context)
    assert [(here["tf32"], here["deterministic"]) for here in told] == [(False, False)]
    assert environment("cpu", "float64")["tf32"] is True


def test_on_a_gpu_sums_are_in_one_order_and_afterwards_as_before() -> None:
    with exact("cuda"):
        assert torch.are_deterministic_algorithms_enabled()
        assert environment("cpu", "float64")["deterministic"] is True
    assert not torch.are_deterministic_algorithms_enabled()


def in_tf32(**parameters: Any) -> torch.Tensor:
    """The tangent model's risks with what a product in TF32 leaves of them: 10 bits after the leading one."""
    drawn = neural_tangent.tangent_space_risk_at(**parameters)
    fraction, exponent = torch.frexp(drawn)
    return torch.ldexp(torch.round(fraction * 2**11) / 2**11, exponent)


@pytest.mark.parametrize(
    "simulation, verdict", [(neural_tangent.tangent_space_risk_at, "AGREES"), (in_tf32, "DISAGREES")]
)
def test_a_simulation_in_tf32_is_refuted(simulation: Callable[..., torch.Tensor], verdict: str) -> None:
    route = "least squares over the tangent space"
    order = Order(task=f"ghorbani2019.theorem2:every_weight/draw by draw by {route}")
    told = perform(order, simulate={route: simulation})
    assert verdict in {str(result.verdict) for result in told if result.subject == "claim"}
    assert verdict == "DISAGREES" or {str(result.verdict) for result in told if result.subject == "claim"} == {verdict}
