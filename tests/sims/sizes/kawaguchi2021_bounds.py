"""Sizes small enough to run each simulation of the analyticity and convergence statements in milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np

BATCH, DIRECTION = np.array([1.0, 2.0, 4.0, 3.5]), np.array([1.0, -1.0, 0.5, 2.0])
LAYER = {
    "features": np.array([[0.5, 1.0], [2.0, 1.0]]),
    "targets": np.array([[1.0], [0.3]]),
    "start": np.array([[0.2], [0.1]]),
    "loss": "squared",
}
STEPS = np.array([0.1, 0.05])
SIZES: dict[str, dict[str, Any]] = {
    "deep.softplus.distance_at": {"zeta": 2.0, "x": 0.5},
    "deep.softplus.largest_distance_at": {"zeta": 2.0},
    "deep.batch_normalisation.taylor_radius_at": {"batch": BATCH, "direction": DIRECTION, "eps": 0.1},
    "deep.batch_normalisation.jump_at": {"direction": DIRECTION, "step": 1e-3, "eps": 0.0},
    "deep.all_layers.trajectory_at": {
        "points": np.array([[0.5, 1.0], [2.0, -1.0]]),
        "targets": np.array([1.0, 0.3]),
        "theta": np.linspace(-1, 1, 19),
        "widths": np.array([2, 3]),
        "activation": "softplus",
        "step_size": 0.01,
        "t": 2,
    },
    "deep.last_layer.descent_at": {**LAYER, "step_size": 0.1, "t": 2, "minimum": 0.0},
    "deep.last_layer.hessian_norm_at": {"outputs": np.array([0.1, 0.5, -1.0])},
    "deep.last_layer.expected_best_at": {**LAYER, "step_sizes": STEPS, "minimum": 0.0},
    "deep.last_layer.expected_progress_at": {**LAYER, "step_sizes": STEPS, "comparator": np.array([[0.0], [0.5]])},
}
