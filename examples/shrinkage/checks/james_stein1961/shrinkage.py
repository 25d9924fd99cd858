"""James and Stein's risk against draws of the estimator, and against Stein's unbiased estimate of it.

From d = 9 on: ‖X‖⁻⁸ has a mean there, and so the squared error a variance that is itself estimated with one.
"""

from __future__ import annotations

from lazy_assay.checks import Between, Check, Means, OneOf, Resolution, Route, Space

from ...sims.shrinkage import squared_error, unbiased_estimate
from ...theory.james_stein1961.shrinkage import CLAIM

# Draws cost microseconds: so many are averaged into one that is compared.
COPIES = 128
SPACE = Space(
    draws={"d": Between(9, 40), "signal": OneOf((0.0, 0.1, 0.5, 1.0, 3.0))},
    anchors=({"d": 9, "signal": 0.0}, {"d": 10, "signal": 0.5}, {"d": 40, "signal": 1.0}),
)
ROUTES = (
    Route(name="squared error", simulate=squared_error, copies=COPIES),
    Route(name="Stein's unbiased estimate", simulate=unbiased_estimate, copies=COPIES),
)
CHECK = Check(
    claim=CLAIM,
    procedures=tuple(
        Means(part=part, space=SPACE, routes=ROUTES, resolution=Resolution(relative=0.009), name=part)
        for part in ("risk", "limit")
    ),
)
