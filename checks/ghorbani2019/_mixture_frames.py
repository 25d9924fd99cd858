"""What the frames of Figure 2 share: the two classes, and how NT and NN are trained on them.

The paper states no initialisation and no parametrisation of NN. With |w_i|² ~ 1/√N and a = 0 at first
(`sims.quadratic.models`) the curvature that a step meets is of order one at every N, and its grid of step sizes,
0.001 … 0.03, is stable.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lazy_assay.checks import Drawn, Line, Outcome, Tolerance, Trained, Training
from lazy_assay.checks.ghorbani2019 import theorem4 as check4
from lazy_assay.checks.ghorbani2019 import theorem5 as check5
from lazy_assay.checks.ghorbani2019._quadratic_frames import (
    BATCH,
    GRID,
    PAPER_SIZE,
    RATIOS,
    TANGENT_OFFSET_RATE,
    affordable,
)
from lazy_assay.checks.ghorbani2019._training_budget import SEEDS, measured
from lazy_assay.sims.mixtures import neural_tangent
from lazy_assay.sims.quadratic import training_segments
from lazy_assay.theory.ghorbani2019 import bayes, theorem4, theorem5, theorem6
from lazy_assay.theory.ghorbani2019._mixture import DELTA, SIGMA
from lazy_assay.theory.ghorbani2019._quadratic_target import NEURONS

__all__ = [
    "FLOORS",
    "NETWORK_BY_DESCENT",
    "NETWORK_BY_SGD",
    "PARAMETERS",
    "RANDOM_FEATURES",
    "RATIOS",
    "SPECTRA",
    "TANGENT",
    "TANGENT_BY_SGD",
]

Values = Mapping[str, Any]
PARAMETERS = {parameter.name: parameter.domain for parameter in (NEURONS, SIGMA, DELTA)}
SPECTRA = {"Sigma": "unit", "Delta": "levels:1"}
# The paper's dotted line.
FLOORS = {"Bayes error": Line(part=bayes.VALUE)}
PAPER_STEPS = 140_000
# Curvatures are of order one, 20 at most (measured); those of what is left at the end of order 1/√d: Delta's scale.
DESCENT_STEP, DESCENT_STEPS_PER_ROOT = 0.1, 400


def sgd_steps(values: Values) -> int:
    """The paper's number at its size; below, in proportion to d², as for the quadratic target."""
    return max(1, round(PAPER_STEPS * (int(values["d"]) / PAPER_SIZE) ** 2))


def descent_steps(values: Values) -> int:
    """In proportion to √d, the time scale of Delta."""
    return math.ceil(DESCENT_STEPS_PER_ROOT * math.sqrt(values["d"]))


def data(values: Values) -> dict[str, np.ndarray]:
    """The two classes."""
    return {"Sigma": np.asarray(values["Sigma"]), "Delta": np.asarray(values["Delta"])}


def infima(values: Values, seeds: int, key: int, device: str) -> np.ndarray:
    """The least risk of N neurons, the same for every seed."""
    return np.full(seeds, theorem6.infimum(int(values["N"]), values["Sigma"], values["Delta"]))


def tangent_minima(values: Values, seeds: int, key: int, device: str) -> np.ndarray:
    """The least risk of each seed's tangent class, by the exact oracle."""
    rows = training_segments.first_layers(d=values["d"], N=values["N"], trials=seeds, entropy=key, device=device)
    Sigma, Delta = values["Sigma"], values["Delta"]
    drawn = [neural_tangent.population_risk_at(W=W.T, Sigma=Sigma, Delta=Delta) for W in rows.cpu().numpy()]
    return np.array([float(risk) for risk in drawn])


def after_descent(values: Values, outcome: Outcome) -> Tolerance:
    """What more training would gain: at most what the second half gained, if the excess falls no slower than 1/t."""
    return Tolerance(
        optimisation=max(outcome.halfway_gain, 0.0),
        sources={
            "optimisation": "R(t/2) − R(t), measured: bounds what is left of an excess that falls no slower than 1/t"
        },
    )


RANDOM_FEATURES = Drawn(
    name="RF, Γ = I/d",
    regime="RF",
    route=check4.ORACLE,
    line=Line(part=theorem4.CLAIM.part(""), settings={"Gamma": "isotropic", "activation": "quadratic"}),
    flops=lambda d, N: 4.0 * d * N**2 + N**3 / 3,
    numbers=lambda d, N: 8.0 * N**2 + 2.0 * N * d,
)
TANGENT_LINE = Line(part=theorem5.CLAIM.part("limit"))
NETWORK_LINE = Line(part=theorem6.CLAIM.part(""))
# Some twelve steps of conjugate gradients at Delta's scale, each two products of d by d matrices.
TANGENT = Drawn(
    name="NT",
    regime="NT",
    line=TANGENT_LINE,
    route=check5.FAST,
    flops=lambda d, N: 6.0 * d**2 * min(N, d) + 12 * 4.0 * d**3,
    numbers=lambda d, N: 8.0 * d**2 + d * N,
)
TANGENT_BY_SGD = Trained(
    name="NT",
    regime="NT",
    line=TANGENT_LINE,
    how="SGD",
    most=affordable,
    smallest=tangent_minima,
    budget=lambda values, outcome: measured(outcome),
    training=Training(
        model="tangent",
        batch=BATCH,
        seeds=SEEDS,
        data=data,
        steps=sgd_steps,
        step_sizes=lambda values: GRID,
        offset_rate=lambda values: TANGENT_OFFSET_RATE,
    ),
)
NETWORK_BY_DESCENT = Trained(
    name="NN",
    regime="NN",
    line=NETWORK_LINE,
    how="gradient descent",
    smallest=infima,
    budget=after_descent,
    training=Training(
        model="general",
        batch=0,
        seeds=SEEDS,
        data=data,
        steps=descent_steps,
        step_sizes=lambda values: (DESCENT_STEP,),
    ),
)
NETWORK_BY_SGD = Trained(
    name="NN",
    regime="NN",
    line=NETWORK_LINE,
    how="SGD",
    most=affordable,
    smallest=infima,
    budget=lambda values, outcome: measured(outcome),
    training=Training(
        model="general", batch=BATCH, seeds=SEEDS, data=data, steps=sgd_steps, step_sizes=lambda values: GRID
    ),
)
