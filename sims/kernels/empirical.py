"""The empirical tangent kernel of any `torch.nn.Module`: inner products of its outputs' gradients in its parameters.

Θ(x, y) = Σ_p ∂f(x)/∂p ∂f(y)/∂p over parameters with requires_grad, exact but for rounding. Where parameters act through
linear maps and convolutions (1-d and 2-d) no gradient is formed: Gram matrices of inputs and of gradients at results
give their part (Novak, Sohl-Dickstein and Schoenholz 2022, "Fast finite width neural tangent kernel"). What else a
module does with a parameter is noticed on the autograd graph, and that parameter's gradients are formed. Each point
goes through alone, many at once under torch.func.vmap, and the gradients at one of them are held against plain
autograd's: see `sims.kernels._plan`. A chain of torch's own layers needs no map over points. Points are taken in
blocks that respect a memory limit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.kernels._errors import KernelError
from lazy_assay.sims.kernels._inputs import checked
from lazy_assay.sims.kernels._storage import Store
from lazy_assay.sims.modules import features
from lazy_assay.sims.modules.errors import refused_as
from lazy_assay.sims.modules.gate import is_whole, require_finite

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

    from lazy_assay.sims.kernels._plan import Plan
    from lazy_assay.sims.modules.features import Feature

# Rows of a square on the diagonal that are mirrored at once.
_SQUARE = 256
# Of the room beside the result, what a pass through the module may take.
_SHARE = 8
_KINDS, _METHODS = ("mean", "each", "full"), ("auto", "jacobian")


def empirical_ntk(
    module: Module,
    x: Tensor,
    y: Tensor | None = None,
    *,
    outputs: str = "mean",
    memory_limit: int = 2**30,
    method: str = "auto",
    folder: Any = None,
) -> Tensor:
    """The tangent kernel between points x (n, ...) and y (m, ...), or among x, at the module's present parameters.

    With O outputs a point, `outputs` says which entries are wanted: "mean" over the outputs of Θ_oo, shape (n, m);
    "each" Θ_oo, (n, m, O); "full" Θ_op, (n, m, O, O). Several outputs (a tuple, a mapping) count one after the other.
    `memory_limit` is in bytes, for the result and the work together. `method` "jacobian" forms all gradients: for
    comparison. With `folder` the matrix of outputs="mean" is streamed into its file ntk.npy, may be larger than memory,
    and does not count for the limit; what is returned is mapped to it. f(x) is the module at x alone, and what a
    forward detaches counts as constant. The result carries no graph, to x or to the parameters. Raises KernelError for
    a module without a kernel (no trained parameters, dropout or batch statistics in training mode, points that
    influence one another, parameters that are reached through other tensors), for x or y that require gradients, for
    NaN, and for what does not fit the module or the limit.
    """
    if outputs not in _KINDS or method not in _METHODS:
        raise KernelError(
            f"outputs={outputs!r}, method={method!r}; outputs is one of {_KINDS}, method one of {_METHODS}"
        )
    if not is_whole(memory_limit):
        raise KernelError(f"memory_limit={memory_limit!r}; it is a whole number of bytes")
    if folder is not None and outputs != "mean":
        raise KernelError(f"a folder takes the matrix of outputs='mean' alone, not of outputs={outputs!r}")
    with refused_as(KernelError), Store(folder, ("ntk",), getattr(x, "device", None)) as store:
        kernel = _kernel(module, x, y, outputs, int(memory_limit), store, layerwise=method == "auto")
        return store.finished("ntk", kernel)


def _kernel(
    module: Module, x: Tensor, y: Tensor | None, kind: str, limit: int, store: Store, *, layerwise: bool
) -> Tensor:
    # These import torch at once.
    from lazy_assay.sims.kernels._plan import plans
    from lazy_assay.sims.modules.alone import Subject
    from lazy_assay.sims.modules.capture import OtherWaysError

    trained, left, right = checked(module, x, y)
    for known in plans(Subject(module, trained), left, layerwise=layerwise):
        with torch.no_grad(), suppress(OtherWaysError):
            kernel = _filled(known, left, right, kind, limit, store)
            break
    require_finite("the kernel", kernel, "its entries overflow, or the module's gradients do")
    return kernel


def _filled(known: Plan, x: Tensor, y: Tensor | None, kind: str, limit: int, store: Store) -> Tensor:
    n, m, other = len(x), len(x if y is None else y), x if y is None else y
    shape = features.shape_of(kind, n, m, known.outputs)
    size, batch = _block_size(known, shape, n, 0 if y is None else m, limit, on_disk=store.on_disk)
    total = store.matrix("ntk", shape, known.example.dtype)
    held: dict[tuple[bool, int], list[Feature]] = {}
    for rows, columns in _blocks(n, m, size, among=y is None):
        # Of x and of y; among x a block is the same on both sides. What a pair does not need goes before others come.
        left, right = (True, rows.start), (y is None, columns.start)
        held = {key: found for key, found in held.items() if key in (left, right)}
        for key, points in ((left, x[rows]), (right, other[columns])):
            if key not in held:
                held[key] = known.features(points, batch, from_first=key == (True, 0))
        part = _part(total, kind, rows, columns)
        block = known.example.new_zeros(part.shape) if store.on_disk else part
        features.add(block, kind, held[left], held[right])
        if store.on_disk:
            part.copy_(block)
        if y is None:
            _mirror(total, kind, rows, columns)
    return _finished(total, kind, known.outputs)


def _blocks(n: int, m: int, size: int, *, among: bool) -> Iterator[tuple[slice, slice]]:
    """Pairs of blocks such that each row begins with a block that the last one ended with."""
    for i, rows in enumerate(_slices(0, n, size)):
        columns = list(_slices(rows.start if among else 0, m, size))
        if among:
            # The diagonal first, the next row's last.
            columns[1:] = columns[:0:-1]
        yield from ((rows, some) for some in (columns[::-1] if i % 2 and not among else columns))


def _block_size(known: Plan, shape: tuple[int, ...], n: int, m: int, limit: int, *, on_disk: bool) -> tuple[int, int]:
    """How many points go into a block, and how many through the module at once.

    Two blocks, a pass, the result and what multiplies them fit the limit; everything at once where that fits. Of a
    result on disk only a block counts.
    """
    width = known.example.element_size()
    result = 0 if on_disk else math.prod(shape)
    # The first point's own gradients, and what they are compared with.
    work = features.WORK + 2 * sum(p.numel() for p in known.subject.trained.values())
    room = limit // width - result - work
    if not on_disk and n + m <= room // known.held:
        return max(n, m), max(n, m)
    # A pass, with what the one before it left; gradients that are formed point by point have none.
    through = 0 if known.way is None else known.held + known.kept
    batch = max(1, room // (_SHARE * max(through, 1)))
    left = room - batch * through
    if on_disk:
        # 2 s kept + s² ≤ left.
        size = math.isqrt(max(0, known.kept**2 + left)) - known.kept if left > 0 else 0
    else:
        size = max(n, m) if n + m <= left // known.kept else left // (2 * known.kept)
    if size < 1:
        least = width * (result + on_disk + work + through + 2 * known.kept)
        raise KernelError(f"memory_limit={limit} is too small: the result and two points need {least} bytes")
    return size, min(batch, size)


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
        matrix = (square.reshape(square.shape[0] * square.shape[1], -1) if kind == "full" else square).triu()
        square.copy_(matrix.add_(matrix.triu(1).mT).view(square.shape))


def _finished(total: Tensor, kind: str, outputs: int) -> Tensor:
    if kind == "full":
        return total.transpose(1, 2)
    if kind == "each":
        return total.permute(1, 2, 0)
    return total if outputs == 1 else total.div_(outputs)
