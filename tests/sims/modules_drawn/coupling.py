"""Steps that mix the points."""

from __future__ import annotations

import torch
from torch import nn

from .parts import Act, Drawn, Shape, plain, step

# What mixes the points.
COUPLING = (
    "less_the_mean", "over_the_largest", "softmax_of_points", "reversed_points", "summed_points", "counted",
    "above_the_mean", "lstm_over_points", "attention_over_points", "reshaped_across", "of_batch_statistics",
)  # fmt: skip
_PLAIN: dict[str, Act] = {
    "less_the_mean": lambda x: x - x.mean(0), "over_the_largest": lambda x: x / (1 + x.abs().max()),
    "softmax_of_points": lambda x: x.softmax(0), "reversed_points": lambda x: x + x.flip(0),
    "summed_points": lambda x: x.cumsum(0), "counted": lambda x: x / len(x),
    "above_the_mean": lambda x: torch.where(x > x.mean(0), x, x / 2),
    "reshaped_across": lambda x: x.transpose(0, 1).reshape(x.shape),
    "of_batch_statistics": lambda x: x / (1 + x.std(correction=0)),
}  # fmt: skip
for _name, _act in _PLAIN.items():
    plain(_name, _act)


@step(2)
def lstm_over_points(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.LSTM(s[-1], 3))
    return lambda x: layer(x)[0], (s[0], 3)


@step(2)
def attention_over_points(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.MultiheadAttention(s[-1], 1))
    return lambda x: layer(x, x, x)[0], s
