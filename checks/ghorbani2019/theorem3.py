"""Confronts Theorem 3: population gradient descent and one-pass SGD against the sum of the eigenvalues left out."""

import math

from lazy_assay.checks import (
    Between,
    Check,
    Control,
    Expected,
    Means,
    Members,
    OneOf,
    Resolution,
    Route,
    Space,
    Tolerance,
    Values,
)
from lazy_assay.sims.quadratic import network
from lazy_assay.theory.ghorbani2019.theorem3 import CLAIM, noise_floor, slowest_curvature, steepest_curvature, time_gap

# What training may leave above the infimum, as a share of ‖f*‖²: it sets the training time.
GRADIENT_DESCENT_GAP = 1e-4
SGD_GAP = 1e-3
# Share of the risk that the SGD noise floor may be before extrapolation in the step size. One-pass SGD on a quartic
# loss is heavy-tailed: a few times this step size, and single runs blow up.
SGD_FLOOR = 0.035
INITIAL_SCALE = 0.5


def training_time(values: Values, gap: float) -> float:
    """Gradient-flow time after which `time_gap` is at most `gap`."""
    return math.log(values["d"] / gap) / slowest_curvature(values["N"], values["B"])


def descent(values: Values) -> dict[str, float]:
    """Steps and step size of gradient descent: a quarter of what stays stable at the minimiser."""
    step = 0.5 / steepest_curvature(values["B"])
    return {
        "steps": math.ceil(training_time(values, GRADIENT_DESCENT_GAP) / step),
        "step_size": step,
        "initial_scale": INITIAL_SCALE,
    }


def sgd(values: Values) -> dict[str, float]:
    """Steps and step size of one-pass SGD: a step size whose noise floor is a few percent of the risk, or that is
    stable."""
    d, B = values["d"], values["B"]
    relative = 4 * float(B.sum()) * (d + 6) + 1
    step = SGD_FLOOR / relative
    return {
        "steps": math.ceil(training_time(values, SGD_GAP) / step),
        "step_size": step,
        "initial_scale": INITIAL_SCALE,
    }


def after_descent(values: Values) -> Tolerance:
    """What is left in time."""
    settings = descent(values)
    left = time_gap(values["d"], values["N"], values["B"], settings["steps"] * settings["step_size"])
    return Tolerance(optimisation=left, sources={"optimisation": "d·exp(−μt): μ derived, the prefactor heuristic"})


def after_sgd(values: Values) -> Tolerance:
    """What is left in time, and in the step size after extrapolation to zero: the floor's share of itself."""
    settings = sgd(values)
    left = time_gap(values["d"], values["N"], values["B"], settings["steps"] * settings["step_size"])
    floor = noise_floor(values["d"], values["N"], values["B"], settings["step_size"])
    return Tolerance(
        optimisation=left,
        discretisation=floor,
        sources={
            "optimisation": "d·exp(−μt): μ derived, the prefactor heuristic",
            "discretisation": "the SGD noise floor at ε, (ε/4)·Tr S: leading order derived, taken for what 2R(ε/2) − "
            "R(ε) leaves of it",
        },
    )


SPACE = Space(
    draws={"d": Between(3, 6), "N": Between(1, 2), "B": Members(("geometric",))},
    anchors=(
        *({"d": 6, "N": N, "B": "geometric:0.5"} for N in (1, 2, 3)),
        {"d": 4, "N": 1, "B": "geometric:0.7"},
    ),
    degenerate={
        "as many neurons as dimensions (risk 0)": {"d": 4, "N": 4, "B": "geometric:0.6"},
        "more neurons than dimensions (risk 0)": {"d": 3, "N": 5, "B": "geometric:0.6"},
    },
)
SGD_SPACE = Space(
    draws={"d": OneOf((3, 4)), "N": OneOf((1,)), "B": Members(("geometric",))},
    anchors=({"d": 4, "N": 2, "B": "geometric:0.5"},),
    degenerate={
        "as many neurons as dimensions (risk 0)": {"d": 3, "N": 3, "B": "geometric:0.6"},
        "more neurons than dimensions (risk 0)": {"d": 3, "N": 5, "B": "geometric:0.6"},
    },
)
NO_TIME = "a check trains to a time that the gap sets: without one there is none at which it ends"
CHECK = Check(
    claim=CLAIM,
    uncontrolled={"eigengap": NO_TIME},
    procedures=(
        Means(
            name="trained risk",
            space=SPACE,
            routes=(
                Route(
                    name="population gradient descent",
                    simulate=network.gradient_descent_risk,
                    settings=descent,
                    allowance=after_descent,
                    trials=lambda values: 512,
                ),
                Route(
                    name="one-pass SGD",
                    simulate=network.one_pass_sgd_extrapolated_risk,
                    settings=sgd,
                    allowance=after_sgd,
                    trials=lambda values: 512,
                    space=SGD_SPACE,
                    examples=1,
                ),
            ),
            resolution=Resolution(relative=0.003, absolute=0.0005),
            controls=(Control(assumption="B ⪰ 0", configuration={"d": 4, "N": 4, "B": "indefinite:0.5"}),),
        ),
    ),
    expected={"": Expected(status="confirmed", reason="strict saddles and Eckart–Young", date="2026-11-22")},
)
