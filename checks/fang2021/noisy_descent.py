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
    Fine,
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
BURN, APART, LOOKS = 6.0, 1.0, 6
TRIALS = 512
LINEAR: Configuration = {
    "n": 4,
    "d": 3,
    "points": "sphere:1",
    "labels": "gaussian:2",
    "alpha": 2.0,
    "lambda_theta": 0.5,
    "temperature": 0.2,
    "step_size": 0.1,
    "m": 5,
}
# Little curvature of the data: there the decay has a say in the mean.
FLAT: Configuration = {**LINEAR, "alpha": 1.0, "temperature": 0.05}
# Steps that bring to rest in a few: draws cost microseconds, and what a step adds, 1/(1 − ηλ/2), is 5/3. How many of
# them tell a percent is planned (benchmarks/resolutions.py); one of many particles, or of a cold mean, scatters little.
FAST: Configuration = {**LINEAR, "alpha": 0.5, "lambda_theta": 0.8, "step_size": 1.0}
# At a scale of 1 a power of it would be no mistake.
COLD: Configuration = {**FLAT, "alpha": 0.7, "temperature": 0.002, "step_size": 1.0}
PERCENT = Resolution(relative=0.008)
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
# r = u + a(θ)/λ_u moves with what all particles do together: little of that, in small steps.
ALONE: Configuration = {**GIBBS, "alpha": 2.0, "lambda_u": 1.0, "lambda_theta": 1.0, "step_size": 0.05}
ALONES: dict[str, Draw] = {
    **GIBBSES,
    "alpha": OneOf((1.0, 2.0)),
    "lambda_u": OneOf((1.0, 2.0)),
    "lambda_theta": OneOf((1.0,)),
    "step_size": OneOf((0.05,)),
}
# Many particles, so that their mean square scatters little. What they had at the start leaves the slope 0.02 short.
FREE: Configuration = {
    "n": 4,
    "d": 3,
    "m": 200,
    "alpha": 2.0,
    "activation": "tanh",
    "lambda_u": 0.5,
    "lambda_theta": 0.0,
    "temperature": 0.5,
    "step_size": 0.4,
}
TIMES = (32.0, 64.0, 128.0, 256.0, 512.0)
NETWORK: Configuration = {"m": 3, "d": 3, "theta": "sphere:1", "u": "gaussian:1", "activation": "tanh"}
# Differences of E u², .6 here, and of f, 1.6, that would matter; and of φ at a saddle from φ at a minimum.
CLOSE, STUCK = 0.05, 0.1
# A moment of many particles scatters by a fortieth, and its expansion leaves a fifth of a percent.
NEAR = Resolution(relative=0.006)


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
    """What is left of squares at starts of order one, (1 − ηλ)^(2 burn), for means and squares that relax as fast."""
    kept = (1 - slowest(values)) ** (2 * timed(values)["burn"])
    return Tolerance(optimisation=4 * kept, sources={"optimisation": "contraction of the slowest motion, computed"})


def settled(values: Values) -> Tolerance:
    """The same, and what the expansion in 1/m and η leaves."""
    part = CLAIM.part("gibbs" if values["moment"] in ("uu", "tt", "ut", "f") else "conditional")
    assert part.finite_allowance is not None
    return Tolerance(
        finite_size=predicted(part.finite_allowance, values),
        optimisation=left(values).optimisation,
        sources={
            "finite_size": "of second order in 1/m and η, computed from the corrections of first order",
            "optimisation": "contraction of the slowest motion, computed",
        },
    )


def linear(name: str, column: int) -> Route:
    """One of the columns of the linear law."""
    return Route(
        name=name,
        simulate=stationary.linear_law,
        settings=timed,
        allowance=left,
        clock=clock,
        reads=lambda draws: draws[:, column],
        trials=lambda values: TRIALS,
        examples=1,
    )


RESTING = Route(
    name="noisy descent",
    simulate=stationary.moment_at_rest,
    settings=timed,
    allowance=settled,
    clock=clock,
    trials=lambda values: TRIALS,
    examples=1,
)


def at_rest(moment: str, start: str, anchor: Configuration) -> Configuration:
    """A moment from a start."""
    return {**anchor, "moment": moment, "start": start}


