"""How many trials go into one kernel call: enough to fill the machine, few enough to stay in its caches and memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

# Numbers in one large intermediate. On a CPU, 2 MB in float64: beyond the second-level cache speed falls again.
_CPU, _ACCELERATOR = 2**18, 2**26


# What of that is used: less once memory has run out.
_share = ContextVar("share", default=1.0)


@contextmanager
def halved() -> Iterator[None]:
    """Kernel calls of half the size, for work that has run out of memory."""
    token = _share.set(_share.get() / 2)
    try:
        yield
    finally:
        _share.reset(token)


def share() -> float:
    """What is used now of a kernel call's size; other chunks are drawn in another order, so they are other draws."""
    return _share.get()


def chunk_sizes(total: int, numbers_each: int, device: Any) -> list[int]:
    """Splits `total` trials (or steps, or samples) of `numbers_each` numbers into chunks; their sizes add up to it."""
    if total < 1:
        raise ValueError(f"at least one trial is needed, not {total}")
    budget = _CPU if device.type == "cpu" else _ACCELERATOR
    size = max(1, int(budget * _share.get()) // max(1, numbers_each))
    whole, rest = divmod(total, size)
    return [size] * whole + [rest] * bool(rest)
