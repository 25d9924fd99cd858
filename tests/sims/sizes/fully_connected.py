"""Small sizes of the fully connected networks' simulations."""

from __future__ import annotations

from typing import Any

import numpy as np

SIZES: dict[str, dict[str, Any]] = {
    "deep.fully_connected.parameter_count_at": {"m_x": 3, "m_y": 2, "n": 4, "H": 2},
    "deep.fully_connected.inputs_and_weights": {
        "samples": 2,
        "widths": np.array([3, 2, 4, 1]),
        "gain": 1.0,
        "bias_scale": 0.5,
    },
}
