"""Small sizes of the simulations of one network at several scales of its output."""

from __future__ import annotations

from typing import Any

import numpy as np

TRAINED = {"n": 4, "d": 3, "activation": "tanh", "step_size": 0.5}
ONE = {**TRAINED, "m": 6, "alpha": 2.0}

SIZES: dict[str, dict[str, Any]] = {
    "two_layer.scales.movement": {
        **TRAINED,
        "widths": np.array([4, 6]),
        "alphas": np.array([1.0, 2.0]),
        "target": 0.97,
        "most": 8,
    },
    "two_layer.scales.rescaled_start": {
        **ONE,
        "test": 5,
        "factor": 2.0,
        "decay": 0.1,
        "target": 0.0,
        "most": 3,
    },
    "two_layer.scales.alignment": {**ONE, "target": 0.9, "most": 30},
    "two_layer.scales.decayed_gap": {**ONE, "decay": 0.1, "trained": "both", "steps": 3},
}
