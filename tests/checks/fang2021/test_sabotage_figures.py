from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from torch import Tensor

from lazy_assay import theory
from lazy_assay.checks import Effects
from lazy_assay.checks.engine.perform import run
from lazy_assay.checks.engine.registry import check, tasks
from lazy_assay.checks.fang2021 import figure6, figure8, figure9, figure10, figure11
from lazy_assay.checks.vocabulary.check import Task
from lazy_assay.checks.vocabulary.context import Context, MemoryStore
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.status import part_status
from lazy_assay.sims.particles import repopulation, selection, smoothness, span, tangent_spaces, teacher

# Findings decide in `full`. No guard: what a busy machine leaves undecided is no verdict.
FULL = replace(PROFILES["full"], examples=1, guard=float("inf"))
QUICK = replace(PROFILES["quick"], examples=1, guard=float("inf"))


def spoilt(simulation: Callable[..., Tensor], **wrong: Any) -> Callable[..., Any]:
    """A simulation with some arguments spoilt: {name: what is done to its value}."""
    return lambda **told: simulation(**told | {name: spoil(told[name]) for name, spoil in wrong.items()})


def rescaled(simulation: Callable[..., Tensor], factor: list[float]) -> Callable[..., Any]:
    """A simulation whose columns are off by factors."""
    return lambda **told: simulation(**told).numpy() * np.array(factor)


def judged(id: str, part: str, told: list[Task], simulate: Callable[..., Any], profile: Any) -> str:
    """The status of a part whose routes are simulated another way; without decoys and controls."""
    claim, results = theory.claim(id), []
    for task in told:
        stands_in = dict.fromkeys(task.routes, simulate)
        context = Context(
            claim=claim, profile=profile, entropy=5, suspects=2, simulate=stands_in, distort=lambda p: p,
            store=MemoryStore(),
        )  # fmt: skip
        results += run(task, context)
    return part_status(claim, claim.part(part), check(id), results).status


IDENTITIES = {
    "Adam where descent is asked for": ("figure8", "span", spoilt(span.moved, optimiser=lambda name: "adam")),
    "decay where none is asked for": ("figure8", "untouched", spoilt(span.moved, decay=lambda decay: 0.1)),
    "a projection that is a thousandth short": (
        "figure8", "span", rescaled(span.moved, [1, 0.999, 1, 1, 1, 1, 1])
    ),
    "a neuron drawn too many": ("figure11", "sampling", spoilt(selection.sampled_distance, N=lambda N: N + 1)),
    "draws that are all alike": (
        "figure11", "sampling", spoilt(selection.sampled_distance, importance=lambda name: "uniform")
    ),
    "a gain that is a tenth too large": (
        "figure11", "gain", spoilt(selection.importance_gain, alpha=lambda a: 1.05 * a)
    ),
}  # fmt: skip
# Networks that stay at their start, and an auto-encoder that is hardly fitted.
UNMOVED: dict[str, Callable[[Any], Any]] = {
    "training": lambda training: training._replace(steps=0), "code": lambda code: code._replace(steps=5)
}  # fmt: skip
FEW: dict[str, int | str] = {"data": "digits", "n": 60, "m": 20}
# Networks of which each fault makes untrained ones, and how many of them: none of the findings is one of chance.
UNTRAINED: dict[str, tuple[str, str, tuple[Effects, ...], Callable[..., Any]]] = {
    "smoother": ("figure8", "smoother", figure8.findings(FEW, 40), spoilt(smoothness.smoothness, steps=lambda s: 0)),
    "beyond normal": (
        "figure8", "beyond_normal", figure8.findings(FEW, 40), spoilt(smoothness.smoothness, steps=lambda s: 0)
    ),
    "pruned": (
        "figure11", "pruned", figure11.findings(FEW, 40),
        spoilt(selection.pruned_accuracy, steps=lambda s: 1, selections=lambda s: 4),
    ),
    "waste": (
        "figure11", "waste", figure11.findings(FEW, 40),
        spoilt(selection.pruned_accuracy, steps=lambda s: 1, selections=lambda s: 4),
    ),
    "a width that is the other's": (
        "figure6", "wider", figure6.findings({"n": 10, "m": 20}, 40),
        spoilt(teacher.student, m=lambda m: 4, steps=lambda s: 60, test=lambda n: 50),
    ),
    "no noise": (
        "figure6", "noise_costs_error", figure6.findings({"n": 10, "m": 20}, 40),
        spoilt(teacher.student, temperature=lambda t: 0.0, steps=lambda s: 60, test=lambda n: 50),
    ),
    "no noise, alignment": (
        "figure6", "noise_aligns", figure6.findings({"n": 10, "m": 20}, 40),
        spoilt(teacher.student, temperature=lambda t: 0.0, steps=lambda s: 60, test=lambda n: 50),
    ),
    "repopulated": (
        "figure9", "repopulated", figure9.findings({**FEW, "nets": 3}, 60, 40),
        spoilt(repopulation.repopulated_accuracy, **UNMOVED, features=lambda n: (20, 40)),
    ),
    "error": (
        "figure10", "error", figure10.findings({**FEW, "nets": 2}, 40),
        spoilt(tangent_spaces.tangent_ridge, **UNMOVED),
    ),
    "accuracy": (
        "figure10", "accuracy", figure10.findings({**FEW, "nets": 2}, 40),
        spoilt(tangent_spaces.tangent_ridge, **UNMOVED),
    ),
}  # fmt: skip


@pytest.mark.parametrize("row, part, simulate", IDENTITIES.values(), ids=IDENTITIES)
def test_a_planted_fault_is_refuted(row: str, part: str, simulate: Callable[..., Any]) -> None:
    told = [task for task in tasks(f"fang2021.{row}") if task.part.name == part and task.routes]
    assert judged(f"fang2021.{row}", part, told, simulate, QUICK) == "refuted"


@pytest.mark.parametrize("row, part, findings, simulate", UNTRAINED.values(), ids=UNTRAINED)
def test_a_finding_of_networks_without_its_cause_is_not_reproduced(
    row: str, part: str, findings: tuple[Effects, ...], simulate: Callable[..., Any]
) -> None:
    claim = theory.claim(f"fang2021.{row}")
    told = [task for procedure in findings for task in procedure.tasks(claim) if task.part.name == part]
    assert judged(claim.id, part, told, simulate, FULL) in ("not reproduced", "reverse")
