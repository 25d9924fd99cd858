"""Where theory and simulations meet: `checks.confront` runs one claim's checks and returns its results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from checks._confront import confront as confront

__all__ = ["confront"]


def __getattr__(name: str) -> Any:
    """Load `confront` on first use: importing a check's declarations must not load Hypothesis or torch."""
    if name == "confront":
        from checks._confront import confront

        return confront
    raise AttributeError(f"module 'checks' has no attribute {name!r}")
