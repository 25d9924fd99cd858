from __future__ import annotations

import pytest
import torch

from lazy_assay.sims.dynamics.descent import GradientDescent, Stopped, descend_until
from lazy_assay.sims.dynamics.milestones import descend_past

START = (torch.tensor([[2.0], [1.0], [0.1]], dtype=torch.float64),)
TARGETS = (1.0, 0.1)


def parabola(parameters: tuple[torch.Tensor, ...], k: int) -> torch.Tensor:
    return parameters[0][:, 0] ** 2 / 2


@pytest.fixture
def stops() -> list[Stopped]:
    return descend_past(parabola, START, GradientDescent(0.1), TARGETS, 100)


@pytest.mark.parametrize("index", range(len(TARGETS)))
def test_each_target_is_where_a_descent_to_it_alone_stops(stops: list[Stopped], index: int) -> None:
    alone = descend_until(parabola, START, GradientDescent(0.1), TARGETS[index], 100, look=1)
    assert torch.equal(stops[index].steps, alone.steps)
    assert torch.equal(stops[index].losses, alone.losses)
    assert torch.equal(stops[index].parameters[0], alone.parameters[0])


def test_a_target_met_at_the_start_takes_no_step(stops: list[Stopped]) -> None:
    assert stops[0].steps[2] == 0
    assert torch.equal(stops[0].parameters[0][2], START[0][2])


def test_what_is_not_reached_has_infinite_steps_and_the_last_parameters() -> None:
    (stop,) = descend_past(parabola, START, GradientDescent(0.1), (0.1,), 2)
    assert stop.steps.tolist() == [float("inf"), float("inf"), 0.0]
    assert stop.parameters[0][0] == pytest.approx(2.0 * 0.9**2)
    assert stop.losses[0] == pytest.approx((2.0 * 0.9**2) ** 2 / 2)


def test_a_descent_that_blows_up_never_arrives() -> None:
    (stop,) = descend_past(parabola, START, GradientDescent(1e200), (1e-9,), 5)
    assert stop.steps.isinf().all()
    assert not (stop.losses <= 1e-9).any()
