"""Exact risks of Ghorbani et al.'s models given W, for many W at once: written out here, apart from theory and sims."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq

ODD = ("erf", "tanh", "sigmoid", "sin")
X = np.linspace(-13, 13, 1041)
DENSITY = (X[1] - X[0]) * np.exp(-(X**2) / 2) / np.sqrt(2 * np.pi)
# softplus(x) = x/2 + log 2 cosh(x/2): its odd part is exact, its even part has these degrees.
DEGREES, LONGEST, NODES = range(0, 62, 2), 6.0, 140


def _softplus_table() -> np.ndarray:
    """Chebyshev coefficients in r of E[log 2 cosh(rG/2) he_k(G)], he_k orthonormal, shape (NODES, degrees)."""
    rows = [np.ones_like(X), X]
    for k in range(1, max(DEGREES)):
        rows.append((X * rows[k] - np.sqrt(k) * rows[k - 1]) / np.sqrt(k + 1))
    nodes = np.cos(np.pi * (np.arange(NODES) + 0.5) / NODES)
    r = LONGEST / 2 * (nodes + 1)
    values = np.logaddexp(r[:, None] * X / 2, -r[:, None] * X / 2) @ (np.array([rows[k] for k in DEGREES]) * DENSITY).T
    return np.linalg.solve(np.polynomial.chebyshev.chebvander(nodes, NODES - 1), values)


TABLE = _softplus_table()
MEAN = {"quadratic": 1.0, "hermite2_3": 0.0, "relu": 1 / np.sqrt(2 * np.pi), "abs": np.sqrt(2 / np.pi)}
MEAN["softplus"] = float(np.logaddexp(X / 2, -X / 2) @ DENSITY)


def _even_softplus(r: np.ndarray) -> np.ndarray:
    basis = np.polynomial.chebyshev.chebvander((2 * r.ravel() / LONGEST - 1).clip(-1, 1), NODES - 1)
    return np.asarray((basis @ TABLE).reshape(*r.shape, len(DEGREES)))


def _outer(a: np.ndarray) -> np.ndarray:
    return np.asarray(a[:, :, None] * a[:, None, :])


def _mean(s: np.ndarray, activation: str) -> np.ndarray:
    """E sigma(sqrt(s) G), centred at s = 1."""
    if activation in ("quadratic", "hermite2_3"):
        return s - 1
    if activation == "softplus":
        return np.asarray(_even_softplus(np.sqrt(s))[..., 0] - MEAN["softplus"])
    return np.asarray((np.sqrt(s) - 1) * MEAN[activation])


def _gram(S: np.ndarray, activation: str) -> np.ndarray:
    """E sigma(u_i) sigma(u_j), centred at the mean for unit variance, for u of covariance S (trials, N, N)."""
    s = np.einsum("tii->ti", S)
    if activation in ("quadratic", "hermite2_3"):
        even = 2 * S**2 + _outer(s - 1)
        return np.asarray(even if activation == "quadratic" else even + S * (6 * S**2 + 9 * _outer(s - 1)))
    r = np.sqrt(s)
    cosine = np.clip(S / _outer(r), -1, 1)
    if activation == "softplus":
        mu, K, power = _even_softplus(r), S / 4, np.ones_like(S)
        mu[..., 0] -= MEAN["softplus"]
        for j in range(len(DEGREES)):
            K, power = K + _outer(mu[..., j]) * power, power * cosine**2
        return K
    half = np.sqrt((1 - cosine) * (1 + cosine)) + cosine * np.arcsin(cosine)
    scale = 4 if activation == "abs" else 1
    own = scale * _outer(r) * half / (2 * np.pi) + (0 if activation == "abs" else S / 4)
    c = MEAN[activation]
    return np.asarray(own - c**2 * (r[:, :, None] + r[:, None, :]) + c**2)


def _explained(K: np.ndarray, v: np.ndarray) -> np.ndarray:
    N = K.shape[1]
    ridge = 1e-13 * N * np.einsum("tii->t", K) / N
    return np.asarray((v * np.linalg.solve(K + ridge[:, None, None] * np.eye(N), v[:, :, None])[:, :, 0]).sum(axis=1))


def _full(matrix: np.ndarray) -> np.ndarray:
    return np.diag(matrix) if matrix.ndim == 1 else matrix


def _root(matrix: np.ndarray) -> np.ndarray:
    values, basis = np.linalg.eigh(_full(matrix))
    return np.asarray((basis * np.sqrt(np.maximum(values, 0))) @ basis.T)


def _weights(rng: np.random.Generator, trials: int, N: int, Gamma: np.ndarray) -> np.ndarray:
    return np.asarray(rng.standard_normal((trials, N, len(Gamma))) @ _root(Gamma))


def features(
    rng: np.random.Generator,
    trials: int,
    N: int,
    B: np.ndarray,
    Gamma: np.ndarray,
    activation: str = "quadratic",
    **_: int,
) -> np.ndarray:
    """1 − v'K⁻¹v/(2|B|²); every odd activation leaves the risk at 1."""
    if activation in ODD:
        return np.ones(trials)
    W, B = _weights(rng, trials, N, Gamma), _full(B)
    S = W @ W.transpose(0, 2, 1)
    s = np.einsum("tii->ti", S)
    if activation in ("quadratic", "hermite2_3"):
        response = np.full_like(s, 2.0)
    elif activation == "softplus":
        response = np.sqrt(2) * _even_softplus(np.sqrt(s))[..., 1] / s
    else:
        response = MEAN[activation] / np.sqrt(s)
    v = ((W @ B) * W).sum(axis=-1) * response
    return np.asarray(1 - _explained(_gram(S, activation), v) / (2 * (B**2).sum()))


