"""A two-layer network trained beside its tangent model on the same mini-batches (Fang, Dong, Zhang 2021, Fig. 4, 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.dynamics.descent import GradientDescent
from lazy_assay.sims.dynamics.losses import softmax
from lazy_assay.sims.dynamics.sgd import steps_of
from lazy_assay.sims.dynamics.two_layer import Model, Tangent, TwoLayer, softmax_slope

if TYPE_CHECKING:
    from torch import Tensor

    Parameters = tuple[Tensor, Tensor]

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.two_layer_tangent"

# What is read at every checkpoint, in this order.
READINGS = ("train", "tangent train", "test", "tangent test", "gap", "theta", "u", "error", "tangent error")


def training_beside_tangent(
    *,
    inputs: ArrayLike,
    targets: ArrayLike,
    test_inputs: ArrayLike,
    test_targets: ArrayLike,
    width: int,
    alpha: float,
    activation: str,
    theta_scale: float,
    step_size: float,
    ratio: float,
    momentum: float,
    weight_decay: float,
    batch: int,
    checkpoints: ArrayLike,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Readings along SGD of (alpha/width) Σ u h(<theta, x>) and of its tangent model; (trials, 9, checkpoints).

    u ~ N(0, 1), theta ~ N(0, theta_scale²); softmax loss, step sizes step_size for theta and ratio · step_size for u;
    every step adds weight_decay · w to the gradient. Each trial goes through the points in orders of its own, in
    batches; the checkpoints are numbers of epochs. The nine: training loss of network and of tangent model, test loss
    of the two (nats); root mean square of the difference of their outputs at the training points over that of the
    tangent model's move; mean distances of theta_j and of u_j from where they were drawn; shares of test points that
    the two get wrong. A trial that blows up has NaN or infinite readings. Raises ValueError for a batch that does not
    divide the number of points.
    """
    stream, epochs = Stream(entropy, device, dtype), steps_of(checkpoints)
    x, y, tx, ty = (stream.constant(a) for a in (inputs, targets, test_inputs, test_targets))
    if len(x) % batch:
        raise ValueError(f"{len(x)} points cannot be gone through in batches of {batch}; take a divisor")
    network = TwoLayer(activation, alpha / width)
    descent = GradientDescent((step_size, ratio * step_size), momentum, weight_decay)
    sets = (x, y), (tx, ty)
    found = [
        _trained(stream, n, width, network, theta_scale, descent, batch, epochs, sets)
        for n in chunk_sizes(trials, width * (x.shape[1] + y.shape[1]), stream.device)
    ]
    return torch.cat(found)


def _trained(
    stream: Stream,
    trials: int,
    width: int,
    network: TwoLayer,
    theta_scale: float,
    descent: GradientDescent,
    batch: int,
    epochs: list[int],
    sets: tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]],
) -> Tensor:
    """As many trials as one kernel holds, (trials, 9, checkpoints)."""
    x, y = sets[0]
    start = theta_scale * stream.normal(trials, x.shape[1], width), stream.normal(trials, width, y.shape[1])
    models: tuple[Model, Model] = (network, Tangent(network, start))
    states = [(start, descent.memory(start)) for _ in models]
    readings, done = [], 0
    for epoch in epochs:
        for _ in range(epoch - done):
            order = torch.argsort(stream.normal(trials, len(x)), dim=1)
            for index in order.reshape(trials, -1, batch).unbind(1):
                seen = x[index], y[index]
                states = [_step(m, w, memory, *seen, descent) for m, (w, memory) in zip(models, states, strict=True)]
        done = epoch
        readings.append(_read(models, start, states[0][0], states[1][0], *sets))
    return torch.stack(readings, dim=-1)


def _step(
    model: Model, w: Parameters, memory: tuple[Tensor, ...], x: Tensor, y: Tensor, descent: GradientDescent
) -> tuple[Parameters, tuple[Tensor, ...]]:
    f, gradients = model.pulled(w, x)
    (theta, u), kept = descent.step(w, gradients(softmax_slope(f, y)), memory, 1)
    return (theta, u), kept


def _read(
    models: tuple[Model, Model],
    start: Parameters,
    w: Parameters,
    tangent: Parameters,
    train: tuple[Tensor, Tensor],
    test: tuple[Tensor, Tensor],
) -> Tensor:
    """The nine readings, (trials, 9)."""
    network, linear = models
    f, g, f0 = network.outputs(w, train[0]), linear.outputs(tangent, train[0]), network.outputs(start, train[0])
    tf, tg = network.outputs(w, test[0]), linear.outputs(tangent, test[0])
    # At epoch 0 nothing has moved: the gap is 0, not 0/0.
    moved = _size(g - f0).clamp_min(torch.finfo(f.dtype).tiny)
    columns = (
        softmax(f, train[1]),
        softmax(g, train[1]),
        softmax(tf, test[1]),
        softmax(tg, test[1]),
        _size(f - g) / moved,
        (w[0] - start[0]).norm(dim=1).mean(-1),
        (w[1] - start[1]).norm(dim=2).mean(-1),
        _wrong(tf, test[1]),
        _wrong(tg, test[1]),
    )
    return torch.stack(columns, dim=-1)


def _size(f: Tensor) -> Tensor:
    return f.square().mean(dim=(-2, -1)).sqrt()


def _wrong(f: Tensor, y: Tensor) -> Tensor:
    """Share of points whose largest output is not their class, (trials,)."""
    return (f.argmax(-1) != y.argmax(-1)).to(f.dtype).mean(-1)
