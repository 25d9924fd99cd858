"""Confronts the closure statements: slopes of log distance against log ε over six sizes."""

from dataclasses import replace

import numpy as np

from lazy_assay.checks import Check, Expected, Route, Sweep
from lazy_assay.sims.quadratic import closure
from lazy_assay.theory.ghorbani2019.closure import CLAIM

EPSILONS = tuple(2.0**-k for k in range(7, 13))
SETTINGS = {"epsilons": np.array(EPSILONS), "samples": 512}
CONFIGURATIONS = tuple({"d": 8, "N": 4, "activation": name} for name in ("quadratic", "tanh", "erf", "softplus", "sin"))
FINITE_DIFFERENCE = Route(
    name="finite difference", simulate=closure.tangent_closure_error, settings=lambda values: SETTINGS
)
LINEARISATION = replace(FINITE_DIFFERENCE, name="moved parameters", simulate=closure.linearisation_error)
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Sweep(
            part="neural_tangent",
            route=FINITE_DIFFERENCE,
            sizes=EPSILONS,
            configurations=CONFIGURATIONS,
            resolution=0.004,
        ),
        Sweep(
            part="general_model", route=LINEARISATION, sizes=EPSILONS, configurations=CONFIGURATIONS, resolution=0.004
        ),
    ),
    expected={
        "neural_tangent": Expected(status="confirmed", reason="Taylor's theorem", date="2026-11-22"),
        "general_model": Expected(status="confirmed", reason="Taylor's theorem", date="2026-11-22"),
    },
)
