"""Where a simulation runs: names of devices made sure of, and the record of what can move a bit of a result."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from lazy_assay.sims.core.torch import torch


class DeviceNotFoundError(ValueError):
    """The device asked for is not on this machine; the message says how to mend it."""


def resolve(name: str | torch.device) -> torch.device:
    """The torch device of this name, present on this machine. Raises DeviceNotFoundError otherwise."""
    try:
        device = torch.device(name)
    except RuntimeError:
        raise DeviceNotFoundError(f"no device is called {str(name)!r}; use cpu, cuda or cuda:0") from None
    if device.type == "meta":
        raise DeviceNotFoundError("device 'meta' holds no numbers; use cpu or cuda")
    present = _count(device.type)
    if present == 0:
        raise DeviceNotFoundError(f"device {str(name)!r} is not available: torch sees no {device.type} here; use cpu")
    if (device.index or 0) >= present:
        names = f"{device.type}:0" + (f" to {device.type}:{present - 1}" if present > 1 else "")
        raise DeviceNotFoundError(f"device {str(name)!r} is not available: this machine has {names}")
    return device


def _count(kind: str) -> int:
    """How many devices of this kind torch can reach."""
    if kind == "cpu":
        return 1
    try:
        module = torch.get_device_module(kind)
    except RuntimeError:
        return 0
    return int(module.device_count()) if module.is_available() else 0


def device_class(name: str | torch.device) -> str:
    """What results may be merged by: `cpu`, or the accelerator's model. Raises DeviceNotFoundError."""
    device = resolve(name)
    return f"cuda {torch.cuda.get_device_name(device)}" if device.type == "cuda" else str(device.type)


def choose(name: str | None = None) -> tuple[torch.device, str]:
    """The device to use and one sentence why: the one asked for, else the first GPU, else the CPU."""
    if name is not None:
        return resolve(name), f"{name} was asked for."
    if _count("cuda"):
        return torch.device("cuda:0"), f"{torch.cuda.get_device_name(0)} is available."
    return torch.device("cpu"), "torch sees no GPU on this machine."


@contextmanager
def exact(device: str) -> Iterator[None]:
    """Whole float32 products and one order of sums on a GPU, whatever the process was set to; undone afterwards.

    TF32 rounds factors to 10 bits, an error of 5e-4 that no allowance here has a part for. An operation that has no
    deterministic form says so in a warning, and its bits may differ from run to run.
    """
    backends: tuple[Any, ...] = torch.backends.cuda.matmul, torch.backends.cudnn
    before = [backend.allow_tf32 for backend in backends]
    strict, warns = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    try:
        for backend in backends:
            backend.allow_tf32 = False
        if device.startswith("cuda"):
            torch.use_deterministic_algorithms(True, warn_only=True)
        yield
    finally:
        for backend, allowed in zip(backends, before, strict=True):
            backend.allow_tf32 = allowed
        # Asked for only where it was changed: it loads torch's compiler, which takes a second.
        if device.startswith("cuda"):
            torch.use_deterministic_algorithms(strict, warn_only=warns)


def environment(device: str | torch.device, dtype: str) -> dict[str, str | int | bool]:
    """What, beside code and entropy, decides a result's bits."""
    return {
        "device": device_class(device),
        "dtype": dtype,
        "tf32": bool(torch.backends.cuda.matmul.allow_tf32 or torch.backends.cudnn.allow_tf32),
        "deterministic": bool(torch.are_deterministic_algorithms_enabled()),
        "threads": int(torch.get_num_threads()),
        "instruction_set": str(torch.backends.cpu.get_cpu_capability()),
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": str(np.__version__),
    }
