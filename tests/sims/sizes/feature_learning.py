"""Small sizes of the simulations behind figures 8 to 11 of Fang, Dong, Zhang."""

from __future__ import annotations

from typing import Any

import numpy as np

from lazy_assay.sims.particles.generated import AutoEncoder
from lazy_assay.sims.particles.learned import Training

POINTS = np.linspace(-1, 1.4, 36).reshape(9, 4) ** 3
CLASSES = np.eye(3)[[0, 1, 2, 0, 1, 2, 0, 1, 2]]
IMAGES = {"inputs": POINTS, "targets": CLASSES}
TRAINED = {
    "activation": "tanh",
    "theta_scale": 0.5,
    "lambda_u": 0.01,
    "lambda_theta": 0.01,
    "step_size": 0.5,
    "steps": 2,
}
GENERATED = {
    "n": 3,
    "nets": 2,
    "m": 3,
    "training": Training("tanh", 0.5, 0.0, 0.0, step_size=0.5, steps=2),
    "code": AutoEncoder(latent=2, hidden=3, batch=4, steps=2, step_size=0.01),
    "penalty": 0.01,
}
NETWORK = {
    "theta": np.linspace(-1, 1.5, 10).reshape(5, 2),
    "u": np.array([1.0, -0.5, 0.3, 1.2, -2.0]),
    "alpha": 2.0,
    "activation": "tanh",
    "centres": np.array([[1.0, 0.0], [0.6, 0.8], [0.0, -1.0]]),
    "N": 3,
    "repeats": 2,
}

SIZES: dict[str, dict[str, Any]] = {
    "particles.repopulation.repopulated_accuracy": {
        **IMAGES,
        **GENERATED,
        "points": 2,
        "test": 4,
        "features": (2, 5),
    },
    "particles.tangent_spaces.tangent_ridge": {**IMAGES, **GENERATED, "test": 3},
    "particles.selection.sampled_distance": {**NETWORK, "importance": "u"},
    "particles.selection.importance_gain": NETWORK,
    "particles.selection.pruned_accuracy": {
        **IMAGES,
        **TRAINED,
        "n": 4,
        "test": 5,
        "m": 6,
        "kept": 2,
        "selections": 2,
        "penalty": 0.01,
    },
    "particles.smoothness.smoothness": {**IMAGES, **TRAINED, "n": 4, "m": 6, "directions": 2},
    "particles.span.moved": {
        "n": 3,
        "d": 6,
        "m": 4,
        "blank": 1,
        "activation": "tanh",
        "optimiser": "batches",
        "decay": 0.0,
        "step_size": 0.1,
        "steps": 3,
    },
    "particles.teacher.student": {
        "m": 5,
        "n": 4,
        "test": 6,
        "temperature": 0.01,
        "decay": 0.1,
        "step_size": 0.5,
        "steps": 2,
        "diffusion": 0.02,
    },
}
COUNTS = {"particles.repopulation.repopulated_accuracy", "particles.selection.pruned_accuracy"}
