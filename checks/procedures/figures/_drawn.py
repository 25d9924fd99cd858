"""A point that is a mean over draws of the weights, against its finite-size prediction."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from lazy_assay.checks.procedures.figures._declaration import RESOLUTION, Drawn, Figure
from lazy_assay.checks.procedures.means import Target
from lazy_assay.checks.statistics.student import student_interval
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.result import Result, Subject, Tolerance, Verdict

# The variance of one draw falls like 1/d²: this many draws keep the dots' error well below their height at every
# size, and at the paper's d = 450 they are the paper's ten.
DRAWS_TIMES_DIMENSION, FEWEST, CONFIRMING = 4000, 10, 4


def draws_at(d: int) -> int:
    """Draws of the weights for one point, where none are asked for."""
    return max(FEWEST, math.ceil(DRAWS_TIMES_DIMENSION / d))


def drawn_point(context: Context, figure: Figure, series: Drawn, d: int, N: int, draws: int) -> Result:
    """Search at `miss`; what does not agree is drawn again on fresh streams: strict level, four times as long."""
    found = _measured(context, figure, series, (d, N), draws, "figure", context.rates.miss)
    if found.verdict is Verdict.UNDECIDED:
        again = _measured(context, figure, series, (d, N), CONFIRMING * draws, "figure, confirm", context.rates.strict)
        return again if again.verdict is not Verdict.UNDECIDED else found
    return found


def _measured(
    context: Context, figure: Figure, series: Drawn, size: tuple[int, int], draws: int, stage: str, level: float
) -> Result:
    d, N = size
    setting = figure.setting(series.line, d, N)
    values = setting.values
    risks = context.draws(series.route, setting, stage=stage, batch=0, trials=draws)
    finite = float(context.predicted(series.line.finite(values), values))
    tolerance = setting.tolerance(series.route)
    target = Target(finite, tolerance.bias, RESOLUTION.at(finite, values))
    diverged = int((~np.isfinite(risks)).sum())
    interval = (-math.inf, math.inf) if diverged else student_interval(risks, level)
    result = context.result(
        figure.claim.part(""),
        check="points",
        subject=Subject.CLAIM,
        configuration=dict(setting.configuration),
        route=f"{series.name} by {series.how}",
        verdict=_verdict(target, interval, stage, diverged),
        predicted=finite,
        estimate=float(risks.mean()),
        interval=interval,
        trials=draws,
        resolution=target.resolution,
        false_alarm=level,
        diverged=diverged,
        stage=stage,
        method="t",
        tolerance=_with_noise(tolerance, interval),
        figures={"published": series.line.published(values)},
    )
    return _explained(result) if result.verdict is Verdict.DISAGREES else result


def _verdict(target: Target, interval: tuple[float, float], stage: str, diverged: int) -> Verdict:
    if diverged:
        return Verdict.DIVERGED
    if target.agrees(interval):
        return Verdict.AGREES
    return Verdict.DISAGREES if stage != "figure" and target.refutes(interval) else Verdict.UNDECIDED


def _with_noise(tolerance: Tolerance, interval: tuple[float, float]) -> Tolerance:
    return replace(tolerance, monte_carlo=(interval[1] - interval[0]) / 2)


def _explained(result: Result) -> Result:
    where = ", ".join(f"{name}={value}" for name, value in result.configuration.items())
    message = (
        f"[{result.claim}] {result.route} at {where}, entropy {result.entropy}: observed {result.estimate:.6g} in "
        f"[{result.interval[0]:.6g}, {result.interval[1]:.6g}], but claimed {result.predicted:.6g}"
    )
    return replace(result, word="not reproduced", message=message)
