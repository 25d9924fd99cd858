"""Sizes small enough to run each simulation of Kearns et al. in milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np

IMAGES = np.abs(np.sin(np.arange(12.0 * 4) ** 2)).reshape(12, 4)
HEAD = {
    "widths": [24, 25], "images": IMAGES, "classes": np.arange(12) % 3, "pretrained": 6, "pretraining_steps": 2,
    "features": 32, "n": 6, "half_width": 0.5, "step_size": 0.01,
}  # fmt: skip

STEP = {"W": np.linspace(-1, 1, 6).reshape(3, 2) ** 3, "points": np.eye(4, 3), "labels": [1.0, -1.0, 1.0, -1.0]}
TANGENT = {
    "theta": np.linspace(-1, 1.5, 10).reshape(5, 2), "u": [1.0, -0.5, 0.3, 1.2, -2.0], "alpha": 2.0,
    "points": [[1.0, 0.0], [0.6, 0.8], [0.0, -1.0]], "labels": [1.0, -1.0, 0.5], "centres": [[0.8, 0.6]],
    "activation": "tanh",
}  # fmt: skip

SIZES: dict[str, dict[str, Any]] = {
    "movement.binary_classification.fitted": {
        "architectures": [[8], [9]],
        "half_widths": [0.5, 0.7],
        "step_sizes": [0.2],
        "target_losses": [0.6, 0.5],
        "most": 12,
        "n": 4,
        "d": 6,
    },
    "movement.binary_classification.hidden_weights_at": {"hidden": [3, 2], "d": 4},
    "movement.binary_classification.moved_at_random": {"widths": [3, 5], "d": 2, "half_width": 0.5, "move": 0.1},
    "movement.one_step.expansion_at": {**STEP, "quantity": "loss"},
    "movement.one_step.changes_at": {**STEP, "step_size": 0.01, "of": "derivative"},
    "movement.frozen_features.head_by_epochs": {**HEAD, "batch": 3, "epochs": 2, "accuracy": 0.9},
    "movement.frozen_features.head_to_loss": {**HEAD, "step_size": 0.1, "half_width": 0.05, "target": 0.9, "most": 10},
    "movement.large_weights.trained_output_at": {
        **{name: value for name, value in TANGENT.items() if name != "alpha"},
        "factor": 2.0,
        "step_size": 0.1,
        "steps": 2,
    },
    "features.tangent_regression.kernel_sum_at": {**TANGENT, "route": "features"},
    "features.tangent_regression.flowed_output_at": {**TANGENT, "time": 0.5, "steps": 2},
    "features.tangent_regression.kernel_entries": {"correlation": 0.3, "activation": "tanh", "m": 9, "repeats": 2},
}
