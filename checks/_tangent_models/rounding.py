"""Rounding budgets of solutions at given weights, from the condition of what is solved."""

import numpy as np

from lazy_assay.checks import OneOf, Values
from lazy_assay.theory._mathematics.two_layer import kernel_u

SEEDED = OneOf(tuple(f"gaussian:{seed}" for seed in range(100)))
EPSILON = float(np.finfo(float).eps)


def positive(K: np.ndarray) -> np.ndarray:
    """Eigenvalues of a kernel matrix (n, n), ascending, without those that are zero within its rounding.

    Features of the points are dependent along the latter (a point at which no neuron is active): nothing of an output,
    of a weight or of what training leaves lies there, for what multiplies K⁻¹ has no part in them. [1.0] for K = 0,
    where nothing moves.
    """
    eigenvalues = np.linalg.eigvalsh(K)
    kept = eigenvalues[eigenvalues > len(K) * EPSILON * eigenvalues[-1]]
    return np.asarray(kept if kept.size else np.ones(1))


def conditioned(values: Values) -> float:
    """Of a ridge or logistic solution, a bound by Cauchy–Schwarz: errors of a backward stable solve, twice.

    The normal equations' matrix, K_m/n + λ on its range, is solved with a relative error of sizes · ε · condition; the
    output is <h(z), u>, the norm <u, u>, with ‖u‖² ≤ ‖y‖²/(λn) (of the ridge problem; 2 log 2/λ of the logistic one).
    """
    theta, points, activation = values["theta"], values["points"], values["activation"]
    K, n, lam = kernel_u(theta, points, points, activation), len(points), float(values["lambda_"])
    condition = (float(np.linalg.eigvalsh(K)[-1]) / n + lam) / lam
    y = values["labels"] if "labels" in values else values["targets"]
    squared = max(float(np.square(y).sum()) / n, 2 * np.log(2)) / lam
    if "centres" in values:
        size = float(np.sqrt(np.diag(kernel_u(theta, values["centres"], values["centres"], activation))).sum())
        size *= np.sqrt(squared)
    else:
        size = squared
    return float(2 * (n + len(theta)) * EPSILON * condition * size)
