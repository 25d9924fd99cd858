from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from lazy_assay.sims.core.streams import Stream, stream_key
from lazy_assay.sims.kernels import KernelError, empirical_ntk
from lazy_assay.sims.kernels._inputs import trained
from lazy_assay.sims.kernels._plan import Plan, plans
from lazy_assay.sims.modules.alone import Subject


def frozen(layer: Any, *names: str) -> Any:
    for name in names:
        getattr(layer, name).requires_grad_(False)
    return layer


CHAINS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "one map": (lambda: nn.Linear(3, 2), (3,)),
    "of vectors": (
        lambda: nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 5), nn.GELU(), nn.Linear(5, 2)), (3,)
    ),
    "nested": (lambda: nn.Sequential(nn.Sequential(nn.Linear(3, 6), nn.Tanh()), nn.Identity(), nn.Linear(6, 1)), (3,)),
    "of sequences": (lambda: nn.Sequential(nn.Linear(3, 4), nn.SiLU(), nn.Flatten(), nn.Linear(20, 2)), (5, 3)),
    "without biases": (
        lambda: nn.Sequential(nn.Linear(3, 6, bias=False), nn.Softplus(), nn.Linear(6, 2, bias=False)), (3,)
    ),
    "partly frozen": (
        lambda: nn.Sequential(
            frozen(nn.Linear(3, 6), "weight"), nn.Tanh(), frozen(nn.Linear(6, 6), "weight", "bias"), nn.Tanh(),
            frozen(nn.Linear(6, 2), "bias"),
        ),
        (3,),
    ),
    "of images": (
        lambda: nn.Sequential(
            nn.Conv2d(2, 4, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(4, 6, (1, 3), groups=2, padding="same"),
            nn.ELU(), nn.Flatten(), nn.Linear(54, 1),
        ),
        (2, 5, 6),
    ),
    "of signals": (
        lambda: nn.Sequential(nn.Conv1d(2, 3, 2, dilation=2), nn.Sigmoid(), nn.Conv1d(3, 2, 4), nn.Flatten()), (2, 7)
    ),
}  # fmt: skip


