from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.dynamics import flow, measures
from lazy_assay.sims.dynamics.networks import FullyConnected
from lazy_assay.sims.dynamics.parameterisations import NTK
from lazy_assay.theory.chizat2019 import _networks as networks

NETWORK = FullyConnected((3, 6, 1), "tanh", NTK)
STREAM = Stream(4)
START, X, Y = NETWORK.draw(STREAM, 3), STREAM.normal(4, 3), STREAM.normal(4)
OFFSET = NETWORK(START, X)[..., 0]


def model(parameters: tuple[torch.Tensor, ...]) -> torch.Tensor:
    return NETWORK(parameters, X)[..., 0] - OFFSET


def pendulum(t: float, state: torch.Tensor) -> torch.Tensor:
    return torch.stack([state[:, 1], -torch.sin(state[:, 0]) + 0.3 * np.cos(t)], dim=1)


def test_the_integrator_has_the_order_that_it_states() -> None:
    start = torch.tensor([[1.0, 0.3], [0.2, -1.0]], dtype=torch.float64)
    exact = flow.integrate(pendulum, start, 4.0, 128)[-1]
    errors = [float((flow.integrate(pendulum, start, 4.0, steps)[-1] - exact).abs().max()) for steps in (6, 12)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(flow.ORDER, abs=0.7)


def test_exponential_decay_is_followed_to_rounding() -> None:
    start = torch.ones(1, 1, dtype=torch.float64)
    states = flow.integrate(lambda t, y: -y, start, 3.0, 48)
    assert torch.cat(states)[:, 0].numpy() == pytest.approx(np.exp(-np.linspace(0, 3, 49)), rel=1e-12)


@pytest.mark.parametrize("time, steps", [(1.0, 0), (0.0, 4), (-1.0, 4), (float("nan"), 4)])
def test_a_flow_needs_a_time_and_a_step(time: float, steps: int) -> None:
    with pytest.raises(ValueError, match="a positive time and at least one step"):
        flow.integrate(pendulum, torch.zeros(1, 2), time, steps)


def test_the_difference_from_the_linear_flow_is_a_difference_and_far_more_exact() -> None:
    scaled = flow.Scaled(model, START, 512.0)
    differences, linear = flow.difference_from_linear(scaled, Y, 4.0, 32)
    whole = flow.flow(scaled, lambda y: y - Y, 4.0, 32)
    for e, v, t in zip(differences, whole, np.linspace(0, 4, 33).tolist(), strict=True):
        assert torch.allclose(linear.moved(t) + e, v, atol=1e-11)
    coarse = flow.difference_from_linear(scaled, Y, 4.0, 8)[0][-1]
    rough = flow.flow(scaled, lambda y: y - Y, 4.0, 8)[-1]
    assert (coarse - differences[-1]).abs().max() < (rough - whole[-1]).abs().max() / 100


def test_the_linear_flow_solves_its_own_equation() -> None:
    J = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    # One eigenvalue of K is zero: a repeated point.
    J[:, 2] = J[:, 1]
    gap = torch.tensor([[1.0, 2.0, -1.0]], dtype=torch.float64).expand(2, 3)
    linear = flow.Linear(J, gap)
    assert torch.allclose(linear.residual(0.7), gap + (J @ linear.moved(0.7)[..., None])[..., 0], atol=1e-12)
    ends = flow.integrate(lambda t, v: -((gap + (J @ v[..., None])[..., 0])[:, None] @ J)[:, 0], 0 * J[:, 0], 0.7, 20)
    assert torch.allclose(linear.moved(0.7), ends[-1], atol=1e-10)


def test_each_trial_has_its_own_alpha() -> None:
    alphas = torch.tensor([2.0, -3.0, 50.0], dtype=torch.float64)
    together = flow.flow(flow.Scaled(model, START, alphas), lambda y: y - Y, 1.0, 4)[-1]
    for trial, alpha in enumerate(alphas.tolist()):
        alone = flow.flow(flow.Scaled(model, START, alpha), lambda y: y - Y, 1.0, 4)[-1]
        assert torch.allclose(together[trial], alone[trial], rtol=1e-12)


def test_measures_vanish_before_training_and_grow_with_it() -> None:
    small, large = (tuple(p + size * torch.ones_like(p) for p in START) for size in (0.01, 1.0))
    for measure in (measures.linearisation_error, measures.kernel_change):
        assert (measure(NETWORK, START, small, X) < measure(NETWORK, START, large, X)).all()
    assert measures.kernel_change(NETWORK, START, START, X).tolist() == [0, 0, 0]
    assert measures.linearisation_error(NETWORK, START, small, X).max() < 0.05


def test_patterns_kept_are_the_signs_that_stayed() -> None:
    network = FullyConnected((1, 4, 1), "relu", NTK)
    start = (torch.tensor([[[1.0, 1.0, -1.0, -1.0]]]), torch.ones(1, 4, 1))
    moved = (torch.tensor([[[1.0, -1.0, -1.0, -1.0]]]), torch.ones(1, 4, 1))
    assert measures.patterns_kept(network, start, moved, torch.ones(5, 1)).tolist() == [[0.75]]


def test_the_second_derivative_is_that_of_the_outputs() -> None:
    D2h, way = measures.second_derivative(NETWORK, START, X), STREAM.normal(3, 24)
    scaled, size = flow.Scaled(lambda w: NETWORK(w, X)[..., 0], START, 1.0), 1e-3
    second = (scaled.outputs(size * way) + scaled.outputs(-size * way) - 2 * scaled.outputs(0 * way)) / size**2
    assert torch.allclose(torch.einsum("tnij,ti,tj->tn", D2h, way, way), second, atol=1e-4)


def test_the_norm_of_a_bilinear_map_is_reached_and_never_passed() -> None:
    D2h = torch.zeros(1, 2, 3, 3, dtype=torch.float64)
    D2h[0, 0] = torch.diag(torch.tensor([1.0, -3.0, 2.0], dtype=torch.float64))
    D2h[0, 1, 2, 2] = 2.5
    # Along e3 both outputs add up: (2² + 2.5²)^(1/2) = 3.2, more than |−3| along e2.
    guesses = torch.eye(3, dtype=torch.float64) + 0.1
    assert float(measures.bilinear_norm(D2h, guesses)) == pytest.approx(np.hypot(2, 2.5), rel=1e-9)
    matrix = D2h[:, :1]
    assert float(measures.bilinear_norm(matrix, guesses)) == pytest.approx(3.0, rel=1e-9)


@pytest.mark.parametrize("gap", [1e-2, 1e-5, 1e-8, 0.0])
def test_the_norm_of_a_bilinear_map_is_found_where_two_of_its_values_are_close(gap: float) -> None:
    # A neuron of relu: D²h_i mixes u with w, by the i-th point, and the norm is the points' largest singular value.
    turn = math.cos(0.3), math.sin(0.3)
    points = np.array([[turn[0], -turn[1]], [turn[1], turn[0]]]) * [1.0, 1.0 - gap] @ [[0.6, 0.8], [-0.8, 0.6]]
    block = np.zeros((2, 3, 3))
    block[:, 2, :2] = block[:, :2, 2] = points
    index = torch.arange(1, 4, dtype=torch.float64)
    found = measures.bilinear_norm(torch.from_numpy(block), torch.cos(index[:, None] * index))
    assert float(found) == pytest.approx(1.0, rel=1e-13)
    assert networks._bilinear_norm(block, 200) == pytest.approx(1.0, rel=1e-13)
