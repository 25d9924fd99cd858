"""The rules of pooling: windows are entries moved, then a mean or a maximum is taken of each."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lazy_assay.sims.rank import program as p
from lazy_assay.sims.rank.tracing.call import Call, number
from lazy_assay.sims.rank.tracing.memory import NotUnderstoodError
from lazy_assay.sims.rank.windows import windows

Array = np.ndarray
Pair = tuple[int, int]


def _pair(given: Any, default: Pair) -> Pair:
    found = [given] if isinstance(given, int) else list(given or default)
    return int(found[0]), int(found[-1])


def _geometry(call: Call) -> tuple[Pair, Pair, Pair]:
    """Window, stride and padding."""
    window = _pair(call.take("kernel_size"), (1, 1))
    return window, _pair(call.take("stride"), window), _pair(call.take("padding"), (0, 0))


def _windowed(call: Call, window: Pair, stride: Pair, padding: Pair, dilation: Pair = (1, 1)) -> Array:
    """For each entry of the result, the numbers (from 1; 0 in the padding) of those in its window: a last axis."""
    value = call.value("self")
    shape = call.tape.shapes[value]
    images = np.arange(1, 1 + math.prod(shape)).reshape(-1, 1, *shape[-2:])
    found = windows(images, window, stride, padding, dilation)
    if found.shape[:-1] != (found.shape[0], *call.shape[-2:]):
        raise NotUnderstoodError("ceil_mode=True, whose windows reach beyond the padding")
    return found.reshape(*call.shape, found.shape[-1])


def _mean(call: Call, index: Array, divisor: float) -> int:
    gathered = call.tape.moved((call.value("self"),), index, index.shape)
    summed = call.step(p.Total(), gathered)
    return call.step(p.Divide(divisor), summed)


def average(call: Call) -> int:
    """Padding counts, as torch's default has it, unless there is none."""
    window, stride, padding = _geometry(call)
    counted = bool(call.take("count_include_pad", True))
    if padding != (0, 0) and not counted:
        raise NotUnderstoodError("count_include_pad=False")
    divisor = number(call.take("divisor_override", window[0] * window[1]))
    return _mean(call, _windowed(call, window, stride, padding), divisor)


def largest(call: Call) -> Any:
    """The largest entry of each window; padding never is."""
    window, stride, padding = _geometry(call)
    index = _windowed(call, window, stride, padding, _pair(call.take("dilation"), (1, 1)))
    # An entry of the window stands in for padding, for a maximum does not mind repetitions.
    index = np.where(index == 0, index.max(axis=-1, keepdims=True), index)
    gathered = call.tape.moved((call.value("self"),), index, index.shape)
    return call.step(p.Maximum(), gathered), None


def _even(call: Call) -> tuple[Pair, Pair]:
    """The windows of an adaptive pooling whose output divides its input."""
    rows, columns = call.tape.shapes[call.value("self")][-2:]
    out = _pair(call.take("output_size"), (1, 1))
    if rows % out[0] or columns % out[1]:
        raise NotUnderstoodError(f"output_size={out}, which does not divide {(rows, columns)}")
    window = rows // out[0], columns // out[1]
    return window, window


def adaptive_average(call: Call) -> int:
    """Windows of one size."""
    window, stride = _even(call)
    return _mean(call, _windowed(call, window, stride, (0, 0)), float(window[0] * window[1]))


def adaptive_largest(call: Call) -> Any:
    """Windows of one size."""
    window, stride = _even(call)
    index = _windowed(call, window, stride, (0, 0))
    gathered = call.tape.moved((call.value("self"),), index, index.shape)
    return call.step(p.Maximum(), gathered), None


RULES: Mapping[str, Callable[[Call], Any]] = {
    "avg_pool2d": average,
    "_adaptive_avg_pool2d": adaptive_average,
    "max_pool2d_with_indices": largest,
    "adaptive_max_pool2d": adaptive_largest,
}
