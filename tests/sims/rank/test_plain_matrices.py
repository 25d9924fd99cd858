from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazy_assay import certified_rank
from lazy_assay.sims.rank import RankVerdict


def exact(A: np.ndarray) -> int:
    """By Gauss's elimination in fractions, as by hand."""
    rows = [[Fraction(float(it)) for it in row] for row in A]
    rank = 0
    for column in range(A.shape[1]):
        pivot = next((i for i in range(rank, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        for i in range(rank + 1, len(rows)):
            factor = rows[i][column] / rows[rank][column]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[rank], strict=True)]
        rank += 1
    return rank


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 6), st.integers(0, 2**32 - 1))
def test_the_rank_is_that_of_elimination_in_fractions(n: int, m: int, inner: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    A = rng.integers(-3, 4, (n, inner)).astype(float) @ rng.integers(-3, 4, (inner, m)) * 2.0 ** rng.integers(-40, 40)
    result = certified_rank(A)
    assert result.rank == exact(A)
    assert (result.verdict is RankVerdict.FULL) == (result.rank == min(n, m))
    assert result.certificate is not None


def test_a_matrix_that_is_singular_to_rounding_is_full_where_its_floats_are() -> None:
    A = np.array([[1.0, 1.0], [1.0, 1.0 + 2.0**-52]])
    assert np.linalg.matrix_rank(A) == 1
    assert certified_rank(A).rank == 2
    hilbert = 1 / (np.arange(20)[:, None] + np.arange(20) + 1.0)
    assert np.linalg.matrix_rank(hilbert) < 20
    assert certified_rank(hilbert).verdict is RankVerdict.FULL


def test_tall_and_wide_matrices_and_other_dtypes_are_matrices() -> None:
    assert certified_rank(np.ones((5, 2))).rank == 1
    assert certified_rank([[1, 2], [3, 4], [5, 6]]).rank == 2
    assert certified_rank(np.eye(3, dtype=np.float32)).rank == 3
    assert certified_rank(np.zeros((2, 3))).rank == 0


@pytest.mark.parametrize(
    "matrix,words",
    [
        (np.ones(3), "two axes"),
        (np.ones((2, 0)), "an entry"),
        ([[1.0, np.nan]], "finite"),
        ([["a"]], "real numbers"),
        (np.ones((2, 2)) * 1j, "real numbers"),
        (np.array([[2**60]]), "beyond 2"),
    ],
)
def test_what_is_no_matrix_gets_no_verdict_and_one_line(matrix: object, words: str) -> None:
    result = certified_rank(matrix)
    assert result.verdict is RankVerdict.NONE
    assert words in result.reason
    assert "\n" not in result.reason


def test_a_dear_matrix_gets_no_verdict_and_a_plain_one_needs_no_torch() -> None:
    big = np.ones((60, 60)) + np.outer(np.arange(60.0), np.arange(60))
    assert "dearer" in certified_rank(big, effort=1e-9).reason
    script = "import sys; from lazy_assay import certified_rank; certified_rank([[1.0]]); print('torch' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "False\n"
    )
