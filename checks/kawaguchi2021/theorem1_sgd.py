"""Confronts Theorem 1 (ii): the expectation over every sequence of drawn points, so that no sampling error is left."""

from typing import Any

import numpy as np

from lazy_assay.checks import Between, Check, Draw, Expected, OneOf, Pointwise, Route, Scalar, Space, Values
from lazy_assay.checks.kawaguchi2021._problems import EPSILON, PARAMETERS, constants, rounding
from lazy_assay.sims.deep import last_layer
from lazy_assay.theory.kawaguchi2021.theorem1_sgd import CLAIM

SCHEDULES = ("constant", "inverse root", "inverse")
ENTROPY: dict[str, Scalar] = {
    "n": 2,
    "width": 6,
    "outputs": 2,
    "kind": "random",
    "loss": "cross_entropy",
    "schedule": "inverse root",
    "first": 0.1,
    "t": 10,
    "seed": 1,
}
ATTAINED = ENTROPY | {"n": 1, "kind": "alike", "schedule": "constant", "t": 1}
DRAWS: dict[str, Draw] = {
    "n": OneOf((2, 3)),
    "width": OneOf((6, 10)),
    "outputs": OneOf((2, 3)),
    "kind": OneOf(("random",)),
    "schedule": OneOf(SCHEDULES),
    "first": OneOf((0.02, 0.1, 0.4)),
    "t": OneOf((2, 4, 7)),
    "seed": Between(0, 999),
}


def steps(values: Values) -> np.ndarray:
    """η_1 … η_t of a schedule: its first, that over √k, or that over k."""
    k = np.arange(1, int(values["t"]) + 1)
    power = {"constant": 0.0, "inverse root": 0.5, "inverse": 1.0}[str(values["schedule"])]
    return np.asarray(float(values["first"]) * k**-power)


def with_gradients(values: Values) -> dict[str, Any]:
    """The constants, the step sizes, and what the exact expectation over all sequences says of gradients and ends.

    G² is the largest E‖g^k‖² over the steps: the theorem's own condition, at its least.
    """
    known = constants(values) | {"step_sizes": steps(values)}
    u, eta = known["minimiser"], known["step_sizes"]
    w, second = known["start"][None], []
    for step in eta:
        g = _gradients(known, w, str(values["loss"]))
        second.append(float(np.square(g).sum((-2, -1)).mean()))
        w = (w[:, None] - step * g).reshape(-1, *u.shape)
    return known | {
        "comparator": u,
        "G": float(np.sqrt(max(second))),
        "before": float(np.square(known["start"] - u).sum()),
        "after": float(np.square(w - u).sum((-2, -1)).mean()),
        "noise": float(np.square(eta) @ second),
    }


def _gradients(known: dict[str, Any], w: np.ndarray, loss: str) -> np.ndarray:
    """Every point's gradient at every w: (runs, n, m, outputs)."""
    F, y = known["features"], known["targets"]
    q = F @ w
    if loss == "squared":
        error = 2 * (q - y)
    else:
        p = np.exp(q - q.max(-1, keepdims=True))
        error = p / p.sum(-1, keepdims=True) - y
    return np.asarray(F[None, :, :, None] * error[:, :, None, :])


def magnitude(values: Values) -> float:
    """Distances and gradients are sums of n·m terms, over t steps: so many machine epsilons of the largest."""
    F = values["features"]
    largest = values["before"] + values["after"] + values["noise"]
    return float(64 * EPSILON * (F.size + len(values["step_sizes"])) * largest)


CHECK = Check(
    claim=CLAIM,
    procedures=(
        Pointwise(
            part="bound",
            space=Space(
                draws=DRAWS | {"loss": OneOf(("cross_entropy",))},
                anchors=(
                    ENTROPY,
                    ENTROPY | {"n": 3, "t": 6, "first": 0.4},
                    ENTROPY | {"kind": "orthogonal", "scale": 30.0, "first": 0.05},
                    ENTROPY | {"kind": "orthogonal", "scale": 100.0, "first": 1.0},
                    # Far from the minimum the loss is nearly linear, and a step of R/G attains the bound.
                    ATTAINED | {"scale": 100.0, "first": 4.95},
                    ATTAINED | {"scale": 1000.0, "first": 49.19},
                    ATTAINED | {"kind": "orthogonal", "scale": 1000.0, "first": 33.66},
                    # In other units: features of another length ℓ, weights over ℓ, steps over ℓ².
                    *(ATTAINED | {"length": l, "scale": 1000.0 / l, "first": 49.19 / l**2} for l in (0.01, 1000.0)),
                    # Short steps on a long way, along which nearly nothing is gained.
                    ATTAINED | {"t": 4, "length": 0.01, "scale": 1e5, "first": 1e-6},
                ),
            ),
            route=Route(name="every sequence", simulate=last_layer.expected_best_at, parameters=PARAMETERS),
            rounding=rounding,
            source="64 (n + m + t) machine epsilons of the losses, times the condition number of the features",
            constants=with_gradients,
        ),
        Pointwise(
            part="one_step",
            space=Space(
                draws=DRAWS | {"loss": OneOf(("squared", "cross_entropy"))},
                anchors=(ENTROPY, ENTROPY | {"loss": "squared", "first": 0.02, "t": 6}),
            ),
            route=Route(
                name="full gradients along every sequence",
                simulate=last_layer.expected_progress_at,
                parameters=PARAMETERS,
            ),
            rounding=magnitude,
            source="64 (n m + t) machine epsilons of the distances and the noise",
            constants=with_gradients,
        ),
    ),
    expected={
        "bound": Expected(
            status="holds, within 10×", reason="within 10x where R² is of the order of G² Σ η²", date="2026-11-26"
        ),
        "one_step": Expected(status="confirmed", reason="a square, expanded; E[g | w] = ∇L", date="2026-11-26"),
        "recommended": Expected(status="confirmed", reason="the harmonic series", date="2026-11-26"),
    },
)
