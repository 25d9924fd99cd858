"""Boxes of particles, centres and half widths (B, d), as branch and bound cuts them."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def halved(centres: Array, halves: Array) -> tuple[Array, Array]:
    """Every box cut in two along its longest side."""
    rows, axis = np.arange(len(centres)), np.argmax(halves, axis=1)
    half, moved = halves.copy(), np.zeros_like(centres)
    half[rows, axis] /= 2
    moved[rows, axis] = half[rows, axis]
    return np.concatenate([centres - moved, centres + moved]), np.concatenate([half, half])
