"""Every argument of a call counts, every constant is a number, and a parameter is one however it is reached."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from lazy_assay.sims.analyticity import Decision, analyticity

DATA = torch.tensor([0.5, 1.0, 2.0])
MASK = torch.full((3, 3), -torch.inf).triu(1)
ONES = torch.ones(1, 1, 3, 3)
TARGET = torch.tensor([1])


class Reached(nn.Module):
    """A parameter, and some ways to it that no module registers."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.tensor([1.0, -2.0, 0.5]))
        self.ws, self.named, self.part = [self.w], {"w": self.w}, self.w.data[:2]
        self.array = self.w.detach().numpy()
        self.trained = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
        w = self.w
        self.closure = lambda: w
        self.function = function

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.function(self, x)
        return out


KINKS = {
    "a list": lambda s, x: s.ws[0].relu() * x,
    "a dictionary": lambda s, x: s.named["w"].abs() * x,
    "a closure": lambda s, x: s.closure().relu() * x,
    "a view": lambda s, x: s.part.relu() * x[:2],
    "an array": lambda s, x: torch.from_numpy(s.array).abs() * x,
    "a tensor that is trained": lambda s, x: s.trained.abs() * s.w,
    "one number": lambda s, x: s.ws[0][0].item() * x,
    "a list of numbers": lambda s, x: s.ws[0].tolist()[0] * x + s.w,
    "numbers of an array": lambda s, x: float(abs(s.array).sum()) * x + s.w,
}


@pytest.mark.parametrize("function", KINKS.values(), ids=KINKS)
def test_a_parameter_is_one_however_it_is_reached(function: Callable[..., Any]) -> None:
    found = analyticity(Reached(function), DATA)
    assert not found.certified, str(found)


def test_a_parameter_in_a_list_may_be_certified_for_what_is_done_to_it() -> None:
    assert analyticity(Reached(lambda s, x: s.ws[0] * x), DATA).decision is Decision.ANALYTIC


def test_a_buffer_in_the_memory_of_a_parameter_is_one() -> None:
    module = Reached(lambda s, x: s.twin.abs() * x)
    module.register_buffer("twin", module.w.detach())
    assert not analyticity(module, DATA).certified


def test_data_in_the_memory_of_a_parameter_are_one() -> None:
    module = Reached(lambda s, x: x.abs() * s.w)
    assert not analyticity(module, module.w.detach()).certified


def test_parameters_buffers_and_randomness_are_left_as_they_were() -> None:
    module = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(), nn.Tanh()).train()
    before, state = {n: v.clone() for n, v in module.state_dict().items()}, torch.get_rng_state()
    assert analyticity(module, torch.linspace(-1, 1, 15).view(5, 3)).certified
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    assert torch.equal(state, torch.get_rng_state())


