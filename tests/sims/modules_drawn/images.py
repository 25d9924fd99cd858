"""Steps on images."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional

from .parts import Act, Drawn, Shape, step


@step(1, 2)
def as_an_image(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    return lambda x: x.reshape(len(x), 1, -1, s[-1]), (1, math.prod(s[:-1]), s[-1])


@step(3)
def convolution(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.Conv2d(s[0], 2, 3, padding=1, stride=2))
    return layer, (2, (s[1] + 1) // 2, (s[2] + 1) // 2)


@step(3)
def convolution_twice(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.Conv2d(s[0], s[0], (1, 3), padding="same", groups=s[0]))
    return lambda x: layer(torch.tanh(layer(x))), s


@step(3)
def convolution_channels_last(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.Conv2d(s[0], 2, 1))
    return lambda x: layer(x.contiguous(memory_format=torch.channels_last)), (2, *s[1:])


@step(3)
def images_and_channels_in_one(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    layer = m.own(nn.Conv2d(1, 2, 3, padding=1))
    return lambda x: layer(x.reshape(-1, 1, *s[1:])).view(len(x), -1, *s[1:]), (2 * s[0], *s[1:])


@step(3, least=2)
def group_norm(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    return m.own(nn.GroupNorm(1, s[0])), s


@step(3)
def batch_norm_of_images(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    return m.own(nn.BatchNorm2d(s[0])).eval(), s


@step(3)
def pooled(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    return lambda x: functional.adaptive_avg_pool2d(x, 2), (s[0], 2, 2)


@step(3)
def channels_as_positions(m: Drawn, s: Shape) -> tuple[Act, Shape]:
    return lambda x: x.flatten(2), (s[0], s[1] * s[2])
