"""Networks whose parameterisation is known, right and with one mistake each: an MLP, a convolutional net, a block."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

# Of dimension 8, whatever the width is.
INPUTS, CLASSES, BATCH = 8, 3, 16


@dataclass(frozen=True)
class Recipe:
    """A parameterisation by its powers of width, Adam as the optimiser; the right muP ones are the defaults.

    What a layer's weights are drawn with and its step size: hidden and readout by fan-in. `attention`: the power of
    the head's width that scores are divided by.
    """

    hidden_start: float = -0.5
    hidden_step: float = -1.0
    readout_start: float = -1.0
    readout_step: float = -1.0
    input_start: float = 0.0
    input_step: float = 0.0
    attention: float = 1.0
    multiplier: float = 0.0


class Mlp(nn.Module):
    def __init__(self, width: int, recipe: Recipe) -> None:
        super().__init__()
        self.input = nn.Linear(INPUTS, width, bias=False)
        self.hidden = nn.Linear(width, width, bias=False)
        self.activation = nn.Tanh()
        self.readout = nn.Linear(width, CLASSES, bias=False)
        draw(self, width, recipe)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        output: torch.Tensor = self.readout(self.activation(self.hidden(self.activation(self.input(x)))))
        return output


class Convolutional(nn.Module):
    def __init__(self, width: int, recipe: Recipe) -> None:
        super().__init__()
        self.input = nn.Conv1d(1, width, 3, bias=False)
        self.hidden = nn.Conv1d(width, width, 3, bias=False)
        self.activation = nn.ReLU()
        self.readout = nn.Linear(width, CLASSES, bias=False)
        draw(self, width, recipe)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.activation(self.hidden(self.activation(self.input(x[:, None]))))
        output: torch.Tensor = self.readout(h.mean(-1))
        return output


class Scores(nn.Module):
    """Attention scores, where a hook sees them."""

    def __init__(self, power: float) -> None:
        super().__init__()
        self.power = power

    def forward(self, q: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = q @ k.transpose(-1, -2) / q.shape[-1] ** self.power
        return scores


class Transformer(nn.Module):
    """One block with one head as wide as the network, on sequences of 8 numbers."""

    def __init__(self, width: int, recipe: Recipe) -> None:
        super().__init__()
        self.input = nn.Linear(2, width, bias=False)
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.hidden_q, self.hidden_k, self.hidden_v = (nn.Linear(width, width, bias=False) for _ in range(3))
        self.scores = Scores(recipe.attention)
        self.hidden_up, self.activation = nn.Linear(width, width, bias=False), nn.GELU()
        self.hidden_down = nn.Linear(width, width, bias=False)
        self.readout = nn.Linear(width, CLASSES, bias=False)
        draw(self, width, recipe)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        place = torch.linspace(-1, 1, x.shape[1]).expand_as(x)
        h = self.input(torch.stack([x, place], -1))
        z = self.norm(h)
        h = h + self.scores(self.hidden_q(z), self.hidden_k(z)).softmax(-1) @ self.hidden_v(z)
        h = h + self.hidden_down(self.activation(self.hidden_up(self.norm(h))))
        output: torch.Tensor = self.readout(self.norm(h)).mean(1)
        return output


def powers(name: str, recipe: Recipe) -> tuple[float, float]:
    if name.startswith("hidden"):
        return recipe.hidden_start, recipe.hidden_step
    return (
        (recipe.readout_start, recipe.readout_step)
        if name.startswith("readout")
        else (recipe.input_start, recipe.input_step)
    )


def draw(module: nn.Module, width: int, recipe: Recipe) -> None:
    for name, weight in module.named_parameters():
        others = weight[0].numel() / (1 if name.startswith("input") else width)  # fan-in that does not grow
        nn.init.normal_(weight, std=width ** powers(name, recipe)[0] / math.sqrt(others))


BASE = 64  # where the step sizes are those of plain Adam


def adam(recipe: Recipe, step: float = 0.01) -> Callable[[nn.Module, int], torch.optim.Optimizer]:
    def optimiser(module: nn.Module, width: int) -> torch.optim.Optimizer:
        groups = [
            {"params": [weight], "lr": step * (width / BASE) ** powers(name, recipe)[1]}
            for name, weight in module.named_parameters()
        ]
        return torch.optim.Adam(groups)

    return optimiser


def data() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(BATCH, INPUTS, generator=generator)
    return x, x[:, :CLASSES].sign()


def judged(network: Any, recipe: Recipe, **options: Any) -> Any:
    from lazy_assay import scaling

    return scaling(lambda width: network(width, recipe), data(), optimiser=adam(recipe), **options)
