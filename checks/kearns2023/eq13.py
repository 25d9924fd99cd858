"""Confronts Eq. (13): features of tangent models, their gradient flow and its end, and the kernel's spread."""

import math
from functools import lru_cache

import numpy as np

from lazy_assay.checks import (
    Between,
    Check,
    Clock,
    Expected,
    Fine,
    Means,
    OneOf,
    Pointwise,
    Resolution,
    Route,
    Space,
    Tolerance,
    Values,
)
from lazy_assay.checks._tangent_models.rounding import EPSILON, positive
from lazy_assay.checks._tangent_models.settings import ANCHOR, DRAWS, REGULAR, start
from lazy_assay.checks._tangent_models.training import TRAINED, both, clock, left, solved
from lazy_assay.sims.features import tangent_regression
from lazy_assay.theory._mathematics.dual_activations import ACTIVATIONS, MOMENTS, quadrature_error
from lazy_assay.theory.kearns2023 import eq13 as stated

# Steps of the eighth-order integrator, in units of the fastest rate.
SHARE = 0.125
REPEATS = 64


def quadrature(values: Values) -> Tolerance:
    """The trapezoid rule's error in the five moments, or the rounding of their closed forms; none has a factor over 8.

    |∂V/∂C|, |∂V/∂D| ≤ 2(C + cD) ≤ 4 for values and slopes up to one in the mean square; S, M, Q enter with 1, 2, 3.
    """
    worst = sum(quadrature_error(values["activation"], moment) for moment in MOMENTS)
    return Tolerance(discretisation=8 * worst, sources={"discretisation": "trapezoid rule of the prediction, computed"})


def kernels(values: Values) -> tuple[np.ndarray, np.ndarray]:
    """K = Θ(X, X) and Θ(Z, X)."""
    found = start(values)
    return stated.tangent_kernel(found, found.points), stated.tangent_kernel(found, found.centres)


def steps(values: Values) -> int:
    """Steps of the flow: SHARE of the fastest mode's time each."""
    return max(4, math.ceil(float(np.linalg.eigvalsh(kernels(values)[0])[-1]) * float(values["time"]) / SHARE))


def flowing(values: Values) -> Clock:
    """The integrator's step size and steps."""
    return Clock(step_size=float(values["time"]) / steps(values), steps=steps(values), alpha=float(values["alpha"]))


def residual(values: Values) -> float:
    """‖y − f_0(X)‖."""
    found = start(values)
    return float(np.linalg.norm(found.labels - found.offset(found.points)))


@lru_cache(maxsize=256)
def integrated(rate: float, time: float, count: int) -> float:
    """What the same integrator leaves of 1 at this rate: the flow in parameters acts so on every mode of K."""
    from lazy_assay.sims.core.torch import torch
    from lazy_assay.sims.dynamics.flow import integrate

    return float(integrate(lambda t, y: -rate * y, torch.ones(1, dtype=torch.float64), time, count)[-1])


def truncation(values: Values) -> Tolerance:
    """Modes of K after the integrator's steps against exp(−λt), through Θ(z, X)K⁻¹: the error by Cauchy–Schwarz."""
    K, at = kernels(values)
    rates, vectors = np.linalg.eigh(K)
    time, count = float(values["time"]), steps(values)
    # A mode that is zero within rounding stays where it is, by both.
    moving = rates >= positive(K)[0]
    off = np.array([abs(integrated(float(rate), time, count) - math.exp(-rate * time)) for rate in rates[moving]])
    bound = float(np.linalg.norm(np.abs(at.sum(axis=0) @ vectors[:, moving]) * off / rates[moving])) * residual(values)
    return Tolerance(
        discretisation=bound,
        sources={"discretisation": "the integrator's own decay of each mode of K against the exponential, computed"},
    )


def of_flow(values: Values) -> float:
    """Steps in the parameters, and an eigendecomposition on the other side, times the magnitudes that are added up."""
    found, (K, at) = start(values), kernels(values)
    rates, time, gap = positive(K), float(values["time"]), residual(values)
    size = found.theta.size + len(found.u) + len(K)
    reach = min(1 / math.sqrt(float(rates[0])), time * math.sqrt(float(rates[-1]))) * gap
    own = start({**values, "points": values["centres"]})
    slopes = float(np.sqrt(np.diag(stated.tangent_kernel(own, own.points))).sum())
    solve = float(np.linalg.norm(at.sum(axis=0))) * min(time, 1 / float(rates[0])) * gap
    condition = 1 + float(rates[-1]) * min(time, 1 / float(rates[0]))
    return float(16 * EPSILON * (size + steps(values)) * (slopes * reach + solve * condition + magnitude(values)))


