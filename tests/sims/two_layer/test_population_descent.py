import math

import pytest
import torch

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.two_layer import population_descent as population

SAMPLES = 400_000


def start() -> tuple[torch.Tensor, torch.Tensor]:
    stream = Stream(3)
    return stream.normal(1, 3, 4), stream.normal(1, 3)


def test_one_step_is_along_the_gradient_of_a_sampled_risk() -> None:
    theta, u = start()
    x = Stream(4).normal(SAMPLES, 4)
    leaves = theta[0].clone().requires_grad_(), u[0].clone().requires_grad_()
    risk = (torch.relu(x @ leaves[0].mT) @ leaves[1] - torch.relu(x[:, 0])).square().mean() / 2
    risk.backward()
    moved = population._descended(theta, u, 1.0, 1)
    for before, after, leaf in zip((theta, u), moved, leaves, strict=True):
        torch.testing.assert_close((before - after)[0], leaf.grad, rtol=0, atol=20 / math.sqrt(SAMPLES))
    assert float(population._error(theta, u)[0]) == pytest.approx(4 * risk.item(), rel=20 / math.sqrt(SAMPLES))


def test_small_steps_conserve_the_balance_of_a_neuron() -> None:
    theta, u = start()
    gaps = []
    for steps in (100, 200):
        end = population._descended(theta, u, 1 / steps, steps)
        gaps.append(((end[1] ** 2 - end[0].square().sum(-1)) - (u**2 - theta.square().sum(-1))).abs().max())
    assert float(gaps[0]) < 0.05
    assert float(gaps[0] / gaps[1]) == pytest.approx(2, rel=0.1)


def test_the_target_itself_has_no_error() -> None:
    theta, u = torch.eye(1, 3, dtype=torch.float64)[None], torch.ones(1, 1, dtype=torch.float64)
    assert float(population._error(theta, u)[0]) == 0
