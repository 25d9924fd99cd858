"""Confronts convexity in the measure: trained networks of different widths, mixed, and mixed neuron by neuron."""

from dataclasses import replace
from typing import Any

from lazy_assay.checks import (
    Balances,
    Between,
    Check,
    Clock,
    Configuration,
    Contrast,
    Control,
    Draw,
    Effects,
    Expected,
    OneOf,
    Route,
    Space,
    Values,
)
from lazy_assay.checks._tangent_models.rounding import EPSILON
from lazy_assay.sims.particles import mixtures
from lazy_assay.theory.fang2021.convexity import CLAIM

# Descent on m·φ, at half of what the features' curvature lets be stable for α up to 1.5.
STEP_SIZE, STEPS = 0.1, 100
ROWS = 32
ANCHOR: Configuration = {
    "n": 5,
    "d": 3,
    "k": 1,
    "m": 8,
    "other_m": 5,
    "alpha": 1.5,
    "activation": "tanh",
    "loss": "squared",
    "lambda_u": 0.05,
    "lambda_theta": 0.02,
    "waves": 0.3,
    "s": 0.3,
}
DRAWS: dict[str, Draw] = {
    "n": Between(3, 6),
    "d": OneOf((2, 4)),
    "k": OneOf((1, 2, 3)),
    "m": Between(1, 10),
    "other_m": Between(1, 6),
    "alpha": OneOf((0.5, 1.0, 1.5)),
    "activation": OneOf(("tanh", "sigmoid", "softplus", "erf", "relu")),
    "loss": OneOf(("squared", "cross_entropy")),
    "lambda_u": OneOf((0.0, 0.05)),
    "lambda_theta": OneOf((0.0, 0.02)),
    "waves": OneOf((0.0, 0.3)),
    "s": OneOf((0.1, 0.3, 0.5, 0.8)),
}
ANCHORS = (
    ANCHOR,
    {**ANCHOR, "loss": "cross_entropy", "activation": "softplus"},
    {**ANCHOR, "loss": "cross_entropy", "k": 3, "activation": "relu"},
)
# Outputs so small that both sides are nearly equal: near log 2, between s and 1, and near log 3, where powers differ.
FLAT: tuple[Configuration, ...] = tuple({**anchor, "alpha": 0.1, "waves": 0.0} for anchor in ANCHORS[1:])
# Random networks, not trained, whose loss is far from its minimum: there a bounded one is not convex.
NOT_CONVEX: Configuration = {**ANCHOR, "loss": "bounded", "waves": 0.0, "lambda_u": 0.0, "lambda_theta": 0.0}
OF_SQUARED: dict[str, Draw] = {**DRAWS, "loss": OneOf(("squared",))}
SCALED: Configuration = {
    **{name: ANCHOR[name] for name in ("n", "d", "k", "m", "alpha", "loss", "s")},
    "activation": "relu",
    "lambda_u": 0.0,
    "lambda_theta": 0.0,
}
SCALINGS: dict[str, Draw] = {
    **{name: DRAWS[name] for name in ("n", "d", "k", "m", "alpha", "loss", "s")},
    "activation": OneOf(("relu", "abs")),
    "lambda_u": OneOf((0.0,)),
    "lambda_theta": OneOf((0.0,)),
}
# The second is of densities that hardly overlap.
LAWS: tuple[Configuration, ...] = tuple({"width": 1.0, "reach": reach, "s": 0.3} for reach in (0.5, 30.0))
SOURCE = "machine epsilons of sums over neurons and points, in units of squared outputs of a neuron"
# A share of midpoints that would matter: one in ten.
SMALLEST = 0.1
PAIRS: Configuration = {"n": 6, "d": 3, "m": 6, "alpha": 2.0, "activation": "tanh"}


def rounding(values: Values) -> float:
    """Of sums over neurons and points, and of what is added up."""
    size = sum(int(values.get(name, 1)) for name in ("n", "d", "m", "other_m"))
    return float(64 * EPSILON * size * (1 + float(values.get("alpha", 1.0)) ** 2))


def trained(values: Values) -> dict[str, float | int]:
    """The same step size and steps everywhere."""
    return {"step_size": STEP_SIZE, "steps": 0 if values.get("loss") == "bounded" else STEPS}


def clock(values: Values) -> Clock:
    """That of both networks."""
    return Clock(step_size=STEP_SIZE, steps=int(trained(values)["steps"]), alpha=float(values["alpha"]))


