from typing import Any

import numpy as np
import pytest

from lazy_assay.checks import Configuration, Pointwise, Values
from lazy_assay.checks.chizat2019.leading_constant import (
    CHECK,
    between,
    beyond_second,
    flow_allowance,
    integration,
    network,
)
from lazy_assay.checks.vocabulary.setting import Scope
from lazy_assay.sims.lazy import training
from lazy_assay.theory.chizat2019._perturbation import flow_corrections
from lazy_assay.theory.chizat2019.leading_constant import flow_finite, paired_constant

# The third and the fourth order cancel at α/2 = 64 by half, and do not at α = 128.
CANCELLING: Configuration = {
    "d": 3,
    "n": 2,
    "N": 5,
    "points": "sphere:27",
    "labels": "gaussian:26",
    "W": "gaussian:4",
    "u": "gaussian:35",
}


@pytest.fixture(scope="module")
def values() -> Values:
    flow = CHECK.procedures[0]
    assert isinstance(flow, Pointwise)
    scope = Scope.of(CHECK.claim, CHECK.claim.part("flow"), flow.route)
    return scope.at({**CANCELLING, "activation": "sin", "alpha": 128.0, "T": 2.0}).values


def gap_at(values: Values, alpha: float) -> float:
    told = {name: values[name] for name in ("points", "labels", "W", "u", "activation", "T")}
    flow: dict[str, Any] = {"initialisation": "centred", "measure": "output", "power": 1, "steps": 8, "every": 1}
    return float(training.flow_gap_at(**told, **flow, alpha=alpha, trials=1, entropy=0)[0])


def left(values: Values, alpha: float) -> float:
    return abs(gap_at(values, alpha) - flow_finite(alpha, values["T"], *network(values)))


def test_what_is_left_at_half_of_alpha_says_too_little_where_orders_cancel_there(values: Values) -> None:
    assert left(values, 128.0) > left(values, 64.0) / 3


def test_the_allowance_of_a_flow_holds_where_orders_cancel_at_half_of_alpha(values: Values) -> None:
    assert left(values, 128.0) < flow_allowance(values).finite_size < 8 * left(values, 128.0)


def test_the_third_order_alone_is_allowed_where_nothing_comes_after_it(values: Values) -> None:
    told = {name: values[name] for name in ("points", "labels", "W", "u", "activation")}
    corrections = flow_corrections("centred", values["T"], **told)
    at_half = corrections[:, 0] + corrections[:, 1] / 64 + corrections[:, 2] / 64**2
    third = np.linalg.norm(corrections[:, 2], axis=-1).max() / 128**2
    cut_off = np.linalg.norm(at_half, axis=-1).max()
    assert beyond_second(corrections, 128.0, cut_off) == pytest.approx(4 / 3 * third)


def test_a_flow_is_followed_in_as_many_steps_as_its_fastest_direction_takes() -> None:
    # Its fastest eigenvalue times half of a seen time is beyond what a step of order 8 is stable for.
    paired = CHECK.procedures[2]
    assert isinstance(paired, Pointwise)
    stiff: Configuration = {"d": 2, "n": 2, "N": 5, "points": "sphere:3", "labels": "gaussian:3", "activation": "tanh"}
    scope = Scope.of(CHECK.claim, CHECK.claim.part("paired"), paired.route)
    values = scope.at({**stiff, "W": "gaussian:10", "u": "gaussian:36", "alpha": 128.0, "T": 4.0}).values
    assert between(values, "paired") > 1
    assert integration(values, "paired", 2) < 0.01 * paired_constant(values["T"], *network(values))
