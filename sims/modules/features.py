"""Inner products of gradients from what a forward and a backward pass leave, layer by layer (Novak et al. 2022).

For one weight, <∂f/∂W, ∂f'/∂W> = Σ_{t, t'} <g_t, g'_t'> <a_t, a'_t'>. With one position that is a product of two Gram
matrices, entry by entry. With many positions either the Gram matrices of all positions are multiplied and summed, or
the gradients Σ_t g_t a_tᵀ are formed: whichever takes fewer operations.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.modules.gate import is_known

if TYPE_CHECKING:
    from torch import Tensor

# Entries of a Gram matrix that are worked on at once, so that they stay in a cache.
_CHUNK = 2**17
# What `add` holds at once beside its arguments, in numbers; a chunk of a wide row may take more, never more than a row.
WORK = 6 * _CHUNK


@dataclass(frozen=True)
class Layer:
    """Of one weight: inputs a (n, T, G, q) and gradients g (n, O, T, G, c); `bias`: with one bias entry a channel."""

    a: Tensor
    g: Tensor
    bias: bool


@dataclass(frozen=True)
class Direct:
    """Gradients as they are, (n, O, P)."""

    rows: Tensor


Feature = Layer | Direct


def gathered(parts: Iterable[Sequence[Feature]], n: int) -> list[Feature]:
    """The features of n points from those of some after the others, without a second copy of all."""
    wholes: list[Feature] = []
    start = 0
    for found in parts:
        wholes = wholes or [type(feature)(**_rooms(feature, n)) for feature in found]
        for whole, part in zip(wholes, found, strict=True):
            for name, tensor in _tensors(part).items():
                stop = start + len(tensor)
                getattr(whole, name)[start:stop] = tensor
        start = stop
    return wholes


def _tensors(feature: Feature) -> dict[str, Tensor]:
    return {"a": feature.a, "g": feature.g} if isinstance(feature, Layer) else {"rows": feature.rows}


def _rooms(feature: Feature, n: int) -> dict[str, Any]:
    rooms: dict[str, Any] = {name: t.new_empty(n, *t.shape[1:]) for name, t in _tensors(feature).items()}
    return rooms | ({"bias": feature.bias} if isinstance(feature, Layer) else {})


def apart(feature: Feature, cotangent: Tensor, expected: Sequence[Tensor]) -> list[Tensor]:
    """The gradient of Σ_o c_o f_o at the first point, less what is `expected`, in each parameter of a feature.

    What is expected may be overwritten.
    """
    if isinstance(feature, Direct):
        return [torch.addmv(expected[0].flatten(), feature.rows[0].mT, cotangent, beta=-1)]
    # (T, G, c), and Σ_t g_t a_tᵀ in each group.
    g = (feature.g[0] * cotangent[:, None, None, None]).sum(0)
    a = feature.a[0]
    wanted = expected[0].reshape(a.shape[1], -1, a.shape[2])
    weight = wanted.baddbmm_(g.permute(1, 2, 0), a.transpose(0, 1), beta=-1)
    return [weight, g.sum(0).flatten() - expected[1]] if feature.bias else [weight]


def shape_of(kind: str, n: int, m: int, outputs: int) -> tuple[int, ...]:
    """Of the matrix that `add` fills: (n, O, m, O) for "full", (O, n, m) for "each", (n, m) for "mean"."""
    return {"full": (n, outputs, m, outputs), "each": (outputs, n, m), "mean": (n, m)}[kind]


def add(total: Tensor, kind: str, left: list[Feature], right: list[Feature]) -> None:
    """Adds the inner products of all features; "mean" adds sums over the outputs.

    Of features with themselves (`right` is `left`), what lies below the diagonal may be left out.
    """
    for one, other in zip(left, right, strict=True):
        if isinstance(one, Layer) and isinstance(other, Layer):
            _add_layer(total, kind, one, other)
        elif isinstance(one, Direct) and isinstance(other, Direct):
            _add_inner(total, kind, one.rows, other.rows, None)


def formed_is_cheaper(n: int, m: int, kind: str, outputs: int, positions: int, groups: int, q: int, c: int) -> bool:
    """Whether forming the gradients of a weight takes fewer operations than Gram matrices over positions."""
    pairs, size = (outputs * outputs if kind == "full" else outputs), groups * c * q
    formed = n * m * pairs * size + (n + m) * outputs * positions * size
    return formed < n * m * positions * positions * groups * (q + pairs * (c + 1))


def _add_layer(total: Tensor, kind: str, x: Layer, y: Layer) -> None:
    n, T, G, q = x.a.shape
    m, outputs, c = len(y.a), x.g.shape[1], x.g.shape[-1]
    if T == G == 1:
        g = x.g.reshape(n, outputs, c)
        other = g if y is x else y.g.reshape(m, outputs, c)
        _add_inner(total, kind, g, other, (x.a, y.a), float(x.bias))
    elif formed_is_cheaper(n, m, kind, outputs, T, G, q, c):
        step = channels_formed(outputs, T, q, c)
        for some in (slice(start, start + step) for start in range(0, c, step)):
            formed = _formed(x, some)
            _add_inner(total, kind, formed, formed if y is x else _formed(y, some), None)
    else:
        _add_positions(total, kind, x, y)
    if x.bias and not T == G == 1:
        shifts = x.g.sum(2).flatten(2)
        _add_inner(total, kind, shifts, shifts if y is x else y.g.sum(2).flatten(2), None)


def channels_formed(outputs: int, positions: int, q: int, c: int) -> int:
    """Of how many channels gradients are formed at once: they take a quarter of what they are formed of, or one's."""
    return max(1, min(c, positions * (q + outputs * c) // (4 * outputs * q)))


def _formed(x: Layer, channels: slice) -> Tensor:
    """Σ_t g_t a_tᵀ for some channels of each group, (n, O, P)."""
    n, outputs = x.g.shape[:2]
    # (n, G, O c, T) by (n, G, T, q).
    g = x.g[..., channels].permute(0, 3, 1, 4, 2)
    weight = g.reshape(n, g.shape[1], -1, g.shape[-1]) @ x.a.permute(0, 2, 1, 3)
    return weight.reshape(n, g.shape[1], outputs, -1).transpose(1, 2).reshape(n, outputs, -1)


def _add_inner(
    total: Tensor, kind: str, x: Tensor, y: Tensor, inputs: tuple[Tensor, Tensor] | None, shift: float = 0.0
) -> None:
    """Adds <x_n, y_m> over the last axis of (n, O, P), times <a, a'> + shift where inputs are given.

    Of x with itself (y is x) only rows from their block on the diagonal on.
    """
    n, m, outputs = len(x), len(y), x.shape[1]
    pair = None if inputs is None else (inputs[0].reshape(n, -1), inputs[1].reshape(m, -1))
    if kind == "mean":
        _add_products(total, x.flatten(1), y.flatten(1), pair, shift, among=y is x)
        return
    for rows, first in _strips(n, m * outputs * outputs, among=y is x):
        factor = None if pair is None else _shifted(shift, pair[0][rows], pair[1][first:].mT)
        part = total[rows, :, first:] if kind == "full" else total[..., rows, first:]
        _accumulate(part, kind, x[rows], y[first:], factor)


def _strips(n: int, row: int, *, among: bool) -> Iterator[tuple[slice, int]]:
    """Rows of a matrix, `row` numbers each, that stay in a cache, and the first column; five at least if `among`."""
    step = max(1, _CHUNK // row)
    step = min(step, -(-n // 5)) if among else step
    for start in range(0, n, step):
        yield slice(start, start + step), start if among else 0


def _shifted(shift: float, x: Tensor, y: Tensor) -> Tensor:
    """The product of two matrices, and a number."""
    product = x @ y
    return product.add_(shift) if shift else product


def _add_products(
    total: Tensor, x: Tensor, y: Tensor, pair: tuple[Tensor, Tensor] | None, shift: float, *, among: bool
) -> None:
    """`_add_inner` of the sums over outputs: vectors x (n, O·P) and y (m, O·P)."""
    scale = 1.0
    if pair is not None and x.stride(0) == y.stride(0) == 0 and is_known(x):
        # Gradients are the same at every point, as those at a last map's result are.
        scale = (x[0] @ y[0]).item()
        (x, y), pair = pair, None
        total.add_(shift * scale)
    for rows, first in _strips(len(x), len(y), among=among):
        part, product = total[rows, first:], (x[rows], y[first:].mT)
        if pair is None:
            part.addmm_(*product, alpha=scale)
        else:
            part.addcmul_(torch.mm(*product), _shifted(shift, pair[0][rows], pair[1][first:].mT))


def _accumulate(part: Tensor, kind: str, x: Tensor, y: Tensor, factor: Tensor | None) -> None:
    if kind == "each":
        product = x.transpose(0, 1) @ y.permute(1, 2, 0)
    else:
        product = (x.flatten(0, 1) @ y.flatten(0, 1).mT).view(part.shape)
        factor = None if factor is None else factor[:, None, :, None]
    if factor is None:
        part.add_(product)
    else:
        part.addcmul_(product, factor)


def _add_positions(total: Tensor, kind: str, x: Layer, y: Layer) -> None:
    """Gram matrices over all positions, some points at a time: few positions, or forming would have been cheaper."""
    n, T, G, _ = x.a.shape
    m, outputs = len(y.a), x.g.shape[1]
    step = max(1, math.isqrt(_CHUNK // (T * T * G)))
    pairs = [(o, p) for o in range(outputs) for p in (range(outputs) if kind == "full" else [o])]
    for i, j in itertools.product(range(0, n, step), range(0, m, step)):
        rows, columns = slice(i, i + step), slice(j, j + step)
        gram = _positions(x.a[rows]) @ _positions(y.a[columns]).mT
        part = total[rows, :, columns] if kind == "full" else total[..., rows, columns]
        for o, p in pairs:
            product = (_positions(x.g[rows, o]) @ _positions(y.g[columns, p]).mT).mul_(gram)
            summed = product.view(G, -1, T, product.shape[-1] // T, T).sum((0, 2, 4))
            _entry(part, kind, o, p).add_(summed)


def _positions(values: Tensor) -> Tensor:
    """(n, T, G, k) as (G, n T, k)."""
    return values.permute(2, 0, 1, 3).flatten(1, 2)


def _entry(part: Tensor, kind: str, o: int, p: int) -> Tensor:
    if kind == "full":
        return part[:, o, :, p]
    return part[o] if kind == "each" else part
