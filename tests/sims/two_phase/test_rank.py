from __future__ import annotations

import copy
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from lazy_assay.sims.two_phase import TwoPhase, TwoPhaseError, _rank

SPEC = importlib.util.spec_from_file_location("two_phase_networks", Path(__file__).with_name("networks.py"))
assert SPEC
assert SPEC.loader
NET = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(NET)

WIDE, NARROW = {"hidden": 16}, {"hidden": 4}


def jacobian(training: TwoPhase) -> torch.Tensor:
    """In training mode, of the whole set at once; (n·m_y, all parameters)."""
    module = copy.deepcopy(training.module).train()
    rows = []
    for output in module(training.inputs).flatten():
        gradients = torch.autograd.grad(output, list(module.parameters()), retain_graph=True)
        rows.append(torch.cat([g.flatten() for g in gradients]))
    return torch.stack(rows)


def extended(training: TwoPhase) -> torch.Tensor:
    h = NET.reading(training)
    return torch.cat([h, h.new_ones(len(h), 1)], 1)


def switched(module: nn.Module, lr: float = 0.1, **more: Any) -> TwoPhase:
    training: TwoPhase = NET.training(module, NET.sgd(module, lr), second_phase="all layers", **more)
    training.epoch()
    training.switch()
    return training


@pytest.mark.parametrize(
    "network, given, watched",
    [(NET.mlp, WIDE, extended), (NET.normalised, {}, extended), (NET.mlp, NARROW, jacobian)],
    ids=["wide", "normalised", "narrow"],
)
@pytest.mark.parametrize("batch_size", [None, 6])
@pytest.mark.parametrize("margin", [0.1, 0.9])
def test_the_singular_value_watched_never_falls_below_its_margin(
    network: Callable[..., nn.Sequential],
    given: dict[str, int],
    watched: Callable[..., Any],
    batch_size: int | None,
    margin: float,
) -> None:
    training = switched(NET.made(network, **given), lr=1.0, batch_size=batch_size, margin=margin)
    start = watched(training)
    rank = torch.linalg.matrix_rank(start)
    assert training.watch is not None
    assert (training.watch.rank, training.watch.full) == (rank, True)
    least = margin * float(torch.linalg.svdvals(start)[rank - 1])
    for chosen in torch.arange(NET.N).repeat(3).split(batch_size or NET.N):
        before = NET.bits(training.module)
        training.step(training.inputs[chosen], training.targets[chosen])
        assert float(torch.linalg.svdvals(watched(training))[rank - 1]) >= least * (1 - 1e-9)
        assert NET.moved(before, NET.bits(training.module)) >= NET.named(training)
    assert torch.linalg.matrix_rank(jacobian(training)) == NET.N * 3


@pytest.mark.parametrize("network", [NET.mlp, NET.normalised])
def test_steps_that_keep_the_rank_are_those_of_the_base_algorithm_to_the_bit(
    network: Callable[..., nn.Sequential],
) -> None:
    training = switched(NET.made(network), lr=1e-3)
    fork = training.fork()
    plain = fork.module.train()
    for _ in range(3):
        training.step(training.inputs, training.targets)
        fork.optimiser.zero_grad()
        functional.cross_entropy(plain(training.inputs), training.targets).backward()
        fork.optimiser.step()
    assert training.shortened == 0
    assert NET.moved(NET.bits(plain), NET.bits(training.module)) == set()


def test_a_step_that_would_lose_rank_is_halved_until_it_does_not() -> None:
    training = switched(NET.made(NET.mlp, **WIDE), lr=0.0, margin=0.5)
    training.optimiser.param_groups[0].update(lr=50.0)
    fork, before = training.fork(), NET.bits(training.module)
    training.step(training.inputs, training.targets)
    fork.watch = None
    fork.step(training.inputs, training.targets)
    assert training.shortened == 1
    shares = torch.cat(
        [
            ((now - before[name]) / (full - before[name])).flatten()
            for (name, now), full in zip(NET.bits(training.module).items(), NET.bits(fork.module).values(), strict=True)
        ]
    )
    halvings = -torch.log2(shares.mean())
    torch.testing.assert_close(shares, torch.full_like(shares, float(2 ** -halvings.round())), rtol=1e-5, atol=0)
    assert halvings > 0.9


