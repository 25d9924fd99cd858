"""Confronts the tangent kernels: means by neurons and by automatic differentiation, variances at every m."""

from collections.abc import Callable

import numpy as np

from lazy_assay.checks import (
    Between,
    Check,
    Configuration,
    Expected,
    Fine,
    Means,
    OneOf,
    Resolution,
    Route,
    Space,
)
from lazy_assay.checks.fang2021.rf_kernel import REPEATS, quadrature
from lazy_assay.sims.features import kernels as feature_kernels
from lazy_assay.theory._mathematics.dual_activations import ACTIVATIONS
from lazy_assay.theory.fang2021.ntk_kernels import CLAIM

# Orthogonal inputs make the tangent kernel of the hidden weights vanish for every draw: a named case.
SPACE = Space(
    draws={
        "correlation": OneOf((0.3, -0.5, 0.8, -0.9, 1.0)),
        "activation": OneOf(tuple(ACTIVATIONS)),
        "m": Between(1, 16),
    },
    anchors=(
        {"correlation": 0.3, "activation": "relu", "m": 4},
        {"correlation": -0.5, "activation": "tanh", "m": 2},
        {"correlation": 0.8, "activation": "erf", "m": 8},
    ),
)
MEANS = ("dual", "dual_of_slope")


def wide(m: int, activation: str) -> Configuration:
    """Where a percent is told: at a correlation, and a width, that leave little scatter."""
    return {"correlation": 0.3, "activation": activation, "m": m}


SPREADS = ("dual_of_slope", "second_moment_of_slope")


def neurons(name: str, moments: tuple[str, ...], reads: Callable[[np.ndarray], np.ndarray]) -> Route:
    """Entries of the k × k kernel, summed over neurons."""
    return Route(
        name=name,
        simulate=feature_kernels.hidden_tangent_kernel,
        settings=lambda values: {"repeats": REPEATS},
        allowance=lambda values: quadrature(*moments),
        reads=reads,
        trials=lambda values: 500,
    )


CHECK = Check(
    claim=CLAIM,
    procedures=(
        Means(
            part="k_theta",
            space=SPACE,
            routes=(neurons("neurons", MEANS, lambda draws: draws[..., 0].mean(axis=1)),),
            resolution=Resolution(relative=0.03, absolute=0.005),
            fine=Fine(anchors=(wide(8, "relu"), wide(8, "erf")), resolution=Resolution(relative=0.009)),
        ),
        Means(
            part="sum",
            space=SPACE,
            routes=(
                Route(
                    name="automatic differentiation",
                    simulate=feature_kernels.network_tangent_kernel,
                    allowance=lambda values: quadrature(*MEANS),
                    trials=lambda values: 2000,
                    space=Space(draws={**SPACE.draws, "m": Between(4, 24)}, anchors=SPACE.anchors),
                    examples=3,
                ),
            ),
            resolution=Resolution(relative=0.1, absolute=0.05),
            fine=Fine(anchors=(wide(512, "relu"), wide(512, "tanh")), resolution=Resolution(relative=0.009)),
        ),
        Means(
            part="diagonal",
            space=SPACE,
            routes=(neurons("variance over sets", SPREADS, lambda draws: draws[..., 0].var(axis=1, ddof=1)),),
            resolution=Resolution(relative=0.1),
            fine=Fine(anchors=(wide(4, "relu"),), resolution=Resolution(relative=0.009), copies=6),
        ),
        Means(
            part="off_diagonal",
            space=SPACE,
            # About 0 and not about the sets' own mean: that the mean is 0 is part of the statement.
            routes=(neurons("mean square over sets", SPREADS, lambda draws: (draws[..., 1] ** 2).mean(axis=1)),),
            resolution=Resolution(relative=0.08),
            fine=Fine(anchors=(wide(4, "relu"),), resolution=Resolution(relative=0.009), copies=6),
        ),
    ),
    expected={
        "k_theta": Expected(
            status="confirmed",
            reason="a mean of independent terms; the printed scalar kernel has no x'",
            date="2026-11-26",
            as_printed="refuted",
        ),
        "sum": Expected(status="confirmed", reason="the gradients of (8) at α² = m", date="2026-11-26"),
        "diagonal": Expected(status="confirmed", reason="E u⁴ = 3", date="2026-11-26"),
        "off_diagonal": Expected(status="confirmed", reason="E u_a²u_b² = 1", date="2026-11-26"),
    },
)
