"""The coefficients of Eq. (9) read off from weights, at small and degenerate sizes."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lazy_assay.checks._tangent_models.settings import eta, of_ratio
from lazy_assay.sims.two_layer import tangent_training
from lazy_assay.theory._mathematics.tangent_training import Start
from lazy_assay.theory.fang2021._readable import reads

Values = dict[str, Any]


def problem(n: int, d: int, m: int, activation: str, seed: int, dead: int = 0, twins: bool = False) -> Values:
    """Random weights and points; the first `dead` points activate no ReLU, `twins` makes the last two points one."""
    rng = np.random.default_rng(seed)
    theta, points = rng.standard_normal((m, d)), rng.standard_normal((n, d))
    if dead:
        theta[:, 0], points[:, 0] = np.abs(theta[:, 0]), np.abs(points[:, 0])
        points[:dead] = -np.eye(1, d)
    if twins:
        points[-1] = points[-2]
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    values: Values = {"theta": theta, "u": rng.standard_normal(m), "alpha": 2.0, "points": points, "m": m}
    values |= {"labels": rng.standard_normal(n), "activation": activation, "steps": 3, "share": (m / 2.0) ** 2}
    rate = eta(values, values["share"])
    return values | {"eta_theta": rate, "step_size": rate}


def read(values: Values) -> float:
    names = ("theta", "u", "alpha", "points", "labels", "activation", "step_size", "steps")
    given_ = {name: values[name] for name in names}
    return float(tangent_training.rescaled_ratio_at(**given_, trials=1, entropy=0)[0])


def readable(values: Values) -> bool:
    return reads(*(values[name] for name in ("theta", "u", "alpha", "points", "labels", "activation")))


sizes = st.fixed_dictionaries(
    {
        "n": st.integers(2, 4),
        "d": st.integers(1, 3),
        "m": st.integers(1, 5),
        "activation": st.sampled_from(("relu", "tanh", "sigmoid")),
        "seed": st.integers(0, 2**16),
        "dead": st.integers(0, 4),
        "twins": st.booleans(),
    }
)


@settings(deadline=None, max_examples=100)
@given(drawn=sizes)
def test_the_ratio_is_read_within_its_rounding_or_refused_by_the_assumption(drawn: Values) -> None:
    values = problem(**drawn)
    ratio = read(values)
    if readable(values):
        assert abs(ratio - values["share"]) <= of_ratio(values)
    else:
        assert math.isnan(ratio)


@pytest.mark.parametrize(
    "values, directions",
    [
        (problem(3, 4, 8, "relu", 1), 3),
        (problem(3, 4, 8, "relu", 1, dead=1), 2),
        (problem(3, 4, 8, "tanh", 1, twins=True), 2),
        (problem(5, 2, 2, "sigmoid", 1), 1),
        (problem(3, 4, 2, "relu", 2, dead=2), 1),
        (problem(3, 4, 8, "relu", 1, dead=3), 0),
    ],
    ids=["regular", "a dead point", "one point twice", "different kernels", "one live point", "all dead"],
)
def test_what_is_read_is_what_both_kinds_of_features_determine(values: Values, directions: int) -> None:
    start = Start(*(values[k] for k in ("theta", "u", "alpha", "points", "labels", "points", "activation")))
    assert start.readable().shape[1] == directions
    assert readable(values) == (directions > 0)
    if directions:
        assert of_ratio(values) < 1e-6 * values["share"]
        assert read(values) == pytest.approx(values["share"], rel=1e-6)


def test_least_norms_alone_would_give_another_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    values = problem(5, 2, 2, "sigmoid", 1)
    monkeypatch.setattr(tangent_training, "_orthogonal", lambda columns: torch.eye(len(columns), dtype=columns.dtype))
    assert abs(read(values) - values["share"]) > 1e-3 * values["share"]


def test_points_that_did_not_move_are_refused() -> None:
    values = problem(2, 3, 4, "relu", 5, dead=1)
    start = Start(*(values[k] for k in ("theta", "u", "alpha", "points", "labels", "points", "activation")))
    assert not readable({**values, "labels": start.offset(values["points"])})
