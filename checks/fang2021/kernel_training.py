"""Confronts (10) and (14): descent on the tangent model's parameters against descent and solutions in coefficients."""

from lazy_assay.checks import Check, Expected, OneOf, Pointwise, Route, Space, Values
from lazy_assay.checks._tangent_models.settings import ANCHOR, DRAWS, REGULAR, eta, of_outputs
from lazy_assay.checks._tangent_models.training import TRAINED, both, clock, left, solved
from lazy_assay.sims.two_layer import tangent_training
from lazy_assay.theory.fang2021.kernel_training import CLAIM

SOURCE = "machine epsilons times sizes, steps, and what is added up"


def one_rate(values: Values) -> dict[str, float]:
    """(13): the same stable step size for u and θ."""
    return {"step_size": eta(values)}


def penalty(values: Values) -> dict[str, float]:
    """λα²/m."""
    return {"penalty": float(values["lambda_"]) * float(values["alpha"]) ** 2 / len(values["theta"])}


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
