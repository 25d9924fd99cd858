"""Small sizes of the simulations of deep networks in the mean-field scaling."""

from __future__ import annotations

from typing import Any

import numpy as np

SIZES: dict[str, dict[str, Any]] = {
    "deep.mean_field.spreads": {
        "widths": np.array([2, 3]),
        "repeats": np.array([2, 1]),
        "hidden": 3,
        "weights": "fixed",
        "outer": "random",
        "n": 3,
        "d": 2,
        "step_size": 0.5,
        "steps": 2,
    },
}
