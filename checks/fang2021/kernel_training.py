"""Confronts (10) and (14): descent on the tangent model's parameters against descent and solutions in coefficients."""

import numpy as np

from lazy_assay.checks import Check, Clock, Expected, OneOf, Pointwise, Route, Space, Tolerance, Values
from lazy_assay.checks.fang2021._rounding import EPSILON
from lazy_assay.checks.fang2021._tangent_settings import ANCHOR, DRAWS, REGULAR, eta, matrices, of_outputs, start
from lazy_assay.sims.two_layer import tangent_training
from lazy_assay.theory.fang2021.kernel_training import CLAIM

LONG = 300
SOURCE = "machine epsilons times sizes, steps, and what is added up"


def one_rate(values: Values) -> dict[str, float]:
    """(13): the same stable step size for u and θ."""
    return {"step_size": eta(values)}


def both(values: Values) -> dict[str, float | int]:
    """The simulation's names for it; where a configuration names no steps, until convergence."""
    return {"eta_u": rate(values), "eta_theta": rate(values), "steps": values.get("steps", LONG)}


def rate(values: Values) -> float:
    """The stable step size; to the end, twice that, which takes the steepest direction to its minimum at once."""
    return eta(values) * (1 if "steps" in values else 2)


def clock(values: Values) -> Clock:
    """One rate for all parameters."""
    return Clock(step_size=rate(values), steps=int(values.get("steps", LONG)), alpha=float(values["alpha"]))


def left(values: Values) -> Tolerance:
    """Descent leaves (I − K/λ_max)^steps of y − f_0; through k(Z, X)K⁻¹ that bounds what is left of an output."""
    found, K = start(values), matrices(values)
    eigenvalues = np.linalg.eigvalsh(K)
    contraction = 1 - float(eigenvalues[0] / eigenvalues[-1])
    gap = float(np.linalg.norm(found.labels - found.offset(found.points)))
    at = found.kernel_u(found.centres) + found.kernel_theta(found.centres)
    bound = contraction**LONG * gap * float(np.linalg.norm(np.linalg.solve(K, at.T).sum(axis=1)))
    return Tolerance(
        optimisation=bound, sources={"optimisation": "contraction of descent to the power steps, computed"}
    )


def solved(values: Values) -> float:
    """Rounding of two solves: sizes and conditions of the regularised kernel."""
    found, n = start(values), len(values["points"])
    K, lam = matrices(values), float(values.get("lambda_", 0.0))
    eigenvalues = np.linalg.eigvalsh(K)
    condition = float((eigenvalues[-1] + lam * n) / max(float(eigenvalues[0]), lam * n))
    # The normal equations in the parameters have directions that no data see: their condition is that of λ alone.
    condition = max(condition, float(1 + eigenvalues[-1] / (lam * n)) if lam else 0.0)
    reach = float(np.abs(found.labels).sum() + np.abs(found.offset(found.points)).sum() + np.abs(found.u).sum())
    at = np.abs(found.kernel_u(found.centres)).sum() + np.abs(found.kernel_theta(found.centres)).sum()
    inverse = 1 / max(float(eigenvalues[0]), lam * n)
    return float(16 * EPSILON * (found.theta.size + n) * condition * reach * (1 + at * inverse) * max(1.0, found.alpha))


def penalty(values: Values) -> dict[str, float]:
    """λα²/m."""
    return {"penalty": float(values["lambda_"]) * float(values["alpha"]) ** 2 / len(values["theta"])}


TRAINED = Route(name="trained tangent model", simulate=tangent_training.trained_output_at, settings=both, clock=clock)
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Pointwise(
            part="preconditioned",
            space=Space(draws={**DRAWS, "steps": OneOf((1, 5, 20))}, anchors=({**ANCHOR, "steps": 10},)),
            route=TRAINED,
            rounding=of_outputs,
            source=SOURCE,
            constants=one_rate,
        ),
        Pointwise(
            part="same_solution",
            space=Space(draws=REGULAR, anchors=({**ANCHOR, "m": 24, "points": "axes"},)),
            route=Route(
                name="trained to the end",
                simulate=tangent_training.trained_output_at,
                settings=both,
                clock=clock,
                allowance=left,
            ),
            rounding=solved,
            source=SOURCE,
        ),
        Pointwise(
            part="regularised",
            space=Space(draws={**DRAWS, "lambda_": OneOf((0.1, 0.01, 0.3))}, anchors=({**ANCHOR, "lambda_": 0.1},)),
            route=Route(
                name="penalised tangent model", simulate=tangent_training.penalised_output_at, settings=penalty
            ),
            rounding=solved,
            source=SOURCE,
        ),
    ),
    expected={
        "preconditioned": Expected(
            status="confirmed", reason="the gradient of (10) in β carries a factor K", date="2026-11-26"
        ),
        "same_solution": Expected(status="confirmed", reason="both interpolate in the span of K", date="2026-11-26"),
        "regularised": Expected(status="confirmed", reason="(9) turns the norms into each other", date="2026-11-26"),
    },
)
