"""What a confirmation of a rate would catch, from one stored slope: its interval and the means at each size."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from lazy_assay.checks.procedures.sweep import AT
from lazy_assay.checks.statistics import ErrorRates, drifts
from lazy_assay.checks.vocabulary.profiles import PROFILES, Profile
from lazy_assay.checks.vocabulary.result import Result
from lazy_assay.theory import Part, Rate

# A confirmation has so many times the seeds of a search.
AGAIN = 4


def slope_needed(part: Part, rates: ErrorRates, result: Result, profile: Profile, direction: int) -> float:
    """How far from the estimate a mistaken exponent must lie, beyond its drift: infinite where the draws tell nothing.

    Seeds are taken to scatter like normal ones, in the width that the stored interval shows. The drift is that of the
    stored means, its scatter that of halves whose sizes are independent (sizes of one draw are less so: it is smaller).
    """
    assert isinstance(part, Rate)
    spread, planned = scatter(result), PROFILES.get(result.profile, profile)
    made = planned.seeds * (AGAIN if result.stage == "confirm" else 1)
    seeds = AGAIN * round(profile.seeds * result.trials / made)
    share = rates.strict / (4 if part.sharp else 2)
    told = told_of(seeds, share, rates.miss)
    if not (math.isfinite(spread) and math.isfinite(told)):
        return math.inf
    needed = spread * NormalDist().inv_cdf(told)
    gone, wider = drifted(part, result)
    far = max(0.0, direction * gone + wider * spread * NormalDist().inv_cdf(1 - placed(seeds, share) / (seeds + 1)))
    # The search has the same draws for every mistake: it agrees where all of its interval lies within its reach, which
    # is wider by the drift as it is estimated.
    inside = within(result, profile, rates, spread, direction)
    return max(needed + far, result.resolution + max(0.0, direction * gone) - inside)


def placed(seeds: int, level: float) -> int:
    """The order statistic that ends a median's interval (`quantile.rank`), by the binomial law in floats: of thousands
    of seeds the exact one takes minutes."""
    from scipy.stats import binom

    return int(binom.ppf(level, seeds, 0.5))


def told_of(seeds: int, level: float, miss: float) -> float:
    """The smallest share of seeds beyond a threshold that tells so (`planning.share_told`); infinite for none."""
    from scipy.special import betaincinv

    k = placed(seeds, level)
    return 1 - float(betaincinv(k, seeds - k + 1, miss)) if k else math.inf


def within(result: Result, profile: Profile, rates: ErrorRates, spread: float, direction: int) -> float:
    """How far the interval of a search reaches from the estimate, away from a mistaken exponent: what has to fit in."""
    if result.stage == "search" and result.profile == profile.name:
        return result.estimate - result.interval[0] if direction > 0 else result.interval[1] - result.estimate
    k = placed(profile.seeds, rates.look)
    return spread * NormalDist().inv_cdf(1 - k / (profile.seeds + 1)) if k else math.inf


def scatter(result: Result) -> float:
    """The standard deviation of a seed's slope, from the width of the median's interval; infinite without one."""
    k, width = placed(result.trials, result.false_alarm), result.tolerance.monte_carlo
    if not k or not math.isfinite(width):
        return math.inf
    return width / NormalDist().inv_cdf(1 - k / (result.trials + 1))


def drifted(part: Rate, result: Result) -> tuple[float, float]:
    """How far the mean slope moves towards the limit, and how many times more a seed's drift scatters than its slope.

    The errors of the sizes are taken to be independent.
    """
    logs = {float(name.removeprefix(AT)): value for name, value in result.figures.items() if name.startswith(AT)}
    sizes = np.array(list(logs))
    along = float(drifts(sizes, np.exp([list(logs.values())]))[0])
    descending = bool(sizes[0] > sizes[-1])
    x, half = np.log(sizes), len(sizes) // 2
    whole, first, second = (float(((it - it.mean()) ** 2).sum()) for it in (x, x[: half + 1], x[half:]))
    return along if descending == (part.towards == "zero") else -along, math.sqrt(whole / first + whole / second)
