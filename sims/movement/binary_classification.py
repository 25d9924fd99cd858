"""Networks trained on random points with binary labels by Adam, and how far their weights move (Kearns et al. 2023).

n points x ~ N(0, I_d), labels ±1, binary cross-entropy (the mean of log(1 + exp(−y f(x)))), full batches. Networks
f(x) = W_L relu(… relu(W_1 x)) without biases; every initial weight is uniform on (−half_width, half_width). A trial
draws its own points, labels and weights; all networks of a trial are trained on the same points.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics import tangent
from lazy_assay.sims.dynamics.descent import Adam, Stopped
from lazy_assay.sims.dynamics.losses import logistic
from lazy_assay.sims.dynamics.milestones import descend_past
from lazy_assay.sims.dynamics.networks import FullyConnected, relative_movement
from lazy_assay.sims.dynamics.parameterisations import STANDARD

if TYPE_CHECKING:
    from torch import Tensor

    Parameters = tuple[Tensor, ...]

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.binary_classification"

# What is measured where a loss is first reached; then the relative movement of each layer, ‖W − W(0)‖_F/‖W(0)‖_F.
# error: ‖f − f̄‖/‖f − f(0)‖ over the points, f̄ the tangent model at the same parameters.
# norm, absolute: ‖W_1 − W_1(0)‖_F and Σ|W_1 − W_1(0)|.
MEASURES = ("loss", "steps", "accuracy", "error", "norm", "absolute")


def fitted(
    *,
    architectures: Sequence[Sequence[int]],
    half_widths: ArrayLike,
    step_sizes: ArrayLike,
    target_losses: ArrayLike,
    most: int,
    n: int,
    d: int,
    labelling: str = "balanced",
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """`MEASURES` and the layers' movements, shape (trials, architectures, losses, 6 + layers of the deepest network).

    architectures: hidden widths of each network ([]: a linear model); half_widths and step_sizes: one a network.
    labelling: "balanced" (random, equal numbers), "xor" (the sign of x_1 x_2) or "linear" (that of x_1: separable).
    A run that has not reached a target
    after `most` steps has steps inf, its last loss and accuracy, and NaN for the rest; so have layers that a network
    lacks.
    """
    stream = Stream(entropy, device, dtype)
    x = stream.normal(trials, n, d)
    y = _labels(stream, x, labelling)
    scales = np.broadcast_to(np.asarray(half_widths, dtype=float), (len(architectures),))
    sizes = np.broadcast_to(np.asarray(step_sizes, dtype=float), (len(architectures),))
    levels, deepest = tuple(float(t) for t in np.atleast_1d(target_losses)), max(map(len, architectures)) + 1
    columns = []
    for hidden, half_width, step_size in zip(architectures, scales, sizes, strict=True):
        model = FullyConnected((d, *hidden, 1), "relu", STANDARD)
        rows = [
            _measured(model, _uniform(model, stream, len(points), float(half_width)), points, signs,
                      float(step_size), levels, most, deepest)
            for points, signs in _chunks(x, y, n * max((*hidden, d)))
        ]  # fmt: skip
        columns.append(torch.cat(rows))
    return torch.stack(columns, dim=1)


def moved_at_random(
    *,
    widths: Sequence[int],
    d: int,
    half_width: float,
    move: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Relative movement and ‖W − W(0)‖_F/width of a first layer whose every weight moves by ±move, at random.

    Shape (trials, widths, 2). Nothing is learned: what falls with the width here falls by its own definition.
    """
    stream = Stream(entropy, device, dtype)
    rows = []
    for width in widths:
        W = stream.uniform(trials, d, width, half_width=half_width)
        # Of about the size `move`, independent of W.
        moved = (move * stream.uniform(trials, d, width).sign()).flatten(1).norm(dim=-1)
        rows.append(torch.stack([moved / W.flatten(1).norm(dim=-1), moved / width], dim=-1))
    return torch.stack(rows, dim=1)


def hidden_weights_at(
    *, hidden: Sequence[int], d: int, trials: int = 1, entropy: int = 0, device: str = "cpu", dtype: str = "float64"
) -> Tensor:
    """Weights below the output of a network that is made, counted: the same number in each of the (trials,) rows."""
    stream, model = Stream(entropy, device, dtype), FullyConnected((d, *hidden, 1), "relu", STANDARD)
    counts = [torch.ones_like(W[0]).sum() for W in model.draw(stream, 1)[:-1]]
    return torch.stack(counts).sum().repeat(trials)


def _labels(stream: Stream, x: Tensor, kind: str) -> Tensor:
    """±1, shape (trials, n). Raises ValueError for another kind."""
    if kind == "xor":
        return torch.where(x[..., 0] * x[..., 1] > 0, 1.0, -1.0).to(x.dtype)
    if kind == "linear":
        return torch.where(x[..., 0] > 0, 1.0, -1.0).to(x.dtype)
    if kind != "balanced":
        raise ValueError(f"labelling is balanced, linear or xor, not {kind!r}")
    ranks = stream.uniform(*x.shape[:2]).argsort(dim=-1)
    return torch.where(ranks * 2 < x.shape[1], 1.0, -1.0).to(x.dtype)


def _uniform(model: FullyConnected, stream: Stream, trials: int, half_width: float) -> Parameters:
    return tuple(stream.uniform(trials, n, m, half_width=half_width) for n, m in pairwise(model.widths))


def _chunks(x: Tensor, y: Tensor, numbers_each: int) -> Iterator[tuple[Tensor, Tensor]]:
    sizes = chunk_sizes(len(x), numbers_each, x.device)
    yield from zip(torch.split(x, sizes), torch.split(y, sizes), strict=True)


def _measured(
    model: FullyConnected,
    start: Parameters,
    x: Tensor,
    y: Tensor,
    step_size: float,
    target_losses: tuple[float, ...],
    most: int,
    deepest: int,
) -> Tensor:
    """Train once; (trials, target_losses, columns)."""

    def objective(parameters: Parameters, k: int) -> Tensor:
        return logistic(model(parameters, x), y)

    stops = descend_past(objective, start, Adam(step_size), target_losses, most)
    return torch.stack([_columns(model, start, stop, x, y, deepest) for stop in stops], dim=1)


def _columns(model: FullyConnected, start: Parameters, stop: Stopped, x: Tensor, y: Tensor, deepest: int) -> Tensor:
    f, f0 = model(stop.parameters, x), model(start, x)
    linear = tangent.outputs(model, start, stop.parameters, x)
    error = (f - linear).flatten(1).norm(dim=-1) / (f - f0).flatten(1).norm(dim=-1)
    moved = (stop.parameters[0] - start[0]).flatten(1)
    layers = relative_movement(stop.parameters, start)
    layers = torch.nn.functional.pad(layers, (0, deepest - layers.shape[-1]), value=float("nan"))
    reached = torch.stack([error, moved.norm(dim=-1), moved.abs().sum(-1)], dim=-1)
    reached = torch.where(stop.steps.isfinite()[:, None], torch.cat([reached, layers], dim=-1), float("nan"))
    accuracy = (y * f[..., 0] > 0).to(f.dtype).mean(-1)
    return torch.cat([torch.stack([stop.losses, stop.steps, accuracy], dim=-1), reached], dim=-1)
