"""Exact intervals of a proportion (Clopper & Pearson, Biometrika 1934), and the draws that a resolution needs."""

import math
from statistics import NormalDist


def proportion_interval(successes: int, n: int, level: float) -> tuple[float, float]:
    """Two-sided interval of a chance at error `level`, exact for independent draws; a success is a True.

    Raises ValueError for a level outside (0, 1), n < 1, or more successes than draws.
    """
    from scipy.special import betainccinv, betaincinv

    if not 0 < level < 1 or not 0 <= successes <= n or n < 1:
        raise ValueError(f"{successes!r} successes in {n!r} draws at level {level!r} have no interval")
    low = float(betaincinv(successes, n - successes + 1, level / 2)) if successes else 0.0
    high = float(betainccinv(successes + 1, n - successes, level / 2)) if successes < n else 1.0
    return low, high


def proportion_draws(chance: float, resolution: float, level: float, miss: float) -> int:
    """Draws at which chances off by `resolution`, to either side, are excluded with probability 1 - miss.

    chance: what is claimed. Planned by the normal approximation and raised until the exact binomial power suffices.
    """
    sides = [other for other in (chance - resolution, chance + resolution) if 0 <= other <= 1]
    if not sides:
        raise ValueError(f"no chance is off {chance!r} by resolution={resolution!r}")
    z, y = -NormalDist().inv_cdf(level / 2), -NormalDist().inv_cdf(miss)
    rough = max(z * math.sqrt(chance * (1 - chance)) + y * math.sqrt(p * (1 - p)) for p in sides) / resolution
    n = max(16, math.ceil(rough**2))
    while any(_power(n, chance, other, level) < 1 - miss for other in sides):
        n = math.ceil(1.03 * n)
    return n


def _power(n: int, chance: float, truth: float, level: float) -> float:
    """The chance that the interval of n draws at `truth` excludes `chance` on its side: exact."""
    from scipy.special import bdtrc, bdtrik

    if truth < chance:
        return _power(n, 1 - chance, 1 - truth, level)
    # k: the least number of successes that `chance` exceeds with probability level / 2 at most.
    k = max(int(bdtrik(1 - level / 2, n, chance)) - 1, 0) if 0 < chance < 1 else 0
    while k < n and bdtrc(k, n, chance) > level / 2:
        k += 1
    return float(bdtrc(k, n, truth))
