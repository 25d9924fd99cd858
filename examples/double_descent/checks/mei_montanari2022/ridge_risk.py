"""Theorem 2 of Mei and Montanari against ridge regression at finite size.

The risk given inputs and weights is averaged exactly over targets and noise, at d and at 2d with the same ψ₁, ψ₂. What
is left of the limit falls like 1/d, so 2R(2d) − R(d) leaves an order 1/d²; a second route fits one drawn target a trial
and tests it on fresh inputs, and shares nothing with the first but the points and the activation.

Calibration of that order (`calibration.py`): at seven settings (ψ from 1/2 to 3, λ from 0.01 to 0.1, ℓ from −1/4 to
1/2), 26,000 draws of entropy 977, which no check uses, left between −1.6/d² and 4.7/d². The allowance is 8/d².
"""

from __future__ import annotations

from lazy_assay.checks import Check, Configuration, Means, OneOf, Resolution, Route, Space

from ...sims.ridge_regression import risk_along_path, sampled_risk_along_path
from ...theory.mei_montanari2022.ridge_risk import CLAIM
from ._paths import extrapolated, left, path

LEFT = left(8.0, "at most 4.7/d² at seven settings")
ORDINARY: Configuration = {
    "psi1": 2.0,
    "psi2": 1.5,
    "ridge": 0.1,
    "slope": 0.0,
    "F1": 1.0,
    "Fstar": 0.3,
    "tau": 0.5,
    "d": 24,
}
# Along ψ₁ at a small ridge: down, up to the peak where neurons and samples are equal, and down again.
DESCENT = tuple({**ORDINARY, "psi1": psi1, "psi2": 1.0, "ridge": 0.02} for psi1 in (0.25, 0.5, 1.0, 1.5, 2.0, 3.0))
SPACE = Space(
    draws={
        "psi1": OneOf((0.5, 1.0, 1.5, 2.0, 3.0)),
        "psi2": OneOf((0.5, 1.0, 1.5, 2.0)),
        "ridge": OneOf((0.02, 0.05, 0.1)),
        "slope": OneOf((-0.25, 0.0, 0.25)),
        "F1": OneOf((1.0, 0.5)),
        "Fstar": OneOf((0.0, 0.3, 0.6)),
        "tau": OneOf((0.0, 0.5, 1.0)),
        "d": OneOf((24, 32)),
    },
    anchors=(ORDINARY, *DESCENT),
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
                    settings=path,
                    reads=extrapolated,
                    allowance=LEFT,
                    trials=lambda values: 200,
                ),
                Route(
                    name="risk on fresh inputs",
                    simulate=sampled_risk_along_path,
                    settings=lambda values: {**path(values), "fresh": 4},
                    reads=extrapolated,
                    allowance=LEFT,
                    trials=lambda values: 500,
                    space=Space(draws={}, anchors=(ORDINARY,)),
                    examples=0,
                ),
            ),
            resolution=Resolution(relative=0.02, absolute=0.005),
            name="limit",
        ),
    ),
)
