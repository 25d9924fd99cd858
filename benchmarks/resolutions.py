"""What a quick run can resolve at each anchor, by how a pilot scatters: sizes and resolutions are chosen by it.

    python benchmarks/resolutions.py [ID…]

For every route that compares a mean, at each anchor of its check: the declared resolution, the finest on which a search
of the profile's budget can agree, what a confirmation excludes, both by the planning functions and as shares of the
prediction, and the seconds that the search's budget takes. The pilot is one batch, on streams of its own.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from lazy_assay import theory
from lazy_assay.checks.engine.perform import one_thread
from lazy_assay.checks.engine.registry import check
from lazy_assay.checks.procedures.comparison import Comparison
from lazy_assay.checks.procedures.means import Means
from lazy_assay.checks.statistics import detectable
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.setting import Configuration

QUICK = PROFILES["quick"]


def rows(id: str) -> Iterator[str]:
    """A line for each route and anchor of a claim."""
    claim = theory.claim(id)
    for means in check(id).procedures:
        if isinstance(means, Means):
            part = claim.part(means.part)
            context = Context(claim=claim, profile=QUICK, entropy=2026)
            for route in means.routes:
                comparison = means.comparison(context, part, route)
                told_apart = comparison.fine
                fine = (*told_apart.anchors, *told_apart.further) if told_apart else ()
                for anchor in (*fine, *(route.space or means.space).anchors):
                    yield f"{id}:{part.name} {means.name} by {route.name}: {told(comparison, anchor)}"


def told(comparison: Comparison, anchor: Configuration) -> str:
    """What one anchor can tell."""
    context, setting = comparison.context, comparison.scope.at(anchor)
    target, reading = comparison.target(setting), comparison.route_at(setting)
    trials = max(1, min(reading.trials(setting.values), QUICK.search_trials))
    begun = time.process_time()
    draws = context.draws(reading, setting, stage="pilot", batch=0, trials=trials)
    cost = (time.process_time() - begun) / len(draws)
    size, sd = abs(target.predicted), float(draws.std(ddof=1))
    if not size:
        return f"{setting.where}: predicted 0"
    low, high = reading.bounds or (None, None)
    mean = None if low is None or high is None else min(max(target.predicted, low), high)
    rates = context.rates
    search = detectable(sd, QUICK.search_trials, rates.miss, rates.miss, low=low, high=high, mean=mean)
    confirm = detectable(sd, QUICK.confirm_trials, rates.strict, rates.miss, low=low, high=high, mean=mean)
    shares = {"declared": target.resolution, "search": search, "confirm": confirm, "bias": target.bias, "sd": sd}
    shown = ", ".join(f"{name} {100 * value / size:.3g} %" for name, value in shares.items())
    return f"{setting.where}: {shown}; {cost * QUICK.search_trials:.2g} s"


def main() -> None:
    """Print the lines."""
    with one_thread():
        for id in sys.argv[1:] or theory.ids():
            for row in rows(id):
                print(row, flush=True)


if __name__ == "__main__":
    main()
