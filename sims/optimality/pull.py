"""a(θ) = Σ_i q_i σ(θᵀx_i), what g is linear in u with, over boxes of θ: middles, and what it may be off by.

q (n, k) holds (α/n) times slopes of the loss, x (n, d). A box is a centre (d,) and half widths (d,). z_i = θᵀx_i is
enclosed over it, σ' over z_i, and ∇a over the box; rounding goes into every radius: γ_j = j u/(1 − j u) times the sum
of the moduli of what is added up, in any order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lazy_assay.sims.optimality.activations import FUNCTION, Activation, Bounded, U

Array = np.ndarray


def gamma(j: int) -> float:
    """An upper bound of γ_j."""
    return j * U / (1 - j * U) * (1 + 4 * U)


@dataclass(frozen=True)
class Over:
    """Over boxes (B,): a at their centres (B, k) and its radius there; ∇a over the box, bounds (B, k, d)."""

    centre: Array
    radius: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Pull:
    """a(θ) of given data. uncertain: how far every q_i may be from what is meant, in each output."""

    activation: Activation
    x: Array
    q: Array
    uncertain: float = 0.0

    def at(self, theta: Array) -> Array:
        """a at θ (B, d), as computed: (B, k)."""
        return np.asarray(self.activation.value(theta @ self.x.T) @ self.q)

    def over(self, centres: Array, halves: Array) -> Over:
        """Enclosures over boxes (B, d)."""
        n, d = self.x.shape
        z = centres @ self.x.T
        off = gamma(d + 2) * (np.abs(centres) @ np.abs(self.x).T)
        spread = (halves @ np.abs(self.x).T) * (1 + gamma(d + 4)) + off
        low, high = self.activation.slopes(z - spread, z + spread)
        value = self.activation.value(z)
        radius = (self._value_error(z, off) @ np.abs(self.q)) + gamma(n + 2) * (np.abs(value) @ np.abs(self.q))
        radius = (radius + self.uncertain * np.abs(value).sum(-1, keepdims=True)) * (1 + gamma(n + 8))
        return Over(value @ self.q, radius, *self._gradients(low, high))

    def _value_error(self, z: Array, off: Array) -> Array:
        """Of σ(z) where z is off by so much."""
        if isinstance(self.activation, Bounded):
            return np.asarray(self.activation.steepest * off + FUNCTION * np.abs(self.activation.value(z)))
        return np.asarray(max(abs(self.activation.below), abs(self.activation.above)) * (off + 2 * U * np.abs(z)))

    def _gradients(self, low: Array, high: Array) -> tuple[Array, Array]:
        """Bounds of ∂_k a = Σ_i q_i x_ik σ'_i with σ'_i between low and high, (B, k, d) each."""
        n = len(self.x)
        weights = self.q[:, :, None] * self.x[:, None, :]
        up, down = np.maximum(weights, 0), np.minimum(weights, 0)
        least = np.tensordot(low, up, 1) + np.tensordot(high, down, 1)
        most = np.tensordot(high, up, 1) + np.tensordot(low, down, 1)
        steep = np.maximum(np.abs(low), np.abs(high))
        room = gamma(n + 6) * np.tensordot(steep, np.abs(weights), 1)
        room = room + self.uncertain * (steep @ np.abs(self.x))[:, None, :]
        return least - room, most + room
