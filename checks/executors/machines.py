"""How many workers a machine takes, and the environment of each: its device and its one thread."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from lazy_assay.checks.executors.base import MachineFailedError

# A worker with torch on a GPU holds its context and its largest batch: this much memory each is comfortable.
WORKER_BYTES = 8 * 2**30
# One on a CPU holds torch, every claim and its largest batch: the largest of a quick run stays below this.
HOST_BYTES, MANY = 3 * 2**29, 2**60
# In the environment of a worker that was given a device.
DEVICE = "ASSAY_WORKER_DEVICE"
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def visible_devices(environment: Mapping[str, str], present: int) -> list[str]:
    """The CUDA devices to hand out, as the caller's own CUDA_VISIBLE_DEVICES lists them, else all that are present."""
    listed = environment.get("CUDA_VISIBLE_DEVICES")
    return (
        [name.strip() for name in listed.split(",") if name.strip()]
        if listed is not None
        else [str(i) for i in range(present)]
    )


def worker_count(device: str) -> int:
    """Workers for `-n auto`: the cores this process may use, as host memory holds, and on a GPU its devices' memory."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    most = max(1, min(cores, host_memory() // HOST_BYTES))
    if not device.startswith("cuda"):
        return most
    from lazy_assay.sims.core.torch import torch

    devices = range(torch.cuda.device_count()) if device == "cuda" else [int(device.partition(":")[2])]
    held = sum(int(torch.cuda.get_device_properties(i).total_memory // WORKER_BYTES) for i in devices)
    return max(1, min(most, held))


def host_memory(system: Path = Path("/")) -> int:
    """Bytes of memory that are free for this process: of the machine, and of its control group; many where untold."""
    told = [MANY]
    with suppress(OSError, ValueError, IndexError):
        lines = (system / "proc/meminfo").read_text().splitlines()
        told += [1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")]
    with suppress(OSError, ValueError):
        group = system / "sys/fs/cgroup"
        told.append(int((group / "memory.max").read_text()) - int((group / "memory.current").read_text()))
    return max(min(told), 0)


def misplaced(environment: Mapping[str, str], devices: Callable[[], int]) -> str:
    """What is wrong with where a worker is: it must see its own device and no other. Empty where nothing is.

    Counting devices makes no context on any of them, so it costs no memory there.
    """
    if (mine := environment.get(DEVICE)) is None:
        return ""
    seen = environment.get("CUDA_VISIBLE_DEVICES")
    if seen != mine:
        return f"a worker was given device {mine} and its environment names {seen}"
    if (count := devices()) != 1:
        return f"a worker was given device {mine} and sees {count}: torch was loaded before its environment was set"
    return ""


def make_sure() -> None:
    """Raise MachineFailedError, one line, in a worker that sees another device than its own."""
    if told := misplaced(os.environ, _present):
        raise MachineFailedError(told)


def worker_environment(
    device: str, index: int, environment: Mapping[str, str] | None = None, present: int | None = None
) -> dict[str, str]:
    """What worker `index` gets: one thread, and for `--device cuda` one of the visible devices, in turn.

    The worker then sees a single device, so `cuda` is the right one; a replacement for a dead worker keeps its spec and
    with it the device.
    """
    told = dict.fromkeys(THREADS, "1")
    if device.startswith("cuda"):
        # Without it cuBLAS sums in an order of the moment; it is read when the first context is made.
        told["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
    if device == "cuda":
        devices = visible_devices(
            environment if environment is not None else os.environ, _present() if present is None else present
        )
        if devices:
            told["CUDA_VISIBLE_DEVICES"] = told[DEVICE] = devices[index % len(devices)]
    return told


def _present() -> int:
    from lazy_assay.sims.core.torch import torch

    return int(torch.cuda.device_count())