def mixture(name: str, columns: tuple[str, ...]) -> Route:
    """Some columns of a mixture."""
    where = [mixtures.COLUMNS.index(column) for column in columns]
    return Route(
        name=name,
        simulate=mixtures.along_mixture,
        settings=trained,
        clock=clock,
        reads=lambda draws: draws[:, where],
        trials=lambda values: ROWS,
    )


def balances(
    part: str, route: Route, draws: dict[str, Draw], anchors: tuple[Configuration, ...], **more: Any
) -> Balances:
    """One part."""
    return Balances(
        part=part, space=Space(draws=draws, anchors=anchors), route=route, rounding=rounding, source=SOURCE, **more
    )


def above(column: int, decay: float) -> tuple[Route, Configuration]:
    """Midpoints above their chord: along straight lines in the parameters (0), along mixtures (1)."""
    return Route(
        name=("straight lines in the parameters", "mixtures")[column],
        simulate=mixtures.midpoints_above,
        settings=lambda values: {"pairs": 32, "step_size": STEP_SIZE, "steps": STEPS},
        clock=clock,
        reads=lambda draws: draws[:, column],
    ), {**PAIRS, "lambda_u": decay, "lambda_theta": decay}


CHECK = Check(
    claim=CLAIM,
    procedures=(
        balances(
            "mixture",
            mixture("masses of both networks", ("value", "first", "second", "gap")),
            DRAWS,
            (*ANCHORS, *FLAT),
            controls=(Control(assumption="convex loss", configuration=NOT_CONVEX),),
        ),
        balances(
            "squared",
            mixture("masses of both networks, squared loss", ("value", "first", "second", "gap")),
            OF_SQUARED,
            (ANCHOR, {**ANCHOR, "k": 2, "activation": "relu", "s": 0.5}),
            controls=(Control(assumption="squared loss", configuration=ANCHORS[1]),),
        ),
        balances("curvature", mixture("differentiated twice", ("bend", "curvature", "gap")), DRAWS, ANCHORS),
        Effects(
            part="parameters",
            contrasts=(
                Contrast("straight lines beyond mixtures, no decay", above(0, 0.0), above(1, 0.0), SMALLEST),
                Contrast("straight lines beyond mixtures, decay .05", above(0, 0.05), above(1, 0.05), SMALLEST),
            ),
        ),
        balances(
            "rescaled",
            Route(name="neurons (u/c, cθ)", simulate=mixtures.rescaled_neurons, trials=lambda values: ROWS),
            SCALINGS,
            (SCALED,),
            controls=(Control(assumption="homogeneous", configuration={**SCALED, "activation": "tanh"}),),
        ),
        balances(
            "entropy",
            Route(
                name="densities on a line",
                simulate=mixtures.entropies,
                settings=lambda values: {"points": 4096},
                coarser=lambda values: {"points": 2048},
                trials=lambda values: ROWS,
            ),
            {"width": OneOf((0.5, 1.0)), "reach": OneOf((0.2, 1.0, 3.0)), "s": DRAWS["s"]},
            LAWS,
        ),
        # Pinsker's inequality is an equality of second order where p_1/p_0 takes two values, 1 ± t, with equal odds.
        replace(
            balances(
                "entropy",
                Route(
                    name="densities that are tilted",
                    simulate=mixtures.tilted_entropies,
                    settings=lambda values: {"points": 4096},
                    coarser=lambda values: {"points": 2048},
                    trials=lambda values: ROWS,
                ),
                {"width": OneOf((0.5, 1.0)), "tilt": OneOf((0.1, 0.4)), "s": DRAWS["s"]},
                ({"width": 1.0, "tilt": 0.1, "s": 0.3},),
            ),
            wrong_versions=False,
        ),
    ),
    expected={
        "mixture": Expected(status="confirmed", reason="f and R are linear in the measure", date="2026-11-29"),
        "squared": Expected(status="confirmed", reason="a parabola in s", date="2026-11-29"),
        "curvature": Expected(status="confirmed", reason="f and R are linear in the measure", date="2026-11-29"),
        "parameters": Expected(
            status="reproduced", reason="neurons in another order are the same measure", date="2026-11-29"
        ),
        "rescaled": Expected(status="confirmed", reason="the same outputs", date="2026-11-29"),
        "entropy": Expected(status="confirmed", reason="Pinsker's inequality", date="2026-11-29"),
    },
)
