"""Generated networks: what is proved of them against exact arithmetic. ASSAY_MODULES=5000 walks further than 300.

Weights and data are small dyadic numbers, so that torch's own float64 pass is exact as long as operators are rational;
the features that it shows just before the last layer have a rank that flint computes. Of the others the singular values
must not contradict a proof.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

import flint
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from lazy_assay.sims.rank import RankVerdict, certified_rank

COUNT = int(os.environ.get("ASSAY_MODULES", "300"))
SHARE = 0.6
Make = Callable[[np.random.Generator, int], tuple[Callable[[torch.Tensor], torch.Tensor], int, bool]]


Layer = TypeVar("Layer", bound=nn.Module)


def dyadic(rng: np.random.Generator, *shape: int) -> torch.Tensor:
    return torch.tensor(rng.integers(-4, 5, shape) / 2.0)


def fill(module: Layer, rng: np.random.Generator) -> Layer:
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(dyadic(rng, *parameter.shape))
    return module


def linear(rng: np.random.Generator, width: int) -> tuple[nn.Linear, int, bool]:
    out = int(rng.integers(1, 7))
    return fill(nn.Linear(width, out, bias=bool(rng.integers(2)), dtype=torch.float64), rng), out, True


def hooked(rng: np.random.Generator, width: int) -> tuple[nn.Module, int, bool]:
    layer, out, _ = linear(rng, width)
    kind = int(rng.integers(3))
    if kind == 0:
        layer.register_forward_hook(lambda layer, given, made: made * 0.5 - 1)
    elif kind == 1:
        layer.register_forward_pre_hook(lambda layer, given: (given[0].relu(),))
    else:
        layer.forward = lambda x: functional.linear(x, layer.weight, layer.bias) * 0  # type: ignore[method-assign, assignment]
    return layer, out, True


def listed(rng: np.random.Generator, width: int) -> tuple[nn.Module, int, bool]:
    layer, out, _ = linear(rng, width)
    ways = [layer.weight]
    return Wrapped(lambda x: x @ ways[0].T - 1, layer), out, True


def convolved(rng: np.random.Generator, width: int) -> tuple[nn.Module, int, bool]:
    layer = fill(nn.Conv1d(1, 2, 3, padding=1, dtype=torch.float64), rng)
    return Wrapped(lambda x: layer(x[:, None]).flatten(1), layer), 2 * width, True


def normalised(rng: np.random.Generator, width: int) -> tuple[nn.Module, int, bool]:
    kinds = [nn.BatchNorm1d(width), nn.BatchNorm1d(width).eval(), nn.LayerNorm(width)]
    layer = kinds[rng.integers(3)].double()
    if isinstance(layer, nn.BatchNorm1d):
        assert layer.running_mean is not None
        assert layer.running_var is not None
        layer.running_mean.copy_(dyadic(rng, width))
        layer.running_var.copy_(1 + dyadic(rng, width).abs())
    return fill(layer, rng), width, False


def attending(rng: np.random.Generator, width: int) -> tuple[Callable[..., Any], int, bool]:
    def attend(x: torch.Tensor) -> torch.Tensor:
        z = x[:, :, None].transpose(1, 2)[:, None]
        return functional.scaled_dot_product_attention(z, z, z).flatten(1)

    return attend, width, False


class Wrapped(nn.Module):
    """A function that uses a layer, which is thereby registered."""

    def __init__(self, function: Callable[..., Any], *layers: nn.Module) -> None:
        super().__init__()
        self.layers, self.function = nn.ModuleList(layers), function

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.function(x)
        return out


def written(x: torch.Tensor) -> torch.Tensor:
    y = torch.zeros(len(x), 2 * x.shape[1], dtype=torch.float64)
    y[:, ::2] = x
    y[:, 1::2] = x.flip(1)
    y.add_(1)
    return y


def in_place(x: torch.Tensor) -> torch.Tensor:
    y = x.clone()
    return functional.relu(y, inplace=True) + y


def row_written(x: torch.Tensor) -> torch.Tensor:
    y = x.clone()
    y[0] = y[-1]
    return y


def out_of(x: torch.Tensor) -> torch.Tensor:
    made = torch.empty_like(x)
    with torch.no_grad():
        torch.sub(x, 1.0, out=made)
    return made


def swapped(x: torch.Tensor) -> torch.Tensor:
    y = x.clone()
    y.t()[0].mul_(-1)
    return y


def masked(x: torch.Tensor) -> torch.Tensor:
    # Causal attention along the features, each a token of one number.
    later = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
    scores = (x[:, :, None] * x[:, None, :]).masked_fill(later, -torch.inf)
    return (scores.softmax(-1) @ x[:, :, None]).squeeze(-1)


SAME: dict[str, Callable[..., torch.Tensor]] = {
    "relu": torch.relu, "leaky": lambda x: functional.leaky_relu(x, 0.25), "in place": in_place, "out": out_of,
    "a view": swapped, "a row": row_written, "alpha": lambda x: torch.add(x, x.flip(1), alpha=-2),
    "rsub": lambda x: 3 - x, "halves": lambda x: x / 2, "floor": lambda x: torch.div(x, 2, rounding_mode="floor"),
    "square": lambda x: x * x / 4, "order": lambda x: x[:, torch.arange(x.shape[1] - 1, -1, -1)],
    "roll": lambda x: x.roll(1, 1), "samples": lambda x: x.flip(0), "less the first": lambda x: x - x[:1],
    "strides": lambda x: x.t().contiguous().t() - 1, "shape": lambda x: (x * x.shape[1]).view(x.size(0), -1),
    "abs": torch.abs, "clamp": lambda x: x.clamp(-1, 1), "where": lambda x: torch.where(x > 0, x, -x),
    "numpy": lambda x: x + torch.from_numpy(x.detach().numpy()), "item": lambda x: x * x[0, 0].item(),
    "cumsum": lambda x: x.cumsum(1), "dropout": lambda x: functional.dropout(x, 0.5, False),
    "detach": lambda x: x.detach(),
    "less the sum": lambda x: x - x.sum(1, keepdim=True), "round": torch.round,
    "sum of samples": lambda x: x + x.sum(0),
    "pooled": lambda x: functional.max_pool1d(x[:, None], 3, 1, 1)[:, 0], "power": lambda x: x**2,
    "averaged": lambda x: functional.avg_pool1d(x[:, None], 3, 1, 1, count_include_pad=bool(x.shape[1] % 2))[:, 0] * 3,
    "a constant": lambda x: x + torch.arange(x.shape[1], dtype=torch.float64),
    "a place": lambda x: x + torch.arange(len(x), dtype=torch.float64)[:, None],
}  # fmt: skip
DOUBLED: dict[str, Callable[..., torch.Tensor]] = {
    "cat": lambda x: torch.cat([x, 1 - x], 1), "stack": lambda x: torch.stack([x, x * 0.5], 2).flatten(1),
    "written": written, "pad": lambda x: functional.pad(x, (x.shape[1], 0)),
}  # fmt: skip
SMOOTH: dict[str, Callable[..., torch.Tensor]] = {
    "tanh": torch.tanh, "sigmoid": torch.sigmoid, "gelu": functional.gelu, "silu": functional.silu,
    "softplus": functional.softplus, "softmax": lambda x: x.softmax(1),
    "gelu by tanh": lambda x: functional.gelu(x, approximate="tanh"),
    "logaddexp": lambda x: torch.logaddexp(4 * x, torch.zeros_like(x)) / 4, "elu": functional.elu, "exp": torch.exp,
    "rms": lambda x: functional.rms_norm(x, x.shape[1:], eps=0.5), "quotient": lambda x: x / (1 + x * x),
    "log softmax": lambda x: x.log_softmax(1), "masked": masked, "root": lambda x: (1 + x * x).sqrt() * x.sin(),
    "noise": lambda x: functional.dropout(x, 0.5, True),
}  # fmt: skip


def part(rng: np.random.Generator, width: int) -> tuple[str, Callable[..., Any], int, bool]:
    """One part of a network: its name, the module or function, the width that it leaves, whether it is exact."""
    kind = rng.choice(["layer", "same", "doubled", "smooth"], p=[0.4, 0.4, 0.1, 0.1])
    if kind == "layer":
        makers: list[Make] = [linear, linear, linear, hooked, listed, convolved, normalised, attending]
        make = makers[rng.integers(len(makers))]
        made, width, exact = make(rng, width)
        return make.__name__, made, width, exact
    table: dict[str, Callable[..., Any]] = {"same": SAME, "doubled": DOUBLED, "smooth": SMOOTH}[kind]
    name = list(table)[rng.integers(len(table))]
    if name == "averaged" and not width % 2:
        return name, table[name], width, False
    return name, table[name], width * (1 + (kind == "doubled")), kind != "smooth"


class Generated(nn.Module):
    """A few parts, and a last layer; `seen` are the features of the latest pass."""

    def __init__(self, rng: np.random.Generator, width: int) -> None:
        super().__init__()
        self.names: list[str] = []
        self.parts: list[Callable[..., Any]] = []
        self.exact = True
        for _ in range(int(rng.integers(1, 5))):
            name, made, width, exact = part(rng, width)
            self.names.append(name)
            self.parts.append(made)
            self.exact = self.exact and exact
        self.layers = nn.ModuleList(made for made in self.parts if isinstance(made, nn.Module))
        self.last = fill(nn.Linear(width, 1, bias=bool(rng.integers(2)), dtype=torch.float64), rng)
        self.squeezed = bool(rng.integers(2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for made in self.parts:
            x = made(x)
        self.seen = x
        out: torch.Tensor = self.last(x).squeeze(-1) if self.squeezed else self.last(x)
        return out

    def features(self, x: torch.Tensor) -> np.ndarray:
        self(x)
        h = self.seen.detach().numpy()
        return np.hstack([h, np.ones((len(h), 1))]) if self.last.bias is not None else h


def generated(seed: int) -> tuple[Generated, torch.Tensor]:
    rng = np.random.default_rng([2026, seed])
    n, width = int(rng.integers(2, 7)), int(rng.integers(1, 6))
    x = dyadic(rng, n, width) * 2
    if rng.random() < 0.2:
        x[-1] = x[0]
    return Generated(rng, width), x


def exact_rank(features: np.ndarray) -> int:
    pairs = [value.as_integer_ratio() for value in features.ravel().tolist()]
    rows, columns = features.shape
    return int(flint.fmpq_mat(rows, columns, [flint.fmpq(a, b) for a, b in pairs]).rank())


def contradicted(module: Generated, features: np.ndarray, verdict: RankVerdict) -> bool:
    """Whether a proof is false: exactly, or as far as singular values tell."""
    n = len(features)
    if module.exact:
        return (exact_rank(features) == n) != (verdict is RankVerdict.FULL)
    if features.shape[1] < n:
        return verdict is RankVerdict.FULL
    size = np.abs(features).max(axis=0)
    values = np.linalg.svd(features / np.where(size > 0, size, 1.0), compute_uv=False)
    if verdict is RankVerdict.DEFICIENT:
        return bool(values[n - 1] > 1e-9 * values[0])
    return values[n - 1] == 0.0 or len(np.unique(features, axis=0)) < n


def walked(seeds: range) -> tuple[Counter[str], list[Any]]:
    """How often each verdict was given, refusals by their kind; false proofs by their parts."""
    found: Counter[str] = Counter()
    wrong: list[Any] = []
    for seed in seeds:
        module, x = generated(seed)
        result = certified_rank(module, x.clone(), effort=1.0)
        found[result.verdict.value] += 1
        if result.verdict is RankVerdict.NONE:
            found["refused: " + " ".join(result.reason.split(" (at")[0].split()[:6])] += 1
        elif contradicted(module, module.features(x.clone()), result.verdict):
            wrong.append((seed, module.names, result.verdict.value, result.reason))
    return found, wrong


@pytest.fixture(scope="module")
def walk() -> tuple[Counter[str], list[Any]]:
    return walked(range(COUNT))


def test_no_proof_of_a_generated_network_is_false(walk: tuple[Counter[str], list[Any]]) -> None:
    found, wrong = walk
    assert not wrong, wrong
    assert found[RankVerdict.FULL.value] > COUNT / 10
    assert found[RankVerdict.DEFICIENT.value] > COUNT / 10


def test_most_generated_networks_are_decided_and_refusals_have_names(walk: tuple[Counter[str], list[Any]]) -> None:
    found, _ = walk
    assert found[RankVerdict.NONE.value] < (1 - SHARE) * COUNT, found
    refused = sum(count for kind, count in found.items() if kind.startswith("refused: "))
    assert refused == found[RankVerdict.NONE.value]
    assert not any("internal" in kind for kind in found)


@pytest.mark.parametrize("name", [*SAME, *DOUBLED, *SMOOTH])
def test_a_part_by_itself_is_decided_rightly_or_refused(name: str) -> None:
    made = {**SAME, **DOUBLED, **SMOOTH}[name]
    for seed in range(3):
        rng = np.random.default_rng([7, seed])
        module = Generated(rng, 3)
        width = 6 if name in DOUBLED else 3
        module.parts, module.layers, module.exact = [made], nn.ModuleList(), name not in SMOOTH and name != "averaged"
        module.last = fill(nn.Linear(width, 1, dtype=torch.float64), rng)
        x = dyadic(rng, 4, 3) * 2
        result = certified_rank(module, x.clone())
        if result.verdict is not RankVerdict.NONE:
            assert not contradicted(module, module.features(x.clone()), result.verdict), result.reason


if __name__ == "__main__":
    told, false = walked(range(COUNT))
    for kind, number in told.most_common():
        print(f"{number:6d}  {kind}")
    print(f"{len(false)} false proofs")
    for each in false[:40]:
        print(each)
