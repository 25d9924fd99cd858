"""Confronts Proposition 1: the Taylor radius of batch normalisation, from coefficients measured on a complex circle."""

import math

import numpy as np

from lazy_assay.checks import Between, Check, Control, Expected, OneOf, Pointwise, Route, Space, Values
from lazy_assay.sims.deep import batch_normalisation
from lazy_assay.theory import Integer, Real
from lazy_assay.theory.kawaguchi2021.proposition1 import CLAIM

EPSILON = float(np.finfo(float).eps)


def drawn(values: Values) -> dict[str, object]:
    """A batch of `n` entries of standard deviation `spread` and a direction, with their variances; all of one seed."""
    rng = np.random.default_rng([int(values["seed"]), int(values["n"])])
    z, d = float(values["spread"]) * rng.standard_normal(int(values["n"])) + 3.0, rng.standard_normal(int(values["n"]))
    return {"batch": z, "direction": d, "var_z": float(z.var()), "var_d": float(d.var())}


def rounding(values: Values) -> float:
    """The third coefficient is known to n machine epsilons times (radius/circle)³, and u is as long as 1/sin(angle)."""
    z, d = values["batch"], values["direction"]
    if not z.var():
        return 0.0
    inside = 2 * math.sqrt((z.var() + values["eps"]) / z.var())
    angle = abs(float(np.corrcoef(z, d)[0, 1]))
    radius = math.sqrt((z.var() + values["eps"]) / d.var())
    centring = 1 + abs(z.mean()) / z.std()
    return float(16 * EPSILON * len(z) * inside**3 * centring * radius / math.sqrt(1 - angle**2))


CHECK = Check(
    claim=CLAIM,
    procedures=(
        Pointwise(
            space=Space(
                draws={
                    "n": Between(4, 32),
                    "spread": OneOf((0.1, 1.0, 3.0)),
                    "eps": OneOf((0.0, 1e-5, 1e-3, 0.1, 1.0)),
                    "seed": Between(0, 999),
                },
                anchors=(
                    {"n": 8, "spread": 1.0, "eps": 1e-5, "seed": 1},
                    {"n": 8, "spread": 1.0, "eps": 1.0, "seed": 2},
                    {"n": 8, "spread": 0.1, "eps": 0.01, "seed": 3},
                    {"n": 8, "spread": 1.0, "eps": 0.0, "seed": 4},
                ),
            ),
            route=Route(
                name="coefficients on a circle",
                simulate=batch_normalisation.taylor_radius_at,
                parameters={"n": Integer(2), "spread": Real(0, closed_low=True), "seed": Integer(0)},
            ),
            rounding=rounding,
            source="16 n machine epsilons times (radius/circle)³, the centring, the angle of batch and direction",
            constants=drawn,
            controls=(Control(assumption="σ² + ε > 0", configuration={"n": 8, "spread": 0.0, "eps": 0.0, "seed": 1}),),
        ),
    ),
    expected={
        "": Expected(
            status="confirmed",
            reason="zeros of a quadratic; a constant batch with ε = 0 is the control",
            date="2026-11-26",
        )
    },
)
