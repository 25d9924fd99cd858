from __future__ import annotations

import itertools
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from lazy_assay import claim, plan
from lazy_assay.theory import InvalidParameterError, UnknownClaimError
from lazy_assay.theory._planning import PlanError

QUADRATIC: dict[str, Any] = {"d": 12, "B": list(np.linspace(0.2, 1, 12))}


CASES: dict[str, dict[str, Any]] = {
    "ghorbani2019.theorem2": {"part": "limit", **QUADRATIC},
    "ghorbani2019.theorem3": {"B": QUADRATIC["B"]},
}


@pytest.mark.parametrize("target", [0.9, 0.5, 0.11, 0.0])
@pytest.mark.parametrize("id", CASES)
def test_the_planned_size_is_the_first_within_the_target(id: str, target: float) -> None:
    risk = claim(id).predict_finite
    by_hand = next(n for n in itertools.count(1) if risk(N=n, **CASES[id]) <= target)
    planned = plan(id, target, **CASES[id])
    assert planned.size == by_hand
    assert planned.predicted == risk(N=by_hand, **CASES[id])
    assert (planned.before is None) == (by_hand == 1)
    assert planned.before is None or planned.before > target


def test_a_plan_says_by_which_formula_and_what_it_assumes() -> None:
    planned = plan("ghorbani2019.theorem2", 0.2, **QUADRATIC)
    assert str(planned).startswith(f"N = {planned.size}: ")
    assert "finite-size formula of ghorbani2019.theorem2, part limit" in str(planned)
    assert planned.assumed == tuple(it.sentence for it in claim("ghorbani2019.theorem2").part("limit").assumptions)


def test_an_error_that_is_out_of_reach_is_told_in_one_line() -> None:
    with pytest.raises(PlanError, match="above the target") as caught:
        plan("ghorbani2019.theorem2", -0.1, **QUADRATIC)
    assert "\n" not in str(caught.value)


def test_what_is_no_claim_or_no_parameter_is_refused_as_predict_refuses_it() -> None:
    with pytest.raises(UnknownClaimError):
        plan("ghorbani2019.theorem99", 0.1)
    with pytest.raises(InvalidParameterError):
        plan("ghorbani2019.theorem2", 0.1, d=-1, B=[1.0])
    with pytest.raises(InvalidParameterError):
        plan("ghorbani2019.theorem2", 0.1, size="M", **QUADRATIC)


def test_a_plan_needs_no_torch() -> None:
    script = (
        "import sys; from lazy_assay import plan; plan('ghorbani2019.theorem2', 0.5, d=3, B=[1, 2, 3]);"
        " print('torch' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "False\n"
    )
