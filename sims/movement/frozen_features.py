"""A wide classifier trained on the frozen features of a small trained network (Kearns et al. 2023, figure 8).

A trial shuffles the images. On the first `pretrained` of them a small network relu(x A) B is trained by Adam; its
features relu(x A) are then frozen. On the features of the next n images a head W_2 relu(W_1 ·) of every width is
trained by Adam on the softmax cross-entropy, from weights uniform on (−half_width, half_width), without biases.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics import tangent
from lazy_assay.sims.dynamics.descent import Adam, Stopped, descend
from lazy_assay.sims.dynamics.losses import softmax
from lazy_assay.sims.dynamics.milestones import descend_past
from lazy_assay.sims.dynamics.networks import FullyConnected, relative_movement
from lazy_assay.sims.dynamics.parameterisations import STANDARD

if TYPE_CHECKING:
    from torch import Tensor

    Parameters = tuple[Tensor, ...]
    Objective = Callable[[Parameters, int], Tensor]

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.frozen_features"

# What is measured when a head's training ends. loss, accuracy and error (‖f − f̄‖/‖f − f(0)‖, f̄ the tangent model at the
# same parameters) are over the n images; norm is ‖W_1 − W_1(0)‖_F; movement_l is ‖W_l − W_l(0)‖_F/‖W_l(0)‖_F.
MEASURES = ("loss", "steps", "accuracy", "error", "norm", "movement_1", "movement_2")
PRETRAINING_BATCH = 100


def head_by_epochs(
    *,
    widths: Sequence[int],
    images: ArrayLike,
    classes: ArrayLike,
    pretrained: int,
    pretraining_steps: int,
    features: int,
    n: int,
    half_width: float,
    step_size: float,
    batch: int,
    epochs: int,
    accuracy: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """`MEASURES` after the first epoch whose accuracy is at least `accuracy`, else the last: (trials, widths, 7).

    Mini-batches of `batch` images, each image once an epoch, in a fixed order.
    """
    stream = Stream(entropy, device, dtype)
    setting = _Setting.drawn(stream, images, classes, pretrained, pretraining_steps, features, n, trials)
    per_epoch = n // batch

    def train(model: FullyConnected, start: Parameters, x: Tensor, y: Tensor) -> Stopped:
        def objective(parameters: Parameters, k: int) -> Tensor:
            part = slice(k % per_epoch * batch, k % per_epoch * batch + batch)
            return softmax(model(parameters, x[:, part]), y[:, part])

        def flat(parameters: Parameters) -> Tensor:
            return torch.cat([p.flatten(1) for p in parameters], dim=-1)

        _, seen = descend(objective, start, Adam(step_size), epochs * per_epoch, watch=flat, every=per_epoch)
        ends = [_unflat(vector, start) for vector in seen[1:]]
        return _first_accurate(model, ends, x, y, accuracy, per_epoch)

    return setting.measured(stream, widths, half_width, train)


def head_to_loss(
    *,
    widths: Sequence[int],
    images: ArrayLike,
    classes: ArrayLike,
    pretrained: int,
    pretraining_steps: int,
    features: int,
    n: int,
    half_width: float,
    step_size: float,
    target: float,
    most: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """`MEASURES` where the loss over all n images first is at most `target`, full batches: (trials, widths, 7).

    A head that is not there after `most` steps has steps inf, its last loss and accuracy, and NaN for the rest.
    """
    stream = Stream(entropy, device, dtype)
    setting = _Setting.drawn(stream, images, classes, pretrained, pretraining_steps, features, n, trials)

    def train(model: FullyConnected, start: Parameters, x: Tensor, y: Tensor) -> Stopped:
        def objective(parameters: Parameters, k: int) -> Tensor:
            return softmax(model(parameters, x), y)

        return descend_past(objective, start, Adam(step_size), (target,), most)[0]

    return setting.measured(stream, widths, half_width, train)


@dataclass(frozen=True)
class _Setting:
    """Frozen features (trials, n, features) of the images that the heads are trained on, and their one-hot classes."""

    x: Tensor
    y: Tensor

    @classmethod
    def drawn(
        cls, stream: Stream, images: ArrayLike, classes: ArrayLike,
        pretrained: int, steps: int, features: int, n: int, trials: int,
    ) -> _Setting:  # fmt: skip
        """Shuffle, train the extractor trial by trial, and freeze it. Raises ValueError for too few images."""
        pixels, labels = stream.constant(images), np.asarray(classes, dtype=int)
        if pretrained + n > len(labels):
            raise ValueError(f"{pretrained} + {n} images are asked for, there are {len(labels)}")
        outputs = int(labels.max()) + 1
        one_hot = stream.constant(np.eye(outputs)[labels])
        model = FullyConnected((pixels.shape[1], features, outputs), "relu", STANDARD)
        xs, ys = [], []
        for _ in range(trials):
            order = stream.uniform(len(labels)).argsort()
            first, later = order[:pretrained], order[pretrained : pretrained + n]
            weights = _pretrained(model, model.draw(stream, 1), pixels[first][None], one_hot[first][None], steps)
            xs.append(torch.relu(model.layers(weights, pixels[later][None])[0]))
            ys.append(one_hot[later][None])
        return cls(torch.cat(xs).detach(), torch.cat(ys))

    def measured(
        self, stream: Stream, widths: Sequence[int], half_width: float,
        train: Callable[[FullyConnected, Parameters, Tensor, Tensor], Stopped],
    ) -> Tensor:  # fmt: skip
        """A head of every width, one trial at a time: heads are wide."""
        columns = []
        for width in widths:
            model, rows = FullyConnected((self.x.shape[-1], width, self.y.shape[-1]), "relu", STANDARD), []
            for x, y in zip(torch.split(self.x, 1), torch.split(self.y, 1), strict=True):
                start = tuple(stream.uniform(1, a, b, half_width=half_width) for a, b in pairwise(model.widths))
                rows.append(_columns(model, start, train(model, start, x, y), x, y))
            columns.append(torch.cat(rows))
        return torch.stack(columns, dim=1)


def _pretrained(model: FullyConnected, start: Parameters, x: Tensor, y: Tensor, steps: int) -> Parameters:
    blocks = max(1, x.shape[1] // PRETRAINING_BATCH)

    def objective(parameters: Parameters, k: int) -> Tensor:
        return softmax(model(parameters, x[:, k % blocks :: blocks]), y[:, k % blocks :: blocks])

    return descend(objective, start, Adam(0.003), steps)[0]


def _unflat(vector: Tensor, like: Parameters) -> Parameters:
    sizes = [p[0].numel() for p in like]
    return tuple(part.reshape(p.shape) for part, p in zip(torch.split(vector, sizes, dim=-1), like, strict=True))


def _first_accurate(
    model: FullyConnected, ends: Sequence[Parameters], x: Tensor, y: Tensor, accuracy: float, per_epoch: int
) -> Stopped:
    """Of the parameters after each epoch the first that are accurate enough, else the last."""
    kept, steps = ends[-1], torch.full_like(x[:, 0, 0], len(ends) * per_epoch)
    for epoch in range(len(ends) - 1, 0, -1):
        good = _accuracy(model(ends[epoch - 1], x), y) >= accuracy
        kept = tuple(torch.where(good[:, None, None], a, b) for a, b in zip(ends[epoch - 1], kept, strict=True))
        steps = torch.where(good, torch.full_like(steps, epoch * per_epoch), steps)
    return Stopped(kept, softmax(model(kept, x), y), steps)


def _accuracy(f: Tensor, y: Tensor) -> Tensor:
    return (f.argmax(dim=-1) == y.argmax(dim=-1)).to(f.dtype).mean(-1)


def _columns(model: FullyConnected, start: Parameters, stop: Stopped, x: Tensor, y: Tensor) -> Tensor:
    f, f0 = model(stop.parameters, x), model(start, x)
    linear = tangent.outputs(model, start, stop.parameters, x)
    error = (f - linear).flatten(1).norm(dim=-1) / (f - f0).flatten(1).norm(dim=-1)
    norm = (stop.parameters[0] - start[0]).flatten(1).norm(dim=-1)
    reached = torch.cat([torch.stack([error, norm], dim=-1), relative_movement(stop.parameters, start)], dim=-1)
    reached = torch.where(stop.steps.isfinite()[:, None], reached, float("nan"))
    return torch.cat([torch.stack([stop.losses, stop.steps, _accuracy(f, y)], dim=-1), reached], dim=-1)