def magnitude(values: Values) -> float:
    """Σ_z (α/m) Σ_j |u_j|(1 + |θ_j|): more than every output that is added up, before cancellation."""
    found = start(values)
    each = np.abs(found.u) @ (1 + np.linalg.norm(found.theta, axis=1)) / len(found.u)
    return float(len(found.centres) * found.alpha * each)


def of_gram(values: Values) -> float:
    """Sums over parameters of products of features, each a difference of outputs near 1."""
    found = start(values)
    own = start({**values, "points": values["centres"]})
    size = found.theta.size + len(found.u)
    left_, right = (np.sqrt(np.diag(stated.tangent_kernel(s, s.points))).sum() for s in (own, found))
    differences = magnitude(values) * math.sqrt(size) * (right + left_) * len(found.points)
    return float(16 * EPSILON * size * float(np.abs(found.labels).max()) * (left_ * right + differences))


def features(route: str, name: str, wrong_versions: bool) -> Pointwise:
    """The Gram matrix by one way of forming features."""
    return Pointwise(
        part="gram",
        space=Space(draws=DRAWS, anchors=(ANCHOR,)),
        route=Route(name=name, simulate=tangent_regression.kernel_sum_at, settings=lambda values: {"route": route}),
        rounding=of_gram,
        source="machine epsilons times the number of parameters, products of features, and outputs they differ by",
        wrong_versions=wrong_versions,
    )


CHECK = Check(
    claim=stated.CLAIM,
    procedures=(
        features("features", "unit moves of the tangent model", wrong_versions=True),
        features("gradients", "backpropagation", wrong_versions=False),
        Pointwise(
            part="flow",
            space=Space(
                draws={**DRAWS, "time": OneOf((0.1, 0.5, 2.0))},
                anchors=({**ANCHOR, "time": 1.0},),
            ),
            route=Route(
                name="flow in the parameters",
                simulate=tangent_regression.flowed_output_at,
                settings=lambda values: {"steps": steps(values)},
                allowance=truncation,
                clock=flowing,
            ),
            rounding=of_flow,
            source="machine epsilons times sizes and steps, the way of the parameters, and what is added up",
        ),
        Pointwise(
            part="regression",
            space=Space(draws=REGULAR, anchors=({**ANCHOR, "m": 24, "points": "axes"},)),
            route=Route(
                name="trained to the end", simulate=TRAINED.simulate, settings=both, clock=clock, allowance=left
            ),
            rounding=solved,
            source="machine epsilons times sizes, steps, and what is added up",
        ),
        Means(
            part="random",
            space=Space(
                draws={
                    "correlation": OneOf((0.3, -0.5, 0.8, -0.9, 1.0)),
                    "activation": OneOf(tuple(ACTIVATIONS)),
                    "m": Between(1, 12),
                },
                anchors=(
                    {"correlation": 1.0, "activation": "relu", "m": 4},
                    {"correlation": 0.3, "activation": "tanh", "m": 1},
                    {"correlation": -0.9, "activation": "softplus", "m": 6},
                    {"correlation": 0.8, "activation": "abs", "m": 12},
                ),
            ),
            routes=(
                Route(
                    name="variance over networks",
                    simulate=tangent_regression.kernel_entries,
                    settings=lambda values: {"repeats": REPEATS},
                    allowance=quadrature,
                    reads=lambda draws: draws.var(axis=1, ddof=1),
                    trials=lambda values: 250,
                ),
            ),
            resolution=Resolution(relative=0.06),
            fine=Fine(
                anchors=({"correlation": 0.3, "activation": "tanh", "m": 1},),
                resolution=Resolution(relative=0.009),
                copies=3,
            ),
        ),
    ),
    expected={
        "gram": Expected(status="confirmed", reason="the tangent model is linear in its features", date="2026-11-26"),
        "flow": Expected(status="confirmed", reason="a linear equation for the residuals", date="2026-11-26"),
        "regression": Expected(status="confirmed", reason="the flow at t = ∞ where K is regular", date="2026-11-26"),
        "random": Expected(status="confirmed", reason="a mean of m independent terms", date="2026-11-26"),
    },
)
