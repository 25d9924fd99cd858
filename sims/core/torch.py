"""Loads torch on first use: listing claims and predicting numbers must not pay for it (about two seconds, cold)."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any


class _OnFirstUse:
    """Stands for the module `torch` until an attribute is asked for."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(importlib.import_module("torch"), name)
        # Kept: a training step asks some twenty times, at five microseconds each.
        self.__dict__[name] = found
        return found


if TYPE_CHECKING:
    import torch as torch
else:
    torch = _OnFirstUse()
