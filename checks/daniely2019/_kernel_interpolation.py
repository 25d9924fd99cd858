"""Kernel norms from below: the least norm of a function that takes given values at n random points of the sphere.

yᵀK⁻¹y is the squared norm of the interpolant, which no function with those values undercuts; it grows with n towards
the function's own. The Gram matrix comes from the tangent kernel's closed form, and nothing of its expansion is used.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lazy_assay.theory._mathematics.dual_activations import dual_of_slope


def power_norms(
    *,
    d: int,
    half_degree: int,
    n: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> NDArray[np.float64]:
    """√(yᵀK⁻¹y) with y = x₁^(2·half_degree) at n uniform points, a fresh set each; shape (trials,)."""
    rng = np.random.default_rng(entropy)
    return np.array([_norm(_sphere(rng, n, d), 2 * half_degree) for _ in range(trials)])


def constant_norms(
    *,
    dimensions: NDArray[np.float64],
    points_a_dimension: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> NDArray[np.float64]:
    """The same for the constant 1, in each of `dimensions`, with points in proportion; (trials, len(dimensions))."""
    rng = np.random.default_rng(entropy)
    sizes = [int(d) for d in dimensions]
    rows = [[_norm(_sphere(rng, points_a_dimension * d, d), 0) for d in sizes] for _ in range(trials)]
    return np.array(rows)


def _sphere(rng: np.random.Generator, n: int, d: int) -> NDArray[np.float64]:
    x = rng.standard_normal((n, d))
    return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))


def _norm(x: NDArray[np.float64], degree: int) -> float:
    c = np.clip(x @ x.T, -1, 1)
    np.fill_diagonal(c, 1.0)
    K, y = c * dual_of_slope("relu", c), x[:, 0] ** degree
    return math.sqrt(float(y @ np.linalg.solve(K, y)))
