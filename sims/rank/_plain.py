"""The rank of a plain matrix, exactly: its floats are dyadic numbers, so the matrix is one of integers."""

from __future__ import annotations

from typing import Any

import flint
import numpy as np

from lazy_assay.sims.rank._deficiency import PRIMES, _pivots
from lazy_assay.sims.rank._integers import dyadic, integer_matrix
from lazy_assay.sims.rank._result import NoVerdictError, Proof, RankResult, RankVerdict, Scope
from lazy_assay.sims.rank.enclosures.radii import Enclosure
from lazy_assay.sims.rank.enclosures.residual import residual

Array = np.ndarray
# Seconds for one product of integers of a hundred bits; steers the effort alone.
INTEGER_PRODUCT = 1e-7


def plain_rank(matrix: Any, effort: float) -> RankResult:
    """What `sims.rank.certified_rank` answers of a matrix."""
    try:
        A = _checked(matrix)
        rank, proof, reason = _decided(A if A.shape[0] <= A.shape[1] else A.T, effort)
    except NoVerdictError as error:
        return RankResult(verdict=RankVerdict.NONE, reason=str(error), scope=Scope.GIVEN)
    full = rank == min(A.shape)
    return RankResult(
        verdict=RankVerdict.FULL if full else RankVerdict.DEFICIENT,
        reason=reason,
        scope=Scope.GIVEN,
        certificate=proof,
        samples=A.shape[0],
        columns=A.shape[1],
        rank=rank,
    )


def _checked(matrix: Any) -> Array:
    try:
        given = np.asarray(matrix.detach().cpu() if hasattr(matrix, "detach") else matrix)
    except (TypeError, ValueError, RuntimeError):
        raise NoVerdictError("a matrix of numbers is needed") from None
    if given.ndim != 2 or not given.size:
        raise NoVerdictError(f"a matrix has two axes and an entry, got shape {given.shape}")
    if given.dtype.kind not in "fiub" or given.dtype.itemsize > 8:
        raise NoVerdictError(f"real numbers of at most 64 bits are needed, got {given.dtype}")
    A = given.astype(np.float64)
    if given.dtype.kind in "iu" and (np.abs(A) > 2**53).any():
        raise NoVerdictError("integers beyond 2**53 are not floats: divide by a common factor")
    if not np.isfinite(A).all():
        raise NoVerdictError("every entry must be finite")
    return A


def _decided(A: Array, effort: float) -> tuple[int, Proof, str]:
    """Of a matrix (n, m), n ≤ m: its rank, and what proves it."""
    n = len(A)
    found = residual(Enclosure(A, np.zeros_like(A)))
    if found.ratio < 1:
        return n, Proof(rung="residual", numbers={"bound": found.ratio}), f"‖I − A R‖ < 1 (bound {found.ratio:.3g})"
    numbers = dyadic(A).numerators
    bits = max(int(abs(it)).bit_length() for it in numbers.ravel())
    if A.size * n * (bits / 100 + 1) * INTEGER_PRODUCT > effort:
        raise NoVerdictError(f"residual: the bound is {found.ratio:.3g}; exact integers: dearer than the effort allows")
    for prime in PRIMES:
        rows = _pivots(flint.nmod_mat(integer_matrix(numbers.T), prime))
        rank, shown = len(rows), {"prime": prime, "rank": len(rows)}
        if rank == n:
            return n, Proof(rung="rank modulo a prime", numbers=shown), f"rank {n} modulo {prime}"
        if _spanned(numbers, rows, prime):
            reason = f"rank {rank}: {rank} rows are independent modulo {prime}, and the others are their combinations"
            return rank, Proof(rung="rational combinations", numbers=shown), reason
    raise NoVerdictError("the primes that were tried divide too many minors")


def _spanned(numbers: Array, rows: list[int], prime: int) -> bool:
    """Whether every row is exactly a rational combination of these, which are independent modulo the prime."""
    others = [i for i in range(len(numbers)) if i not in set(rows)]
    if not rows:
        return not numbers.any()
    columns = _pivots(flint.nmod_mat(integer_matrix(numbers[rows]), prime))
    square = flint.fmpq_mat(integer_matrix(numbers[np.ix_(rows, columns)].T))
    combinations = square.solve(flint.fmpq_mat(integer_matrix(numbers[np.ix_(others, columns)].T)))
    return bool(
        flint.fmpq_mat(integer_matrix(numbers[rows].T)) * combinations
        == flint.fmpq_mat(integer_matrix(numbers[others].T))
    )
