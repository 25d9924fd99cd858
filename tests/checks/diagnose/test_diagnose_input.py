from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from lazy_assay import diagnose
from lazy_assay.checks.expect import Refused

X = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
Y = X[:, :1]
COUNT = itertools.count()


def net(seed: int) -> nn.Module:
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))


def undetermined(seed: int) -> nn.Module:
    torch.manual_seed(next(COUNT))
    return net(seed)


def alike(seed: int) -> nn.Module:
    torch.manual_seed(0)
    return net(seed)


def filled(value: float) -> Callable[[int], nn.Module]:
    def factory(seed: int) -> nn.Module:
        module = net(seed)
        nn.init.constant_(module[0].bias, value)  # type: ignore[index]
        return module

    return factory


def fails(seed: int) -> nn.Module:
    raise ZeroDivisionError("by\nzero")


@pytest.mark.parametrize(
    "factory, x, y, said",
    [
        (undetermined, X, Y, "other weights at the same seed"),
        (alike, X, Y, "same weights at every seed"),
        (filled(math.nan), X, Y, "NaN"),
        (fails, X, Y, "the factory fails"),
        (lambda seed: 3, X, Y, "a torch.nn.Module is needed"),
        (lambda seed: nn.Dropout(), X, X, "draws"),
        (lambda seed: nn.Tanh(), X, X, "no parameter"),
        (net, X * math.nan, Y, "x holds NaN"),
        (net, X, Y * math.inf, "y holds NaN or infinite"),
        (net, X, Y[:, 0], "give one shape"),
        (net, X[:, :2], Y, "the module fails"),
        (net, X.double(), Y, "dtype"),
        (net, X.numpy(), Y, "torch.Tensor"),
        (lambda seed: net(seed).to("meta"), X, Y, "meta"),
    ],
)
def test_what_cannot_be_diagnosed_is_one_line(factory: Any, x: Any, y: Any, said: str) -> None:
    with pytest.raises(Refused, match=said) as caught:
        diagnose(factory, x, y, step_size=0.1, steps=2)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(torch.cuda.is_available(), reason="asks for a machine without CUDA")
def test_a_cuda_module_on_a_machine_without_cuda_is_one_line() -> None:
    with pytest.raises(Refused, match="the factory fails") as caught:
        diagnose(lambda seed: net(seed).cuda(), X, Y, step_size=0.1, steps=2)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "asked",
    [
        {"steps": 0},
        {"step_size": math.nan},
        {"step_size": -1.0},
        {"seeds": 5},
        {"miss": 1.0},
        {"within": 0.0},
        {"decay": -1.0},
        {"leave_out": ("best line",)},
        {"widths": (4, 4, 8, 16)},
        {"widths": (4, 8)},
    ],
)
def test_what_is_asked_wrongly_is_one_line(asked: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        diagnose(net, X, Y, **{"step_size": 0.1, "steps": 2, **asked})
    assert "\n" not in str(caught.value)


def test_torchs_generator_and_the_reader_s_module_stay_as_they_were() -> None:
    kept: list[nn.Module] = []

    def factory(seed: int) -> nn.Module:
        kept.append(net(seed))
        return kept[-1]

    torch.manual_seed(1)
    before = torch.get_rng_state()
    diagnose(factory, X, Y, step_size=0.1, steps=2, seeds=6, leave_out=("kappa", "analyticity"))
    assert torch.equal(before, torch.get_rng_state())
    assert any(torch.equal(kept[0][0].weight, other[0].weight) for other in kept[1:])  # type: ignore[index]
