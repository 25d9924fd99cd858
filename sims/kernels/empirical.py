"""The empirical tangent kernel of any `torch.nn.Module`: inner products of its outputs' gradients in its parameters.

Θ(x, y) = Σ_p ∂f(x)/∂p ∂f(y)/∂p over parameters with requires_grad, exact but for rounding. Where parameters act through
linear maps and convolutions (1-d and 2-d) no gradient is formed: Gram matrices of inputs and of gradients at results
give their part (Novak, Sohl-Dickstein and Schoenholz 2022, "Fast finite width neural tangent kernel"). What else a
module does with a parameter is noticed on the autograd graph, and that parameter's gradients are formed. Each point
goes through alone, many at once under torch.func.vmap, and the gradients at one of them are held against plain
autograd's: see `sims.kernels._plan`. Points are taken in blocks that respect a memory limit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.kernels._errors import KernelError
from lazy_assay.sims.kernels._inputs import checked
from lazy_assay.sims.modules import features
from lazy_assay.sims.modules.errors import refused_as
from lazy_assay.sims.modules.gate import is_whole, require_finite

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

    from lazy_assay.sims.kernels._plan import Plan

# Rows of a square on the diagonal that are mirrored at once.
_SQUARE = 256
_KINDS, _METHODS = ("mean", "each", "full"), ("auto", "jacobian")


def empirical_ntk(
    module: Module,
    x: Tensor,
    y: Tensor | None = None,
    *,
    outputs: str = "mean",
    memory_limit: int = 2**30,
    method: str = "auto",
) -> Tensor:
    """The tangent kernel between points x (n, ...) and y (m, ...), or among x, at the module's present parameters.

    With O outputs a point, `outputs` says which entries are wanted: "mean" over the outputs of Θ_oo, shape (n, m);
    "each" Θ_oo, (n, m, O); "full" Θ_op, (n, m, O, O). Several outputs (a tuple, a mapping) count one after the other.
    `memory_limit` is in bytes, for the result and the work together. `method` "jacobian" forms all gradients: for
    comparison. f(x) is the module at x alone, and what a forward detaches counts as constant. The result carries no
    graph, to x or to the parameters. Raises KernelError for a module without a kernel (no trained parameters, dropout
    or batch statistics in training mode, points that influence one another, parameters that are reached through other
    tensors), for x or y that require gradients, for NaN, and for what does not fit the module or the limit.
    """
    if outputs not in _KINDS or method not in _METHODS:
        raise KernelError(
            f"outputs={outputs!r}, method={method!r}; outputs is one of {_KINDS}, method one of {_METHODS}"
        )
    if not is_whole(memory_limit):
        raise KernelError(f"memory_limit={memory_limit!r}; it is a whole number of bytes")
    with refused_as(KernelError):
        return _kernel(module, x, y, outputs, int(memory_limit), layerwise=method == "auto")


def _kernel(module: Module, x: Tensor, y: Tensor | None, kind: str, limit: int, *, layerwise: bool) -> Tensor:
    # These import torch at once.
    from lazy_assay.sims.kernels._plan import plans
    from lazy_assay.sims.modules.alone import Subject
    from lazy_assay.sims.modules.capture import OtherWaysError

    trained, left, right = checked(module, x, y)
    for known in plans(Subject(module, trained), left, layerwise=layerwise):
        with torch.no_grad(), suppress(OtherWaysError):
            kernel = _filled(known, left, right, kind, limit)
            break
    require_finite("the kernel", kernel, "its entries overflow, or the module's gradients do")
    return kernel


def _filled(known: Plan, x: Tensor, y: Tensor | None, kind: str, limit: int) -> Tensor:
    n, m, other = len(x), len(x if y is None else y), x if y is None else y
    shape = features.shape_of(kind, n, m, known.outputs)
    size = _block_size(known, shape, n, 0 if y is None else m, limit)
    total = known.first.outputs.new_zeros(shape)
    for rows in _slices(0, n, size):
        left = known.features(x[rows], from_first=rows.start == 0)
        for columns in _slices(rows.start if y is None else 0, m, size):
            right = left if y is None and columns == rows else known.features(other[columns])
            features.add(_part(total, kind, rows, columns), kind, left, right)
            if y is None:
                _mirror(total, kind, rows, columns)
    return _finished(total, kind, known.outputs)


def _block_size(known: Plan, shape: tuple[int, ...], n: int, m: int, limit: int) -> int:
    """How many points go into a block, such that two blocks, the result and what multiplies them fit the limit."""
    width = known.first.outputs.element_size()
    room = limit // width - math.prod(shape) - features.WORK
    if n + m <= room // known.held:
        return max(n, m)
    size = room // (2 * known.held)
    if size < 1:
        least = width * (math.prod(shape) + features.WORK + 2 * known.held)
        raise KernelError(f"memory_limit={limit} is too small: the result and two points need {least} bytes")
    return size


def _slices(start: int, stop: int, size: int) -> Iterator[slice]:
    for first in range(start, stop, size):
        yield slice(first, min(first + size, stop))


def _part(total: Tensor, kind: str, rows: slice, columns: slice) -> Tensor:
    return total[rows, :, columns] if kind == "full" else total[..., rows, columns]


def _mirror(total: Tensor, kind: str, rows: slice, columns: slice) -> None:
    """Fills the block below the diagonal; of a block on it, what lies below from what lies above, to the last bit."""
    if rows != columns:
        part = _part(total, kind, rows, columns)
        _part(total, kind, columns, rows).copy_(part.permute(2, 3, 0, 1) if kind == "full" else part.mT)
        return
    size = max(1, _SQUARE // (total.shape[1] if kind == "full" else 1))
    for some in _slices(rows.start, rows.stop, size):
        if some.stop < rows.stop:
            _mirror(total, kind, some, slice(some.stop, rows.stop))
        square = _part(total, kind, some, some)
        matrix = square.reshape(square.shape[0] * square.shape[1], -1) if kind == "full" else square
        square.copy_((matrix.triu() + matrix.triu(1).mT).view(square.shape))


def _finished(total: Tensor, kind: str, outputs: int) -> Tensor:
    if kind == "full":
        return total.transpose(1, 2)
    return total.permute(1, 2, 0) if kind == "each" else total.div_(outputs)
