from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import parametrizations, parametrize

from lazy_assay.sims.two_phase import TwoPhase, TwoPhaseError

SPEC = importlib.util.spec_from_file_location("two_phase_networks", Path(__file__).with_name("networks.py"))
assert SPEC
assert SPEC.loader
NET = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(NET)

NAN = float("nan")


class TwoCalls(nn.Module):
    """Uses its layers as `forward` is told to."""

    def __init__(self, forward: Callable[..., Any]) -> None:
        super().__init__()
        self.entry, self.head, self.told = nn.Linear(5, 5), nn.Linear(5, 5), forward

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.told(self.entry, self.head, x)
        return out


class Cosine(nn.Linear):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.linear(x, functional.normalize(self.weight), self.bias)


class Square(nn.Module):
    def forward(self, value: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = value**2
        return out


def raises(error: Exception) -> Callable[..., Any]:
    def told(*_: Any) -> NoReturn:
        raise error

    return told


def bounded(module: nn.Sequential) -> nn.Module:
    module[4].register_forward_hook(lambda layer, given, out: out.tanh())
    return module


def squared_bias(module: nn.Sequential) -> nn.Module:
    parametrize.register_parametrization(module[4], "bias", Square())
    return module


def weight_normalised(module: nn.Sequential) -> nn.Module:
    parametrizations.weight_norm(module[4])
    return module


def parameters_tied(module: TwoCalls) -> nn.Module:
    module.head.weight = module.entry.weight
    return module


def frozen(module: nn.Sequential) -> nn.Module:
    module[4].requires_grad_(False)
    return module


def memoryless() -> nn.Module:
    return nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4, track_running_stats=False), nn.Tanh(), nn.Linear(4, 3))


class NormalisedTwice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.entry, self.head, self.norm = nn.Linear(5, 5), nn.Linear(5, 3), nn.BatchNorm1d(5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.head(torch.tanh(self.norm(torch.tanh(self.norm(self.entry(x))))))
        return out


# Modules that have no last linear layer of their own, and a word of what is said of each.
MODULES = {
    "softmax": (lambda: NET.mlp().append(nn.Softmax(-1)), "last layer is not linear"),
    "tanh": (lambda: NET.mlp().append(nn.Tanh()), "not linear"),
    "relu in place": (lambda: NET.mlp().append(nn.ReLU(inplace=True)), "not linear"),
    "convolution": (lambda: nn.Sequential(nn.Unflatten(1, (1, 5)), nn.Conv1d(1, 3, 5), nn.Flatten()), "not linear"),
    "two outputs": (lambda: TwoCalls(lambda first, last, x: (last(first(x)), x)), "not linear"),
    "another forward": (lambda: nn.Sequential(nn.Linear(5, 8), nn.Tanh(), Cosine(8, 3)), "linear"),
    "a hook": (lambda: bounded(NET.mlp()), "linear"),
    "parametrised weight": (
        lambda: nn.Sequential(nn.Linear(5, 8), parametrizations.weight_norm(nn.Linear(8, 3))),
        "parametrised",
    ),
    "parametrised bias": (lambda: squared_bias(NET.mlp()), "parametrised"),
    "tied": (lambda: parameters_tied(TwoCalls(lambda first, last, x: last(torch.tanh(first(x))))), "shares"),
    "called twice": (lambda: TwoCalls(lambda first, last, x: last(torch.tanh(last(first(x))))), "shares"),
    "tied by its use": (lambda: TwoCalls(lambda _, last, x: last(torch.tanh(x @ last.weight))), "share|earlier|itself"),
    "only a last layer": (lambda: nn.Linear(5, 3), "last layer only"),
    "flat": (lambda: nn.Sequential(nn.Flatten(), nn.Linear(5, 3)), "last layer only"),
    "frozen last layer": (lambda: frozen(NET.mlp()), "4"),
    "float32": (lambda: NET.mlp().double().float(), "mixed dtypes"),
    "other width": (lambda: nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)), "does not run"),
    "no words": (lambda: TwoCalls(raises(NotImplementedError())), "does not run"),
    "assertion": (lambda: TwoCalls(raises(AssertionError("five\nor six"))), "does not run"),
    "index": (lambda: TwoCalls(raises(IndexError("index out of range in self"))), "does not run"),
    "norm used twice": (NormalisedTwice, "norm"),
    "norm of no memory": (memoryless, "running statistics"),
}


def altered(values: torch.Tensor, place: int | tuple[int, int], value: float) -> torch.Tensor:
    made = values.clone()
    made[place] = value
    return made


