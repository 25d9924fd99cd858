"""The affine maps of a network in the limit: scales of their weights and biases, and what their gradients give."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from lazy_assay.sims.kernels._errors import KernelError
from lazy_assay.sims.modules.gate import is_whole

Scale = float | None | Sequence[float | None]


class Layer(NamedTuple):
    """K = weight E[φφ] + bias, variances both; its own gradients give own·E[φφ] + own_bias."""

    weight: float
    bias: float
    own: float
    own_bias: float


def layers(
    depth: int,
    weight_std: Scale,
    bias_std: Scale,
    parameterisation: str,
    widths: int | Sequence[int] | None,
    inputs: int,
) -> list[Layer]:
    """The depth + 1 affine maps, from the input's on. Raises KernelError."""
    if not is_whole(depth) or depth < 0:
        raise KernelError(f"depth is {depth!r}; it counts hidden layers: 0, 1, 2, …")
    weights, biases = _each("weight_std", weight_std, depth + 1), _each("bias_std", bias_std, depth + 1)
    if None in weights:
        raise KernelError("weight_std is None; only biases may be absent")
    variances = [(w * w if w else 0.0, b * b if b else 0.0) for w, b in zip(weights, biases, strict=True)]
    if parameterisation == "ntk":
        if widths is not None:
            raise KernelError("widths belong to parameterisation='standard'; the NTK parameterisation has none")
        return [Layer(w, b, w, b) for w, b in variances]
    if parameterisation == "standard":
        sizes = [inputs, *_widths(widths, depth)]
        present = [float(b is not None) for b in biases]
        return [Layer(w, b, n, one) for (w, b), n, one in zip(variances, sizes, present, strict=True)]
    raise KernelError(f"parameterisation is {parameterisation!r}; it is 'ntk' or 'standard'")


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _are_several(value: Any) -> bool:
    return isinstance(value, Sequence) or (isinstance(value, np.ndarray) and value.ndim == 1)


def _each(name: str, scale: Scale, count: int) -> list[float | None]:
    """One standard deviation a layer."""
    values: list[Any] = list(scale) if _are_several(scale) else [scale] * count  # type: ignore[arg-type]
    if len(values) != count:
        raise KernelError(f"{name} has {len(values)} entries; depth {count - 1} needs {count}, or one number for all")
    for value in values:
        if value is not None and not (_is_number(value) and 0 <= value < math.inf):
            raise KernelError(f"{name} holds {' '.join(repr(value).split())}; a standard deviation is a number ≥ 0")
    return [None if value is None else float(value) for value in values]


def _widths(widths: int | Sequence[int] | None, depth: int) -> list[int]:
    """One width a hidden layer."""
    values: list[Any] = list(widths) if _are_several(widths) else [widths] * depth  # type: ignore[arg-type]
    if len(values) != depth or any(not is_whole(n) or n < 1 for n in values):
        shown = " ".join(repr(widths).split())
        raise KernelError(f"widths is {shown}; parameterisation='standard' needs the width of each hidden layer")
    return [int(n) for n in values]
