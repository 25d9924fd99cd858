"""Attention, its masks, tokens and positions; what torch.export traced: each right, or refused by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import flint
import mpmath
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from lazy_assay.sims.rank import RankVerdict, certified_rank
from lazy_assay.sims.rank._input import checked
from lazy_assay.sims.rank.enclosures.balls import Balls
from lazy_assay.sims.rank.enclosures.enclosure import Float64
from lazy_assay.sims.rank.tracing import masks
from lazy_assay.sims.rank.tracing.trace import program

FULL, DEFICIENT, NONE = RankVerdict.FULL, RankVerdict.DEFICIENT, RankVerdict.NONE
TOKENS = torch.tensor(np.random.default_rng(0).standard_normal((6, 3, 8)))
CAUSAL = torch.triu(torch.ones(3, 3, dtype=torch.bool), 1)
INFINITE = torch.zeros(3, 3, dtype=torch.float64).masked_fill(CAUSAL, -torch.inf)
PADDED = torch.tensor([[False, False, row % 2 == 0] for row in range(6)])


class Of(nn.Module):
    """A function of the data and of layers, flattened or averaged, and a last layer."""

    def __init__(self, function: Callable[..., torch.Tensor], *layers: nn.Module, width: int = 24) -> None:
        super().__init__()
        self.function, self.layers, self.last = function, nn.ModuleList(layers), nn.Linear(width, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.last(self.function(x, *self.layers).flatten(1))
        return out


def made(function: Callable[..., torch.Tensor], *kinds: Callable[[], nn.Module], width: int = 24) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return Of(function, *(kind() for kind in kinds), width=width).double().eval()


def heads(**settings: Any) -> Callable[[], nn.Module]:
    return lambda: nn.MultiheadAttention(8, 2, batch_first=True, **settings)


def encoder(**settings: Any) -> Callable[[], nn.Module]:
    return lambda: nn.TransformerEncoderLayer(8, 2, 12, batch_first=True, **settings)


def stacked() -> nn.Module:
    return nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 12, batch_first=True), 2, enable_nested_tensor=False)


def linear() -> nn.Module:
    return nn.Linear(8, 8)


def scores(x: torch.Tensor, q: nn.Module) -> torch.Tensor:
    out: torch.Tensor = q(x) @ x.transpose(1, 2) / 8**0.5
    return out


def attended(mask: Callable[[torch.Tensor], torch.Tensor]) -> nn.Module:
    return made(lambda x, q: mask(scores(x, q)).softmax(-1) @ x, linear)


LAYERS = {
    "heads": made(lambda x, a: a(x, x, x)[0], heads()),
    "heads without weights": made(lambda x, a: a(x, x, x, need_weights=False)[0], heads()),
    "a causal mask": made(lambda x, a: a(x, x, x, attn_mask=CAUSAL)[0], heads()),
    "a mask of minus infinity": made(lambda x, a: a(x, x, x, attn_mask=INFINITE, need_weights=False)[0], heads()),
    "padded keys": made(lambda x, a: a(x, x, x, key_padding_mask=PADDED)[0], heads()),
    "further keys": made(lambda x, a: a(x, x, x)[0], heads(add_bias_kv=True, add_zero_attn=True)),
    "a layer": made(lambda x, a: a(x), encoder(activation="gelu")),
    "a layer, normalised first": made(lambda x, a: a(x), encoder(norm_first=True)),
    "a layer with a mask": made(lambda x, a: a(x, src_mask=INFINITE, is_causal=True), encoder()),
    "two layers, averaged": made(lambda x, a: a(x).mean(1), stacked, width=8),
    "a decoder": made(lambda x, a: a(x, x), lambda: nn.TransformerDecoderLayer(8, 2, 12, batch_first=True)),
    "a filled mask": attended(lambda s: s.masked_fill(CAUSAL, -torch.inf)),
    "a filled mask, in place": attended(lambda s: s.masked_fill_(CAUSAL, -torch.inf)),
    "an added mask": attended(lambda s: s + INFINITE),
    "a chosen mask": attended(lambda s: torch.where(CAUSAL, -torch.inf, s)),
    "a moved mask": attended(lambda s: (s + INFINITE).view(2, 3, 3, 3).transpose(0, 1).transpose(0, 1).flatten(0, 1)),
    "a large number as a mask": attended(lambda s: s.masked_fill(CAUSAL, -1e9)),
    "the least float as a mask": attended(lambda s: s.masked_fill(CAUSAL, torch.finfo(s.dtype).min)),
    "scores without softmax": made(lambda x, q: scores(x, q) @ x, linear),
    "einsum": made(lambda x, q: torch.einsum("nts,nsd->ntd", scores(x, q).softmax(-1), x), linear),
    "rms norm": made(lambda x, r: r(x).tanh(), lambda: nn.RMSNorm(8, eps=1e-6)),
    "a normalisation by hand": made(lambda x: (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6)).exp()),
    "a mean over tokens": made(lambda x, q: q(x).tanh().mean(1), linear, width=8),
    "cat": made(lambda x, q: torch.cat([q(x)[:, :1] - x[:, 1:2], x[:, 1:]], 1), linear),
}


@pytest.mark.parametrize("module", LAYERS.values(), ids=LAYERS)
def test_a_part_of_a_transformer_is_certified(module: nn.Module) -> None:
    result = certified_rank(module, TOKENS)
    assert result.verdict is FULL, result.reason


@pytest.mark.parametrize("name", ["a causal mask", "a layer", "a mask of minus infinity", "rms norm", "a moved mask"])
def test_exact_features_of_attention_lie_within_the_radii(name: str) -> None:
    told = program(LAYERS[name], TOKENS.numpy())
    found = told.run(Float64(), TOKENS.numpy())
    with flint.ctx.workprec(200):
        exact = told.run(Balls(), TOKENS.numpy()).ravel()
        pairs = zip(found.middle.ravel().tolist(), found.radius.ravel().tolist(), exact, strict=True)
        assert all(bool(abs(e - flint.arb(m)) <= flint.arb(r)) for m, r, e in pairs)
    assert 0 < found.radius.max() < 1e-10


def by_hand(x: list[list[Any]], W: np.ndarray, b: np.ndarray) -> list[Any]:
    """Causal attention with scores (W x_t + b)·x_s/√8, at mpmath's precision, token after token."""
    out: list[Any] = []
    for t, token in enumerate(x):
        query = [mpmath.fdot(row, token) + mpmath.mpf(c) for row, c in zip(W.tolist(), b.tolist(), strict=True)]
        terms = [mpmath.exp(mpmath.fdot(query, x[s]) / mpmath.mpf(8**0.5)) for s in range(t + 1)]
        out += [mpmath.fdot(terms, [x[s][j] for s in range(t + 1)]) / sum(terms) for j in range(len(token))]
    return out


