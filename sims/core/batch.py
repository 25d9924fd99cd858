"""One batch: a fixed number of trials of one configuration, idempotent and addressed by its content."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lazy_assay.sims.core.chunks import share
from lazy_assay.sims.core.code_version import code_version
from lazy_assay.sims.core.device import environment
from lazy_assay.sims.core.moments import Moments

__all__ = ["Batch", "code_version", "content_address", "run"]

# What besides the code may change a bit of a draw; the Python and numpy versions make none of the noise.
_DECISIVE = ("device", "dtype", "tf32", "threads", "instruction_set", "torch")


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Raw draws (float64, one trial a row), their moments, and the seconds that they took."""

    draws: NDArray[np.float64]
    moments: Moments
    seconds: float


def run(
    simulate: Callable[..., Any],
    parameters: Mapping[str, Any],
    *,
    entropy: int,
    trials: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Batch:
    """Runs a simulation once; `entropy` is the batch's own key (`sims.stream_key`)."""
    start = time.perf_counter()
    drawn = simulate(**parameters, trials=trials, entropy=entropy, device=device, dtype=dtype)
    draws = as_float64(drawn)
    seconds = time.perf_counter() - start
    if len(draws) != trials:
        raise ValueError(f"{simulate.__qualname__} returned {len(draws)} rows for {trials} trials")
    return Batch(draws=draws, moments=Moments.of(draws), seconds=seconds)


def as_float64(drawn: Any) -> NDArray[np.float64]:
    """Draws as a numpy array on this machine, from a tensor on any device or from an array."""
    host = drawn.detach().cpu().numpy() if hasattr(drawn, "detach") else drawn
    return np.asarray(host, dtype=np.float64)


def content_address(
    simulate: Callable[..., Any],
    parameters: Mapping[str, Any],
    entropy: int,
    trials: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> str:
    """Where a batch is stored: equal addresses hold equal draws. Raises TypeError for a function it cannot tell apart.

    A closure's or a lambda's values are not in its name, so only functions of a module have an address.
    """
    surroundings = environment(device, dtype)
    content: dict[str, Any] = {
        "code": code_version(simulate),
        "simulation": _qualified_name(simulate),
        "parameters": {name: _canonical(value) for name, value in parameters.items()},
        "entropy": int(entropy),
        "trials": int(trials),
        **{name: surroundings[name] for name in _DECISIVE},
    }
    if share() != 1:
        content["chunks"] = share()
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()


def _qualified_name(simulate: Callable[..., Any]) -> str:
    name = getattr(simulate, "__qualname__", "<")
    if "<" in name:
        raise TypeError(f"{simulate!r} is not a function of a module, so its draws have no address")
    return f"{simulate.__module__}.{name}"


def _canonical(value: Any) -> Any:
    """A JSON form that keeps every bit: arrays by dtype, shape and a hash of their bytes."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        data = np.ascontiguousarray(value)
        return ["array", data.dtype.str, list(data.shape), hashlib.blake2b(data.tobytes(), digest_size=20).hexdigest()]
    if isinstance(value, (list, tuple)):
        return [_canonical(entry) for entry in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise TypeError(f"a parameter of type {type(value).__name__} has no address: {value!r}")
