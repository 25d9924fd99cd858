"""Confronts Figure 1: softplus and ReLU as torch computes them, at single places and at the largest of many."""

import numpy as np

from lazy_assay.checks import Check, Expected, OneOf, Pointwise, Route, Space, Values
from lazy_assay.sims.deep import softplus
from lazy_assay.theory.kawaguchi2021.figure1 import CLAIM

ZETAS = OneOf(tuple(2.0**k for k in range(-3, 10)))
PLACES = OneOf((0.0, *(sign * 2.0**k for k in range(-12, 5) for sign in (1, -1))))
EPSILON = float(np.finfo(float).eps)


def rounding(values: Values) -> float:
    """Both terms of the difference are as large as |x| + ln 2/ζ, each rounded a few times."""
    return 8 * EPSILON * (abs(float(values.get("x", 0.0))) + 1 / float(values["zeta"]))


SOURCE = "eight machine epsilons of the terms, |x| + 1/ζ"
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Pointwise(
            part="largest",
            space=Space(draws={"zeta": ZETAS}, anchors=({"zeta": 100.0}, {"zeta": 1.0})),
            route=Route(name="largest on a grid", simulate=softplus.largest_distance_at),
            rounding=rounding,
            source=SOURCE,
        ),
        Pointwise(
            part="everywhere",
            space=Space(
                draws={"zeta": ZETAS, "x": PLACES},
                anchors=({"zeta": 100.0, "x": 0.0}, {"zeta": 100.0, "x": 2.0**-7}, {"zeta": 100.0, "x": -(2.0**-7)}),
            ),
            route=Route(name="softplus less relu", simulate=softplus.distance_at),
            rounding=rounding,
            source=SOURCE,
        ),
    ),
    expected={
        "largest": Expected(
            status="confirmed", reason="the difference is even and decreases in |x|", date="2026-11-26"
        ),
        "everywhere": Expected(status="confirmed", reason="elementary", date="2026-11-26"),
    },
)
