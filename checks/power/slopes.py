"""What a confirmation of a rate would catch, from one stored slope: how its seeds scatter, here and ahead."""

from __future__ import annotations

import math
from statistics import NormalDist

from lazy_assay.checks.procedures.exponents import AHEAD, AT_MOST, HERE, MARGIN, MOVES, SEARCHED, confirming
from lazy_assay.checks.statistics import ErrorRates
from lazy_assay.checks.vocabulary.profiles import PROFILES, Profile
from lazy_assay.checks.vocabulary.result import Result
from lazy_assay.theory import Part, Rate

# What a plan needs of a stored slope.
TOLD = (HERE, AHEAD, MOVES, SEARCHED, AT_MOST)
# The standard error of a median of normal seeds, by their standard deviation over the root of their number.
MEDIAN = math.sqrt(math.pi / 2)


def slope_needed(part: Part, rates: ErrorRates, result: Result, profile: Profile, direction: int) -> float:
    """How far from the estimate a mistaken exponent must lie: infinite where the draws tell nothing.

    Seeds are taken to scatter like normal ones with the quartiles of the stored ones. The mistake must lie beyond the
    margin by what the confirmation's median tells, here and ahead, each with probability 1 − miss, and so far from both
    that the search agrees with it no more often than its level says. A drift within two of its own errors is taken for
    noise.
    """
    assert isinstance(part, Rate)
    known = result.figures
    if not all(math.isfinite(known.get(name, math.nan)) for name in TOLD):
        return math.inf
    searched = round(known[SEARCHED] * profile.seeds / PROFILES.get(result.profile, profile).seeds)
    scatter, level = max(known[HERE], known[AHEAD]), rates.strict / (2 if part.sharp else 1)
    # A run from before there were margins was judged without one.
    margin = known.get(MARGIN, 0.0)
    seeds = confirming(scatter, searched, round(known[AT_MOST]), result.resolution - margin, rates)
    share = told_of(seeds, level, rates.miss)
    if not math.isfinite(share):
        return math.inf
    told, further = NormalDist().inv_cdf(share), onwards(result, direction)
    confirmed = margin + max(known[HERE] * told, further + known[AHEAD] * told)
    return max(confirmed, max(0.0, further) + result.resolution)


def onwards(result: Result, direction: int) -> float:
    """How far the slope moves towards a mistaken exponent, beyond two errors of what was drawn; negative for away."""
    error, moves = MEDIAN * result.figures[AHEAD] / math.sqrt(result.trials), direction * result.figures[MOVES]
    return math.copysign(max(0.0, abs(moves) - 2 * error), moves)


def lacking(rates: ErrorRates, result: Result, direction: int, room: float) -> str:
    """What hides an exponent that lies so far from the estimate: its way, or how few seeds there are, and what a search
    would cost that tells it: one that agrees where a claim holds in all but one run in a hundred."""
    known = result.figures
    if not all(math.isfinite(known.get(name, math.nan)) for name in TOLD):
        return "too few draws"
    if (left := room - max(0.0, onwards(result, direction))) <= 0:
        return "the slope is still on its way there"
    z = NormalDist()
    seeds = (MEDIAN * known[HERE] * (z.inv_cdf(1 - rates.look / 2) + z.inv_cdf(0.99)) / left) ** 2
    if seeds <= known[SEARCHED]:
        return "within the resolution" if result.resolution >= left else "too few seeds of a confirmation"
    return f"too few seeds: it takes a search of some {seeds:.1g}, {seeds * result.seconds / result.trials:.1g} s"


def placed(seeds: int, level: float) -> int:
    """The order statistic that ends a median's interval (`quantile.rank`), by the binomial law in floats: of thousands
    of seeds the exact one takes longer."""
    from scipy.stats import binom

    return int(binom.ppf(level, seeds, 0.5))


def told_of(seeds: int, level: float, miss: float) -> float:
    """The smallest share of seeds beyond a threshold that tells so (`planning.share_told`); infinite for none."""
    from scipy.special import betaincinv

    k = placed(seeds, level)
    return 1 - float(betaincinv(k, seeds - k + 1, miss)) if k else math.inf
