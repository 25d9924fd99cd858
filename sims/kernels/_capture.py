"""A forward pass that notes every linear map and convolution by a parameter, so that gradients need not be formed.

The gradient of an output with respect to a weight is a sum over positions t of g_t a_tᵀ, with a_t the layer's input (a
patch, for a convolution) and g_t the output's gradient with respect to the layer's result at t. A mode sees the calls
themselves, not the modules: a functional use of a parameter, a subclass or a shared layer is seen all the same. In a
noted call the parameters are detached; one that reaches the outputs' graph all the same is used in other ways too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode


@dataclass(frozen=True)
class Call:
    """One use of a weight: its input, and a zero that was added to its result, whose gradient is g."""

    weight: Tensor
    bias: Tensor | None
    inputs: Tensor
    version: int
    shift: Tensor
    # Of a convolution: stride, dilation, groups and padding before and after, each axis; None for a linear map.
    window: Window | None

    def is_intact(self) -> bool:
        """Whether nothing wrote into the input afterwards."""
        return self.inputs._version == self.version

    def parameters(self) -> list[Tensor]:
        """Those that are trained."""
        return [p for p in (self.weight, self.bias) if p is not None and p.requires_grad]


@dataclass(frozen=True)
class Window:
    """How a convolution slides."""

    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int
    padding: tuple[tuple[int, int], ...]


class Capture(TorchFunctionMode):
    """Notes calls by a module's `parameters`, but for those that need one of `excluded` (both by id)."""

    def __init__(self, parameters: set[int], excluded: set[int]) -> None:
        super().__init__()
        self._parameters, self._excluded = parameters, excluded
        self.calls: list[Call] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        named = kwargs or {}
        if func in _LINEAR:
            inputs, weight, bias = _linear_arguments(*args, **named)
            return self._noted(func, None, inputs, weight, bias, ())
        if func in _CONVOLUTIONS:
            inputs, weight, bias, *sliding = _convolution_arguments(*args, **named)
            return self._noted(func, _window(weight, *sliding), inputs, weight, bias, sliding)
        return func(*args, **named)

    def _noted(
        self, func: Callable[..., Tensor], window: Window | None, inputs: Tensor, weight: Tensor, bias: Tensor | None,
        sliding: Sequence[Any],
    ) -> Tensor:  # fmt: skip
        if not self._is_ours(inputs, weight, bias, window):
            return func(inputs, weight, bias, *sliding)
        result = func(inputs, weight.detach(), None if bias is None else bias.detach(), *sliding)
        # One number, seen at every place: its gradient has the result's shape all the same.
        shift = result.detach().new_zeros(()).expand(result.shape).requires_grad_()
        self.calls.append(Call(weight, bias, inputs.detach(), inputs._version, shift, window))
        return result + shift

    def _is_ours(self, inputs: Tensor, weight: Tensor, bias: Tensor | None, window: Window | None) -> bool:
        used = [p for p in (weight, bias) if p is not None]
        known = all(id(p) in self._parameters and id(p) not in self._excluded for p in used)
        batched = window is None or inputs.ndim == weight.ndim
        return known and batched and weight.ndim in (2, 3, 4) and any(p.requires_grad for p in used)


_LINEAR = (functional.linear, torch._C._nn.linear)
_CONVOLUTIONS = (functional.conv1d, functional.conv2d)


def _linear_arguments(
    input: Tensor, weight: Tensor, bias: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor | None]:
    return input, weight, bias


def _convolution_arguments(
    input: Tensor, weight: Tensor, bias: Tensor | None = None,
    stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1,
) -> tuple[Any, ...]:  # fmt: skip
    return input, weight, bias, stride, padding, dilation, groups


def _window(weight: Tensor, stride: Any, padding: Any, dilation: Any, groups: int) -> Window:
    axes = weight.ndim - 2
    steps, gaps = _each(stride, axes), _each(dilation, axes)
    if padding == "same":
        totals = [gap * (size - 1) for gap, size in zip(gaps, weight.shape[2:], strict=True)]
        pads = tuple((total // 2, total - total // 2) for total in totals)
    else:
        pads = tuple((size, size) for size in _each(0 if padding == "valid" else padding, axes))
    return Window(steps, gaps, groups, pads)


def _each(value: Any, axes: int) -> tuple[int, ...]:
    values = (value,) * axes if isinstance(value, int) else tuple(value)
    return values * axes if len(values) == 1 else values


def patches(call: Call, points: int) -> Tensor:
    """The inputs of a call, (points, positions, groups, entries)."""
    if call.window is None:
        return call.inputs.reshape(points, -1, 1, call.inputs.shape[-1])
    inputs, window, size = call.inputs, call.window, call.weight.shape[2:]
    stride, dilation, pads = window.stride, window.dilation, window.padding
    if len(size) == 1:
        inputs, size = inputs[:, :, None], torch.Size((1, *size))
        stride, dilation, pads = (1, *stride), (1, *dilation), ((0, 0), *pads)
    padded = functional.pad(inputs, (*pads[1], *pads[0]))
    columns = functional.unfold(padded, tuple(size), dilation=dilation, stride=stride)
    return columns.reshape(points, window.groups, -1, columns.shape[-1]).permute(0, 3, 1, 2)


def sensitivities(call: Call, gradient: Tensor, points: int) -> Tensor:
    """The gradient at a call's result, (points, positions, groups, channels)."""
    if call.window is None:
        return gradient.reshape(points, -1, 1, gradient.shape[-1])
    return gradient.reshape(points, call.window.groups, -1, gradient[0, 0].numel()).permute(0, 3, 1, 2)
