from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lazy_assay.checks.executors import machines
from lazy_assay.checks.executors.machines import THREADS, WORKER_BYTES, worker_count, worker_environment
from lazy_assay.checks.executors.plugin import Claims


def placed(device: str, workers: int, listed: str | None, present: int) -> list[str | None]:
    """CUDA_VISIBLE_DEVICES of each worker."""
    environment = {} if listed is None else {"CUDA_VISIBLE_DEVICES": listed}
    told = [worker_environment(device, index, environment, present) for index in range(workers)]
    return [one.get("CUDA_VISIBLE_DEVICES") for one in told]


def test_workers_get_the_devices_of_the_caller_in_turn() -> None:
    assert placed("cuda", 5, "3,1", present=8) == ["3", "1", "3", "1", "3"]


def test_the_callers_devices_may_be_named_by_uuid() -> None:
    assert placed("cuda", 2, "GPU-aa, GPU-bb", present=2) == ["GPU-aa", "GPU-bb"]


def test_workers_get_all_devices_where_the_caller_names_none() -> None:
    assert placed("cuda", 4, None, present=3) == ["0", "1", "2", "0"]


def test_a_caller_who_hides_every_device_gets_none() -> None:
    assert placed("cuda", 2, "", present=0) == [None, None]


def test_a_replacement_gets_the_device_of_the_worker_that_died() -> None:
    first = worker_environment("cuda", 1, {"CUDA_VISIBLE_DEVICES": "6,4"}, 2)
    assert worker_environment("cuda", 1, {"CUDA_VISIBLE_DEVICES": "6,4"}, 2) == first


@pytest.mark.parametrize("device", ["cpu", "cuda:1"])
def test_only_a_shared_device_is_handed_out(device: str) -> None:
    assert placed(device, 3, "0,1", present=2) == [None, None, None]


@pytest.mark.parametrize("device", ["cpu", "cuda", "cuda:0"])
def test_every_worker_has_one_thread(device: str) -> None:
    told = worker_environment(device, 0, {}, 1)
    assert all(told[name] == "1" for name in THREADS)
    assert {"OMP_NUM_THREADS", "MKL_NUM_THREADS"} <= set(THREADS)


def machine(monkeypatch: pytest.MonkeyPatch, cores: int, memory: list[float]) -> None:
    """A machine of so many cores, and of devices with so much memory each, in workers' worth."""
    cuda = SimpleNamespace(
        device_count=lambda: len(memory),
        get_device_properties=lambda index: SimpleNamespace(total_memory=int(memory[index] * WORKER_BYTES)),
    )
    monkeypatch.setattr("lazy_assay.sims.core.torch.torch", SimpleNamespace(cuda=cuda))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)
    monkeypatch.setattr(machines, "host_memory", lambda: machines.MANY)


@pytest.mark.parametrize(
    "device, memory, workers",
    [
        ("cpu", [], 16),
        ("cpu", [4.0], 16),
        ("cuda", [3.0], 3),
        ("cuda", [2.9], 2),
        ("cuda", [2.0, 5.0], 7),
        ("cuda", [0.5], 1),
        ("cuda", [40.0], 16),
        ("cuda:1", [9.0, 2.0], 2),
    ],
)
def test_auto_takes_as_many_workers_as_cores_and_memory_allow(
    monkeypatch: pytest.MonkeyPatch, device: str, memory: list[float], workers: int
) -> None:
    machine(monkeypatch, 16, memory)
    assert worker_count(device) == workers


OPTIONS = {"--assay-collection": [], "--assay-skip": "", "--assay-data-dir": ""}


def test_the_plugin_asks_the_machine_for_the_number_of_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, 5, [3.0])
    options: dict[str, Any] = {
        "--assay-collection": [],
        "--assay-skip": "",
        "--assay-data-dir": "",
        "--assay-device": "cpu",
    }
    config: Any = SimpleNamespace(getoption=options.__getitem__, getini=lambda name: [])
    assert Claims(config).pytest_xdist_auto_num_workers(config) == 5
    options["--assay-device"] = "cuda"
    assert Claims(config).pytest_xdist_auto_num_workers(config) == 3


def test_the_plugin_sets_each_workers_environment_before_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, 5, [3.0, 3.0])
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7,2")
    options: dict[str, Any] = {
        "--assay-collection": [],
        "--assay-skip": "",
        "--assay-data-dir": "",
        "--assay-device": "cuda",
    }
    config: Any = SimpleNamespace(getoption=options.__getitem__, getini=lambda name: [])
    specs = [SimpleNamespace(env={"KEPT": "yes"}) for _ in range(3)]
    Claims(config).pytest_xdist_setupnodes(config, specs)
    assert [spec.env["CUDA_VISIBLE_DEVICES"] for spec in specs] == ["7", "2", "7"]
    assert all(spec.env["KEPT"] == "yes" and spec.env["OMP_NUM_THREADS"] == "1" for spec in specs)


def system(place: Path, available: int, most: str, used: int) -> Path:
    """A machine's own files, as Linux has them; sizes in mebibytes."""
    group = place / "sys" / "fs" / "cgroup"
    group.mkdir(parents=True)
    (place / "proc").mkdir()
    (place / "proc" / "meminfo").write_text(f"MemTotal: 9 kB\nMemAvailable: {1024 * available} kB\n")
    (group / "memory.max").write_text(most)
    (group / "memory.current").write_text(str(used * 2**20))
    return place


@pytest.mark.parametrize("most, free", [("max", 8192), (str(4096 * 2**20), 3072), (str(512 * 2**20), 0)])
def test_host_memory_is_what_machine_and_control_group_leave(tmp_path: Path, most: str, free: int) -> None:
    assert machines.host_memory(system(tmp_path, 8192, most, 1024)) == free * 2**20
    assert machines.host_memory(tmp_path / "elsewhere") == machines.MANY


@pytest.mark.parametrize("share, workers", [(0.4, 1), (3.5, 3), (99.0, 8)])
def test_auto_takes_no_more_workers_than_host_memory_holds(
    monkeypatch: pytest.MonkeyPatch, share: float, workers: int
) -> None:
    machine(monkeypatch, 8, [])
    monkeypatch.setattr(machines, "host_memory", lambda: int(share * machines.HOST_BYTES))
    assert worker_count("cpu") == workers


def test_a_worker_that_sees_another_device_than_its_own_says_so() -> None:
    mine = worker_environment("cuda", 1, {"CUDA_VISIBLE_DEVICES": "6,4"}, 2)
    assert machines.misplaced(mine, lambda: 1) == ""
    assert machines.misplaced({}, lambda: 2) == ""
    assert "sees 2" in machines.misplaced(mine, lambda: 2)
    assert "names 6" in machines.misplaced({**mine, "CUDA_VISIBLE_DEVICES": "6"}, lambda: 1)


def test_a_worker_on_a_gpu_sums_in_one_order() -> None:
    assert worker_environment("cuda:1", 0, {}, 2)["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
    assert "CUBLAS_WORKSPACE_CONFIG" not in worker_environment("cpu", 0, {}, 0)
