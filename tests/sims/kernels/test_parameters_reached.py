from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from torch import nn
from torch.nn import functional

from lazy_assay.sims.kernels import empirical_ntk

SPEC = importlib.util.spec_from_file_location("told_modules", Path(__file__).with_name("told.py"))
assert SPEC
assert SPEC.loader
TOLD = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(TOLD)
Told = TOLD.Told
parameter = TOLD.parameter
linear = TOLD.linear
column = TOLD.column
assert_right = TOLD.assert_right
refusal = TOLD.refusal


def held_in_a_list() -> nn.Module:
    module = Told(lambda s, x: x @ s.held[0], w=parameter([2.0]))
    module.held = [module.w]
    return cast(nn.Module, module)


def held_in_a_dictionary() -> nn.Module:
    module = Told(lambda s, x: x @ s.held["w"].T, w=parameter([2.0]))
    module.held = {"w": module.w}
    return cast(nn.Module, module)


def held_by_a_closure() -> nn.Module:
    w = parameter([2.0])
    module: nn.Module = Told(lambda s, x: functional.linear(x, w), w=w)
    return module


def seen_from_before() -> nn.Module:
    module = Told(lambda s, x: x @ s.held[0], w=parameter([2.0]))
    module.held = [module.w.T]
    return cast(nn.Module, module)


def own_function() -> nn.Module:
    class Product(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(x, w)
            return x @ w

        @staticmethod
        def backward(ctx: Any, g: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            x, w = ctx.saved_tensors
            return g @ w.mT, x.mT @ g

    product: Callable[..., torch.Tensor] = Product.apply
    module: nn.Module = Told(lambda s, x: product(x, s.w), w=parameter([2.0]))
    return module


REACHED = [held_in_a_list, held_in_a_dictionary, held_by_a_closure, seen_from_before, own_function]


@pytest.mark.parametrize("make", REACHED)
@pytest.mark.parametrize("method", ["auto", "jacobian"])
def test_a_parameter_counts_however_it_is_reached(make: Callable[..., Any], method: str) -> None:
    got = empirical_ntk(make(), column(1, 3), method=method)
    assert got.tolist() == [[1, 3], [3, 9]]


@pytest.mark.parametrize("make", [seen_from_before, held_in_a_list])
def test_a_parameter_that_does_nothing_at_the_first_point_counts_at_the_others(make: Callable[..., Any]) -> None:
    module = make()
    gated = Told(lambda s, x: s.inner(x.relu()) + s.b * x, inner=module, b=parameter(1.0))
    assert_right(gated, column(-1, 1, 3))


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_recurrent_layers_of_torch_hold_their_weights_in_a_list_of_their_own(
    kind: Callable[..., nn.Module],
) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2)
        layer = kind(2, 3, num_layers=2, batch_first=True).double()
    x = torch.linspace(-1, 1, 24, dtype=torch.float64).reshape(4, 3, 2)
    assert_right(Told(lambda s, x: s.layer(x)[0][:, -1], layer=layer), x)
    module = Told(lambda s, x: s.layer(x)[0], layer=kind(2, 3).double())
    assert "depends on the other points" in refusal(module, x)


@pytest.mark.parametrize(
    "twin",
    [
        lambda w: nn.Parameter(w.data),
        lambda w: w.detach(),
        lambda w: w.data[:1],
        lambda w: torch.from_numpy(w.detach().numpy()),
    ],
    ids=["a second parameter", "detached", "a part", "by numpy"],
)
def test_memory_of_a_parameter_that_is_read_past_it_is_an_error(twin: Callable[..., Any]) -> None:
    module = Told(lambda s, x: x @ s.held[0], w=parameter([2.0]))
    module.held = [twin(module.w)]
    assert "reads the memory of w through another tensor" in refusal(module, column(1, 3))


def test_two_parameters_on_one_memory_are_an_error() -> None:
    one, other = linear(2, 2), linear(2, 2)
    other.weight = nn.Parameter(one.weight.data)
    assert "0.weight and 1.weight share memory" in refusal(nn.Sequential(one, other), torch.eye(2).double())


def test_parameters_side_by_side_in_one_memory_are_none() -> None:
    flat, layer = torch.linspace(-1, 1, 6, dtype=torch.float64), linear(2, 2)
    layer.weight, layer.bias = nn.Parameter(flat[:4].view(2, 2)), nn.Parameter(flat[4:])
    assert_right(layer, torch.eye(2).double())


def test_what_a_forward_detaches_is_a_constant() -> None:
    module = Told(lambda s, x: x @ s.w.detach() + s.b, w=parameter([2.0]), b=parameter(1.0))
    assert empirical_ntk(module, column(1, 3)).tolist() == [[1, 1], [1, 1]]
