from __future__ import annotations

import copy
import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from lazy_assay.sims.two_phase import TwoPhaseError
from lazy_assay.sims.two_phase._training import TwoPhase

SPEC = importlib.util.spec_from_file_location("two_phase_networks", Path(__file__).with_name("networks.py"))
assert SPEC
assert SPEC.loader
NET = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(NET)

BASES: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.01, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.01, amsgrad=True),
}


class Watched:
    """A squared loss on targets i/n that remembers which points it was given."""

    def __init__(self) -> None:
        self.given: list[torch.Tensor] = []
        self.targets = torch.arange(NET.N, dtype=torch.float64)[:, None].expand(-1, 3) / NET.N

    def __call__(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        self.given.append((targets[:, 0] * NET.N).round().long())
        out: torch.Tensor = NET.squared(outputs, targets)
        return out


def watched(network: str, **more: int) -> tuple[TwoPhase, list[torch.Tensor]]:
    loss = Watched()
    training = NET.training(NET.made(NET.NETWORKS[network]), targets=loss.targets, loss=loss, **more)
    loss.given.clear()
    return training, loss.given


@pytest.mark.parametrize("network", NET.NETWORKS)
@pytest.mark.parametrize("base", BASES)
def test_the_first_phase_is_the_base_algorithm_to_the_bit(network: str, base: str) -> None:
    module, loss = NET.made(NET.NETWORKS[network]), Watched()
    plain = copy.deepcopy(module)
    training = NET.training(
        module.eval(), BASES[base](module.parameters()), targets=loss.targets, loss=loss, batch_size=5
    )
    loss.given.clear()
    for _ in range(3):
        training.epoch()
    optimiser, order = BASES[base](plain.parameters()), list(loss.given)
    plain.train()
    for chosen in order:
        optimiser.zero_grad()
        NET.squared(plain(NET.points()[chosen]), loss.targets[chosen]).backward()
        optimiser.step()
    assert NET.moved(NET.bits(plain), NET.bits(module)) == set()


def test_an_epoch_takes_each_point_once_in_an_order_of_its_own() -> None:
    training, given = watched("mlp", batch_size=5)
    for _ in range(2):
        training.epoch()
    assert [len(chosen) for chosen in given] == [5, 5, 2] * 2
    first, second = torch.cat(given[:3]), torch.cat(given[3:])
    assert first.sort().values.tolist() == second.sort().values.tolist() == list(range(NET.N))
    assert not torch.equal(first, second)


def test_another_entropy_gives_another_order_and_the_same_one_the_same() -> None:
    orders = []
    for entropy in (1, 2, 1):
        training, given = watched("mlp", entropy=entropy)
        training.epoch()
        orders.append(given[0].tolist())
    assert orders[0] == orders[2] != orders[1]


@pytest.mark.parametrize("name", NET.OPTIMISERS)
@pytest.mark.parametrize("second_phase", ["last layer", "all layers"])
def test_a_fork_goes_on_as_the_original_does_and_leaves_it_alone(name: str, second_phase: str) -> None:
    original = NET.optimised(name, second_phase=second_phase)
    original.epoch()
    early, before = original.fork(), NET.bits(original.module)
    early.epoch()
    early.switch()
    late, switched = early.fork(), NET.bits(early.module)
    late.epoch()
    assert NET.moved(before, NET.bits(original.module)) == set()
    assert NET.moved(switched, NET.bits(early.module)) == set()
    original.epoch()
    original.switch()
    for training in (original, early):
        training.epoch()
    assert NET.moved(NET.bits(original.module), NET.bits(early.module)) == set()
    assert NET.moved(NET.bits(original.module), NET.bits(late.module)) == set()


def test_the_two_see_the_same_order_of_points() -> None:
    training, given = watched("normalised", batch_size=5)
    fork = training.fork()
    training.epoch()
    fork.epoch()
    assert isinstance(fork.loss, Watched)
    assert [c.tolist() for c in fork.loss.given] == [c.tolist() for c in given]


def test_a_fork_may_have_another_noise() -> None:
    training = NET.training(NET.made(NET.normalised), noise=1e-3)
    fork, before = training.fork(noise={"": 1e-2}), NET.bits(training.module)
    training.switch()
    fork.switch()
    for name in training.hidden:
        mine, its = (NET.bits(each.module)[name] - before[name] for each in (training, fork))
        torch.testing.assert_close(its, 10 * mine)


@pytest.mark.parametrize("bad", [0, -1e-3, True, {"0": 1e-3}, {"nowhere": 1e-3}])
def test_a_fork_with_a_bad_noise_is_refused_and_leaves_the_original_as_it_was(bad: dict[str, float] | float) -> None:
    training = NET.training(NET.made(NET.mlp))
    noise = dict(training.noise)
    with pytest.raises(TwoPhaseError, match="noise"):
        training.fork(noise=bad)
    assert training.noise == noise


@pytest.mark.parametrize("switch_after", [0, 2, 3])
def test_fit_switches_once_and_calls_after_each_epoch(switch_after: int) -> None:
    training, seen = NET.training(NET.made(NET.mlp)), []
    training.fit(epochs=3, switch_after=switch_after, after_epoch=lambda own: seen.append((own.epochs, own.phase)))
    assert seen == [(epoch, 1 + (epoch > switch_after)) for epoch in (1, 2, 3)]
    assert training.phase == 2


def test_fit_is_epochs_a_switch_and_epochs() -> None:
    fitted, stepped = (NET.training(NET.made(NET.normalised), batch_size=5) for _ in range(2))
    fitted.fit(epochs=4, switch_after=2)
    for call in (stepped.epoch, stepped.epoch, stepped.switch, stepped.epoch, stepped.epoch):
        call()
    assert NET.moved(NET.bits(fitted.module), NET.bits(stepped.module)) == set()


def test_a_normalisation_that_the_output_does_not_use_is_left_alone() -> None:
    class Spare(NET.Backwards):  # type: ignore[name-defined, misc]  # loaded by its path, so that mypy knows no class
        def __init__(self) -> None:
            super().__init__()
            self.spare = nn.BatchNorm1d(16)

    training = NET.training(NET.made(Spare))
    before = NET.bits(training.module)
    training.fit(epochs=2, switch_after=1)
    torch.testing.assert_close(training.outputs(training.inputs), training.last(training.features).detach())
    assert NET.moved(before, NET.bits(training.module)) == set(training.hidden) | NET.named(training)


def test_a_layer_that_the_user_holds_in_evaluation_mode_stays_there() -> None:
    class Held(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = NET.normalised()

        def train(self, mode: bool = True) -> Held:
            super().train(mode)
            self.body[1].eval()
            return self

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = self.body(x)
            return out

    training = NET.training(NET.made(Held))
    module, held = training.module.train(), NET.bits(training.module)["body.1.running_mean"]
    with torch.no_grad():
        expected = module(training.inputs)
    torch.testing.assert_close(training.outputs(training.inputs), expected)
    training.fit(epochs=2, switch_after=1)
    assert torch.equal(NET.bits(module)["body.1.running_mean"], held)
