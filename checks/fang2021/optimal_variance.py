"""Confronts the variance of a neuron at the optimum: by its definition, after minimisation, and of other laws."""

import numpy as np

from lazy_assay.checks import (
    Between,
    Check,
    Configuration,
    Control,
    Draw,
    Expected,
    OneOf,
    Pointwise,
    Route,
    Space,
    Tolerance,
    Values,
)
from lazy_assay.checks._tangent_models.rounding import EPSILON, SEEDED
from lazy_assay.sims.features import optimal_variance
from lazy_assay.theory.fang2021.optimal_variance import CLAIM, minimiser

ROUNDS, REPEATS = 600, 400
ANCHOR: Configuration = {
    "n": 4,
    "d": 5,
    "m": 10,
    "theta": "gaussian:1",
    "points": "sphere:1",
    "labels": "gaussian:1",
    "alpha": 2.0,
    "activation": "tanh",
    "lambda_": 0.1,
    "normalisation": "batch",
}
DRAWS: dict[str, Draw] = {
    "n": OneOf((3, 4)),
    "d": OneOf((4, 5)),
    "m": Between(6, 14),
    "theta": SEEDED,
    "points": OneOf(("sphere:1", "sphere:2", "sphere:3")),
    "labels": SEEDED,
    "alpha": OneOf((1.0, 3.0)),
    "activation": OneOf(("tanh", "abs", "softplus", "sin")),
    "lambda_": OneOf((0.03, 0.1, 0.5)),
    "normalisation": OneOf(("batch",)),
}
NETWORK: Configuration = {**{k: v for k, v in ANCHOR.items() if k not in ("labels", "lambda_")}, "u": "gaussian:2"}
SOURCE = "machine epsilons of sums over neurons and points, squared outputs of a neuron"


def at(values: Values) -> dict[str, object]:
    """The minimiser's c_j."""
    names = ("theta", "alpha", "points", "labels", "activation", "lambda_")
    return {"coefficients": minimiser(**{name: values[name] for name in names}), "repeats": REPEATS}


def size(values: Values) -> float:
    """Of a neuron's squared output: α²u² for a network, α²‖c‖_1² for a law, at most that of labels over λ."""
    top = values["u"] if "u" in values else np.array([np.square(values["labels"]).sum() / float(values["lambda_"])])
    largest = float(values["alpha"]) ** 2 * float(np.square(top).max() + 1)
    return float(64 * EPSILON * len(values["theta"]) * len(values["points"]) * largest)


def left(values: Values) -> Tolerance:
    """Twice the change when half the turns are made."""
    names = ("theta", "alpha", "points", "labels", "activation", "normalisation", "lambda_")
    told = {name: values[name] for name in names} | {"trials": 1, "entropy": 0}
    fine, coarse = (float(optimal_variance.trained_variance_at(**told, rounds=ROUNDS // part)[0]) for part in (1, 2))
    return Tolerance(
        optimisation=2 * abs(fine - coarse), sources={"optimisation": "twice the change at half the turns"}
    )


CHECK = Check(
    claim=CLAIM,
    procedures=(
        Pointwise(
            part="normalised",
            space=Space(
                draws={**{k: v for k, v in DRAWS.items() if k not in ("labels", "lambda_")}, "u": SEEDED},
                anchors=(NETWORK,),
            ),
            route=Route(name="by definition", simulate=optimal_variance.neuron_variance_at),
            rounding=size,
            source=SOURCE,
            controls=(Control(assumption="normalised", configuration={**NETWORK, "normalisation": "none"}),),
        ),
        Pointwise(
            part="trained",
            space=Space(draws=DRAWS, anchors=(ANCHOR,)),
            route=Route(
                name="minimisation over masses and weights",
                simulate=optimal_variance.trained_variance_at,
                settings=lambda values: {"rounds": ROUNDS},
                allowance=left,
                examples=3,
            ),
            rounding=size,
            source=SOURCE,
            controls=(Control(assumption="normalised", configuration={**ANCHOR, "normalisation": "none"}),),
        ),
        Pointwise(
            part="among",
            # A scale on either side of 1, where its square is the smaller and the larger.
            space=Space(draws=DRAWS, anchors=(ANCHOR, {**ANCHOR, "alpha": 0.5})),
            route=Route(name="random laws of the same values", simulate=optimal_variance.other_variance, settings=at),
            rounding=size,
            source=SOURCE,
        ),
    ),
    expected={
        "normalised": Expected(status="confirmed", reason="a variance is a moment less a square", date="2026-11-28"),
        "trained": Expected(status="confirmed", reason="Cauchy–Schwarz, and an ℓ1 problem", date="2026-11-28"),
        "among": Expected(status="holds, sharp", reason="equality at the minimiser", date="2026-11-28"),
    },
)
