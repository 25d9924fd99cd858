from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from torch import Tensor

from lazy_assay import theory
from lazy_assay.checks.engine.perform import run
from lazy_assay.checks.engine.registry import check, tasks
from lazy_assay.checks.procedures import exponents, sweep
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import PROFILES, Profile
from lazy_assay.checks.vocabulary.status import part_status
from lazy_assay.sims.deep import mean_field
from lazy_assay.sims.features import single_neuron
from lazy_assay.sims.particles import optimum
from lazy_assay.sims.two_layer import population_descent, scales

# No guard: what a busy machine leaves undecided is no verdict.
FEW = replace(PROFILES["quick"], examples=1, guard=float("inf"))
FEWER = dict.fromkeys(("two_hidden", "equal"), replace(FEW, seeds=3))


@pytest.fixture(autouse=True)
def _gross(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times a search's seeds refute what is off by a half; a confirmation has those that tell a tenth."""
    monkeypatch.setattr(sweep, "confirming", lambda scatter, searched, *told: exponents.AGAIN * searched)


def spoilt(simulation: Callable[..., Tensor], **wrong: Any) -> Callable[..., Any]:
    """A simulation with some arguments spoilt: {name: what is done to its value}."""
    return lambda **told: simulation(**told | {name: spoil(told[name]) for name, spoil in wrong.items()})


def rescaled(simulation: Callable[..., Tensor], factor: list[float]) -> Callable[..., Any]:
    """A simulation whose columns are off by factors."""
    return lambda **told: simulation(**told).numpy() * np.array(factor)


def at_the_first(simulation: Callable[..., Tensor], *sizes: str) -> Callable[..., Any]:
    """A simulation at the first of its sizes, told for all of them."""

    def simulate(**told: Any) -> Tensor:
        first = {name: told[name][:1] for name in sizes}
        return simulation(**told | first).expand(-1, len(told[sizes[0]]))

    return simulate


def status(id: str, part: str, simulate: Callable[..., Any], profile: Profile = FEW) -> str:
    """The status of one part, confronted with another simulation; without its decoys."""
    claim, results = theory.claim(id), []
    for task in (task for task in tasks(id) if task.part.name == part and task.routes):
        stands_in = dict.fromkeys(task.routes, simulate)
        told = {"profile": profile, "entropy": 5, "suspects": 2, "simulate": stands_in, "distort": lambda p: p}
        results += run(task, Context(claim=claim, **told))  # type: ignore[arg-type]
    return part_status(claim, claim.part(part), check(id), results).status


SOUND = {
    "last": ("fang2021.deep_degeneracy", "last", mean_field.spreads),
    "gap": ("fang2021.optimality", "gap", optimum.against_another),
    "stationary": ("fang2021.optimality", "stationary", optimum.stopped),
}
FAULTS = {
    "four neurons for one": (
        "fang2021.single_neuron", "dimension", spoilt(single_neuron.relative_error, m=lambda m: 4 * m)
    ),
    "a neuron that starts from the other sign": (
        "fang2021.single_neuron", "one_neuron", spoilt(population_descent.trained_error_at, u=abs)
    ),
    "variances that grow with the width": (
        "fang2021.deep_degeneracy", "middle", spoilt(mean_field.spreads, weights=lambda law: "growing")
    ),
    "output weights that are all the same": (
        "fang2021.deep_degeneracy", "two_hidden", spoilt(mean_field.spreads, outer=lambda law: "equal")
    ),
    "output weights that are not": (
        "fang2021.deep_degeneracy", "equal", spoilt(mean_field.spreads, outer=lambda law: "random")
    ),
    "one α for all widths": (
        "fang2021.figure7", "distance", spoilt(scales.movement, alphas=lambda alphas: 0 * alphas + 2)
    ),
    "a g at the other law that is a tenth too small": (
        "fang2021.optimality", "gap", rescaled(optimum.against_another, [1.0, 1.0, 0.9, 1.0, 1.0, 1.0])
    ),
    "decay 1 % too strong": (
        "fang2021.optimality", "curvature", spoilt(optimum.second_difference, lambda_u=lambda x: 1.01 * x)
    ),
    "decay of θ forgotten in g": (
        "fang2021.optimality", "stationary", spoilt(optimum.stopped, lambda_theta=lambda x: 1e-9)
    ),
    "a temperature 5 % too high": (
        "fang2021.optimality", "entropy", spoilt(optimum.with_entropy, temperature=lambda x: 1.05 * x)
    ),
    "an activation that is not homogeneous": (
        "fang2021.optimality", "homogeneous", spoilt(optimum.radial_derivative, activation=lambda name: "tanh")
    ),
    "a g on the support that is a little off": (
        "fang2021.optimality", "support", rescaled(optimum.at_optimum, [1.1, 1, 1, 1, 1, 1, 1, 1])
    ),
    "output weights a third too small": (
        "fang2021.optimality", "no_waste", rescaled(optimum.at_optimum, [1, 1, 0.3, 1, 1, 1, 1, 1])
    ),
    "hidden weights a hundredth too long": (
        "fang2021.optimality", "size_on_support", rescaled(optimum.at_optimum, [1, 1, 1, 1, 1.02, 1, 1, 1])
    ),
}  # fmt: skip
# A slope may be on its way, and how far is measured, with an interval of its own: it takes more seeds to refute it.
SLOPES = {
    "an easier target": (
        "fang2021.single_neuron", "quadratic", spoilt(single_neuron.least_neurons, target=lambda t: 0.25)
    ),
    "no dependence on d": (
        "fang2021.single_neuron", "linear", at_the_first(single_neuron.least_neurons, "dimensions", "most")
    ),
    "α where its root is meant": (
        "fang2021.figure7", "kernel", spoilt(scales.movement, alphas=lambda alphas: alphas**0.5)
    ),
}  # fmt: skip


@pytest.mark.parametrize("id, part, simulate", SOUND.values(), ids=SOUND)
def test_a_sound_simulation_is_confirmed(id: str, part: str, simulate: Callable[..., Any]) -> None:
    assert status(id, part, simulate) == "confirmed"


@pytest.mark.parametrize("id, part, simulate", (FAULTS | SLOPES).values(), ids=FAULTS | SLOPES)
def test_a_planted_fault_is_refuted(id: str, part: str, simulate: Callable[..., Any]) -> None:
    assert status(id, part, simulate, FEWER.get(part, FEW)) == "refuted"
