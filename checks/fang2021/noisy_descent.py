"""Confronts noisy descent: where it comes to rest, how hot it is, from which starts, and when it never rests."""

import math

import numpy as np

from lazy_assay.checks import (
    Between,
    Check,
    Clock,
    Configuration,
    Contrast,
    Control,
    Draw,
    Effects,
    Expected,
    Means,
    OneOf,
    Resolution,
    Route,
    Space,
    Sweep,
    Tolerance,
    Values,
    predicted,
)
from lazy_assay.checks._tangent_models.rounding import SEEDED
from lazy_assay.sims.particles import normal_inputs, stationary
from lazy_assay.theory.fang2021.noisy_descent import CLAIM

# Relaxation times 1/(ηλ) of the slowest motion before the first look, and from look to look.
BURN, APART, LOOKS = 8.0, 1.0, 8
TRIALS = 512
LINEAR: Configuration = {
    "n": 4,
    "d": 3,
    "points": "sphere:1",
    "labels": "gaussian:1",
    "alpha": 2.0,
    "lambda_theta": 0.5,
    "temperature": 0.2,
    "step_size": 0.1,
    "m": 5,
}
LINEARS: dict[str, Draw] = {
    "n": OneOf((3, 5)),
    "d": OneOf((2, 4)),
    "points": OneOf(tuple(f"sphere:{seed}" for seed in range(2, 12))),
    "labels": SEEDED,
    "alpha": OneOf((1.0, 2.0)),
    "lambda_theta": OneOf((0.5, 1.0)),
    "temperature": OneOf((0.05, 0.2, 1.0)),
    "step_size": OneOf((0.2, 0.3)),
    "m": Between(2, 8),
}
WARM: Configuration = {
    "n": 4,
    "d": 2,
    "m": 8,
    "alpha": 2.0,
    "activation": "tanh",
    "lambda_u": 0.5,
    "lambda_theta": 0.5,
    "temperature": 0.1,
    "step_size": 0.2,
    "descends": "g",
    "noise": "printed",
}
WARMTHS: dict[str, Draw] = {
    "n": OneOf((3, 5)),
    "d": OneOf((1, 2)),
    "m": Between(4, 12),
    "alpha": OneOf((1.0, 2.0)),
    "activation": OneOf(("tanh", "erf", "sigmoid")),
    "lambda_u": OneOf((0.5, 1.0)),
    "lambda_theta": OneOf((0.5, 1.0)),
    "temperature": OneOf((0.05, 0.2)),
    "step_size": OneOf((0.1, 0.2)),
    "descends": OneOf(("g", "phi")),
    "noise": OneOf(("printed", "scaled")),
}
GIBBS: Configuration = {
    "n": 3,
    "inputs": "gaussian:2",
    "labels": "gaussian:12",
    "alpha": 4.0,
    "activation": "tanh",
    "lambda_u": 0.5,
    "lambda_theta": 0.5,
    "temperature": 0.1,
    "step_size": 0.1,
    "m": 32,
}
# Inputs of order one, for which descent with these steps is stable, and labels that move the law from that of r alone.
GIBBSES: dict[str, Draw] = {
    "n": OneOf((2, 3)),
    "inputs": OneOf(tuple(f"gaussian:{seed}" for seed in range(2, 8))),
    "labels": OneOf(tuple(f"gaussian:{seed}" for seed in range(10, 16))),
    "alpha": OneOf((2.0, 4.0)),
    "activation": OneOf(("tanh", "erf", "sigmoid")),
    "lambda_u": OneOf((0.5, 1.0)),
    "lambda_theta": OneOf((0.5, 1.0)),
    "temperature": OneOf((0.1, 0.3)),
    "step_size": OneOf((0.05, 0.1)),
    "m": OneOf((24, 32)),
}
OTHER: Configuration = {**GIBBS, "inputs": "gaussian:4", "activation": "erf"}
FREE: Configuration = {
    "n": 4,
    "d": 3,
    "m": 20,
    "alpha": 2.0,
    "activation": "tanh",
    "lambda_u": 0.5,
    "lambda_theta": 0.0,
    "temperature": 0.5,
    "step_size": 0.2,
}
TIMES = (16.0, 32.0, 64.0, 128.0, 256.0)
NETWORK: Configuration = {"m": 3, "d": 3, "theta": "sphere:1", "u": "gaussian:1", "activation": "tanh"}
# Differences of E u², .6 here, and of f, 1.6, that would matter; and of φ at a saddle from φ at a minimum.
CLOSE, STUCK = 0.05, 0.1


