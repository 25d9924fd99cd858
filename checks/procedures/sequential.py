"""Draws one configuration's trials batch by batch until a confidence sequence settles what is asked, or the budget
is spent."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from lazy_assay.checks.statistics import AsymptoticSequence, BettingSequence
from lazy_assay.checks.statistics.moments import Moments
from lazy_assay.checks.vocabulary.check import Route
from lazy_assay.checks.vocabulary.context import Context, simulation_arguments
from lazy_assay.checks.vocabulary.deadline import TimeGuardError
from lazy_assay.checks.vocabulary.setting import Setting, label
from lazy_assay.sims import stream_key, stream_name

# Draws that training's excess is measured on: four of its standard errors join the allowance.
EXCESS_TRIALS = 192

Sequence_ = BettingSequence | AsymptoticSequence


@dataclass(frozen=True)
class Observed:
    """What the draws of one configuration said: a running confidence set at `level`, over `trials` draws."""

    estimate: float
    interval: tuple[float, float]
    deviation: float
    trials: int
    diverged: int
    level: float
    method: str
    message: str = ""
    moments: Moments | None = None

    @property
    def half_width(self) -> float:
        """Half the width of the confidence set."""
        return (self.interval[1] - self.interval[0]) / 2


def observe(
    context: Context,
    route: Route,
    setting: Setting,
    *,
    stage: str,
    level: float,
    budget: int,
    settled: Callable[[tuple[float, float]], bool],
) -> Observed:
    """Run batches until `settled(interval)` or `budget` trials are spent.

    Decisions read the contiguous prefix of batches, so they do not depend on who computed them. Draws that leave the
    stated range of the observable end the exact sequence: the asymptotic one goes on, and the result says so.
    """
    key = ("looks", route.name, label(setting.configuration), stage, level, budget)
    seen = Observed(math.nan, (-math.inf, math.inf), math.nan, 0, 0, level, "asymptotic")
    for seen in context.remembered(key, lambda: Looks(looks(context, route, setting, stage, level, budget))):
        if settled(seen.interval):
            break
    return seen


@dataclass
class Looks:
    """What is seen after each batch: what was looked at before is told again, the rest is drawn as it is asked for."""

    coming: Iterator[Observed]
    seen: list[Observed] = field(default_factory=list)

    def __iter__(self) -> Iterator[Observed]:
        yield from self.seen
        for observed in self.coming:
            self.seen.append(observed)
            yield observed


def looks(
    context: Context, route: Route, setting: Setting, stage: str, level: float, budget: int
) -> Iterator[Observed]:
    """What the draws say after each batch, until the budget is spent or the time guard trips."""
    trials = max(1, min(route.trials(setting.values), budget))
    seen: list[np.ndarray] = []
    sequence: Sequence_ = _sequence(route.bounds, level, budget)
    diverged, message = 0, ""
    for batch in range(-(-budget // trials)):
        try:
            context.guard()
        except TimeGuardError as stopped:
            yield _observed(sequence, diverged, level, str(stopped))
            return
        draws = context.draws(route, setting, stage=stage, batch=batch, trials=trials)
        diverged += int((~np.isfinite(draws)).sum())
        if diverged:
            yield _observed(sequence, diverged, level, message)
            return
        seen.append(rounded_in(draws, route.bounds, setting.tolerance(route).rounding))
        sequence, note = _extended(sequence, seen, level, budget)
        message = message or note
        yield _observed(sequence, diverged, level, message)


def _observed(sequence: Sequence_, diverged: int, level: float, message: str) -> Observed:
    method = "betting" if isinstance(sequence, BettingSequence) else "asymptotic"
    return Observed(
        estimate=sequence.mean,
        interval=sequence.interval,
        deviation=sequence.standard_deviation,
        trials=sequence.n,
        diverged=diverged,
        level=level,
        method=method,
        message=message,
        moments=sequence.moments,
    )


def excess(context: Context, route: Route, setting: Setting) -> tuple[float, str]:
    """What training leaves above the exact risk of the same weights: mean plus four standard errors, and its source.

    Measured on streams of its own, so nothing is tuned on the draws that it judges. NaN where a training diverged: a
    comparison with such an allowance decides nothing.
    """
    assert route.twin is not None
    key = stream_key(context.entropy, f"{stream_name(route.simulate)}/excess", setting.configuration, 0)
    trials = min(route.trials(setting.values), EXCESS_TRIALS)
    twin = replace(route, simulate=route.twin, settings=route.twin_settings or route.settings)
    trained = context.cached(route.simulate, simulation_arguments(route, setting.values), key=key, trials=trials)
    exact = context.cached(route.twin, simulation_arguments(twin, setting.values), key=key, trials=trials)
    left = trained - exact
    bound = float(left.mean() + 4 * left.std(ddof=1) / math.sqrt(trials))
    return max(
        bound, 0.0
    ), f"excess of training over the exact risk of the same weights, measured on {trials} other draws"


def shift(context: Context, route: Route, setting: Setting) -> float:
    """How far the mean lies from that of the coarser path: |mean difference| and four standard errors.

    Measured draw by draw under the same keys, on streams of its own: nothing is tuned on the draws that it judges.
    """
    assert route.coarse is not None
    trials = min(route.trials(setting.values), EXCESS_TRIALS)
    fine, coarse = (
        context.draws(path, setting, stage="coarser", batch=0, trials=trials) for path in (route, route.coarse)
    )
    left = fine - coarse
    return float(abs(left.mean()) + 4 * left.std(ddof=1) / math.sqrt(trials))


def rounded_in(draws: np.ndarray, bounds: tuple[float, float] | None, rounding: float) -> np.ndarray:
    """Draws that lie outside the observable's range by no more than the route's rounding, put back on its edge."""
    if bounds is None:
        return draws
    low, high = bounds
    return np.where(
        (draws < low) & (draws >= low - rounding),
        low,
        np.where((draws > high) & (draws <= high + rounding), high, draws),
    )


def _sequence(bounds: tuple[float, float] | None, level: float, budget: int) -> Sequence_:
    return BettingSequence(level, *bounds) if bounds else AsymptoticSequence(level, planned=max(500, budget // 4))


def _extended(sequence: Sequence_, seen: list[np.ndarray], level: float, budget: int) -> tuple[Sequence_, str]:
    try:
        sequence.update(seen[-1])
    except ValueError as outside:
        if not isinstance(sequence, BettingSequence):
            raise
        replacement = _sequence(None, level, budget)
        replacement.update(np.concatenate(seen))
        return replacement, f"draws left the range that the quantity has: {outside}"
    return sequence, ""
