"""How many trials go into one kernel call: enough to fill the machine, few enough to stay in its caches and memory."""

from __future__ import annotations

from typing import Any

# Numbers in one large intermediate. On a CPU, 2 MB in float64: beyond the second-level cache speed falls again.
_CPU, _ACCELERATOR = 2**18, 2**26


def chunk_sizes(total: int, numbers_each: int, device: Any) -> list[int]:
    """Splits `total` trials (or steps, or samples) of `numbers_each` numbers into chunks; their sizes add up to it."""
    if total < 1:
        raise ValueError(f"at least one trial is needed, not {total}")
    budget = _CPU if device.type == "cpu" else _ACCELERATOR
    size = max(1, budget // max(1, numbers_each))
    whole, rest = divmod(total, size)
    return [size] * whole + [rest] * bool(rest)
