"""Sizes small enough to run the simulations of particles in milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np

X = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, -1.0]])
Y = np.array([1.0, -1.0, 0.5])
DRAWN = {"n": 3, "d": 2, "m": 3, "alpha": 1.0, "activation": "tanh"}
DECAYS = {"lambda_u": 0.5, "lambda_theta": 0.5}
FLOW = {**DRAWN, **DECAYS, "k": 1, "loss": "squared", "waves": 0.1, "schedule": "inverse", "time": 0.5, "steps": 8}
NOISE = {"temperature": 0.1, "step_size": 0.1}
LOOKED = {**NOISE, "burn": 2, "looks": 2, "every": 1}
TRAINED = {"step_size": 0.1, "steps": 2}

SIZES: dict[str, dict[str, Any]] = {
    "particles.energy.followed": FLOW,
    "particles.energy.squared_gradients": {**FLOW, "steps": 1, "elapsed": 0.4},
    "particles.free_energy.dissipation": {
        "n": 3,
        "d": 2,
        "alpha": 1.0,
        "lambda_theta": 0.5,
        "temperature": 0.1,
        "schedule": "exponential",
        "time": 0.5,
        "steps": 2,
    },
    "particles.mixtures.along_mixture": {
        **DRAWN,
        **DECAYS,
        **TRAINED,
        "k": 2,
        "other_m": 2,
        "loss": "cross_entropy",
        "waves": 0.1,
        "s": 0.3,
    },
    "particles.mixtures.midpoints_above": {**DRAWN, **DECAYS, **TRAINED, "pairs": 101},
    "particles.mixtures.rescaled_neurons": {**DRAWN, **DECAYS, "k": 1, "loss": "squared", "s": 0.3},
    "particles.mixtures.tilted_entropies": {"width": 1.0, "tilt": 0.2, "s": 0.3, "points": 64},
    "particles.mixtures.entropies": {"width": 1.0, "reach": 1.0, "s": 0.3, "points": 64},
    "particles.stationary.linear_law": {
        **LOOKED,
        "points": X,
        "labels": Y,
        "m": 3,
        "alpha": 1.0,
        "lambda_theta": 0.5,
    },
    "particles.stationary.moment_at_rest": {
        **LOOKED,
        **DECAYS,
        "inputs": Y,
        "labels": Y,
        "m": 3,
        "alpha": 1.0,
        "activation": "tanh",
        "start": "wide",
        "moment": "square",
    },
    "particles.stationary.thermometer": {**DRAWN, **DECAYS, **LOOKED, "descends": "phi", "noise": "scaled"},
    "particles.stationary.spreading": {**DRAWN, **DECAYS, **NOISE, "times": np.array([0.1, 0.3])},
    "particles.normal_inputs.half_squared_difference": {
        "theta": X,
        "u": Y,
        "activation": "linear",
        "pairs": 2,
    },
}
COUNTS = {"particles.mixtures.midpoints_above"}
