"""How far the finite-size predictions of Theorems 4 and 5 are from the simulated mean risk, and allowances that cover it.

    python benchmarks/calibrate_mixture.py [activation | tangent ...]      about 1 CPU minute each

Theorem 4: each cell simulates the exact population risk 1 - v'K^{-1}v given W, K and v from the moments of the two classes,
and is adjusted by control variates (averages of w'Delta w, |w|^2, their squares and product over the neurons). A cell
prints 1e4 times (prediction - mean) and, in brackets, (limit - mean). Theorem 5: least squares over the tangent space.
"""

import numpy as np
from calibrate_random_features import adjusted_mean, kernel_and_response
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from theory.ghorbani2019._activations import ACTIVATIONS

Array = NDArray[np.float64]
DIMENSIONS, RATIOS = (25, 40, 64, 100), (0.25, 0.5, 1.0, 2.0, 4.0)
CELL_FLOPS = 2.5e9
MARGIN = 1.25
KINDS = ("positive", "signed", "opposed", "rotated")


def case(kind: str, d: int) -> tuple[Array, Array]:
    """gamma (d,) of sum 1 and Delta (d, d), whitened."""
    rng = np.random.default_rng([d, len(kind), 3])
    delta = rng.choice([2, 1.5, 1], size=d) / np.sqrt(d)
    gamma = np.ones(d) / d
    if kind == "signed":
        delta = delta * np.where(rng.random(d) < 0.3, -1, 1)
    if kind in ("opposed", "rotated"):
        # Sigma linear and Gamma opposed to it, whitened.
        sigma = np.linspace(0.5, 1.5, d)
        gamma, delta = sigma * sigma[::-1], delta / sigma
    Delta = np.diag(delta)
    if kind == "rotated":
        gamma = np.linspace(0.3, 1.7, d)
        Q = np.linalg.qr(rng.standard_normal((d, d)))[0]
        Delta = (Q * rng.choice([2, 1.5, -1], size=d) / np.sqrt(d)) @ Q.T
    return gamma / gamma.sum(), (Delta + Delta.T) / 2


def simulate(N: int, gamma: Array, Delta: Array, activation: str, seed: list[int], trials: int) -> tuple[float, float]:
    """Adjusted mean and standard error of the exact risk given W."""
    rng, d, sigma = np.random.default_rng(seed), len(gamma), ACTIVATIONS[activation]
    roots = [np.linalg.cholesky(np.eye(d) - side * Delta) for side in (1, -1)]
    risks, controls = np.empty(trials), np.empty((trials, 5))
    G = Delta * np.sqrt(np.outer(gamma, gamma))
    means = (np.trace(G), 1 + 0.0, 2 * (G**2).sum() + np.trace(G) ** 2, 1 + 2 * gamma @ gamma)
    cross = np.trace(G) + 2 * gamma @ np.diagonal(G)
    for trial in range(trials):
        W = rng.standard_normal((N, d)) * np.sqrt(gamma)
        K, level = np.zeros((N, N)), []
        for root in roots:
            V = W @ root
            K += kernel_and_response(V, activation)[0] / 2
            level.append(sigma.scaled_coefficients(np.sqrt((V**2).sum(axis=1)), 0)[0])
        v = (level[0] - level[1]) / 2
        risks[trial] = 1 - v @ cho_solve(cho_factor(K), v)
        D, s = ((W @ Delta) * W).sum(axis=1), (W**2).sum(axis=1)
        controls[trial] = [x.mean() - e for x, e in zip((D, s, D**2, s**2, D * s), (*means, cross), strict=True)]
    return adjusted_mean(risks, controls)
