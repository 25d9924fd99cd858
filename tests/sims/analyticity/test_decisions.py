from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from lazy_assay.sims.analyticity import Decision, analyticity

YES, DOMAIN, SWITCH, NO = (
    Decision.ANALYTIC, Decision.ANALYTIC_ON_DOMAIN, Decision.NOT_AS_COMPUTED, Decision.NOT_CERTIFIED
)  # fmt: skip
ROWS, IMAGES, SEQUENCE = (
    torch.linspace(-1, 1, 15).view(5, 3),
    torch.linspace(-1, 1, 216).view(2, 3, 6, 6),
    torch.ones(4, 2, 8),
)
DATA = torch.tensor([0.5, 1.0, 2.0])


def after_linear(module: nn.Module) -> tuple[nn.Module, torch.Tensor]:
    """What the layer makes of a linear layer's output, which can be any real number."""
    return nn.Sequential(nn.Linear(3, 4), module), ROWS


def convolved(*modules: nn.Module) -> tuple[nn.Module, torch.Tensor]:
    return nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), *modules), IMAGES


class Switch(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return torch.where(x > 0, x, torch.zeros_like(x))

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
        return g


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return x**3

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
        return g


switch: Callable[[torch.Tensor], torch.Tensor] = Switch.apply
cube: Callable[[torch.Tensor], torch.Tensor] = Cube.apply
LAYERS = {
    "Linear": (after_linear(nn.Identity()), YES),
    "Bilinear": ((nn.Bilinear(3, 3, 2), (ROWS, ROWS)), YES),
    "Tanh": (after_linear(nn.Tanh()), YES),
    "Sigmoid": (after_linear(nn.Sigmoid()), YES),
    "LogSigmoid": (after_linear(nn.LogSigmoid()), YES),
    "Tanhshrink": (after_linear(nn.Tanhshrink()), YES),
    "GELU": (after_linear(nn.GELU()), YES),
    "GELU by tanh": (after_linear(nn.GELU("tanh")), YES),
    "SiLU": (after_linear(nn.SiLU()), YES),
    "Mish": (after_linear(nn.Mish()), YES),
    "GLU": (after_linear(nn.GLU()), YES),
    "Softmax": (after_linear(nn.Softmax(-1)), YES),
    "LogSoftmax": (after_linear(nn.LogSoftmax(-1)), YES),
    "Dropout in training": (after_linear(nn.Dropout(0.5)), YES),
    "Softplus": (after_linear(nn.Softplus()), SWITCH),
    "Softplus, β = 100": (after_linear(nn.Softplus(100)), SWITCH),
    "Softplus below its threshold": (after_linear(nn.Sequential(nn.Sigmoid(), nn.Softplus())), DOMAIN),
    "ReLU": (after_linear(nn.ReLU()), NO),
    "ReLU in place": (after_linear(nn.ReLU(inplace=True)), NO),
    "ReLU of a positive value": (after_linear(nn.Sequential(nn.Sigmoid(), nn.ReLU())), DOMAIN),
    "ReLU6": (after_linear(nn.ReLU6()), NO),
    "LeakyReLU": (after_linear(nn.LeakyReLU()), NO),
    "PReLU": (after_linear(nn.PReLU()), NO),
    "RReLU": (after_linear(nn.RReLU()), NO),
    "ELU": (after_linear(nn.ELU()), NO),
    "SELU": (after_linear(nn.SELU()), NO),
    "CELU": (after_linear(nn.CELU()), NO),
    "Hardswish": (after_linear(nn.Hardswish()), NO),
    "Hardsigmoid": (after_linear(nn.Hardsigmoid()), NO),
    "Hardtanh": (after_linear(nn.Hardtanh()), NO),
    "Hardtanh that never cuts": (after_linear(nn.Sequential(nn.Tanh(), nn.Hardtanh(-2, 2))), DOMAIN),
    "Softshrink": (after_linear(nn.Softshrink()), NO),
    "Hardshrink": (after_linear(nn.Hardshrink()), NO),
    "Threshold": (after_linear(nn.Threshold(0.1, 0.0)), NO),
    "Softsign": (after_linear(nn.Softsign()), NO),
    "BatchNorm1d": (after_linear(nn.BatchNorm1d(4)), DOMAIN),
    "BatchNorm1d in evaluation": ((after_linear(nn.BatchNorm1d(4))[0].eval(), ROWS), YES),
    "LayerNorm": (after_linear(nn.LayerNorm(4)), DOMAIN),
    "LayerNorm without eps": (after_linear(nn.LayerNorm(4, eps=0.0)), NO),
    "RMSNorm": (after_linear(nn.RMSNorm(4)), DOMAIN),
    "GroupNorm": (convolved(nn.GroupNorm(2, 4)), DOMAIN),
    "InstanceNorm2d": (convolved(nn.InstanceNorm2d(4)), DOMAIN),
    "Conv2d": (convolved(), YES),
    "ConvTranspose2d": (convolved(nn.ConvTranspose2d(4, 2, 3)), YES),
    "AvgPool2d": (convolved(nn.AvgPool2d(2)), YES),
    "AdaptiveAvgPool2d": (convolved(nn.AdaptiveAvgPool2d(1)), YES),
    "MaxPool2d": (convolved(nn.MaxPool2d(2)), NO),
    "Upsample": (convolved(nn.Upsample(scale_factor=2, mode="bilinear")), YES),
    "PixelShuffle": (convolved(nn.PixelShuffle(2)), YES),
    "MaxPool2d of the data": ((nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(3, 2, 1)), IMAGES), YES),
    "ReLU of the data": ((nn.Sequential(nn.ReLU(), nn.Linear(3, 2)), ROWS), YES),
    "CNN": (convolved(nn.BatchNorm2d(4), nn.SiLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(36, 2)), DOMAIN),
    "MLP": ((nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 8), nn.GELU(), nn.Linear(8, 1)), ROWS), YES),
    "Embedding": ((nn.Embedding(5, 3), torch.tensor([1, 4])), YES),
    "EmbeddingBag of maxima": ((nn.EmbeddingBag(5, 3, mode="max"), torch.tensor([[1, 4]])), NO),
    "LSTM": ((nn.LSTM(8, 4, 2), SEQUENCE), YES),
    "GRU": ((nn.GRU(8, 4), SEQUENCE), YES),
    "RNN": ((nn.RNN(8, 4), SEQUENCE), YES),
    "RNN with ReLU": ((nn.RNN(8, 4, nonlinearity="relu"), SEQUENCE), NO),
    "attention": ((nn.MultiheadAttention(8, 2), (SEQUENCE,) * 3), YES),
    "transformer block with GELU": ((nn.TransformerEncoderLayer(8, 2, 16, activation="gelu"), SEQUENCE), DOMAIN),
    "transformer block with ReLU": ((nn.TransformerEncoderLayer(8, 2, 16, activation="relu"), SEQUENCE), NO),
}  # fmt: skip
MASK = torch.full((3, 3), -torch.inf).triu(1)
FUNCTIONS = {
    "a polynomial": (lambda w, x: w**3 + x * w - 1, YES),
    "|w|": (lambda w, x: w.abs(), NO),
    "|x| of data": (lambda w, x: w * x.abs(), YES),
    "|1 + w²|": (lambda w, x: (1 + w * w).abs(), DOMAIN),
    "clamp": (lambda w, x: w.clamp(-1, 1), NO),
    "clamp of data": (lambda w, x: x.clamp(0, 1) * w, YES),
    "clamp that never cuts": (lambda w, x: w.sigmoid().clamp(-0.5, 1.5), DOMAIN),
    "where on data": (lambda w, x: torch.where(x > 1, w, w * w), YES),
    "where on parameters": (lambda w, x: torch.where(w > 1, w, w * w), NO),
    "√(w² + 1)": (lambda w, x: (w**2 + 1).sqrt(), DOMAIN),
    "√w²": (lambda w, x: (w**2).sqrt(), NO),
    "√(w·w + data)": (lambda w, x: (w * w + x).sqrt(), DOMAIN),
    "√(w·w + signed data)": (lambda w, x: (w * w + x - 1).sqrt(), NO),
    "log exp": (lambda w, x: w.exp().log(), DOMAIN),
    "log w": (lambda w, x: w.log(), NO),
    "log(1 − tanh²)": (lambda w, x: (1 - w.tanh() ** 2).log(), DOMAIN),
    "log of data": (lambda w, x: w * x.log(), YES),
    "log1p w²": (lambda w, x: torch.log1p(w.square()), DOMAIN),
    "1/w": (lambda w, x: 1 / w, NO),
    "1/exp w": (lambda w, x: x / w.exp(), DOMAIN),
    "w/data": (lambda w, x: w / x, YES),
    "w/data with a zero": (lambda w, x: w / (x - 1), NO),
    "w^½": (lambda w, x: w**0.5, NO),
    "w^−2": (lambda w, x: w**-2, NO),
    "(1 + w²)^−½": (lambda w, x: (1 + w**2) ** -0.5, DOMAIN),
    "data^w": (lambda w, x: x**w, DOMAIN),
    "w^w": (lambda w, x: w**w, NO),
    "standardised": (lambda w, x: (w - w.mean()) / (w.var() + 1e-5).sqrt(), DOMAIN),
    "standardised without eps": (lambda w, x: (w - w.mean()) / w.var().sqrt(), NO),
    "standard deviation": (lambda w, x: w.std(), NO),
    "norm": (lambda w, x: w.norm(), NO),
    "normalised": (lambda w, x: nn.functional.normalize(w, dim=0), NO),
    "maximum": (lambda w, x: torch.maximum(w, x), NO),
    "sorted": (lambda w, x: w.sort().values, NO),
    "rounded": (lambda w, x: w.round(), NO),
    "a cast to whole numbers": (lambda w, x: w.long().float(), NO),
    "rounded quotient": (lambda w, x: torch.div(w, 2.0, rounding_mode="floor"), NO),
    "softplus by logaddexp": (lambda w, x: torch.logaddexp(100 * w, torch.zeros(3)) / 100, YES),
    "log of softplus by logaddexp": (lambda w, x: torch.logaddexp(w, torch.zeros(3)).log(), DOMAIN),
    "causal softmax": (lambda w, x: (w[:, None] * x + MASK).softmax(-1), YES),
    "causal softmax by filling": (lambda w, x: (w[:, None] * x).masked_fill(MASK < 0, -torch.inf).softmax(-1), YES),
    "softmax with a row masked": (lambda w, x: (w[:, None] * x + MASK - torch.inf * x).softmax(-1), NO),
    "softmax with +∞": (lambda w, x: (w[:, None] * x - MASK).softmax(-1), NO),
    "softmax filled with +∞": (lambda w, x: (w[:, None] * x).masked_fill(MASK < 0, torch.inf).softmax(-1), NO),
    "causal, taken away": (lambda w, x: (w[:, None] * x - MASK.abs().nan_to_num(0, torch.inf)).softmax(-1), YES),
    "NaN among constants": (lambda w, x: w + (x - x) / (x - x), NO),
    "cast by another tensor": (lambda w, x: w.type_as(torch.ones(3, dtype=torch.int64)) * x, NO),
    "complex": (lambda w, x: torch.complex(w, x).abs(), NO),
    "a mask that meets a product": (lambda w, x: (w[:, None] * x + MASK) * w, NO),
    "a buffer written and read": (lambda w, x: torch.zeros(3).add_(w).sqrt(), NO),
    "a view written": (lambda w, x: _written_through_a_view(w), NO),
    "a constant written": (lambda w, x: (w * w + torch.zeros(3).add_(x)).log(), DOMAIN),
    "a custom function with a kink": (lambda w, x: switch(w * x), NO),
    "a custom function": (lambda w, x: cube(w * x), YES),
    "noise": (lambda w, x: w * torch.rand(3), YES),
    "logarithm of noise": (lambda w, x: (w * w + torch.rand(3)).log(), NO),
    "detached": (lambda w, x: w.detach() * x, YES),
    "an operator without a row": (lambda w, x: torch.special.bessel_j0(w), NO),
}  # fmt: skip


