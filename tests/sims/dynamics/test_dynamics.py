from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.dynamics import losses, tangent
from lazy_assay.sims.dynamics.descent import Adam, GradientDescent, descend, descend_until, gradients
from lazy_assay.sims.dynamics.networks import FullyConnected, centred, distance, relative_movement
from lazy_assay.sims.dynamics.parameterisations import (
    MEAN_FIELD,
    NTK,
    PARAMETERISATIONS,
    STANDARD,
    Parameterisation,
    parameterisation,
    scaled,
)

X = torch.linspace(-1, 1, 15, dtype=torch.float64).reshape(5, 3).sin()
Y = torch.tensor([1.0, -1.0, 1.0, 1.0, -1.0], dtype=torch.float64)


def drawn(network: FullyConnected, trials: int = 4, entropy: int = 3) -> tuple[torch.Tensor, ...]:
    return network.draw(Stream(entropy), trials)


def two_layers(width: int = 8, activation: str = "tanh", kind: Parameterisation = NTK, **rest: float) -> FullyConnected:
    return FullyConnected((3, width, 1), activation, kind, **rest)


def squared(network: FullyConnected, target: torch.Tensor = Y) -> Callable[..., Any]:
    return lambda parameters, k: losses.half_squared(network(parameters, X), target[:, None])


@pytest.mark.parametrize("kind", [*PARAMETERISATIONS.values(), scaled(0.5)], ids=lambda kind: kind.name)
def test_a_network_is_the_sum_that_its_parameterisation_says(kind: Parameterisation) -> None:
    network = two_layers(kind=kind, alpha=2.0)
    theta, u = drawn(network)
    hidden = np.tanh(X.numpy() @ theta[1].numpy() * kind.multiplier(3, False))
    by_hand = 2 * kind.multiplier(8, True) * hidden @ u[1].numpy()
    assert network((theta, u), X)[1].numpy() == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize("kind", [NTK, STANDARD], ids=lambda kind: kind.name)
def test_outputs_of_wide_networks_neither_grow_nor_shrink_with_depth(kind: Parameterisation) -> None:
    x = X / X.norm(dim=1, keepdim=True) * math.sqrt(3)
    for widths in ((3, 400, 1), (3, 400, 400, 1)):
        found = FullyConnected(widths, "abs", kind)(drawn(FullyConnected(widths, "abs", kind), trials=400), x)
        assert float(found.square().mean()) == pytest.approx(1, abs=0.25)


@pytest.mark.parametrize("name", ["alpha/m", "ntk", "standard", "m^-0.5"])
def test_a_parameterisation_is_found_by_its_name(name: str) -> None:
    assert parameterisation(name).name == name


def test_an_unknown_parameterisation_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="there are alpha/m, ntk, standard"):
        parameterisation("maximal")


@pytest.mark.parametrize("widths", [(3,), (3, 0, 1)])
def test_a_network_without_a_layer_or_a_neuron_is_refused(widths: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="a positive width everywhere"):
        FullyConnected(widths, "relu", NTK)


@pytest.mark.parametrize("kind", [MEAN_FIELD, NTK, STANDARD], ids=lambda kind: kind.name)
def test_paired_neurons_give_zero_everywhere_and_the_spread_of_a_network_of_their_width(kind: Parameterisation) -> None:
    network = two_layers(width=64, kind=kind)
    theta, u = network.draw_paired(Stream(5), 50)
    assert network((theta, u), X).abs().max() < 1e-15
    assert float(u.std()) == pytest.approx(kind.deviation(64, True), rel=0.1)


@pytest.mark.parametrize("widths", [(3, 5, 1), (3, 4, 4, 1)])
def test_pairs_need_one_hidden_layer_of_even_width(widths: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="pairs need one hidden layer of even width"):
        FullyConnected(widths, "relu", NTK).draw_paired(Stream(1), 2)


def test_a_centred_model_starts_at_zero_and_moves_as_the_network_does() -> None:
    network = two_layers()
    start = drawn(network)
    moved = tuple(p + 0.1 for p in start)
    model = centred(network, start)
    assert model(start, X).abs().max() == 0
    assert torch.allclose(model(moved, X), network(moved, X) - network(start, X))


