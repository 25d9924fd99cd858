from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from lazy_assay import theory
from lazy_assay.checks.engine.perform import run
from lazy_assay.checks.engine.registry import check, tasks
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.status import part_status
from lazy_assay.sims.particles import energy, free_energy, mixtures, stationary

FEW = replace(PROFILES["quick"], examples=0)


def spoilt(simulation: Callable[..., Tensor], **wrong: Any) -> Callable[..., Any]:
    """A simulation with some arguments spoilt: {name: what is done to its value}."""
    return lambda **told: simulation(**told | {name: spoil(told[name]) for name, spoil in wrong.items()})


def columns(
    simulation: Callable[..., Tensor], names: tuple[str, ...], **wrong: Callable[[dict[str, Tensor]], Tensor]
) -> Callable[..., Any]:
    """A simulation some of whose columns are made of its row: {name: what of a row by name}."""

    def simulate(**told: Any) -> Tensor:
        rows = simulation(**told)
        row = dict(zip(names, rows.unbind(1), strict=True))
        return torch.stack([wrong[name](row) if name in wrong else row[name] for name in names], dim=1)

    return simulate


def status(
    id: str, part: str, simulate: Callable[..., Any] | None = None, distort: Callable[..., Any] | None = None
) -> str:
    """The status of one part, its anchors confronted with another simulation, or bent predictions."""
    claim, results = theory.claim(id), []
    for task in (task for task in tasks(id) if task.part.name == part and task.routes):
        stands_in = dict.fromkeys(task.routes, simulate) if simulate else {}
        # A distortion, be it none, leaves out the decoys.
        context = Context(
            claim=claim, profile=FEW, entropy=5, suspects=2, simulate=stands_in, distort=distort or (lambda p: p)
        )
        results += run(task, context)
    return part_status(claim, claim.part(part), check(id), results).status


ENERGY, CONVEXITY, NOISE = (f"fang2021.{name}" for name in ("energy", "convexity", "noisy_descent"))
FREE = ("loss", "dissipation", "bare")
FAULTS = {
    "a millionth of what is dissipated is forgotten": (
        ENERGY, "dissipation",
        columns(energy.followed, energy.COLUMNS, dissipation=lambda row: (1 - 1e-6) * row["dissipation"]),
    ),
    "a rate that stands outside of the integral": (
        ENERGY, "dissipation",
        columns(energy.followed, energy.COLUMNS, dissipation=lambda row: row["without_rate"]),
    ),
    "a flow on the parameters that runs m times as fast": (
        ENERGY, "parameters", spoilt(energy.followed, along=lambda along: "g"),
    ),
    "a moment that is another's": (
        ENERGY, "moments",
        columns(energy.followed, energy.COLUMNS, products_integral=lambda row: row["squares_integral"]),
    ),
    "a clock that is 1 % late": (
        ENERGY, "time_change", spoilt(energy.squared_gradients, elapsed=lambda s: 0.99 * s),
    ),
    "an entropy of a tenth less weight": (
        ENERGY, "entropy",
        columns(free_energy.dissipation, FREE, dissipation=lambda row: 0.9 * row["dissipation"] + 0.1 * row["bare"]),
    ),
    "a mixture at a share a little further on": (
        CONVEXITY, "squared", spoilt(mixtures.along_mixture, s=lambda s: s + 1e-6),
    ),
    "a curvature of the squared loss for every loss": (
        CONVEXITY, "curvature",
        columns(mixtures.along_mixture, mixtures.COLUMNS, curvature=lambda row: row["gap"]),
    ),
    "neurons whose scales do not cancel": (
        CONVEXITY, "rescaled", spoilt(mixtures.rescaled_neurons, activation=lambda name: "softplus"),
    ),
    "noise a twentieth too hot": (
        NOISE, "deviations", spoilt(stationary.linear_law, temperature=lambda T: 1.05 * T),
    ),
    "steps that are four times as long": (
        NOISE, "deviations", spoilt(stationary.linear_law, step_size=lambda eta: 4 * eta),
    ),
    "a particle fewer": (NOISE, "deviations", spoilt(stationary.linear_law, m=lambda m: m - 1)),
    "labels a tenth too large": (NOISE, "mean", spoilt(stationary.linear_law, labels=lambda y: 1.1 * y)),
    "noise that is scaled where the printed one is asked for": (
        NOISE, "temperature", spoilt(stationary.thermometer, noise=lambda noise: "scaled"),
    ),
    "a law of half as many inputs": (
        NOISE, "gibbs", spoilt(stationary.moment_at_rest, labels=lambda y: y / 2),
    ),
}  # fmt: skip
BENT = {
    "what is dissipated, by a billionth": (ENERGY, "dissipation", 1 + 1e-9),
    "the variance of deviations 5 % too large": (NOISE, "deviations", 1.05),
    "temperatures 15 % too low": (NOISE, "temperature", 0.85),
    "the variance of u given θ 10 % too large": (NOISE, "conditional", 1.1),
}


@pytest.mark.parametrize("id, part, simulate", FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_refuted(id: str, part: str, simulate: Callable[..., Any]) -> None:
    assert status(id, part, simulate) == "refuted"


@pytest.mark.parametrize("id, part, factor", BENT.values(), ids=BENT)
def test_a_bent_prediction_is_refuted(id: str, part: str, factor: float) -> None:
    assert status(id, part, distort=lambda p: factor * p) == "refuted"


@pytest.mark.parametrize("id, part", [(ENERGY, "dissipation"), (CONVEXITY, "mixture"), (NOISE, "deviations")])
def test_sound_simulations_are_confirmed(id: str, part: str) -> None:
    assert status(id, part) == "confirmed"


def test_relu_is_out_of_regime_its_defect_shown_and_its_loss_monotone() -> None:
    claim = theory.claim(ENERGY)
    shown = {}
    for part in ("dissipation", "kinks"):
        task = next(t for t in tasks(ENERGY) if t.part.name == part and t.routes)
        shown[part] = run(task, Context(claim=claim, profile=FEW, entropy=5))
    control = next(result for result in shown["dissipation"] if result.assumption == "smooth")
    assert control.verdict.name == "DISAGREES"
    assert abs(control.estimate - control.predicted) > 1e-3
    assert all(result.verdict.name == "AGREES" for result in shown["kinks"] if str(result.subject) == "claim")
