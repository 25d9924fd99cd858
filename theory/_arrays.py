"""Domains of arrays: matrices with and without structure, lists; each makes its members by name, from `_families`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lazy_assay.theory import _families
from lazy_assay.theory._families import Family
from lazy_assay.theory._parameter import (
    LARGEST_SIZE,
    LONGEST,
    Domain,
    Integer,
    InvalidParameterError,
    Scalar,
    Sizes,
    shown,
)


class Named(Domain):
    """Arrays whose members a text names, `family:argument`, at sizes that the domain names."""

    def ingredients(self, member: Scalar, given: Mapping[str, Any]) -> tuple[Any, ...]:
        """What a family makes a member from, beside its argument: the domain's sizes."""
        return tuple(Integer(1).accept(given[label]) for label in self.labels)

    def match(self, member: Any) -> tuple[Family, float]:
        """The family of a text, and its argument. Raises InvalidParameterError where no member is called so."""
        name, _, argument = str(member).partition(":")
        if not all(self.labels):
            raise InvalidParameterError("cannot be made by name: the domain does not name all of its sizes")
        if not isinstance(member, str) or name not in self.families:
            raise InvalidParameterError(f"must be named, one of {', '.join(self.families)}, got {shown(member)}")
        family = self.families[name]
        try:
            number = float(argument or 0)
            fits = math.isfinite(number) and (not family.seeded or (number == number // 1 and number >= 0))
        except ValueError:
            fits = False
        if not fits:
            kind = "a seed, a whole number ≥ 0" if family.seeded else "a number"
            raise InvalidParameterError(f"must have {kind} after {name}:, got {shown(member)}")
        return family, number

    def check(self, member: Scalar) -> None:
        self.match(member)

    def make(self, member: Scalar, given: Mapping[str, Any]) -> np.ndarray:
        family, argument = self.match(member)
        return np.asarray(family.make(argument, *self.ingredients(member, given)))


@dataclass(frozen=True)
class Rectangular(Named):
    """Real matrices without structure, such as targets of several outputs, one row a point.

    `rows` and `columns` name its sizes, where other parameters share them; `unit` asks for rows of norm one.
    """

    rows: str = ""
    columns: str = ""
    unit: bool = False

    @property
    def families(self) -> Mapping[str, Family]:
        return {} if self.unit else _families.ENTRIES

    @property
    def labels(self) -> tuple[str, ...]:
        return self.rows, self.columns

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
        return {name: n for name, n in zip(self.labels, np.shape(value), strict=True) if name}

    def sample(self, rng: np.random.Generator, sizes: Sizes, index: int) -> np.ndarray:
        rows = sizes.of(self.rows, sizes.dimension)
        columns = sizes.of(self.columns, sizes.dimension if self.rows else sizes.count)
        matrix = rng.standard_normal((rows, columns)) / math.sqrt(sizes.dimension)
        return _families.unit(matrix) if self.unit else matrix


class PointSet(Rectangular):
    """Points, one a row: n in d dimensions; on the unit sphere where `unit` says so."""

    @property
    def families(self) -> Mapping[str, Family]:
        return _families.SPHERE if self.unit else _families.POINTS


class Neurons(Rectangular):
    """First-layer weights, one column a neuron, of norm about one."""

    @property
    def families(self) -> Mapping[str, Family]:
        return _families.NEURONS


@dataclass(frozen=True)
class Vector(Named):
    """Lists of real numbers, of the size that `size` names; `low` bounds every entry from below."""

    size: str = ""
    low: float = -math.inf

    @property
    def families(self) -> Mapping[str, Family]:
        every = _families.NUMBERS
        return every if self.low == -math.inf else {"ones": every["ones"]} if self.low <= 1 else {}

    @property
    def labels(self) -> tuple[str, ...]:
        return (self.size,)

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

    def sample(self, rng: np.random.Generator, sizes: Sizes, index: int) -> np.ndarray:
        drawn = rng.standard_normal(sizes.of(self.size, sizes.count))
        return drawn if self.low == -math.inf else self.low + np.abs(drawn)


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
class Symmetric(Named):
    """Symmetric matrices of size `size`; a 1-d array stands for a diagonal one.

    `semidefinite` asks for eigenvalues ≥ 0, `trace` for a given trace; the zero matrix is refused unless `zero`.
    `scale_free` says that only the matrix up to a positive factor matters: it is divided by a power of two (which
    rounds nothing) so that its largest entry lies in [1, 2). A kind of matrix with members of its own is a subclass
    that names their `families`, those of them that are `growing`, and `example`.
    """

    growing: ClassVar[tuple[str, ...]] = ("quantiles",)

    size: str = "d"
    semidefinite: bool = False
    trace: float | None = None
    zero: bool = False
    scale_free: bool = False

    @property
    def families(self) -> Mapping[str, Family]:
        # None of these has a given trace.
        return {} if self.trace is not None else _families.SEMIDEFINITE if self.semidefinite else _families.SYMMETRIC

    @property
    def labels(self) -> tuple[str, ...]:
        return (self.size,)

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

    def sample(self, rng: np.random.Generator, sizes: Sizes, index: int) -> np.ndarray:
        # Every kind of matrix takes as many numbers of the generator: what is drawn after it does not hang on its kind.
        seed, full, third = int(rng.integers(10_000)), bool(rng.random() < 0.3), int(rng.integers(3))
        half = 0 if full else int(rng.integers(2))
        return self.make(self.example(seed, full, third, half), {self.size: sizes.of(self.size, sizes.dimension)})

    def example(self, seed: int, full: bool, third: int, half: int) -> str:
        """A member that formulas are tried at: `full` where it may be no diagonal, else one of three, or of two."""
        return f"{'rotated' if full else 'exponential' if self.semidefinite else 'signed'}:{seed}"


@dataclass(frozen=True)
class Covariance(Symmetric):
    """Covariances of weights: positive semidefinite, of trace one unless `trace` is None.

    `along` names another parameter's matrix that members may be made from (`aligned`, `above`).
    """

    growing: ClassVar[tuple[str, ...]] = ("isotropic", "linear")

    semidefinite: bool = True
    trace: float | None = 1
    along: str = ""

    @property
    def families(self) -> Mapping[str, Family]:
        return {**_families.COVARIANCES, **(_families.ALONG if self.along else {})}

    def needs(self, member: Scalar) -> tuple[str, ...]:
        return (self.along,) if self._made_along(member) else super().needs(member)

    def ingredients(self, member: Scalar, given: Mapping[str, Any]) -> tuple[Any, ...]:
        return (np.asarray(given[self.along]),) if self._made_along(member) else super().ingredients(member, given)

    def _made_along(self, member: Scalar) -> bool:
        return self.match(member)[0] in _families.ALONG.values()

    def example(self, seed: int, full: bool, third: int, half: int) -> str:
        return ("isotropic", "linear", "power:0.5")[third]
