"""E-processes for |theta - theta_0| <= b(n), fed with what nights keep of their draws: moments, not the draws.

One draw. Let the null be E[X | past] <= m (m = theta_0 + b; the other side is its mirror image), let X >= m - w surely,
and y = X - m. For a bet beta, chosen before the draw, with lambda = beta w < 1,

    1 + beta y  >=  exp(beta y - beta^2 y^2 / 2 + beta^3 y^3 / 3 - kappa(lambda) beta^4 y^4),
    kappa(lambda) = -(log(1 - lambda) + lambda + lambda^2/2 + lambda^3/3) / lambda^4 = sum_j lambda^j / (j + 4):

the remainder of log(1 + x) behind three terms, over x^4, is -int_0^1 s^3/(1 + x s) ds, which increases in x, and
x = beta y >= -lambda. (One term of it, with x^2, is Fan, Grama & Liu 2015, the empirical Bernstein bound; two more cost
nothing here.) The left side has conditional mean <= 1 under the null, so the product of the right sides is a
supermartingale; and its logarithm over a night is a function of the number of draws and four power sums about m alone.

One night. A night stops when it has seen enough, so its number of draws hangs on its draws. The product is still <= 1
in mean at a stopping time, which a standardised mean is not. All bets of a night are made from earlier nights, so
nights multiply. The first night of a stretch is its pilot: it sets the bets and is bet on by nobody.

A stretch. Bets c / (deviation sqrt(draws)) for each c of `STEPS` suit a bias of c standard errors a night; the capital
is their mixture. A share of it waits in cash and enters night by night (`entering`), so that a bias that begins after
many quiet nights need not first win back what these cost: a mixture over the night of the change. Both sides share it
evenly. A mixture of supermartingales is one, so the capital E of a stretch satisfies P(E ever >= 1/a) <= a (Ville
1939), however often and for whatever reason somebody looks.

Exact where the draws' range [low, high] is known, or the one end that the side which speaks needs: w = m - low.
Elsewhere it is asymptotic, and said so: w is taken to be `REACH` standard deviations of the earlier nights, and a night
has at least `DRAWS` draws.

Order. Where a statement is about a quantile the draws are signs (`signs`): 1 above what is allowed, -1 below it. The
null is P(1 | past) <= p and P(-1 | past) <= p, with a bet on either; the product of 1 + beta (1{beyond} - p) over a
night is a function of the two counts, and taken as it is. Exact for any law of the seeds and for any number of them.

Sources: Waudby-Smith & Ramdas 2024 (JRSS B; betting); Howard, Ramdas, McAuliffe & Sekhon 2021 (Annals; mixtures);
Shin, Ramdas & Rinaldo 2023 (NEJSDS; e-detectors: entering night by night).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lazy_assay.checks.statistics.moments import power_sums
from lazy_assay.checks.statistics.sequence import Array

# Standard errors a night that the bets suit, and their shares of the capital: one a night is what must be found.
STEPS = np.array([0.25, 0.5, 1.0, 2.0, 4.0])
SHARES = np.array([0.08, 0.16, 0.6, 0.1, 0.06])
# The share that is bet from the first night on; night s gets the rest's 1/(s (s - 1)).
FIRST = 0.75
# Largest lambda; where no range is known, how many deviations below m a draw is taken to lie at most, and from how many
# draws a night counts.
LARGEST, REACH, DRAWS = 0.9, 8.0, 500
_BOTH = np.array([1.0, -1.0])


@dataclass(frozen=True, kw_only=True)
class Nights:
    """One night of many stretches, arrays of one shape (stretches,): moments of the draws, and what they are held
    against. low and high are infinite where no range is known; side is 1 where only a mean above breaks the statement,
    -1 where only one below does, 0 for both. chance is p where the draws are signs, NaN where they are not."""

    count: Array
    mean: Array
    second: Array
    third: Array
    fourth: Array
    low: Array
    high: Array
    predicted: Array
    bias: Array
    side: Array
    chance: Array

    @property
    def signed(self) -> NDArray[np.bool_]:
        """Which have signs for draws."""
        return np.asarray((self.chance > 0) & (self.chance < 1))

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Which of them say anything: all is finite, and there are enough draws where no range is known."""
        numbers = (self.mean, self.second, self.third, self.fourth, self.predicted, self.bias)
        whole = np.logical_and.reduce([np.isfinite(number) for number in numbers])
        return np.asarray(whole & (self.count >= np.where(self.ranged, 2, DRAWS)) & (self.bias >= 0))

    @property
    def ranged(self) -> NDArray[np.bool_]:
        """Which have draws of a known range, as far as it matters: a bet on a mean above needs the lower end alone."""
        low, high = np.isfinite(self.low) | (self.side == -1), np.isfinite(self.high) | (self.side == 1)
        return np.asarray(low & high)

    def at(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> Nights:
        """Some of them."""
        return Nights(**{name: getattr(self, name)[which] for name in self.__dataclass_fields__})


def kappa(size: Array) -> Array:
    """kappa(lambda) of the module's bound, for lambda in [0, 1)."""
    small = size < 0.1
    series, low = np.zeros(np.shape(size)), np.where(small, size, 0.0)
    for j in reversed(range(12)):
        series = series * low + 1 / (j + 4)
    x = np.where(small, 0.5, size)
    return np.asarray(np.where(small, series, -(np.log1p(-x) + x + x**2 / 2 + x**3 / 3) / x**4))


def log_factors(night: Nights, deviation: Array, draws: Array) -> Array:
    """Logarithm of what a night multiplies each capital by, shape (stretches, 2, STEPS): above, then below.

    deviation, draws: standard deviation of a draw and number of draws of a night, as earlier nights had them.
    """
    found, signed = np.empty((len(night.mean), 2, len(STEPS))), night.signed
    for column, sign in enumerate(_BOTH):
        # On the side that does not speak any number does: its bets have no share.
        known = night.ranged & (night.side != -sign)
        edge = np.where(known, np.where(sign > 0, night.low, -night.high), 0.0)
        mirrored = (night.count, sign * night.mean, night.second, sign * night.third, night.fourth)
        m = sign * night.predicted + night.bias
        # A mean that the range forbids leaves no room below: any bet is safe.
        reach = np.where(known, np.maximum(m - edge, 0.0), REACH * deviation)
        found[:, column] = _log_factor(power_sums(*mirrored, at=m), deviation, draws, reach)
        found[signed, column] = _log_factor_of_signs(night.at(signed), sign, draws[signed])
    return found


def _log_factor_of_signs(night: Nights, sign: float, draws: Array) -> Array:
    """The logarithm of the product itself, (stretches, STEPS): of the seeds beyond, and of all others."""
    p = night.chance
    # The mean is the share above less the share below, and the mean square their sum.
    beyond = np.rint(night.count * (night.second + night.mean**2 + sign * night.mean) / 2)
    bets = np.minimum(STEPS / np.sqrt(p * (1 - p) * draws)[:, None], LARGEST / p[:, None])
    won, lost = np.log1p(bets * (1 - p)[:, None]), np.log1p(-bets * p[:, None])
    return np.asarray(beyond[:, None] * won + (night.count - beyond)[:, None] * lost)


def _log_factor(sums: tuple[Array, ...], deviation: Array, draws: Array, reach: Array) -> Array:
    scale = np.maximum(deviation * np.sqrt(draws), 1e-150)
    bets = STEPS / scale[:, None]
    room = np.maximum(reach, 1e-150)[:, None]
    bets = np.minimum(bets, LARGEST / room)
    first, second, third, fourth = (total[:, None] for total in sums)
    with np.errstate(over="ignore", invalid="ignore"):
        told = bets * first - bets**2 * second / 2 + bets**3 * third / 3 - kappa(bets * room) * bets**4 * fourth
    # What overflows has lost or won more than can be told: it is counted as lost.
    return np.asarray(np.where(np.isfinite(told), told, -np.inf))


def entering(night: Array) -> Array:
    """The share of the capital that enters on a stretch's night (1, 2, ... behind the pilot); they add up to 1."""
    return np.asarray(np.where(night <= 1, FIRST, (1 - FIRST) / np.maximum(night * (night - 1), 1)))


def waiting(night: Array) -> Array:
    """The share that is still in cash after that night."""
    return np.asarray(np.where(night < 1, 1.0, (1 - FIRST) / np.maximum(night, 1)))


@dataclass
class Capital:
    """The e-processes of many stretches, arrays with a first axis of stretches; `nights` counts those behind the pilot.

    draws, squares: number of draws, and their sum of squares about each night's mean, over all nights so far.
    """

    nights: Array = field(default_factory=lambda: np.empty(0))
    draws: Array = field(default_factory=lambda: np.empty(0))
    squares: Array = field(default_factory=lambda: np.empty(0))
    side: Array = field(default_factory=lambda: np.empty(0))
    bets: Array = field(default_factory=lambda: np.empty((0, 2, len(STEPS))))

    def open(self, pilots: Nights) -> None:
        """Begin stretches with their first nights."""
        new = len(pilots.mean)
        self.nights = np.append(self.nights, np.zeros(new))
        self.draws = np.append(self.draws, pilots.count)
        self.squares = np.append(self.squares, pilots.count * pilots.second)
        self.side = np.append(self.side, pilots.side)
        self.bets = np.concatenate([self.bets, np.full((new, 2, len(STEPS)), -np.inf)])

    def add(self, which: NDArray[np.intp], night: Nights) -> None:
        """One more night of the stretches `which`, each named once; all of them usable."""
        passed = self.nights[which] + 1
        deviation = np.sqrt(self.squares[which] / self.draws[which])
        factors = log_factors(night, deviation, self.draws[which] / passed)
        # Without a range or a spread so far there is no bet to make.
        idle = ~night.ranged & ~(deviation > 0)
        entered = np.logaddexp(self.bets[which], np.log(entering(passed))[:, None, None])
        self.bets[which] = entered + np.where(idle[:, None, None], 0.0, factors)
        self.nights[which] = passed
        self.draws[which] += night.count
        self.squares[which] += night.count * night.second

    @property
    def log(self) -> Array:
        """The logarithm of each capital, shape (stretches,): 0 where nothing was bet."""
        halves = np.stack([self.side != -1, self.side != 1], axis=-1)
        halves = halves / halves.sum(axis=-1, keepdims=True)
        with np.errstate(divide="ignore"):
            weighted = self.bets + np.log(SHARES) + np.log(halves)[:, :, None]
            cash = np.log(waiting(self.nights))
        return np.asarray(np.logaddexp(np.logaddexp.reduce(weighted, axis=(1, 2)), cash))
