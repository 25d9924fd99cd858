"""Exact confidence sequences for the mean of bounded draws, by betting against candidate means.

Source: Waudby-Smith & Ramdas, Estimating means of bounded random variables by betting (JRSS B, 2024; arXiv 2010.09686),
Theorem 3: the hedged capital process, here with predictable plug-in bets. Letters as there: X_i draws in [0, 1], m a
candidate mean, lambda_i bets, K+ and K- the capital of the bets on "larger than m" and "smaller than m", c truncation.

Why any bets do: K+_t(m) = prod (1 + lambda_i (X_i - m)), with lambda_i a function of X_1..X_{i-1} and
0 <= lambda_i <= c/m, c < 1, stays positive (each factor is at least 1 - c) and has conditional expectation K+_{t-1}(m)
where E[X_i | past] = m: a test martingale. By Ville's inequality it ever reaches 2/level with probability at most
level/2; K- likewise. A poor variance estimate or c close to 1 costs width, never coverage.

Why bisection does: min(lambda_i, c/m) (X_i - m) is non-increasing in m (slope -lambda_i, then c (X_i/m - 1)), and
lambda_i before truncation does not depend on m. So every K+_t, and its maximum over t, is non-increasing in m: the
candidates that K+ ever excluded are exactly an interval [0, L]. K- is the mirror image. No quasi-convexity is assumed.
"""

import math
from collections.abc import Callable

import numpy as np

from lazy_assay.checks.statistics.sequence import Array, ConfidenceSequence

# Draws far from both bounds compared with their spread need bets at the truncation: to exclude m that is off by a
# fraction f takes log(2/level) / log(1 + c f) draws, whatever the spread. So c is near 1; a draw on the bound itself
# then costs a factor 1 - c = 0.01 of the capital, which the bets below avoid wherever such draws have been seen.
TRUNCATION = 0.99

# Bets suit a sample of FIRST + GROWTH * i draws at time i. Where no bet is truncated the half-width is 1.1 to 1.3 times
# that of the best constant bet for a sample size known in advance, between 200 and 20,000 draws; the paper's
# i log(i + 1) in their place gives 2.1 to 3.5 times, since it stakes too much on the first draws.
FIRST, GROWTH = 200.0, 4.0

# The first i draws may all agree by chance, so they are not trusted to have a standard deviation far below UNSEEN / i.
# Measured at 1e-3: 4 costs concentrated draws (deviation 0.013 about 0.7) 1 to 3 % more draws than 1/2 and saves coin
# flips a third of theirs. The paper's prior, 1/4 counted as one draw, outweighs a deviation of 0.013 for 1,500 draws.
UNSEEN = 4.0

# Bounds are reported on this grid, rounded outwards: with one right answer, the search may start from anywhere.
GRID = 2**30


def bet_sizes(variance: Array, i: Array, level: float) -> Array:
    """The bet at time i, before truncation, where the draws before i have this variance; draws in [0, 1].

    sqrt(2 log(2/level) / (v (FIRST + GROWTH i))), v = variance + (UNSEEN / i)^2.
    """
    return np.asarray(np.sqrt(2 * math.log(2 / level) / ((variance + (UNSEEN / i) ** 2) * (FIRST + GROWTH * i))))


def predictable_bets(draws: Array, level: float) -> Array:
    """Bets before truncation; draws (..., n) in [0, 1] give (..., n), column i from the columns before i only."""
    i = np.arange(1, draws.shape[-1] + 1, dtype=np.float64)
    centred = draws - draws[..., :1]
    mean, square = (np.cumsum(power, axis=-1) / i for power in (centred, centred**2))
    variance = np.zeros_like(draws)
    variance[..., 1:] = np.maximum(square - mean**2, 0.0)[..., :-1]
    return bet_sizes(variance, i, level)


def log_capital(draws: Array, bets: Array, candidate: float) -> Array:
    """log K+_t(candidate) at every time t, natural logarithm; draws and bets (..., n), draws in [0, 1], give (..., n).

    The capital of the opposite bets is `log_capital(1 - draws, bets, 1 - candidate)`.
    """
    cap = TRUNCATION / max(candidate, np.finfo(float).tiny)
    return np.asarray(np.cumsum(np.log1p(np.minimum(bets, cap) * (draws - candidate)), axis=-1))


def last_excluded(excess: Callable[[int], float], start: int, stop: int) -> int:
    """The largest k in [start, stop) with excess(k) >= 0, excess non-increasing and excess(stop) < 0; else `start`.

    Secant and bisection take turns: the bracket halves at least every second step, and near the root a secant step
    that lands on one end is moved one point inwards, which closes the bracket.
    """
    at_start, at_stop, secant = excess(start), excess(stop), True
    if at_start < 0:
        return start
    while stop - start > 1:
        share = at_start / (at_start - at_stop) if secant else 0.5
        middle = min(max(start + int(share * (stop - start)), start + 1), stop - 1)
        value = excess(middle)
        if value >= 0:
            start, at_start = middle, value
        else:
            stop, at_stop = middle, value
        secant = not secant
    return start


class BettingSequence(ConfidenceSequence):
    """Exact time-uniform two-sided confidence sequence for the mean of draws in [low, high].

    Exact: no asymptotics and no assumption but the bounds; the draws may depend on one another so long as each has the
    same conditional mean given those before it. One look costs 1 to 2 ms at 5,000 draws.

    level: error rate in (0, 1). low, high: bounds of a draw, in the draws' unit.
    Raises ValueError for a level outside (0, 1), or bounds that are not finite and in order.
    Source: Waudby-Smith & Ramdas 2024, Theorem 3.
    """

    def __init__(self, level: float, low: float = 0.0, high: float = 1.0) -> None:
        super().__init__(level)
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError(f"bounds must be finite with low < high, got low={low!r}, high={high!r}")
        self.low, self.high = float(low), float(high)
        # L and U only tighten, so each search starts at the last answer.
        self._below = self._above = 0

    def _check(self, batch: Array) -> None:
        super()._check(batch)
        rounding = 64 * np.finfo(float).eps * max(abs(self.low), abs(self.high))
        wrong = np.flatnonzero((batch < self.low - rounding) | (batch > self.high + rounding))
        if wrong.size:
            where, draw = self._n + wrong[0], batch[wrong[0]]
            raise ValueError(f"draw {where} is {draw}, outside [{self.low}, {self.high}]: the bounds must hold surely")

    def _bounds(self) -> tuple[float, float]:
        if not self._n:
            return self.low, self.high
        width = self.high - self.low
        draws = np.clip((self._draws() - self.low) / width, 0.0, 1.0)
        bets = predictable_bets(draws, self.level)
        self._below = self._search(draws, bets, self._below)
        self._above = self._search(1 - draws, bets, self._above)
        return self.low + width * self._below / GRID, self.high - width * self._above / GRID

    def _search(self, draws: Array, bets: Array, start: int) -> int:
        threshold = math.log(2 / self.level)

        def excess(k: int) -> float:
            return float(log_capital(draws, bets, k / GRID).max()) - threshold

        return last_excluded(excess, start, GRID)
