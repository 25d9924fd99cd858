"""Modules whose layers stand one after the other, each known to take every point alone: nothing need be mapped.

What is known is known by type: torch's own layers, exactly, without hooks or anything else that makes one another
function. Linear maps and convolutions are carried out by their parameters, all points at once. Where that gives the
module's own outputs at the first point, a backward pass for each output gives the gradients at their results at every
point, for no output depends on another point.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn import functional

from lazy_assay.sims.modules.aliases import may_exist
from lazy_assay.sims.modules.capture import Call, OtherWaysError, windowed
from lazy_assay.sims.modules.errors import ModuleError
from lazy_assay.sims.modules.mapped import Pass, Way, gradients_at, other_ways
from lazy_assay.sims.modules.outputs import flat

if TYPE_CHECKING:
    from torch import Tensor

    from lazy_assay.sims.modules.alone import Subject

    Applying = Callable[[nn.Module, Tensor], Tensor]

# The function of each, and the axes of what it takes where the first is that of points.
_CONVOLUTIONS: dict[Any, tuple[Any, int]] = {nn.Conv1d: (functional.conv1d, 3), nn.Conv2d: (functional.conv2d, 4)}
# Entry by entry, without parameters.
_ENTRYWISE = frozenset({
    nn.CELU, nn.ELU, nn.GELU, nn.Hardshrink, nn.Hardsigmoid, nn.Hardswish, nn.Hardtanh, nn.Identity, nn.LeakyReLU,
    nn.LogSigmoid, nn.Mish, nn.ReLU, nn.ReLU6, nn.SELU, nn.SiLU, nn.Sigmoid, nn.Softplus, nn.Softshrink, nn.Softsign,
    nn.Tanh, nn.Tanhshrink, nn.Threshold,
})  # fmt: skip
_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
_EVERYWHERE = [getattr(nn.modules.module, f"_global{name}") for name in _HOOKS]


@dataclass(frozen=True)
class Chain:
    """Layers in their order, those with trained parameters as calls, and the outputs at the first point, (O,)."""

    layers: Sequence[nn.Module]
    way: Way
    outputs: Tensor


def chain(subject: Subject, point: Tensor) -> Chain | None:
    """The chain that a module is, or None for one of which more would have to be known; point (1, ...) is the first."""
    layers = None if any(_EVERYWHERE) else _layers(subject.module)
    parameters = [id(p) for layer in layers or () for p in layer.parameters()]
    if not layers or len(set(parameters)) < len(parameters) or may_exist(subject.parameters.values()):
        return None
    try:
        with other_ways():
            outputs, calls, _ = _through(layers, point, lambda layer, values: layer(values))
    except (OtherWaysError, ModuleError):
        return None
    return Chain(layers, Way({}, tuple(calls), []), outputs[0].detach()) if calls else None


def in_turn(known: Chain, x: Tensor, *, from_first: bool) -> Pass:
    """A pass of all points forward, and one back for each output. Raises OtherWaysError where it cannot be.

    Points that begin with the first, `from_first`, show whether the layers do there what their parameters say.
    """
    with other_ways():
        outputs, calls, results = _through(known.layers, x, _applied)
        if outputs.shape[1:] != known.outputs.shape or (from_first and not _are_near(outputs[0], known.outputs)):
            raise OtherWaysError
        gradients = gradients_at(outputs, results, [])
    # As at one point: with an axis for the one.
    inputs = [call.inputs.unsqueeze(1) for call in calls]
    return Pass(outputs.detach(), inputs, [gradient.unsqueeze(2) for gradient in gradients], [])


def _are_near(outputs: Tensor, expected: Tensor) -> bool:
    slack = torch.finfo(expected.dtype).eps ** 0.5 * expected.abs().max()
    return outputs.dtype == expected.dtype and bool((outputs - expected).abs().max() <= slack)


def _through(layers: Sequence[nn.Module], x: Tensor, apply: Applying) -> tuple[Tensor, list[Call], list[Tensor]]:
    """Outputs (n, O) at n points, calls, and their results on the graph. Raises OtherWaysError."""
    calls, results, values = [], [], x
    for layer in layers:
        if not isinstance(layer, (nn.Linear, *_CONVOLUTIONS)):
            values = layer(values)
            continue
        _require_points(layer, values)
        before, values = values, apply(layer, values)
        if any(p.requires_grad for p in layer.parameters()):
            values = values if values.requires_grad else values.requires_grad_()
            calls.append(_call(layer, before.detach(), values.shape))
            results.append(values)
    return flat(values, len(x)), calls, results


def _require_points(layer: nn.Module, values: Tensor) -> None:
    """Of one image, or one vector, the first axis would not be that of points."""
    if values.ndim != _CONVOLUTIONS.get(type(layer), (None, max(2, values.ndim)))[1]:
        raise OtherWaysError


def _applied(layer: Any, values: Tensor) -> Tensor:
    """By its parameters, without the graph to them."""
    function = _CONVOLUTIONS[type(layer)][0] if type(layer) in _CONVOLUTIONS else functional.linear
    weight, bias = layer.weight.detach(), None if layer.bias is None else layer.bias.detach()
    result: Tensor = function(values, weight, bias, *_sliding(layer))
    return result


def _sliding(layer: Any) -> tuple[Any, ...]:
    return () if isinstance(layer, nn.Linear) else (layer.stride, layer.padding, layer.dilation, layer.groups)


def _call(layer: Any, inputs: Tensor, shape: torch.Size) -> Call:
    sliding = _sliding(layer)
    window = windowed(layer.weight, *sliding) if sliding else None
    return Call(layer.weight, layer.bias, inputs, shape, window)


def _layers(module: nn.Module) -> tuple[nn.Module, ...] | None:
    if not _is_plain(module):
        return None
    if type(module) is not nn.Sequential:
        return (module,) if _is_known(module) else None
    parts = [_layers(part) for part in module]
    return None if None in parts else tuple(layer for part in parts if part for layer in part)


def _is_plain(module: nn.Module) -> bool:
    """Whether calling it is calling its class's forward, and all its parameters are plain ones."""
    held = vars(module)
    changed = any(held.get(name) for name in _HOOKS) or any(callable(value) for value in held.values())
    return not changed and all(p is None or type(p) is nn.Parameter for p in held["_parameters"].values())


def _is_known(layer: nn.Module) -> bool:
    if type(layer) in _ENTRYWISE:
        return not getattr(layer, "inplace", False)
    if type(layer) in _CONVOLUTIONS:
        return bool(layer.padding_mode == "zeros")
    if type(layer) is nn.Flatten:
        return layer.start_dim == 1
    return type(layer) is nn.Linear
