"""Points that are trained networks: exact risks of several seeds, and what lies above the least of their class.

Four seeds are what such a point affords. That they agree rests on Student's interval, which supposes them normal;
that they disagree rests on nothing of the kind. No network lies below the least risk of its class, so a mean below
it is a contradiction whatever was drawn. What training leaves above it is never negative, so that fresh seeds bound
its mean from below, exactly and at the strict level (`statistics.nonnegative`): the budget is refuted where that
bound exceeds it. That the excess grows with the samples is said of the median of the seeds' own slopes
(`statistics.quantile`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lazy_assay.checks.procedures.figures._declaration import RESOLUTION, Figure, Trained
from lazy_assay.checks.procedures.figures._falling import rate
from lazy_assay.checks.procedures.figures._training import Array
from lazy_assay.checks.procedures.figures._trajectory import Trajectory, again, geometric, outcome_of, trajectory
from lazy_assay.checks.statistics import least_mean
from lazy_assay.checks.statistics.student import student_interval
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.result import Result, Subject, Tolerance, Verdict

# What a risk may lie below the infimum: the rounding of its own evaluation, by sums of squares of order one.
ROUNDING = float(np.finfo(float).eps) ** 0.5


def trained_points(
    context: Context,
    figure: Figure,
    series: Trained,
    size: tuple[int, int],
    steps: int | None,
    grid: Sequence[float] | None,
) -> list[Result]:
    """One result for each checkpoint (the last alone in a frame over N); in a frame over samples one for the rate."""
    setting = figure.setting(series.line, *size)
    last = steps or series.training.steps(setting.values)
    checkpoints = geometric(last, figure.checkpoints) if figure.over_samples else (*[last // 2] * (last > 1), last)
    found = trajectory(context, series, setting, checkpoints, grid or series.training.step_sizes(setting.values))
    outcome = outcome_of(context, series, found)
    budget = series.budget(setting.values, outcome)
    end = len(checkpoints) - 1
    shown = range(0 if figure.over_samples else end, end + 1)
    left = outcome.left_without_noise
    results = [_point(context, figure, series, found, k, (budget, left) if k == end else None) for k in shown]
    return results + ([rate(context, figure, series, found)] if figure.over_samples else [])


@dataclass(frozen=True)
class Judged:
    """A verdict on seeds' excesses, and what the report shows: an interval of the mean risk, its method and level."""

    verdict: Verdict
    interval: tuple[float, float]
    method: str
    level: float


def _point(
    context: Context, figure: Figure, series: Trained, found: Trajectory, k: int, known: tuple[Tolerance, Array] | None
) -> Result:
    """The result at one checkpoint. Where the seeds at the end lie above the budget, fresh ones decide.

    Only those may say so: the seeds at hand chose the step size, the one of the least mean risk.
    """
    tolerance, left = known or (Tolerance(), np.zeros(found.risks.shape[1]))
    excess = _excess(context, series, found, k)
    # What a seed's own noise-free training leaves is known: only its mean has to be borne, not its spread.
    judged = _judged(
        context, found.risks[k], excess, excess - (left - left.mean()), _reach(context, series, found, known)
    )
    result = _result(context, figure, series, found, k, tolerance, judged, "figure")
    if known is None or judged.verdict is not Verdict.UNDECIDED:
        return result
    fresh = again(context, series, found)
    excess = _excess(context, series, fresh, k)
    bound = tolerance.bias + ROUNDING
    judged = _refuted(context, fresh.risks[k], excess, bound) or _judged(
        context, fresh.risks[k], excess, excess, _reach(context, series, fresh, known)
    )
    if judged.verdict is Verdict.UNDECIDED:
        return result
    return _result(context, figure, series, fresh, k, tolerance, judged, "figure, confirm")


def _excess(context: Context, series: Trained, found: Trajectory, k: int) -> Array:
    """What lies above each seed's least risk; a distorted prediction moves the least risk with it."""
    values = found.chain.setting.values
    finite = series.line.finite(values)
    return np.asarray(found.risks[k] - found.least - (float(context.predicted(finite, values)) - finite))


def _reach(
    context: Context, series: Trained, found: Trajectory, known: tuple[Tolerance, Array] | None
) -> tuple[float, float]:
    """The budget, and what must be noticed beyond it; at a checkpoint before the end nothing is too much."""
    if known is None:
        return math.inf, math.inf
    values = found.chain.setting.values
    resolution = RESOLUTION.at(float(context.predicted(series.line.finite(values), values)), values)
    return known[0].bias + ROUNDING, known[0].bias + resolution


def _judged(context: Context, risks: Array, excess: Array, compared: Array, reach: tuple[float, float]) -> Judged:
    """Never below the least risk, where no draw can be; within the budget above it, as far as Student tells."""
    level = context.rates.miss
    if not np.isfinite(risks).all():
        return Judged(Verdict.DIVERGED, (-math.inf, math.inf), "t", level)
    if excess.mean() < -ROUNDING:
        mean = float(risks.mean())
        return Judged(Verdict.DISAGREES, (mean, mean), "exact", context.rates.strict)
    low, high = student_interval(compared, level)
    within = low <= reach[0] and high <= reach[1]
    return Judged(Verdict.AGREES if within else Verdict.UNDECIDED, student_interval(risks, level), "t", level)


def _refuted(context: Context, risks: Array, excess: Array, bound: float) -> Judged | None:
    """A disagreement at the strict level, where the bound that seeds set to their mean excess exceeds `bound`."""
    if not np.isfinite(risks).all() or excess.mean() < -ROUNDING:
        return None
    level = context.rates.strict
    least = least_mean(np.maximum(excess, 0.0), level)
    if least <= bound:
        return None
    lowest = float((risks - excess).mean()) + least
    return Judged(Verdict.DISAGREES, (lowest, max(lowest, float(risks.max()))), "least mean", level)


def _result(
    context: Context,
    figure: Figure,
    series: Trained,
    found: Trajectory,
    k: int,
    tolerance: Tolerance,
    judged: Judged,
    stage: str,
) -> Result:
    values, risks = found.chain.setting.values, found.risks[k]
    finite = float(context.predicted(series.line.finite(values), values))
    half = (judged.interval[1] - judged.interval[0]) / 2
    result = context.result(
        figure.claim.part(""),
        check="points",
        subject=Subject.CLAIM,
        configuration={**found.chain.setting.configuration, "steps": found.steps[k]},
        route=f"{series.name} by {series.how}",
        verdict=judged.verdict,
        predicted=finite,
        estimate=float(risks.mean()),
        interval=judged.interval,
        trials=len(risks),
        resolution=RESOLUTION.at(finite, values),
        false_alarm=judged.level,
        stage=stage,
        method=judged.method,
        tolerance=replace(tolerance, monte_carlo=half if math.isfinite(half) else 0.0),
        figures={
            "published": series.line.published(values),
            "excess": float(_excess(context, series, found, k).mean()),
            "step_size": float(found.step_sizes[k]),
            "samples": float(found.steps[k] * series.training.batch),
            "step sizes that diverged": float(found.diverged),
        },
    )
    return _explained(result) if judged.verdict is Verdict.DISAGREES else result


def _explained(result: Result) -> Result:
    where = ", ".join(f"{name}={value}" for name, value in result.configuration.items())
    message = (
        f"[{result.claim}] {result.route} at {where}, entropy {result.entropy}: {result.figures['excess']:.3g} above "
        f"the least risk, but between 0 and {result.tolerance.bias:.3g} was claimed"
    )
    return replace(result, word="not reproduced", message=message)
