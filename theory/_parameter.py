"""Parameters and their domains: one object validates, describes itself, and tells the checks what may be drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp


class InvalidParameterError(ValueError):
    """A value that a formula cannot take; the message is one line: what is wrong and how to mend it."""


class Domain:
    """What values a parameter may take. `accept` returns the normalised value or raises InvalidParameterError."""

    def accept(self, value: Any) -> Any:
        raise NotImplementedError

    def describe(self) -> str:
        raise NotImplementedError

    def sizes(self, value: Any) -> Mapping[str, int]:
        """The named sizes that an accepted value has, so that parameters with a size in common are held to it."""
        return {}


def _shown(value: Any) -> str:
    """A value as messages show it: on one line."""
    return " ".join(repr(value).split())


def _number(value: Any) -> float:
    try:
        single = not isinstance(value, (bool, str, list, tuple)) and np.ndim(value) == 0
        number = float(value) if single else math.nan
    except (TypeError, ValueError, OverflowError):
        single = False
    if not single:
        raise InvalidParameterError(f"must be a single number, got {_shown(value)}")
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
        number = _number(value)
        if not number.is_integer() or not self.low <= number <= self.high:
            raise InvalidParameterError(f"must be {self.describe()}, got {value}")
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
            raise InvalidParameterError(f"must be {self.describe()}, got {value}")
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
        if not isinstance(value, str) or value not in self.options:
            raise InvalidParameterError(f"must be one of {', '.join(self.options)}, got {_shown(value)}")
        return str(value)

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
        off = float(np.abs(np.linalg.norm(matrix, axis=1) - 1).max()) if self.unit else 0.0
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
        # Told apart before the conversion: numpy drops an imaginary part with a warning only.
        array = None if np.iscomplexobj(value) else np.asarray(value, dtype=float)
    except (TypeError, ValueError, OverflowError):
        array = None
    if array is None:
        raise InvalidParameterError(f"must be an array of real numbers, got {_shown(value)}")
    if not np.isfinite(array).all():
        raise InvalidParameterError("must be finite in every entry, got NaN or infinity")
    return array


# Rounding in user-made matrices (a spectrum divided by its sum, a rotation and back) grows with the size; nothing
# else does.
def _rounding(matrix: np.ndarray) -> float:
    return float(64 * np.finfo(float).eps * len(matrix) * max(1.0, float(np.abs(matrix).max())))


@dataclass(frozen=True)
class Symmetric(Domain):
    """Symmetric matrices of size `size`; a 1-d array stands for a diagonal one.

    `semidefinite` asks for eigenvalues ≥ 0, `trace` for a given trace; the zero matrix is refused unless `zero`.
    `role` says what kind of matrix it is, where the conditions alone do not tell a sampler: "mean covariance" (regular,
    of order one), "covariance difference" (of order 1/√d), "weight covariance".
    """

    size: str = "d"
    semidefinite: bool = False
    trace: float | None = None
    zero: bool = False
    role: str = ""

    def accept(self, value: Any) -> np.ndarray:
        array = np.atleast_1d(_array(value))
        if array.ndim > 2 or array.size == 0 or (array.ndim == 2 and array.shape[0] != array.shape[1]):
            raise InvalidParameterError(f"must be a vector (diagonal) or a square matrix, got shape {array.shape}")
        slack = _rounding(array)
        if array.ndim == 2 and np.abs(array - array.T).max() > slack:
            raise InvalidParameterError("must be symmetric; pass (A + A.T)/2 if that is what is meant")
        self._check_spectrum(array, slack)
        return array if array.ndim == 1 else (array + array.T) / 2

    def _check_spectrum(self, array: np.ndarray, slack: float) -> None:
        spectrum = array if array.ndim == 1 else np.linalg.eigvalsh((array + array.T) / 2)
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
        return f"a {kind} matrix{trace} (a list of numbers: its diagonal)"


@dataclass(frozen=True)
class Parameter:
    """A letter of the paper: its symbol, meaning, domain and units."""

    name: str
    symbol: sp.Basic
    meaning: str
    domain: Domain
    units: str = "dimensionless"


def accept(
    claim: str, declared: Mapping[str, Parameter], wanted: tuple[str, ...], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Normalise `given` for a formula of `claim` that takes exactly the names `wanted`.

    Raises InvalidParameterError for a name that is missing or unknown, a value outside its domain, or sizes that do
    not match.
    """
    if unknown := [name for name in given if name not in wanted]:
        raise InvalidParameterError(f"[{claim}] unknown parameter {unknown[0]}; it takes {', '.join(wanted)}")
    if missing := [name for name in wanted if name not in given]:
        raise InvalidParameterError(f"[{claim}] missing parameter {missing[0]}; it takes {', '.join(wanted)}")
    values = {}
    for name in wanted:
        try:
            values[name] = declared[name].domain.accept(given[name])
        except InvalidParameterError as error:
            raise InvalidParameterError(f"[{claim}] {name} {error}") from None
    _check_sizes(claim, declared, values)
    return values


def _check_sizes(claim: str, declared: Mapping[str, Parameter], values: Mapping[str, Any]) -> None:
    sizes = [(name, label, n) for name in values for label, n in declared[name].domain.sizes(values[name]).items()]
    labels = {label for _, label, _ in sizes}
    first: dict[str, tuple[str, int]] = {name: (name, value) for name, value in values.items() if name in labels}
    for name, label, length in sizes:
        other, expected = first.setdefault(label, (name, length))
        if length != expected:
            said = f"{other} = {expected}" if other == label else f"{other} has size {expected}"
            raise InvalidParameterError(f"[{claim}] {name} has size {length}, but {said}; give them one size")
