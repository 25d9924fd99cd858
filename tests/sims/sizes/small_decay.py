"""Sizes small enough to run the simulations of a very small weight decay in milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np

SIZES: dict[str, dict[str, Any]] = {
    "two_layer.small_decay.with_and_without": {
        "n": 3,
        "d": 2,
        "activation": "tanh",
        "widths": np.array([3, 5]),
        "exponent": 1.0,
        "step_size": 0.5,
        "steps": 3,
    },
    "two_layer.small_decay.minimiser_distance_at": {
        "theta": np.linspace(-1, 1.5, 10).reshape(5, 2),
        "u": np.array([1.0, -0.5, 0.3, 1.2, -2.0]),
        "alpha": 2.0,
        "points": np.array([[1.0, 0.0], [0.6, 0.8], [0.0, -1.0]]),
        "labels": np.array([1.0, -1.0, 0.5]),
        "activation": "tanh",
        "mu": 0.1,
    },
}
