"""Two-layer networks and their tangent models with gradients written out: as fast as a training loop can be.

f(x) = c Σ_j u_j h(<theta_j, x>) with theta (trials, d, width) and u (trials, width, outputs); its tangent model at
(theta0, u0) is c Σ_j [u_j h(<theta0_j, x>) + u0_j h'(<theta0_j, x>) <theta_j − theta0_j, x>].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.numerics import activations

if TYPE_CHECKING:
    from torch import Tensor

    Parameters = tuple[Tensor, Tensor]
    Pullback = Callable[[Tensor], Parameters]


@dataclass(frozen=True)
class TwoLayer:
    """The network. multiplier: c, alpha over the width in Eq. (1) of Fang, Dong, Zhang (2021)."""

    activation: str
    multiplier: float

    def pulled(self, parameters: Parameters, x: Tensor) -> tuple[Tensor, Pullback]:
        """Outputs (trials, n, outputs) at x, (n, d) or (trials, n, d), and what makes gradients of slopes there.

        The second is slope ↦ Df(parameters)ᵀ slope, the slope being the derivative of a loss in the outputs.
        """
        theta, u = parameters
        z = x @ theta
        hidden, bend = activations.value(self.activation)(z), activations.slope(self.activation)(z)

        def gradients(slope: Tensor) -> Parameters:
            slope = self.multiplier * slope
            return x.mT @ ((slope @ u.mT) * bend), hidden.mT @ slope

        return self.multiplier * (hidden @ u), gradients

    def outputs(self, parameters: Parameters, x: Tensor) -> Tensor:
        """The outputs alone."""
        return self.pulled(parameters, x)[0]


@dataclass(frozen=True)
class Tangent:
    """The tangent model of a network at `start`, with the same letters."""

    network: TwoLayer
    start: Parameters

    def pulled(self, parameters: Parameters, x: Tensor) -> tuple[Tensor, Pullback]:
        """Outputs, and gradients: the network's at `start`, wherever the parameters are."""
        (theta, u), (theta0, u0), name = parameters, self.start, self.network.activation
        z = x @ theta0
        hidden, bend = activations.value(name)(z), activations.slope(name)(z)

        def gradients(slope: Tensor) -> Parameters:
            slope = self.network.multiplier * slope
            return x.mT @ ((slope @ u0.mT) * bend), hidden.mT @ slope

        moved = bend * (x @ (theta - theta0))
        return self.network.multiplier * (hidden @ u + moved @ u0), gradients

    def outputs(self, parameters: Parameters, x: Tensor) -> Tensor:
        """The outputs alone."""
        return self.pulled(parameters, x)[0]


Model = TwoLayer | Tangent


def softmax_slope(f: Tensor, y: Tensor) -> Tensor:
    """The derivative of the mean cross-entropy over n points in the outputs f, (trials, n, outputs)."""
    slope: Tensor = (torch.softmax(f, dim=-1) - y) / f.shape[-2]
    return slope
