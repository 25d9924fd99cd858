"""Which entries of a network's values must be equal: names that equal entries share, whatever the numbers are.

A name is an integer. Data get one a number, weights one each; every operation gives equal names to what it computes in
the same way from equal names. So equal names are equal real numbers; different names prove nothing. No assumption
about axes is needed: a network that reorders, mixes or compares its samples gives its rows different names.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lazy_assay.sims.rank import program as p
from lazy_assay.sims.rank.windows import as_images, as_rows, windows

Array = np.ndarray
# Pairs of factors, beyond which sums are named in order alone.
MANY = 2 * 10**7


class Names:
    """The arithmetic of names. 0 is the number 0 that padding puts in."""

    def __init__(self) -> None:
        self.next = 1

    def start(self, data: Array) -> Array:
        return self.of(data)

    def of(self, values: Array) -> Array:
        """A name a number; for arrays of floats or of integers of any size."""
        seen: dict[Any, int] = {}
        # -0.0 and 0.0 are one key, as they are one number.
        found = [seen.setdefault(value, len(seen)) for value in values.ravel().tolist()]
        return self._fresh(np.array(found, dtype=np.int64).reshape(values.shape), len(seen))

    def apply(self, operation: Any, *inputs: Array) -> Array:
        match operation, inputs:
            case p.Constant(values, weights), _:
                return self._each(values) if weights else self.of(values)
            case p.Gather(index, shape), parts:
                return np.asarray(np.concatenate([[0], *(part.ravel() for part in parts)])[index].reshape(shape))
            case p.Reshape(shape), (x,):
                return x.reshape(shape)
            case p.Affine(W, _), (x,):
                return self._by_row(x, W.shape[1])
            case p.Convolution(weight, _, stride, padding, dilation), (x,):
                seen = windows(x, weight.shape[2:], stride, padding, dilation)
                return as_images(self._by_row(as_rows(seen), len(weight)), seen)
            case p.Normalisation(), (x,):
                return self._normalised(operation, x)
            case p.Softmax(kept), (x,):
                return self._softmax(x, kept)
            case p.Product(), (x, y):
                return self._product(x, y)
            case ((p.Total() | p.Maximum()), (x,)):
                # In any order.
                return self._by_row(np.sort(x.reshape(-1, x.shape[-1])), 1).reshape(x.shape[:-1])
            case ((p.Add() | p.Multiply()), (x, y)):
                x, y = np.broadcast_arrays(x, y)
                return self._together(np.minimum(x, y), np.maximum(x, y))
            case _, parts:
                return self._together(*parts)

    def _fresh(self, classes: Array, number: int) -> Array:
        made = classes + self.next
        self.next += number
        return made

    def _each(self, values: Array) -> Array:
        return self._fresh(np.arange(values.size).reshape(values.shape), values.size)

    def _by_row(self, rows: Array, results: int) -> Array:
        """`results` names for each row, the same for equal rows."""
        found, number = _classes(rows)
        return self._fresh(found[:, None] * results + np.arange(results), number * results)

    def _together(self, *parts: Array) -> Array:
        """Entry by entry."""
        parts = tuple(np.broadcast_arrays(*parts))
        found, number = _classes(np.stack([part.ravel() for part in parts], axis=1))
        return self._fresh(found.reshape(parts[0].shape), number)

    def _normalised(self, op: p.Normalisation, x: Array) -> Array:
        """Of the entry and its channel; channels that are treated alike are told apart by all that they hold."""
        channels = np.moveaxis(x, 1, 0).reshape(x.shape[1], -1)
        alike = op.mean is None and not op.absorbable and bool((op.scale == 1).all() and (op.shift == 0).all())
        kinds = _classes(channels)[0] if alike else np.arange(len(channels))
        shape = [1, -1, *[1] * (x.ndim - 2)]
        return self._together(x, kinds.reshape(shape))

    def _softmax(self, x: Array, kept: Array | None) -> Array:
        rows = x.reshape(-1, x.shape[-1])
        stays = np.ones(x.shape, dtype=bool) if kept is None else np.broadcast_to(kept, x.shape)
        # The sum is over what is kept, in any order.
        among, _ = _classes(np.sort(np.where(stays.reshape(rows.shape), rows + 1, 0)))
        named = self._together(rows, among[:, None])
        return np.where(stays, named.reshape(x.shape), 0)

    def _product(self, x: Array, y: Array) -> Array:
        """Sums of products in any order: by the pairs of factors that each is made of."""
        if x.size * y.shape[-1] > MANY:
            return self._product_in_order(x, y)
        (_, first), (number, second) = (_ranked(part) for part in (x, y))
        codes = first[..., :, :, None] * number + second[..., None, :, :]
        # 0 times anything is 0.
        codes = np.where((x == 0)[..., :, :, None] | (y == 0)[..., None, :, :], -1, codes)
        rows = np.sort(codes.swapaxes(-1, -2).reshape(-1, x.shape[-1]))
        return self._by_row(rows, 1).reshape(*x.shape[:-1], y.shape[-1])

    def _product_in_order(self, x: Array, y: Array) -> Array:
        left, right = (part.reshape(-1, *part.shape[-2:]) for part in (x, y.swapaxes(-1, -2)))
        rows, _ = _classes(left.reshape(-1, left.shape[-1]))
        columns, number = _classes(right.reshape(-1, right.shape[-1]))
        pairs = rows.reshape(left.shape[:2])[:, :, None] * number + columns.reshape(right.shape[:2])[:, None, :]
        found, number = _classes(pairs.reshape(-1, 1))
        return self._fresh(found.reshape(*x.shape[:-1], y.shape[-1]), number)


def _ranked(names: Array) -> tuple[int, Array]:
    """How many names there are, and the rank of each: small numbers, whose products do not overflow."""
    found, ranks = np.unique(names, return_inverse=True)
    return len(found), ranks.reshape(names.shape)


def _classes(rows: Array) -> tuple[Array, int]:
    """A number for each row of integers, the same for equal rows; and how many there are."""
    seen: dict[bytes, int] = {}
    keys = (row.tobytes() for row in np.ascontiguousarray(rows, dtype=np.int64))
    found = [seen.setdefault(key, len(seen)) for key in keys]
    return np.array(found, dtype=np.int64), len(seen)


def equal_rows(names: Array) -> tuple[int, int] | None:
    """The first two rows with the same names, or None."""
    seen: dict[bytes, int] = {}
    for index, row in enumerate(np.ascontiguousarray(names.reshape(len(names), -1), dtype=np.int64)):
        first = seen.setdefault(row.tobytes(), index)
        if first != index:
            return first, index
    return None
