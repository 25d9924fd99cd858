"""Whether what a training leaves falls with the number of samples: the median exponent over seeds."""

from __future__ import annotations

import math

import numpy as np

from lazy_assay.checks.procedures.figures import _trajectory
from lazy_assay.checks.procedures.figures._declaration import Figure, Trained
from lazy_assay.checks.procedures.figures._training import Array
from lazy_assay.checks.procedures.figures._trajectory import Trajectory
from lazy_assay.checks.statistics import Slope, log_log_slope, slopes
from lazy_assay.checks.statistics.student import student_interval
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict

UNKNOWN = Slope(math.nan, -math.inf, math.inf)


def rate(context: Context, figure: Figure, series: Trained, found: Trajectory) -> Result:
    """The exponent at which the excess falls with the number of samples, and its interval: it has to fall.

    The draws at hand chose the step sizes, and may only agree or raise a suspicion: that the excess grows is said of a
    fresh training at those step sizes alone, at the strict level.
    """
    told = _exponents(series, found)
    if told is None:
        return _rated(context, figure, series, found, UNKNOWN, context.rates.miss, "figure")
    slope = Slope(float(told.mean()), *student_interval(told, context.rates.miss))
    if slope.low <= 0:
        return _rated(context, figure, series, found, slope, context.rates.miss, "figure")
    fresh, level = _trajectory.again(context, series, found), context.rates.strict
    slope = _median(series, fresh, level)
    if slope.low <= 0:
        level = context.rates.miss
        slope = _median(series, fresh, level)
    return _rated(context, figure, series, fresh, slope, level, "figure, confirm")


def _exponents(series: Trained, found: Trajectory) -> Array | None:
    """Each seed's slope of log excess on log samples; none where one has no logarithm, or at too few checkpoints."""
    samples, excess = _trace(series, found)
    usable = np.isfinite(excess).all() and (excess > 0).all() and len(set(samples.tolist())) >= 5
    return slopes(samples, excess) if usable else None


def _median(series: Trained, found: Trajectory, level: float) -> Slope:
    if _exponents(series, found) is None:
        return UNKNOWN
    return log_log_slope(*_trace(series, found), level)


def _trace(series: Trained, found: Trajectory) -> tuple[Array, Array]:
    samples = np.array(found.steps) * max(1, series.training.batch)
    return samples, (found.risks - found.least).T


def _rated(
    context: Context, figure: Figure, series: Trained, found: Trajectory, slope: Slope, level: float, stage: str
) -> Result:
    confirmed = stage != "figure"
    verdict = Verdict.AGREES if slope.high < 0 else Verdict.UNDECIDED
    if confirmed and level == context.rates.strict:
        verdict = Verdict.DISAGREES
    grows = verdict is Verdict.DISAGREES
    return context.result(
        figure.claim.part(""),
        check="rate",
        subject=Subject.CLAIM,
        configuration=dict(found.chain.setting.configuration),
        route=f"rate of {series.name}",
        verdict=verdict,
        predicted=0.0,
        estimate=slope.estimate,
        interval=(slope.low, slope.high),
        trials=found.risks.shape[1],
        false_alarm=level,
        stage=stage,
        method="median" if confirmed else "t",
        word="reverse" if grows else "",
        message=f"[{figure.claim.id}] the excess of {series.name} grows with the samples: exponent "
        f"{slope.estimate:.3g} in [{slope.low:.3g}, {slope.high:.3g}]"
        if grows
        else "",
    )
