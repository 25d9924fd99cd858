"""Trainings of networks with quadratic activation in segments: a state, a number of steps and a key in; a state out.

So a training of hours survives a kill: it goes on from the last state that was kept. Models: `network`
(Σ <w_i, x>² + c), `tangent` (its linearisation, in (a_i) and c), `general` (Σ a_i <w_i, x>² + c). Data: the quadratic
target (B) or two Gaussian classes (Sigma and Delta). See `sims.quadratic.models` for parametrisations and starts.

Each trial has one first layer, drawn under the key `first_layer`, and one stream of samples; the step sizes of the grid
are trained side by side on the same samples.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.data.gaussian_classes import mixture
from lazy_assay.sims.numerics import forms
from lazy_assay.sims.quadratic.models import (
    Data,
    GeneralNetwork,
    Model,
    Network,
    Parameters,
    QuadraticTarget,
    Tangent,
    TwoClasses,
)

if TYPE_CHECKING:
    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.training_segments"


def advance(
    *,
    model: str,
    d: int,
    N: int,
    batch: int,
    steps: int,
    step_sizes: ArrayLike,
    initial_scale: float,
    offset_rate: float,
    first_layer: int,
    B: ArrayLike | None = None,
    Sigma: ArrayLike | None = None,
    Delta: ArrayLike | None = None,
    state: ArrayLike | None = None,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The state after `steps` more steps, shape (trials, step sizes, parameters); `state` None is the start.

    `batch` fresh samples a step; 0 for gradient descent on the population's risk. A state of one row serves all trials.
    Raises ValueError for another model, or data that are neither B nor Sigma and Delta.
    """
    stream = Stream(entropy, device, dtype)
    data, rate = _data(stream, d, B, Sigma, Delta), 2 * stream.constant(step_sizes)[:, None, None]
    net, start = _model(model, stream, trials, d, N, len(rate), initial_scale, offset_rate, first_layer)
    parameters = start if state is None else _unpacked(stream.constant(state), start)
    for _ in range(steps):
        if batch:
            x, y = data.sample(stream, trials, 1, batch)
            parameters = net.on_batch(parameters, x, y, rate)
        else:
            parameters = net.on_population(parameters, data, rate)
    return _packed(parameters)


def risk_at(
    *,
    model: str,
    d: int,
    N: int,
    state: ArrayLike,
    initial_scale: float,
    offset_rate: float,
    first_layer: int,
    B: ArrayLike | None = None,
    Sigma: ArrayLike | None = None,
    Delta: ArrayLike | None = None,
    trials: int,
    entropy: int = 0,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Exact population risk of a state, over E y²'s variance; shape (trials, step sizes). `entropy` is not used."""
    stream, values = Stream(entropy, device, dtype), np.asarray(state)
    net, start = _model(model, stream, trials, d, N, values.shape[1], initial_scale, offset_rate, first_layer)
    return _data(stream, d, B, Sigma, Delta).risk(*net.form(_unpacked(stream.constant(values), start)))


def gradient_noise(
    *,
    model: str,
    d: int,
    N: int,
    state: ArrayLike,
    samples: int,
    initial_scale: float,
    offset_rate: float,
    first_layer: int,
    B: ArrayLike | None = None,
    Sigma: ArrayLike | None = None,
    Delta: ArrayLike | None = None,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Tr S and E|∇f|² at a state from fresh samples; S is the covariance of one sample's gradient of (y − f)².

    Shape (trials, step sizes, 2); the offset's derivative counts `offset_rate` times. For the floor at which SGD ends.
    """
    stream, values = Stream(entropy, device, dtype), np.asarray(state)
    net, start = _model(model, stream, trials, d, N, values.shape[1], initial_scale, offset_rate, first_layer)
    parameters = _unpacked(stream.constant(values), start)
    x, y = _data(stream, d, B, Sigma, Delta).sample(stream, trials, 1, samples)
    M, c = net.form(parameters)
    e = y - ((x @ M) * x).sum(-1) - c[..., None]
    squared = net.squared_gradient(parameters, x)
    return torch.stack([(4 * e * e * squared).mean(-1), squared.mean(-1) + torch.zeros_like(c)], dim=-1)


def first_layers(*, d: int, N: int, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64") -> Tensor:
    """The standard normals that `advance` makes its first layers of under `first_layer=entropy`, (trials, N, d)."""
    return Stream(entropy, device, dtype).normal(trials, N, d)


def smallest_tangent_risk(
    *,
    d: int,
    N: int,
    B: ArrayLike,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The least risk that model `tangent` can reach with a first layer, ||P⊥BP⊥||²/||B||²; shape (trials,).

    The first layer is the one that `advance` draws under `first_layer=entropy`.
    """
    stream = Stream(entropy, device, dtype)
    form = stream.constant(forms.symmetric("B", B, d))
    W = stream.normal(trials, N, d)
    Q: Tensor = torch.linalg.qr(W[:, :d].mT).Q
    outside = torch.eye(d, device=W.device, dtype=W.dtype) - Q @ Q.mT
    left = outside @ forms.apply(form, outside).mT
    return left.square().sum((-2, -1)) / forms.squared_norm(form)


def _data(stream: Stream, d: int, B: ArrayLike | None, Sigma: ArrayLike | None, Delta: ArrayLike | None) -> Data:
    if B is not None and Sigma is None and Delta is None:
        return QuadraticTarget(stream.constant(forms.symmetric("B", B, d)))
    if B is None and Sigma is not None and Delta is not None:
        return TwoClasses(mixture(stream, d, Sigma, Delta))
    raise ValueError("the data are a quadratic target, B, or two classes, Sigma and Delta")


def _model(
    name: str, stream: Stream, trials: int, d: int, N: int, grid: int, scale: float, offset_rate: float, key: int
) -> tuple[Model, Parameters]:
    """The model and the parameters that it starts from."""
    W = Stream(key, stream.device, stream.dtype).normal(trials, N, d)
    models: dict[str, Callable[[], Model]] = {
        "network": lambda: Network(scale, offset_rate),
        "tangent": lambda: Tangent.of(W, offset_rate),
        "general": lambda: GeneralNetwork(scale, offset_rate),
    }
    if name not in models:
        raise ValueError(f"no model is called {name!r}; there are {', '.join(models)}")
    net = models[name]()
    return net, net.start(W, grid)


def _packed(parameters: Parameters) -> Tensor:
    return torch.cat([tensor.flatten(2) if tensor.ndim > 2 else tensor[..., None] for tensor in parameters], dim=-1)


def _unpacked(state: Tensor, like: Parameters) -> Parameters:
    sizes = [tensor[0, 0].numel() for tensor in like]
    pieces = torch.split(state.expand(len(like[0]), -1, -1), sizes, dim=-1)
    return tuple(piece.reshape(tensor.shape) for piece, tensor in zip(pieces, like, strict=True))
