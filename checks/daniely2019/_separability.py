"""Whether points are separable by a linear function of lazy features: decided by linear programming, draw by draw.

Rows a_i = y_i φ(x_i) are separable where some v has <a_i, v> ≥ 1 for every i. The programme min s ≥ 0 with <a_i, v> + s
≥ 1 is feasible and bounded always, and its value is 0 there and 1 elsewhere: where no v does, Gordan's theorem has
weights λ ≥ 0 of sum 1 with Σ λ_i a_i = 0, so s ≥ Σ λ_i (1 − <a_i, v>) = 1. No tolerance of the solver is near 1/2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lazy_assay.sims.paired.network import lazy_features


def separable(
    *,
    d: int,
    m: int,
    q: int,
    activation: str,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> NDArray[np.float64]:
    """1 where m random points with random labels are separable by the tangent features of q neurons, else 0; (trials,).

    Features are drawn on `device`; the linear programmes run on the CPU.
    """
    drawn = lazy_features(
        d=d, m=m, q=q, activation=activation, trials=trials, entropy=entropy, device=device, dtype=dtype
    )
    return np.array([float(_feasible(rows)) for rows in np.asarray(drawn.cpu(), dtype=float)])


def separable_share(
    *,
    d: int,
    m: int,
    q: int,
    activation: str,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> NDArray[np.float64]:
    """The share of all labelings of m random points that the tangent features of q neurons separate; (trials,).

    Every one of 2^(m−1) is tried, for a labeling is separable with its opposite.
    """
    drawn = lazy_features(
        d=d, m=m, q=q, activation=activation, trials=trials, entropy=entropy, device=device, dtype=dtype
    )
    labelings = 1.0 - 2.0 * (np.arange(2 ** (m - 1))[:, None] >> np.arange(m) & 1)
    told = [[_feasible(signs[:, None] * rows) for signs in labelings] for rows in np.asarray(drawn.cpu(), dtype=float)]
    return np.asarray(np.array(told, dtype=float).mean(axis=1))


def _feasible(rows: NDArray[np.float64]) -> bool:
    """Whether rows · v ≥ 1 has a solution. Raises RuntimeError where the solver does not tell."""
    from scipy.optimize import linprog

    # Rows of norm one: a positive factor a row changes nothing, and the solver's tolerances then mean the same for all.
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    if not norms.all():
        return False
    count, size = rows.shape
    constraints = np.hstack([-rows / norms, -np.ones((count, 1))])
    free = [(None, None)] * size + [(0, None)]
    told: Any = linprog(np.eye(size + 1)[-1], A_ub=constraints, b_ub=-np.ones(count), bounds=free, method="highs")
    if told.status != 0:
        raise RuntimeError(f"the linear programme of {rows.shape} did not end: {told.message}")
    return bool(told.fun < 1 / 2)


def least_separating_widths(
    *,
    d: int,
    points: Any,
    activation: str,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> NDArray[np.float64]:
    """For each number of points m of `points`: the least q whose features separate them; (trials, len(points)).

    Neurons come in a sequence, of which q takes the first q: more neurons separate whatever fewer do, so bisection
    between 1 and 2m/d + 8 finds it (infinite, where the widest do not).
    """
    columns = []
    for index, m in enumerate(np.asarray(points).tolist()):
        widest = 2 * int(m) // d + 8
        drawn = lazy_features(
            d=d,
            m=int(m),
            q=widest,
            activation=activation,
            trials=trials,
            entropy=entropy + index,
            device=device,
            dtype=dtype,
        )
        columns.append([_least(rows, d, widest) for rows in np.asarray(drawn.cpu(), dtype=float)])
    return np.array(columns).T


def _least(rows: NDArray[np.float64], d: int, widest: int) -> float:
    low, high = 0, widest
    if not _feasible(rows):
        return float("inf")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _feasible(rows[:, : middle * d]) else (middle, high)
    return float(high)
