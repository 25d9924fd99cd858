"""`expect.law`."""

from __future__ import annotations

import math
from typing import Any

from lazy_assay.checks.expect.draws import Draw, Source
from lazy_assay.checks.expect.means import replay
from lazy_assay.checks.expect.outcome import Outcome, Refused
from lazy_assay.checks.expect.session import current
from lazy_assay.checks.expect.target import target
from lazy_assay.checks.statistics.kolmogorov import distance_draws, distance_radius, largest_distance


def law(draw: Draw, cdf: Any, *, resolution: float, bias: float = 0.0, case: object = None) -> Outcome:
    """A draw has the distribution function `cdf`; exact, for continuous laws and others.

    cdf: a vectorised, right-continuous function, or what has one as `.cdf` (a frozen distribution of scipy.stats).
    resolution: the largest distance of two distribution functions that must be noticed, at most 1; bias: a distance
    that is known before. Other arguments, returns and raises as `mean`.
    """
    __tracebackhide__ = True
    claim = target(None, None, 0.0, bias, resolution)
    function = getattr(cdf, "cdf", cdf)
    if not callable(function):
        raise Refused(f"cdf={cdf!r}: a function of an array, or a distribution with .cdf")
    session = current()
    place = session.place(case)
    source = Source(draw, place)
    source.probe()
    planned = distance_draws(resolution, place.level, session.miss)
    n = min(planned, session.budget)
    try:
        distance, where = largest_distance(source.take(n, "judged"), function)
    except ValueError as error:
        raise Refused(str(error)) from None
    strict, searching = (
        (max(distance - r, 0.0), distance + r)
        for r in (distance_radius(n, level) for level in (place.level, session.miss))
    )
    verdict = claim.answer(strict, searching, resolution)
    outcome = Outcome(
        check="expect.law", node=place.node, site=place.site, verdict=verdict, observed=distance,
        # Of the empirical distribution function, at most, wherever it is.
        standard_error=1 / math.sqrt(4 * n), interval=strict,
        expected=f"the stated law, at a distance of 0 (furthest at {where:.6g})", off=claim.off(distance),
        resolution=resolution, n=n, level=place.level, miss=session.miss,
        guarantee="exact: Dvoretzky, Kiefer, Wolfowitz and Massart, for independent draws",
        replay=replay(place, source.call(n)),
        reason=f"the resolution needs n = {planned}, budget={session.budget}" if n < planned and verdict ==
        "undecided" else "",
    )  # fmt: skip
    return session.settle(outcome, place)
