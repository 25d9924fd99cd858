"""Whether rows are pairwise distinct, proved: by one direction along which all of their intervals are apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lazy_assay.sims.rank.enclosures.radii import Enclosure, U, affine

DIRECTIONS = 8


@dataclass(frozen=True)
class Separation:
    """The direction u, and the least distance between neighbouring intervals of <row, u>."""

    direction: np.ndarray
    gap: float


def separation(rows: Enclosure) -> Separation | None:
    """A direction that tells all rows (n, p) apart, or None: then nothing is known."""
    width = rows.middle.shape[1]
    guesses = np.random.default_rng(0).standard_normal((width, DIRECTIONS))
    for u in guesses.T:
        along = affine(rows, u[:, None], None)
        order = np.argsort(along.middle[:, 0])
        middle, radius = along.middle[order, 0], along.radius[order, 0]
        gaps = np.diff(middle) * (1 - 4 * U) - (radius[1:] + radius[:-1]) * (1 + 4 * U)
        if (gaps > 0).all():
            return Separation(u, float(gaps.min()) if len(gaps) else np.inf)
    return None
