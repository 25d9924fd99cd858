"""The Gram matrix of a two-layer ReLU network at random weights: how often its least eigenvalue is small.

H(0) = (1/m) Σ_r X_r, X_r = D_r XXᵀ D_r with D_r the diagonal of 1{w_rᵀx_i ≥ 0}: a mean of m independent matrices
0 ⪯ X_r ⪯ L with L = ‖X‖² and mean H, the limiting Gram matrix. `chernoff` is the matrix Chernoff bound; `block_law` is
exact for two points, where H(0) is a function of three counts.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import scipy

from lazy_assay.theory._mathematics.dual_activations import dual_of_slope

Array = np.ndarray
# Sums over three counts: beyond, they are too many terms to add up one by one.
MOST = 128


def limiting_gram(points: Array) -> Array:
    """H of unit points, (n, n)."""
    products = points @ points.T
    return np.asarray(products * dual_of_slope("relu", products))


def least_eigenvalue(points: Array) -> float:
    """λ_0."""
    return float(np.linalg.eigvalsh(limiting_gram(points))[0])


def reach(points: Array) -> float:
    """L = ‖X‖², the largest eigenvalue of the points' products; from 1 to n."""
    return float(np.linalg.norm(points, 2)) ** 2


def exponent(share: float) -> float:
    """1 − s + s log s: what a neuron of λ_0/L = 1 adds to the exponent."""
    return 1 - share + share * math.log(share)


def chernoff(n: int, m: float, lambda_0: float, L: float, share: float) -> float:
    """n exp(−(mλ_0/L)(1 − s + s log s)), at most 1."""
    return min(1.0, n * math.exp(-m * lambda_0 / L * exponent(share)))


def least_of_pair(correlation: float) -> float:
    """λ_0 of two unit points of that product, and of any number of such pairs, each orthogonal to the others."""
    return 0.5 - correlation * both_active(correlation)


def both_active(correlation: float) -> float:
    """The chance that a neuron is active at both points of a pair, which is also that of neither."""
    return (math.pi - math.acos(correlation)) / (2 * math.pi)


@lru_cache(maxsize=32)
def atoms(m: int, correlation: float) -> tuple[Array, Array]:
    """Least eigenvalues of a pair's block of H(0), and their chances: one for each three counts, (counts,) each.

    a neurons are active at both points, b and b' at one alone: [[a + b, ca], [ca, a + b']]/m. Multinomial counts with
    chances q, ½ − q, ½ − q, and q for neither.
    """
    a, b, other = (np.indices((m + 1,) * 3).reshape(3, -1)[:, _inside(m)]).astype(float)
    q, neither = both_active(correlation), m - a - b - other
    ways = scipy.special.gammaln(m + 1) - sum(scipy.special.gammaln(counts + 1) for counts in (a, b, other, neither))
    chance = np.exp(ways + (a + neither) * math.log(q) + (b + other) * math.log(0.5 - q))
    least = (2 * a + b + other) / 2 - np.sqrt(((b - other) / 2) ** 2 + (correlation * a) ** 2)
    return least / m, chance


def _inside(m: int) -> Array:
    return np.asarray(np.indices((m + 1,) * 3).sum(axis=0).ravel() <= m)


def block_law(m: int, correlation: float, level: float) -> float:
    """P(λ_min ≤ level) for the block of one pair."""
    least, chance = atoms(m, correlation)
    return float(chance[least <= level].sum())


def any_block(pairs: int, chance: float) -> float:
    """1 − (1 − p)^pairs: blocks of orthogonal pairs see independent projections of the weights."""
    return -math.expm1(pairs * math.log1p(-chance)) if chance < 1 else 1.0
