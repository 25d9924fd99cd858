"""The infimum of g over all particles, for bounded h, enclosed by branch and bound.

For λ_u > 0 the infimum over u is g(θ) = −‖a(θ)‖²/(2λ_u) + (λ_θ/2)‖θ‖². g(0 of θ and u) = 0 is never below it, and |a| ≤
A = Σ_i |q_i| makes g > 0 where ‖θ‖² > A²/(λ_uλ_θ): what is left is a box. A box of θ is bounded below by the mean value
form, g(c) − Σ_k sup|∂_k g| r_k with ∂_k g = −Σ a ∂_k a/λ_u + λ_θθ_k enclosed over it, or by the bounds of its two terms
alone; boxes that cannot come below the best value found, less the tolerance, are dropped, the others are halved. The
least bound of all boxes is a lower bound of the infimum at any time, also where the number of boxes stops it early.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lazy_assay.sims.optimality.activations import U
from lazy_assay.sims.optimality.boxes import halved
from lazy_assay.sims.optimality.pull import Over, Pull, gamma

Array = np.ndarray


@dataclass(frozen=True)
class Infimum:
    """low ≤ inf g ≤ reached, the value at θ `at` as computed; resolved: whether low is within the tolerance of it."""

    low: float
    reached: float
    at: Array
    resolved: bool


@dataclass(frozen=True)
class Landscape:
    """θ ↦ inf over u of g."""

    pull: Pull
    lambda_u: float
    lambda_theta: float

    def value(self, theta: Array) -> Array:
        """At θ (B, d), as computed."""
        squares = np.square(self.pull.at(theta)).sum(-1)
        return np.asarray(self.lambda_theta / 2 * np.square(theta).sum(-1) - squares / (2 * self.lambda_u))

    def below(self, centres: Array, halves: Array) -> Array:
        """Lower bounds over boxes (B, d): (B,)."""
        found = self.pull.over(centres, halves)
        forms = self._mean_value_form(found, centres, halves), self._apart(found, centres, halves)
        return np.asarray(np.maximum(*forms))

    def _mean_value_form(self, found: Over, centres: Array, halves: Array) -> Array:
        d = centres.shape[1]
        steep = np.maximum(np.abs(found.low), np.abs(found.high))
        spread = (steep * halves[:, None, :]).sum(-1) * (1 + gamma(d + 4)) + found.radius
        a_low, a_high = found.centre - spread, found.centre + spread
        ends = np.stack([a[..., None] * b for a in (a_low, a_high) for b in (found.low, found.high)])
        pulled_low, pulled_high = ends.min(0).sum(1) / self.lambda_u, ends.max(0).sum(1) / self.lambda_u
        slope_low = self.lambda_theta * (centres - halves) - pulled_high
        slope_high = self.lambda_theta * (centres + halves) - pulled_low
        slope = np.maximum(np.abs(slope_low), np.abs(slope_high))
        falls = (slope * halves).sum(-1)
        size = np.abs(found.centre) + found.radius
        squares = np.square(size).sum(-1) / (2 * self.lambda_u)
        rises = self.lambda_theta / 2 * np.square(centres).sum(-1)
        # Slopes carry roundings of a few terms of sizes that these bound.
        terms = (self.lambda_theta * (np.abs(centres) + halves) + np.abs(ends).max(0).sum(1) / self.lambda_u) * halves
        return np.asarray(rises - squares - falls - gamma(16 + 4 * d) * (rises + squares + terms.sum(-1)))

    def _apart(self, found: Over, centres: Array, halves: Array) -> Array:
        d = centres.shape[1]
        steep = np.maximum(np.abs(found.low), np.abs(found.high))
        most = np.abs(found.centre) + found.radius + (steep * halves[:, None, :]).sum(-1)
        # |σ| ≤ 1 bounds a too, far out more tightly.
        most = np.minimum(most, (np.abs(self.pull.q) + self.pull.uncertain).sum(0))
        squares = np.square(most).sum(-1) / (2 * self.lambda_u) * (1 + gamma(4 * d + len(self.pull.x) + 16))
        nearest = np.maximum(np.abs(centres) - halves, 0.0)
        return np.asarray(self.lambda_theta / 2 * np.square(nearest).sum(-1) * (1 - gamma(d + 8)) - squares)

    def radius(self) -> float:
        """‖θ‖ beyond which g > 0."""
        most = np.sqrt(np.square((np.abs(self.pull.q) + self.pull.uncertain).sum(0)).sum())
        return float(most / np.sqrt(self.lambda_u * self.lambda_theta) * (1 + 1e-9))


def infimum(landscape: Landscape, starts: Array, tolerance: float, boxes: int) -> Infimum:
    """Branch and bound; starts (B, d): particles at which g is tried first. boxes: how many may be looked at."""
    d, reach = landscape.pull.x.shape[1], landscape.radius()
    best_at, best = _best(landscape, np.concatenate([starts, np.zeros((1, d))]), np.zeros(d), 0.0)
    centres, halves = np.zeros((1, d)), np.full((1, d), reach)
    low, looked = 0.0, 0
    bounds = landscape.below(centres, halves)
    while len(centres):
        best_at, best = _best(landscape, centres, best_at, best)
        open_ = bounds < best - tolerance
        low = min(low, float(bounds[~open_].min(initial=np.inf)))
        centres, halves, bounds = centres[open_], halves[open_], bounds[open_]
        looked += len(centres)
        if looked > boxes:
            break
        centres, halves = halved(centres, halves)
        bounds = landscape.below(centres, halves) if len(centres) else bounds
    low = min(low, float(bounds.min(initial=np.inf)))
    return Infimum(low, best, best_at, low >= best - 2 * tolerance - 64 * U * abs(best))


def _best(landscape: Landscape, theta: Array, at: Array, known: float) -> tuple[Array, float]:
    values = landscape.value(theta)
    least = int(np.argmin(values))
    return (theta[least], float(values[least])) if values[least] < known else (at, known)
