"""Where the weights tell the coefficients of Eq. (9): derived in `theory._mathematics.tangent_training`."""

import numpy as np

from lazy_assay.theory import Assumption
from lazy_assay.theory._mathematics.tangent_training import Start
from lazy_assay.theory._mathematics.two_layer import Array


def reads(theta: Array, u: Array, alpha: float, points: Array, labels: Array, activation: str) -> bool:
    """Whether the first step moves β in a direction that the weights determine of both; see `tangent_training`."""
    start = Start(theta, u, alpha, points, labels, points, activation)
    gap = labels - start.offset(points)
    seen, least = np.linalg.norm(start.readable().T @ gap), len(points) * np.finfo(float).eps
    return bool(seen > least * (np.linalg.norm(labels) + np.linalg.norm(gap)))


# A movement of the weights has coefficients (9) always; they are unique where features of points are independent.
READABLE = Assumption(
    name="readable",
    sentence="the weights determine β^u and β^θ in some direction, along which they moved",
    holds=reads,
)
