"""Confidence sequences for a mean from the central limit theorem, uniform over time.

Source: Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, Time-uniform central limit theory and asymptotic confidence
sequences (Annals of Statistics, 2024; arXiv 2103.06476), Theorem 2.2.
"""

import math

import numpy as np

from lazy_assay.checks.statistics.sequence import Array, ConfidenceSequence


def tuned_rho(level: float, planned: int) -> float:
    """The rho that makes the interval narrowest at `planned` draws; per square root of a draw.

    With v = planned rho^2 the squared radius is proportional to (1 + 1/v) (log(1 + v) - 2 log level), least where
    v = log(1 + v) - 2 log level: a contraction, iterated to its fixed point (the paper writes it with Lambert's W_-1).
    """
    v = -2 * math.log(level) + 1
    for _ in range(60):
        v = math.log1p(v) - 2 * math.log(level)
    return math.sqrt(v / planned)


def standard_radius(n: Array, level: float, rho: float) -> Array:
    """Radius of the interval at n draws in units of the draws' standard deviation: Theorem 2.2."""
    v = n * rho**2
    return np.asarray(np.sqrt((v + 1) / v * (np.log1p(v) - 2 * math.log(level)) / n))


def running_bounds(draws: Array, level: float, rho: float, burn_in: int) -> tuple[Array, Array]:
    """Bounds at every time from `burn_in` on, before intersection; draws (..., n) give two (..., n - burn_in + 1).

    Times at which all draws so far are equal have infinite bounds: their standard deviation is not known to be zero.
    """
    n = np.arange(1, draws.shape[-1] + 1, dtype=np.float64)
    shift = draws[..., :1]  # keeps the sum of squares free of cancellation where the mean is far from zero
    mean = np.cumsum(draws - shift, axis=-1) / n
    square = np.cumsum((draws - shift) ** 2, axis=-1) / n
    n, mean, square = n[burn_in - 1 :], mean[..., burn_in - 1 :], square[..., burn_in - 1 :]
    variance = np.maximum(square - mean**2, 0.0) * n / (n - 1)
    radius = np.where(square > 0, np.sqrt(variance) * standard_radius(n, level, rho), np.inf)
    return shift + mean - radius, shift + mean + radius


class AsymptoticSequence(ConfidenceSequence):
    """Asymptotic time-uniform two-sided confidence sequence for the mean of draws of finite variance.

    The level holds in the limit of a late start, so there is no interval, (-inf, inf), before `burn_in` draws. How
    late is late depends on the level: a skewness g changes the tail probability at n draws by a factor of about
    exp(g z^3 / (6 sqrt n)), z the radius in standard errors (3 at level 0.05, 7 at 5e-10). Measured from 500 draws
    on: normal and exponential draws keep level 1e-4; log-normal ones (skewness 6) are excluded 6 times too often there,
    twice at 1e-3. Prefer `BettingSequence` for bounded draws at strict levels.

    level: error rate in (0, 1). planned: number of draws at which the interval is narrowest.
    burn_in: first time with an interval, at least 2. Raises ValueError for arguments out of range.
    """

    def __init__(self, level: float, planned: int, burn_in: int = 500) -> None:
        super().__init__(level)
        if planned < 1 or burn_in < 2:
            raise ValueError(f"planned must be >= 1 and burn_in >= 2, got planned={planned!r}, burn_in={burn_in!r}")
        self.planned, self.burn_in = planned, burn_in
        self.rho = tuned_rho(self.level, planned)

    def _bounds(self) -> tuple[float, float]:
        if self._n < self.burn_in:
            return -math.inf, math.inf
        low, high = running_bounds(self._draws(), self.level, self.rho, self.burn_in)
        return float(low.max()), float(high.min())
