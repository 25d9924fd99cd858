from __future__ import annotations

import importlib.util
import itertools
from pathlib import Path
from typing import Any

import pytest
import torch
from scipy import stats
from torch import nn
from torch.nn import functional

from lazy_assay.sims.two_phase import TwoPhase, TwoPhaseError, _statistics

SPEC = importlib.util.spec_from_file_location("two_phase_networks", Path(__file__).with_name("networks.py"))
assert SPEC
assert SPEC.loader
NET = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(NET)

NORMALISED = ["normalised", "convolutional"]


def switched(network: str = "mlp", **more: Any) -> TwoPhase:
    training: TwoPhase = NET.training(NET.made(NET.NETWORKS[network]), **more)
    training.switch()
    return training


def added(noise: dict[str, float] | float, entropy: int = 0) -> dict[str, torch.Tensor]:
    """What the switch adds to each parameter of a network with 3,400 hidden weights."""
    module = NET.made(NET.mlp, hidden=400)
    training, before = NET.training(module, noise=noise, entropy=entropy), NET.bits(module)
    training.epoch()
    early = NET.bits(module)
    training.switch()
    assert NET.moved(before, early) == set(before)
    return {name: value - early[name] for name, value in NET.bits(module).items()}


def test_the_switch_adds_gaussian_noise_to_all_but_the_last_layer() -> None:
    found = added(0.01)
    assert all(not value.any() for name, value in found.items() if name.startswith("4."))
    drawn = torch.cat([value.flatten() for name, value in found.items() if not name.startswith("4.")]) / 0.01
    assert len(drawn) == 8 * 6 + 400 * 9
    assert stats.kstest(drawn.numpy(), "norm").pvalue > 1e-3
    assert abs(float(drawn.std()) - 1) < 5 / (2 * len(drawn)) ** 0.5


def test_each_layer_has_the_noise_of_the_longest_path_that_names_it() -> None:
    found = added({"0": 0.1, "2": 1e-4, "2.weight": 1e-2})
    for name, sigma in {"0.weight": 0.1, "0.bias": 0.1, "2.weight": 1e-2, "2.bias": 1e-4}.items():
        assert 0.3 < float(found[name].square().mean().sqrt()) / sigma < 1.7
    assert not found["4.weight"].any()


def test_the_noise_is_decided_by_the_entropy_alone() -> None:
    one, other, again = added(0.01, 1), added(0.01, 2), added(0.01, 1)
    assert NET.moved(one, other) == {"0.weight", "0.bias", "2.weight", "2.bias"}
    assert NET.moved(one, again) == set()


@pytest.mark.parametrize("by", ["epoch", "step"])
@pytest.mark.parametrize("name", NET.OPTIMISERS)
def test_no_optimiser_moves_hidden_layers_in_the_second_phase(name: str, by: str) -> None:
    training = NET.optimised(name)
    training.epoch()
    training.switch()
    before = NET.bits(training.module)
    calls = {"epoch": training.epoch, "step": lambda: training.step(NET.points(), NET.classes())}
    for _ in range(3):
        calls[by]()
    after = NET.bits(training.module)
    assert NET.moved(before, after) == NET.named(training)
    assert all(value.isfinite().all() for value in after.values())
    torch.testing.assert_close(training.features, NET.reading(training))


def test_an_optimiser_of_sparse_gradients_refuses_dense_ones_in_its_own_words() -> None:
    module = NET.made(NET.mlp)
    training = NET.training(module, torch.optim.SparseAdam(module.parameters()))
    with pytest.raises(RuntimeError, match="does not support dense gradients"):
        training.epoch()


def test_an_optimiser_that_moves_parameters_without_gradients_is_found_out() -> None:
    class Shrinking(torch.optim.SGD):
        def step(self, closure: Any = None) -> Any:
            with torch.no_grad():
                for parameter in self.param_groups[0]["params"]:
                    parameter *= 0.5
            return super().step(closure)

    module = NET.made(NET.mlp)
    training = NET.training(module, Shrinking(module.parameters(), lr=0.1))
    training.switch()
    with pytest.raises(TwoPhaseError, match="Shrinking moves parameters that have no gradient"):
        training.epoch()


