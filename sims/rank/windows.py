"""Windows of images, for arrays of float64, of balls, of integers and of names alike."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray
Pair = tuple[int, int]


def windows(images: Array, window: Pair, stride: Pair, padding: Pair, dilation: Pair = (1, 1)) -> Array:
    """Images (n, channels, rows, columns) to (n, rows', columns', channels·window): one row a position."""
    if images.ndim != 4:
        raise ValueError(f"an image (n, channels, rows, columns) is needed, not shape {images.shape}")
    padded = _padded(images, padding)
    reach = tuple(d * (w - 1) + 1 for w, d in zip(window, dilation, strict=True))
    view = np.lib.stride_tricks.sliding_window_view(padded, reach, axis=(2, 3))[:, :, :: stride[0], :: stride[1]]
    view = view[..., :: dilation[0], :: dilation[1]]
    n, channels, rows, columns = view.shape[:4]
    return view.transpose(0, 2, 3, 1, 4, 5).reshape(n, rows, columns, channels * window[0] * window[1])


def _padded(images: Array, padding: tuple[int, int]) -> Array:
    """Zeros around: Python's own 0 in an array of objects, which `np.pad` would not keep."""
    n, channels, rows, columns = images.shape
    above, left = padding
    zero: Any = 0
    padded = np.full((n, channels, rows + 2 * above, columns + 2 * left), zero, dtype=images.dtype)
    padded[:, :, above : above + rows, left : left + columns] = images
    return padded


def kernel(weight: Array) -> Array:
    """A convolution's weight (out, in, rows, columns) as the matrix (in·rows·columns, out) that windows multiply."""
    return weight.reshape(len(weight), -1).T


def as_rows(positions: Array) -> Array:
    """(n, rows, columns, k) to (n·rows·columns, k)."""
    return positions.reshape(-1, positions.shape[-1])


def as_images(rows: Array, positions: Array) -> Array:
    """(n·rows·columns, out) back to (n, out, rows, columns), for the positions that the rows came from."""
    return rows.reshape(*positions.shape[:3], -1).transpose(0, 3, 1, 2)


def by_channel(values: Array, axes: int) -> Array:
    """One number a channel, shaped to broadcast over axis 1 of an array with that many axes."""
    return values.reshape(1, -1, *[1] * (axes - 2))
