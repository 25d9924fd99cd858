"""Theorem 3 of Mei and Montanari against the least-norm fit at finite size, on both sides of its pole.

As for Theorem 2: 2R(2d) − R(d) leaves an order 1/d², and a second route averages nothing. Neurons and samples stay a
factor 2½ apart, where no eigenvalue of the Gram matrix comes near zero; slopes are not 0, since a ReLU neuron that few
inputs excite has a weight without bound, which at these d is most of the mean.

Calibration of the order (`calibration.py`): at the settings below, 7,000 draws of entropy 977, which no check uses.
"""

from __future__ import annotations

from lazy_assay.checks import Check, Configuration, Means, OneOf, Resolution, Route, Space

from ...sims.ridge_regression import risk_along_path, sampled_risk_along_path
from ...theory.mei_montanari2022.ridgeless_risk import CLAIM
from ._paths import extrapolated, left, path

LEFT = left(20.0, "at most 12.3/d² at six settings")
MANY: Configuration = {"psi1": 4.0, "psi2": 1.5, "slope": 0.25, "F1": 1.0, "Fstar": 0.6, "tau": 1.0, "d": 20}
FEW: Configuration = {**MANY, "psi1": 0.5, "slope": -0.25}
SPACE = Space(
    draws={
        "psi1": OneOf((0.5, 4.0, 5.0)),
        "psi2": OneOf((1.5,)),
        "slope": OneOf((-0.25, 0.25)),
        "F1": OneOf((1.0, 0.5)),
        "Fstar": OneOf((0.0, 0.3, 0.6)),
        "tau": OneOf((0.0, 0.5, 1.0)),
        "d": OneOf((16, 20)),
    },
    anchors=(MANY, FEW, {**MANY, "F1": 0.5, "Fstar": 0.6, "tau": 0.0}),
)


CHECK = Check(
    claim=CLAIM,
    procedures=(
        Means(
            space=SPACE,
            routes=(
                Route(
                    name="risk averaged exactly",
                    simulate=risk_along_path,
                    settings=lambda values: {**path(values), "ridge": 0.0},
                    reads=extrapolated,
                    allowance=LEFT,
                    trials=lambda values: 200,
                ),
                Route(
                    name="risk on fresh inputs",
                    simulate=sampled_risk_along_path,
                    settings=lambda values: {**path(values), "ridge": 0.0, "fresh": 4},
                    reads=extrapolated,
                    allowance=LEFT,
                    trials=lambda values: 500,
                    space=Space(draws={}, anchors=(MANY,)),
                    examples=0,
                ),
            ),
            resolution=Resolution(relative=0.02, absolute=0.005),
            name="limit",
        ),
    ),
)
