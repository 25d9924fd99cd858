"""A ResNet-18 written out, for there is no torchvision, and functions of one parameter."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from torch import nn


class Block(nn.Module):
    """Two convolutions with batch normalisation and a skip connection."""

    def __init__(self, inside: int, outside: int, stride: int, activation: Callable[[], nn.Module]) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(outside), nn.BatchNorm2d(outside)
        self.conv2 = nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
        self.activation = activation()
        self.shortcut = nn.Conv2d(inside, outside, 1, stride, bias=False) if stride > 1 else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = self.activation(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += self.shortcut(x)
        found: torch.Tensor = self.activation(out)
        return found


class ResNet18(nn.Module):
    """Eighteen layers; average pooling throughout."""

    def __init__(self, activation: Callable[[], nn.Module], width: int = 8) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, width, 3, 1, 1), nn.BatchNorm2d(width), activation())
        sizes = [width, width, 2 * width, 4 * width, 8 * width]
        self.stages = nn.Sequential(*(
            nn.Sequential(Block(a, b, 1 if i == 0 else 2, activation), Block(b, b, 1, activation))
            for i, (a, b) in enumerate(pairwise(sizes))
        ))  # fmt: skip
        self.head = nn.Linear(8 * width, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.head(torch.nn.functional.adaptive_avg_pool2d(self.stages(self.stem(x)), 1).flatten(1))
        return out


class SmoothRelu(nn.Module):
    """log(1 + exp(βx))/β without a switch."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.logaddexp(100 * x, torch.zeros_like(x)) / 100


class Of(nn.Module):
    """A function of one parameter w and of data x, three numbers each."""

    def __init__(self, function: Callable[..., torch.Tensor]) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.tensor([1.0, -2.0, 0.5]))
        self.function = function

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(self.w, x)


@pytest.fixture(scope="session")
def resnet() -> Callable[..., nn.Module]:
    """A ResNet-18 of an activation."""
    return ResNet18


@pytest.fixture(scope="session")
def smooth_relu() -> Callable[[], nn.Module]:
    """A softplus that is analytic as computed."""
    return SmoothRelu


@pytest.fixture(scope="session")
def of() -> Callable[..., nn.Module]:
    """A module that applies a function to its parameter and to data."""
    return Of