def slowest(values: Values) -> float:
    """ηλ of what decay alone brings to rest."""
    decays = [float(values[name]) for name in ("lambda_u", "lambda_theta") if name in values]
    return float(values["step_size"]) * min(decays)


def timed(values: Values) -> dict[str, int]:
    """Steps before the first look and between looks."""
    return {
        "burn": math.ceil(BURN / slowest(values)),
        "looks": LOOKS,
        "every": math.ceil(APART / slowest(values)),
    }


def clock(values: Values) -> Clock:
    """Up to the last look."""
    told = timed(values)
    return Clock(
        step_size=float(values["step_size"]),
        steps=told["burn"] + (LOOKS - 1) * told["every"],
        alpha=float(values["alpha"]),
    )


def left(values: Values) -> Tolerance:
    """What is left of starts of order one: (1 − ηλ)^burn of means, its square of variances."""
    kept = (1 - slowest(values)) ** timed(values)["burn"]
    return Tolerance(optimisation=2 * kept, sources={"optimisation": "contraction of the slowest motion, computed"})


def settled(values: Values) -> Tolerance:
    """The same, and what the expansion in 1/m and η leaves."""
    part = CLAIM.part("gibbs" if values["moment"] in ("uu", "tt", "ut", "f") else "conditional")
    assert part.finite_allowance is not None
    return Tolerance(
        finite_size=predicted(part.finite_allowance, values),
        optimisation=left(values).optimisation,
        sources={
            "finite_size": "the square of the first-order corrections in 1/m and η, computed",
            "optimisation": "contraction of the slowest motion, computed",
        },
    )


def linear(name: str, column: int, examples: int = 1) -> Route:
    """One of the columns of the linear law."""
    return Route(
        name=name,
        simulate=stationary.linear_law,
        settings=timed,
        allowance=left,
        clock=clock,
        reads=lambda draws: draws[:, column],
        trials=lambda values: TRIALS,
        examples=examples,
    )


def resting(moment: str, start: str) -> Route:
    """A moment of the nonlinear law."""
    column = stationary.MOMENTS.index(moment)
    return Route(
        name=f"{moment} from {start}",
        simulate=stationary.moments,
        settings=lambda values: {**timed(values), "start": start},
        allowance=settled,
        clock=clock,
        reads=lambda draws: draws[:, column],
        trials=lambda values: TRIALS,
        examples=1,
    )


def nonlinear(part: str, moment: str, anchor: Configuration, start: str, resolution: Resolution) -> Means:
    """One moment, from a start of its own."""
    told: Configuration = {"moment": moment}
    return Means(
        part=part,
        name=f"finite size, {moment}",
        space=Space(draws={**GIBBSES, "moment": OneOf((moment,))}, anchors=({**anchor, **told},)),
        routes=(resting(moment, start),),
        resolution=resolution,
    )


def two_starts(moment: str, start: str) -> Contrast:
    """A moment from one start and from the narrow one, with noise of its own in each: equal."""
    return Contrast(
        f"{moment} from {start} and from narrow", seeded(moment, start), seeded(moment, "narrow"), CLOSE, equality=True
    )


def seeded(moment: str, start: str, temperature: float = 0.1) -> tuple[Route, Configuration]:
    """A moment of 64 particles, a row a seed. The start stands in the configuration, by which noise is keyed."""
    return Route(
        name=moment,
        simulate=stationary.moments,
        settings=timed,
        clock=clock,
        reads=lambda draws: draws[:, stationary.MOMENTS.index(moment)],
    ), {**GIBBS, "m": 64, "temperature": temperature, "start": start}


