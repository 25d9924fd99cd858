"""Confronts Corollary 3: the exact mean behind it by two routes, the bound, and SGD on a random embedding."""

from collections.abc import Mapping
from dataclasses import replace

from lazy_assay.checks import (
    Between,
    Check,
    Configuration,
    Draw,
    Expected,
    Fine,
    Means,
    OneOf,
    Pointwise,
    Resolution,
    Route,
    Space,
)
from lazy_assay.checks.daniely2019._spaces import FUNCTIONS, bound_of, embedded, quadrature, replicas, seeded, trained
from lazy_assay.sims.paired import random_embeddings
from lazy_assay.theory.daniely2019._kernel_space import EPSILON
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
# Two centres with opposite signs, 10° on either side of the input: f̌ points at it wherever it is not 0, and four fifths
# of the bound are reached, in other units of |u| too.
PAIR: Configuration = {
    "d": 3,
    "q": 1,
    "c": 2,
    "n": 1,
    "centres": "fan:20",
    "coefficients": "signs:1",
    "points": "axes",
    "activation": "steep_abs",
}
SGD = Route(
    name="SGD on random embeddings",
    simulate=random_embeddings.sgd_excess_loss,
    settings=trained,
    trials=lambda values: 128,
    examples=1,
)
# One step, whose mean iterate is 0 on every run, and so many features that f_ω is f: the bound is all of f.
ONE_STEP: Configuration = {
    "d": 2,
    "q": 300_000,
    "c": 1,
    "n": 1,
    "centres": "sphere:101",
    "coefficients": "gaussian:1",
    "points": "sphere:101",
    "activation": "abs",
    "steps": 1,
}
# The same in other units of |u|, with many features and with one.
AXIS: Configuration = {**ONE_STEP, "centres": "axes", "coefficients": "ones", "points": "axes"}
OTHER_UNITS: tuple[Configuration, ...] = (
    {**AXIS, "activation": "steep_abs"},
    {**AXIS, "activation": "steep_abs", "q": 1},
    {**AXIS, "activation": "flat_abs"},
)
# As many steps as orthogonal inputs, each of which a step takes to its label.
BASIS: Configuration = {
    "d": 4,
    "q": 1000,
    "c": 4,
    "n": 4,
    "centres": "axes",
    "coefficients": "signs:1",
    "points": "axes",
    "activation": "abs",
    "steps": 4,
}
# Long training in a plane: what is left is that one feature, or sixteen, cannot make f.
ONE_FEATURE: Configuration = {
    **BASIS, "d": 200, "q": 1, "c": 1, "n": 3, "coefficients": "ones", "points": "fan:60", "steps": 1024,
}  # fmt: skip
SIXTEEN: Configuration = {
    **ONE_FEATURE, "d": 2, "q": 16, "c": 3, "n": 24, "centres": "fan:45", "coefficients": "signs:0",
    "points": "fan:4", "steps": 4096,
}  # fmt: skip
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
        BASIS,
        ONE_FEATURE,
    ),
    further=(SIXTEEN,),
)
AT_ONCE: Mapping[str, Draw] = {"q": OneOf((4, 16, 64)), "steps": OneOf((1,))}


def one_step(space: Space) -> Pointwise:
    """The bound after one step, where nothing is drawn that the mean iterate depends on."""
    return Pointwise(
        part="sgd",
        name="one step",
        space=space,
        route=replace(SGD, name="SGD of one step", examples=2),
        rounding=lambda values: (
            64 * EPSILON * values["points"].size * float(abs(values["coefficients"]).sum()) * bound_of(values) ** 2
        ),
        source="64 machine epsilons for each number summed, times C²Σ|c_j|",
        wrong_versions=False,
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
                draws=SPACE.draws,
                anchors=(
                    NEAR,
                    {**NEAR, "d": 3, "centres": "sphere:8", "points": "single:100"},
                    PAIR,
                    {**PAIR, "activation": "flat_abs", "q": 4},
                ),
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
        one_step(Space(draws={**FUNCTIONS, **AT_ONCE}, anchors=(ONE_STEP, *OTHER_UNITS))),
    ),
    expected={
        "exact_mean": Expected(status="confirmed", reason="an exact mean", date="2026-11-26"),
        "bound": Expected(status="holds, within 10×", reason="a factor of two for abs", date="2026-11-26"),
        "sgd": Expected(status="holds, sharp", reason="reached at one step and many features", date="2026-11-29"),
    },
)
