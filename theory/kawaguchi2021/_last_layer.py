"""A last linear layer on fixed features, f = [h, 1] w: minima, distances to them and curvatures, in closed form."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# ‖∇²ℓ‖: of ‖q − y‖², and of cross-entropy, whose Hessian diag(p) − ppᵀ is at most 1/2 (at p = (1/2, 1/2, 0, …)).
LIPSCHITZ = {"squared": 2.0, "cross_entropy": 0.5}


def lipschitz_bound(features: Array, lipschitz: float) -> float:
    """L_H = (L_ℓ/n) Σ_i ‖[h_i, 1]‖²; `features` holds the column of ones."""
    return float(lipschitz * np.square(features).sum() / len(features))


def minimiser(features: Array, targets: Array, start: Array, loss: str) -> Array:
    """The minimiser of the mean loss that is nearest to `start`.

    squared: by the pseudo-inverse. cross_entropy: for features of full row rank and targets that are positive
    probabilities, q = log y up to a constant a row, which costs nothing: it is taken where it moves w least.
    """
    inverse = np.linalg.pinv(features)
    if loss == "squared":
        return np.asarray(start + inverse @ (targets - features @ start))
    missing = np.log(targets) - features @ start
    return np.asarray(start + inverse @ (missing - missing.mean(1, keepdims=True)))


def mean_loss(features: Array, targets: Array, w: Array, loss: str) -> float:
    """The mean over the points of the squared loss or the cross-entropy."""
    q = features @ w
    if loss == "squared":
        return float(np.square(q - targets).sum(1).mean())
    top = q.max(1, keepdims=True)
    logs = q - top - np.log(np.exp(q - top).sum(1, keepdims=True))
    return float(-(targets * logs).sum(1).mean())


def modes(features: Array, targets: Array, start: Array) -> tuple[Array, Array]:
    """Squared loss: eigenvalues λ_j of the Hessian (2/n) FᵀF, and squared distances r_j² to the minimum along them."""
    values, basis = np.linalg.eigh(2 * features.T @ features / len(features))
    gap = start - minimiser(features, targets, start, "squared")
    return np.maximum(values, 0.0), np.square(basis.T @ gap).sum(1)


def sharpest_comparator(features: Array, targets: Array, start: Array, L_H: float, t: int) -> Array:
    """Squared loss: the u that makes L(u) + L_H‖start − u‖²/(4t) least, a ridge solution."""
    n, m = features.shape
    left = 2 * features.T @ features / n + L_H / (2 * t) * np.eye(m)
    right = 2 * features.T @ (targets - features @ start) / n
    return np.asarray(start + np.linalg.solve(left, right))


def decayed_limit(features: Array, targets: Array, scale: float, decay: float) -> float:
    """What ‖Fw − y‖²/s tends to as ‖Fw − y‖²/s + (λ/2)‖w‖² descends: Σ_j (λs/(λs + 2μ_j))² r_j²/s (`algorithm1`)."""
    left, _, _ = _left_by_decay(features, targets, scale, decay)
    return float(np.square(left).sum() / scale)


def decayed_loss(
    features: Array, targets: Array, outputs: Array, *, scale: float, decay: float, step_size: float, t: int
) -> float:
    """‖Fw − y‖²/s after t steps of that descent from `outputs` = Fw⁰: along μ_j what is not yet the limit shrinks by
    1 − η(2μ_j/s + λ) a step."""
    left, mu, basis = _left_by_decay(features, targets, scale, decay)
    shrunk = (1 - step_size * (2 * mu / scale + decay))[:, None] ** t
    error = shrunk * (basis.T @ (outputs - targets) + left) - left
    return float(np.square(error).sum() / scale)


def _left_by_decay(features: Array, targets: Array, scale: float, decay: float) -> tuple[Array, Array, Array]:
    """λs/(λs + 2μ_j) of r_j, with the eigenvalues μ_j and eigenvectors of F Fᵀ."""
    mu, basis = np.linalg.eigh(features @ features.T)
    mu = np.maximum(mu, 0.0)
    share = np.divide(decay * scale, decay * scale + 2 * mu, out=np.zeros_like(mu), where=decay * scale + 2 * mu > 0)
    return share[:, None] * (basis.T @ targets), mu, basis
