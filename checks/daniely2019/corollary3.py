"""Confronts Corollary 3: the exact mean behind it by two routes, the bound, and SGD on a random embedding."""

from collections.abc import Mapping

from lazy_assay.checks import (
    Between,
    Check,
    Configuration,
    Draw,
    Expected,
    Fine,
    Means,
    OneOf,
    Resolution,
    Route,
    Space,
)
from lazy_assay.checks.daniely2019._spaces import FUNCTIONS, embedded, quadrature, replicas, seeded, trained
from lazy_assay.sims.paired import random_embeddings
from lazy_assay.theory.daniely2019.corollary3 import CLAIM

EMBEDDINGS = Route(
    name="random embeddings",
    simulate=random_embeddings.approximation_error,
    settings=embedded,
    allowance=quadrature,
    trials=lambda values: 512,
)
PAIRS = Route(
    name="variance over embeddings",
    simulate=random_embeddings.paired_error,
    settings=lambda values: {"replicas": replicas(values)},
    allowance=quadrature,
    trials=lambda values: 512,
    examples=2,
)
ONE_INPUT: Configuration = {
    "d": 3,
    "q": 1,
    "c": 2,
    "n": 1,
    "centres": "sphere:1",
    "coefficients": "gaussian:1",
    "points": "sphere:100",
}
SPACE = Space(
    draws={**FUNCTIONS, "n": OneOf((1,)), "points": seeded("sphere", first=100)},
    anchors=({**ONE_INPUT, "activation": "abs"}, {**ONE_INPUT, "activation": "tanh", "q": 4}),
)
# Chosen among seeds for a function with much of its norm, and little of its mean, at the input.
NEAR: Configuration = {
    **ONE_INPUT,
    "d": 2,
    "q": 4,
    "c": 3,
    "centres": "sphere:48",
    "coefficients": "gaussian:4",
    "activation": "abs",
}
SGD = Route(
    name="SGD on random embeddings",
    simulate=random_embeddings.sgd_excess_loss,
    settings=trained,
    trials=lambda values: 128,
    examples=1,
)
# On one input, or copies of it, every run is the same: no draws to speak of.
TRAINABLE: Mapping[str, Draw] = {
    "n": Between(2, 5),
    "points": seeded("sphere", first=100),
    "q": OneOf((4, 16, 64)),
    "steps": OneOf((16, 64, 256)),
}
TRAINED = Space(
    draws={**FUNCTIONS, **TRAINABLE},
    anchors=(
        {**ONE_INPUT, "c": 3, "n": 5, "q": 64, "steps": 256, "activation": "erf"},
        {**ONE_INPUT, "c": 3, "n": 5, "q": 64, "steps": 256, "activation": "relu"},
    ),
)
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Means(
            part="exact_mean",
            name="identity",
            space=SPACE,
            routes=(EMBEDDINGS, PAIRS),
            resolution=Resolution(relative=0.03, absolute=1e-5),
            fine=Fine(anchors=SPACE.anchors, resolution=Resolution(relative=0.009), copies=8),
        ),
        Means(
            part="bound",
            name="upper bound",
            space=Space(
                draws=SPACE.draws, anchors=(NEAR, {**NEAR, "d": 3, "centres": "sphere:8", "points": "single:100"})
            ),
            routes=(EMBEDDINGS,),
            resolution=Resolution(relative=0.01, absolute=1e-5),
        ),
        Means(
            part="sgd",
            name="upper bound",
            space=TRAINED,
            routes=(SGD,),
            resolution=Resolution(relative=0.01, absolute=1e-5),
        ),
    ),
    expected={
        "exact_mean": Expected(status="confirmed", reason="an exact mean", date="2026-11-26"),
        "bound": Expected(status="holds, within 10×", reason="a factor of two for abs", date="2026-11-26"),
        "sgd": Expected(status="holds, within 10×", reason="within a factor of ten", date="2026-11-26"),
    },
)
