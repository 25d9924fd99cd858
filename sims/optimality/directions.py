"""The largest ‖a(θ)‖/‖θ‖ over all directions, for h of degree one, enclosed by branch and bound.

Directions are the faces of a cube, θ_k = ±1 and the others in [−1, 1]. Over a box of a face ‖a‖/‖θ‖ is at most the
bound of ‖a‖ over the least ‖θ‖, and, a(θ) being ∇a(θ)θ by Euler, at most the Frobenius norm of the bounds of ∇a: exact
where no kink is inside the box, and so in the end everywhere but at kinks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lazy_assay.sims.optimality.boxes import halved
from lazy_assay.sims.optimality.pull import Pull, gamma

Array = np.ndarray


@dataclass(frozen=True)
class Steepest:
    """reached ≤ max ‖a(θ)‖/‖θ‖ ≤ high; `at` is a unit direction of `reached`, as computed."""

    high: float
    reached: float
    at: Array
    resolved: bool


def steepest(pull: Pull, starts: Array, tolerance: float, boxes: int) -> Steepest:
    """Branch and bound to a share `tolerance` of the value; starts (B, d): directions that are tried first."""
    d = pull.x.shape[1]
    centres = np.concatenate([np.eye(d), -np.eye(d)])
    halves = 1.0 - np.abs(centres)
    at, best = _best(pull, np.concatenate([starts, centres]), centres[0], 0.0)
    high, looked, bounds = 0.0, 0, _above(pull, centres, halves)
    while len(centres):
        at, best = _best(pull, centres, at, best)
        open_ = (bounds > best * (1 + tolerance)) & (halves.max(axis=1) > 0)
        high = max(high, float(bounds[~open_].max(initial=0.0)))
        centres, halves, bounds = centres[open_], halves[open_], bounds[open_]
        looked += len(centres)
        if looked > boxes or not len(centres):
            break
        centres, halves = halved(centres, halves)
        bounds = _above(pull, centres, halves)
    high = max(high, float(bounds.max(initial=0.0)))
    return Steepest(high, best, at, high <= best * (1 + 2 * tolerance))


def _above(pull: Pull, centres: Array, halves: Array) -> Array:
    """Upper bounds of ‖a(θ)‖/‖θ‖ over boxes that keep away from 0."""
    n, d = pull.x.shape
    found = pull.over(centres, halves)
    steep = np.maximum(np.abs(found.low), np.abs(found.high))
    most = np.abs(found.centre) + found.radius + (steep * halves[:, None, :]).sum(-1)
    nearest = np.sqrt(np.square(np.maximum(np.abs(centres) - halves, 0.0)).sum(-1))
    by_value = np.sqrt(np.square(most).sum(-1)) / nearest
    by_slope = np.sqrt(np.square(steep).sum((-2, -1)))
    return np.asarray(np.minimum(by_value, by_slope) * (1 + gamma(4 * (n + d) + 32)))


def _best(pull: Pull, theta: Array, at: Array, known: float) -> tuple[Array, float]:
    sizes = np.sqrt(np.square(theta).sum(-1))
    theta, sizes = theta[sizes > 0], sizes[sizes > 0]
    ratios = np.sqrt(np.square(pull.at(theta)).sum(-1)) / sizes
    most = int(np.argmax(ratios))
    return (theta[most] / sizes[most], float(ratios[most])) if ratios[most] > known else (at, known)
