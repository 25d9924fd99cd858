"""Sizes small enough to run the simulations of laws of neurons in milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np

LAW = {
    "theta": np.linspace(-1, 1.5, 10).reshape(5, 2),
    "alpha": 2.0,
    "points": np.array([[1.0, 0.0], [0.6, 0.8], [0.0, -1.0]]),
    "activation": "tanh",
    "normalisation": "batch",
}
U = np.array([1.0, -0.5, 0.3, 1.2, -2.0])

SIZES: dict[str, dict[str, Any]] = {
    "features.optimal_variance.neuron_variance_at": {**LAW, "u": U},
    "features.optimal_variance.trained_variance_at": {
        **LAW,
        "labels": np.array([1.0, -1.0, 0.5]),
        "lambda_": 0.1,
        "rounds": 3,
    },
    "features.optimal_variance.other_variance": {**LAW, "coefficients": U, "repeats": 3},
}
