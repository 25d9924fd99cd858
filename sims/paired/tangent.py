"""Algorithm 1 of Daniely's paper in its tangent space, and what no choice of weights there can do.

At B → ∞ a step of SGD on the paired network is h ← h − η' K_W g/b on the points that D is uniform on, K_W the hidden
tangent kernel of the initial weights: cheap enough to look for the least number of neurons. Points are uniform on the
unit sphere of a subspace of dimension `support` ≤ d, labels are independent signs.
Source: Daniely 2020, sections 2.5 and 3.2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.numerics import activations
from lazy_assay.sims.paired import algorithm
from lazy_assay.sims.paired.network import lazy_features

if TYPE_CHECKING:
    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.paired_tangent"


def returned_losses(
    *,
    d: int,
    support: int,
    m: int,
    q: int,
    activation: str,
    batch: int,
    rate: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Mean hinge loss over D of the iterate of uniformly random time (the mean over time); shape (trials,)."""
    stream = Stream(entropy, device, dtype)
    x, y = _points(stream, trials, m, d, support), algorithm.signs(stream, trials, m)
    train = _Training(
        stream=stream,
        gram=x @ x.mT,
        slopes=_slopes(stream, x, q, activation),
        y=y,
        batch=batch,
        rate=rate,
        steps=steps,
    )
    return train.loss(torch.full_like(y[:, 0], float(q)))


def least_widths(
    *,
    dimensions: ArrayLike,
    m: int,
    accuracy: float,
    activation: str,
    batch: int,
    rate: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """For each d of `dimensions`: the least q whose returned loss is at most `accuracy`; (trials, len(dimensions)).

    Neurons come in a sequence, of which q takes the first q; bisection between 1 and 3m/d + 2 (infinite, where the
    widest fails too). All dimensions are trained at once.
    """
    stream, sizes = Stream(entropy, device, dtype), [int(d) for d in np.asarray(dimensions)]
    widest = [math.ceil(3 * m / d) + 2 for d in sizes]
    x = [_points(stream, trials, m, d, d) for d in sizes]
    slopes = [_slopes(stream, at, q, activation) for at, q in zip(x, widest, strict=True)]
    padded = [torch.nn.functional.pad(each, (0, max(widest) - each.shape[-1])) for each in slopes]
    train = _Training(
        stream=stream,
        gram=torch.cat([at @ at.mT for at in x]),
        slopes=torch.cat(padded),
        y=algorithm.signs(stream, trials * len(sizes), m),
        batch=batch,
        rate=rate,
        steps=steps,
    )
    high = stream.constant(widest).repeat_interleave(trials)
    return _least(train, high, accuracy).reshape(len(sizes), trials).mT


def unexplained_share(
    *, d: int, m: int, q: int, activation: str, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64"
) -> Tensor:
    """Least mean squared error of the tangent space of q neurons on m random points with labels ±1; shape (trials,)."""
    rows = lazy_features(
        d=d, m=m, q=q, activation=activation, trials=trials, entropy=entropy, device=device, dtype=dtype
    )
    # A row is y φ(x): y − <v, φ> is as large as 1 − <v, y φ>, so the target is the vector of ones.
    left, singular, _ = torch.linalg.svd(rows, full_matrices=False)
    kept = singular > max(m, q * d) * torch.finfo(rows.dtype).eps * singular[:, :1]
    explained = (left.sum(1) ** 2 * kept).sum(-1) / m
    left_over: Tensor = (1 - explained).clamp(min=0.0)
    return left_over


def orthogonal_losses(
    *,
    d: int,
    q: int,
    B: float,
    activation: str,
    rate: float,
    steps: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The network itself on the d unit vectors with random labels, one sample a step, hinge loss; shape (trials,).

    The mean loss over the d points of the iterate of uniformly random time, as the mean over time.
    """
    stream = Stream(entropy, device, dtype)
    value, slope = algorithm.loss("hinge")
    parts = []
    for size in chunk_sizes(trials, d * max(d, 2 * q), stream.device):
        x = torch.eye(d, device=stream.device, dtype=stream.dtype).expand(size, -1, -1)
        y = algorithm.signs(stream, size, d)
        network = algorithm.initial(stream, size, d, q, B, activation)
        following, total = algorithm.batches(stream, size, d, 1), torch.zeros_like(y[:, 0])
        for _ in range(steps):
            total = total + value(network(x), y).mean(-1)
            chosen = following()
            network.step(algorithm.picked(x, chosen), y.gather(1, chosen), slope, rate)
        parts.append(total / steps)
    return torch.cat(parts)


def _points(stream: Stream, trials: int, m: int, d: int, support: int) -> Tensor:
    x = algorithm.sphere(stream, trials, m, support)
    return torch.nn.functional.pad(x, (0, d - support))


def _slopes(stream: Stream, x: Tensor, q: int, activation: str) -> Tensor:
    """σ'(<w, x>) of q neurons, (trials, m, q)."""
    slopes: Tensor = activations.slope(activation)(x @ stream.normal(x.shape[0], q, x.shape[-1]).mT)
    return slopes


@dataclass(frozen=True, kw_only=True)
class _Training:
    """Algorithm 1 in the tangent space, for the first q neurons of each row."""

    stream: Stream
    gram: Tensor
    slopes: Tensor
    y: Tensor
    batch: int
    rate: float
    steps: int

    def loss(self, q: Tensor) -> Tensor:
        """Mean over time of the hinge loss over the points; q and result (rows,)."""
        rows, m = self.y.shape
        used = self.slopes * (torch.arange(self.slopes.shape[-1], device=q.device) < q[:, None])[:, None, :]
        K = self.gram * (used @ used.mT) / q[:, None, None]
        value, slope = algorithm.loss("hinge")
        following = algorithm.batches(self.stream, rows, m, self.batch)
        h, total = torch.zeros_like(self.y), torch.zeros_like(self.y[:, 0])
        for _ in range(self.steps):
            total = total + value(h, self.y).mean(-1)
            chosen = following()
            g = slope(h.gather(1, chosen), self.y.gather(1, chosen)) * (self.rate / self.batch)
            # K is symmetric: the rows of the mini-batch are its columns.
            h = h - (g[:, None, :] @ algorithm.picked(K, chosen))[:, 0]
        return total / self.steps


def _least(train: _Training, high: Tensor, accuracy: float) -> Tensor:
    """The least q up to `high` at which the loss is at most `accuracy`, by bisection; infinite where there is none."""
    widest, low = int(train.slopes.shape[-1]), torch.zeros_like(high)
    hopeless = train.loss(high) > accuracy
    # After so many halvings the two are neighbours, whatever the answers.
    for _ in range(math.ceil(math.log2(widest))):
        middle = ((low + high) / 2).floor().clamp(min=1)
        open_, failed = high - low > 1, train.loss(middle) > accuracy
        low, high = torch.where(open_ & failed, middle, low), torch.where(open_ & ~failed, middle, high)
    return torch.where(hopeless, torch.full_like(high, float("inf")), high)
