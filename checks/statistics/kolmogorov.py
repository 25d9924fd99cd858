"""The largest distance between a law and the draws from it, with the exact bound of Dvoretzky, Kiefer and Wolfowitz.

Source: Massart, The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality (Annals of Probability 1990):
P(sup |F_n - F| > e) <= 2 exp(-2 n e^2), for every law F, continuous or not, and every n.
"""

import math
from collections.abc import Callable

import numpy as np

from lazy_assay.checks.statistics.sequence import Array


def distance_radius(n: int, level: float) -> float:
    """What the distance of n draws to their own law exceeds with probability `level` at most."""
    return math.sqrt(math.log(2 / level) / (2 * n))


def distance_draws(resolution: float, level: float, miss: float) -> int:
    """Draws at which a law further than `resolution` from the one claimed is told with probability 1 - miss."""
    one = distance_radius(1, level) + distance_radius(1, miss)
    return math.ceil((one / resolution) ** 2)


def largest_distance(draws: Array, cdf: Callable[[Array], Array]) -> tuple[float, float]:
    """sup |F_n - F| over all x, and where it is attained; draws (n,). Atoms of F may lie at draws.

    cdf: right-continuous, vectorised. Raises ValueError where its values are no distribution function at the draws.
    """
    points, counts = np.unique(draws, return_counts=True)
    after = np.cumsum(counts) / draws.size
    before = np.concatenate([[0.0], after[:-1]])
    at, just_below = _values(cdf, points), _values(cdf, np.nextafter(points, -np.inf))
    gaps = np.maximum(np.abs(after - at), np.abs(before - just_below))
    worst = int(gaps.argmax())
    return float(gaps[worst]), float(points[worst])


def _values(cdf: Callable[[Array], Array], points: Array) -> Array:
    values = np.asarray(cdf(points), dtype=np.float64)
    if values.shape != points.shape:
        raise ValueError(f"cdf of {points.size} points returned shape {values.shape}: it must work on arrays")
    if not ((values >= 0) & (values <= 1)).all() or (np.diff(values) < -1e-12).any():
        raise ValueError("cdf must rise from 0 to 1, and does not at the draws")
    return values
