"""The limits against networks of our own in torch: the mean over seeds, extrapolated in 1/width from two widths.

A network of width n has kernels whose mean is the limit plus c/n + …, so 2 · (mean at 2n) − (mean at n) is the limit
but for higher orders. Errors are standard errors over seeds. Each case has a decoy, a rule that is wrong in one
respect: it must be told from the networks by the same draws.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from lazy_assay.sims.core.streams import Stream, stream_key
from lazy_assay.sims.kernels.architecture import (
    Activation,
    Attention,
    AveragePooling,
    Convolution,
    Dense,
    Flatten,
    Layer,
    LayerNormalisation,
    Network,
    State,
)

RELU, LAST = Activation("relu"), Dense(1.2, 0.3)
# Standard errors that a limit may be away, and that its decoy must be.
AWAY = 5.0
# Entries of a head whose linear scores are random; there are as many heads as channels. Softmax needs Gaussian scores.
HEAD = 1


class Finite(nn.Module):
    """The layers at one width; every weight is made, as zeros, when the first points come through."""

    def __init__(self, layers: tuple[Layer, ...], width: int) -> None:
        super().__init__()
        self.layers, self.width = layers, width

    def weight(self, name: str, *shape: int) -> Tensor:
        if not hasattr(self, name):
            self.register_parameter(name, nn.Parameter(torch.zeros(shape, dtype=torch.float64)))
        found: Tensor = getattr(self, name)
        return found

    def forward(self, h: Tensor) -> tuple[Tensor, Tensor]:
        """Outputs (n,), and the features before the last layer."""
        for i, layer in enumerate(self.layers[:-1]):
            h = self.through(f"layer{i}", layer, h, self.width)
        return self.through("last", self.layers[-1], h, 1)[..., 0], h

    def through(self, name: str, layer: Layer, h: Tensor, width: int) -> Tensor:
        grid, channels = tuple(h.shape[1:-1]), h.shape[-1]
        if isinstance(layer, Activation):
            return h.relu()
        if isinstance(layer, Flatten):
            return h.flatten(1)
        if isinstance(layer, LayerNormalisation):
            return functional.layer_norm(h, h.shape[1:] if layer.positions else h.shape[-1:], eps=layer.epsilon)
        if isinstance(layer, AveragePooling):
            if layer.size is None:
                return h.mean(tuple(range(1, h.ndim - 1)))
            assert isinstance(layer.size, int)
            assert isinstance(layer.stride, int)
            return functional.avg_pool2d(h.movedim(-1, 1), layer.size, layer.stride).movedim(1, -1)
        if isinstance(layer, Attention):
            attended = self.attended(name, layer, h.flatten(1, -2), width)
            return attended.reshape(*attended.shape[:1], *grid, -1)
        assert isinstance(layer, Dense | Convolution)
        bias = layer.bias_std * self.weight(f"{name}b", width)
        if isinstance(layer, Dense):
            dense: Tensor = h @ self.weight(name, channels, width) * (layer.weight_std / math.sqrt(channels)) + bias
            return dense
        size = (layer.size,) * 2 if isinstance(layer.size, int) else tuple(layer.size)
        kernel = self.weight(name, width, channels, *size) * (layer.weight_std / math.sqrt(channels * math.prod(size)))
        found: Tensor = functional.conv2d(h.movedim(-1, 1), kernel, bias, layer.stride, layer.padding)
        return found.movedim(1, -1)

    def attended(self, name: str, layer: Attention, h: Tensor, width: int) -> Tensor:
        """(n, P, channels): one head as wide as the network at 1/d, many small ones at 1/√d."""
        random = layer.scaling == "1/sqrt(d)"
        size = HEAD if random and layer.scores == "linear" else width
        heads = width if random else 1
        scales = {"q": layer.query_std, "k": layer.key_std, "v": layer.value_std}
        q, k, v = (
            (h @ self.weight(f"{name}{part}", h.shape[-1], heads * size) * (scale / math.sqrt(h.shape[-1])))
            .unflatten(-1, (heads, size))
            .transpose(1, 2)
            for part, scale in scales.items()
        )
        scores = q @ k.mT / (math.sqrt(size) if random else size)
        weights = scores if layer.scores == "linear" else scores.softmax(-1)
        mixed = (weights @ v).transpose(1, 2).flatten(2)
        found: Tensor = mixed @ self.weight(f"{name}o", heads * size, width)
        return found * (layer.output_std / math.sqrt(heads * size))


def kernels(layers: tuple[Layer, ...], x: Tensor, width: int, seeds: int, key: int) -> Tensor:
    """Entries (0, 0), (0, 1), (1, 1) of both kernels of networks of independent weights, (seeds, 2, 3)."""
    network, stream, last = Finite(layers, width), Stream(key), layers[-1]
    assert isinstance(last, Dense)
    network(x)
    drawn = {name: stream.normal(seeds, *p.shape) for name, p in network.named_parameters()}
    # Queries and keys that are tied begin as one, and have gradients of their own.
    drawn |= {f"layer{i}k": drawn[f"layer{i}q"] for i, a in enumerate(layers) if isinstance(a, Attention) and a.tied}

    def of_one(weights: dict[str, Tensor]) -> Tensor:
        jacobian, h = torch.func.jacrev(lambda w: torch.func.functional_call(network, w, (x,)), has_aux=True)(weights)
        nngp = last.weight_std**2 * h @ h.mT / h.shape[-1] + last.bias_std**2
        rows = torch.cat([part.flatten(1) for part in jacobian.values()], dim=1)
        return torch.stack([upper(nngp), upper(rows @ rows.mT)])

    return torch.func.vmap(of_one, chunk_size=50)(drawn)


def upper(kernel: Tensor) -> Tensor:
    return torch.stack([kernel[0, 0], kernel[0, 1], kernel[1, 1]])


@dataclass(frozen=True)
class WithoutOwnGradients(Convolution):
    def rule(self, state: State, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor | None]:
        distance, tangent = super().rule(state, first, second)
        assert tangent is not None or state.tangent is None
        return distance, None if tangent is None else tangent - ((first + second) / 2 - distance)


@dataclass(frozen=True)
class Unscaled(LayerNormalisation):
    def rule(self, state: State, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor | None]:
        return super().rule(state, first, second)[0], state.tangent


@dataclass(frozen=True)
class WithGradientsOfScores(Attention):
    def rule(self, state: State, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor | None]:
        distance, tangent = super().rule(state, first, second)
        extra = -2.0 if self.scores == "linear" else 2.0
        return distance, None if tangent is None else tangent + extra * ((first + second) / 2 - distance)


@dataclass(frozen=True)
class WithoutGradientsOfScores(Attention):
    def rule(self, state: State, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor | None]:
        # As if scores were drawn once and for all.
        constant = Attention("softmax", "1/d", True, 0.0, 0.0, self.value_std, self.output_std)
        distance, tangent = super().rule(state, first, second)
        return distance, None if tangent is None else constant.rule(state, first, second)[1]


CONVOLUTION = Convolution(3, 2, 1, 1.3, 0.4)
SOFT, LINEAR = ("softmax", "1/d", True, 1.2, 1.3), ("linear", "1/sqrt(d)", False, 1.1, 0.9, 1.2)
TWO = ("softmax", "1/sqrt(d)", False, 1.5, 1.3, 1.2)
POOLED = (Convolution(3, 1, 1, 1.3, 0.2), RELU, AveragePooling(2, 1), Convolution(2, 1, 1, 1.3), RELU)
CASES: dict[str, tuple[tuple[int, ...], tuple[Layer, ...], tuple[Layer, ...]]] = {
    "strided convolutions": (
        (3, 2, 2),
        (CONVOLUTION, RELU, CONVOLUTION, RELU, Flatten(), LAST),
        (CONVOLUTION, RELU, WithoutOwnGradients(3, 2, 1, 1.3, 0.4), RELU, Flatten(), LAST),
    ),
    "local and global pooling": (
        (3, 3, 2),
        (*POOLED, AveragePooling(), LAST),
        (*POOLED, Flatten(), LAST),
    ),
    "normalised channels": (
        (2, 2, 2),
        (CONVOLUTION, LayerNormalisation(), RELU, Dense(1.3, 0.2), LayerNormalisation(), RELU, AveragePooling(), LAST),
        (CONVOLUTION, LayerNormalisation(), RELU, Dense(1.3, 0.2), Unscaled(), RELU, AveragePooling(), LAST),
    ),
    "normalised channels and positions": (
        (2, 2, 2),
        (Convolution(2, 1, 1, 1.3, 0.2), LayerNormalisation(0.1, True), RELU, AveragePooling(), LAST),
        (Convolution(2, 1, 1, 1.3, 0.2), LayerNormalisation(0.1), RELU, AveragePooling(), LAST),
    ),
    "softmax attention": (
        (3, 2),
        (Dense(1.6), RELU, Attention(*SOFT), RELU, AveragePooling(), LAST),
        (Dense(1.6), RELU, WithGradientsOfScores(*SOFT), RELU, AveragePooling(), LAST),
    ),
    "softmax attention, which weighs": (
        (3, 2),
        (Dense(1.6), Attention("softmax", "1/d", True, 1.5, 1.5), Flatten(), LAST),
        (Dense(1.6), Attention("softmax", "1/d", False), Flatten(), LAST),
    ),
    "linear attention": (
        (2, 2),
        (Dense(1.2), RELU, Attention(*LINEAR), Flatten(), LAST),
        (Dense(1.2), RELU, WithGradientsOfScores(*LINEAR), Flatten(), LAST),
    ),
    "softmax attention to two, random scores": (
        (2, 2),
        (Dense(1.6), Attention(*TWO), Flatten(), LAST),
        (Dense(1.6), WithoutGradientsOfScores(*TWO), Flatten(), LAST),
    ),
}
# A width, and how many seeds: those of which a decoy is told at the least cost.
WIDTH = dict.fromkeys(CASES, 48) | {"softmax attention to two, random scores": 16}
SEEDS = dict.fromkeys(CASES, 500) | {"strided convolutions": 150, "normalised channels": 1500, "linear attention": 2500}


def extrapolated(name: str, layers: tuple[Layer, ...], x: Tensor) -> tuple[Tensor, Tensor]:
    """The limit (2, 3) as the networks have it, and its standard error."""
    widths, seeds = (WIDTH[name], 2 * WIDTH[name]), SEEDS[name]
    keys = [stream_key(0, name, {"width": width}, 0) for width in widths]
    narrow, wide = (kernels(layers, x, width, seeds, key) for width, key in zip(widths, keys, strict=True))
    return 2 * wide.mean(0) - narrow.mean(0), ((4 * wide.var(0) + narrow.var(0)) / seeds).sqrt()


def entries(layers: tuple[Layer, ...], x: Tensor) -> Tensor:
    found = Network(*layers, channels=x.shape[-1]).kernels(x)
    return torch.stack([upper(found.nngp), upper(found.ntk)])


@pytest.mark.parametrize("name", CASES)
def test_wide_networks_have_the_limit_and_not_its_decoy(name: str) -> None:
    shape, layers, decoy = CASES[name]
    x = Stream(stream_key(0, name, {"points": 2}, 0)).normal(2, *shape)
    mean, error = extrapolated(name, layers, x)
    away = (mean - entries(layers, x)).abs() / error
    told = (mean - entries(decoy, x)).abs() / error
    assert away.max() < AWAY, away
    assert told.max() > AWAY, told