def mixture_features(
    rng: np.random.Generator,
    trials: int,
    N: int,
    Sigma: np.ndarray,
    Delta: np.ndarray,
    Gamma: np.ndarray,
    activation: str = "quadratic",
    **_: int,
) -> np.ndarray:
    """1 − v'K⁻¹v from the moments of the two classes."""
    if activation in ODD:
        return np.ones(trials)
    W, K, means = _weights(rng, trials, N, Gamma), np.zeros((N, N)), []
    for side in (-1, 1):
        S = W @ (_full(Sigma) + side * _full(Delta)) @ W.transpose(0, 2, 1)
        S = (S + S.transpose(0, 2, 1)) / 2
        K = K + _gram(S, activation) / 2
        means.append(_mean(np.einsum("tii->ti", S), activation))
    return 1 - _explained(K, (means[0] - means[1]) / 2)


def _frames(rng: np.random.Generator, trials: int, d: int) -> np.ndarray:
    return np.linalg.qr(rng.standard_normal((trials, d, d)))[0]


def tangent(rng: np.random.Generator, trials: int, d: int, N: int, B: np.ndarray, **_: Any) -> np.ndarray:
    """‖PBP‖²/‖B‖², P the projection orthogonal to N Gaussian weights."""
    left = _frames(rng, trials, d)[:, :, : max(d - N, 0)]
    return np.asarray(((left.transpose(0, 2, 1) @ _full(B) @ left) ** 2).sum(axis=(1, 2)) / (_full(B) ** 2).sum())


def mixture_tangent(rng: np.random.Generator, trials: int, d: int, N: int, Delta: np.ndarray, **_: Any) -> np.ndarray:
    """1/(1 + X), X = ½ v'(I + D)⁻¹v over an orthonormal basis of the tangent class's symmetric matrices."""
    Q = _frames(rng, trials, d)
    D = Q.transpose(0, 2, 1) @ _full(Delta) @ Q
    i, j = np.triu_indices(d)
    i, j = i[i < N], j[i < N]
    weight = np.where(i == j, np.sqrt(0.5), 1.0)
    K = D[:, i[:, None], i] * D[:, j[:, None], j] + D[:, i[:, None], j] * D[:, j[:, None], i]
    v = D[:, i, j] * np.where(i == j, 1.0, np.sqrt(2))
    return 1 / (1 + _explained(K * np.outer(weight, weight) + np.eye(len(i)), v) / 2)


def rank_bounded(rng: np.random.Generator, trials: int, N: int, B: np.ndarray, **_: Any) -> np.ndarray:
    """Eckart–Young for symmetric matrices that need not be definite: N positive eigenvalues are kept."""
    values = np.sort(np.linalg.eigvalsh(_full(B)))[::-1]
    values[: min(N, len(values))] = np.minimum(values[: min(N, len(values))], 0)
    return np.full(trials, (values**2).sum() / (_full(B) ** 2).sum())


def mixture_network(
    rng: np.random.Generator, trials: int, N: int, Sigma: np.ndarray, Delta: np.ndarray, **_: Any
) -> np.ndarray:
    """The supremum over the N leading generalised eigenvectors of Delta against Sigma."""
    inverse = np.linalg.inv(_root(Sigma))
    values = np.sort(np.linalg.eigvalsh(inverse @ _full(Delta) @ inverse) ** 2)[::-1][:N]
    return np.full(trials, 1 / (1 + (values / (1 + values)).sum() / 2))


def at_the_best_covariance(rng: np.random.Generator, trials: int, N: int, B: np.ndarray, **_: int) -> np.ndarray:
    """Γ ∝ (B − cI)₊, N c = Tr(B − cI)₊: the level by bisection, for a semidefinite B."""
    values, basis = np.linalg.eigh(_full(B))
    c = brentq(lambda level: N * level - np.maximum(values - level, 0).sum(), 0, values.max())
    kept = np.maximum(values - c, 0)
    return features(rng, trials, N, B, (basis * kept) @ basis.T / kept.sum())


def in_regime_17(rng: np.random.Generator, trials: int, d: int, N: int, Delta: np.ndarray, **_: Any) -> np.ndarray:
    return mixture_features(rng, trials, N, np.ones(d), Delta, np.ones(d) / d)


@pytest.fixture(scope="session")
def oracle() -> SimpleNamespace:
    """Each function takes rng, trials and a configuration, and gives the risks of so many draws of W, (trials,)."""
    return SimpleNamespace(
        features=features, mixture_features=mixture_features, tangent=tangent, mixture_tangent=mixture_tangent,
        rank_bounded=rank_bounded, mixture_network=mixture_network, at_the_best_covariance=at_the_best_covariance,
        in_regime_17=in_regime_17,
    )  # fmt: skip
