import math
from typing import Any

import pytest
import torch

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.particles import free_energy, mixtures, problems

MIXED: dict[str, Any] = {"n": 4, "d": 2, "m": 4, "other_m": 3, "alpha": 1.5, "activation": "tanh", "lambda_u": 0.05}
MIXED |= {"lambda_theta": 0.02, "waves": 0.3, "step_size": 0.1, "steps": 20, "trials": 5, "entropy": 3}


@pytest.mark.parametrize("loss, k", [("squared", 2), ("cross_entropy", 1), ("cross_entropy", 3), ("bounded", 1)])
def test_curvatures_written_out_are_those_of_losses_differentiated_twice(loss: str, k: int) -> None:
    rows = mixtures.along_mixture(**MIXED, k=k, loss=loss, s=0.3)
    bend, curvature = (rows[:, mixtures.COLUMNS.index(name)] for name in ("bend", "curvature"))
    assert torch.allclose(bend, curvature, atol=1e-13)


@pytest.mark.parametrize("s, end", [(1e-9, "first"), (1 - 1e-9, "second")])
def test_a_mixture_begins_and_ends_at_its_networks(s: float, end: str) -> None:
    rows = mixtures.along_mixture(**MIXED, k=1, loss="squared", s=s)
    assert torch.allclose(rows[:, 0], rows[:, mixtures.COLUMNS.index(end)], atol=1e-6)


def test_descent_on_the_measure_lowers_the_objective() -> None:
    phi = problems.objective(Stream(1), 3, 5, 2, 1, activation="erf", loss="squared", alpha=1.0)
    rho = problems.neurons(Stream(2), 3, 4, 2, 1)
    assert (phi.value(mixtures.trained(phi, rho, 0.1, 50)) < phi.value(rho)).all()


def test_midpoints_of_the_mixture_never_lie_above_the_chord() -> None:
    shares = mixtures.midpoints_above(
        n=5, d=2, m=4, alpha=2.0, activation="tanh", lambda_u=0.0, lambda_theta=0.0, pairs=16, step_size=0.1, steps=40,
        trials=3, entropy=1,
    )  # fmt: skip
    assert torch.equal(shares[:, 1], torch.zeros(3, dtype=torch.float64))
    assert (shares[:, 0] > 0).all()


def test_two_far_normal_laws_lose_the_entropy_of_their_choice() -> None:
    rows = mixtures.entropies(width=0.01, reach=5.0, s=0.3, points=200_001, trials=2, entropy=4)
    whole = -(0.3 * math.log(0.3) + 0.7 * math.log(0.7))
    assert torch.allclose(rows[:, 0], torch.full((2,), whole, dtype=torch.float64), atol=1e-6)
    assert torch.allclose(rows[:, 1], torch.full((2,), 4.0, dtype=torch.float64), atol=1e-6)


def test_the_free_energy_of_points_falls_by_what_their_push_dissipates() -> None:
    phi = problems.objective(Stream(1), 1, 4, 2, 1, activation="linear", loss="squared", alpha=1.0)
    flow = free_energy.NormalFlow(phi, 0.2, "constant", 2)
    points = Stream(2).normal(1, 4, 2)
    state = torch.cat([points.flatten(1), torch.zeros(1, 2, dtype=torch.float64)], dim=1)
    rate = flow.velocity(0.0, state)
    # The rate of the free energy, by differences, is minus what is dissipated.
    step = 1e-6
    moved = (flow.value(state + step * rate) - flow.value(state - step * rate)) / (2 * step)
    assert float(moved[0]) == pytest.approx(-float(rate[0, -2]), rel=1e-6)
