"""Least squares with an ℓ1 norm, an ℓ2 norm, or the square of an ℓ1 norm: least objectives and who attains them.

(1/2n)‖Ha − y‖² + the penalty, H of shape (n, features). With an ℓ1 norm by coordinate descent: a coordinate's own
problem is solved exactly at each turn, and the duality gap says how far from the minimum the objective can be.
"""

from __future__ import annotations

import math

import numpy as np
import scipy

from lazy_assay.theory import InvalidParameterError

Array = np.ndarray
TURNS = 200_000
GAP = 1e-13


def lasso_coefficients(H: Array, y: Array, strength: float) -> Array:
    """The a of least (1/2n)‖Ha − y‖² + strength·‖a‖_1. Raises InvalidParameterError where it takes too many turns."""
    n, a = len(y), np.zeros(H.shape[1])
    sizes, residual = np.square(H).sum(0) / n, y.astype(float).copy()
    for turn in range(TURNS):
        for j in np.flatnonzero(sizes):
            pull = H[:, j] @ residual / n + sizes[j] * a[j]
            new = np.sign(pull) * max(abs(pull) - strength, 0.0) / sizes[j]
            residual += H[:, j] * (a[j] - new)
            a[j] = new
        if turn % 20 == 19 and _gap(H, y, a, strength) <= GAP * max(1.0, float(y @ y) / n):
            return a
    raise InvalidParameterError(f"the ℓ1 problem is not solved in {TURNS} turns; take a larger weight decay")


def _gap(H: Array, y: Array, a: Array, strength: float) -> float:
    """Primal less dual objective: the residual over n, scaled down to |Hᵀv| ≤ strength, is feasible for the dual."""
    n, residual = len(y), y - H @ a
    v = residual / n * min(1.0, strength / max(float(np.abs(H.T @ residual).max()) / n, 1e-300))
    dual = float(y @ v - n / 2 * (v @ v))
    return float(residual @ residual / (2 * n) + strength * np.abs(a).sum() - dual)


def lasso(H: Array, y: Array, strength: float) -> float:
    """The least objective with strength·‖a‖_1."""
    a = lasso_coefficients(H, y, strength)
    return float(np.square(H @ a - y).mean() / 2 + strength * np.abs(a).sum())


def ridge(H: Array, y: Array, strength: float) -> float:
    """The least objective with (strength/2)‖a‖²."""
    a = np.linalg.solve(H.T @ H / len(y) + strength * np.eye(H.shape[1]), H.T @ y / len(y))
    return float(np.square(H @ a - y).mean() / 2 + strength / 2 * (a @ a))


def squared_lasso_coefficients(H: Array, y: Array, strength: float) -> Array:
    """The c of least (1/2n)‖Hc − y‖² + (strength/2)‖c‖_1²: least squares in its positive and negative parts."""
    rows = np.vstack([np.hstack([H, -H]), math.sqrt(strength * len(y)) * np.ones(2 * H.shape[1])])
    parts, _ = scipy.optimize.nnls(rows, np.append(y, 0.0))
    return np.asarray(parts[: H.shape[1]] - parts[H.shape[1] :])
