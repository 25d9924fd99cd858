"""Training of αh in powers of s = 1/α: what separates it from the linear model, order by order.

With w = w0 + s v, h(w0) = 0 and r = αh(w) − y*, gradient flow of R(αh)/α² is

    v' = −Dh(w0 + s v)ᵀ r,     r = h(w0 + s v)/s − y*,

smooth in s at s = 0. Put v = v0 + s v1 + s² v2 + …, r = r0 + s r1 + s² r2 + …:

    v0' = −Jᵀ r0,                           r0 = J v0 − y*                          (the linear model),
    v1' = −Jᵀ r1 − D²h[v0]ᵀ r0,             r1 = J v1 + ½ D²h[v0, v0]               (the first correction),
    v2' = −Jᵀ r2 − D²h[v0]ᵀ r1 − (D²h[v1] + ½ D³h[v0, v0])ᵀ r0,
                                            r2 = J v2 + D²h[v0, v1] + (1/6) D³h[v0, v0, v0].

So αh(w) − αh̄(w̄) = r1/α + r2/α² + O(1/α³), w − w̄ = v1/α² + O(1/α³), w − w0 = v0/α + O(1/α²): Theorem 2.2 with its
constants. The next order, r3, says how good that is (`radius`). For a paired start r1 = 0: see theorem2_2. Gradient
descent has the same expansion, with differences in place of derivatives. Both are carried as truncated power series of
a two-layer network, neuron by neuron.
"""

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from lazy_assay.theory import affordable
from lazy_assay.theory.chizat2019._networks import DERIVATIVES, FOURTH, Array, start

# v0 … v3, and r0 … r3: the last says how good the rest is.
ORDERS = 4
# Equally spaced times at which a flow is seen, and the tolerance of its integration.
SEEN = 8
TOLERANCE = 1e-10
# Evaluations of a step of DOP853, and what one costs beyond its products, in operations.
STAGES, OVERHEAD = 12, 100_000
Series = Array


def _times(a: Series, b: Series) -> Series:
    """Product of two power series, orders first."""
    product = a[0] * b[: len(a)]
    for i in range(1, len(a)):
        product[i:] += a[i] * b[: len(a) - i]
    return np.asarray(product)


def _powers(z: Series) -> list[Series]:
    """1, z, z², … as power series; z[0] = 0, so len(z) of them count."""
    one = np.zeros_like(z)
    one[0] = 1
    found = [one, z]
    while len(found) < len(z):
        found.append(_times(found[-1], z))
    return found


def _through(derivatives: tuple[Array, ...], powers: list[Series]) -> Series:
    """Taylor coefficients of f(Z + z1 s + z2 s² + …), from f, f', f'', … at Z and the powers of z."""
    total, factorial = np.zeros_like(powers[0]), 1.0
    for k, (f, power) in enumerate(zip(derivatives, powers, strict=False)):
        factorial *= max(k, 1)
        total += f / factorial * power
    return total


