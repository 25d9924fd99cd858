from __future__ import annotations

import importlib.util
import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from lazy_assay.sims.kernels import KernelError, empirical_ntk, limiting_kernels, limiting_ntk

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


def test_outputs_that_change_from_call_to_call_are_said() -> None:
    def counting(s: Any, x: torch.Tensor) -> torch.Tensor:
        s.calls += 1
        out: torch.Tensor = s.a(x) * s.calls
        return out

    module = Told(counting, a=linear(1, 1))
    module.calls = 0
    assert "another output when it runs again" in refusal(module, column(1, 2))


@pytest.mark.parametrize("outputs", [1, 2])
def test_a_squeeze_at_the_end_is_no_matter(outputs: int) -> None:
    module = Told(lambda s, x: s.a(x).squeeze(), a=linear(1, outputs))
    assert_right(module, column(1, -2, 3))


def test_a_checkpoint_without_reentrance_has_a_kernel() -> None:
    module = Told(lambda s, x: s.o(checkpoint(lambda h: s.a(h).tanh(), x, use_reentrant=False)), a=linear(1, 3))
    module.o = linear(3, 2)
    assert_right(module, column(1, -2, 3))


def test_a_checkpoint_that_loses_gradients_is_refused() -> None:
    module = Told(lambda s, x: s.o(checkpoint(lambda h: s.a(h).tanh(), x, use_reentrant=True)), a=linear(1, 3))
    module.o = linear(3, 2)
    assert "None of the inputs have requires_grad" in refusal(module, column(1, -2, 3))


def force(s: Any, x: torch.Tensor) -> torch.Tensor:
    x = x if x.requires_grad else x.clone().requires_grad_()
    return torch.autograd.grad(s.a(x).tanh().sum(), x, create_graph=True)[0]


def scripted() -> nn.Module:
    with warnings.catch_warnings():
        # Deprecated, and in use.
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.script(nn.Sequential(linear(1, 4), nn.Tanh(), linear(4, 1)))


def tangent(s: Any, x: torch.Tensor) -> torch.Tensor:
    out: torch.Tensor = torch.func.jvp(lambda z: s.a(z).relu() ** 2, (x,), (torch.ones_like(x),))[1]
    return out


def slope(s: Any, x: torch.Tensor) -> torch.Tensor:
    out: torch.Tensor = torch.func.vmap(torch.func.grad(lambda z: (s.a(z).relu() ** 2).sum()))(x)
    return out


def pulled_back(s: Any, x: torch.Tensor) -> torch.Tensor:
    x = x if x.requires_grad else x.clone().requires_grad_()
    return torch.autograd.grad((s.a(x).relu() ** 2).sum(), x, create_graph=True)[0]


@pytest.mark.parametrize("derivative", [tangent, slope, pulled_back])
@pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")
def test_a_derivative_that_vanishes_at_the_first_point_is_followed_at_the_others(
    derivative: Callable[..., Any],
) -> None:
    module = Told(lambda s, x: derivative(s, x) + s.b * x, a=linear(1, 3, weight=1.0, bias=False), b=parameter(1.0))
    assert_right(module, column(-1, 2, 3))


def test_positions_that_a_module_maps_over_are_followed_where_the_first_point_shows_nothing() -> None:
    module = Told(lambda s, x: torch.func.vmap(torch.func.vmap(s.a))(x.relu()).sum(1) + s.b * x.sum((1, 2))[:, None])
    module.a, module.b = linear(2, 4, bias=False), parameter(1.0)
    x = torch.linspace(-1, 1, 18, dtype=torch.float64).reshape(3, 3, 2)
    assert_right(module, x)


INSIDE = {
    "a gradient": Told(force, a=linear(1, 4)),
    "vmap": Told(lambda s, x: torch.func.vmap(s.a)(x), a=linear(1, 4)),
    "complex numbers": Told(lambda s, x: torch.fft.fft(s.a(x)).abs(), a=linear(1, 4)),
    "a script": scripted(),
}


@pytest.mark.parametrize("name", INSIDE)
def test_what_is_inside_a_forward_is_followed(name: str) -> None:
    assert_right(INSIDE[name], column(1, -2, 3))


