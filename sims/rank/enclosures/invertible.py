"""Full row rank in ball arithmetic, the precision doubled until the proof succeeds or the effort is spent."""

from __future__ import annotations

from collections.abc import Iterator

import flint
import numpy as np
from scipy import linalg

from lazy_assay.sims.rank._result import NoVerdictError, Proof
from lazy_assay.sims.rank.enclosures.balls import Balls, matrix
from lazy_assay.sims.rank.enclosures.radii import Enclosure
from lazy_assay.sims.rank.program import Program

Array = np.ndarray
FIRST, LAST = 128, 4096
# Seconds on one core, fitted once to python-flint 0.9 at 128 bits: for an elimination step, a product, a function.
# They steer the effort alone: what is proved does not depend on them.
ELIMINATION, PRODUCT, FUNCTION = 2.4e-8, 6e-9, 4e-6


def precisions(samples: int, products: int, elements: int, effort: float) -> Iterator[int]:
    """Doubling precisions in bits, as long as their estimated cost stays within the effort."""
    spent, bits = 0.0, FIRST
    while bits <= LAST:
        growth = bits / FIRST
        spent += (samples**3 * ELIMINATION + products * PRODUCT) * growth**1.2 + elements * FUNCTION * growth**0.7
        if spent > effort:
            return
        yield bits
        bits *= 2


def full_rank(program: Program, data: Array, guess: Enclosure, bits: Iterator[int]) -> Proof:
    """n columns of the matrix form an invertible matrix. Raises NoVerdictError where no precision shows it."""
    columns = _chosen(guess, len(data))
    tried = 0
    for tried in bits:
        with flint.ctx.workprec(tried):
            h = program.run(Balls(), data)
            full = np.hstack([h, np.full((len(h), 1), flint.arb(1), dtype=object)]) if program.ones else h
            if _invertible(matrix(full[:, columns])):
                return Proof(rung="ball arithmetic", numbers={"bits": tried, "columns used": len(columns)})
    told = f"no proof at up to {tried} bits" if tried else "dearer than the effort allows"
    raise NoVerdictError(f"ball arithmetic: {told}")


def _invertible(square: flint.arb_mat) -> bool:
    """Whether Arb can solve with it, which it does with a proof that every matrix in the balls is invertible."""
    if not all(entry.is_finite() for entry in square.entries()):
        return False
    try:
        square.solve(flint.arb_mat(square.nrows(), 1, [1] * square.nrows()))
    except ZeroDivisionError:
        return False
    return True


def _chosen(guess: Enclosure, count: int) -> Array:
    """The first `count` columns in the order of a pivoted QR factorisation: a guess at independent ones."""
    middle = guess.middle
    if not np.isfinite(middle).all():
        return np.arange(middle.shape[1])[-count:]
    size = np.abs(middle).max(axis=0)
    _, order = linalg.qr(middle / np.where(size > 0, size, 1.0), mode="r", pivoting=True, check_finite=False)
    return np.sort(order[:count])
