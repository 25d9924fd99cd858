"""What is claimed of a number, and what two intervals say of the claim."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lazy_assay.checks.expect.outcome import Refused, Verdict

Interval = tuple[float, float]


@dataclass(frozen=True)
class Target:
    """The numbers that the claim allows, and the claim in words."""

    low: float
    high: float
    words: str

    def answer(self, strict: Interval, searching: Interval, resolution: float) -> Verdict:
        """Wrong where the interval at the strict level excludes every allowed number; right where the one at level
        `miss` lies within `resolution` of them; else undecided.
        """
        if strict[1] < self.low or strict[0] > self.high:
            return "wrong"
        if searching[0] >= self.low - resolution and searching[1] <= self.high + resolution:
            return "right"
        return "undecided"

    def off(self, value: float) -> float:
        """How far a number is from the nearest allowed one, with its sign."""
        return value - min(max(value, self.low), self.high)


def target(
    equals: float | None, at_least: float | None, at_most: float | None, bias: float, resolution: float
) -> Target:
    """The target of one claim. Raises Refused unless one of the three is given, resolution > 0 and bias >= 0."""
    given = {"equals": equals, "at_least": at_least, "at_most": at_most}
    stated = {name: float(value) for name, value in given.items() if value is not None}
    if len(stated) != 1 or not all(map(math.isfinite, stated.values())):
        raise Refused(f"state one finite number of equals=, at_least=, at_most=; got {stated or 'none'}")
    if not 0 < resolution < math.inf:
        raise Refused(f"resolution={resolution!r}: a positive number, the smallest discrepancy that must be noticed")
    if not 0 <= bias < math.inf:
        raise Refused(f"bias={bias!r}: a number >= 0, what is known to be off before any draw")
    ((name, value),) = stated.items()
    words = {"equals": "", "at_least": "at least ", "at_most": "at most "}[name] + f"{value:g}"
    low = -math.inf if name == "at_most" else value - bias
    high = math.inf if name == "at_least" else value + bias
    return Target(low, high, words + (f" ± {bias:g} (bias)" if bias else ""))
