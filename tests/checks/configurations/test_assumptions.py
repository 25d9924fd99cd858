from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from lazy_assay import theory
from lazy_assay.checks.configurations.breaks import breaks, telling
from lazy_assay.checks.configurations.points import points_of
from lazy_assay.checks.engine.registry import check
from lazy_assay.theory import Assumption, InvalidParameterError, Part
from lazy_assay.theory._prediction import arguments

# Where sampling a domain breaks an assumption nowhere, or only with others: what is changed of a point.
STRONG = np.array([2.0, -2.0, 2.0, -2.0])
OUTSIDE: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("chizat2019.theorem2_4", "residual"): {"initial_error": 9.0, "target_norm": 1.0, "initial_output_norm": 0.0},
    ("chizat2019.theorem2_4", "small output"): {"initial_error": 1.0, "target_norm": 1.0, "initial_output_norm": 1e9},
    ("fang2021.single_neuron", "off the boundary"): {"u": -1.5, "norm": 1.5},
    ("ghorbani2019.eq17", "finite size"): {"d": 3, "N": 2, "Delta": np.array([0.5, 0.2, -0.1])},
    ("ghorbani2019.eq17", "mg"): {"d": 4, "N": 2, "Delta": STRONG},
    ("ghorbani2019.theorem5", "mg"): {"d": 4, "N": 2, "Delta": STRONG},
}
# Of a matrix and of whatever is as it should be: the others hold at these.
ORDERLY = {"convexity": 1.0, "smoothness": 1.0, "sigma_min": 1.0, "Dh_norm": 1.0, "Dh_lipschitz": 1.0, "alpha": 1e6}


def assumed() -> dict[tuple[str, str], list[tuple[Part, Assumption]]]:
    """Every assumption of every claim, by the claim and its name, with the parts that make it."""
    found: dict[tuple[str, str], list[tuple[Part, Assumption]]] = {}
    for claim in theory.claims():
        for part in claim.parts:
            for assumption in part.assumptions:
                found.setdefault((claim.id, assumption.name), []).append((part, assumption))
    return found


ASSUMED = assumed()


def controlled(id: str) -> set[str]:
    """The assumptions that a control of a claim's check breaks."""
    return {it.assumption for each in check(id).procedures for it in getattr(each, "controls", ())}


def points(id: str, part: Part, assumption: Assumption) -> list[dict[str, Any]]:
    """Where a required assumption is broken: at drawn points, or at one that is changed."""
    formula = telling(part, assumption)
    if formula is None:
        return []
    changed = OUTSIDE.get((id, assumption.name))
    if changed is None:
        return breaks(part, assumption, formula)[:3]
    takes = arguments(formula)
    (point,) = points_of(part, takes, key=0, count=1)
    return [point | {name: value for name, value in (ORDERLY | dict(changed)).items() if name in takes}]


def refusals(id: str, name: str) -> list[str]:
    """What the claim says where a required assumption is broken and the others hold, one line a point."""
    said = []
    for part, assumption in ASSUMED[id, name]:
        for point in points(id, part, assumption) if assumption.required else ():
            with pytest.raises(InvalidParameterError) as refusal:
                part.call(id, "prediction", telling(part, assumption), point)
            said.append(str(refusal.value))
    return said


@pytest.mark.parametrize("id, name", ASSUMED, ids=str)
def test_every_assumption_is_broken_by_a_control_refused_by_name_or_said_to_be_neither(id: str, name: str) -> None:
    told = check(id).uncontrolled.get(name, "")
    if name in controlled(id):
        assert not told, f"[{id}] {name}: a control breaks it, and the check says that none does"
        return
    said = refusals(id, name)
    assert told or said, f"[{id}] {name}: no control breaks it, nothing refuses it, and no reason is given"
    assert all(name in line and "\n" not in line for line in said)
