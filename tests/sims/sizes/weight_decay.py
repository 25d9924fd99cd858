"""Sizes small enough to run the simulations of weight decay in milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np

X = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, -1.0]])
NETWORK = {
    "theta": np.linspace(-1, 1.5, 10).reshape(5, 2),
    "alpha": 2.0,
    "activation": "relu",
    "points": X,
}
U, Y = {"u": np.array([1.0, -0.5, 0.3, 1.2, -2.0])}, {"labels": np.array([1.0, -1.0, 0.5])}
BOTH = {"lambda_u": 0.1, "lambda_theta": 0.2}

SIZES: dict[str, dict[str, Any]] = {
    "two_layer.weight_decay.rescaled_decay_at": {**NETWORK, **U, **BOTH},
    "two_layer.weight_decay.trained_objective_at": {**NETWORK, **Y, **BOTH, "step_size": 0.1, "steps": 2},
    "two_layer.weight_decay.unbalanced_gradient_at": {**NETWORK, **U, **Y, **BOTH},
    "two_layer.weight_decay.stepped_balance_at": {**NETWORK, **U, **Y, "lambda_": 0.1, "step_size": 0.1},
    "two_layer.weight_decay.flow_gap": {
        "m": 3,
        "n": 2,
        "d": 2,
        "alpha": 2.0,
        "activation": "relu",
        "lambda_": 0.1,
        "time": 0.5,
        "step_sizes": np.array([0.25, 0.125]),
    },
}