@pytest.mark.parametrize("network", NET.NETWORKS)
def test_the_last_layers_momentum_survives_the_switch(network: str) -> None:
    training = NET.training(NET.made(NET.NETWORKS[network]))
    for call in (training.epoch, training.epoch, training.switch):
        call()
    last, optimiser = training.last, training.optimiser
    h, states = training.features, [optimiser.state[p]["momentum_buffer"].clone() for p in last.parameters()]
    weights = [p.detach().clone() for p in last.parameters()]
    for _ in range(3):
        weights = [w.requires_grad_() for w in weights]
        loss = functional.cross_entropy(functional.linear(h, *weights), NET.classes())
        slopes = torch.autograd.grad(loss, weights)
        states = [0.9 * s + g + 0.01 * w.detach() for s, g, w in zip(states, slopes, weights, strict=True)]
        weights = [w.detach() - 0.1 * s for w, s in zip(weights, states, strict=True)]
        training.epoch()
    for parameter, expected in zip(last.parameters(), weights, strict=True):
        torch.testing.assert_close(parameter.detach(), expected)


@pytest.mark.parametrize("network", NET.NETWORKS)
@pytest.mark.parametrize("batch_size", [None, 5])
def test_features_are_what_the_last_layer_reads_in_training_mode_and_do_not_drift(
    network: str, batch_size: int | None
) -> None:
    training = NET.training(NET.made(NET.NETWORKS[network]), batch_size=batch_size)
    for call in (training.epoch, training.epoch, training.switch):
        call()
    kept = training.features.clone()
    torch.testing.assert_close(kept, NET.reading(training))
    before = NET.bits(training.module)
    for _ in range(3):
        training.epoch()
    training.step(NET.points(), NET.classes())
    assert NET.moved(before, NET.bits(training.module)) == NET.named(training)
    assert torch.equal(training.features, kept)
    torch.testing.assert_close(training.outputs(training.inputs), training.last(kept).detach())


@pytest.mark.parametrize("network", NET.NETWORKS)
def test_outputs_have_the_statistics_of_the_whole_set_and_change_nothing(network: str) -> None:
    training = NET.training(NET.made(NET.NETWORKS[network]), batch_size=5)
    training.epoch()
    before, flags = NET.bits(training.module), [layer.training for layer in training.module.modules()]
    expected = training.last(NET.reading(training)).detach()
    torch.testing.assert_close(training.outputs(training.inputs), expected)
    torch.testing.assert_close(training.outputs(training.inputs[3:4]), expected[3:4])
    torch.testing.assert_close(training.training_loss(), functional.cross_entropy(expected, NET.classes()))
    assert NET.moved(before, NET.bits(training.module)) == set()
    assert flags == [layer.training for layer in training.module.modules()]
    assert not [name for layer in training.module.modules() for name in vars(layer) if name == "held"]


@pytest.mark.parametrize("network", ["mlp", "normalised"])
def test_gradient_descent_with_step_one_over_l_obeys_theorem_1(network: str) -> None:
    targets = torch.sin(torch.arange(3.0 * NET.N, dtype=torch.float64)).reshape(NET.N, 3)
    module = NET.made(NET.NETWORKS[network])
    optimiser = torch.optim.SGD(module.parameters(), lr=0.05)
    training = NET.training(module, optimiser, targets=targets, loss=NET.squared, noise=0.05)
    for call in (training.epoch, training.epoch, training.switch):
        call()
    h = torch.cat([training.features, torch.ones(NET.N, 1, dtype=torch.float64)], 1)
    assert torch.linalg.matrix_rank(h) == NET.N
    L = 2 / NET.N * float(h.square().sum())
    start = torch.cat([training.last.weight, training.last.bias[:, None]], 1).detach().T
    R2 = float((torch.linalg.pinv(h) @ (targets - h @ start)).square().sum())
    optimiser.param_groups[0]["lr"] = 1 / L
    losses = [float(training.training_loss())]
    for _ in range(150):
        training.epoch()
        losses.append(float(training.training_loss()))
    assert all(after < before for before, after in itertools.pairwise(losses))
    assert all(loss <= R2 * L / (2 * t) for t, loss in enumerate(losses[1:], 1))