class Expansion:
    """The power series of one training: v of shape (orders, numbers), residuals (orders, n)."""

    def __init__(self, points: Array, labels: Array, W: Array, u: Array, activation: str, initialisation: str) -> None:
        (self.W, self.u), _ = start(points, W, u, activation, initialisation)
        self.points, self.labels, self.c = points, labels, 1 / math.sqrt(len(u))
        z = points @ self.W
        self.derivatives = (*DERIVATIVES[activation](z), FOURTH[activation](z))

    def _shifts(self, v: Series) -> tuple[Series, Series]:
        """Pre-activations' and output weights' series up to s⁴, from v; the output weights' with their start."""
        first = v[:, : self.W.size].reshape(ORDERS, *self.W.shape)
        z = np.concatenate([np.zeros((1, len(self.points), self.W.shape[1])), self.points @ first])
        return z, np.concatenate([self.u[None], v[:, self.W.size :]])

    def _residual(self, values: Series, u: Series) -> Series:
        found = self.c * _times(values, u[:, None, :]).sum(axis=-1)[1:]
        found[0] -= self.labels
        return np.asarray(found)

    def residual(self, v: Series) -> Series:
        """r0 … r3: the coefficients of s, …, s⁴ of h(w0 + s v), less y* in the first."""
        z, u = self._shifts(v)
        return self._residual(_through(self.derivatives, _powers(z)), u)

    def velocity(self, v: Series) -> Series:
        """−Dhᵀ r, order by order."""
        z, u = self._shifts(v)
        powers = _powers(z)
        values, slopes = _through(self.derivatives, powers), _through(self.derivatives[1:], powers)[:ORDERS]
        r = self._residual(values, u)[:, :, None]
        back = _times(_times(slopes, u[:ORDERS, None, :]), r)
        pull_W = (self.points.T @ back).reshape(ORDERS, -1)
        pull_u = _times(values[:ORDERS], r).sum(axis=1)
        return np.asarray(-self.c * np.concatenate([pull_W, pull_u], axis=1))

    @property
    def rest(self) -> Series:
        """v = 0."""
        return np.zeros((ORDERS, self.W.size + self.u.size))

    def fastest(self) -> float:
        """A bound of the largest eigenvalue of JJᵀ: its trace."""
        value, slope = self.derivatives[0], self.derivatives[1]
        sizes = (self.points**2).sum(axis=1)[:, None]
        return float(self.c**2 * (value**2 + sizes * (slope * self.u) ** 2).sum())

    def largest_eigenvalue(self) -> float:
        """Of JJᵀ."""
        value, slope = self.derivatives[0], self.derivatives[1] * self.u
        gram = value @ value.T + slope @ slope.T * (self.points @ self.points.T)
        return float(self.c**2 * np.linalg.eigvalsh(gram)[-1])

    def flow(self, T: float, tolerance: float = TOLERANCE) -> list[Series]:
        """v at SEEN + 1 equally spaced times up to T, read at the ends of steps."""
        from scipy.integrate import solve_ivp

        # Stability bounds an explicit method's steps: a time of about 1 over the largest eigenvalue of JJᵀ each.
        affordable(
            STAGES * T * self.fastest() * (OVERHEAD + self.W.size * len(self.points)), f"T = {T:.3g} is too long here"
        )
        found = [self.rest]
        for _ in range(SEEN):
            # One call from time to time: what the solver interpolates between its steps is less exact than they are.
            end = solve_ivp(
                lambda t, v: self.velocity(v.reshape(ORDERS, -1)).ravel(),
                (0.0, T / SEEN),
                found[-1].ravel(),
                method="DOP853",
                first_step=T / SEEN,
                rtol=tolerance,
                atol=tolerance,
            )
            found.append(end.y[:, -1].reshape(ORDERS, -1))
        return found

    def descent(self, step_size: float, steps: int) -> list[Series]:
        """v after every step of gradient descent."""
        affordable(steps * float(OVERHEAD + 50 * self.W.size * len(self.points)), f"steps = {steps} are too many here")
        found = [self.rest]
        for _ in range(steps):
            found.append(found[-1] + step_size * self.velocity(found[-1]))
        return found

    def corrections(self, path: list[Series]) -> Array:
        """(r1, r2, r3) along a path, shape (times, 3, n)."""
        return np.array([self.residual(v)[1:] for v in path])


def flow_corrections(initialisation: str, T: float, tolerance: float = TOLERANCE, **network: Any) -> Array:
    """(r1, r2, r3) of the flow at SEEN + 1 times, shape (times, 3, n); kept for networks that were asked for before."""
    return _kept_flow(initialisation, T, tolerance, _frozen(network))


def descent_corrections(initialisation: str, step_size: float, steps: int, **network: Any) -> Array:
    """(r1, r2, r3) after every step of gradient descent, shape (steps + 1, 3, n)."""
    return _kept_descent(initialisation, step_size, steps, _frozen(network))


Frozen = tuple[tuple[str, Any], ...]


def _frozen(network: Mapping[str, Any]) -> Frozen:
    return tuple((n, v if isinstance(v, str) else (v.tobytes(), v.shape)) for n, v in sorted(network.items()))


def _expansion(initialisation: str, network: Frozen) -> Expansion:
    told: dict[str, Any] = {n: v if isinstance(v, str) else np.frombuffer(v[0]).reshape(v[1]) for n, v in network}
    return Expansion(**told, initialisation=initialisation)


@lru_cache(maxsize=256)
def _kept_flow(initialisation: str, T: float, tolerance: float, network: Frozen) -> Array:
    expansion = _expansion(initialisation, network)
    return expansion.corrections(expansion.flow(T, tolerance))


@lru_cache(maxsize=256)
def _kept_descent(initialisation: str, step_size: float, steps: int, network: Frozen) -> Array:
    expansion = _expansion(initialisation, network)
    return expansion.corrections(expansion.descent(step_size, steps))


def largest(corrections: Array, order: int, inverse: float = 0.0) -> float:
    """sup over times of ‖r1 + r2/α‖ (order 1, inverse = 1/α) or of ‖r2‖ (order 2)."""
    along = corrections[:, 1] if order == 2 else corrections[:, 0] + inverse * corrections[:, 1]
    return float(np.linalg.norm(along, axis=-1).max())


def radius(corrections: Array) -> float:
    """ρ, so that the terms of the expansion in 1/α fall at least like (ρ/α)^k from the first on, as far as they are
    known: the larger of sup‖r2‖/sup‖r1‖ and sup‖r3‖/sup‖r2‖."""
    first, second, third = (float(np.linalg.norm(corrections[:, k], axis=-1).max()) for k in range(3))
    return max(second / first, third / second) if first > 0 and second > 0 else math.inf
