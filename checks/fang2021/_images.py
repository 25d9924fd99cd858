"""Images of unit root mean square norm for networks in the mean-field scaling, whole, with their pixels in order."""

from __future__ import annotations

from typing import Any

import numpy as np

from lazy_assay.checks import Values


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
