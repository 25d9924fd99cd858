"""What the frames of Figure 1 share: the unit target, and how NT and NN are trained on it.

The paper states no scale of f*, no initialisation and no parametrisation. With ‖f*‖ = 1 its grid of step sizes,
0.001 … 0.03, brackets the largest stable one, 2/(10 Tr B) for B of that scale; with entries Exp(1) as they are it
would diverge throughout. NT has the factor 1/√N, for the same reason. Both have an offset that moves some times as fast
as the weights: at their own pace the error of the offset closes with 4/N only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lazy_assay.checks import Drawn, Line, Outcome, Route, Tolerance, Trained, Training
from lazy_assay.checks.ghorbani2019._allowances import SOLVED, random_features_prediction
from lazy_assay.checks.ghorbani2019._training_budget import (
    SEEDS,
    measured,
    network_gap,
    network_noise_trace,
    noise_floor,
    noise_share,
)
from lazy_assay.sims.quadratic import neural_tangent, random_features, training_segments
from lazy_assay.theory.ghorbani2019 import theorem1, theorem2, theorem3

Values = Mapping[str, Any]
SPECTRA = {"B": "exponential:1"}
RATIOS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.5, 2.0, 4.0, 7.0, 10.0)
GRID = (0.001, 0.002, 0.005, 0.01, 0.03)
BATCH = 100
PAPER_SIZE, PAPER_STEPS = 450, 200_000
# Gradient-flow time on B of entries Exp(1) after which what is left is below a hundredth of a dot.
DESCENT_TIME = 8.0
TANGENT_OFFSET_RATE = 4.0


def unit_target(values: Values) -> np.ndarray:
    """B scaled to ‖f*‖ = 1."""
    B = np.asarray(values["B"])
    return np.asarray(B / math.sqrt(2 * float(B @ B)))


def sgd_steps(values: Values) -> int:
    """The paper's number at its size; else in proportion to d².

    The stable step is of order 1/(√d (1 + d/100)), and the rates at which B is learned are of order 1/√d.
    """
    return max(1, round(PAPER_STEPS * (int(values["d"]) / PAPER_SIZE) ** 2))


def affordable(d: int) -> float:
    """The largest N/d for SGD: 2 on a CPU's sizes, all of the paper's at the paper's."""
    return 2.0 if d < PAPER_SIZE else math.inf


def stable_step(values: Values) -> float:
    """Half of what population gradient descent bears: the curvature is below 2(4 Tr B + offset's Tr B) + 16 λ_1."""
    B = unit_target(values)
    return float(1 / (10 * B.sum() + 16 * B.max()))


def descent_steps(values: Values) -> int:
    """As many as DESCENT_TIME needs."""
    B = np.asarray(values["B"])
    return math.ceil(DESCENT_TIME * math.sqrt(2 * float(B @ B)) / stable_step(values))


def start_scale(values: Values) -> float:
    """W₀'s entries have variance 1/max(N, d) on the target's own scale."""
    B = np.asarray(values["B"])
    return float((2 * (B @ B)) ** -0.25)


def network_offset_rate(values: Values) -> float:
    """Tr B of the unit target: a quarter more curvature than without."""
    return float(unit_target(values).sum())


def network_budget(values: Values, outcome: Outcome) -> Tolerance:
    """Derived, both parts: see `_training_budget`."""
    B, N = unit_target(values), int(values["N"])
    rate, variance = network_offset_rate(values), start_scale(values) ** 2 / max(N, len(B))
    time = outcome.time * max(1 - noise_share(outcome), 0.0)
    floor = noise_floor(outcome, network_noise_trace(N, B, rate))
    return Tolerance(
        optimisation=network_gap(N, B, time, variance, rate),
        discretisation=floor,
        sources={
            "optimisation": "row space, growth and offset after gradient-flow time, derived",
            "discretisation": "(ε/4)(Tr S/b)/(1−x): SGD's floor at the infimum, Tr S derived; 0 for N ≥ d",
        },
    )


def infima(values: Values, seeds: int, key: int, device: str) -> np.ndarray:
    """The least risk of N neurons, the same for every seed."""
    return np.full(seeds, theorem3.infimum(int(values["N"]), np.asarray(values["B"])))


def tangent_minima(values: Values, seeds: int, key: int, device: str) -> np.ndarray:
    """The least risk of each seed's tangent class."""
    drawn = training_segments.smallest_tangent_risk(
        d=values["d"], N=values["N"], B=values["B"], trials=seeds, entropy=key, device=device
    )
    return np.asarray(drawn.cpu())


def data(values: Values) -> dict[str, np.ndarray]:
    """The unit target."""
    return {"B": unit_target(values)}


def random_features_series(name: str, covariance: str) -> Drawn:
    """RF with x² − 1 by the exact oracle."""
    settings = {"Gamma": covariance, "activation": "quadratic"}
    return Drawn(
        name=name,
        regime="RF",
        line=Line(part=theorem1.CLAIM.part(""), settings=settings),
        route=Route(
            name="exact oracle",
            simulate=random_features.population_risk,
            bounds=(0.0, 1.0),
            allowance=random_features_prediction,
        ),
        flops=lambda d, N: 2.0 * d * N**2 + N**3 / 3,
        numbers=lambda d, N: 4.0 * N**2 + 2.0 * N * d,
    )


TANGENT_LINE = Line(part=theorem2.CLAIM.part("limit"))
NETWORK_LINE = Line(part=theorem3.CLAIM.part(""))
TANGENT = Drawn(
    name="NT",
    regime="NT",
    line=TANGENT_LINE,
    route=Route(
        name="projection", simulate=neural_tangent.projection_risk, bounds=(0.0, 1.0), allowance=lambda values: SOLVED
    ),
    flops=lambda d, N: 6.0 * d**2 * min(N, d),
    numbers=lambda d, N: 3.0 * d * max(N, d),
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
    budget=network_budget,
    training=Training(
        model="network",
        batch=0,
        seeds=SEEDS,
        data=data,
        steps=descent_steps,
        step_sizes=lambda values: (stable_step(values),),
        initial_scale=start_scale,
        offset_rate=network_offset_rate,
    ),
)
NETWORK_BY_SGD = Trained(
    name="NN",
    regime="NN",
    line=NETWORK_LINE,
    how="SGD",
    most=affordable,
    smallest=infima,
    budget=network_budget,
    training=Training(
        model="network",
        batch=BATCH,
        seeds=SEEDS,
        data=data,
        steps=sgd_steps,
        step_sizes=lambda values: GRID,
        initial_scale=start_scale,
        offset_rate=network_offset_rate,
    ),
)
