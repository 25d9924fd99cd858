"""A forward pass that notes every linear map and convolution by a parameter, so that gradients need not be formed.

The gradient of an output with respect to a weight is a sum over positions t of g_t a_tᵀ, with a_t the layer's input (a
patch, for a convolution) and g_t the output's gradient with respect to the layer's result at t. A mode sees the calls
themselves, not the modules: a functional use of a parameter, a subclass or a shared layer is seen all the same. In a
noted call leaves of its own stand for the parameters; one that reaches the outputs' graph all the same is used in
other ways too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode


@dataclass(frozen=True)
class Call:
    """One use of a weight at one point: its input, and the shape of its result."""

    weight: Tensor
    bias: Tensor | None
    inputs: Tensor
    shape: torch.Size
    # Of a convolution: stride, dilation, groups and padding before and after, each axis; None for a linear map.
    window: Window | None

    def parameters(self) -> list[Tensor]:
        """Those that are trained."""
        return [p for p in (self.weight, self.bias) if p is not None and p.requires_grad]

    def shift(self, points: int) -> Tensor:
        """What is added to W a, its bias or zero, at each of so many points: a leaf whose gradient is g."""
        axes = 0 if self.window is None else self.weight.ndim - 2
        added = self.weight.new_zeros(()) if self.bias is None else self.bias.detach()[(..., *(None,) * axes)]
        return added.expand(points, *self.shape).requires_grad_()


@dataclass(frozen=True)
class Window:
    """How a convolution slides."""

    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int
    padding: tuple[tuple[int, int], ...]


class OtherWaysError(Exception):
    """A pass that does not take the way that was found out."""


class Capture(TorchFunctionMode):
    """Notes calls by those of a module's parameters that are in `noted` (by id), with what stands for them there.

    With `shifts`, one for each call in turn, these stand for what a call adds to W a. `leaves` stand for parameters
    (by id) wherever else they are met: in a list, a dictionary or a closure too.
    """

    def __init__(
        self, noted: Mapping[int, Tensor], shifts: Iterable[Tensor] | None = None,
        leaves: Mapping[int, Tensor] | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self._stands, self._leaves = noted, leaves or {}
        self._shifts: Iterator[Tensor] | None = None if shifts is None else iter(shifts)
        self.calls: list[Call] = []
        # A derivative of a call depends on its weight in ways of its own.
        self.differentiates = False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        named = kwargs or {}
        self.differentiates |= getattr(func, "__name__", "") in _DERIVATIVES
        if self._leaves:
            substituted, named = self._substituted(args), self._substituted(named)
        else:
            substituted = args
        if func in _LINEAR or func in _CONVOLUTIONS:
            arguments = _linear_arguments if func in _LINEAR else _convolution_arguments
            inputs, weight, bias, *sliding = arguments(*substituted, **named)
            if self._is_ours(func, inputs, weight, bias):
                return self._noted(func, inputs, weight, bias, sliding)
        return func(*substituted, **named)

    def _substituted(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            return self._leaves.get(id(value), value)
        if isinstance(value, dict):
            return {key: self._substituted(part) for key, part in value.items()}
        if type(value) in (tuple, list):
            return type(value)(self._substituted(part) for part in value)
        return value

    def _noted(self, func: Any, inputs: Tensor, weight: Tensor, bias: Tensor | None, sliding: Sequence[Any]) -> Tensor:
        window = windowed(weight, *sliding) if func in _CONVOLUTIONS else None
        stand = self._stands[id(weight)]
        if self._shifts is None:
            result: Tensor = func(inputs, stand, None if bias is None else self._stands[id(bias)], *sliding)
        else:
            result = self._shifted(func(inputs, stand, None, *sliding))
        self.calls.append(Call(weight, bias, inputs.detach(), result.shape, window))
        return result

    def _shifted(self, result: Tensor) -> Tensor:
        shift = next(self._shifts or iter(()), None)
        if shift is None or shift.shape != result.shape:
            raise OtherWaysError
        return result + shift

    def _is_ours(self, func: Any, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> bool:
        used = [p for p in (weight, bias) if p is not None]
        known = all(id(p) in self._stands for p in used) and any(p.requires_grad for p in used)
        batched = inputs.ndim >= 1 if func in _LINEAR else inputs.ndim == weight.ndim
        # At the one point that shows the way nothing is wrapped, unless the module itself maps or differentiates.
        plain = self._shifts is not None or not torch._C._functorch.is_functorch_wrapped_tensor(inputs)
        return known and batched and plain and weight.ndim in (2, 3, 4)


# torch.autograd.grad, a backward pass, and the first step of every forward-mode product.
_DERIVATIVES = frozenset({"grad", "backward", "_make_dual"})
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


def windowed(weight: Tensor, stride: Any, padding: Any, dilation: Any, groups: int) -> Window:
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


def patches(call: Call, inputs: Tensor) -> Tensor:
    """What a call reads at points, (points, positions, groups, entries), from its inputs there (points, ...)."""
    if call.window is None:
        return inputs.reshape(len(inputs), -1, 1, inputs.shape[-1])
    window, size = call.window, call.weight.shape[2:]
    stride, dilation, pads = window.stride, window.dilation, window.padding
    images = inputs.flatten(0, 1)
    if len(size) == 1:
        images, size = images[:, :, None], torch.Size((1, *size))
        stride, dilation, pads = (1, *stride), (1, *dilation), ((0, 0), *pads)
    padded = functional.pad(images, (*pads[1], *pads[0]))
    columns = functional.unfold(padded, tuple(size), dilation=dilation, stride=stride)
    return _positions(columns, window.groups, len(inputs))


def sensitivities(call: Call, gradient: Tensor) -> Tensor:
    """The gradient at a call's result, (points, positions, groups, channels), from (points, ...)."""
    if call.window is None:
        return gradient.reshape(len(gradient), -1, 1, gradient.shape[-1])
    return _positions(gradient.flatten(0, 1).flatten(2), call.window.groups, len(gradient))


def _positions(columns: Tensor, groups: int, points: int) -> Tensor:
    """(points · images, groups · k, places) as (points, images · places, groups, k)."""
    parted = columns.reshape(len(columns), groups, -1, columns.shape[-1]).permute(0, 3, 1, 2)
    return parted if len(parted) == points else parted.reshape(points, -1, *parted.shape[2:])
