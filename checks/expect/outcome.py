"""What a check came to, and the three ways in which it does not pass."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["right", "wrong", "undecided"]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One check's answer and what it rests on; every number in the draws' unit.

    node, site: the test, and the place in its code. observed ± standard_error: the estimate. interval: what is not
    excluded at error `level`, the share of the session's false-alarm rate that this check had. expected: the claim in
    words. resolution: a discrepancy as large is called right with probability at most `miss`. n: draws judged (at
    each size of a slope). guarantee: begins with `exact` or `asymptotic`, and says under which condition. reason: why
    an answer is undecided. replay: what makes the judged draws again.
    """

    check: str
    node: str
    site: str
    verdict: Verdict
    observed: float
    standard_error: float
    interval: tuple[float, float]
    expected: str
    off: float
    resolution: float
    n: int
    level: float
    miss: float
    guarantee: str
    replay: str
    reason: str = ""

    def __str__(self) -> str:
        away = abs(self.off) / self.standard_error if self.standard_error > 0 else math.inf
        distance = f", {_short(self.off)} off, {away:.3g} standard errors" if self.off else ""
        low, high = self.interval
        lines = [
            f"{self.check}: {self.verdict}" + (f" ({self.reason})" if self.reason else ""),
            f"  observed    {_short(self.observed)} ± {self.standard_error:.2g} (standard error) over n = {self.n},"
            f" between {_short(low)} and {_short(high)} at level {self.level:.2g}",
            f"  expected    {self.expected}{distance}",
            f"  resolution  {self.resolution:g}: what is off by it is called right at most once in {1 / self.miss:.4g}",
            f"  guarantee   {self.guarantee}",
            f"  replay      {self.replay}",
        ]
        return "\n".join(lines)


def _short(number: float) -> str:
    return f"{number:.6g}"


class Wrong(AssertionError):  # noqa: N818  a verdict, not an error
    """The claim is excluded at the strict level; `outcome` holds the numbers."""

    def __init__(self, outcome: Any) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome


class Undecided(Exception):  # noqa: N818  a verdict, not an error
    """The draws neither exclude the claim nor confirm it at the resolution; no AssertionError. `outcome` holds the
    numbers."""

    def __init__(self, outcome: Any) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome


class Refused(ValueError):  # noqa: N818  the word for it everywhere in this package
    """A check that cannot be made as it is asked for: one line that says what is wrong and how to mend it."""
