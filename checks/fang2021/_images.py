"""Images of unit root mean square norm for networks in the mean-field scaling, whole, with their pixels in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lazy_assay.checks import Values

# Networks as in figure 8, and the auto-encoder that is fitted to their neurons.
LEARNED: Mapping[str, Any] = {
    "activation": "relu",
    "theta_scale": 0.1,
    "step_size": 1.0,
    "steps": 100,
    "latent": 8,
    "hidden": 64,
    "batch": 100,
    "fits": 300,
    "rate": 3e-3,
    "penalty": 1e-3,
}

# From so many neurons, or networks, on a figure takes the paper's own images.
PAPER_SIZE = 1000


def shown_at(size: int) -> tuple[str, int]:
    """The data set that a figure of a size shows, and its pixels: MNIST-5k at the paper's, digits below."""
    return ("mnist5k", 784) if size >= PAPER_SIZE else ("digits", 64)


def images(values: Values, *, test: int) -> dict[str, Any]:
    """All images and one-hot classes of a configuration's set, its n and m, and points to test on, by argument."""
    data = values["data"]
    scale = np.sqrt(np.square(data.inputs).sum(1).mean())
    return {
        "inputs": data.inputs / scale,
        "targets": np.eye(int(data.classes.max()) + 1)[data.classes],
        "n": int(values["n"]),
        "m": int(values["m"]),
        "test": test,
    }
