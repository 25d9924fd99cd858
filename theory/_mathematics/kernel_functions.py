"""Functions of a kernel matrix that training ends in or passes through, and how much they magnify an error of it.

    Inverse   (K + s)⁻¹                             regression, ridge regression (s > 0)
    Flow      K⁻¹(1 − exp(−tK)) = ∫₀ᵗ exp(−τK) dτ   gradient flow after time t
    Descent   η Σ_{i<T} (1 − ηK)ⁱ                   gradient descent after T steps of size η

For a symmetric K with eigenvalues λ an error E of K changes f(K) to first order by V(F ∘ VᵀEV)Vᵀ, F_ij the divided
difference (f(λ_i) − f(λ_j))/(λ_i − λ_j) (Daleckii and Krein): `steepness` bounds it. `enclosed` is f(K)g in ball
arithmetic, without an eigenvalue: what it says is proved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

Array = np.ndarray


class KernelFunction(Protocol):
    """f of a positive semidefinite matrix."""

    def of(self, values: Array) -> Array:
        """f at eigenvalues ≥ 0."""
        ...

    def steepness(self, values: Array) -> Array:
        """A bound of |f(a) − f(b)|/|a − b| for pairs of eigenvalues, shape (n, n)."""
        ...

    def enclosed(self, K: Any, g: Any) -> Any:
        """f(K)g for balls (arb_mat). Raises ZeroDivisionError where the precision does not do."""
        ...


def _identity(n: int, value: Any) -> Any:
    from flint import arb_mat

    found = arb_mat(n, n)
    for i in range(n):
        found[i, i] = value
    return found


@dataclass(frozen=True)
class Inverse:
    """(K + shift)⁻¹."""

    shift: float = 0.0

    def of(self, values: Array) -> Array:
        return np.asarray(1 / (values + self.shift))

    def steepness(self, values: Array) -> Array:
        return np.outer(self.of(values), self.of(values))

    def enclosed(self, K: Any, g: Any) -> Any:
        return (K + _identity(K.nrows(), self.shift)).solve(g)


@dataclass(frozen=True)
class Flow:
    """∫₀ᵗ exp(−τK) dτ."""

    time: float

    def of(self, values: Array) -> Array:
        kept = np.where(values > 0, values, 1.0)
        return np.asarray(np.where(values > 0, -np.expm1(-self.time * kept) / kept, self.time))

    def steepness(self, values: Array) -> Array:
        # |f'(λ)| = ∫ τ exp(−τλ) dτ falls with λ, and is at most t²/2 and 1/λ².
        low = np.minimum.outer(values, values)
        early, late = np.float64(self.time) ** 2 / 2, 1 / np.where(low > 0, low, 1.0) ** 2
        return np.asarray(np.where(low * self.time > 1, late, early))

    def enclosed(self, K: Any, g: Any) -> Any:
        # exp of [[−tK, t], [0, 0]] has f(K) in its corner.
        from flint import arb, arb_mat

        n, t = K.nrows(), arb(self.time)
        block = arb_mat(2 * n, 2 * n)
        for i in range(n):
            block[i, n + i] = t
            for j in range(n):
                block[i, j] = -t * K[i, j]
        power = block.exp()
        return arb_mat(n, n, [power[i, n + j] for i in range(n) for j in range(n)]) * g


@dataclass(frozen=True)
class Descent:
    """η Σ_{i<T} (1 − ηK)ⁱ."""

    step_size: float
    steps: int

    def of(self, values: Array) -> Array:
        moved, T = self.step_size * values, self.steps
        kept = np.where(moved > 0, moved, 1.0)
        slow = np.where((kept < 1), -np.expm1(T * np.log1p(-np.minimum(kept, 0.5))), 1.0)
        total = np.where(kept <= 0.5, slow, 1 - (1 - kept) ** T) / kept
        return np.asarray(self.step_size * np.where(moved > 0, total, T))

    def steepness(self, values: Array) -> Array:
        # |f'| ≤ η² Σ i q^(i−1), q = |1 − ηλ| at the worse end: at most η²T²max(1, q)^T/2, and η²/(1 − q)².
        q, T = np.abs(1 - self.step_size * values), float(self.steps)
        q = np.maximum.outer(q, q)
        grown = T**2 / 2 * np.maximum(q, 1.0) ** T
        return np.asarray(self.step_size**2 * np.minimum(grown, 1 / np.where(q < 1, 1 - q, 1 / (1 + grown)) ** 2))

    def enclosed(self, K: Any, g: Any) -> Any:
        # S_{2k} = S_k + (1 − ηK)^k S_k: as many products as T has bits.
        from flint import arb

        n, eta = K.nrows(), arb(self.step_size)
        one = _identity(n, 1)
        single = one - eta * K
        power, total = one, 0 * one
        for bit in bin(self.steps)[2:]:
            power, total = power * power, total + power * total
            if bit == "1":
                power, total = power * single, total + power
        return (eta * total) * g
