"""Sizes small enough to find the relative scale of a network in milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np

SIZES: dict[str, dict[str, Any]] = {
    "lazy.relative_scale.kappa_at": {
        "points": np.linspace(-1, 1, 6).reshape(3, 2) ** 3,
        "labels": np.array([1.0, -0.5, 0.3]),
        "W": np.linspace(-1, 2, 4).reshape(2, 2),
        "u": np.array([0.5, -1.0]),
        "activation": "tanh",
        "initialisation": "paired",
        "alpha": 2.0,
        # A tensor without numbers never tells that it has converged.
        "rounds": 16,
    },
    "lazy.relative_scale.kappa_by_width": {"d": 3, "n": 2, "widths": np.array([4.0, 8.0]), "exponent": 0.5},
}
