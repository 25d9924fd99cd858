"""Confronts the fluctuation of the tangent kernel: its variance, ReLU's binomial count, the operator norm's slope."""

from dataclasses import replace
from typing import Any

import numpy as np

from lazy_assay.checks import (
    Between,
    Check,
    Configuration,
    Expected,
    Means,
    OneOf,
    Resolution,
    Route,
    Space,
    Sweep,
    Values,
)
from lazy_assay.checks.daniely2019._spaces import ACTIVATIONS, CORRELATIONS
from lazy_assay.sims.paired import random_embeddings
from lazy_assay.theory.daniely2019._kernel_space import Scheme
from lazy_assay.theory.daniely2019.fluctuation import CLAIM

WIDTHS = (16, 32, 64, 128, 256, 512)
VARIANCES = Route(
    name="sample variances",
    simulate=random_embeddings.kernel_variance,
    settings=lambda values: {"replicas": 256},
    trials=lambda values: 512,
)
COUNTS = Route(
    name="active neurons",
    simulate=random_embeddings.active_share,
    settings=lambda values: {"replicas": 64, "q": values["active"] + values["silent"]},
    bounds=(0.0, 1.0),
    trials=lambda values: 512,
)


def expected_kernel(values: Values) -> dict[str, Any]:
    """tk^h on the points, and the widths that are swept."""
    kernel = Scheme(values["activation"]).kernel(values["points"], values["points"])
    return {"kernel": kernel, "sizes": np.array(WIDTHS), "replicas": 16}


ON_POINTS: Configuration = {"d": 6, "n": 8, "points": "sphere:1"}
CHECK = Check(
    claim=CLAIM,
    procedures=(
        # Few neurons in few dimensions: half a million draws of the kernel, enough for one percent.
        Means(
            part="variance",
            name="one percent",
            space=Space(
                draws={
                    "correlation": OneOf((0.3, 0.9)),
                    "activation": OneOf(("abs", "relu", "erf", "softplus")),
                    "q": OneOf((2, 3)),
                    "d": OneOf((2, 3)),
                },
                anchors=({"correlation": 0.3, "activation": "relu", "q": 2, "d": 2},),
            ),
            routes=(replace(VARIANCES, examples=1),),
            resolution=Resolution(relative=0.005),
        ),
        Means(
            part="variance",
            name="every size",
            space=Space(
                draws={"correlation": CORRELATIONS, "activation": ACTIVATIONS, "q": Between(1, 32), "d": Between(2, 8)},
                anchors=({"correlation": 0.6, "activation": "tanh", "q": 8, "d": 4},),
                degenerate={"equal inputs": {"correlation": 1.0, "activation": "relu", "q": 4, "d": 3}},
            ),
            routes=(VARIANCES,),
            resolution=Resolution(relative=0.03),
        ),
        Means(
            part="relu_count",
            name="probabilities",
            space=Space(
                draws={
                    "correlation": CORRELATIONS,
                    "active": Between(0, 2),
                    "silent": Between(1, 6),
                    "d": Between(2, 6),
                },
                anchors=({"correlation": 0.6, "active": 2, "silent": 2, "d": 3},),
            ),
            routes=(COUNTS,),
            resolution=Resolution(relative=0.0, absolute=0.005),
        ),
        Sweep(
            part="operator_norm",
            route=Route(
                name="matrices of random embeddings",
                simulate=random_embeddings.kernel_distance,
                settings=expected_kernel,
            ),
            sizes=WIDTHS,
            configurations=tuple({**ON_POINTS, "activation": name} for name in ("relu", "abs", "erf", "tanh")),
            resolution=0.04,
            repeated=16,
            at_most=32,
        ),
    ),
    expected={
        "variance": Expected(status="confirmed", reason="an exact variance", date="2026-11-26"),
        "relu_count": Expected(status="confirmed", reason="independent indicators", date="2026-11-26"),
        "operator_norm": Expected(status="confirmed", reason="a mean of independent matrices", date="2026-11-26"),
    },
)
