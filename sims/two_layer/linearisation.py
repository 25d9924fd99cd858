"""Two-layer networks f(x) = (α/m) Σ_j u_j σ(θ_jᵀx) beside their tangent models, trained alike; widths side by side.

Fang, Dong, Zhang 2021, Eqs. (1), (8), (11)–(13). One trial is a data set, n points of the unit sphere with normal
targets, and one start a width; half the mean squared error. Step sizes are in units of the tangent kernel's own time:
η_θ = step_size·m/α², so that equal steps are equal times at every width and α.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics.networks import FullyConnected
from lazy_assay.sims.dynamics.parameterisations import MEAN_FIELD
from lazy_assay.sims.numerics import activations

if TYPE_CHECKING:
    from torch import Tensor

    Parameters = tuple[Tensor, ...]

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.linearisation"


def tangent_errors(
    *,
    n: int,
    d: int,
    activation: str,
    widths: ArrayLike,
    exponent: float,
    output_rate: float,
    step_size: float,
    steps: int,
    target: float,
    repeats: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Root mean square of network − tangent model over the n points and n fresh ones; shape (trials, 2, widths).

    α = m^exponent and η_u = m^output_rate·η_θ (½ for (11) at α = √m, −½ for (12), 0 for (13)). First row: after all
    steps. Second: at the step at which the network's loss first is at most `target` times its first value, or the last
    step where it never is (a start whose few neurons miss a point).

    Each is a geometric mean over `repeats` data sets and starts: single large errors are common.
    """
    stream = Stream(entropy, device, dtype)
    x = torch.nn.functional.normalize(stream.normal(trials * repeats, 2 * n, d), dim=-1)
    y = stream.normal(trials * repeats, n, 1)
    found = []
    for m in np.asarray(widths).astype(int).tolist():
        network = FullyConnected((d, m, 1), activation, MEAN_FIELD, float(m) ** exponent)
        # A rate of u above θ's shortens the step, or u alone would leave the stable range.
        unit = step_size * float(m) ** (1 - 2 * exponent - max(output_rate, 0.0))
        rates = (unit, unit * float(m) ** output_rate)
        errors = _errors(network, network.draw(stream, trials * repeats), x, y, rates, steps, target)
        found.append(errors.reshape(trials, repeats, 2).log().mean(1).exp())
    return torch.stack(found, dim=-1)


def initial_outputs(
    *,
    m: int,
    exponent: float,
    activation: str,
    repeats: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Mean square over `repeats` starts of the output at a unit input, α = m^exponent; shape (trials,)."""
    stream = Stream(entropy, device, dtype)
    network = FullyConnected((1, m, 1), activation, MEAN_FIELD, float(m) ** exponent)
    one = torch.ones(1, 1, device=stream.device, dtype=stream.dtype)
    f = network(network.draw(stream, trials * repeats), one)
    return f.reshape(trials, repeats).square().mean(-1)


def _errors(
    network: FullyConnected,
    start: Parameters,
    x: Tensor,
    y: Tensor,
    rates: tuple[float, float],
    steps: int,
    target: float,
) -> Tensor:
    """Both errors of every trial, (trials, 2), from descent on both models step by step; targets at the first n."""
    n = y.shape[1]
    moved, flat = start, start
    z, tilt, scale = _layers(network, start, x)
    first = arrived = torch.full_like(y[:, 0, 0], float("nan"))
    for k in range(steps + 1):
        hidden, slope, _ = _layers(network, moved, x)
        f = scale * hidden @ moved[1]
        g = scale * (z @ flat[1] + tilt * (x @ (flat[0] - start[0])) @ start[1])
        error = (f - g).square().mean((-2, -1)).sqrt()
        gap, flat_gap = (f[:, :n] - y) / n, (g[:, :n] - y) / n
        loss = gap.square().sum((-2, -1))
        first = loss if k == 0 else first
        arrived = torch.where(arrived.isnan() & (loss <= target * first), error, arrived)
        moved = _stepped(moved, x[:, :n], hidden[:, :n], slope[:, :n], moved[1], scale * gap, rates)
        flat = _stepped(flat, x[:, :n], z[:, :n], tilt[:, :n], start[1], scale * flat_gap, rates)
    return torch.stack([error, torch.where(arrived.isnan(), error, arrived)], dim=-1)


def _layers(network: FullyConnected, parameters: Parameters, x: Tensor) -> tuple[Tensor, Tensor, float]:
    """σ(θ_jᵀx_i) and σ'(θ_jᵀx_i), (trials, points, m), and α/m."""
    z = x @ parameters[0]
    sigma, slope = activations.value(network.activation), activations.slope(network.activation)
    return sigma(z), slope(z), network.alpha / network.widths[1]


def _stepped(
    w: Parameters, x: Tensor, hidden: Tensor, slope: Tensor, u: Tensor, pull: Tensor, rates: tuple[float, float]
) -> Parameters:
    """One step from w = (θ, u) with the gradients of Σ_j u_j σ(θ_jᵀx) weighted by `pull`, (trials, n, 1)."""
    return w[0] - rates[0] * (x.mT @ (slope * pull * u.mT)), w[1] - rates[1] * (hidden.mT @ pull)
