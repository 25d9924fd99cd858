"""Sizes small enough to run each flow of a scaled model in milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np

NETWORK: dict[str, Any] = {
    "points": np.linspace(-1, 1, 6).reshape(3, 2) ** 3,
    "labels": np.array([1.0, -0.5, 0.3]),
    "W": np.linspace(-1, 2, 8).reshape(2, 4),
    "u": np.array([0.5, -1.0, 1.5, 0.2]),
    "activation": "tanh",
    "initialisation": "centred",
    "alpha": 8.0,
}
VECTOR = {"model": "squares", "labels": np.array([0.3, -0.2]), "alpha": 8.0}
FOLLOWED = {"t": 0.5, "convexity": 1.0, "smoothness": 3.0, "rate": 0.5, "steps": 1}
LINEAR = {"T": 0.5, "steps": 1}

SIZES: dict[str, dict[str, Any]] = {
    "lazy.scaled_flow.residual_norm_at": {**VECTOR, **FOLLOWED},
    "lazy.scaled_flow.network_residual_norm_at": {**NETWORK, **FOLLOWED},
    "lazy.scaled_flow.relative_gap_at": {**VECTOR, **LINEAR},
    "lazy.scaled_flow.network_relative_gap_at": {**NETWORK, **LINEAR},
}
