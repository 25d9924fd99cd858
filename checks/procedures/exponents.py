"""An exponent held against slopes: refuted beyond a margin, agreed with within a resolution, here or ahead.

`sweep` draws the slopes and says what they are; here is what they say of an exponent, and how many seeds a
confirmation takes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lazy_assay.checks.statistics import Slope, median_seeds
from lazy_assay.checks.statistics.accounting import ErrorRates
from lazy_assay.checks.vocabulary.result import Verdict
from lazy_assay.theory import Rate

# What is known of a slope where draws blew up: nothing.
UNKNOWN = Slope(math.nan, -math.inf, math.inf)
# Seeds of a confirmation, by those of its search, at least.
AGAIN = 4
# A result tells what its slope was fitted to: the mean logarithm of the quantity at each size, under this name.
AT = "log mean at "
# And what plans a confirmation: how the seeds' slopes scatter, here and ahead, how far ahead lies, the seeds of a
# search, and how many times as many a confirmation may have.
HERE, AHEAD, MOVES = "scatter of slopes", "scatter of slopes ahead", "slope moves by"
SEARCHED, AT_MOST = "seeds of a search", "times as many at most"
# By how much a slope may be off at its sizes, without moving, before it contradicts an exponent.
MARGIN = "margin of the slope"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What the draws of one configuration say of an exponent; each end of the slope's interval errs at `level`.

    bias: how much of a drift was allowed. margin: what was allowed beside it, in a refutation.
    """

    verdict: Verdict
    slope: Slope = UNKNOWN
    bias: float = 0.0
    margin: float = 0.0
    level: float
    trials: int
    diverged: int = 0
    figures: Mapping[str, float] = field(default_factory=dict)
    kept: Mapping[str, float] = field(default_factory=dict)


def confirming(scatter: float, searched: int, at_most: int, beyond: float, rates: ErrorRates) -> int:
    """Seeds of a confirmation: they refute an exponent that is off by the margin and so much beyond it, with
    probability 1 − miss.

    scatter: of a search's seeds (`statistics.spread`), the larger of here and ahead, taken to be larger still by what
    so few seeds tell of it. Between four and `at_most` times the seeds of the search.
    """
    least, most = AGAIN * searched, max(AGAIN, at_most) * searched
    if most == least:
        return least
    if not beyond > 0:
        return most
    sd = scatter * (1 + 2 / math.sqrt(searched))
    try:
        return min(max(median_seeds(sd, beyond, rates.strict / 2, rates.miss), least), most)
    except ValueError:
        return most


def source(judged: Judged) -> str:
    """What a finite-size allowance is made of."""
    margin = f"a margin of {judged.margin:g}, declared" if judged.margin else ""
    drift = "drift of the slope along the sizes, measured on other streams" if judged.bias or not margin else ""
    return ", and the ".join(filter(None, (margin, drift)))


def sides(part: Rate) -> tuple[int, ...]:
    """On which sides of a claimed exponent a slope contradicts it: 1 above, −1 below."""
    return (1, -1) if part.sharp else (-1,) if part.towards == "zero" else (1,)


def _along(slope: Slope, side: int) -> tuple[float, float]:
    """The interval as it lies on a side of what is claimed: its nearer end and its farther one."""
    near, far = sorted((side * slope.low, side * slope.high))
    return near, far


def refuted(
    part: Rate, exponent: float, slope: Slope, beyond: Callable[[], Slope | None], margin: float
) -> float | None:
    """How much of a drift was allowed, where both slopes lie beyond the exponent on one side, by more than the margin;
    None where not."""
    for side in sides(part):
        reach = side * exponent + margin
        if _along(slope, side)[0] > reach and (there := beyond()) is not None:
            near, _ = _along(there, side)
            if near > reach:
                return max(0.0, side * slope.estimate - near)
    return None


def agreed(
    part: Rate, exponent: float, slope: Slope, beyond: Callable[[], Slope | None], resolution: float
) -> float | None:
    """How much of a drift was needed, where on every side a slope lies within the resolution; None where not."""
    bias = 0.0
    for side in sides(part):
        reach = side * exponent + resolution
        if _along(slope, side)[1] > reach:
            if (there := beyond()) is None or _along(there, side)[1] > reach:
                return None
            bias = max(bias, side * (slope.estimate - there.estimate))
    return bias
