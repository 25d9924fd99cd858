"""Confronts Eq. (24): independent neurons, neurons resampled from a network, and trained ones beside their control."""

import math

from lazy_assay.checks import (
    Between,
    Check,
    Clock,
    Configuration,
    Context,
    Contrast,
    Control,
    Effects,
    Expected,
    Fine,
    Means,
    OneOf,
    Resolution,
    Route,
    Space,
    Subject,
    Values,
)
from lazy_assay.sims.two_layer import sampled_neurons
from lazy_assay.theory.fang2021.eq24 import CLAIM

TRAINING = {"n": 6, "d": 4, "blocks": 3, "steps": 100}
# Networks whose mean is one draw: a variance is known to √(2/draws), and budgets count draws.
REPEATS = 32
# Twice as far, a gap of log 2, is the least that would matter to the sentence that neurons are nearly independent.
SMALLEST = math.log(2)


def scale(values: Values) -> dict[str, float | int | str]:
    """α and f(ρ, x) of ReLU neurons with u ~ N(1, 1) that give a neuron the configuration's variance.

    E[uh] = α/√(2π) and E[(uh)²] = α²·2·½, so that the variance is α²(1 − 1/(2π)).
    """
    alpha = math.sqrt(values["variance"] / (1 - 1 / (2 * math.pi)))
    return {"d": 2, "alpha": alpha, "centre": alpha / math.sqrt(2 * math.pi), "activation": "relu", "repeats": REPEATS}


def column(points: int, which: int, over: float = 1.0) -> Route:
    """Logarithms of a distance divided by `over`, at the training points (0) or at fresh ones (1)."""
    return Route(
        name=("training points", "fresh points")[points] + (": own", ": put together", ": one neuron")[which],
        simulate=sampled_neurons.trained_distances,
        settings=lambda values: {**TRAINING, "step_size": step_size(values)},
        clock=lambda values: Clock(step_size=step_size(values), steps=int(TRAINING["steps"]), alpha=values["alpha"]),
        reads=lambda draws: draws[:, points, which] - math.log(over),
    )


def step_size(values: Values) -> float:
    """Half a unit of the tangent kernel's time, which runs at α²/m."""
    return 0.5 * int(values["m"]) / max(float(values["alpha"]), float(values["alpha"]) ** 2)


def repeats(context: Context) -> int:
    """Data sets, each with an ensemble of its own."""
    return max(10, context.profile.seeds // 2)


def contrast(
    name: str, points: int, sides: tuple[int, int], cell: Configuration, subject: Subject = Subject.CLAIM
) -> Contrast:
    """One side beyond another at one cell."""
    larger, smaller = ((column(points, which), cell) for which in sides)
    return Contrast(name, larger, smaller, SMALLEST, subject)


FIELD: Configuration = {"m": 12, "alpha": 1.0, "activation": "tanh"}
LAZY: Configuration = {"m": 16, "alpha": 4.0, "activation": "relu"}
INDEPENDENT = Route(
    name="independent neurons",
    simulate=sampled_neurons.independent_distance,
    settings=scale,
    trials=lambda values: 1000,
)
RESAMPLED: Configuration = {
    "m": 12,
    "d": 3,
    "c": 3,
    "theta": "gaussian:1",
    "u": "gaussian:1",
    "centres": "sphere:0",
    "alpha": 1.0,
    "activation": "sigmoid",
    "N": 6,
}
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Means(
            part="independent",
            space=Space(
                draws={"m": Between(3, 24), "variance": OneOf((0.5, 1.0, 4.0)), "copies": OneOf((1,))},
                anchors=({"m": 3, "variance": 1.0, "copies": 1}, {"m": 12, "variance": 0.25, "copies": 1}),
            ),
            routes=(INDEPENDENT,),
            resolution=Resolution(relative=0.03),
            fine=Fine(
                anchors=({"m": 12, "variance": 0.25, "copies": 1},), resolution=Resolution(relative=0.009), copies=6
            ),
            controls=(Control(assumption="independence", configuration={"m": 8, "variance": 1.0, "copies": 2}),),
        ),
        Means(
            part="resampled",
            space=Space(
                draws={
                    "m": Between(6, 20),
                    "d": OneOf((3,)),
                    "c": OneOf((3,)),
                    "theta": OneOf(tuple(f"gaussian:{seed}" for seed in range(20))),
                    "u": OneOf(tuple(f"gaussian:{seed}" for seed in range(20))),
                    "centres": OneOf(("sphere:0",)),
                    "alpha": OneOf((1.0, 3.0)),
                    "activation": OneOf(("relu", "tanh", "erf")),
                    "N": Between(4, 16),
                },
                anchors=(RESAMPLED,),
            ),
            routes=(
                Route(
                    name="neurons drawn with replacement",
                    simulate=sampled_neurons.resampled_distance,
                    settings=lambda values: {"repeats": REPEATS},
                    trials=lambda values: 1000,
                ),
            ),
            resolution=Resolution(relative=0.03),
            fine=Fine(anchors=(RESAMPLED,), resolution=Resolution(relative=0.009), copies=5),
        ),
        Effects(
            part="trained",
            seeds=repeats,
            contrasts=(
                contrast("(24) beyond trained networks, training points, α = 1", 0, (2, 0), FIELD),
                contrast("(24) beyond trained networks, fresh points, α = 1", 1, (2, 0), FIELD),
                contrast("(24) beyond trained networks, training points, α = √m", 0, (2, 0), LAZY),
                contrast("put together beyond trained, training points, α = 1", 0, (1, 0), FIELD, Subject.CONTROL),
                # Twice beyond a quarter: the independent neurons are at no less than half of what (24) says.
                Contrast(
                    "put together beyond a quarter of (24), training points, α = 1",
                    (column(0, 1), FIELD),
                    (column(0, 2, over=4), FIELD),
                    SMALLEST,
                    Subject.CONTROL,
                ),
            ),
        ),
    ),
    expected={
        "independent": Expected(
            status="confirmed", reason="the variance of a mean of independent terms", date="2026-11-26"
        ),
        "resampled": Expected(
            status="confirmed", reason="the variance of a mean of independent terms", date="2026-11-26"
        ),
        "trained": Expected(
            status="reproduced",
            reason="training makes a network's neurons dependent; independent ones of the same law obey (24)",
            date="2026-11-26",
        ),
    },
)
