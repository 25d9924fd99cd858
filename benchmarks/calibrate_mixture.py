"""How far the finite-size predictions of Theorems 4 and 5 are from the simulated mean risk, and allowances for it.

    python benchmarks/calibrate_mixture.py [activation | tangent ...]      about 1 CPU minute each

Theorem 4: each cell simulates the exact population risk 1 - v'K^{-1}v given W, K and v from the two classes' moments,
and is adjusted by control variates (averages of w'Delta w, |w|^2, their squares and product over the neurons). A cell
prints 1e4 times (prediction - mean) and, in brackets, (limit - mean). Theorem 5: least squares over the tangent space.
The allowances: c max(rho, 1) / d^1.5 for Theorem 4, for d >= 25 and rho <= 4; c / d^2 for Theorem 5, d >= 8.
"""

import sys

import numpy as np
from calibrate_random_features import adjusted_mean, constant, kernel_and_response
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from lazy_assay.theory.ghorbani2019._activations import ACTIVATIONS
from lazy_assay.theory.ghorbani2019._tangent_mixture import exact_given_weights, mean_risk
from lazy_assay.theory.ghorbani2019.theorem4 import finite_risk, limit_risk

Array = NDArray[np.float64]
DIMENSIONS, RATIOS = (25, 36, 50, 80), (0.25, 0.5, 1.0, 2.0, 4.0)
CELL_FLOPS = 1.5e9
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
    mean, error = adjusted_mean(risks, controls)
    return mean, error


def calibrate(activation: str) -> Array:
    """One row a cell: d, rho, risk, |error|, standard error."""
    rows = []
    for d in DIMENSIONS:
        for kind in KINDS:
            gamma, Delta = case(kind, d)
            whitened = np.ones(d), Delta, np.diag(gamma), activation
            for rho in RATIOS:
                N = int(rho * d)
                trials = int(np.clip(CELL_FLOPS / (N**3 + 500 * N**2), 60, 600))
                mean, se = simulate(N, gamma, Delta, activation, [d, N, len(kind)], trials)
                error, gap = finite_risk(d, N, *whitened) - mean, limit_risk(rho, *whitened) - mean
                rows.append((d, rho, mean, abs(error), se))
                print(
                    f"{activation:10} {kind:8} d={d:3} rho={rho:<4g} risk={mean:.4f} {1e4 * error:+7.1f} "
                    f"({1e4 * gap:+7.0f})  se={1e4 * se:.1f}  n={trials}",
                    flush=True,
                )
    return np.array(rows)


def calibrate_tangent() -> float:
    """c such that c / d^2 covers |error| - 2 se of every cell, with a margin."""
    worst = 0.0
    for d, trials in ((8, 4000), (12, 2000), (16, 1000), (24, 500)):
        for kind in ("positive", "signed"):
            Delta = np.diagonal(case(kind, d)[1])
            for rho in (0.125, 0.25, 0.5, 0.75):
                N, rng = int(rho * d), np.random.default_rng([d, len(kind), 5])
                risks = [exact_given_weights(rng.standard_normal((d, N)), np.ones(d), Delta) for _ in range(trials)]
                error, se = mean_risk(d, N, Delta) - np.mean(risks), np.std(risks) / np.sqrt(trials)
                worst = max(worst, (abs(error) - 2 * se) * d**2)
                print(f"tangent    {kind:8} d={d:3} N={N:3} {1e4 * error:+7.1f}  se={1e4 * se:.1f}", flush=True)
    return MARGIN * worst


if __name__ == "__main__":
    for name in sys.argv[1:] or ("quadratic", "relu", "abs", "softplus", "hermite2_3", "tangent"):
        if name == "tangent":
            print(f"tangent: |error| <= {calibrate_tangent():.3g} / d^2")
        else:
            print(f"{name}: |error| <= {constant(calibrate(name)):.3g} max(rho, 1) / d^1.5")
