"""Fully connected networks as functions of their parameters, batched over trials; initialisations with zero output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics.parameterisations import Parameterisation
from lazy_assay.sims.numerics.activations import value

if TYPE_CHECKING:
    from torch import Tensor

    Parameters = tuple[Tensor, ...]
    Model = Callable[[Parameters, Tensor], Tensor]


@dataclass(frozen=True)
class FullyConnected:
    """alpha · c_L W_L σ(c_{L−1} W_{L−1} … σ(c_1 W_1 x)), without biases; layer l has c_l from the parameterisation.

    widths: (inputs, hidden widths …, outputs). sigma multiplies every initial weight's standard deviation.
    """

    widths: tuple[int, ...]
    activation: str
    parameterisation: Parameterisation
    alpha: float = 1.0
    sigma: float = 1.0

    def __post_init__(self) -> None:
        value(self.activation)
        if len(self.widths) < 2 or min(self.widths) < 1:
            raise ValueError(f"a network needs inputs and outputs, and a positive width everywhere; got {self.widths}")

    @property
    def depth(self) -> int:
        """Number of layers of weights."""
        return len(self.widths) - 1

    def draw(self, stream: Stream, trials: int) -> Parameters:
        """Independent normal weights: one tensor (trials, fan-in, fan-out) a layer."""
        return tuple(
            stream.normal(trials, n, m)
            * (self.sigma * self.parameterisation.deviation(n, last=index == self.depth - 1))
            for index, (n, m) in enumerate(pairwise(self.widths))
        )

    def draw_paired(self, stream: Stream, trials: int) -> Parameters:
        """A two-layer network whose neurons come in pairs of opposite output weights: its output is 0 at every input.

        Raises ValueError for another depth or an odd width.
        """
        if self.depth != 2 or self.widths[1] % 2:
            raise ValueError(f"pairs need one hidden layer of even width, not widths {self.widths}")
        half = FullyConnected(
            (self.widths[0], self.widths[1] // 2, self.widths[2]), self.activation, self.parameterisation
        )
        theta, u = half.draw(stream, trials)
        # A standard deviation may depend on the fan-in, which is the whole width.
        ratio = self.parameterisation.deviation(self.widths[1], last=True) / self.parameterisation.deviation(
            self.widths[1] // 2, last=True
        )
        return torch.cat([theta, theta], dim=-1) * self.sigma, torch.cat([u, -u], dim=-2) * (self.sigma * ratio)

    def __call__(self, parameters: Parameters, x: Tensor) -> Tensor:
        """Outputs (trials, n, outputs) at inputs x, (n, inputs) or (trials, n, inputs)."""
        return self.layers(parameters, x)[-1] * self.alpha

    def layers(self, parameters: Parameters, x: Tensor) -> list[Tensor]:
        """Pre-activations of every layer, the last one without alpha."""
        sigma, found, h = value(self.activation), [], x
        for index, (W, n) in enumerate(zip(parameters, self.widths, strict=False)):
            z = (h @ W) * self.parameterisation.multiplier(n, last=index == self.depth - 1)
            found.append(z)
            h = sigma(z)
        return found


def centred(model: Model, start: Parameters) -> Model:
    """The model less its own output at `start`: zero output at initialisation, whatever the initialisation."""

    def moved(parameters: Parameters, x: Tensor) -> Tensor:
        with torch.no_grad():
            offset = model(start, x)
        return model(parameters, x) - offset

    return moved


def distance(parameters: Parameters, start: Parameters) -> Tensor:
    """Euclidean distance of all parameters from `start`, one a trial."""
    return (
        torch.stack([(p - s).square().flatten(1).sum(-1) for p, s in zip(parameters, start, strict=True)]).sum(0).sqrt()
    )


def relative_movement(parameters: Parameters, start: Parameters) -> Tensor:
    """‖W_l − W_l(0)‖_F/‖W_l(0)‖_F of every layer, shape (trials, layers)."""
    moved = [
        (p - s).flatten(1).norm(dim=-1) / s.flatten(1).norm(dim=-1) for p, s in zip(parameters, start, strict=True)
    ]
    return torch.stack(moved, dim=-1)
