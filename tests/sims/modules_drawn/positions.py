"""Steps that move, mix or reduce the positions of a sequence: layouts, attention, recurrence."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from .parts import STEPS, WIDTH, Act, Drawn, Shape, Step, step


@step(1)
def unflattened(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    return lambda x: torch.stack([x, x.sin(), x.cos()], 1), (3, *s)


@step(2)
def flattened(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    return lambda x: x.flatten(1), (math.prod(s),)


@step(2)
def turned(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    return lambda x: x.transpose(1, 2), (s[1], s[0])


@step(2)
def time_first(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.Linear(s[-1], WIDTH))
    return lambda x: torch.tanh(layer(x.transpose(0, 1))).transpose(0, 1), (s[0], WIDTH)


@step(2)
def points_and_positions_in_one(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.Linear(s[-1], WIDTH))
    return lambda x: layer(x.reshape(-1, s[-1])).view(len(x), s[0], WIDTH), (s[0], WIDTH)


@step(2)
def positions_and_points_in_one(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.Linear(s[-1], WIDTH))
    return lambda x: layer(x.transpose(0, 1).reshape(-1, s[-1])).view(s[0], len(x), WIDTH)[s[0] // 2], (WIDTH,)


@step(2)
def largest_position(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    return lambda x: x.max(1).values, (s[1],)


@step(2)
def mean_position(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    return lambda x: x.mean(1), (s[1],)


@step(2)
def last_position(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    return lambda x: x[:, -1], (s[1],)


@step(2)
def with_a_table(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    table, layer = torch.randn(5, s[-1]), m.own(nn.Linear(s[-1], s[-1]))
    m.register_buffer(f"table{len(m._buffers)}", table)
    name = f"table{len(m._buffers) - 1}"
    return lambda x: (x @ layer(m.get_buffer(name)).T).softmax(-1) @ layer(m.get_buffer(name)), s


@step(2)
def positional(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    w = m.weight(*s)
    return lambda x: x + w, s


@step(2)
def convolution_of_sequences(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.Conv1d(s[0], 2, 3, padding=1))
    return layer, (2, s[1])


def _recurrent(name: str, kind: Callable[..., nn.Module]) -> None:
    def make(m: Drawn, s: Shape) -> tuple[Act, Shape]:
        layer = m.own(kind(s[-1], 3, batch_first=True))
        return lambda x: layer(x)[0], (s[0], 3)

    STEPS[name] = Step((2,), 1, make)


for _name, _kind in {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}.items():
    _recurrent(_name, _kind)


@step(2)
def attention(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.MultiheadAttention(s[-1], 1, batch_first=True))
    return lambda x: layer(x, x, x, need_weights=False)[0], s


@step(2)
def attention_sequence_first(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.MultiheadAttention(s[-1], 1))

    def act(x: Tensor) -> Tensor:
        t = x.transpose(0, 1)
        out: Tensor = layer(t, t, t)[0].transpose(0, 1)
        return out

    return act, s


@step(2)
def product_attention(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.Linear(s[-1], s[-1]))
    return lambda x: functional.scaled_dot_product_attention(layer(x), x, layer(x)), s
