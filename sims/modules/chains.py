"""Modules whose layers stand one after the other, each known to take every point alone: nothing need be mapped.

What is known is known by type: torch's own layers, exactly, with torch's own code, without hooks or anything else that
makes one another function. So no output depends on another point, and one backward pass for each output, through all
points at once, gives the gradients at the results of linear maps and convolutions. Shapes are told beforehand.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn import functional

from lazy_assay.sims.modules.aliases import may_exist
from lazy_assay.sims.modules.capture import Call, OtherWaysError, windowed
from lazy_assay.sims.modules.mapped import Pass, Way, each_output, gradients_at, other_ways
from lazy_assay.sims.modules.outputs import flat

if TYPE_CHECKING:
    from torch import Tensor

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d)
# Entry by entry, without parameters.
_ENTRYWISE = (
    nn.CELU, nn.ELU, nn.GELU, nn.Hardshrink, nn.Hardsigmoid, nn.Hardswish, nn.Hardtanh, nn.Identity, nn.LeakyReLU,
    nn.LogSigmoid, nn.Mish, nn.ReLU, nn.ReLU6, nn.SELU, nn.SiLU, nn.Sigmoid, nn.Softplus, nn.Softshrink, nn.Softsign,
    nn.Tanh, nn.Tanhshrink, nn.Threshold,
)  # fmt: skip
_KNOWN = frozenset({nn.Sequential, nn.Flatten, nn.Linear, *_CONVOLUTIONS, *_ENTRYWISE})
_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
_EVERYWHERE = [getattr(nn.modules.module, f"_global{name}") for name in _HOOKS]


@dataclass(frozen=True)
class Chain:
    """Layers in their order, those with trained parameters as calls, and the number of outputs at a point."""

    layers: Sequence[nn.Module]
    way: Way
    outputs: int


def chain(module: nn.Module, x: Tensor) -> Chain | None:
    """The chain that a module is at points x (n, ...), or None for one of which more would have to be known."""
    layers = _layers(module) if type(x) is torch.Tensor and _is_torchs_own() else None
    parameters = [p for layer in layers or () for p in layer._parameters.values() if p is not None]
    if not layers or len({id(p) for p in parameters}) < len(parameters) or may_exist(parameters):
        return None
    calls: list[Call] = []
    shape: tuple[int, ...] = tuple(x.shape[1:])
    for layer in layers:
        if (following := _shape(layer, shape)) is None:
            return None
        if _is_trained(layer):
            calls.append(_call(layer, x[:0], following))
        shape = following
    return Chain(layers, Way({}, tuple(calls), []), math.prod(shape)) if calls else None


def in_turn(known: Chain, x: Tensor) -> Pass:
    """A pass of all points forward, and one back for each output. Raises OtherWaysError where it cannot be."""
    inputs, results, values = [], [], x
    with other_ways():
        for layer in known.layers:
            before, values = values, layer(values)
            if _is_trained(layer):
                # As at one point: with an axis for the one.
                inputs.append(before.detach().unsqueeze(1))
                results.append(values)
        shapes = [(1, *result.shape[1:]) for result in results]
        if values.dtype != x.dtype or shapes != [tuple(call.shape) for call in known.way.calls]:
            raise OtherWaysError
        outputs = flat(values, len(x))
        gradients = _gradients(known.layers[-1], before, outputs, results)
    return Pass(outputs.detach(), inputs, [gradient.unsqueeze(2) for gradient in gradients], [])


def _gradients(last: Any, before: Tensor, outputs: Tensor, results: list[Tensor]) -> list[Tensor]:
    """Of each output at each result, (n, O, ...). Through a last map of vectors they are rows of its weight."""
    if type(last) is not nn.Linear or before.ndim != 2 or not before.requires_grad:
        return gradients_at(outputs, each_output(outputs), results, [])
    seeds = (row.expand_as(before) for row in last.weight.detach())
    own = torch.eye(outputs.shape[1], dtype=outputs.dtype, device=outputs.device).expand(len(outputs), -1, -1)
    if not _is_trained(last):
        return gradients_at(before, seeds, results, [])
    return [*gradients_at(before, seeds, results[:-1], []), own]


def _is_trained(layer: nn.Module) -> bool:
    return any(p is not None and p.requires_grad for p in layer._parameters.values())


def _call(layer: Any, inputs: Tensor, shape: tuple[int, ...]) -> Call:
    return Call(layer.weight, layer.bias, inputs, torch.Size((1, *shape)), _window(layer))


def _window(layer: Any) -> Any:
    if isinstance(layer, nn.Linear):
        return None
    return windowed(layer.weight, layer.stride, layer.padding, layer.dilation, layer.groups)


def _shape(layer: Any, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """Of its result at a point, from that of the point; None where torch would take the axis of points for another."""
    if isinstance(layer, nn.Linear):
        return (*shape[:-1], layer.out_features) if shape else None
    if isinstance(layer, nn.Flatten):
        last = layer.end_dim % (len(shape) + 1) if layer.end_dim <= len(shape) else 0
        return (math.prod(shape[:last]), *shape[last:]) if last else None
    if not isinstance(layer, _CONVOLUTIONS):
        return shape
    if len(shape) != layer.weight.ndim - 1:
        return None
    window, sizes = _window(layer), layer.weight.shape[2:]
    steps = zip(shape[1:], window.padding, window.dilation, sizes, window.stride, strict=True)
    return (layer.out_channels, *((n + a + b - gap * (k - 1) - 1) // step + 1 for n, (a, b), gap, k, step in steps))


def _layers(module: nn.Module) -> tuple[nn.Module, ...] | None:
    if type(module) not in _KNOWN or not _is_plain(module):
        return None
    if type(module) is not nn.Sequential:
        return (module,)
    parts = [_layers(part) for part in module]
    return None if None in parts else tuple(layer for part in parts if part for layer in part)


def _is_plain(module: Any) -> bool:
    """Whether calling it is calling what torch wrote for its class, with parameters that are plain ones."""
    held, kind = vars(module), type(module)
    changed = any(map(held.get, _HOOKS)) or any(map(callable, held.values()))
    own = kind.forward.__code__.co_filename == sys.modules[kind.__module__].__file__
    plain = all(p is None or type(p) is nn.Parameter for p in held["_parameters"].values())
    return own and plain and not changed and _is_per_point(module)


def _is_per_point(layer: Any) -> bool:
    """Whether it writes over nothing, sees nothing beyond zeros around an image, and keeps the axis of points."""
    zeros = getattr(layer, "padding_mode", "zeros") == "zeros"
    return zeros and not getattr(layer, "inplace", False) and getattr(layer, "start_dim", 1) == 1


def _is_torchs_own() -> bool:
    """Whether nothing stands between a layer and what torch computes: hooks on all modules, modes, other functions."""
    functions = functional.linear, functional.conv1d, functional.conv2d
    plain = functions == (torch._C._nn.linear, torch.conv1d, torch.conv2d)
    plain = plain and nn.Module.__call__ is nn.Module._wrapped_call_impl
    modes = torch._C._len_torch_function_stack() + torch._C._len_torch_dispatch_stack()
    return plain and not modes and not any(_EVERYWHERE)
