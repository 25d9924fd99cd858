"""How far the tail of a studentised mean may be from Student's, and how many draws bring it near.

A mean of n draws of skewness g, divided by its estimated standard error, has in its heavier tail, z out, about
exp(|g| z^3 / (3 sqrt n)) times the probability of the normal law: the first term of the expansion of Cramer for
Student's statistic (Petrov, Sums of Independent Random Variables 1975, chapter VIII; Jing, Shao & Wang, Annals of
Probability 2003). Where this factor is at most FACTOR, an interval at level / FACTOR has level `level`.
"""

import math
from statistics import NormalDist

import numpy as np

from lazy_assay.checks.statistics.sequence import Array

FACTOR = 2.0


def tail_quantile(level: float) -> float:
    """The two-sided normal quantile at level / FACTOR."""
    return -NormalDist().inv_cdf(level / FACTOR / 2)


def skewness_at_most(draws: Array) -> float:
    """|skewness| of draws (n,), plus two of the standard errors that it has at normal draws; 0 where all agree."""
    centred = draws - draws.mean()
    centred = centred / (float(np.abs(centred).max()) or 1.0)  # squares of tiny draws would underflow
    sd = float(np.sqrt(np.mean(centred**2)))
    if not sd > 0:
        return 0.0
    return abs(float(np.mean((centred / sd) ** 3))) + 2 * math.sqrt(6 / draws.size)


def draws_for_tail(skewness: float, level: float) -> int:
    """Draws from which on the tail of the studentised mean is within FACTOR of the normal one at `level`."""
    return math.ceil((skewness * tail_quantile(level) ** 3 / (3 * math.log(FACTOR))) ** 2)
