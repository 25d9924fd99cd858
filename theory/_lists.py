"""A list of numbers or names in a configuration: one text, each of its entries a member of another domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lazy_assay.theory._parameter import Domain, InvalidParameterError, Scalar, Sizes, shown


@dataclass(frozen=True)
class ListOf(Domain):
    """Lists of members of `of`: "0.5 0.1" for 0.5, 0.1. `empty` stands for the list without entries.

    With another `separator` lists are entries of lists: "300 150-15" for (300), (150, 15).
    """

    of: Domain
    separator: str = " "
    empty: str = ""

    def accept(self, value: Any) -> list[Any]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise InvalidParameterError(f"must be {self.describe()}, got {shown(value)}")
        return [self.of.accept(entry) for entry in value]

    def describe(self) -> str:
        return f"a list, each entry {self.of.describe()}"

    def check(self, member: Scalar) -> None:
        self.make(member, {})

    def make(self, member: Scalar, given: Mapping[str, Any]) -> list[Any]:
        if not isinstance(member, str):
            raise InvalidParameterError(f"must be a text, {self.describe()}, got {shown(member)}")
        entries = [] if member == self.empty else member.split(self.separator)
        return [self._entry(entry, given) for entry in entries]

    def _entry(self, text: str, given: Mapping[str, Any]) -> Any:
        if isinstance(self.of, ListOf):
            return self.of.make(text, given)
        return self.of.accept(float(text) if self.of.ordered and _is_number(text) else text)

    def text(self, value: Any) -> str:
        return self.separator.join(self._written(entry) for entry in self.accept(value)) or self.empty

    def _written(self, entry: Any) -> str:
        if isinstance(self.of, ListOf):
            return self.of.text(entry)
        short = f"{entry:g}" if isinstance(entry, float) else str(entry)
        return short if not isinstance(entry, float) or float(short) == entry else repr(entry)

    def sample(self, rng: np.random.Generator, sizes: Sizes, index: int) -> list[Any]:
        return [self.of.sample(rng, sizes, index + k) for k in range(int(rng.integers(1, 4)))]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