# Arguments that a network of good standing cannot be trained with.
ARGUMENTS = {
    "inputs no tensor": ({"inputs": NET.points().numpy()}, "torch.Tensor"),
    "targets no tensor": ({"targets": list(range(NET.N))}, "torch.Tensor"),
    "no points": ({"inputs": NET.points()[:0], "targets": NET.classes()[:0]}, "two points"),
    "one point": ({"inputs": NET.points()[:1], "targets": NET.classes()[:1]}, "two points"),
    "no axis": ({"targets": torch.tensor(1)}, "two points"),
    "lengths": ({"targets": NET.classes()[1:]}, "12 inputs and 11 targets"),
    "NaN inputs": ({"inputs": altered(NET.points(), (7, 1), NAN)}, "inputs must be finite"),
    "NaN targets": ({"targets": altered(NET.points()[:, :3], (7, 1), NAN), "loss": NET.squared}, "targets must be"),
    "float32 inputs": ({"inputs": NET.points().float()}, "mixed dtypes"),
    "flat inputs": ({"inputs": NET.points()[:, :4]}, "does not run"),
    "class out of range": ({"targets": altered(NET.classes(), 0, 3)}, "loss|target|class"),
    "late class out of range": ({"targets": altered(NET.classes(), 7, 3)}, "loss|target|class"),
    "negative class": ({"targets": altered(NET.classes(), 7, -1)}, "loss|target|class"),
    "optimiser of none": ({"optimiser": None}, "Optimizer is needed, got NoneType"),
    "loss of no type": ({"loss": "mse"}, "loss"),
    "loss of each point": ({"loss": lambda f, y: functional.cross_entropy(f, y, reduction="none")}, "scalar"),
    "loss as a number": ({"loss": lambda f, y: float(functional.cross_entropy(f, y))}, "scalar"),
    "loss of other targets": ({"loss": nn.BCELoss()}, "does not take"),
    "loss that fails": ({"loss": raises(KeyError("k"))}, "loss"),
    "loss that fails without words": ({"loss": raises(ValueError())}, "loss"),
    "loss without gradient": ({"loss": lambda f, y: (f.argmax(-1) != y).double().mean()}, "loss"),
    "infinite loss": ({"loss": lambda f, y: f.sum() * float("inf")}, "not finite"),
    "second phase": ({"second_phase": "first layer"}, "second_phase is one of"),
}
ARGUMENTS |= {
    f"noise {noise!r}": ({"noise": noise}, "noise")
    for noise in (
        0,
        0.0,
        -1e-3,
        NAN,
        float("inf"),
        True,
        None,
        "0.1",
        {},
        {"0": 1e-3},
        {"6": 1e-3},
        {"": 1e-3, 0: 1e-3},
    )
}
ARGUMENTS |= {
    f"noise {noise!r}": ({"noise": noise}, "noise")
    for noise in ({"": 1e-3, "3": 0}, {"": 1e-3, "3": NAN}, {"": 1e-3, "nowhere": 1e-3}, {"": 1e-3, "3": True})
}
ARGUMENTS["noise of a matrix"] = {"noise": np.eye(2)}, "noise"
ARGUMENTS |= {f"margin {margin!r}": ({"margin": margin}, "margin") for margin in (0, 1, -0.5, 2, NAN, True, None, "a")}
ARGUMENTS |= {f"batch_size {size!r}": ({"batch_size": size}, "batch_size") for size in (0, -1, 2.5, NAN, True, "64")}
ARGUMENTS |= {f"entropy {entropy!r}": ({"entropy": entropy}, "entropy") for entropy in (None, "a", 0.5)}


def state(module: nn.Module) -> tuple[dict[str, bytes], list[bool], list[bool], list[int], list[list[str]]]:
    """Numbers, training flags, what takes gradients, hooks and attributes of a module."""
    return (
        {name: value.numpy().tobytes() for name, value in NET.bits(module).items()},
        [layer.training for layer in module.modules()],
        [parameter.requires_grad for parameter in module.parameters()],
        [len(layer._forward_hooks) + len(layer._forward_pre_hooks) for layer in module.modules()],
        [sorted(vars(layer)) for layer in module.modules()],
    )


def refused(module: nn.Module, word: str, **given: Any) -> None:
    before = state(module)
    complete = {"optimiser": torch.optim.SGD(module.parameters(), lr=0.1), "inputs": NET.points()}
    complete |= {"targets": NET.classes()} | given
    with pytest.raises(TwoPhaseError, match=word) as told:
        TwoPhase(module, **complete)
    assert len(str(told.value).splitlines()) == 1
    assert state(module) == before


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("mode", [True, False], ids=["training", "evaluation"])
def test_a_module_without_a_last_layer_to_train_is_refused_in_a_line_and_left_as_it_was(name: str, mode: bool) -> None:
    network, word = MODULES[name]
    single = {"float32": torch.nn.Module.float}.get(name, torch.nn.Module.double)
    refused(single(NET.made(network)).train(mode), word)


