"""Small sizes of the simulations of a single ReLU neuron."""

from __future__ import annotations

from typing import Any

import numpy as np

DESCENT = {"step_size": 0.1, "steps": 3}

SIZES: dict[str, dict[str, Any]] = {
    "features.single_neuron.least_neurons": {
        "dimensions": np.array([2, 3]),
        "most": np.array([4, 5]),
        "model": "tangent",
        "target": 0.3,
    },
    "features.single_neuron.relative_error": {"d": 3, "m": 2, "model": "random"},
    "two_layer.population_descent.trained_error": {"d": 3, "m": 2, **DESCENT},
    "two_layer.population_descent.trained_error_at": {"u": 0.5, "norm": 1.0, "cosine": 0.2, **DESCENT},
}
COUNTS = {"features.single_neuron.least_neurons"}
