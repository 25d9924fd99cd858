from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from lazy_assay.sims.kernels import empirical_ntk
from lazy_assay.sims.kernels._inputs import trained
from lazy_assay.sims.kernels._plan import plans
from lazy_assay.sims.modules.alone import Subject
from lazy_assay.sims.modules.capture import sensitivities

SPEC = importlib.util.spec_from_file_location("told_modules", Path(__file__).with_name("told.py"))
assert SPEC
assert SPEC.loader
TOLD = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(TOLD)
Told = TOLD.Told
linear = TOLD.linear
column = TOLD.column
assert_right = TOLD.assert_right
refusal = TOLD.refusal
by_hand = TOLD.by_hand


def positions_first(s: Any, x: torch.Tensor) -> torch.Tensor:
    out: torch.Tensor = s.a(x.transpose(0, 1).reshape(-1, 1)).view(3, -1)[1][:, None]
    return out


def test_rows_that_are_not_point_by_point_are_told_apart() -> None:
    module = Told(positions_first, a=linear(1, 1, weight=1.0, bias=False))
    x = torch.arange(12.0, dtype=torch.float64).reshape(4, 3, 1)
    assert empirical_ntk(module, x)[0].tolist() == [1, 4, 7, 10]


def sequence_first(s: Any, x: torch.Tensor) -> torch.Tensor:
    t = x.transpose(0, 1)
    out: torch.Tensor = s.o(s.a(t, t, t)[0].mean(0))
    return out


def attentive() -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return nn.MultiheadAttention(4, 2).double()


LAYOUTS = {
    "sequence-first attention": Told(sequence_first, a=attentive(), o=linear(4, 2)),
    "a maximum over positions": Told(lambda s, x: s.o(s.a(x).amax(1)), a=linear(4, 6), o=linear(6, 2)),
    "a table shared by the points": Told(
        lambda s, x: s.o((x @ s.a(s.t).T).softmax(-1) @ s.a(s.t)).sum(1), a=linear(4, 4), o=linear(4, 2)
    ),
    "a layer on the table alone": Told(lambda s, x: x.sum((1, 2))[:, None] * s.a(s.t[0]), a=linear(4, 2)),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_is_followed(name: str) -> None:
    module = LAYOUTS[name]
    if "table" in name:
        module.t = torch.linspace(-1, 1, 20, dtype=torch.float64).reshape(5, 4).cos()
    assert_right(module, torch.linspace(-1, 1, 60, dtype=torch.float64).reshape(5, 3, 4).sin())


MIXING = {
    "a maximum": lambda x: x / x.max(),
    "a mean": lambda x: x - x.mean(0),
    "above the mean": lambda x: x * (x > x.mean(0)),
    "above the mean of what is positive": lambda x: x.exp() * (x.exp() > x.exp().mean(0)),
    "below the mean of what is negative": lambda x: x.exp() * (-x.exp() < -x.exp().mean(0)),
    "a reversal": lambda x: x.flip(0),
    "a shift": lambda x: x.roll(1, 0),
    "sums": lambda x: x.cumsum(0),
    "their number": lambda x: x / len(x),
    "ranks": lambda x: x * x.argsort(0).argsort(0),
    "a faint mean": lambda x: x + 1e-12 * x.mean(0),
}


@pytest.mark.parametrize("entries", [(1, 4, 2), (4, 1, 2), (4, 4), (2,)])
@pytest.mark.parametrize("limit", ["much", "least"])
@pytest.mark.parametrize("name", MIXING)
def test_points_that_meet_are_refused_in_any_order_and_within_any_memory(
    name: str, entries: tuple[int, ...], limit: str
) -> None:
    module = Told(lambda s, x: s.a(MIXING[name](x)), a=linear(1, 1, weight=1.0))
    least = int(refusal(linear(1, 1), column(*entries), memory_limit=1000).split()[-2])
    options = {"memory_limit": least} if limit == "least" else {}
    assert "depends on the other points" in refusal(module, column(*entries), **options)


def test_points_without_coordinates_have_a_kernel() -> None:
    module = Told(lambda s, x: s.a(x), a=nn.Linear(2, 1).double())
    module.told = lambda s, x: s.a(torch.cat([x, torch.ones(len(x), 2, dtype=x.dtype)], 1))
    assert empirical_ntk(module, torch.ones(3, 0, dtype=torch.float64)).tolist() == [[3.0] * 3] * 3


def test_integers_that_meet_are_refused() -> None:
    table = nn.Embedding(9, 3).double()
    module = Told(lambda s, x: s.table(x).mean(1) - s.table(x).mean((0, 1)), table=table)
    assert "depends on the other points" in refusal(module, torch.tensor([[1, 2], [3, 4], [5, 8]]))


def test_no_gradient_is_formed_where_layers_and_points_are_told_apart() -> None:
    for module, x in [
        (Told(positions_first, a=linear(1, 1)), torch.ones(4, 3, 1, dtype=torch.float64)),
        (nn.Sequential(linear(3, 4), nn.ReLU(), linear(4, 2)), torch.eye(3).double()),
    ]:
        cheapest = next(plans(Subject(module, trained(module)), x))
        cheapest.features(x, from_first=True)
        assert (cheapest.others, cheapest.way is None) == ([], False)


def test_a_way_that_is_wrong_at_the_first_point_is_not_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing is known of it, as it would be of the layers without what is around them.
    module = Told(lambda s, x: s.layers(x), layers=nn.Sequential(linear(1, 3), nn.Tanh(), linear(3, 1)))
    x = column(1, -2, 3)
    expected, plain = by_hand(module, x), "lazy_assay.sims.modules.mapped.sensitivities"
    monkeypatch.setattr(plain, lambda call, gradient: 1.01 * sensitivities(call, gradient))
    assert (empirical_ntk(module, x) - expected).abs().max() < 1e-12 * expected.abs().max()
