"""A point that is a mean over draws of the weights, against its finite-size prediction.

From EXACT draws on, and in every confirmation, the interval of the mean is that of the betting sequence, exact from
the range of the risk alone: only it may refute, at the strict level. A figure at the paper's size has the paper's
ten draws a point, and no method that holds for every law says anything of their mean: such points agree by Student's
interval, which supposes them normal, and say so (`guarantee`).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from lazy_assay.checks.procedures.figures._declaration import RESOLUTION, Drawn, Figure
from lazy_assay.checks.procedures.kept import with_earlier
from lazy_assay.checks.procedures.means import Target
from lazy_assay.checks.procedures.sequential import rounded_in
from lazy_assay.checks.statistics import BettingSequence
from lazy_assay.checks.statistics.signs import kept_mean
from lazy_assay.checks.statistics.student import student_interval
from lazy_assay.checks.vocabulary.check import Route
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.result import Result, Subject, Tolerance, Verdict
from lazy_assay.checks.vocabulary.setting import Setting

# The variance of one draw falls like 1/d²: this many draws keep the dots' error well below their height at every
# size, and at the paper's d = 450 they are the paper's ten.
DRAWS_TIMES_DIMENSION, FEWEST, CONFIRMING = 4000, 10, 4
# The exact interval of so many risks that differ little is within 0.01 on either side at `miss`: log(2/miss)/draws of
# their distance to the ends of their range, which is all that it knows.
EXACT = 800


def draws_at(d: int) -> int:
    """Draws of the weights for one point, where none are asked for."""
    return max(FEWEST, math.ceil(DRAWS_TIMES_DIMENSION / d))


def drawn_point(context: Context, figure: Figure, series: Drawn, d: int, N: int, draws: int) -> Result:
    """Search at `miss`; what does not agree is drawn again on fresh streams: strict level, four times as long."""
    found = _measured(context, figure, series, (d, N), draws, "figure", context.rates.miss)
    if found.verdict is Verdict.UNDECIDED:
        again = _measured(context, figure, series, (d, N), CONFIRMING * draws, "figure, confirm", context.rates.strict)
        return with_earlier(again, found, told=again if again.verdict is not Verdict.UNDECIDED else found)
    return found


def _risks(context: Context, route: Route, setting: Setting, stage: str, draws: int) -> np.ndarray:
    """So many draws, in batches that memory bears."""
    sizes = [min(EXACT, draws - done) for done in range(0, draws, EXACT)]
    return np.concatenate(
        [context.draws(route, setting, stage=stage, batch=k, trials=size) for k, size in enumerate(sizes)]
    )


def _interval(risks: np.ndarray, route: Route, rounding: float, level: float, *, exact: bool) -> tuple[float, float]:
    """The interval of the mean; none, (−∞, ∞), where a risk left its range or is not finite."""
    if not np.isfinite(risks).all():
        return -math.inf, math.inf
    if not exact:
        return student_interval(risks, level)
    assert route.bounds is not None
    sequence = BettingSequence(level, *route.bounds)
    try:
        sequence.update(rounded_in(risks, route.bounds, rounding))
    except ValueError:
        return -math.inf, math.inf
    return sequence.interval


def _measured(
    context: Context, figure: Figure, series: Drawn, size: tuple[int, int], draws: int, stage: str, level: float
) -> Result:
    d, N = size
    setting = figure.setting(series.line, d, N)
    values = setting.values
    risks = _risks(context, series.route, setting, stage, draws)
    finite = float(context.predicted(series.line.finite(values), values))
    tolerance = setting.tolerance(series.route)
    target = Target(finite, tolerance.bias, RESOLUTION.at(finite, values))
    diverged = int((~np.isfinite(risks)).sum())
    exact = stage != "figure" or draws >= EXACT
    interval = _interval(risks, series.route, tolerance.rounding, level, exact=exact)
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
        method="betting" if exact else "t",
        tolerance=_with_noise(tolerance, interval),
        figures={"published": series.line.published(values)} | _kept(risks, series.route, tolerance.rounding),
    )
    return _explained(result) if result.verdict is Verdict.DISAGREES else result


def _kept(risks: np.ndarray, route: Route, rounding: float) -> dict[str, float]:
    """What nights keep of the risks: moments and their range; nothing where one left it."""
    assert route.bounds is not None
    return kept_mean(rounded_in(risks, route.bounds, rounding), *route.bounds, "both")


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
