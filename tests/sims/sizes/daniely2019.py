"""Sizes small enough to run each simulation of random embeddings and paired networks in milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np

POINTS = np.array([[0.6, 0.8, 0.0], [0.0, 0.6, -0.8], [1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
LABELS = np.array([1.0, -1.0, 1.0, -1.0])
FUNCTION = {"centres": POINTS[:2], "coefficients": np.array([0.5, -1.0]), "points": POINTS, "activation": "relu"}
EMBEDDING = {**FUNCTION, "q": 3, "replicas": 2}
TARGET = {"target": np.array([0.1, 0.2, -0.1, 0.0])}
LOSS = {**TARGET, "labels": LABELS, "loss": "hinge"}
PAIR = {"correlation": 0.3, "q": 3, "d": 4}
W = np.linspace(-1, 1, 15).reshape(3, 5) ** 3
AT = {"W": W, "points": POINTS, "activation": "softplus"}

SIZES: dict[str, dict[str, Any]] = {
    "paired.random_embeddings.approximation_error": {**EMBEDDING, **TARGET},
    "paired.random_embeddings.paired_error": EMBEDDING,
    "paired.random_embeddings.feature_square": {
        "centres": POINTS[:2],
        "coefficients": np.array([0.5, -1.0]),
        "distribution": "sphere",
        "activation": "abs",
        "replicas": 2,
    },
    "paired.random_embeddings.excess_loss": {**EMBEDDING, **LOSS},
    "paired.random_embeddings.sgd_excess_loss": {
        "points": POINTS,
        **LOSS,
        "q": 3,
        "activation": "abs",
        "steps": 4,
        "step_size": 0.1,
    },
    "paired.random_embeddings.kernel_variance": {**PAIR, "activation": "tanh", "replicas": 3},
    "paired.random_embeddings.active_share": {**PAIR, "active": 1, "replicas": 1000},
    "paired.random_embeddings.kernel_distance": {
        "points": POINTS,
        "kernel": np.eye(4),
        "sizes": np.array([2, 4]),
        "replicas": 2,
        "activation": "erf",
    },
    "paired.random_embeddings.reproduced_value_at": {**AT, "labels": LABELS},
    "paired.random_embeddings.smallest_vector_norm_at": {**AT, "labels": LABELS},
    "paired.initialisation.tangent_kernel": {**PAIR, "B": 2.0, "activation": "sin"},
    "paired.initialisation.standard_tangent_kernel": {**PAIR, "B": 2.0, "activation": "sin"},
    "paired.initialisation.largest_output_at": {**AT, "B": 2.0},
    "paired.initialisation.unpaired_gradient_at": {**AT, "B": 2.0},
    "paired.initialisation.smallest_direction_at": {**AT, "B": 2.0, "labels": LABELS},
    "data.random_points.squared_boundedness": {"d": 3, "m": 5},
    "data.random_points.squared_boundedness_at": {"points": POINTS},
    "data.random_points.squared_coordinate": {"distribution": "sphere", "d": 3, "tilt": 1, "replicas": 2},
}
