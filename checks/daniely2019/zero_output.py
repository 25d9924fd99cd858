"""Confronts the initialisation with zero outputs: outputs and gradients of networks at given weights."""

from lazy_assay.checks import Between, Check, Expected, OneOf, Pointwise, Route, Space, Values
from lazy_assay.checks.daniely2019._spaces import ACTIVATIONS, NEURONS, seeded
from lazy_assay.sims.paired import initialisation as paired_initialisation
from lazy_assay.theory.daniely2019._kernel_space import EPSILON
from lazy_assay.theory.daniely2019.zero_output import CLAIM

SPACE = Space(
    draws={
        "d": Between(2, 8),
        "N": Between(1, 40),
        "n": Between(1, 8),
        "W": seeded("gaussian"),
        "points": seeded("sphere", "cube", "single"),
        "B": OneOf((1.0, 0.1, 1000.0)),
        "activation": ACTIVATIONS,
    },
    anchors=({"d": 5, "N": 20, "n": 6, "W": "gaussian:1", "points": "sphere:1", "B": 100.0, "activation": "softplus"},),
)


def rounding(values: Values) -> float:
    """64 machine epsilons for each of the 2q terms of size at most 1 + |<w, x>|."""
    W = values["W"]
    return 64 * EPSILON * 2 * int(W.shape[1]) * float(1 + abs(values["points"] @ W).max())


SOURCE = "64 machine epsilons for each of the 2q terms, computed"
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Pointwise(
            part="output",
            space=SPACE,
            route=Route(name="forward pass", simulate=paired_initialisation.largest_output_at, parameters=NEURONS),
            rounding=rounding,
            source=SOURCE,
        ),
        Pointwise(
            part="gradients",
            space=SPACE,
            route=Route(
                name="automatic differentiation",
                simulate=paired_initialisation.unpaired_gradient_at,
                parameters=NEURONS,
            ),
            rounding=rounding,
            source=SOURCE,
        ),
    ),
    expected={
        name: Expected(status="confirmed", reason="pairs cancel term by term", date="2026-11-26")
        for name in ("output", "gradients")
    },
)