def _written_through_a_view(w: torch.Tensor) -> torch.Tensor:
    ones = torch.ones(3)
    ones[0:1].add_(w[0])
    return ones.log()


@pytest.mark.parametrize("case, expected", LAYERS.values(), ids=LAYERS)
def test_layers_and_networks_are_decided(
    case: tuple[nn.Module, torch.Tensor | tuple[torch.Tensor, ...]], expected: Decision
) -> None:
    module, example = case
    assert analyticity(module, example).decision is expected


@pytest.mark.parametrize("function, expected", FUNCTIONS.values(), ids=FUNCTIONS)
def test_functions_of_one_parameter_are_decided(
    of: Callable[..., nn.Module], function: Callable[..., Any], expected: Decision
) -> None:
    found = analyticity(of(function), DATA)
    assert found.decision is expected, str(found)


def test_a_resnet_is_decided_with_every_activation(
    resnet: Callable[..., nn.Module], smooth_relu: Callable[[], nn.Module]
) -> None:
    images = torch.linspace(-1, 1, 2 * 3 * 16 * 16).view(2, 3, 16, 16)
    with warnings.catch_warnings():
        found = [analyticity(resnet(kind), images) for kind in (nn.ReLU, nn.Softplus, smooth_relu)]
    assert [each.decision for each in found] == [NO, SWITCH, DOMAIN]
    assert [len(each.offending) for each in found] == [17, 17, 0]
    assert len(found[2].shown) == 17
    assert found[0].offending[1].module == "stages.0.0.activation (ReLU)"