class Doubled(nn.Sequential):
    """The form of a chain, and another function."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = super().forward(input)  # type: ignore[no-untyped-call]
        return 2 * found.square()


def hooked() -> nn.Module:
    module = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    module[0].register_forward_hook(lambda layer, given, result: 3 * result)
    return module


def overridden() -> nn.Module:
    module = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    module[1].forward = lambda values: values.square()
    return module


def shared() -> nn.Module:
    layer = nn.Linear(3, 3)
    return nn.Sequential(layer, nn.Tanh(), layer, nn.Tanh(), nn.Linear(3, 1))


OTHERS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "a subclass": (lambda: Doubled(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)), (3,)),
    "with a hook": (hooked, (3,)),
    "with a forward of its own": (overridden, (3,)),
    "with one layer twice": (shared, (3,)),
    "with a layer in place": (lambda: nn.Sequential(nn.Linear(3, 4), nn.ReLU(inplace=True), nn.Linear(4, 1)), (3,)),
    "with a weight that is made": (
        lambda: nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(3, 4)), nn.Tanh(), nn.Linear(4, 1)), (3,)
    ),
    "normalised": (lambda: nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.Linear(4, 1)), (3,)),
    "padded otherwise": (
        lambda: nn.Sequential(nn.Conv1d(2, 3, 3, padding=1, padding_mode="circular"), nn.Flatten(), nn.Linear(15, 1)),
        (2, 5),
    ),
}  # fmt: skip

UNBATCHED: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "a point is one signal": (lambda: nn.Sequential(nn.Conv1d(1, 2, 2), nn.Flatten(0), nn.Linear(8, 1)), (5,)),
    "a point is one number": (lambda: nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 1)), ()),
}


def prepared(table: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]], name: str) -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(11)
        module = table[name][0]().double()
    return module, Stream(stream_key(1, name, {}, 0)).normal(5, *table[name][1])


def first_plan(module: nn.Module, x: torch.Tensor) -> Plan:
    return next(plans(Subject(module, trained(module)), x))


def contracted(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """By a backward pass for each output of each point: (n, n, O, O)."""
    parameters = [p for p in module.parameters() if p.requires_grad]
    rows = []
    for point in x.split(1):
        for output in module(point).flatten():
            found = torch.autograd.grad(output, parameters, retain_graph=True)
            rows.append(torch.cat([gradient.flatten() for gradient in found]))
    jacobian = torch.stack(rows).unflatten(0, (len(x), -1))
    return torch.einsum("nop,mqp->nmoq", jacobian, jacobian)


@pytest.mark.parametrize("kind", ["full", "each", "mean"])
@pytest.mark.parametrize("name", CHAINS)
def test_the_kernel_of_a_chain_is_that_of_its_jacobians(name: str, kind: str) -> None:
    module, x = prepared(CHAINS, name)
    assert first_plan(module, x).known is not None
    full = contracted(module, x)
    each = full.diagonal(dim1=-2, dim2=-1)
    expected = {"full": full, "each": each, "mean": each.mean(-1)}[kind]
    assert (empirical_ntk(module, x, outputs=kind) - expected).abs().max() < 1e-10 * full.abs().max()


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_chain_of_known_layers_takes_the_long_way_and_is_right(name: str) -> None:
    module, x = prepared(OTHERS, name)
    assert first_plan(module, x).known is None
    expected = contracted(module, x).diagonal(dim1=-2, dim2=-1).mean(-1)
    assert (empirical_ntk(module, x) - expected).abs().max() < 1e-10 * expected.abs().max()


@pytest.mark.parametrize("name", UNBATCHED)
def test_points_whose_axis_a_layer_would_take_for_another_are_refused(name: str) -> None:
    module, x = prepared(UNBATCHED, name)
    with pytest.raises(KernelError, match="the module fails on its inputs"):
        empirical_ntk(module, x)


def test_a_layer_that_does_other_than_torch_wrote_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    module, x = prepared(CHAINS, "of vectors")
    before, forward = empirical_ntk(module, x), nn.Linear.forward
    monkeypatch.setattr(nn.Linear, "forward", lambda layer, values: 2 * forward(layer, values) + 1)
    assert first_plan(module, x).known is None
    expected = contracted(module, x).diagonal(dim1=-2, dim2=-1).mean(-1)
    found = empirical_ntk(module, x)
    assert (found - expected).abs().max() < 1e-10 * expected.abs().max()
    assert (found - before).abs().max() > 0.1 * expected.abs().max()


def test_another_function_in_place_of_torchs_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    module, x = prepared(CHAINS, "of vectors")
    linear = nn.functional.linear
    monkeypatch.setattr(nn.functional, "linear", lambda values, *given: linear(values.sin(), *given))
    assert first_plan(module, x).known is None
    expected = contracted(module, x).diagonal(dim1=-2, dim2=-1).mean(-1)
    assert (empirical_ntk(module, x) - expected).abs().max() < 1e-10 * expected.abs().max()


def test_a_mode_around_the_call_makes_nothing_known() -> None:
    module, x = prepared(CHAINS, "of vectors")
    with torch.device("cpu"):
        assert first_plan(module, x).known is None
        found = empirical_ntk(module, x)
    assert torch.allclose(found, empirical_ntk(module, x), rtol=1e-12)


@pytest.mark.parametrize("name", CHAINS)
def test_the_shapes_that_are_told_beforehand_are_those_at_a_point(name: str) -> None:
    module, x = prepared(CHAINS, name)
    known = first_plan(module, x).known
    assert known is not None
    values, shapes = x[:1], []
    for layer in known.layers:
        values = layer(values)
        if any(p.requires_grad for p in layer.parameters()):
            shapes.append(values.shape)
    assert ([call.shape for call in known.way.calls], known.outputs) == (shapes, values.numel())


def test_another_way_of_calling_modules_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    module, x = prepared(CHAINS, "of vectors")
    called = nn.Module.__call__
    monkeypatch.setattr(nn.Module, "__call__", lambda layer, *given: called(layer, *given).square())
    assert first_plan(module, x).known is None
    expected = contracted(module, x).diagonal(dim1=-2, dim2=-1).mean(-1)
    assert (empirical_ntk(module, x) - expected).abs().max() < 1e-10 * expected.abs().max()


def test_a_hook_on_all_modules_makes_nothing_known() -> None:
    module, x = prepared(CHAINS, "of vectors")
    handle = nn.modules.module.register_module_forward_hook(lambda layer, given, result: None)
    try:
        assert first_plan(module, x).known is None
    finally:
        handle.remove()


@pytest.mark.parametrize("scale, message", [(1e200, "overflow"), (torch.inf, "clean the data first")])
def test_numbers_that_overflow_in_a_chain_are_refused(scale: float, message: str) -> None:
    module, x = prepared(CHAINS, "of vectors")
    with pytest.raises(KernelError, match=message):
        empirical_ntk(module, scale * x)
