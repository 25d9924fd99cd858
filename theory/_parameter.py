"""Parameters and their domains: one object validates, describes itself, and tells the checks what may be drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import sympy as sp

from lazy_assay.theory._families import Family

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


Scalar = str | int | float | bool


@dataclass(frozen=True)
class Sizes:
    """The sizes of a sampled point: the dimension that its matrices share, a count (of neurons), and others."""

    dimension: int
    count: int
    labelled: Mapping[str, int]

    def of(self, label: str, otherwise: int) -> int:
        """The size of that label; where there is no label, `otherwise`."""
        return self.labelled[label] if label else otherwise


class Domain:
    """What values a parameter may take: it accepts, describes, makes and samples them.

    A configuration holds plain scalars; `make` turns one into the value that formulas and simulations take, and `text`
    turns a value back where it has a plain form. A new domain is a subclass: nothing else names it.
    """

    # Whether its values are numbers on a line, along which results may be drawn as a curve.
    ordered: ClassVar[bool] = False
    # Members that tend to something as sizes grow; the first is the simplest.
    growing: ClassVar[tuple[str, ...]] = ()

    @property
    def families(self) -> Mapping[str, Family]:
        """The families that its members are named by; none where a plain scalar is its own value."""
        return {}

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the sizes that its values have; "" for a size without a name."""
        return ()

    def accept(self, value: Any) -> Any:
        """The normalised value. Raises InvalidParameterError, whose message goes on after the parameter's name."""
        raise NotImplementedError

    def describe(self) -> str:
        """What `accept` takes, in words."""
        raise NotImplementedError

    def sizes(self, value: Any) -> Mapping[str, int]:
        """The named sizes that an accepted value has, so that parameters with a size in common are held to it."""
        return {}

    def check(self, member: Scalar) -> None:
        """Raise InvalidParameterError where a configuration may not hold this; nothing is made."""
        self.accept(member)

    def needs(self, member: Scalar) -> tuple[str, ...]:
        """What else a configuration must hold for this: sizes, other parameters that it is made from."""
        return tuple(label for label in self.labels if label) if self.families else ()

    def make(self, member: Scalar, given: Mapping[str, Any]) -> Any:
        """The value that a plain scalar stands for; `given` has the values of what it needs.

        Raises InvalidParameterError where it stands for none.
        """
        self.accept(member)
        return member

    def text(self, value: Any) -> Scalar:
        """The plain scalar that stands for a value. Raises InvalidParameterError where none does."""
        accepted = self.accept(value)
        if not isinstance(accepted, Scalar):
            raise InvalidParameterError(f"has no plain form, got {shown(value)}")
        return accepted

    def sample(self, rng: np.random.Generator, sizes: Sizes, index: int) -> Any:
        """A value at which formulas are tried, the `index`-th of a row of them."""
        raise InvalidParameterError(f"cannot be sampled: {type(self).__name__} says nothing of it")


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

    ordered: ClassVar[bool] = True

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

    def sample(self, rng: np.random.Generator, sizes: Sizes, index: int) -> int:
        return int(rng.integers(self.low, int(min(self.high, self.low + 30)) + 1))


@dataclass(frozen=True)
class Real(Domain):
    """Real numbers strictly between `low` and `high`; `closed_low` and `infinite` let the ends in."""

    ordered: ClassVar[bool] = True

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

    def sample(self, rng: np.random.Generator, sizes: Sizes, index: int) -> float:
        low = self.low if math.isfinite(self.low) else -10.0
        high = self.high if math.isfinite(self.high) else 10.0
        inside = low + (high - low) * rng.uniform(0.01, 0.99)
        # A positive scale is drawn over decades, a shift evenly.
        if self.low == 0 and math.isinf(self.high):
            return float(np.exp(rng.uniform(np.log(0.05), np.log(20.0))))
        return float(inside)


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

    def sample(self, rng: np.random.Generator, sizes: Sizes, index: int) -> str:
        return self.options[index % len(self.options)]


@dataclass(frozen=True)
class Flag(Domain):
    """Yes or no."""

    def accept(self, value: Any) -> bool:
        if not isinstance(value, (bool, np.bool_)):
            raise InvalidParameterError(f"must be {self.describe()}, got {shown(value)}")
        return bool(value)

    def describe(self) -> str:
        return "true or false"

    def sample(self, rng: np.random.Generator, sizes: Sizes, index: int) -> bool:
        return bool(index % 2)


# Marks a field that says how something is written: a statement's version is without it.
NOTATION = {"notation": True}


@dataclass(frozen=True)
class Parameter:
    """A letter of the paper: its symbol, meaning, domain and units, and its LaTeX where its name does not say it."""

    name: str
    symbol: sp.Basic
    meaning: str
    domain: Domain
    units: str = "dimensionless"
    latex: str = field(default="", metadata=NOTATION)
