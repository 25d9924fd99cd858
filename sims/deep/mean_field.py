"""Deep networks in the mean-field scaling: how far the neurons of a layer differ from one another.

z¹ = θx, z^(l+1) = (1/m) W^l σ(z^l), f = (1/m) uᵀσ(z^L), σ = sigmoid, all hidden layers m wide. Descent of ½ the mean
squared error with the time of each weight multiplied by what its gradient is divided by: m for θ and u, m² for W. Fang,
Dong, Zhang 2021, section VII.B.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics.descent import GradientDescent, descend
from lazy_assay.sims.dynamics.losses import half_squared
from lazy_assay.sims.dynamics.networks import FullyConnected
from lazy_assay.sims.dynamics.parameterisations import Parameterisation

if TYPE_CHECKING:
    from torch import Tensor

    from lazy_assay.sims.dynamics.descent import Objective

    Parameters = tuple[Tensor, ...]

# Layers are divided by their fan-in; of the first one the inputs, which are multiplied by it, make that good.
SCALING = Parameterisation("1/m", hidden_multiplier=lambda n: 1 / n, last_multiplier=lambda n: 1 / n)
# Trials that are trained at once: of wide networks more of them only take memory, and time.
BLOCK = 2


def spreads(
    *,
    widths: ArrayLike,
    hidden: int,
    weights: str,
    outer: str,
    n: int,
    d: int,
    step_size: float,
    steps: int,
    repeats: ArrayLike = 1,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Spreads over neurons of the last two hidden layers, shape (trials, widths, 4).

    The deviation over neurons, in the root mean square over n unit inputs, over the root mean square of all: first of
    what training has added to outputs σ(z), of the last hidden layer and of the one before it, then of the outputs
    before training, in the same order. θ is standard normal, W has entries of `weights`: `fixed`, N(1, 1); `growing`,
    N(0, m). outer: u of `random`, N(1, 1), or `equal`, all 1. Labels are standard normal. Each is the mean of repeats
    networks of a width, all with the inputs and labels of their trial; one number, or one for each width. Raises
    ValueError for other laws.
    """
    if weights not in ("fixed", "growing") or outer not in ("random", "equal"):
        raise ValueError(f"weights are fixed or growing, outer random or equal, not {weights!r} and {outer!r}")
    stream, sizes = Stream(entropy, device, dtype), np.asarray(widths)
    each = list(zip(sizes.tolist(), np.broadcast_to(repeats, sizes.shape).tolist(), strict=True))

    def block(trials: int) -> Tensor:
        x = d * torch.nn.functional.normalize(stream.normal(trials, n, d), dim=-1)
        y, found = stream.normal(trials, n, 1), []
        for m, copies in each:
            start = _drawn(stream, trials * copies, d, m, hidden, weights, outer)
            inputs, labels = (data.repeat_interleave(copies, 0) for data in (x, y))
            told = _added(start, inputs, labels, step_size, steps)
            found.append(told.reshape(trials, copies, -1).mean(1))
        return torch.stack(found, dim=1)

    return torch.cat([block(min(BLOCK, trials - done)) for done in range(0, trials, BLOCK)])


def _added(start: Parameters, x: Tensor, y: Tensor, step_size: float, steps: int) -> Tensor:
    """The four spreads of networks from their weights before training, (networks, 4); inputs times d."""
    hidden, m = len(start) - 1, start[0].shape[-1]
    network = FullyConnected((x.shape[-1], *[m] * hidden, 1), "sigmoid", SCALING)
    time = tuple(step_size * float(size) for size in (m, *[m * m] * (hidden - 1), m))
    end, _ = descend(_objective(network, x, y), start, GradientDescent(time), steps)
    first, last = (_outputs(network, w, x) for w in (start, end))
    added = [b - a for a, b in zip(first, last, strict=True)]
    return torch.stack([_spread(h) for h in (added[-1], added[-2], first[-1], first[-2])], dim=-1)


def _drawn(stream: Stream, trials: int, d: int, m: int, hidden: int, weights: str, outer: str) -> Parameters:
    theta = stream.normal(trials, d, m)
    middle = [stream.normal(trials, m, m) for _ in range(hidden - 1)]
    W = [1 + w if weights == "fixed" else math.sqrt(m) * w for w in middle]
    u = 1 + stream.normal(trials, m, 1) * (outer == "random")
    return theta, *W, u


def _objective(network: FullyConnected, x: Tensor, y: Tensor) -> Objective:
    return lambda parameters, _: half_squared(network(parameters, x), y)


def _outputs(network: FullyConnected, parameters: Parameters, x: Tensor) -> list[Tensor]:
    """σ(z) of the hidden layers, (trials, n, m) each."""
    with torch.no_grad():
        return [torch.sigmoid(z) for z in network.layers(parameters, x)[:-1]]


def _spread(h: Tensor) -> Tensor:
    """√(mean over inputs of the variance over neurons) over the root mean square, one a trial."""
    return h.var(-1, correction=0).mean(-1).sqrt() / h.square().mean((1, 2)).sqrt()
