"""Kernel spaces, vector random feature schemes and random embeddings as objects (sections 2.4 to 2.6).

A `Scheme` is the NTK scheme ψ(ω, x) = σ'(<ω, x>)x, ω ~ N(0, I), of an activation: its kernel is tk^h, its bound
C = sup|σ'|, and it is factorised. An `Embedding` is Ψ_ω = (ψ(ω_1, ·), …, ψ(ω_q, ·))/√q for given ω. A `KernelFunction`
is f = Σ_j c_j k(·, z_j), of squared norm cᵀKc; f̌(ω) = Σ_j c_j ψ(ω, z_j) represents it in L²(Ω, R^d).
"""

from dataclasses import dataclass

import numpy as np

from lazy_assay.theory._mathematics import dual_activations as duals

Array = np.ndarray
EPSILON = float(np.finfo(float).eps)


@dataclass(frozen=True)
class Scheme:
    """The NTK scheme of an activation, by name."""

    activation: str

    @property
    def bound(self) -> float:
        """C = ‖ψ‖ = sup|σ'|: the inputs have norm one."""
        return duals.largest_slope(self.activation)

    def feature(self, omega: Array, x: Array) -> Array:
        """ψ(ω, x), shape (len(x), len(omega), d)."""
        return np.asarray(duals.named(self.activation).slope(x @ omega.T)[:, :, None] * x[:, None, :])

    def kernel(self, x: Array, y: Array) -> Array:
        """k(x_i, y_j) = <x_i, y_j> E[σ'(<ω, x_i>)σ'(<ω, y_j>)], shape (len(x), len(y))."""
        c = np.clip(x @ y.T, -1.0, 1.0)
        return np.asarray(c * duals.dual_of_slope(self.activation, c))


@dataclass(frozen=True)
class Embedding:
    """A random q-embedding: a scheme at given ω, shape (q, d)."""

    scheme: Scheme
    omega: Array

    def __call__(self, x: Array) -> Array:
        """Ψ_ω(x), shape (len(x), q d)."""
        features = self.scheme.feature(self.omega, x) / np.sqrt(len(self.omega))
        return np.asarray(features.reshape(len(x), -1))

    def kernel(self, x: Array, y: Array) -> Array:
        """k_ω(x_i, y_j), shape (len(x), len(y))."""
        slope = duals.named(self.scheme.activation).slope
        overlap = slope(x @ self.omega.T) @ slope(y @ self.omega.T).T
        return np.asarray((x @ y.T) * overlap / len(self.omega))


@dataclass(frozen=True)
class KernelFunction:
    """f = Σ_j c_j k(·, z_j) in the space of a scheme's kernel."""

    scheme: Scheme
    centres: Array
    coefficients: Array

    def __call__(self, x: Array) -> Array:
        """f at points, shape (len(x),)."""
        return np.asarray(self.scheme.kernel(x, self.centres) @ self.coefficients)

    @property
    def squared_norm(self) -> float:
        """‖f‖²_k = cᵀKc."""
        gram = self.scheme.kernel(self.centres, self.centres)
        return float(self.coefficients @ gram @ self.coefficients)


def inner_product(gram: Array, first: Array, second: Array) -> float:
    """<f, g> in the space of functions on finitely many points whose kernel matrix is `gram`: f·K⁺g.

    `first`, `second` are values at the points. Infinite where one of them is not in the space (the range of K), told by
    the rounding of the eigenvalues.
    """
    values, vectors = np.linalg.eigh(gram)
    kept = values > len(gram) * 64 * EPSILON * max(values.max(), 0.0)
    f, g = vectors.T @ first, vectors.T @ second
    outside = max(np.abs(f[~kept]).max(initial=0.0), np.abs(g[~kept]).max(initial=0.0))
    if outside > np.sqrt(EPSILON) * max(np.abs(f).max(), np.abs(g).max()):
        return float("inf")
    return float((f[kept] / values[kept]) @ g[kept])
