"""Every part of a call is understood, or the call is refused; and what is written in place is seen everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import MethodType
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import parametrize

from lazy_assay.sims.rank import RankVerdict, certified_rank
from lazy_assay.sims.rank._input import checked
from lazy_assay.sims.rank.tracing.trace import Traced

FULL, DEFICIENT, NONE = RankVerdict.FULL, RankVerdict.DEFICIENT, RankVerdict.NONE
TWO = torch.tensor([[-1.0], [-2.0]], dtype=torch.float64)
SIX = torch.tensor(np.random.default_rng(0).standard_normal((6, 1, 8, 8)))
ROWS = torch.tensor(np.random.default_rng(1).standard_normal((5, 4)))


class Of(nn.Module):
    """Features are a function of one unit of weight 1 and bias 0, and of the data."""

    def __init__(self, function: Callable[..., Any], width: int = 1) -> None:
        super().__init__()
        self.a, self.o = nn.Linear(1, 1).double(), nn.Linear(width, 1).double()
        nn.init.ones_(self.a.weight)
        nn.init.zeros_(self.a.bias)
        self.function = function

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.o(self.function(self.a(x), x))
        return out


def in_place(z: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    return functional.relu(z, inplace=True) + z


def through_a_view(z: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    z[:].relu_()
    return z


def before_a_view(z: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    seen = z[:, 0]
    z.relu_()
    return seen[:, None]


def assigned(z: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    z = z.clone()
    z[:, 0] = 0
    return z


def one_row_assigned(z: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    z = z.clone()
    z[1] = z[0]
    return z


def written_out(z: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    made = torch.empty_like(z)
    with torch.no_grad():
        torch.mul(z, 0.0, out=made)
    return made


def accumulated(z: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    return z.add_(z, alpha=-1)


def scattered(z: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    return torch.ones(2, 1, dtype=torch.float64).index_put_((torch.tensor([0]),), torch.ones(1, 1).double()) + 0 * z


def transposed_and_written(z: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    z = z.clone()
    z.t().mul_(0)
    return z


def data_written(z: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    x.zero_()
    return x * z


DEFICIENT_WRITES = [
    in_place, through_a_view, before_a_view, assigned, one_row_assigned, written_out, accumulated, scattered,
    transposed_and_written, data_written,
]  # fmt: skip


@pytest.mark.parametrize("function", DEFICIENT_WRITES, ids=lambda f: f.__name__)
def test_what_is_written_in_place_is_seen_through_every_view(function: Callable[..., Any]) -> None:
    assert certified_rank(Of(function), TWO).verdict is DEFICIENT


def filled(z: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    made = torch.empty(2, 2, dtype=torch.float64)
    made[:, 0], made[:, 1:] = z[:, 0], z * z
    return made


UNDERSTOOD = {
    "the unit": lambda z, x: z,
    "alpha": lambda z, x: torch.add(z, z, alpha=2),
    "a difference": lambda z, x: 3 - z,
    "a difference with alpha": lambda z, x: torch.sub(x * x, z, alpha=4),
    "a shape": lambda z, x: (z / x.shape[0]).view(x.shape[0], -1),
    "a size": lambda z, x: z.reshape(x.size(0), -1) * x.size(1),
    "a square": lambda z, x: z**2,
}
WIDER = {
    "cat": lambda z, x: torch.cat([z, x * x], 1),
    "stack": lambda z, x: torch.stack([z, -x], 1).flatten(1),
    "memory filled bit by bit": filled,
    "padding": lambda z, x: functional.pad(z, (1, 0)),
    "maximum": lambda z, x: functional.max_pool1d(torch.cat([z, x * x, z, 2 * x], 1)[:, None], 2, 2).flatten(1),
}


@pytest.mark.parametrize("function", UNDERSTOOD.values(), ids=UNDERSTOOD)
def test_what_is_understood_has_its_rank(function: Callable[..., Any]) -> None:
    assert certified_rank(Of(function), TWO).verdict is FULL


@pytest.mark.parametrize("function", WIDER.values(), ids=WIDER)
def test_what_joins_values_has_its_rank(function: Callable[..., Any]) -> None:
    assert certified_rank(Of(function, 2), TWO).verdict is FULL


NOT_UNDERSTOOD = {
    "rounding_mode": (lambda z, x: torch.div(z, 4.0, rounding_mode="floor"), "div with rounding_mode='floor'"),
    "a sum in float32": (lambda z, x: z.sum(1, keepdim=True, dtype=torch.float32).double(), "with dtype=torch.float32"),
    "float32 and back": (lambda z, x: z.float().double(), "_to_copy with dtype=torch.float32"),
    "ceil_mode": (lambda z, x: functional.avg_pool1d(z[:, None], 2, 2, 1, ceil_mode=True)[:, 0], "avg_pool2d with"),
    "uncounted padding": (lambda z, x: functional.avg_pool1d(z[:, None], 2, padding=1, count_include_pad=False)[:, 0],
                          "with count_include_pad=False"),
    "accumulated places": (lambda z, x: z.index_put((torch.tensor([0]),), z[1:], accumulate=True), "accumulate=True"),
    "numpy": (lambda z, x: torch.from_numpy(z.detach().numpy() * 0), "leave torch .by numpy"),
    "a list": (lambda z, x: torch.tensor(z.tolist(), dtype=torch.float64), "leave torch .by tolist"),
    "a number": (lambda z, x: z * z.sum().item(), "a number is read off values"),
    "a caught refusal": (lambda z, x: _caught(z), "a number is read off values"),
    "noise": (lambda z, x: z + torch.randn(2, 1, dtype=torch.float64), "draws at random.* .randn at"),
    "bits": (lambda z, x: z.view(torch.int64).view(torch.float64) * 2 + z.view(torch.int64), "in another way"),
    # Whatever lies in it may be the same twice, or not.
    "unwritten memory": (
        lambda z, x: z + torch.empty(2, 1, dtype=torch.float64),
        "nothing was written|another output when it runs again",
    ),
    "softplus of negative β": (lambda z, x: functional.softplus(z, beta=-1.0), "softplus with beta=-1"),
    "a mask without softmax": (lambda z, x: z + torch.full((1,), -torch.inf).double(), "addmm with −∞, which only"),
    "an infinite number": (lambda z, x: z + torch.full((1,), torch.inf).double(), "infinite or NaN"),
    "dropout": (lambda z, x: functional.dropout(z, 0.5, True), "draws at random.* .bernoulli_ at"),
}  # fmt: skip


def _caught(z: torch.Tensor) -> torch.Tensor:
    try:
        return z if z.sum() > 0 else z * 0
    except Exception:
        return z


@pytest.mark.parametrize("function, reason", NOT_UNDERSTOOD.values(), ids=NOT_UNDERSTOOD)
def test_a_call_that_is_not_wholly_understood_is_refused_by_name(function: Callable[..., Any], reason: str) -> None:
    result = certified_rank(Of(function), TWO)
    assert result.verdict is NONE
    assert re.search(reason, result.reason), result.reason


# -- what changes a module's forward ----------------------------------------------------------------------------------


def zero(*_: Any) -> torch.Tensor:
    return torch.zeros(2, 1, dtype=torch.float64)


def replaced(module: Of) -> None:
    module.a.forward = zero  # type: ignore[method-assign, assignment]  # which is what must be followed


def replaced_method(module: Of) -> None:
    module.forward = MethodType(lambda self, x: self.o(self.a(x) * 0), module)  # type: ignore[method-assign]  # the same


def hooked(module: Of) -> None:
    module.a.register_forward_hook(zero)


def hooked_before(module: Of) -> None:
    module.o.register_forward_pre_hook(zero)


def parametrised(module: Of) -> None:
    parametrize.register_parametrization(module.a, "weight", Zero())


class Zero(nn.Module):
    def forward(self, w: torch.Tensor) -> torch.Tensor:
        return w * 0


@pytest.mark.parametrize("change", [replaced, replaced_method, hooked, hooked_before, parametrised])
def test_what_replaces_a_part_of_the_forward_pass_is_followed(change: Callable[..., Any]) -> None:
    module = Of(lambda z, x: z)
    assert certified_rank(module, TWO).verdict is FULL
    change(module)
    assert certified_rank(module, TWO).verdict is DEFICIENT


def test_global_hooks_are_followed() -> None:
    module = Of(lambda z, x: z)
    handle = nn.modules.module.register_module_forward_hook(
        lambda layer, given, made: made * 0 if layer is module.a else made
    )
    try:
        assert certified_rank(module, TWO).verdict is DEFICIENT
    finally:
        handle.remove()


def test_an_operator_of_ones_own_is_not_taken_for_torchs_of_the_same_name() -> None:
    library = torch.library.Library("assay_tests", "DEF")
    library.define("relu(Tensor x) -> Tensor")
    library.impl("relu", lambda x: x * 0, "CPU")
    result = certified_rank(Of(lambda z, x: torch.ops.assay_tests.relu(z)), TWO)
    library._destroy()
    assert "unsupported operator: assay_tests::relu" in result.reason


def test_autocast_has_no_say_in_float64() -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        result = certified_rank(Of(lambda z, x: z).float(), TWO.float())
    assert result.verdict is FULL


def test_the_default_dtype_and_gradients_do_not_matter() -> None:
    with torch.no_grad():
        assert certified_rank(Of(lambda z, x: z + torch.ones(1)), TWO).verdict is FULL


def test_a_module_with_a_state_is_refused() -> None:
    class Counting(nn.Linear):
        calls = 0

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.calls += 1
            return super().forward(x * self.calls)

    result = certified_rank(Counting(1, 1, dtype=torch.float64), TWO)
    assert "another output when it runs again" in result.reason


def test_the_module_and_the_data_are_left_as_they_were() -> None:
    module = nn.Sequential(nn.BatchNorm2d(1), nn.Flatten(), nn.Linear(64, 1)).double()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    rows, state = SIX.clone(), torch.get_rng_state()
    certified_rank(module, rows)
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    assert torch.equal(rows, SIX)
    assert torch.equal(state, torch.get_rng_state())


# -- layers ------------------------------------------------------------------------------------------------------------


def ended(width: int, *layers: nn.Module, training: bool = True) -> nn.Module:
    torch.manual_seed(3)
    return nn.Sequential(*layers, nn.Linear(width, 1)).double().train(training)


def encoder(**settings: Any) -> nn.Module:
    return nn.TransformerEncoderLayer(4, 2, 8, batch_first=True, **settings)


class Half(nn.Module):
    def forward(self, w: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = w * 0.5 - w**2
        return out


def halved(layer: nn.Module) -> nn.Module:
    parametrize.register_parametrization(layer, "weight", Half())
    return layer


TOKENS = torch.tensor(np.random.default_rng(2).standard_normal((4, 3, 4)))
# `ended` draws its own layer from this seed, after those that it is given.
torch.manual_seed(3)
LAYERS = {
    "GELU": (ended(9, nn.Linear(4, 9), nn.GELU()), ROWS),
    "GELU by tanh": (ended(9, nn.Linear(4, 9), nn.GELU("tanh")), ROWS),
    "SiLU": (ended(9, nn.Linear(4, 9), nn.SiLU()), ROWS),
    "LeakyReLU": (ended(9, nn.Linear(4, 9), nn.LeakyReLU(0.125)), ROWS),
    "LayerNorm": (ended(9, nn.Linear(4, 9), nn.LayerNorm(9), nn.Tanh()), ROWS),
    "a GroupNorm": (ended(144, nn.Conv2d(1, 4, 3), nn.GroupNorm(2, 4), nn.Flatten()), SIX),
    "an InstanceNorm": (ended(144, nn.Conv2d(1, 4, 3), nn.InstanceNorm2d(4, affine=True), nn.Flatten()), SIX),
    "stored means": (ended(9, nn.Linear(4, 9), nn.BatchNorm1d(9), nn.Tanh(), training=False), ROWS),
    "MaxPool2d": (ended(16, nn.MaxPool2d(2), nn.Flatten()), SIX),
    "MaxPool2d, padded and dilated": (ended(36, nn.MaxPool2d(3, 1, 1, dilation=2), nn.Flatten()), SIX),
    "AvgPool2d, padded": (ended(25, nn.AvgPool2d(2, padding=1), nn.Flatten()), SIX),
    "AvgPool2d with a divisor": (ended(16, nn.AvgPool2d(2, divisor_override=3), nn.Flatten()), SIX),
    "AdaptiveAvgPool2d": (ended(16, nn.AdaptiveAvgPool2d(4), nn.Flatten()), SIX),
    "Conv1d": (ended(24, nn.Conv1d(4, 8, 1), nn.Flatten()), TOKENS.transpose(1, 2).contiguous()),
    "dilated, grouped": (ended(32, nn.Conv2d(1, 2, 3, dilation=2), nn.Conv2d(2, 2, 1, groups=2), nn.Flatten()), SIX),
    "Linear on positions": (ended(68, nn.Linear(18, 4), nn.Flatten()),
                            torch.tensor(np.random.default_rng(4).standard_normal((5, 17, 18)))),
    "Softmax": (ended(9, nn.Linear(4, 9), nn.Softmax(-1)), ROWS),
    "attention": (ended(12, encoder(activation="gelu", dropout=0.0), nn.Flatten()), TOKENS),
    "attention in evaluation": (ended(12, encoder(), nn.Flatten(), training=False), TOKENS),
    "weights of weights": (ended(9, halved(nn.Linear(4, 9)), nn.Tanh()), ROWS),
}  # fmt: skip


@pytest.mark.parametrize("module, data", LAYERS.values(), ids=LAYERS)
def test_a_layer_is_understood_and_agrees_with_torch(module: nn.Module, data: torch.Tensor) -> None:
    result = certified_rank(module, data)
    assert result.verdict is FULL, result.reason


def test_attention_treats_equal_samples_alike_and_a_reordering_does_not() -> None:
    twice = TOKENS[[0, 1, 0]]
    module = ended(12, encoder(dropout=0.0), nn.Flatten())
    certificate = certified_rank(module, twice).certificate
    assert certificate
    assert certificate.rung == "duplicate samples"


class Ranked(nn.Module):
    """Equal samples at different places get different features: a count of the samples before."""

    def __init__(self) -> None:
        super().__init__()
        self.o = nn.Linear(1, 1).double()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.o(x + torch.arange(len(x), dtype=x.dtype)[:, None])
        return out


def test_equal_samples_are_no_proof_where_their_place_counts() -> None:
    assert certified_rank(Ranked(), TWO[[0, 0]]).verdict is FULL


def test_numpy_integers_are_widths() -> None:
    four = np.int64(4)
    # torch's annotations name Python's integers alone.
    entry, last = nn.Linear(np.int64(1), four), nn.Linear(four, 1)  # type: ignore[arg-type]
    module = nn.Sequential(entry, nn.Tanh(), last).double()
    assert certified_rank(module, TWO).verdict is FULL


@pytest.mark.parametrize("shape", [lambda f: f.squeeze(), lambda f: f.squeeze(-1), lambda f: f.view(-1), lambda f: f.T])
def test_the_shape_in_which_the_last_layer_is_returned_does_not_matter(shape: Callable[..., Any]) -> None:
    class Shaped(Of):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = shape(super().forward(x))
            return out

    assert certified_rank(Shaped(lambda z, x: z), TWO).verdict is FULL


def test_a_parameter_reached_by_another_way_is_the_same_weight() -> None:
    class Listed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w, self.o = nn.Parameter(torch.ones(1, 2).double()), nn.Linear(2, 1).double()
            self.ws = [self.w]

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = self.o(torch.tanh(x @ self.ws[0] + x @ self.w))
            return out

    told = certified_rank(Listed(), TWO, scope="some weights", effort=0.0)
    assert any("shares weights" in reason or "not fully connected" in reason for reason in told.tried)


# -- the guard ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module, data", LAYERS.values(), ids=LAYERS)
def test_features_that_differ_from_torchs_are_noticed(
    module: nn.Module, data: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def planted(*given: Any) -> tuple[Traced, np.ndarray]:
        found, array = checked(*given)
        return Traced(found.program, found.features * (1 + 1e-9)), array

    monkeypatch.setattr("lazy_assay.sims.rank._ladder.checked", planted)
    assert "was not seen" in certified_rank(module, data).reason
