"""What torch.export traced is read by the same rules: right, or refused by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from lazy_assay.sims.rank import RankVerdict, certified_rank
from lazy_assay.sims.rank._input import checked
from lazy_assay.sims.rank.enclosures.enclosure import Float64

FULL, DEFICIENT, NONE = RankVerdict.FULL, RankVerdict.DEFICIENT, RankVerdict.NONE
TOKENS = torch.tensor(np.random.default_rng(0).standard_normal((5, 3, 8)), dtype=torch.float32)
ROWS = torch.tensor(np.random.default_rng(1).standard_normal((4, 3)))

# Torch's own decomposition warns of itself.
DECOMPOSED = pytest.mark.filterwarnings("ignore:.isinstance.treespec, LeafSpec:FutureWarning")


class Small(nn.Module):
    """A transformer in float32: constants, positions, a layer, a norm whose ε is that of the precision."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(8, 2, 12, batch_first=True)
        self.norm, self.last, self.shift = nn.RMSNorm(8), nn.Linear(8, 1), torch.ones(3, 8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.shift + torch.arange(3, dtype=torch.float32)[:, None]
        out: torch.Tensor = self.last(self.norm(self.layer(x)).mean(1).to(torch.float32))
        return out


class Of(nn.Module):
    def __init__(self, function: Callable[..., Any], *layers: nn.Module) -> None:
        super().__init__()
        self.function, self.layers, self.last = function, nn.ModuleList(layers), nn.Linear(3, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.last(self.function(x, *self.layers))
        return out


def exported(module: nn.Module, x: torch.Tensor = ROWS) -> Any:
    return torch.export.export(module, (x,))


@pytest.fixture(scope="module")
def small() -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return exported(Small().eval(), TOKENS)


@DECOMPOSED
def test_a_traced_transformer_is_certified_and_so_is_its_decomposition(small: Any) -> None:
    assert certified_rank(small, TOKENS).verdict is FULL
    assert certified_rank(small.run_decompositions(), TOKENS).verdict is FULL


def test_equal_samples_are_deficient(small: Any) -> None:
    result = certified_rank(small, TOKENS[[0, 1, 2, 3, 0]])
    assert result.verdict is DEFICIENT
    assert result.certificate
    assert result.certificate.rung == "duplicate samples"


def test_a_norm_keeps_the_epsilon_of_the_precision_that_was_exported(small: Any) -> None:
    found, data = checked(small, TOKENS)
    h = found.program.run(Float64(), data).middle
    own = Small().eval().double()
    own.load_state_dict({name: w.double() for name, w in small.state_dict.items()})
    own.norm.eps = torch.finfo(torch.float32).eps
    with torch.no_grad():
        y = TOKENS.double() + own.shift + torch.arange(3)[:, None]
        wanted = own.norm(own.layer(y)).mean(1).numpy()
        own.norm.eps = torch.finfo(torch.float64).eps
        other = own.norm(own.layer(y)).mean(1).numpy()
    np.testing.assert_allclose(h, wanted, rtol=1e-12, atol=1e-13)
    assert np.abs(h - other).max() > 1e-9


def test_a_program_that_was_saved_is_read(small: Any, tmp_path: Path) -> None:
    torch.export.save(small, tmp_path / "small.pt2")
    assert certified_rank(torch.export.load(tmp_path / "small.pt2"), TOKENS).verdict is FULL


def test_data_of_another_shape_are_refused(small: Any) -> None:
    assert "fails on its inputs" in certified_rank(small, TOKENS[:4]).reason


UNDERSTOOD = {
    "written in place": (Of(lambda x: functional.relu((x * 2).clone(), inplace=True) - x), FULL),
    "written in place, to nothing": (Of(lambda x: x.clone().mul_(0)), DEFICIENT),
    "stored means": (Of(lambda x, layer: layer(x), nn.BatchNorm1d(3)).eval(), FULL),
}


@pytest.mark.parametrize("module, verdict", UNDERSTOOD.values(), ids=UNDERSTOOD)
def test_what_is_traced_has_its_rank(module: nn.Module, verdict: RankVerdict) -> None:
    assert certified_rank(exported(module.double()), ROWS).verdict is verdict


def branching(x: torch.Tensor) -> Any:
    return torch.cond(x.sum() > 0, lambda v: v.sin(), lambda v: v.cos(), (x,))


REFUSED = {
    "a number read off": (Of(lambda x: x * x.sum().item()), "control flow depends on values.*item"),
    "a branch on values": (Of(branching), "unsupported operator: cond"),
    "dropout": (Of(lambda x, layer: layer(x), nn.Dropout()).train(), "draws at random"),
    "rounding": (Of(lambda x: torch.div(x, 2, rounding_mode="floor")), "div with rounding_mode='floor'"),
    "alpha of what is no number": (Of(lambda x: x.add(x, alpha=2).erfinv()), "unsupported operator: erfinv"),
}


@pytest.mark.parametrize("module, reason", REFUSED.values(), ids=REFUSED)
def test_what_is_not_understood_is_refused_by_name(module: nn.Module, reason: str) -> None:
    result = certified_rank(exported(module.double()), ROWS)
    assert result.verdict is NONE
    assert re.search(reason, result.reason), result.reason


@DECOMPOSED
def test_a_program_that_changes_its_state_is_refused() -> None:
    module = Of(lambda x, layer: layer(x), nn.BatchNorm1d(3)).double().train()
    told = certified_rank(exported(module).run_decompositions(), ROWS).reason
    assert "the exported program changes layers.0.running_mean" in told


def test_an_operator_of_ones_own_is_refused() -> None:
    library = torch.library.Library("assay_exported", "DEF")
    library.define("twice(Tensor x) -> Tensor")
    library.impl("twice", lambda x: x * 0, "CompositeExplicitAutograd")
    program = exported(Of(lambda x: torch.ops.assay_exported.twice(x)).double())
    told = certified_rank(program, ROWS).reason
    library._destroy()
    assert "unsupported operator: assay_exported::twice" in told
