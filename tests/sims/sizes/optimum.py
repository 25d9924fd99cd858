"""Small sizes of the simulations of laws that minimise the objective."""

from __future__ import annotations

from typing import Any

import numpy as np

LAW = {"m": 3, "activation": "tanh", "lambda_u": 0.1, "lambda_theta": 0.05}
DRAWN = {**LAW, "n": 4}

SIZES: dict[str, dict[str, Any]] = {
    "particles.optimum.laws": {
        **LAW,
        "labels": np.array([[1.0, -1.0, 0.5]]),
        "steps": 2,
        "insertions": 1,
    },
    "particles.optimum.stopped": {**DRAWN, "steps": 2},
    "particles.optimum.at_optimum": {**DRAWN, "steps": 2, "insertions": 1},
    "particles.optimum.against_another": {**DRAWN, "other_m": 2, "steps": 2, "insertions": 1},
    "particles.optimum.radial_derivative": {**DRAWN, "activation": "relu"},
    "particles.optimum.second_difference": {**DRAWN, "steps": 2},
    "particles.optimum.with_entropy": {**DRAWN, "temperature": 0.1, "step_size": 0.3, "steps": 3},
    "particles.optimum.waste": {**DRAWN, "threshold": 0.1, "step_size": 0.1, "steps": 2},
}
# A share of three neurons.
COUNTS = {"particles.optimum.waste"}
