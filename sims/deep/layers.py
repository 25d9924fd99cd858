"""Layers of the smooth networks, as torch modules. Imported by the factories on first use: it loads torch."""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor, nn


class Softplus(nn.Module):
    """ln(1 + exp(zeta z))/zeta, real analytic as computed: torch's own switches to a straight line above 20/zeta."""

    def __init__(self, zeta: float) -> None:
        super().__init__()
        self.zeta = zeta

    def forward(self, z: Tensor) -> Tensor:
        t = self.zeta * z
        return torch.logaddexp(t, torch.zeros_like(t)) / self.zeta


class PreactivationBlock(nn.Module):
    """x + conv(act(norm(conv(act(norm(x)))))), with a 1×1 convolution on the shortcut where the shape changes.

    He et al. 2016, as commonly built: the shortcut's convolution reads the activated input.
    """

    def __init__(self, fan_in: int, width: int, stride: int, zeta: float) -> None:
        super().__init__()
        self.norm1, self.act1 = nn.BatchNorm2d(fan_in), Softplus(zeta)
        self.conv1 = nn.Conv2d(fan_in, width, 3, stride=stride, padding=1, bias=False)
        self.norm2, self.act2 = nn.BatchNorm2d(width), Softplus(zeta)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        changes = stride != 1 or fan_in != width
        self.shortcut = nn.Conv2d(fan_in, width, 1, stride=stride, bias=False) if changes else None

    def forward(self, x: Tensor) -> Tensor:
        inner = self.act1(self.norm1(x))
        skipped = x if self.shortcut is None else self.shortcut(inner)
        out: Tensor = skipped + self.conv2(self.act2(self.norm2(self.conv1(inner))))
        return out


def redraw(module: nn.Module, generator: Generator) -> None:
    """Draw all weights again as torch's own initialisation does, uniform on ±1/√fan_in, from an explicit generator."""
    for layer in module.modules():
        if isinstance(layer, (nn.Linear, nn.Conv2d)):
            bound = 1 / math.sqrt(layer.weight[0].numel())
            for weight in (layer.weight, layer.bias):
                if weight is not None:
                    nn.init.uniform_(weight, -bound, bound, generator=generator)


def placed(module: nn.Module, device: torch.device | str, dtype: torch.dtype) -> nn.Module:
    """The module on a device and in a dtype, by new parameters and buffers.

    `Module.to` swaps tensors, which those of FakeTensorMode refuse. Buffers of whole numbers keep their dtype.
    """
    for layer in module.modules():
        for name, parameter in layer._parameters.items():
            if parameter is not None:
                layer._parameters[name] = nn.Parameter(parameter.detach().to(device, dtype))
        for name, buffer in layer._buffers.items():
            if buffer is not None:
                # A fake tensor that is known to be constant refuses `to`.
                kind = dtype if buffer.is_floating_point() else buffer.dtype
                layer._buffers[name] = torch.zeros(buffer.shape, device=device, dtype=kind).copy_(buffer)
    return module