PERCENTS = Resolution(relative=0.02)
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Means(
            part="mean",
            space=Space(draws=LINEARS, anchors=(LINEAR,)),
            routes=(linear("mean of particles", 2),),
            resolution=Resolution(relative=0.03, absolute=0.01),
        ),
        Means(
            part="centre",
            space=Space(draws=LINEARS, anchors=(LINEAR,)),
            routes=(linear("means of two runs", 1),),
            resolution=Resolution(relative=0.05),
        ),
        Means(
            part="deviations",
            space=Space(draws=LINEARS, anchors=(LINEAR,)),
            routes=(linear("deviations", 0, examples=2),),
            resolution=Resolution(relative=0.015),
        ),
        Means(
            part="temperature",
            space=Space(
                draws=WARMTHS,
                anchors=(WARM, {**WARM, "descends": "phi"}, {**WARM, "descends": "phi", "noise": "scaled"}),
            ),
            routes=(
                Route(
                    name="virial",
                    simulate=stationary.thermometer,
                    settings=timed,
                    allowance=left,
                    clock=clock,
                    trials=lambda values: TRIALS,
                    examples=1,
                ),
            ),
            resolution=PERCENTS,
        ),
        nonlinear("gibbs", "uu", GIBBS, "narrow", PERCENTS),
        nonlinear("gibbs", "tt", OTHER, "wide", PERCENTS),
        nonlinear("gibbs", "ut", OTHER, "apart", Resolution(relative=0.03, absolute=0.002)),
        nonlinear("gibbs", "f", GIBBS, "wide", Resolution(relative=0.01, absolute=0.003)),
        nonlinear("conditional", "square", GIBBS, "wide", PERCENTS),
        nonlinear("conditional", "fourth", OTHER, "narrow", Resolution(relative=0.04)),
        Effects(
            part="uniqueness",
            contrasts=(
                *(two_starts(moment, start) for start in ("zero", "wide", "apart") for moment in ("uu", "f")),
                Contrast(
                    "without noise: φ from zero beyond φ from narrow",
                    seeded("phi", "zero", 0.0),
                    seeded("phi", "narrow", 0.0),
                    STUCK,
                ),
            ),
        ),
        Sweep(
            part="unconfined",
            route=Route(
                name="noisy descent",
                simulate=stationary.spreading,
                settings=lambda values: {"times": np.array(TIMES)},
                clock=lambda values: Clock(
                    step_size=float(values["step_size"]),
                    steps=round(TIMES[-1] / float(values["step_size"])),
                    alpha=float(values["alpha"]),
                ),
            ),
            sizes=TIMES,
            configurations=(FREE,),
            resolution=0.1,
            controls=(Control(assumption="no decay", configuration={**FREE, "lambda_theta": 0.5}),),
        ),
        Means(
            part="poincare",
            space=Space(
                draws={
                    "m": Between(1, 4),
                    "d": OneOf((2, 4)),
                    "theta": OneOf(tuple(f"sphere:{seed}" for seed in range(10))),
                    "u": SEEDED,
                    "activation": OneOf(("tanh", "erf", "softplus", "relu")),
                },
                anchors=(NETWORK, {**NETWORK, "activation": "linear"}, {**NETWORK, "activation": "relu"}),
            ),
            routes=(
                Route(
                    name="pairs of inputs",
                    simulate=normal_inputs.half_squared_difference,
                    trials=lambda values: 2048,
                ),
            ),
            resolution=Resolution(relative=0.05),
        ),
    ),
    expected={
        "mean": Expected(status="confirmed", reason="an autoregression", date="2026-11-29"),
        "centre": Expected(status="confirmed", reason="an autoregression", date="2026-11-29"),
        "deviations": Expected(status="confirmed", reason="an autoregression", date="2026-11-29"),
        "temperature": Expected(
            status="confirmed", reason="E‖w‖² does not move at rest", date="2026-11-29", as_printed="refuted"
        ),
        "gibbs": Expected(status="confirmed", reason="the Fokker–Planck equation at rest", date="2026-11-29"),
        "conditional": Expected(status="confirmed", reason="g is quadratic in u", date="2026-11-29"),
        "uniqueness": Expected(status="reproduced", reason="a strictly convex free energy", date="2026-11-29"),
        "unconfined": Expected(status="confirmed", reason="free diffusion where h is flat", date="2026-11-29"),
        "poincare": Expected(status="holds, sharp", reason="equality for linear f", date="2026-11-29"),
    },
)
