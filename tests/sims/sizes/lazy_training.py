"""Sizes small enough to run each simulation of lazy training in milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np

NETWORK: dict[str, Any] = {
    "points": np.linspace(-1, 1, 6).reshape(3, 2) ** 3,
    "labels": np.array([1.0, -0.5, 0.3]),
    "W": np.linspace(-1, 2, 8).reshape(2, 4),
    "u": np.array([0.5, -1.0, 1.5, 0.2]),
    "activation": "tanh",
}
FLOW = {"measure": "output", "alpha": 8.0, "power": 1, "T": 0.5, "steps": 1}
DESCENT = {"step_size": 0.1, "steps": 3}

SIZES: dict[str, dict[str, Any]] = {
    "lazy.training.descent_gap": {
        "d": 2,
        "n": 3,
        "N": 4,
        "activation": "tanh",
        "initialisation": "paired",
        "measure": "parameters",
        "alphas": np.array([4.0, 8.0]),
        **DESCENT,
    },
    "lazy.training.flow_gap_at": {**NETWORK, **FLOW, "initialisation": "centred"},
    "lazy.training.descent_output_gap_at": {
        **NETWORK,
        **DESCENT,
        "initialisation": "centred",
        "alpha": 8.0,
        "power": 1,
    },
    "lazy.training.descent_output_at": {**NETWORK, **DESCENT, "initialisation": "paired", "alpha": -2.0},
}
