from typing import Any

import pytest
import torch

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.particles import optimum, refinement
from lazy_assay.sims.particles.measure import Measure
from lazy_assay.sims.particles.objective import Objective

GIVEN: dict[str, Any] = {"activation": "tanh", "lambda_u": 0.1, "lambda_theta": 0.05}


def drawn(trials: int = 3, m: int = 6) -> tuple[Objective, Measure]:
    stream = Stream(5)
    phi = optimum._taught(stream, trials, 7, "tanh", 0.1, 0.05)
    return phi, optimum._start(stream, trials, m)


def test_settled_output_weights_have_no_gradient_left() -> None:
    phi, rho = drawn()
    weighted = Measure(rho.theta, rho.u, torch.softmax(rho.u[..., 0], dim=-1))
    for law in (rho, weighted):
        gradient = phi.particle_gradient(refinement.settled(phi, law))
        assert float(gradient.u.abs().max()) < 1e-13


def test_masses_stay_a_law_and_the_objective_falls() -> None:
    phi, rho = drawn()
    moved = refinement.descended(phi, rho, 50, mass_step=0.3)
    torch.testing.assert_close(moved.masses.sum(-1), torch.ones(3, dtype=torch.float64))
    assert (phi.value(moved) < phi.value(refinement.descended(phi, rho, 50))).all()


def test_the_least_particle_is_below_every_particle_of_a_fine_grid() -> None:
    phi, rho = drawn()
    theta, u = refinement.least_particle(phi, rho)
    potential = phi.potential(rho)
    least = potential.value(theta[:, None], u[:, None])[:, 0]
    line = torch.linspace(-8, 8, 161, dtype=torch.float64)
    grid = torch.cartesian_prod(line, line).expand(3, -1, -1)
    best = potential.value(grid, -potential.force(grid) / 0.1).amin(-1)
    assert (least <= best + 1e-12).all()


def test_insertions_bring_the_least_particle_up_to_the_mean() -> None:
    excess = [
        optimum.at_optimum(n=7, m=6, steps=300, insertions=insertions, trials=3, entropy=1, **GIVEN)[:, -1]
        for insertions in (0, 4)
    ]
    assert (excess[1] < excess[0] / 5).all()


def test_masses_of_least_free_energy_are_those_of_gibbs() -> None:
    found = optimum.with_entropy(n=7, m=5, temperature=0.1, step_size=0.3, steps=2000, trials=3, entropy=2, **GIVEN)
    torch.testing.assert_close(found[:, 0], -0.1 * found[:, 1], rtol=0, atol=1e-8)
    assert (found[:, 1] > 0).all()


@pytest.mark.parametrize("activation, wasted", [("relu", True), ("tanh", False)])
def test_decay_of_both_layers_leaves_relu_neurons_at_the_origin(activation: str, wasted: bool) -> None:
    told: dict[str, Any] = {"lambda_u": 0.1, "lambda_theta": 0.1, "threshold": 0.1, "step_size": 0.2, "steps": 1200}
    share, c = optimum.waste(n=12, m=20, activation=activation, trials=4, entropy=3, **told).mean(0).tolist()
    assert (share > 0.3) is wasted
    assert (abs(c) < 1e-3) is wasted
