"""Loads torch on first use: listing claims and predicting numbers must not pay for it (about two seconds, cold)."""

from __future__ import annotations

import gc
import importlib
from types import ModuleType
from typing import TYPE_CHECKING, Any


class _OnFirstUse:
    """Stands for the module `torch` until an attribute is asked for."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(_loaded(), name)
        # Kept: a training step asks some twenty times, at five microseconds each.
        self.__dict__[name] = found
        return found


def _loaded() -> ModuleType:
    """torch; while it defines all that stays, nobody looks for garbage: that took a fifth of its time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        return importlib.import_module("torch")
    finally:
        if collects:
            gc.enable()


if TYPE_CHECKING:
    import torch as torch
else:
    torch = _OnFirstUse()
