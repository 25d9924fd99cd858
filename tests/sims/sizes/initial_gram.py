"""Sizes small enough to run the simulations of Gram matrices at random weights in milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np

X = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, -1.0]])

SIZES: dict[str, dict[str, Any]] = {
    "features.initial_gram.least_eigenvalue": {"points": X, "m": 4, "level": 0.1},
    "features.initial_gram.pair_eigenvalue": {"pairs": 2, "correlation": 0.5, "m": 31, "level": 0.1},
    "features.initial_gram.squared_residual": {"points": X, "labels": np.array([1.0, -1.0, 0.5]), "m": 4},
    "features.initial_gram.near_kinks": {"points": X, "m": 1001, "R": 0.5},
    "two_layer.fixed_output_layer.paired_excess": {
        "pairs": 2,
        "correlation": 0.5,
        "label_size": 1e-8,
        "m": 4,
        "eta": 0.5,
        "k": 3,
        "contraction": 0.9,
    },
}
