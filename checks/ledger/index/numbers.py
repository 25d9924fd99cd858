"""The numbers of a journal in one array, a row a result: what is asked of many nights at once is read without their
text.

A function of the journal alone, as all of the index is. Texts stand in it as digests, or as codes in short lists.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from lazy_assay.checks.statistics.moments import FIGURES, RANGE, SIDE
from lazy_assay.checks.statistics.signs import CHANCE
from lazy_assay.checks.vocabulary.result import Subject, Verdict

STAGES = ("search", "confirm", "exact")
SUBJECTS = tuple(subject.value for subject in Subject)
VERDICTS = tuple(verdict.value for verdict in Verdict)
# A word that this program does not know.
OTHER = 255
MOMENTS = ("count", "mean", "second", "third", "fourth", "low", "high", "side", "chance")
REAL = ("predicted", "estimate", "lower", "upper", "bias", "monte_carlo", *MOMENTS)
# `key` is that of the comparison; `versions` and `entropy` are digests; `place` is the line of the journal.
NUMBERS = np.dtype(
    [
        *((name, "<u8") for name in ("key", "versions", "entropy")),
        ("device", "S8"),
        *((name, "u1") for name in ("stage", "subject", "verdict")),
        *((name, "<i8") for name in ("place", "trials", "diverged")),
        *((name, "<f8") for name in REAL),
    ]
)


class NumbersError(ValueError):
    """The bytes are no such array."""


def of_result(told: Mapping[str, Any], row: Mapping[str, Any], place: int) -> tuple[Any, ...]:
    """One row: `told` are the columns of a result (`columns.of_result`), `row` is the result itself."""
    codes = (STAGES, told["stage"]), (SUBJECTS, told["subject"]), (VERDICTS, told["verdict"])
    device = told["device"].partition(":")[0][:8].encode(errors="replace")
    return (
        int(told["key"], 16),
        digest(f"{told['statement_version']} {told['simulation_version']}"),
        digest(told["entropy"]),
        device,
        *(words.index(word) if word in words else OTHER for words, word in codes),
        *(place, told["trials"], told["diverged"]),
        *(np.nan if told[name] is None else told[name] for name in REAL[: -len(MOMENTS)]),
        *_moments(row.get("figures")),
    )


def _moments(figures: Any) -> Iterable[float]:
    """NaN where a result kept none; an open range where none is known."""
    given = figures if isinstance(figures, Mapping) else {}
    absent = dict.fromkeys((*FIGURES, SIDE, CHANCE), np.nan) | dict(zip(RANGE, (-np.inf, np.inf), strict=True))
    for name in (*FIGURES, *RANGE, SIDE, CHANCE):
        try:
            yield float(given.get(name, absent[name]))
        except (TypeError, ValueError, OverflowError):
            yield np.nan


def digest(text: str) -> int:
    """64 bits for a text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def packed(rows: Iterable[tuple[Any, ...]]) -> bytes:
    """The rows as bytes, the same on every machine."""
    return np.array(list(rows), dtype=NUMBERS).tobytes()


def unpacked(stored: Any) -> np.ndarray:
    """The inverse of `packed`, a structured array of shape (results,). Raises NumbersError."""
    if not isinstance(stored, (bytes, memoryview)) or len(stored) % NUMBERS.itemsize:
        raise NumbersError("the numbers of a journal are no whole rows")
    return np.frombuffer(stored, dtype=NUMBERS)