def moments(draws: dict[str, Draw], *names: str) -> dict[str, Draw]:
    """Draws of the nonlinear law, from any start."""
    return {**draws, "moment": OneOf(names), "start": OneOf(("narrow", "wide", "apart"))}


def two_starts(moment: str, start: str) -> Contrast:
    """A moment from one start and from the narrow one, with noise of its own in each: equal."""
    return Contrast(
        f"{moment} from {start} and from narrow", seeded(moment, start), seeded(moment, "narrow"), CLOSE, equality=True
    )


def seeded(moment: str, start: str, temperature: float = 0.1) -> tuple[Route, Configuration]:
    """A moment of 64 particles, a row a seed. The start stands in the configuration, by which noise is keyed."""
    route = Route(name=moment, simulate=stationary.moment_at_rest, settings=timed, clock=clock)
    return route, {**at_rest(moment, start, GIBBS), "m": 64, "temperature": temperature}


CHECK = Check(
    claim=CLAIM,
    procedures=(
        Means(
            part="mean",
            space=Space(draws={**LINEARS, "temperature": OneOf((0.05,))}, anchors=(FLAT,)),
            routes=(linear("mean of particles", 2),),
            resolution=Resolution(relative=0.03, absolute=0.005),
            fine=Fine(anchors=(COLD,), resolution=PERCENT),
        ),
        Means(
            part="centre",
            space=Space(draws=LINEARS, anchors=(LINEAR,)),
            routes=(linear("means of two runs", 1),),
            resolution=Resolution(relative=0.08),
            fine=Fine(anchors=({**FAST, "n": 2, "d": 2, "m": 1},), resolution=PERCENT, copies=32),
        ),
        Means(
            part="deviations",
            space=Space(draws=LINEARS, anchors=(LINEAR,)),
            routes=(linear("deviations", 0),),
            resolution=Resolution(relative=0.02),
            fine=Fine(anchors=({**FAST, "d": 8, "m": 16},), resolution=PERCENT),
        ),
        Means(
            part="temperature",
            space=Space(
                draws=WARMTHS,
                anchors=(WARM, {**WARM, "descends": "phi"}),
                further=({**WARM, "descends": "phi", "noise": "scaled"},),
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
            resolution=Resolution(relative=0.05),
            fine=Fine(
                anchors=(
                    {
                        **WARM,
                        "d": 4,
                        "m": 32,
                        "alpha": 0.5,
                        "lambda_u": 0.8,
                        "lambda_theta": 0.8,
                        "step_size": 0.8,
                        "descends": "phi",
                    },
                ),
                resolution=PERCENT,
            ),
        ),
        Means(
            part="gibbs",
            space=Space(
                draws=moments(GIBBSES, "uu", "tt", "ut", "f"),
                anchors=(at_rest("ut", "apart", OTHER),),
                further=(at_rest("uu", "narrow", GIBBS), at_rest("tt", "wide", OTHER)),
            ),
            routes=(RESTING,),
            resolution=Resolution(relative=0.01, absolute=0.003),
            fine=Fine(anchors=(at_rest("f", "wide", GIBBS),), resolution=NEAR),
        ),
        Means(
            part="conditional",
            space=Space(
                draws=moments(ALONES, "square", "fourth"),
                anchors=(
                    at_rest("square", "wide", ALONE),
                    # λ_u is not 1 here: a power of it is another number.
                    at_rest("fourth", "narrow", {**ALONE, "activation": "erf", "lambda_u": 2.0}),
                ),
            ),
            routes=(RESTING,),
            resolution=Resolution(relative=0.04),
        ),
        Effects(
            part="uniqueness",
            # A draw's f scatters by 0.045: so many bring its interval within half of what matters at the first look.
            seeds=lambda context: 4 * context.profile.seeds,
            decides="full",
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
            resolution=0.06,
            repeated=2,
            at_most=48,
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
                anchors=(NETWORK, {**NETWORK, "activation": "relu"}),
            ),
            routes=(
                Route(
                    name="pairs of inputs",
                    simulate=normal_inputs.half_squared_difference,
                    settings=lambda values: {"pairs": 16},
                    trials=lambda values: TRIALS,
                ),
            ),
            resolution=Resolution(relative=0.03),
            # Linear f attains it; a pair of inputs costs a tenth of a microsecond.
            fine=Fine(anchors=({**NETWORK, "activation": "linear"},), resolution=PERCENT, copies=16),
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
