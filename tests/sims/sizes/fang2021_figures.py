"""Small sizes of the simulations behind figures 2 to 5 of Fang, Dong, Zhang."""

from __future__ import annotations

from typing import Any

import numpy as np

POINTS = np.linspace(-1, 1, 18).reshape(6, 3) ** 3
CLASSES = np.eye(2)[[0, 1, 1, 0, 1, 0]]

SIZES: dict[str, dict[str, Any]] = {
    "two_layer.distance.distances_at_loss": {
        "inputs": POINTS,
        "targets": CLASSES,
        "widths": [4, 4, 6],
        "alphas": [2.0, 4.0, 2.5],
        "ratios": [1.0, 1.0, 0.5],
        "initialisation": "paired",
        "activation": "tanh",
        "sigma": 1.0,
        "step_size": 4.0,
        "target": 0.692,
        "most": 12,
    },
    "two_layer.tangent.training_beside_tangent": {
        "inputs": POINTS,
        "targets": CLASSES,
        "test_inputs": POINTS / 2,
        "test_targets": CLASSES,
        "width": 4,
        "alpha": 2.0,
        "activation": "relu",
        "theta_scale": 1.0,
        "step_size": 0.1,
        "ratio": 2.0,
        "momentum": 0.5,
        "weight_decay": 0.01,
        "batch": 3,
        "checkpoints": np.array([1, 2]),
    },
}
