"""Sizes small enough to run Algorithm 1 of Daniely's paper in milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np

POINTS = {"d": 4, "m": 6, "q": 5, "activation": "tanh"}
RUN = {"B": 10.0, "batch": 3, "rate": 0.3, "steps": 4}
FRESH = {"B": 10.0, "activation": "relu", "batch": 2, "linear": 0.5, "quadratic": 0.5, "samples": 8}
# Whole numbers: two trials may well agree.
COUNTS = {"paired.network.minimal_widths", "paired.tangent.least_widths"}
SIZES: dict[str, dict[str, Any]] = {
    "paired.network.memorisation": {**POINTS, **RUN},
    "paired.network.minimal_widths": {
        "d": 3,
        "points": np.array([2, 1]),
        "B": 10.0,
        "activation": "relu",
        "batch": 4,
        "rate": 1.0,
        "epochs": 4,
    },
    "paired.network.online_losses": {**POINTS, **RUN},
    "paired.network.population_errors": {
        "d": 4,
        "widths": np.array([2, 4]),
        "steps": np.array([3, 5]),
        "rates": np.array([0.1, 0.2]),
        **FRESH,
    },
    "paired.network.interpolant_norms": {
        "dimensions": np.array([3, 4]),
        "points": np.array([3, 5]),
        "q": 20,
        "activation": "tanh",
    },
    "paired.network.lazy_features": POINTS,
    "paired.tangent.returned_losses": {
        **POINTS,
        "support": 3,
        "batch": 2,
        "rate": 0.3,
        "steps": 5,
    },
    "paired.tangent.least_widths": {
        "dimensions": np.array([3, 4]),
        "m": 6,
        "accuracy": 0.9,
        "activation": "abs",
        "batch": 2,
        "rate": 1.0,
        "steps": 24,
    },
    "paired.tangent.unexplained_share": {"d": 3, "m": 10, "q": 2, "activation": "tanh"},
    "paired.tangent.orthogonal_losses": {"d": 4, "q": 3, "B": 10.0, "activation": "relu", "rate": 0.5, "steps": 5},
}
