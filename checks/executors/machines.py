"""How many workers a machine takes, and the environment of each: its device and its one thread."""

from __future__ import annotations

import os
from collections.abc import Mapping

# A worker with torch on a GPU holds its context and its largest batch: this much memory each is comfortable.
WORKER_BYTES = 8 * 2**30
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
    """Workers for `-n auto`: the cores this process may use, and on a GPU no more than its devices' memory holds."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not device.startswith("cuda"):
        return cores
    from lazy_assay.sims.core.torch import torch

    devices = range(torch.cuda.device_count()) if device == "cuda" else [int(device.partition(":")[2])]
    return max(
        1, min(cores, sum(int(torch.cuda.get_device_properties(i).total_memory // WORKER_BYTES) for i in devices))
    )


def worker_environment(
    device: str, index: int, environment: Mapping[str, str] | None = None, present: int | None = None
) -> dict[str, str]:
    """What worker `index` gets: one thread, and for `--device cuda` one of the visible devices, in turn.

    The worker then sees a single device, so `cuda` is the right one; a replacement for a dead worker keeps its spec and
    with it the device.
    """
    told = dict.fromkeys(THREADS, "1")
    if device == "cuda":
        devices = visible_devices(
            environment if environment is not None else os.environ, _present() if present is None else present
        )
        if devices:
            told["CUDA_VISIBLE_DEVICES"] = devices[index % len(devices)]
    return told


def _present() -> int:
    from lazy_assay.sims.core.torch import torch

    return int(torch.cuda.device_count())
