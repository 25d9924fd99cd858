"""The pre-activation ResNet of Kawaguchi and Sun 2021, section 7: softplus throughout, a wide last hidden layer.

A factory of torch modules, not a simulation: it returns a network, with weights that `entropy` alone determines.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from lazy_assay.sims.core.streams import generator
from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import nn

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.preactivation_resnet"

# The paper's "18 layers": a stem, eight blocks of two convolutions, the output layer. The wide layer is extra.
EIGHTEEN_LAYERS = (2, 2, 2, 2)
ONE_BLOCK_A_STAGE = (1, 1, 1, 1)


def preactivation_resnet(
    *,
    channels: int,
    width: int,
    blocks: Sequence[int],
    last_hidden: int,
    outputs: int,
    entropy: int,
    zeta: float = 100.0,
    dtype: str = "float64",
) -> nn.Module:
    """Images (n, channels, rows, columns) to (n, outputs), in training mode: batch statistics.

    Stage s has blocks[s] blocks of width·2^s channels and halves the image, the first one apart. Then a norm,
    softplus, the mean over the image, `last_hidden` units (the paper takes 1.1 n) with softplus, and the output layer.
    Weights are uniform on ±1/√fan_in, torch's own initialisation; norms start at scale 1, shift 0.
    """
    from lazy_assay.sims.deep import layers as _layers

    # Constructors draw from torch's global generator: it is put back.
    with torch.random.fork_rng(devices=[]):
        module = _assembled(channels, width, blocks, last_hidden, outputs, zeta)
    module = _layers.placed(module, "cpu", getattr(torch, dtype))
    _layers.redraw(module, generator(entropy))
    return module


def silence_residuals(module: nn.Module) -> None:
    """Set the last convolution of residual branches to zero, in place, where the shortcut is the identity.

    Such blocks then pass on what they read. Where the image is halved the branch stays: shortcuts alone would read
    one pixel of every few.
    """
    from lazy_assay.sims.deep import layers as _layers

    for block in module.modules():
        if isinstance(block, _layers.PreactivationBlock) and block.shortcut is None:
            torch.nn.init.zeros_(block.conv2.weight)


def _assembled(
    channels: int, width: int, blocks: Sequence[int], last_hidden: int, outputs: int, zeta: float
) -> nn.Module:
    from torch import nn

    from lazy_assay.sims.deep.layers import Softplus

    end = width * 2 ** (len(blocks) - 1)
    stages = [block for s, count in enumerate(blocks) for block in _stage(width, s, count, zeta)]
    return nn.Sequential(
        nn.Conv2d(channels, width, 3, padding=1, bias=False),
        *stages,
        *(nn.BatchNorm2d(end), Softplus(zeta), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        *(nn.Linear(end, last_hidden), Softplus(zeta), nn.Linear(last_hidden, outputs)),
    )


def _stage(width: int, s: int, count: int, zeta: float) -> list[nn.Module]:
    """The blocks of stage s: the first one changes width and halves the image, in all stages but the first."""
    from lazy_assay.sims.deep.layers import PreactivationBlock

    before, here = width * 2 ** max(0, s - 1), width * 2**s
    sizes = [before, *[here] * count]
    strides = [2 if s else 1, *[1] * (count - 1)]
    return [
        PreactivationBlock(fan_in, fan_out, stride, zeta)
        for (fan_in, fan_out), stride in zip(pairwise(sizes), strides, strict=True)
    ]
