"""How far a simulated quantity spreads in the limit: variances at two sizes, extrapolated, against the limit itself.

V(d) = d^power·Var of a quantity whose limit V is known tends to it as V + a/d + b/d². Drawn at d and at 2d beside,
2V(2d) − V(d) is V − b/(2d²): nothing is assumed of a, which no formula need know, and what is left is of the next
order. A draw of this procedure is that combination of the two sizes' block variances, cut off as in `spread`, so that
it is bounded and its confidence sequence exact. It scatters √5 times as much as either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lazy_assay.checks.procedures.spread import Spread, Spreads, block_variances
from lazy_assay.checks.vocabulary.check import Values
from lazy_assay.theory import Part
from lazy_assay.theory._prediction import Formula, arguments


@dataclass(frozen=True, kw_only=True)
class _Extrapolations(Spreads):
    def stated(self, values: Values) -> float:
        return limit(self.part, values)

    def read(self, values: Values, raw: np.ndarray) -> np.ndarray:
        sizes = float(values[self.size]) * np.array([1.0, 2.0])
        here, there = (size**self.power * block_variances(column) for size, column in zip(sizes, raw.T, strict=True))
        return np.asarray(2 * there - here)

    def least(self, beyond: float) -> float:
        return 1 - beyond

    def most(self, beyond: float) -> float:
        return 1 + 2 * beyond

    def predicted(self, values: Values, formula: Formula | None = None) -> float:
        """The limit; of a wrong version its own formula."""
        if formula is not None:
            return super().predicted(values, formula)
        key = ("limit", id(values), self.part.name)
        return self.context.predicted(self.context.remembered(key, lambda: limit(self.part, values)), values)


@dataclass(frozen=True, kw_only=True)
class Extrapolated(Spread):
    """`Spread` against the part's limit: routes draw two columns, the quantity at a configuration and at twice its
    size."""

    name: str = "extrapolated spread"
    compares: ClassVar[type[Spreads]] = _Extrapolations


def limit(part: Part, values: Values) -> float:
    """What a part says of the limit at a configuration's values."""
    formula, of = part.published, part.limit_of
    assert formula is not None
    assert of is not None
    at = {**values, **of(**{name: values[name] for name in arguments(of)})}
    return float(formula(**{name: at[name] for name in arguments(formula)}))