def test_descent_on_a_linear_model_is_its_closed_form() -> None:
    network = FullyConnected((3, 1), "tanh", STANDARD)
    start = drawn(network)
    _, seen = descend(squared(network), start, GradientDescent(0.3), 20, watch=lambda p: network(p, X)[..., 0])
    K = tangent.kernel(network, start, X) / len(X)
    left = tangent.descended(K, network(start, X)[..., 0] - Y, 0.3, torch.arange(21, dtype=torch.float64))
    assert torch.allclose(torch.stack(seen, dim=1) - Y, left, atol=1e-12)


def test_small_steps_of_descent_follow_the_flow() -> None:
    K = torch.diag_embed(torch.tensor([[0.5, 2.0]], dtype=torch.float64))
    gap = torch.ones(1, 2, dtype=torch.float64)
    flow = tangent.flowed(K, gap, torch.tensor([1.0], dtype=torch.float64))
    errors = [
        (tangent.descended(K, gap, 1 / n, torch.tensor([float(n)], dtype=torch.float64)) - flow).abs().max()
        for n in (100, 200)
    ]
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize("optimiser", [GradientDescent(0.1, momentum=0.9, weight_decay=0.01), Adam(0.01)])
def test_batched_trials_are_the_trials_one_by_one(optimiser: Adam | GradientDescent) -> None:
    network = two_layers(activation="relu")
    start = drawn(network)
    together, _ = descend(squared(network), start, optimiser, 15)
    for trial in range(4):
        alone, _ = descend(squared(network), tuple(p[trial : trial + 1] for p in start), optimiser, 15)
        for one, other in zip(alone, together, strict=True):
            assert torch.allclose(one[0], other[trial], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("optimiser", ["descent", "Adam"])
def test_steps_are_those_of_torch(optimiser: str) -> None:
    network = two_layers()
    start = drawn(network, trials=1)
    theirs = [p.clone().requires_grad_() for p in start]
    ours = GradientDescent(0.1, momentum=0.9, weight_decay=0.01) if optimiser == "descent" else Adam(0.02)
    reference = (
        torch.optim.SGD(theirs, lr=0.1, momentum=0.9, weight_decay=0.01)
        if optimiser == "descent"
        else torch.optim.Adam(theirs, lr=0.02)
    )
    for k in range(25):
        reference.zero_grad()
        squared(network)(tuple(theirs), k).sum().backward()
        reference.step()
    for one, other in zip(descend(squared(network), start, ours, 25)[0], theirs, strict=True):
        assert torch.allclose(one, other, atol=1e-10)


def test_each_trial_stops_at_its_own_step_and_keeps_what_it_had() -> None:
    network = two_layers(width=64)
    start = drawn(network)
    stopped = descend_until(squared(network), start, GradientDescent(0.5), 0.05, 3000)
    assert torch.isfinite(stopped.steps).all()
    assert len(set(stopped.steps.tolist())) > 1
    for trial, steps in enumerate(stopped.steps.int().tolist()):
        alone, _ = descend(squared(network), start, GradientDescent(0.5), steps)
        assert torch.equal(alone[0][trial], stopped.parameters[0][trial])
        assert 0 < float(stopped.losses[trial]) <= 0.05


def test_a_trial_that_never_arrives_says_so() -> None:
    network = two_layers()
    stopped = descend_until(squared(network), drawn(network), GradientDescent(1e-4), 1e-9, 10)
    assert torch.isinf(stopped.steps).all()
    assert torch.isfinite(stopped.losses).all()


def test_a_step_beyond_two_over_the_largest_eigenvalue_diverges_and_shows_it() -> None:
    network = FullyConnected((3, 1), "tanh", STANDARD)
    start = drawn(network)
    largest = float(torch.linalg.eigvalsh(tangent.kernel(network, start, X) / len(X)).max())
    over, _ = descend(squared(network), start, GradientDescent(2.5 / largest), 4000)
    under, _ = descend(squared(network), start, GradientDescent(1.5 / largest), 4000)
    assert not torch.isfinite(network(over, X)).any()
    assert torch.isfinite(network(under, X)).all()


def test_the_tangent_model_touches_the_network_and_is_linear() -> None:
    network = two_layers()
    start = drawn(network)
    way = drawn(network, entropy=8)
    gaps = []
    for size in (0.1, 0.05):
        moved = tuple(s + size * w for s, w in zip(start, way, strict=True))
        gaps.append((network(moved, X) - tangent.outputs(network, start, moved, X)).abs().max())
    assert gaps[0] / gaps[1] == pytest.approx(4, rel=0.2)
    J = tangent.jacobian(network, start, X)
    step = torch.cat([w.flatten(1) for w in way], dim=1)
    direct = tangent.outputs(network, start, tuple(s + w for s, w in zip(start, way, strict=True)), X)
    assert torch.allclose(direct.flatten(1), network(start, X).flatten(1) + (J @ step[..., None])[..., 0])


def test_the_tangent_models_gradient_is_that_of_its_loss() -> None:
    network = two_layers()
    start = drawn(network)
    here = tuple(s + 0.2 for s in start)

    def objective(parameters: tuple[torch.Tensor, ...], k: int) -> torch.Tensor:
        return losses.logistic(tangent.outputs(network, start, parameters, X), Y)

    direct, found = gradients(objective, here, 0), tangent.gradients(network, start, here, X, Y, losses.logistic)
    assert torch.allclose(direct[0], found[0])
    for one, other in zip(direct[1], found[1], strict=True):
        assert torch.allclose(one, other, atol=1e-14)


def test_distances_and_movements_are_norms_of_what_moved() -> None:
    start = (torch.ones(2, 3, 4), torch.full((2, 4, 1), 2.0))
    moved = (start[0] + 1, start[1])
    assert distance(moved, start).tolist() == pytest.approx([math.sqrt(12)] * 2)
    assert relative_movement(moved, start).tolist() == [[1.0, 0.0]] * 2


@pytest.mark.parametrize("name, points", [("logistic", 2), ("softmax", 3), ("half_squared", 1)])
def test_losses_are_means_over_points_and_one_number_a_trial(name: str, points: int) -> None:
    f = torch.randn(4, points, 3 if name == "softmax" else 1, generator=torch.Generator().manual_seed(0))
    y = {"logistic": torch.ones(points), "softmax": torch.eye(3), "half_squared": torch.zeros(1, 1)}[name]
    by_hand: Callable[[torch.Tensor], torch.Tensor] = {
        "logistic": lambda f: torch.nn.functional.softplus(-f[..., 0]).mean(-1),
        "softmax": lambda f: torch.stack([torch.nn.functional.cross_entropy(row, torch.arange(3)) for row in f]),
        "half_squared": lambda f: f[:, 0, 0] ** 2 / 2,
    }[name]
    assert torch.allclose(losses.loss(name)(f, y), by_hand(f))


F = torch.zeros(2, 3, 1, dtype=torch.float64)


@pytest.mark.parametrize("name, y", [("half_squared", F[0] + 1), ("half_squared", F + 1), ("logistic", F[0, :, 0] + 1)])
def test_targets_may_be_the_trials_own_or_the_same_for_all(name: str, y: torch.Tensor) -> None:
    assert losses.loss(name)(F, y).tolist() == pytest.approx([0.5 if name == "half_squared" else math.log(2)] * 2)


@pytest.mark.parametrize(
    "name, f, y",
    [
        ("half_squared", F, torch.tensor([1.0, 2.0, 3.0])),
        ("half_squared", F, torch.ones(1, 3)),
        ("half_squared", F, torch.ones(3, 3, 1)),
        ("half_squared", F, torch.tensor(1.0)),
        ("half_squared", F[0], torch.ones(2, 3, 1)),
        ("half_squared", F.expand(2, 3, 3), torch.ones(3)),
        ("logistic", F, torch.ones(3, 1)),
        ("logistic", F, torch.ones(2)),
        ("logistic", F.expand(2, 3, 2), torch.ones(3)),
        ("softmax", F.expand(2, 3, 4), torch.tensor([0, 1, 2])),
        ("softmax", F.expand(2, 3, 3), torch.tensor([0.0, 1.0, 2.0])),
        ("softmax", F.expand(2, 3, 4), torch.ones(4)),
    ],
)
def test_targets_of_another_shape_are_refused_before_torch_stretches_them(
    name: str, f: torch.Tensor, y: torch.Tensor
) -> None:
    with pytest.raises(ValueError, match=name) as told:
        losses.loss(name)(f, y)
    assert "\n" not in str(told.value)


def test_training_stays_on_its_device(standin: str) -> None:
    with FakeTensorMode():
        stream = Stream(0, standin)
        network, x, y = two_layers(), stream.constant(X.tolist()), stream.constant(Y.tolist())
        start = network.draw(stream, 2)
        stopped = descend_until(lambda p, k: losses.logistic(network(p, x), y), start, Adam(0.1), 0.1, 3, look=1)
        assert stopped.steps.device.type == standin
        assert tangent.outputs(network, start, stopped.parameters, x).device.type == standin
        assert tangent.kernel(network, start, x).device.type == standin
