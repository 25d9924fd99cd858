from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from submitit.core.utils import UncompletedJobError

from lazy_assay.checks.engine.order import LateError, Order, UsageError
from lazy_assay.checks.engine.perform import perform
from lazy_assay.checks.executors import shelf
from lazy_assay.checks.executors.base import MachineFailedError
from lazy_assay.checks.executors.slurm import Slurm
from lazy_assay.checks.vocabulary.result import to_json

ORDER = Order(task="ghorbani2019.eq13:NN/statement")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return [to_json(result) for result in perform(ORDER)]


def test_a_worker_answers_with_a_digest_and_what_it_found_lies_on_the_shelf(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    name = shelf.key(ORDER)
    told = shelf.answer(json.dumps(ORDER.to_json()), str(tmp_path), name)
    assert set(json.loads(told)) == {"digest"}
    found = [{**to_json(result), "seconds": 0} for result in shelf.taken(tmp_path, name, told, ORDER)]
    assert found == [{**row, "seconds": 0} for row in rows]


def test_keys_are_those_of_the_orders_data_and_not_of_where_draws_are_kept() -> None:
    others = [
        replace(ORDER, entropy=1),
        replace(ORDER, profile="full"),
        replace(ORDER, task="ghorbani2019.eq13:RF/statement"),
    ]
    assert len({shelf.key(order) for order in (ORDER, *others)}) == 4
    assert shelf.key(replace(ORDER, draws="elsewhere", until=2**40)) == shelf.key(ORDER)


def test_a_second_copy_is_the_first_one_unless_a_bit_differs_which_is_told(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    digest = shelf.keep(tmp_path, "a", rows)
    slower = [{**row, "seconds": 9.0, "message": "said otherwise"} for row in rows]
    assert shelf.keep(tmp_path, "a", slower) == digest
    assert shelf.taken(tmp_path, "a", json.dumps({"digest": digest}), ORDER)
    other = shelf.keep(tmp_path, "a", [{**rows[0], "predicted": rows[0]["predicted"] + 1e-16 or 1e-300}, *rows[1:]])
    assert other != digest
    with pytest.raises(shelf.NondeterminismError, match="was performed 2 times, with other bits"):
        shelf.taken(tmp_path, "a", json.dumps({"digest": other}), ORDER)


@pytest.mark.parametrize(
    "told, error",
    [({"usage": "no"}, UsageError), ({"fault": "ValueError: no"}, RuntimeError), ({"late": ""}, LateError)],
)
def test_what_a_worker_could_not_do_is_raised_where_it_is_asked_for(
    tmp_path: Path, told: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        shelf.taken(tmp_path, "a", json.dumps(told), ORDER)


def test_a_worker_that_shares_no_folder_is_the_machines_fault(tmp_path: Path) -> None:
    with pytest.raises(MachineFailedError, match="do all workers share that folder"):
        shelf.taken(tmp_path, "a", json.dumps({"digest": "b"}), ORDER)


class Jobs:
    """In place of submitit: a job is done when it is submitted, in this process; the first `lost` of them are lost."""

    def __init__(self, lost: int) -> None:
        self.lost, self.submitted = lost, 0

    def submit(self, function: Callable[..., str], *arguments: str) -> Any:
        self.submitted += 1
        if self.submitted <= self.lost:
            gone = UncompletedJobError(f"Job {self.submitted} has not produced any output")
            return SimpleNamespace(done=lambda: True, result=lambda: (_ for _ in ()).throw(gone))
        told = function(*arguments)
        return SimpleNamespace(done=lambda: True, result=lambda: told)


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_job_that_is_lost_is_begun_again_once(tmp_path: Path, lost: int) -> None:
    jobs = Jobs(lost)
    with Slurm(1, tmp_path, executor=jobs) as slurm:
        future = slurm.submit(ORDER)
        error = future.exception(timeout=60)
    assert jobs.submitted == min(lost + 1, 2)
    assert (error is None) == (lost < 2)
    if lost == 2:
        assert isinstance(error, MachineFailedError)
        assert "\n" not in str(error)


def test_a_job_is_a_process_of_its_own_under_submitits_local_executor(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    with Slurm(1, tmp_path, cluster="local") as slurm:
        results = slurm.submit(ORDER).result(timeout=300)
    assert [{**to_json(result), "seconds": 0} for result in results] == [{**row, "seconds": 0} for row in rows]
    assert list((tmp_path / "slurm").iterdir())


def test_a_machine_without_slurm_says_so_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MachineFailedError, match=r"^no Slurm here: [^\n]*$"):
        Slurm(1, tmp_path)
