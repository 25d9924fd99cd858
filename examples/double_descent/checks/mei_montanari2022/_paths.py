"""Two dimensions with the same ψ₁, ψ₂, and what they say of the limit where the rest falls like 1/d."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lazy_assay.checks import Tolerance, Values


def extrapolated(risks: np.ndarray) -> np.ndarray:
    """2R(2d) − R(d) of each trial: shape (trials,) from (trials, 2)."""
    return np.asarray(2 * risks[:, 1] - risks[:, 0])


def path(values: Values) -> dict[str, tuple[int, int]]:
    """The two dimensions."""
    return {"sizes": (values["d"], 2 * values["d"])}


def left(allowed: float, found: str) -> Callable[[Values], Tolerance]:
    """What the extrapolation leaves: `allowed`/d², where `calibration.py` found as much as `found` says."""
    source = f"calibrated: {found} on streams of their own; {allowed:g}/d² is allowed"
    return lambda values: Tolerance(finite_size=allowed / values["d"] ** 2, sources={"finite_size": source})
