"""Small sizes of the experiments of Kawaguchi and Sun, section 7.2."""

from __future__ import annotations

from typing import Any

import numpy as np

IMAGES = np.sin(np.arange(6 * 16).reshape(6, 1, 4, 4) ** 1.5)

SIZES: dict[str, dict[str, Any]] = {
    "deep.two_phase_classification.base_and_two_phase": {
        "images": IMAGES,
        "classes": np.array([0, 1, 2, 0, 1, 2]),
        "test_images": IMAGES[::-1].copy(),
        "test_classes": np.array([2, 1, 0, 2, 1, 0]),
        "network": "resnet",
        "width": 2,
        "blocks": [1, 1],
        "zeta": 100.0,
        "wrong": 0.2,
        "shift": 1,
        "step_size": 0.1,
        "momentum": 0.9,
        "weight_decay": 1e-5,
        "batch": 4,
        "switches": [1],
        "noises": [0.01],
        "decay": 0.1,
        "checkpoints": [0, 2],
    },
}