@pytest.mark.parametrize("name", ["a filled mask", "an added mask", "a chosen mask"])
def test_masked_attention_is_what_mpmath_makes_of_it(name: str) -> None:
    module = LAYERS[name]
    assert isinstance(module, Of)
    layer = module.layers[0]
    assert isinstance(layer, nn.Linear)
    found = program(module, TOKENS.numpy()).run(Float64(), TOKENS.numpy())
    with mpmath.workdps(40):
        rows = [[[mpmath.mpf(z) for z in token] for token in sample] for sample in TOKENS.tolist()]
        exact = [v for x in rows for v in by_hand(x, layer.weight.detach().numpy(), layer.bias.detach().numpy())]
        told = zip(found.middle.ravel().tolist(), found.radius.ravel().tolist(), exact, strict=True)
        assert all(abs(e - mpmath.mpf(m)) <= mpmath.mpf(r) for m, r, e in told)


# -- deficient exactly where it is -------------------------------------------------------------------------------------


def reordered() -> torch.Tensor:
    x = TOKENS.clone()
    x[4] = x[1][[2, 0, 1]]
    return x


def test_tokens_in_another_order_are_the_same_where_no_position_is_seen() -> None:
    result = certified_rank(LAYERS["two layers, averaged"], reordered())
    assert result.verdict is DEFICIENT
    assert result.certificate
    assert result.certificate.rung == "samples treated alike"
    assert result.certificate.every_weight


@pytest.mark.parametrize(
    "module",
    [
        LAYERS["a layer"],
        made(lambda x, a: a(x, src_mask=INFINITE).mean(1), encoder(), width=8),
        made(lambda x, a: a(x + torch.arange(3.0, dtype=torch.float64)[:, None]).mean(1), encoder(), width=8),
        made(lambda x, a: a(x)[:, 0], encoder(), width=8),
    ],
    ids=["all tokens", "a causal mask", "positions", "the first token"],
)
def test_tokens_in_another_order_differ_where_the_order_is_seen(module: nn.Module) -> None:
    assert certified_rank(module, reordered()).verdict is FULL


def test_a_first_token_of_zeros_sees_no_order_of_the_others() -> None:
    module = made(lambda x, a: a(functional.pad(x, (0, 0, 1, 0)))[:, 0], encoder(), width=8)
    assert certified_rank(module, reordered()).verdict is DEFICIENT


@pytest.mark.parametrize("name", ["heads", "a layer", "a causal mask", "two layers, averaged", "rms norm"])
def test_equal_samples_are_deficient(name: str) -> None:
    result = certified_rank(LAYERS[name], TOKENS[[0, 1, 2, 3, 0]])
    assert result.certificate
    assert result.certificate.rung == "duplicate samples"


