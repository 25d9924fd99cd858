"""The exact interval of a bounded mean where the number of draws is fixed in advance: one bet, the same for every draw.

Source: Waudby-Smith & Ramdas, Estimating means of bounded random variables by betting (JRSS B, 2024; arXiv 2010.09686),
Theorem 3 with constant bets. The bet that is best for n draws of standard deviation s is sqrt(2 log(2/level) / n) /
s, and s comes from other draws than those judged: a poor s costs width, never coverage. Against `BettingSequence`,
whose bets suit every number of draws, a third of the draws are enough at level 10^-7. Letters and search as in
`betting`.
"""

import math
from statistics import NormalDist

import numpy as np

from lazy_assay.checks.statistics.betting import GRID, TRUNCATION, last_excluded, log_capital
from lazy_assay.checks.statistics.sequence import Array


def fixed_interval(draws: Array, level: float, spread: float) -> tuple[float, float]:
    """Two-sided interval of the mean at error `level`; draws (n,) in [0, 1].

    spread: about the standard deviation of a draw, found without these draws. Exact for independent draws.
    """
    bets = np.full(draws.size, _bet(draws.size, level, spread))
    threshold = math.log(2 / level)

    def bound(values: Array) -> float:
        return last_excluded(lambda k: float(log_capital(values, bets, k / GRID).max()) - threshold, 0, GRID) / GRID

    return bound(draws), 1 - bound(1 - draws)


def fixed_draws(pilot: Array, resolution: float, level: float, miss: float, spread: float) -> int:
    """Draws at which a mean off by `resolution`, to either side, is excluded with probability 1 - miss; all in [0, 1].

    From the growth of the capital on a pilot, shape (k,), and its fluctuation; a plan, on which no verdict rests.
    """
    threshold, z = math.log(2 / level), -NormalDist().inv_cdf(miss)
    n = math.ceil(((math.sqrt(2 * threshold) + z) * spread / resolution) ** 2 + threshold)
    # Nothing further off than the range can be needed: there the plan ends.
    while n < GRID and not all(_told(values, resolution, n, level, z, spread) for values in (pilot, 1 - pilot)):
        n = math.ceil(1.05 * n)
    return n


def _bet(n: int, level: float, spread: float) -> float:
    return math.sqrt(2 * math.log(2 / level) / n) / spread


def _told(pilot: Array, resolution: float, n: int, level: float, z: float, spread: float) -> bool:
    candidate = float(pilot.mean()) - resolution
    if candidate <= 0:
        return True  # no mean lies there
    bet = min(_bet(n, level, spread), TRUNCATION / candidate)
    growth = np.log1p(bet * (pilot - candidate))
    # The pilot may show less spread than there is.
    noise = max(float(growth.std()), bet * spread / (1 + bet * resolution))
    return n * float(growth.mean()) - z * math.sqrt(n) * noise >= math.log(2 / level)
