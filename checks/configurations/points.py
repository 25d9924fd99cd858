"""Points in a formula's domain, for checks that need no simulation: drawn from a key, never from a global state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count as counting
from typing import Any

import numpy as np

from lazy_assay.theory import InvalidParameterError, Part, Sizes
from lazy_assay.theory._prediction import Formula, arguments

Point = dict[str, Any]
# The two sizes that a point's matrices share are drawn for each point, by the letters that they mostly have; the others
# are few enough for every formula, and no two of them alike. A letter that is not here takes the next number.
DIMENSION, COUNT = "d", "N"
SMALL: Mapping[str, int] = {"n": 5, "c": 3, "m": 7, "k": 2}
NEXT = 8


def points(part: Part, *formulas: Formula, key: int, count: int) -> list[Point]:
    """`count` points at which every one of `formulas` can be evaluated, every option of every choice among them.

    Raises ValueError, one line, for a domain that cannot be sampled.
    """
    names = tuple(dict.fromkeys(name for formula in formulas for name in arguments(formula)))
    return points_of(part, names, key=key, count=count)


def points_of(part: Part, names: tuple[str, ...], *, key: int, count: int) -> list[Point]:
    """The same for parameters by name."""
    rng = np.random.default_rng(key)
    return [_point(part, names, rng, index) for index in range(count)]


def _point(part: Part, names: tuple[str, ...], rng: np.random.Generator, index: int) -> Point:
    dimension = int(rng.integers(4, 13))
    labels = [label for name in names for label in part.declared[name].domain.labels if label]
    return point(part, names, rng, index, sizes(labels, dimension, int(rng.integers(1, 2 * dimension))))


def sizes(labels: Iterable[str], dimension: int, count: int) -> Sizes:
    """A size for every label."""
    labelled = {DIMENSION: dimension, COUNT: count, **SMALL}
    others = dict.fromkeys(label for label in labels if label not in labelled)
    return Sizes(dimension, count, {**labelled, **dict(zip(others, counting(NEXT)))})


def point(part: Part, names: Iterable[str], rng: np.random.Generator, index: int, sizes: Sizes) -> Point:
    """A value of every name, as its domain samples it, with sizes as its arrays have them; tied by the relations."""
    domains = {name: part.declared[name].domain for name in names}
    drawn: Point = {}
    for name, domain in domains.items():
        try:
            drawn[name] = domain.sample(rng, sizes, index)
        except InvalidParameterError as error:
            raise ValueError(f"{name} {error}") from None
    # A size is fixed where an array has it; a width that stands alone is a number like any other.
    shared = {DIMENSION, COUNT, *(label for domain in domains.values() for label in domain.labels)}
    drawn |= {label: sizes.labelled[label] for label in shared & set(drawn)}
    for relation in part.relations:
        drawn = relation.applied(drawn)
    return drawn
