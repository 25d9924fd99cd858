"""Fully connected networks and Gaussian inputs for them: what Kawaguchi and Sun 2021, section 5.4, speak of.

h⁰ = x, hˡ = σ(hˡ⁻¹ Wˡ + bˡ) for l = 1 … H, and an affine last layer; σ is softplus_zeta, ReLU or the identity.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor, nn

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.fully_connected"

ACTIVATIONS = ("softplus", "relu", "linear")


def parameter_count_at(
    *, m_x: int, m_y: int, n: int, H: int, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64"
) -> Tensor:
    """Parameters of a torch network of H hidden layers, the last of n units, the others of min(m_x, n); (trials,)."""
    stream = Stream(entropy, device, dtype)
    module = weightless_network([m_x, *[min(m_x, n)] * (H - 1), n, m_y], "softplus")
    count = sum(parameter.numel() for parameter in module.parameters())
    return torch.full((trials,), count, device=stream.device, dtype=stream.dtype)


def inputs_and_weights(
    *,
    samples: int,
    widths: ArrayLike,
    gain: float,
    bias_scale: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Rows (inputs, weights), flat: shape (trials, samples·m_x + number of weights). See `split` and `network`.

    widths: (m_x, m_1, …, m_H, m_y). Inputs N(0, 1); W^l entries N(0, gain²/m_{l−1}), biases N(0, bias_scale²). Layer
    by layer W (in, out) by rows, then b.
    """
    stream, sizes = Stream(entropy, device, dtype), [int(m) for m in np.asarray(widths)]
    parts = [stream.normal(trials, samples * sizes[0])]
    for fan_in, fan_out in pairwise(sizes):
        parts.append(stream.normal(trials, fan_in * fan_out) * (gain / math.sqrt(fan_in)))
        parts.append(stream.normal(trials, fan_out) * bias_scale)
    return torch.cat(parts, dim=1)


def split(row: ArrayLike, samples: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """A row of `inputs_and_weights` as inputs (samples, width) and the flat rest."""
    numbers = np.asarray(row, dtype=np.float64)
    return numbers[: samples * width].reshape(samples, width), numbers[samples * width :]


def network(*, widths: Sequence[int], weights: ArrayLike, activation: str, zeta: float = 1.0) -> nn.Module:
    """A float64 torch module with given weights, flat as in `inputs_and_weights`."""
    module = weightless_network(widths, activation, zeta).to_empty(device="cpu")
    rest = torch.as_tensor(np.array(weights, dtype=np.float64))
    for layer in module:  # type: ignore[attr-defined]
        if isinstance(layer, torch.nn.Linear):
            fan_out, fan_in = layer.weight.shape
            W, b, rest = torch.split(rest, [fan_in * fan_out, fan_out, len(rest) - (fan_in + 1) * fan_out])
            layer.weight.data.copy_(W.view(fan_in, fan_out).T)
            layer.bias.data.copy_(b)
    if len(rest):
        raise ValueError(f"{len(rest)} weights too many for widths {list(widths)}")
    return module


def weightless_network(widths: Sequence[int], activation: str, zeta: float = 1.0, *, device: str = "meta") -> nn.Module:
    """A float64 `Sequential` of these widths on torch's device without numbers, or with some that mean nothing."""
    from lazy_assay.sims.deep import layers as _layers

    if activation not in ACTIVATIONS:
        raise ValueError(f"unknown activation {activation!r}; known are {', '.join(ACTIVATIONS)}")
    layers: list[nn.Module] = []
    for fan_in, fan_out in pairwise(widths):
        layers.append(torch.nn.Linear(fan_in, fan_out, dtype=torch.float64, device=device))
        if activation != "linear":
            layers.append(_layers.Softplus(zeta) if activation == "softplus" else torch.nn.ReLU())
    # Nothing follows the last layer.
    return torch.nn.Sequential(*(layers if activation == "linear" else layers[:-1]))
