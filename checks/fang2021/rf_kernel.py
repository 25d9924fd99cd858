"""Confronts the kernel of random features: its mean, its variance and its rate, over activations and correlations."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lazy_assay.checks import (
    Between,
    Check,
    Expected,
    Fine,
    Means,
    OneOf,
    Resolution,
    Route,
    Space,
    Sweep,
    Tolerance,
    Values,
)
from lazy_assay.sims.features import kernels
from lazy_assay.theory._mathematics.dual_activations import ACTIVATIONS, quadrature_error
from lazy_assay.theory._mathematics.two_layer import limiting_kernel_u
from lazy_assay.theory.fang2021.rf_kernel import CLAIM

CORRELATIONS = OneOf((0.3, -0.5, 0.0, 0.8, -0.9, 1.0))
SPACE = Space(
    draws={"correlation": CORRELATIONS, "activation": OneOf(tuple(ACTIVATIONS)), "m": Between(1, 16)},
    anchors=(
        {"correlation": 0.3, "activation": "relu", "m": 4},
        {"correlation": -0.5, "activation": "tanh", "m": 2},
        {"correlation": 0.8, "activation": "erf", "m": 8},
    ),
)
# Every closed form of a dual activation is looked at.
EACH = replace(
    SPACE,
    anchors=(
        *SPACE.anchors,
        {"correlation": 0.6, "activation": "abs", "m": 4},
        {"correlation": -0.7, "activation": "sin", "m": 4},
    ),
)
# Sets of features whose mean is one draw: budgets count draws, and a variance is known to √(2/draws) at best.
REPEATS = 128
WIDTHS = tuple(2**k for k in range(4, 10))


def quadrature(*moments: str) -> Tolerance:
    """The error of the trapezoid rule, or of a closed form's rounding, over all activations."""
    worst = max(quadrature_error(activation, moment) for activation in ACTIVATIONS for moment in moments)
    return Tolerance(discretisation=2 * worst, sources={"discretisation": "trapezoid rule of the prediction, computed"})


def route(name: str, moments: tuple[str, ...], reads: Callable[[np.ndarray], np.ndarray]) -> Route:
    """Random features, read as a mean or as an unbiased variance."""
    return Route(
        name=name,
        simulate=kernels.feature_kernel,
        settings=lambda values: {"repeats": REPEATS},
        allowance=lambda values: quadrature(*moments),
        reads=reads,
        trials=lambda values: 500,
    )


def distances(values: Values) -> dict[str, object]:
    """The limiting kernel matrix and the widths."""
    points = values["points"]
    aim = limiting_kernel_u(points, points, values["activation"])
    return {"limit": aim, "widths": np.array(WIDTHS), "repeats": 32}


CHECK = Check(
    claim=CLAIM,
    procedures=(
        Means(
            part="kernel",
            space=EACH,
            routes=(route("random features", ("dual",), lambda draws: draws.mean(axis=1)),),
            resolution=Resolution(relative=0.01, absolute=0.01),
            fine=Fine(anchors=EACH.anchors, resolution=Resolution(relative=0.009)),
        ),
        Means(
            part="fluctuation",
            space=SPACE,
            routes=(route("variance over sets", ("dual", "second_moment"), lambda draws: draws.var(axis=1, ddof=1)),),
            # At correlations near −1 a ReLU hardly ever sees both inputs: of a thousandth, a tenth.
            resolution=Resolution(relative=0.025, absolute=5e-5),
            fine=Fine(anchors=SPACE.anchors, resolution=Resolution(relative=0.009), copies=6),
        ),
        Sweep(
            part="rate",
            route=Route(name="kernel matrices", simulate=kernels.kernel_distance, settings=distances),
            sizes=tuple(float(m) for m in WIDTHS),
            configurations=tuple(
                {"activation": name, "points": "sphere:1", "n": 6, "d": 4} for name in ("relu", "tanh", "softplus")
            ),
            resolution=0.04,
            repeated=16,
            at_most=32,
        ),
    ),
    expected={
        "kernel": Expected(status="confirmed", reason="a mean of independent terms", date="2026-11-26"),
        "fluctuation": Expected(status="confirmed", reason="a mean of independent terms", date="2026-11-26"),
        "rate": Expected(status="confirmed", reason="the variance is exactly of order 1/m", date="2026-11-26"),
    },
)
