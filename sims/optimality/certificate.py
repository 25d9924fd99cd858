"""The bound, put together: the objective from above, the conjugate from above, the infimum of g from below."""

from __future__ import annotations

from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import numpy as np

from lazy_assay.sims.modules.gate import is_whole
from lazy_assay.sims.optimality import losses, network
from lazy_assay.sims.optimality.activations import FUNCTION, Bounded
from lazy_assay.sims.optimality.bounded import Landscape, infimum
from lazy_assay.sims.optimality.directions import steepest
from lazy_assay.sims.optimality.errors import OptimalityError
from lazy_assay.sims.optimality.network import Neurons, as_array, as_positive, in_range
from lazy_assay.sims.optimality.pull import Pull, gamma
from lazy_assay.sims.optimality.result import OptimalityGap

Array = np.ndarray
# What may have fallen below float64's range: 10⁻³⁰⁸ a product, over decays of 10⁻¹⁰⁰ or more, of so many products.
UNDERFLOW = 1e-180
# A scale from which on another one is not worth a second enclosure.
NEAR = 0.999


@dataclass(frozen=True)
class Problem:
    """Neurons on data: x (n, d), y (n, k), and the regulariser."""

    neurons: Neurons
    x: Array
    y: Array
    loss: losses.Loss
    lambda_u: float
    lambda_theta: float

    def outputs(self) -> tuple[Array, Array]:
        """f (n, k), and what it may be off by."""
        theta, u, p = self.neurons.theta, self.neurons.u, self.neurons.masses
        (m, d), sigma = theta.shape, self.neurons.function
        z, off = self.x @ theta.T, gamma(d + 2) * (np.abs(self.x) @ np.abs(theta).T)
        h, steep = (
            sigma.value(z),
            sigma.steepest if isinstance(sigma, Bounded) else max(abs(sigma.below), abs(sigma.above)),
        )
        weights = self.neurons.alpha * p[:, None] * u
        # Masses are off by roundings of their sum.
        error = (steep * off + (FUNCTION + gamma(2 * m + 8)) * np.abs(h)) @ np.abs(weights) * (1 + gamma(m + 8))
        return h @ weights, error

    def decay(self) -> float:
        """∫ r dρ."""
        squares = self.lambda_u * np.square(self.neurons.u).sum(1) + self.lambda_theta * np.square(
            self.neurons.theta
        ).sum(1)
        return float(self.neurons.masses @ squares) / 2


def gap(
    given: Any, x: Any, y: Any, loss: str, lambda_u: float, lambda_theta: float, tolerance: float, boxes: int
) -> OptimalityGap:
    """See `optimality_gap`."""
    problem = _problem(given, x, y, loss, lambda_u, lambda_theta)
    if not (isinstance(tolerance, Real) and 0 < tolerance < 1 and is_whole(boxes) and boxes >= 1):
        raise OptimalityError(
            f"tolerance lies between 0 and 1, boxes is a whole number, at least 1; got {tolerance!r} and {boxes!r}"
        )
    with in_range():
        f, error = problem.outputs()
        if not isinstance(given, Neurons):
            network.require_same(given, as_array("x", x, 2), f)
        slope = problem.loss.slope(f, problem.y)
        by = _by_first_variation if isinstance(problem.neurons.function, Bounded) else _by_scaling
        return by(problem, f, error, slope, tolerance, boxes)


def _by_first_variation(
    problem: Problem, f: Array, error: Array, slope: Array, tolerance: float, boxes: int
) -> OptimalityGap:
    """q = L'_1, or s L'_1 where that promises a smaller gap: far from optimal networks ask for less.

    inf g_q at s L'_1 is at least s² times that at L'_1, since (λ_θ/2)‖θ‖² ≥ s²(λ_θ/2)‖θ‖²: so the best s is known
    beforehand.
    """
    first = _at_scale(problem, f, error, slope, 1.0, tolerance, boxes)
    scale = _best_scale(problem, slope, 1.0, first.least)
    if scale > NEAR:
        return first
    second = _at_scale(problem, f, error, slope, scale, tolerance, boxes)
    # Which neuron to add is for g itself to say.
    return first if first.gap <= second.gap else replace(second, theta=first.theta, u=first.u)


