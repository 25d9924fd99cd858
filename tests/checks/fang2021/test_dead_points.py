"""A point at which no ReLU is active makes kernels singular: checks of tangent models answer there, or are refused."""

from dataclasses import replace

import pytest

from lazy_assay import theory
from lazy_assay.checks import Configuration, Space
from lazy_assay.checks.engine.registry import check
from lazy_assay.checks.procedures.pointwise import Pointwise
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.result import Subject, Verdict

# The eight neurons of this draw all sleep at the second point.
DEAD: Configuration = {"d": 4, "m": 8, "points": "sphere:2", "theta": "gaussian:46", "activation": "relu"}
CLAIMS = ("fang2021.eq9", "fang2021.kernel_training", "kearns2023.eq13", "fang2021.footnote1")
# What has no value at a singular kernel matrix, and says so.
REFUSED = {("fang2021.kernel_training", "same_solution"), ("kearns2023.eq13", "regression")}
POINTWISE = [
    (id, procedure)
    for id in CLAIMS
    for procedure in check(id).procedures
    if isinstance(procedure, Pointwise) and "theta" in procedure.space.draws
]


@pytest.mark.parametrize("id, procedure", POINTWISE, ids=[f"{id}:{p.part}:{p.route.name}" for id, p in POINTWISE])
def test_a_dead_point_is_answered_within_a_telling_budget_or_refused_by_name(id: str, procedure: Pointwise) -> None:
    claim = theory.claim(id)
    anchor = procedure.space.anchors[0]
    both = replace(procedure, space=Space(draws=procedure.space.draws, anchors=(anchor, {**anchor, **DEAD})))
    context = Context(claim=claim, profile=replace(PROFILES["quick"], examples=0), entropy=3)
    _, dead = [r for r in both.run(context, claim.part(procedure.part)) if r.subject is Subject.CLAIM]
    if (id, procedure.part) in REFUSED:
        assert dead.verdict is Verdict.OUT_OF_REGIME
        assert "dependent" in dead.message
    else:
        assert dead.verdict is Verdict.AGREES
        assert dead.tolerance.bias < 1e-6 * max(1.0, abs(dead.predicted))
