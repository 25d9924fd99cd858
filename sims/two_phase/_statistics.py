"""Batch normalisation with the statistics of the whole training set, as running statistics and for good."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lazy_assay.sims.core.torch import torch

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Linear, Module

# Without batch normalisation points do not influence one another, and go through in blocks.
BLOCK = 1024


def norms(module: Module) -> list[Any]:
    """Its batch normalisations."""
    return [layer for layer in module.modules() if isinstance(layer, torch.nn.modules.batchnorm._BatchNorm)]


def trained_norms(module: Module) -> list[Any]:
    """Those that use batch statistics while the module trains, rather than be held in evaluation mode by it."""
    with mode(module, training=True):
        return [layer for layer in norms(module) if layer.training]


def still(module: Module) -> None:
    """Evaluation mode, but for the normalisations: batch statistics, no dropout."""
    found = trained_norms(module)
    module.eval()
    for layer in found:
        layer.train()


@contextmanager
def stilled(module: Module) -> Iterator[None]:
    """As `still`, each layer put back in its mode and each buffer to its numbers afterwards."""
    with untouched_buffers(module), mode(module, training=False):
        still(module)
        yield


def hold_statistics(module: Module, inputs: Tensor) -> None:
    """Set each running mean and variance to those of all inputs under the module's present weights, exactly.

    In evaluation mode the module then computes on these inputs what it computes on all of them at once in training
    mode: the variance is the one that divides by the count, which normalisation uses, not torch's running one.
    """
    found = trained_norms(module)
    if not found:
        return
    held: dict[Any, tuple[Tensor, Tensor]] = {}

    def note(layer: Any, given: tuple[Tensor, ...]) -> None:
        axes = [axis for axis in range(given[0].ndim) if axis != 1]
        held[layer] = given[0].mean(axes), given[0].var(axes, correction=0)

    hooks = [layer.register_forward_pre_hook(note) for layer in found]
    try:
        with torch.no_grad(), mode(module, training=False):
            for layer in found:
                layer.train()
            module(inputs)
            for layer, values in held.items():
                for buffer, value in zip((layer.running_mean, layer.running_var), values, strict=True):
                    buffer.copy_(value)
    finally:
        for hook in hooks:
            hook.remove()


def features_of(module: Module, last: Linear, inputs: Tensor) -> Tensor:
    """What the last layer reads, (n, m_H), in evaluation mode, without gradients."""
    with torch.no_grad(), mode(module, training=False):
        return torch.cat([inputs_of(module, last, block)[0] for block in torch.split(inputs, BLOCK)])


def inputs_of(module: Module, last: Linear, inputs: Tensor) -> tuple[Tensor, Tensor]:
    """What the last layer reads and the module's output, in the present mode."""
    read: list[Tensor] = []
    hook = last.register_forward_pre_hook(
        lambda _, given, named: read.append(next(iter((*given, *named.values())))), with_kwargs=True
    )
    try:
        out: Tensor = module(inputs)
    finally:
        hook.remove()
    return read[-1], out


@contextmanager
def mode(module: Module, *, training: bool) -> Iterator[None]:
    """The module in a mode, each of its layers put back afterwards."""
    before = [(layer, layer.training) for layer in module.modules()]
    module.train(training)
    try:
        yield
    finally:
        for layer, was in before:
            layer.training = was


@contextmanager
def untouched_buffers(module: Module) -> Iterator[None]:
    """Running statistics as they were, whatever happens inside."""
    before = [buffer.clone() for buffer in module.buffers()]
    try:
        yield
    finally:
        with torch.no_grad():
            for buffer, was in zip(module.buffers(), before, strict=True):
                buffer.copy_(was)