def _at_scale(
    problem: Problem, f: Array, error: Array, slope: Array, scale: float, tolerance: float, boxes: int
) -> OptimalityGap:
    landscape = Landscape(_pull(problem, scale * slope), problem.lambda_u, problem.lambda_theta)
    found = infimum(landscape, problem.neurons.theta, tolerance, boxes)
    u = -landscape.pull.at(found.at[None])[0] / problem.lambda_u
    return _told(problem, f, error, scale * slope, scale, found.low, found.resolved, found.at, u)


def _by_scaling(problem: Problem, f: Array, error: Array, slope: Array, tolerance: float, boxes: int) -> OptimalityGap:
    """q = s L'_1 with the best s of those that are feasible; g_q ≥ 0 then, and 0 at the origin."""
    pull = _pull(problem, slope)
    found = steepest(pull, problem.neurons.theta, tolerance, boxes)
    # From below, with room for the roundings of q.
    threshold = float(np.sqrt(problem.lambda_u * problem.lambda_theta)) * (1 - 1e-14)
    most = 1.0 if found.high <= threshold else threshold / found.high * (1 - 1e-14)
    scale = _best_scale(problem, slope, most, 0.0)
    # Along this direction, of norm one, g falls as fast as anywhere; u is best for it.
    u = -pull.at(found.at[None])[0] / problem.lambda_u
    return _told(problem, f, error, scale * slope, scale, 0.0, found.resolved, found.at, u)


def _best_scale(problem: Problem, slope: Array, most: float, least: float) -> float:
    """Where −(1/n) Σ L*(s L'_1) + s²·least is largest over 0 ≤ s ≤ most: a concave function."""
    from scipy.optimize import minimize_scalar

    def falls(scale: float) -> float:
        return float(problem.loss.conjugate(scale * slope, problem.y).mean()) - scale**2 * least

    inside = float(minimize_scalar(falls, bounds=(0.0, most), method="bounded", options={"xatol": 1e-9}).x)
    return min((most, inside, 0.0), key=falls)


def _pull(problem: Problem, slope: Array) -> Pull:
    share = problem.neurons.alpha / len(problem.x)
    q = share * slope
    # Two roundings of each entry, and what a conjugate that is finite asks for.
    room = float(share * problem.loss.uncertain + gamma(4) * np.abs(q).max(initial=0.0))
    return Pull(problem.neurons.function, problem.x, q, room)


def _told(
    problem: Problem,
    f: Array,
    error: Array,
    q: Array,
    scale: float,
    least: float,
    resolved: bool,
    theta: Array,
    u: Array,
) -> OptimalityGap:
    n, (m, d) = len(problem.x), problem.neurons.theta.shape
    values, conjugates = problem.loss.value(f, problem.y), problem.loss.conjugate(q, problem.y)
    rounding = float(problem.loss.rounding(f, problem.y, q, error).mean())
    decay, data, dual = problem.decay(), float(values.mean()), float(conjugates.mean())
    sums = float(np.abs(values).mean() + np.abs(conjugates).mean()) + decay + abs(least)
    room = (rounding + gamma(n + 2 * m + d + 32) * sums) * (1 + 1e-9) + UNDERFLOW
    objective = data + decay
    return OptimalityGap(
        gap=max(objective + dual - least + room, 0.0),
        objective=objective,
        floor=least - dual - room,
        mean=objective + dual,
        least=least,
        scale=scale,
        resolved=resolved,
        theta=theta,
        u=u,
    )


def _problem(given: Any, x: Any, y: Any, loss: str, lambda_u: float, lambda_theta: float) -> Problem:
    neurons, biased = (given, False) if isinstance(given, Neurons) else network.read(given)
    points, labels = as_array("x", x, 2), as_array("y", y, (1, 2))
    labels = labels[:, None] if labels.ndim == 1 else labels
    if biased:
        points = np.concatenate([points, np.ones((len(points), 1))], axis=1)
    told, (d, k) = losses.named(loss), (neurons.theta.shape[1], neurons.u.shape[1])
    if not len(points) or len(labels) != len(points) or points.shape[1] != d or labels.shape[1] != k:
        raise OptimalityError(
            f"x {points.shape} and y {labels.shape} do not fit neurons with {d} inputs and {k} outputs; one row a point"
        )
    if wanted := told.wanted(labels):
        raise OptimalityError(f"y: the loss {loss} wants {wanted}")
    for name, strength, why in (
        ("lambda_u", lambda_u, "g is linear in u without it, and has no infimum"),
        ("lambda_theta", lambda_theta, "the θ that matter lie in no box without it"),
    ):
        as_positive(name, strength, why)
    return Problem(neurons, points, labels, told, float(lambda_u), float(lambda_theta))