class Words(nn.Module):
    """Whole numbers, looked up in a table; positions; a layer; the mean."""

    def __init__(self, *, positions: bool) -> None:
        super().__init__()
        self.table, self.layer, self.last = nn.Embedding(9, 8), encoder()(), nn.Linear(8, 1)
        self.positions = nn.Parameter(torch.randn(3, 8)) if positions else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        z = self.table(x)
        out: torch.Tensor = self.last(self.layer(z if self.positions is None else z + self.positions).mean(1))
        return out


WORDS = torch.tensor([[0, 1, 2], [3, 4, 5], [2, 0, 1], [6, 7, 8], [1, 1, 4]])


@pytest.mark.parametrize("positions, wanted", [(True, FULL), (False, DEFICIENT)])
def test_tokens_are_looked_up(positions: bool, wanted: RankVerdict) -> None:
    torch.manual_seed(2)
    assert certified_rank(Words(positions=positions).double().eval(), WORDS).verdict is wanted


def test_a_further_input_is_a_number_that_is_there() -> None:
    class Masked(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.last = encoder()(), nn.Linear(8, 1)

        def forward(self, x: torch.Tensor, padded: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = self.last(self.layer(x, src_key_padding_mask=padded)[:, 0])
            return out

    assert certified_rank(Masked().double().eval(), (TOKENS, PADDED)).verdict is FULL


# -- refused by name ---------------------------------------------------------------------------------------------------


def attended_by_weights() -> nn.Module:
    def attend(x: torch.Tensor, q: nn.Linear) -> torch.Tensor:
        mask = torch.zeros(3, 3, dtype=x.dtype).masked_fill(q.weight[:3, :3] > 0, -torch.inf)
        return (scores(x, q) + mask).softmax(-1) @ x

    return made(attend, linear)


REFUSED = {
    "dropout in training": (made(lambda x, a: a(x), encoder()).train(), "draws at random"),
    "a mask of everything": (attended(lambda s: s.masked_fill(CAUSAL | True, -torch.inf)), "leaves nothing of a row"),
    "a mask without softmax": (made(lambda x, q: scores(x, q).masked_fill(CAUSAL, -torch.inf).relu() @ x,
                                    linear), "relu with −∞, which only softmax"),
    "a mask that the data decide": (attended(lambda s: s.masked_fill(s > 0, -torch.inf)), "operator: gt"),
    "a mask that weights decide": (made(lambda x, q: scores(x, q).masked_fill(q.weight[:3, :3] > 9, -9.0) @ x, linear),
                                   "a condition that depends on the data, or on weights"),
    "an added mask made of weights": (attended_by_weights(), "a mask that depends on weights"),
    "a mask made of weights, in attention": (made(lambda x, q: functional.scaled_dot_product_attention(
        x, q(x), x, attn_mask=(q.weight[:3, :3] > 0) | ~CAUSAL), linear), "a mask that depends on weights"),
    "a division by zero": (made(lambda x: x / (x - x)), "Reciprocal is not shown to be defined"),
    "a variance of zero": (made(lambda x: functional.layer_norm(x * 0, (8,), eps=0.0)), "Normalisation is not shown"),
    "a root of a negative number": (made(lambda x: (-1 - x * x).sqrt() + x), "Sqrt is not shown to be defined"),
    "a logarithm of zero": (made(lambda x: (x * 0).log() + x), "Log is not shown to be defined"),
    "windows with a ceiling": (made(lambda x: functional.max_pool1d(x, 3, 2, ceil_mode=True), width=12), "ceil_mode"),
}  # fmt: skip


@pytest.mark.parametrize("module, reason", REFUSED.values(), ids=REFUSED)
def test_what_is_not_understood_is_refused_by_name(module: nn.Module, reason: str) -> None:
    result = certified_rank(module, TOKENS)
    assert result.verdict is NONE
    assert re.search(reason, result.reason), result.reason


def test_a_norm_whose_epsilon_is_that_of_the_precision_is_refused_but_in_float64() -> None:
    module = made(lambda x, r: r(x).tanh(), lambda: nn.RMSNorm(8))
    assert certified_rank(module, TOKENS).verdict is FULL
    assert "rms_norm without eps" in certified_rank(module.float(), TOKENS.float()).reason


def test_moved_weights_may_change_for_some_weights() -> None:
    class Added(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w, self.last = nn.Parameter(torch.ones(2, 1)), nn.Linear(1, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = self.last(x + self.w.flip(0))
            return out

    module, x = Added().double(), torch.ones(2, 1, dtype=torch.float64)
    assert certified_rank(module, x).verdict is DEFICIENT
    assert certified_rank(module, x, scope="some weights").verdict is not DEFICIENT


def test_the_fused_kernel_of_evaluation_is_seen_through() -> None:
    class Still(nn.TransformerEncoderLayer):
        def forward(self, *args: Any, **settings: Any) -> torch.Tensor:
            with torch.no_grad():
                return super().forward(*args, **settings)

    module = made(lambda x, a: a(x), lambda: Still(8, 2, 12, batch_first=True))
    before = torch.backends.mha.get_fastpath_enabled()
    assert certified_rank(module, TOKENS).verdict is FULL
    assert torch.backends.mha.get_fastpath_enabled() == before


def test_a_mask_that_is_ignored_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masks, "masked", lambda call, value, kept: value)
    assert "was not seen" in certified_rank(LAYERS["a filled mask"], TOKENS).reason


def test_an_overflow_of_torchs_is_no_agreement(monkeypatch: pytest.MonkeyPatch) -> None:
    def spoilt(*given: Any) -> Any:
        found, array = checked(*given)
        found.features[0, 0] = np.nan
        return found, array

    monkeypatch.setattr("lazy_assay.sims.rank._ladder.checked", spoilt)
    assert "was not seen" in certified_rank(LAYERS["a layer"], TOKENS).reason


# -- columns that are tied ---------------------------------------------------------------------------------------------

MORE = torch.tensor(np.random.default_rng(3).standard_normal((30, 3, 8)))
TIED = {
    "the mean of normalised tokens": (made(lambda x, a: a(x).mean(1), encoder(), width=8), 8),
    "the first of them": (made(lambda x, a: a(x)[:, 0], encoder(), width=8), 8),
    "all of them": (made(lambda x, a: a(x), encoder()), 22),
    "half of them, turned": (made(lambda x, a: a(x)[:, [2, 0]] / 2, encoder(), width=16), 15),
    "a softmax": (made(lambda x: x.flatten(1).softmax(-1)), 24),
    "one norm of all": (made(lambda x, a: a(x), lambda: nn.LayerNorm((3, 8))), 24),
}
FREE = {
    "normalised first": (made(lambda x, a: a(x).mean(1), encoder(norm_first=True), width=8), 9),
    "rms norm": (made(lambda x, a: a(x).mean(1), lambda: nn.RMSNorm(8), width=8), 9),
    "the sum with something else": (made(lambda x, a: (a(x) + x).mean(1), lambda: nn.LayerNorm(8), width=8), 9),
    "half of each row": (made(lambda x, a: a(x)[:, :, :4].mean(1), lambda: nn.LayerNorm(8), width=4), 5),
    "halves of two rows": (made(lambda x, a: a(x).flatten(1)[:, 4:12], lambda: nn.LayerNorm(8), width=8), 9),
    "lines of an image": (made(lambda x, a: a(x[:, None])[:, 0, 0], lambda: nn.InstanceNorm2d(1), width=8), 9),
    "columns of several rows": (made(lambda x, a: a(x)[:, :, 0], lambda: nn.LayerNorm(8), width=3), 4),
    "a norm over samples": (made(lambda x, a: a(x.flatten(1)), lambda: nn.BatchNorm1d(24)).train(), 25),
}


@pytest.mark.parametrize("module, rank", TIED.values(), ids=TIED)
def test_columns_that_are_tied_are_counted_once(module: nn.Module, rank: int) -> None:
    beyond = certified_rank(module, MORE[: rank + 1], effort=0.0)
    assert beyond.certificate
    assert (beyond.verdict, beyond.certificate.rung) == (DEFICIENT, "related columns")
    assert certified_rank(module, MORE[:rank]).verdict is FULL


@pytest.mark.parametrize("module, rank", FREE.values(), ids=FREE)
def test_columns_that_are_free_are_not_called_tied(module: nn.Module, rank: int) -> None:
    assert certified_rank(module, MORE[:rank]).verdict is FULL


def test_rows_that_are_not_looked_at_are_called_tied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lazy_assay.sims.rank._relations._are_rows", lambda index, width: True)
    module, rank = FREE["halves of two rows"]
    assert certified_rank(module, MORE[:rank]).verdict is DEFICIENT


def test_positions_that_are_computed_are_constants() -> None:
    def moved(x: torch.Tensor, layer: nn.Module) -> torch.Tensor:
        waves = torch.exp(torch.arange(0, 8, 2).to(x.dtype) * -1.2) * torch.arange(3).to(x.dtype)[:, None]
        out: torch.Tensor = layer(x + torch.stack([waves.sin(), waves.cos()], -1).flatten(1)).mean(1)
        return out

    assert certified_rank(made(moved, encoder(), width=8), reordered()).verdict is FULL
