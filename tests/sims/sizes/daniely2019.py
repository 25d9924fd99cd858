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
    "random_embeddings.approximation_error": {**EMBEDDING, **TARGET},
    "random_embeddings.paired_error": EMBEDDING,
    "random_embeddings.feature_square": {
        "centres": POINTS[:2],
        "coefficients": np.array([0.5, -1.0]),
        "distribution": "sphere",
        "activation": "abs",
        "replicas": 2,
    },
    "random_embeddings.excess_loss": {**EMBEDDING, **LOSS},
    "random_embeddings.sgd_excess_loss": {
        "points": POINTS,
        **LOSS,
        "q": 3,
        "activation": "abs",
        "steps": 4,
        "step_size": 0.1,
    },
    "random_embeddings.kernel_variance": {**PAIR, "activation": "tanh", "replicas": 3},
    "random_embeddings.active_share": {**PAIR, "active": 1, "replicas": 1000},
    "random_embeddings.kernel_distance": {
        "points": POINTS,
        "kernel": np.eye(4),
        "sizes": np.array([2, 4]),
        "replicas": 2,
        "activation": "erf",
    },
    "random_embeddings.reproduced_value_at": {**AT, "labels": LABELS},
    "random_embeddings.smallest_vector_norm_at": {**AT, "labels": LABELS},
    "paired_initialisation.tangent_kernel": {**PAIR, "B": 2.0, "activation": "sin"},
    "paired_initialisation.standard_tangent_kernel": {**PAIR, "B": 2.0, "activation": "sin"},
    "paired_initialisation.largest_output_at": {**AT, "B": 2.0},
    "paired_initialisation.unpaired_gradient_at": {**AT, "B": 2.0},
    "paired_initialisation.smallest_direction_at": {**AT, "B": 2.0, "labels": LABELS},
    "random_points.squared_boundedness": {"d": 3, "m": 5},
    "random_points.squared_boundedness_at": {"points": POINTS},
    "random_points.squared_coordinate": {"distribution": "sphere", "d": 3, "tilt": 1, "replicas": 2},
}