REFUSED = {
    "padding of an average": lambda w, x: (functional.avg_pool1d(w.exp()[None] + 1, 2, 2, padding=1) - 1).log(),
    "a divisor": lambda w, x: (functional.avg_pool2d(w.exp()[None, None] + 1, (1, 3), divisor_override=9) - 0.5).log(),
    "a variance of one value": lambda w, x: w[:1].var(),
    "variances of one value each": lambda w, x: w[None].var(0),
    "a correction that is too large": lambda w, x: w.var(correction=3),
    "a clamp that is upside down": lambda w, x: (w.tanh().clamp(2, 1) - 1.5).log(),
    "a mask times a parameter": lambda w, x: w * MASK[0],
    "a mask that is returned": lambda w, x: w[:, None] * x + MASK,
    "a mask times 0": lambda w, x: torch.add(w[:, None] * x, MASK, alpha=0).softmax(-1),
    "queries that are masked": lambda w, x: functional.scaled_dot_product_attention(
        (w[:, None] * x + MASK)[None, None], ONES, ONES
    ),
    "a mask that meets a domain": lambda w, x: (w.exp()[:, None] + MASK).abs(),
    "padding with −∞": lambda w, x: functional.pad(w, (1, 1), value=-math.inf).softmax(-1),
    "softplus with β = 0": lambda w, x: functional.softplus(w, beta=0.0),
    "softplus with an early line": lambda w, x: functional.softplus(w, threshold=-1000.0),
    "bits of another type": lambda w, x: w.double().view(torch.float32) * 1.0,
    "a sum of nothing": lambda w, x: w.exp()[:0].sum().log(),
    "a mean of nothing": lambda w, x: w[:0].mean(),
    "a product of nothing": lambda w, x: (w[:0].exp().prod() - 1).log(),
    "a logarithm of noise": lambda w, x: w * torch.rand(3).log(),
    "one over noise": lambda w, x: w * (1 / torch.bernoulli(torch.full((3,), 0.5))),
    "a number that rounds to 0": lambda w, x: (w * w + 1e-50).log(),
    "targets that are all ignored": lambda w, x: functional.cross_entropy(w[None], torch.tensor([-100])),
    "targets of no weight": lambda w, x: functional.cross_entropy(w[None], TARGET, weight=torch.tensor([1.0, 0, 1])),
    "entries that a view leaves out": lambda w, x: torch.cat([w.exp(), w])[:3].as_strided((3,), (1,), 3).log(),
    "a switched-off gradient": lambda w, x: w * _without_gradient(w),
    "the result of autocast": lambda w, x: _in_bfloat16(w, x),
    "renormalised rows": lambda w, x: functional.embedding(torch.tensor([0]), w[None], max_norm=1.0),
    "an angle": lambda w, x: torch.atan2(w, x),
    "NaN replaced": lambda w, x: w.nan_to_num(),
}
CERTIFIED = {
    "a variance of several values": lambda w, x: (w.var() + 1).log(),
    "an uncorrected variance of one value": lambda w, x: w[:1].var(correction=0),
    "a padded average": lambda w, x: functional.avg_pool1d(w[None], 2, 2, padding=1),
    "an average of positive numbers": lambda w, x: functional.avg_pool1d(w.exp()[None], 2, 2, ceil_mode=True).log(),
    "ReLU of noise": lambda w, x: w * torch.randn(3).relu(),
    "classes": lambda w, x: functional.cross_entropy(w[None], TARGET),
    "attention": lambda w, x: functional.scaled_dot_product_attention((w[:, None] * x)[None, None], ONES, ONES),
    "causal attention": lambda w, x: functional.scaled_dot_product_attention(
        (w[:, None] * x)[None, None], ONES, ONES, attn_mask=MASK
    ),
    "places added up": lambda w, x: torch.zeros(3).index_put((torch.tensor([0]),), w[:1], accumulate=True),
    "memory written before it is read": lambda w, x: torch.empty(3).copy_(w) * x,
}


def _without_gradient(w: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return w.abs()


def _in_bfloat16(w: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    with torch.autocast("cpu"):
        return torch.mm(w[:, None], x[None])


@pytest.mark.parametrize("function", REFUSED.values(), ids=REFUSED)
def test_what_may_be_infinite_or_jump_is_not_certified(
    of: Callable[..., nn.Module], function: Callable[..., Any]
) -> None:
    found = analyticity(of(function), DATA)
    assert not found.certified, str(found)
    assert "\n" not in found.reason


@pytest.mark.parametrize("function", CERTIFIED.values(), ids=CERTIFIED)
def test_what_is_analytic_beside_it_still_is_certified(
    of: Callable[..., nn.Module], function: Callable[..., Any]
) -> None:
    found = analyticity(of(function), DATA)
    assert found.certified, str(found)


def test_an_argument_that_no_row_speaks_of_is_named() -> None:
    found = analyticity(nn.Sequential(nn.Linear(3, 3), Bits()), DATA[None])
    assert "nothing is known of it with dtype=torch.float16" in found.reason


class Bits(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.view(torch.float16)


@pytest.mark.parametrize(
    "module, example, reason",
    [
        (nn.Linear(3, 2), torch.eye(3).to_sparse(), "input 0 is not dense but torch.sparse_coo"),
        (nn.Linear(3, 2, dtype=torch.complex64), torch.ones(1, 3, dtype=torch.complex64), "weight is torch.complex64"),
    ],
)
def test_what_is_no_array_of_real_numbers_is_refused_by_name(
    module: nn.Module, example: torch.Tensor, reason: str
) -> None:
    found = analyticity(module, example)
    assert found.decision is Decision.NO_VERDICT
    assert reason in found.reason


def test_numpy_integers_are_widths() -> None:
    module = nn.Linear(np.int64(3), np.int64(2))  # type: ignore[arg-type]  # torch's annotations name Python's alone
    assert analyticity(module, DATA[None]).certified
