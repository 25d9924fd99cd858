from __future__ import annotations

import copy
import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from lazy_assay.sims.two_phase import TwoPhase, TwoPhaseError

SPEC = importlib.util.spec_from_file_location("two_phase_networks", Path(__file__).with_name("networks.py"))
assert SPEC
assert SPEC.loader
NET = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(NET)


class Bags(nn.Module):
    """Lets the members of all bags go through as points of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.entry, self.head = nn.Linear(4, 8), nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.head(torch.tanh(self.entry(x.reshape(-1, 4))))
        return out


class SequenceFirst(Bags):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.head(torch.tanh(self.entry(x.transpose(0, 1))))
        return out


class Coupled(Bags):
    def __init__(self, mix: Callable[..., Any]) -> None:
        super().__init__()
        self.mix = mix

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.head(torch.tanh(self.mix(self.entry(x[:, 0]))))
        return out


def bagged(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return functional.cross_entropy(outputs.reshape(len(targets), -1, 3).mean(1), targets)


BAGS = torch.linspace(-1, 1, 240, dtype=torch.float64).reshape(12, 5, 4).sin()


@pytest.mark.parametrize(
    "network, word",
    [
        (Bags, r"reads shape \(5, 8\) for one point"),
        (SequenceFirst, r"reads shape \(5, 1, 8\) for one point"),
        (lambda: Coupled(lambda h: h - h.mean(0)), "depends on the other points"),
        (lambda: Coupled(lambda h: h / h.abs().max()), "depends on the other points"),
        (lambda: Coupled(lambda h: h.flip(0)), "depends on the other points"),
        (lambda: Coupled(lambda h: h / len(h)), "depends on the other points"),
    ],
)
def test_rows_that_are_not_one_points_each_are_refused(network: Callable[..., Any], word: str) -> None:
    module = NET.made(network)
    before = NET.bits(module)
    with pytest.raises(TwoPhaseError, match=word) as told:
        TwoPhase(module, NET.sgd(module), BAGS, NET.classes(), loss=bagged)
    assert "\n" not in str(told.value)
    assert NET.moved(before, NET.bits(module)) == set()


def test_positions_behind_the_points_are_kept_with_them() -> None:
    class Positions(Bags):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = self.head(torch.tanh(self.entry(x)))
            return out

    module = NET.made(Positions)
    training = TwoPhase(module, NET.sgd(module), BAGS, NET.classes(), loss=bagged, batch_size=5)
    training.fit(epochs=2, switch_after=1)
    assert training.features is not None
    assert training.features.shape == (12, 5, 8)
    h = torch.tanh(module.entry(BAGS)).detach()
    torch.testing.assert_close(training.features, h)


@pytest.mark.parametrize("batch_size, word", [(11, "in mini-batches of 11 the last holds one"), (1, "hold one point")])
def test_batch_normalisation_of_a_single_point_is_refused_at_construction(batch_size: int, word: str) -> None:
    module = NET.made(NET.normalised)
    before, drawn = NET.bits(module), torch.get_rng_state()
    with pytest.raises(TwoPhaseError, match=word):
        NET.training(module, batch_size=batch_size)
    assert NET.moved(before, NET.bits(module)) == set()
    assert torch.equal(drawn, torch.get_rng_state())


@pytest.mark.parametrize(
    "network, batch_size", [("mlp", 11), ("convolutional", 11), ("normalised", 12), ("normalised", 5)]
)
def test_single_points_are_no_matter_elsewhere(network: str, batch_size: int) -> None:
    training = NET.training(NET.made(NET.NETWORKS[network]), batch_size=batch_size)
    training.epoch()
    assert training.epochs == 1


def test_integers_of_numpy_train_as_those_of_python() -> None:
    def trained(whole: Callable[[int], Any]) -> nn.Module:
        module: nn.Module = NET.made(NET.mlp)
        training = NET.training(module, batch_size=whole(5), entropy=whole(3))
        training.fit(epochs=whole(2), switch_after=whole(1))
        return module

    assert NET.moved(NET.bits(trained(int)), NET.bits(trained(np.int64))) == set()
    assert NET.moved(NET.bits(trained(int)), NET.bits(trained(np.uint8))) == set()


class Sharp(torch.optim.SGD):
    """Scales its steps by an attribute of its own and counts them; `around` is another optimiser that it holds."""

    def __init__(self, params: Iterator[nn.Parameter], around: Sharp | None = None, **more: Any) -> None:
        super().__init__(params, **more)
        self.scale, self.around = torch.tensor(0.5, dtype=torch.float64), [around]
        self.made: list[int] = []

    def step(self, closure: Any = None) -> Any:
        with torch.no_grad():
            for group in self.param_groups:
                group["lr"] = 0.1 * float(self.scale)
        self.scale = self.scale * 0.9
        self.made.append(len(self.made))
        return super().step(closure)


def test_a_fork_has_the_optimisers_own_attributes_and_those_of_one_within() -> None:
    module = NET.made(NET.mlp)
    inner = Sharp(module.parameters(), lr=0.1)
    training = NET.training(module, Sharp(module.parameters(), inner, lr=0.1))
    training.epoch()
    fork = training.fork()
    training.epoch()
    assert fork.optimiser.made == [0]
    assert training.optimiser.made == [0, 1]
    assert set(vars(fork.optimiser)) == set(vars(training.optimiser))
    within = fork.optimiser.around[0]
    assert (within is not inner, within.made) == (True, [])
    held = {id(p) for group in within.param_groups for p in group["params"]}
    assert held == {id(p) for p in fork.module.parameters()}
    fork.epoch()
    assert NET.moved(NET.bits(training.module), NET.bits(fork.module)) == set()


class Clip:
    """A hook that is an object: it holds a module, whose gradients it cuts."""

    def __init__(self, module: nn.Module) -> None:
        self.module, self.calls = module, 0

    def __call__(
        self,
        optimiser: torch.optim.sgd.SGD,
        given: tuple[torch.optim.sgd.SGD, Callable[..., torch.Tensor]],
        named: dict[str, Any],
    ) -> None:
        self.calls += 1
        for p in self.module.parameters():
            if p.grad is not None:
                p.grad.clamp_(-1e-3, 1e-3)


def halved(
    optimiser: torch.optim.sgd.SGD,
    given: tuple[torch.optim.sgd.SGD, Callable[..., torch.Tensor]],
    named: dict[str, Any],
) -> None:
    for group in optimiser.param_groups:
        for p in group["params"]:
            p.data.mul_(0.5)


def test_step_hooks_go_along_with_a_fork_and_act_on_it_alone() -> None:
    module = NET.made(NET.mlp)
    optimiser = torch.optim.SGD(module.parameters(), lr=0.1)
    clip = Clip(module)
    optimiser.register_step_post_hook(clip)
    optimiser.register_step_post_hook(halved)
    training = NET.training(module, optimiser)
    fork, before = training.fork(), NET.bits(module)
    fork.epoch()
    assert NET.moved(before, NET.bits(module)) == set()
    assert clip.calls == 0
    training.epoch()
    assert NET.moved(NET.bits(module), NET.bits(fork.module)) == set()
    assert clip.calls == 1


def penalised(module: nn.Module) -> Callable[..., torch.Tensor]:
    def loss(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(outputs, targets) + sum(p.square().sum() for p in module.parameters())

    return loss


def hooked(training: TwoPhase) -> None:
    module = training.module

    def zeroed(*_: Any) -> None:
        for p in module.parameters():
            assert p.grad is not None
            p.grad.zero_()

    training.optimiser.register_step_pre_hook(zeroed)


def hooked_forward(training: TwoPhase) -> None:
    parameter = next(training.module.parameters())
    training.module.get_submodule("1").register_forward_hook(lambda layer, given, out: out * parameter.sum())


def given_a_loss(training: TwoPhase) -> None:
    training.loss = penalised(training.module)


@pytest.mark.parametrize("alter", [hooked, hooked_forward, given_a_loss])
def test_a_function_that_would_use_the_original_is_refused_by_a_fork(alter: Callable[..., Any]) -> None:
    training = NET.training(NET.made(NET.mlp))
    alter(training)
    with pytest.raises(TwoPhaseError, match="uses this training's own"):
        training.fork()


def test_what_cannot_be_copied_is_said() -> None:
    training = NET.training(NET.made(NET.mlp))
    training.optimiser.lines = (line for line in "ab")
    with pytest.raises(TwoPhaseError, match="cannot be copied"):
        training.fork()


def test_a_schedule_does_not_follow_a_fork_nor_count_its_steps() -> None:
    training = NET.training(NET.made(NET.mlp))
    schedule = torch.optim.lr_scheduler.StepLR(training.optimiser, 1, 0.1)
    fork, before = training.fork(), NET.bits(training.module)
    fork.epoch()
    assert NET.moved(before, NET.bits(training.module)) == set()
    training.epoch()
    schedule.step()
    assert training.optimiser.param_groups[0]["lr"] == pytest.approx(0.01)
    assert fork.optimiser.param_groups[0]["lr"] == 0.1


def test_a_plain_copy_of_an_optimiser_would_have_lost_them() -> None:
    module = NET.made(NET.mlp)
    optimiser = Sharp(module.parameters(), lr=0.1)
    assert not hasattr(copy.deepcopy(optimiser), "scale")
