"""The two design twins: what discrepancy n draws detect, and how many draws a discrepancy needs.

"Detects" means: a claim that is off by the discrepancy lies outside the confidence sequence by time n with probability
at least 1 - miss. By the same sum a sequence whose truth is the claim lies inside claim +- discrepancy with probability
at least 1 - 2 miss, which is what agreement at a resolution asks for (`miss` here is one-sided).

Both twins of a kind share one formula, so each is the inverse of the other. Both are approximations for planning
only; no verdict rests on them. Bounds (low, high) choose the betting sequence, none the asymptotic one, tuned to n.
For medians of seeds the twins are the share of the seeds that lie beyond a threshold, and the seeds that tell
it; of seeds that scatter like normal ones, the distance of their median from it.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from lazy_assay.checks.statistics.asymptotic import standard_radius, tuned_rho
from lazy_assay.checks.statistics.betting import TRUNCATION, bet_sizes
from lazy_assay.checks.statistics.quantile import rank, values_at_least
from lazy_assay.checks.statistics.sequence import Array

DRAWS_AT_MOST = 2**22
SEEDS_AT_MOST = 2**14


def detectable(
    sd: float,
    n: int,
    level: float,
    miss: float,
    *,
    low: float | None = None,
    high: float | None = None,
    mean: float | None = None,
    burn_in: int = 500,
) -> float:
    """The smallest discrepancy, in the draws' unit, that n draws detect; infinite where n draws detect none.

    sd: standard deviation of a draw. level: of the sequence. miss: probability that the discrepancy is not detected.
    low, high: bounds of a draw for the betting sequence; mean: about where the draws lie between them (without it the
    worst place is assumed, which costs up to a factor 2). burn_in: of the asymptotic sequence.
    Raises ValueError for rates outside (0, 1), sd < 0, n < 1, one bound without the other, or a mean outside them.
    """
    _check(sd, level, miss)
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n!r}")
    reach = _reach(low, high, mean)
    if reach is not None:
        return _BettingPlan(sd / reach.width, level, miss, reach.share).detectable(n) * reach.width
    return sd * _standard_errors(level, miss) / math.sqrt(n) if n >= burn_in else math.inf


def draws_needed(
    sd: float,
    discrepancy: float,
    level: float,
    miss: float,
    *,
    low: float | None = None,
    high: float | None = None,
    mean: float | None = None,
    burn_in: int = 500,
) -> int:
    """The smallest number of draws that detects a discrepancy (in the draws' unit).

    Other arguments as `detectable`. Raises ValueError as it does, for a discrepancy <= 0, and where more than 4 million
    draws are needed.
    """
    _check(sd, level, miss)
    if not discrepancy > 0:
        raise ValueError(f"discrepancy must be positive, got {discrepancy!r}")
    reach = _reach(low, high, mean)
    if reach is not None:
        return _BettingPlan(sd / reach.width, level, miss, reach.share).draws_needed(discrepancy / reach.width)
    needed = max(burn_in, math.ceil((sd * _standard_errors(level, miss) / discrepancy) ** 2))
    return _affordable(needed)


def seeds_needed(share: float, level: float, miss: float) -> int:
    """Seeds whose median lies beyond a threshold at `level`, where a share of all does; one fewer is not enough.

    share: of the seeds that lie beyond, above 1/2. miss: probability that the interval of the median reaches back to
    the threshold all the same. Exact, by the binomial law of how many do. Raises ValueError for a share outside
    (1/2, 1], rates outside (0, 1/2), and where more than 16,384 seeds are needed.
    """
    _check_seeds(share, level, miss)
    few, many = values_at_least(level) - 1, values_at_least(level)
    while _lost(many, share, level) > miss:
        few, many = many, 2 * many
        if few >= SEEDS_AT_MOST:
            raise ValueError(f"more than {SEEDS_AT_MOST} seeds are needed: the share is out of reach")
    while many - few > 1:
        middle = (few + many) // 2
        if _lost(middle, share, level) > miss:
            few = middle
        else:
            many = middle
    return many


def share_told(seeds: int, level: float, miss: float) -> float:
    """The twin of `seeds_needed`: the smallest share that so many seeds tell; infinite where they tell none.

    Raises ValueError for rates outside (0, 1/2), or no seed.
    """
    _check_seeds(1.0, level, miss)
    if seeds < 1:
        raise ValueError(f"seeds must be at least 1, got {seeds!r}")
    if not rank(seeds, level):
        return math.inf
    missed, found = 0.5, 1.0
    for _ in range(50):
        middle = (missed + found) / 2
        if _lost(seeds, middle, level) <= miss:
            found = middle
        else:
            missed = middle
    return found


def median_seeds(sd: float, distance: float, level: float, miss: float) -> int:
    """Seeds whose median's interval at `level` leaves out a threshold so far from it, but for a probability `miss`.

    sd: standard deviation of a seed, which scatters like a normal one; distance: in its unit. Errors as `seeds_needed`,
    and ValueError for sd < 0 or a distance that is not positive.
    """
    _check(sd, level, miss)
    if not distance > 0:
        raise ValueError(f"distance must be positive, got {distance!r}")
    return seeds_needed(NormalDist().cdf(distance / sd) if sd else 1.0, level, miss)


def _lost(n: int, share: float, level: float) -> float:
    """P(the k-th smallest of n values lies short), k the rank of the interval's end: k or more of them do."""
    from scipy.special import bdtrc  # scipy on first use: see the package

    return float(bdtrc(rank(n, level) - 1, n, 1 - share))


def _check_seeds(share: float, level: float, miss: float) -> None:
    if not (0 < level < 0.5 and 0 < miss < 0.5):
        raise ValueError(f"level and miss must lie strictly between 0 and 1/2, got level={level!r}, miss={miss!r}")
    if not 0.5 < share <= 1:
        raise ValueError(f"share must lie in (1/2, 1], got {share!r}")


def _standard_errors(level: float, miss: float) -> float:
    # tuned_rho makes n rho^2 a function of the level alone: the radius is the same multiple of sd / sqrt n at every n.
    return float(standard_radius(np.ones(1), level, tuned_rho(level, 1))[0]) - NormalDist().inv_cdf(miss)


@dataclass(frozen=True)
class _BettingPlan:
    """Normal approximation of the log capital against a claim that is off by d, in units of the range.

    One draw adds log(1 + b d) - (b sd)^2 / (2 (1 + b d)^2) on average (second order in b sd) with standard deviation
    b sd / (1 + b d), where b = min(bet, c / share) and share is the distance from claim to the bound that draws move
    away from, at most. Detection: mean minus z_miss standard deviations reaches log(2 / level) at some time <= n.
    Measured at miss 0.01: within 2 % of the draws needed for concentrated draws, 5 % too many for coin flips, 15 % too
    few on the short side of strongly skewed draws (skewness 3), whose third moment it leaves out.
    """

    sd: float
    level: float
    miss: float
    share: float

    def capital(self, discrepancy: float, n: int) -> Array:
        i = np.arange(1, n + 1, dtype=np.float64)
        bets = np.minimum(bet_sizes(np.full(n, self.sd**2), i, self.level), TRUNCATION / self.share)
        noise = bets * self.sd / (1 + bets * discrepancy)
        growth = np.cumsum(np.log1p(bets * discrepancy) - noise**2 / 2)
        return np.asarray(growth + NormalDist().inv_cdf(self.miss) * np.sqrt(np.cumsum(noise**2)))

    def detectable(self, n: int) -> float:
        threshold = math.log(2 / self.level)
        if self.capital(1.0, n).max() < threshold:
            return math.inf
        missed, found = 0.0, 1.0
        for _ in range(50):
            middle = (missed + found) / 2
            if self.capital(middle, n).max() >= threshold:
                found = middle
            else:
                missed = middle
        return found

    def draws_needed(self, discrepancy: float) -> int:
        n = 1024
        while True:
            reached = np.flatnonzero(self.capital(discrepancy, n) >= math.log(2 / self.level))
            if reached.size:
                return int(reached[0]) + 1
            n = _affordable(2 * n)


@dataclass(frozen=True)
class _Reach:
    width: float
    share: float


def _reach(low: float | None, high: float | None, mean: float | None) -> _Reach | None:
    if low is None and high is None:
        return None
    if low is None or high is None or not low < high:
        raise ValueError(f"give both bounds, low < high, or neither; got low={low!r}, high={high!r}")
    if mean is not None and not low <= mean <= high:
        raise ValueError(f"mean={mean!r} lies outside [{low!r}, {high!r}]")
    share = 1.0 if mean is None else max(mean - low, high - mean) / (high - low)
    return _Reach(high - low, share)


def _check(sd: float, level: float, miss: float) -> None:
    if not (0 < level < 1 and 0 < miss < 1):
        raise ValueError(f"level and miss must lie strictly between 0 and 1, got level={level!r}, miss={miss!r}")
    if not 0 <= sd < math.inf:
        raise ValueError(f"sd must be finite and not negative, got {sd!r}")


def _affordable(n: int) -> int:
    if n > DRAWS_AT_MOST:
        raise ValueError(f"more than {DRAWS_AT_MOST} draws are needed: the discrepancy is out of reach")
    return n