def one_neuron(v: float) -> TwoPhase:
    """f = v tanh(ax + c) + b at a = 1, c = 0, b = 0; x = (−1, 0, 1), y = 0."""
    module = nn.Sequential(nn.Linear(1, 1), nn.Tanh(), nn.Linear(1, 1)).double()
    with torch.no_grad():
        for parameter, value in zip(module.parameters(), (1.0, 0.0, v, 0.0), strict=True):
            parameter.fill_(value)
    x = torch.tensor([[-1.0], [0.0], [1.0]], dtype=torch.float64)
    optimiser = torch.optim.SGD(module.parameters(), lr=0.1)
    return TwoPhase(
        module, optimiser, x, 0 * x, loss=functional.mse_loss, noise=1e-3, second_phase="all layers", margin=0.1
    )


@pytest.mark.parametrize("v", [0.7, -2.0])
def test_the_step_that_takes_one_neuron_out_of_use_is_shortened(v: float) -> None:
    training = one_neuron(v)
    training.switch()
    weight = training.last.weight
    (slope,) = torch.autograd.grad(training.loss(training.module(training.inputs), training.targets), weight)
    training.optimiser.param_groups[0]["lr"] = float(weight.detach() / slope)
    plain = training.fork()
    plain.watch = None
    plain.step(training.inputs, training.targets)
    assert abs(float(plain.last.weight.detach())) < 1e-15
    assert torch.linalg.matrix_rank(jacobian(training)) == 3
    assert torch.linalg.matrix_rank(jacobian(plain)) == 2
    training.step(training.inputs, training.targets)
    assert training.shortened == 1
    assert torch.linalg.matrix_rank(jacobian(training)) == 3
    assert 0.05 < float(weight.detach()) / v < 0.95


def test_full_rank_is_claimed_for_outputs_of_several_places_only_where_the_jacobian_has_it() -> None:
    training = TwoPhase(
        module := NET.made(NET.PerToken),
        torch.optim.SGD(module.parameters(), lr=0.1),
        NET.points(),
        torch.zeros(NET.N, 5, 1, dtype=torch.float64),
        loss=functional.mse_loss,
        second_phase="all layers",
    )
    training.switch()
    J = jacobian(training)
    assert training.watch is not None
    assert (training.watch.full, training.watch.rank) == (False, torch.linalg.matrix_rank(J))


def test_a_step_to_no_finite_place_is_left_out() -> None:
    training = switched(NET.made(NET.mlp, **WIDE))
    before = NET.bits(training.module)
    training.optimiser.param_groups[0]["lr"] = float("inf")
    training.step(training.inputs, training.targets)
    assert training.shortened == 1
    assert NET.moved(before, NET.bits(training.module)) == set()


def dead() -> nn.Module:
    """No unit is on for any input, and no bias is there to move an output."""
    entry = nn.Linear(5, 8)
    nn.init.constant_(entry.bias, -100.0)
    return nn.Sequential(entry, nn.ReLU(), nn.Linear(8, 3, bias=False))


@pytest.mark.parametrize(
    "network, given, largest, word",
    [(dead, {}, 2**25, "tangent kernel is zero"), (NET.mlp, NARROW, 10, "too large")],
    ids=["dead", "large"],
)
def test_a_switch_that_cannot_watch_the_rank_changes_nothing(
    network: Callable[..., Any], given: dict[str, int], largest: int, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_rank, "LARGEST", largest)
    module = NET.made(network, **given)
    training = NET.training(module, second_phase="all layers")
    before = NET.bits(module)
    with pytest.raises(TwoPhaseError, match=word):
        training.switch()
    assert training.phase == 1
    assert NET.moved(before, NET.bits(module)) == set()


def test_what_is_watched_does_not_depend_on_the_mode_of_the_module() -> None:
    training = switched(NET.made(NET.normalised))
    assert training.watch is not None
    value = training.watch.value()
    training.module.eval()
    assert training.watch.value() == value
    assert not training.module.training


def test_a_training_that_has_blown_up_cannot_keep_a_rank() -> None:
    training = NET.training(NET.made(NET.mlp), second_phase="all layers")
    with torch.no_grad():
        next(training.module.parameters()).fill_(torch.nan)
    with pytest.raises(TwoPhaseError, match="blown up"):
        training.switch()
    assert training.phase == 1
