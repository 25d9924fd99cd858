"""`expect.slope`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from lazy_assay.checks.expect.draws import PILOT, Source
from lazy_assay.checks.expect.means import replay
from lazy_assay.checks.expect.methods import upper_spread
from lazy_assay.checks.expect.outcome import Outcome, Refused
from lazy_assay.checks.expect.session import Place, current
from lazy_assay.checks.expect.target import Interval, target
from lazy_assay.checks.statistics.normal_tail import FACTOR, skewness_at_most, tail_quantile
from lazy_assay.checks.statistics.sequence import Array

SIZES_AT_LEAST = 3
# Standard errors that a mean must be from zero to have a logarithm near enough to a straight line.
_FROM_ZERO = 10.0


def slope(
    draw: Callable[[int, int, Any], Any],
    sizes: Sequence[float],
    *,
    equals: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    resolution: float,
    bias: float = 0.0,
    case: object = None,
) -> Outcome:
    """The mean of one draw grows like size to the power that is claimed: the least-squares slope of log mean on log
    size.

    draw(n, seed, size): n independent numbers of positive mean. sizes: at least 3, growing. The claim is of the slope
    over these sizes; what a finite size is known to bend it goes into bias. The root mean square of an error goes
    like 1/√size where draws of its square have slope -1. Other arguments, returns and raises as `mean`.
    """
    __tracebackhide__ = True
    claim = target(equals, at_least, at_most, bias, resolution)
    fit = _Fit(_checked(sizes))
    session = current()
    place = session.place(case)
    sources = [_at(draw, place, size) for size in sizes]
    for source in sources:
        source.probe()
    pilots = [source.take(PILOT, "pilot") for source in sources]
    planned, trusted = fit.plan(pilots, resolution, place.level, session.miss)
    if trusted > 4 * PILOT:
        pilots = [source.take(min(trusted // 4, session.budget), "long pilot") for source in sources]
        planned, trusted = fit.plan(pilots, resolution, place.level, session.miss)
    n = min(planned, session.budget)
    draws = [source.take(n, "judged") for source in sources]
    estimate, error = fit.estimate(draws)
    strict, searching = (fit.interval(estimate, error, n, level) for level in (place.level, session.miss))
    verdict, reason = claim.answer(strict, searching, resolution), ""
    if n < trusted or not fit.from_zero(draws):
        verdict, reason = "undecided", f"means so scattered need n = {max(planned, trusted)}, budget={session.budget}"
    elif error == 0:
        verdict, reason = "undecided", "the draws of each size agree, so nothing is known of their spread"
    outcome = Outcome(
        check="expect.slope", node=place.node, site=place.site, verdict=verdict, observed=estimate,
        standard_error=error, interval=strict,
        expected=f"{claim.words} over sizes {', '.join(f'{size:g}' for size in sizes)}", off=claim.off(estimate),
        resolution=resolution, n=n, level=place.level, miss=session.miss,
        guarantee="asymptotic: normal means, logarithms straightened, at half the level, from as many draws as the"
        " skewness of a pilot asks for",
        replay=replay(place, "; ".join(source.call(n) for source in sources)), reason=reason,
    )  # fmt: skip
    return session.settle(outcome, place)


def _at(draw: Callable[[int, int, Any], Any], place: Place, size: Any) -> Source:
    apart = Place(place.node, place.site, f"{place.key} size {size!r}", place.level, place.entropy)
    return Source(lambda n, seed: draw(n, seed, size), apart, further=f", {size!r}")


def _checked(sizes: Sequence[float]) -> Array:
    try:
        values = np.asarray(sizes, dtype=np.float64)
    except (TypeError, ValueError):
        raise Refused(f"sizes={sizes!r}: growing positive numbers") from None
    grows = values.ndim == 1 and values.size >= SIZES_AT_LEAST and (np.diff(values) > 0).all()
    if not grows or not values[0] > 0 or not np.isfinite(values).all():
        raise Refused(
            f"sizes={list(sizes)!r} do not grow: give at least {SIZES_AT_LEAST} positive numbers, each larger"
        )
    return values


@dataclass(frozen=True)
class _Fit:
    """Least squares of log mean on log size: a weighted sum of log means, by the delta method."""

    sizes: Array

    @property
    def weights(self) -> Array:
        centred = np.log(self.sizes) - np.log(self.sizes).mean()
        return np.asarray(centred / (centred @ centred))

    def estimate(self, draws: list[Array]) -> tuple[float, float]:
        """Slope and standard error. Raises Refused where a mean is not positive."""
        means = np.array([it.mean() for it in draws])
        if not (means > 0).all():
            where = int((means <= 0).argmax())
            raise Refused(f"the mean at size {self.sizes[where]:g} is {means[where]:.3g}: a power law is positive")
        relative = np.array([it.std(ddof=1) / math.sqrt(it.size) for it in draws]) / means
        return float(self.weights @ np.log(means)), float(np.sqrt(self.weights**2 @ relative**2))

    def from_zero(self, draws: list[Array]) -> bool:
        """Whether every mean is far from zero in its standard errors."""
        return all(it.mean() * math.sqrt(it.size) > _FROM_ZERO * it.std() for it in draws)

    def plan(self, pilots: list[Array], resolution: float, level: float, miss: float) -> tuple[int, int]:
        """Draws at each size, and draws below which the tail of the estimate is not to be trusted.

        Skewness g of a draw bends the tail as in `normal_tail`; the logarithm by half the relative error, the other
        way.
        """
        self.estimate(pilots)
        w, z = np.abs(self.weights), tail_quantile(level)
        spread = np.array([upper_spread(it) / it.mean() for it in pilots])
        power = float(w**2 @ spread**2)
        if not power > 0:
            return PILOT, PILOT
        skewness = np.array([skewness_at_most(it) for it in pilots])
        bent = float((w * spread) ** 3 @ np.maximum(skewness / 3, spread / 2)) / power**1.5
        trusted = math.ceil((bent * z**3 / math.log(FACTOR)) ** 2)
        needed = math.ceil(((z - NormalDist().inv_cdf(miss)) / resolution) ** 2 * power)
        return max(needed, trusted, PILOT), trusted

    def interval(self, estimate: float, error: float, n: int, level: float) -> Interval:
        """Student's, at the level halved."""
        from scipy.special import stdtrit

        radius = -float(stdtrit(n - 1, level / FACTOR / 2)) * error
        return estimate - radius, estimate + radius
