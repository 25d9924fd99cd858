"""Parameters and their domains: one object validates, describes itself, and tells the checks what may be drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

# Whole numbers up to here are floats too, each another one.
EXACT = 2**53


class InvalidParameterError(ValueError):
    """A value that a formula cannot take; the message is one line: what is wrong and how to mend it."""


# Numbers that a call may make: some ten seconds of numpy's.
MOST_OPERATIONS = 1e10


def affordable(operations: float, what: str) -> None:
    """Raises InvalidParameterError where so many operations, for what is named, are more than a call may take."""
    if operations > MOST_OPERATIONS:
        raise InvalidParameterError(
            f"{what}: about {operations:.1g} operations, at most {MOST_OPERATIONS:.0e} are made"
        )


class Domain:
    """What values a parameter may take. `accept` returns the normalised value or raises InvalidParameterError."""

    def accept(self, value: Any) -> Any:
        raise NotImplementedError

    def describe(self) -> str:
        raise NotImplementedError

    def sizes(self, value: Any) -> Mapping[str, int]:
        """The named sizes that an accepted value has, so that parameters with a size in common are held to it."""
        return {}


# No longer than this is a value in a message.
SHOWN = 60
# Rows or columns of a matrix: what a formula does with one grows as their cube, some seconds at this size. A list may
# be longer: most of what stands for a diagonal matrix never meets another one.
LARGEST_SIZE, LONGEST = 2048, 5000


def shown(value: Any) -> str:
    """A value as messages show it: on one line, and cut where it is long."""
    try:
        text = " ".join(repr(value.item() if isinstance(value, np.generic) else value).split())
    except ValueError:  # Python writes no integer of more than some thousand digits.
        text = f"an integer of {value.bit_length()} bits" if isinstance(value, int) else f"a {type(value).__name__}"
    return text if len(text) <= SHOWN else text[:SHOWN] + " …"


def _number(value: Any) -> float:
    try:
        single = not isinstance(value, (bool, np.bool_, str, bytes, list, tuple, dict)) and np.ndim(value) == 0
        number = float(value) if single else math.nan
    except (TypeError, ValueError, OverflowError):
        single = False
    if not single:
        raise InvalidParameterError(f"must be a single number, got {shown(value)}")
    if math.isnan(number):
        raise InvalidParameterError("must be a number, got NaN")
    return number


@dataclass(frozen=True)
class Integer(Domain):
    """Whole numbers from `low` to `high`, both included."""

    low: int
    high: float = math.inf

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"empty domain: no whole number from {self.low} to {self.high}")

    def accept(self, value: Any) -> int:
        # As an integer where it is one: a float has 53 bits.
        number = value if isinstance(value, int) and not isinstance(value, bool) else _number(value)
        if number != number // 1 or not self.low <= number <= self.high:
            raise InvalidParameterError(f"must be {self.describe()}, got {shown(value)}")
        if abs(number) > EXACT:
            raise InvalidParameterError(f"must be at most 2^53 in size, up to which floats count, got {shown(value)}")
        return int(number)

    def describe(self) -> str:
        return f"a whole number ≥ {self.low}" if math.isinf(self.high) else f"a whole number, {self.low} … {self.high}"


@dataclass(frozen=True)
class Real(Domain):
    """Real numbers strictly between `low` and `high`; `closed_low` and `infinite` let the ends in."""

    low: float = -math.inf
    high: float = math.inf
    closed_low: bool = False
    closed_high: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"empty domain: no real number between {self.low} and {self.high}")

    def accept(self, value: Any) -> float:
        number = _number(value)
        above = number >= self.low if self.closed_low else number > self.low
        below = number <= self.high if self.closed_high else number < self.high
        if not (above and below):
            raise InvalidParameterError(f"must be {self.describe()}, got {shown(value)}")
        return number

    def describe(self) -> str:
        if self.low == -math.inf and self.high == math.inf:
            return "a real number"
        low = "" if self.low == -math.inf else f"{'≥' if self.closed_low else '>'} {self.low:g}"
        high = "" if self.high == math.inf else f"{'≤' if self.closed_high else '<'} {self.high:g}"
        return "a real number " + " and ".join(bound for bound in (low, high) if bound)


@dataclass(frozen=True)
class Choice(Domain):
    """One of a few names."""

    options: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.options:
            raise ValueError("empty domain: a choice needs at least one option")

    def accept(self, value: Any) -> str:
        # An option may look like a number, such as the number of an equation.
        name = str(value) if type(value) is int and abs(value) < EXACT else value
        if not isinstance(name, str) or name not in self.options:
            raise InvalidParameterError(f"must be one of {', '.join(self.options)}, got {shown(value)}")
        return str(name)

    def describe(self) -> str:
        return "one of " + ", ".join(self.options)


@dataclass(frozen=True)
class Rectangular(Domain):
    """Real matrices without structure, such as first-layer weights, or points, one a row.

    `rows` and `columns` name its sizes, where other parameters share them; `unit` asks for rows of norm one.
    """

    rows: str = ""
    columns: str = ""
    unit: bool = False

    def accept(self, value: Any) -> np.ndarray:
        matrix = _array(value)
        if matrix.ndim != 2 or 0 in matrix.shape:
            raise InvalidParameterError(f"must be a matrix, got shape {matrix.shape}")
        # Twice is as far off as any: norms of large entries leave the range of doubles.
        off = float(np.abs(np.linalg.norm(np.clip(matrix, -2, 2), axis=1) - 1).max()) if self.unit else 0.0
        if off > _rounding(matrix):
            raise InvalidParameterError(f"must have rows of norm 1, one is off by {off:.3g}; divide each by its norm")
        return matrix

    def describe(self) -> str:
        return "points on the unit sphere, one a row" if self.unit else "a real matrix"

    def sizes(self, value: Any) -> Mapping[str, int]:
        return {name: n for name, n in zip((self.rows, self.columns), np.shape(value), strict=True) if name}


@dataclass(frozen=True)
class Vector(Domain):
    """Lists of real numbers, of the size that `size` names; `low` bounds every entry from below."""

    size: str = ""
    low: float = -math.inf

    def accept(self, value: Any) -> np.ndarray:
        vector = np.atleast_1d(_array(value))
        if vector.ndim != 1 or vector.size == 0:
            raise InvalidParameterError(f"must be a list of numbers, got shape {vector.shape}")
        if vector.min() < self.low:
            raise InvalidParameterError(f"must have entries ≥ {self.low:g}, got {vector.min():g}")
        return vector

    def describe(self) -> str:
        return "a list of real numbers" + ("" if self.low == -math.inf else f" ≥ {self.low:g}")

    def sizes(self, value: Any) -> Mapping[str, int]:
        return {self.size: len(value)} if self.size else {}


def _array(value: Any) -> np.ndarray:
    try:
        raw = np.asarray(value)
        # Numbers, or Python's own: numpy would read dates and texts as numbers, and drop an imaginary part.
        real = raw.dtype.kind in "biuf" or (raw.dtype.kind == "O" and raw.ndim > 0)
    except (TypeError, ValueError, OverflowError, MemoryError):
        real = False
    if real and max(raw.shape, default=0) > (LONGEST if raw.ndim == 1 else LARGEST_SIZE):
        raise InvalidParameterError(
            f"may have at most {LONGEST} entries in a list, {LARGEST_SIZE} rows or columns, got shape {raw.shape}"
        )
    try:
        with np.errstate(over="ignore"):
            array = raw.astype(float) if real else None
    except (TypeError, ValueError, OverflowError):
        array = None
    if array is None:
        raise InvalidParameterError(f"must be an array of real numbers, got {shown(value)}")
    if not np.isfinite(array).all():
        raise InvalidParameterError("must be finite in every entry, got NaN or infinity")
    return array


# Rounding in user-made matrices (a spectrum divided by its sum, a rotation and back) grows with the size; nothing
# else does.
def _rounding(matrix: np.ndarray) -> float:
    return float(64 * np.finfo(float).eps * len(matrix) * max(1.0, float(np.abs(matrix).max())))


def _scaled(array: np.ndarray) -> np.ndarray:
    """The array over the power of two below its largest entry; a zero array as it is."""
    largest = float(np.abs(array).max())
    return np.ldexp(array, 1 - math.frexp(largest)[1]) if largest > 0 else array


@dataclass(frozen=True)
class Symmetric(Domain):
    """Symmetric matrices of size `size`; a 1-d array stands for a diagonal one.

    `semidefinite` asks for eigenvalues ≥ 0, `trace` for a given trace; the zero matrix is refused unless `zero`.
    `scale_free` says that only the matrix up to a positive factor matters: it is divided by a power of two (which
    rounds nothing) so that its largest entry lies in [1, 2). `role` says what kind of matrix it is, where the
    conditions alone do not tell a sampler: "mean covariance" (regular, of order one), "covariance difference" (of order
    1/√d), "weight covariance".
    """

    size: str = "d"
    semidefinite: bool = False
    trace: float | None = None
    zero: bool = False
    scale_free: bool = False
    role: str = ""

    def accept(self, value: Any) -> np.ndarray:
        array = np.atleast_1d(_array(value))
        if array.ndim > 2 or array.size == 0 or (array.ndim == 2 and array.shape[0] != array.shape[1]):
            raise InvalidParameterError(f"must be a vector (diagonal) or a square matrix, got shape {array.shape}")
        if self.scale_free:
            array = _scaled(array)
        slack = _rounding(array)
        if array.ndim == 2 and np.abs(array - array.T).max() > slack:
            raise InvalidParameterError("must be symmetric; pass (A + A.T)/2 if that is what is meant")
        self._check_spectrum(array, slack)
        return array if array.ndim == 1 else array / 2 + array.T / 2

    def _check_spectrum(self, array: np.ndarray, slack: float) -> None:
        spectrum = array if array.ndim == 1 else np.linalg.eigvalsh(array / 2 + array.T / 2)
        if not self.zero and not spectrum.any():
            raise InvalidParameterError("must not be the zero matrix")
        if self.semidefinite and spectrum.min() < -slack:
            raise InvalidParameterError(f"must be positive semidefinite, smallest eigenvalue {spectrum.min():.3g}")
        if self.trace is not None and abs(spectrum.sum() - self.trace) > slack:
            raise InvalidParameterError(
                f"must have trace {self.trace:g}, got {spectrum.sum():.6g}; divide by its trace"
            )

    def sizes(self, value: Any) -> Mapping[str, int]:
        return {self.size: len(value)}

    def describe(self) -> str:
        kind = "positive semidefinite" if self.semidefinite else "symmetric"
        trace = f" of trace {self.trace:g}" if self.trace is not None else ""
        scale = ", at any scale" if self.scale_free else ""
        return f"a {kind} matrix{trace}{scale} (a list of numbers: its diagonal)"


@dataclass(frozen=True)
class Parameter:
    """A letter of the paper: its symbol, meaning, domain and units."""

    name: str
    symbol: sp.Basic
    meaning: str
    domain: Domain
    units: str = "dimensionless"