@pytest.mark.parametrize("name", ARGUMENTS)
def test_a_bad_argument_is_refused_in_a_line_and_the_module_left_as_it_was(name: str) -> None:
    given, word = ARGUMENTS[name]
    refused(NET.made(NET.normalised), word, **given)


def test_outputs_in_a_column_against_targets_in_a_row_are_refused_before_torch_broadcasts_them() -> None:
    refused(
        nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 1)).double(),
        "loss",
        targets=NET.points()[:, 0],
        loss=functional.mse_loss,
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_targets_of_another_precision_are_refused(dtype: torch.dtype) -> None:
    module = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 1)).double()
    refused(module, "mixed dtypes: targets", targets=NET.points()[:, :1].to(dtype), loss=functional.mse_loss)


def test_a_module_of_two_precisions_is_refused_whatever_its_inputs_are() -> None:
    module = nn.Sequential(nn.Embedding(7, 5).double(), nn.Flatten(), nn.Linear(10, 3))
    inputs = torch.arange(2 * NET.N).reshape(NET.N, 2) % 7
    refused(module, "mixed dtypes: 2.weight", inputs=inputs)


def test_something_that_is_no_module_is_refused() -> None:
    with pytest.raises(TwoPhaseError, match="Module is needed, got function"):
        TwoPhase(NET.squared, None, NET.points(), NET.classes())  # type: ignore[arg-type]  # which is refused


@pytest.mark.parametrize(
    "held, word",
    [
        (lambda module: NET.made(NET.mlp).parameters(), "does not hold 4.weight"),
        (lambda module: module[:4].parameters(), "does not hold 4.weight"),
        (lambda module: [p for p in module.parameters() if p is not module[4].bias], "does not hold 4.bias"),
        (lambda module: [*module.parameters(), nn.Parameter(torch.ones(1))], "not the module's"),
    ],
    ids=["another's", "hidden only", "no bias", "one more"],
)
def test_an_optimiser_of_other_parameters_is_refused(held: Callable[..., Any], word: str) -> None:
    module = NET.made(NET.mlp)
    refused(module, word, optimiser=torch.optim.SGD(held(module), lr=0.1))


def test_flags_that_differ_within_a_module_stay_as_they_are_when_the_module_is_accepted_or_refused() -> None:
    module = NET.made(NET.normalised)
    module[1].eval()
    before = state(module)
    with pytest.raises(TwoPhaseError, match="scalar"):
        NET.training(module, loss=lambda f, y: f)
    assert state(module) == before
    NET.training(module)
    assert state(module) == before


@pytest.mark.parametrize("second_phase", ["last layer", "all layers"])
def test_a_training_switches_once(second_phase: str) -> None:
    training = NET.training(NET.made(NET.mlp), second_phase=second_phase)
    training.switch()
    before = state(training.module)
    with pytest.raises(TwoPhaseError, match="begun already"):
        training.switch()
    with pytest.raises(TwoPhaseError, match="fit switches once"):
        training.fit(epochs=2, switch_after=1)
    assert state(training.module) == before


@pytest.mark.parametrize("epochs, switch_after", [(2, 3), (2, -1), (-1, -1), (2, 0.5), (2.0, 1), (2, None)])
def test_fit_refuses_a_switch_at_no_epoch_of_its_own(epochs: float, switch_after: float | None) -> None:
    training = NET.training(NET.made(NET.mlp))
    before = state(training.module)
    with pytest.raises(TwoPhaseError, match="fit"):
        training.fit(epochs=epochs, switch_after=switch_after)
    assert (state(training.module), training.epochs) == (before, 0)


@pytest.mark.parametrize("second_phase", ["last layer", "all layers"])
def test_features_are_stepped_on_in_the_second_phase_of_the_last_layer_only(second_phase: str) -> None:
    training = NET.training(NET.made(NET.mlp), second_phase=second_phase)
    for call in {"last layer": [], "all layers": [training.switch]}[second_phase]:
        call()
    before = state(training.module)
    with pytest.raises(TwoPhaseError, match="features are fixed in the second phase"):
        training.step_features(torch.ones(NET.N, 16, dtype=torch.float64), NET.classes())
    assert state(training.module) == before
