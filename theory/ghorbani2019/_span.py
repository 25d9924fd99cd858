"""The space that first-layer weights span, its dimension decided exactly.

Columns of norm one have the same span. Where their singular values are all above `CLEAR` of the largest the span is
known to a rounding over `CLEAR`. Where some are not, the rank is that of the matrix of rationals which the floats are:
either those columns are dependent exactly, or the span cannot be had from doubles, and that is said.
"""

from fractions import Fraction

import numpy as np

from lazy_assay.theory import InvalidParameterError

Array = np.ndarray
# The fourth root of the machine epsilon: what is above it is known to twelve digits of sixteen, and no draw of Gaussian
# weights comes near it.
CLEAR = float(np.finfo(float).eps) ** 0.25
# Entries of a matrix whose rank is found in integers.
MOST_ENTRIES = 10_000


def basis(W: Array) -> Array:
    """An orthonormal basis of the columns' span, (d, rank). Raises InvalidParameterError where it cannot be known."""
    kept = W[:, np.abs(W).max(axis=0) > 0]
    # By the largest entry first: squares of very large and very small entries leave the range of doubles.
    kept = kept / np.abs(kept).max(axis=0)
    kept = kept / np.linalg.norm(kept, axis=0)
    vectors, values, _ = np.linalg.svd(kept, full_matrices=False)
    rank = int((values > CLEAR * values.max(initial=0.0)).sum())
    if rank < len(values) and _exact_rank(W) != rank:
        raise InvalidParameterError(
            "W has columns that are dependent but for their last digits: what they span is not known in double "
            "precision; take them further apart, or repeat them exactly"
        )
    return np.asarray(vectors[:, :rank])


def orthogonal(W: Array) -> Array:
    """An orthonormal basis of what is orthogonal to the columns, (d, d − rank)."""
    inside = basis(W)
    return np.asarray(np.linalg.svd(inside, full_matrices=True)[0][:, inside.shape[1] :])


def _exact_rank(W: Array) -> int:
    from flint import fmpq, fmpq_mat

    W = np.unique(W, axis=1)
    if W.size > MOST_ENTRIES:
        raise InvalidParameterError(
            f"W has nearly dependent columns; their rank is found for up to {MOST_ENTRIES} entries"
        )
    ratios = [[Fraction(x) for x in row] for row in W.tolist()]
    return int(fmpq_mat([[fmpq(x.numerator, x.denominator) for x in row] for row in ratios]).rank())
