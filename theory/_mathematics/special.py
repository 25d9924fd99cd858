"""Functions of scipy.special in tables: loaded where they are first called, since a list of claims calls none."""

from __future__ import annotations

import numpy as np
import scipy

Array = np.ndarray


def erf(u: Array) -> Array:
    """erf(u), elementwise."""
    return np.asarray(scipy.special.erf(u))


def sigmoid(u: Array) -> Array:
    """1/(1 + exp(−u)), elementwise."""
    return np.asarray(scipy.special.expit(u))