@pytest.mark.parametrize("network", NORMALISED)
@pytest.mark.parametrize("second_phase", ["last layer", "all layers"])
def test_augmentation_is_drawn_anew_and_reaches_the_running_statistics_of_trained_layers_only(
    network: str, second_phase: str
) -> None:
    given = []

    def augment(inputs: torch.Tensor, drawn: torch._C.Generator) -> torch.Tensor:
        given.append(torch.randn(inputs.shape, generator=drawn, dtype=inputs.dtype))
        return inputs + given[-1]

    training = NET.training(NET.made(NET.NETWORKS[network]), augment=augment, batch_size=6, second_phase=second_phase)
    training.epoch()
    training.switch()
    before, statistics = NET.bits(training.module), {name for name, _ in training.module.named_buffers()}
    training.epoch()
    touched = NET.moved(before, NET.bits(training.module))
    assert len(given) == 4
    assert len({float(each.sum()) for each in given}) == 4
    assert touched & statistics == {"last layer": set(), "all layers": statistics}[second_phase]
    assert NET.named(training) <= touched


@pytest.mark.parametrize("second_phase", ["last layer", "all layers"])
def test_dropout_is_off_after_the_switch(second_phase: str) -> None:
    module = NET.made(NET.mlp, nn.Dropout(0.5))
    training = NET.training(module, second_phase=second_phase, noise=1e-4)
    training.epoch()
    training.switch()
    expected = training.training_loss()
    torch.testing.assert_close(training.step(NET.points(), NET.classes()), expected)


@pytest.mark.parametrize("network, name", list(zip(NET.NETWORKS, ["4", "6", "8", "head", "read_out"], strict=True)))
def test_the_last_layer_is_the_one_whose_result_is_returned(network: str, name: str) -> None:
    training = NET.training(NET.made(NET.NETWORKS[network]))
    assert training.last_name == name
    assert NET.named(training) == {f"{name}.weight", f"{name}.bias"}
    assert list(training.hidden) == [
        each for each, _ in training.module.named_parameters() if not each.startswith(name)
    ]


def test_a_last_layer_that_is_called_by_keyword_is_read_as_well() -> None:
    class ByKeyword(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.entry, self.head = nn.Linear(5, 16), nn.Linear(16, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = self.head(input=torch.tanh(self.entry(x)))
            return out

    training = NET.training(NET.made(ByKeyword))
    training.switch()
    torch.testing.assert_close(training.features, torch.tanh(training.module.entry(training.inputs)).detach())


def test_mini_batches_in_training_mode_give_a_biased_gradient_and_rows_of_the_kept_features_do_not() -> None:
    training = NET.training(NET.made(NET.normalised))
    training.epoch()
    training.switch()
    module, last = training.module, training.last
    batches = list(itertools.combinations(range(NET.N), 3))

    def gradient(features: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        loss = functional.cross_entropy(last(features), targets)
        return torch.cat([part.flatten() for part in torch.autograd.grad(loss, list(last.parameters()))])

    def read(chosen: tuple[int, ...]) -> torch.Tensor:
        module.train()
        with torch.no_grad():
            return _statistics.inputs_of(module, last, training.inputs[list(chosen)])[0]

    whole = gradient(training.features, training.targets)
    kept = [gradient(training.features[list(chosen)], training.targets[list(chosen)]) for chosen in batches]
    drifting = [gradient(read(chosen), training.targets[list(chosen)]) for chosen in batches]
    assert torch.allclose(torch.stack(kept).mean(0), whole, atol=1e-12)
    assert (torch.stack(drifting).mean(0) - whole).norm() > 0.05 * whole.norm()