@pytest.mark.parametrize(
    "module, word",
    [
        (Told(lambda s, x: torch.view_as_complex(s.a(x)), a=linear(1, 2)), "outputs are real"),
        (Told(lambda s, x: (x * s.c).abs(), c=nn.Parameter(torch.ones(1, dtype=torch.complex128))), "parameter c is"),
        (Told(lambda s, x: s.a(x).to_sparse(), a=linear(1, 2)), "sparse or nested"),
    ],
    ids=["outputs", "a parameter", "sparse outputs"],
)
def test_complex_and_sparse_numbers_are_refused_by_name(module: nn.Module, word: str) -> None:
    assert word in refusal(module, column(1, 2))


@pytest.mark.parametrize(
    "x, word",
    [
        (column(1, 2).to_sparse(), "x is torch.sparse_coo"),
        (torch.ones(2, 1, dtype=torch.complex128), "x is torch.complex128"),
        (column(1, 2).requires_grad_(), "x requires gradients"),
    ],
    ids=["sparse", "complex", "requiring gradients"],
)
def test_points_that_a_kernel_does_not_take_are_refused_by_name(x: torch.Tensor, word: str) -> None:
    assert word in refusal(linear(1, 1), x)


def test_gradients_are_not_asked_for_where_they_are_switched_off() -> None:
    with torch.no_grad():
        assert empirical_ntk(linear(1, 1, bias=False), column(1, 3).requires_grad_()).tolist() == [[1, 3], [3, 9]]
        asked = column(1.0, 2.0), column(1.0, 2.0).requires_grad_()
        assert not limiting_ntk(*asked, activation="relu", depth=1).requires_grad
    assert limiting_ntk(*asked, activation="relu", depth=1).requires_grad


@pytest.mark.parametrize("entries", [(0, 1, 2), (1, 0, 2)])
def test_infinite_gradients_are_told_as_what_they_are(entries: tuple[int, ...]) -> None:
    module = Told(lambda s, x: s.a(x).abs().sqrt(), a=linear(1, 1, bias=False))
    assert "other points" not in (told := refusal(module, column(*entries)))
    assert "gradient" in told


def test_control_flow_by_values_is_followed_at_each_point() -> None:
    module = Told(lambda s, x: s.a(x) if float(x.sum()) > 0 else s.a(x) ** 2, a=linear(1, 1, weight=2.0))
    with pytest.raises(KernelError, match="other points"):
        empirical_ntk(module, column(1, -2, 3))
    each = Told(lambda s, x: torch.stack([s.a(p) if float(p) > 0 else s.a(p) ** 2 for p in x]), a=linear(1, 1))
    assert_right(each, column(1, -2, 3))


@pytest.mark.parametrize("limit", [1.5, "1", None, True])
def test_memory_is_a_whole_number_of_bytes(limit: float | str | None) -> None:
    assert "whole number of bytes" in refusal(linear(1, 1), column(1, 2), memory_limit=limit)
    whole: Any = torch.tensor(2**24).numpy()[()]
    assert math.isfinite(empirical_ntk(linear(1, 1), column(1, 2), memory_limit=whole).sum())


def test_widths_depths_and_scales_of_numpy_are_numbers() -> None:
    x = np.linspace(-1, 1, 6).reshape(3, 2)
    options: dict[str, Any] = {"activation": "relu", "parameterisation": "standard"}
    plain = limiting_kernels(x, depth=2, widths=[5, 6], weight_std=[1, 2, 1], **options).ntk
    depth: Any = np.int64(2)
    widths: Any = np.array([5, 6])
    scales: Any = np.array([1, 2, 1], dtype=np.float32)
    assert torch.equal(limiting_kernels(x, depth=depth, widths=widths, weight_std=scales, **options).ntk, plain)
    width: Any = np.int32(5)
    same = limiting_kernels(x, depth=2, widths=width, **options).ntk
    assert torch.equal(same, limiting_kernels(x, depth=2, widths=5, **options).ntk)


@pytest.mark.parametrize("wrong", [{"widths": True}, {"widths": 5.0}, {"weight_std": True}, {"depth": True}])
def test_truth_values_and_fractions_are_no_sizes(wrong: dict[str, Any]) -> None:
    options: dict[str, Any] = {"activation": "relu", "depth": 1, "parameterisation": "standard", "widths": 5} | wrong
    with pytest.raises(KernelError, match=next(iter(wrong))):
        limiting_ntk(column(1.0, 2.0), **options)
