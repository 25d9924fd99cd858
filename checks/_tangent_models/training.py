"""Routes that train a tangent model's parameters, and what training and solving leave."""

import numpy as np

from lazy_assay.checks import Clock, Route, Tolerance, Values
from lazy_assay.checks._tangent_models.rounding import EPSILON, positive
from lazy_assay.checks._tangent_models.settings import eta, matrices, start
from lazy_assay.sims.two_layer import tangent_training

LONG = 300


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
    eigenvalues = positive(K)
    contraction = 1 - float(eigenvalues[0] / eigenvalues[-1])
    gap = float(np.linalg.norm(found.labels - found.offset(found.points)))
    at = found.kernel_u(found.centres) + found.kernel_theta(found.centres)
    inverse = np.linalg.pinv(K, rcond=len(K) * EPSILON, hermitian=True)
    bound = contraction**LONG * gap * float(np.linalg.norm((inverse @ at.T).sum(axis=1)))
    return Tolerance(
        optimisation=bound, sources={"optimisation": "contraction of descent to the power steps, computed"}
    )


def solved(values: Values) -> float:
    """Rounding of two solves: sizes and conditions of the regularised kernel."""
    found, n = start(values), len(values["points"])
    K, lam = matrices(values), float(values.get("lambda_", 0.0))
    eigenvalues = positive(K)
    condition = float((eigenvalues[-1] + lam * n) / max(float(eigenvalues[0]), lam * n))
    # The normal equations in the parameters have directions that no data see: their condition is that of λ alone.
    condition = max(condition, float(1 + eigenvalues[-1] / (lam * n)) if lam else 0.0)
    reach = float(np.abs(found.labels).sum() + np.abs(found.offset(found.points)).sum() + np.abs(found.u).sum())
    at = np.abs(found.kernel_u(found.centres)).sum() + np.abs(found.kernel_theta(found.centres)).sum()
    inverse = 1 / max(float(eigenvalues[0]), lam * n)
    return float(16 * EPSILON * (found.theta.size + n) * condition * reach * (1 + at * inverse) * max(1.0, found.alpha))


TRAINED = Route(name="trained tangent model", simulate=tangent_training.trained_output_at, settings=both, clock=clock)
