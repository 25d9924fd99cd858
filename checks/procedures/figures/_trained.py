"""Points that are trained networks: exact risks of several seeds, and what lies above the least of their class."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lazy_assay.checks.procedures.figures._declaration import RESOLUTION, Figure, Trained
from lazy_assay.checks.procedures.figures._training import Array, Chain, gradient_noise, run
from lazy_assay.checks.statistics import Slope, log_log_slope
from lazy_assay.checks.statistics.student import student_interval
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.result import Result, Subject, Tolerance, Verdict
from lazy_assay.checks.vocabulary.setting import Setting
from lazy_assay.sims.core.batch import as_float64

# What a risk may lie below the infimum: the rounding of its own evaluation, by sums of squares of order one.
ROUNDING = float(np.finfo(float).eps) ** 0.5
NOISE_SAMPLES = 2000
# How many times the seeds a confirmation takes.
CONFIRMING = 4


@dataclass(frozen=True)
class Outcome:
    """What a budget may ask of a run; noise_trace is Tr S and energy E|∇f|², both at its end.

    left_without_noise: what as much descent on the population's risk leaves above the least, seed by seed (a further
    training; zeros for `network`, whose budget is derived, and where a training diverged).
    halfway_gain: what the second half of a noise-free training gained.
    """

    step_size: float
    steps: int
    batch: int
    noise_trace: float
    energy: float
    left_without_noise: Array
    halfway_gain: float

    @property
    def time(self) -> float:
        """Gradient-flow time."""
        return self.step_size * self.steps


@dataclass(frozen=True)
class Trajectory:
    """Risks (checkpoints, seeds) at the best step size of each checkpoint, and the seeds' least risks."""

    steps: tuple[int, ...]
    step_sizes: Array
    risks: Array
    least: Array
    chain: Chain
    state: Array
    diverged: int


def trajectory(
    context: Context, series: Trained, setting: Setting, checkpoints: Sequence[int], grid: Sequence[float]
) -> Trajectory:
    """Train the whole grid of step sizes at once; at each checkpoint the best one counts, as in the paper."""
    training = series.training
    chain = Chain(training, setting, tuple(grid), tuple(checkpoints), f"{training.model}/{training.batch}")
    if series.how in context.simulate:
        return _replaced(context, series, chain)
    done = run(context, chain)
    least = np.asarray(
        series.smallest(setting.values, training.seeds, chain.first_layer(context.entropy), context.device)
    )
    means = done.risks.mean(axis=1)
    best = np.where(np.isfinite(means), means, np.inf).argmin(axis=1)
    risks = np.take_along_axis(done.risks, best[:, None, None], axis=2)[..., 0]
    return Trajectory(
        tuple(checkpoints),
        np.asarray(grid)[best],
        risks,
        least,
        chain,
        done.state[:, best[-1:]],
        int((~np.isfinite(means[-1])).sum()),
    )


def _replaced(context: Context, series: Trained, chain: Chain) -> Trajectory:
    """Draws that stand in for the training, as `confront(simulate=…)` asks: power is measured so."""
    key, seeds = chain.first_layer(context.entropy), series.training.seeds
    stand_in = context.simulate[series.how]
    draws = as_float64(
        stand_in(**chain.setting.values, trials=seeds, entropy=key, device=context.device, dtype=context.dtype)
    )
    least = np.asarray(series.smallest(chain.setting.values, seeds, key, context.device))
    risks = np.repeat(draws[None], len(chain.checkpoints), axis=0)
    sizes = np.full(len(chain.checkpoints), chain.step_sizes[0])
    return Trajectory(chain.checkpoints, sizes, risks, least, chain, np.full((seeds, 1, 1), np.nan), 0)


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
    outcome = _outcome(context, series, found)
    budget = series.budget(setting.values, outcome)
    end = len(checkpoints) - 1
    shown = range(0 if figure.over_samples else end, end + 1)
    left = outcome.left_without_noise
    results = [_result(context, figure, series, found, k, (budget, left) if k == end else None) for k in shown]
    return results + ([_rate(context, figure, series, found)] if figure.over_samples else [])


def geometric(last: int, count: int) -> tuple[int, ...]:
    """`count` different numbers of steps up to `last`, each about twice the one before."""
    return tuple(sorted({max(1, round(last / 2**k)) for k in range(count)}))


def _outcome(context: Context, series: Trained, found: Trajectory) -> Outcome:
    """The noise is measured at the final state, the noise-free training made, for the best step size alone."""
    training, step_size, steps = series.training, float(found.step_sizes[-1]), found.steps[-1]
    if not training.batch or not np.isfinite(found.state).all():
        gain = float((found.risks[-2] - found.risks[-1]).mean()) if len(found.risks) > 1 else math.inf
        return Outcome(step_size, steps, training.batch, 0.0, 0.0, np.zeros(training.seeds), gain)
    alone = replace(found.chain, step_sizes=(step_size,), checkpoints=(steps,))
    noise = gradient_noise(context, alone, found.state, NOISE_SAMPLES).mean(axis=(0, 1))
    quiet = replace(training, batch=0)
    # The noise of the steps slows every mode by 1 - ε E|∇f|²/b: so many fewer steps without it leave the same.
    slowed = max(1, round(steps * (1 - min(step_size * float(noise[1]) / training.batch, 1.0))))
    left = np.zeros(training.seeds)
    if training.model != "network":
        silent = run(context, replace(alone, training=quiet, checkpoints=(slowed,), label=f"{training.model}/0"))
        left = silent.risks[-1, :, 0] - found.least
    return Outcome(step_size, steps, training.batch, float(noise[0]), float(noise[1]), left, 0.0)


def _result(
    context: Context,
    figure: Figure,
    series: Trained,
    found: Trajectory,
    k: int,
    known: tuple[Tolerance, Array] | None,
) -> Result:
    values = found.chain.setting.values
    risks, excess = found.risks[k], found.risks[k] - found.least
    finite = float(context.predicted(series.line.finite(values), values))
    # A distorted prediction moves the least risk with it: what is compared is the excess above it.
    excess = excess - (finite - series.line.finite(values))
    resolution = RESOLUTION.at(finite, values)
    finished = np.isfinite(risks).all()
    interval = student_interval(risks, context.rates.miss) if finished else (-math.inf, math.inf)
    tolerance, left = known or (Tolerance(), np.zeros(len(risks)))
    # What a seed's own noise-free training leaves is known: only its mean has to be borne, not its spread.
    compared = excess - (left - left.mean())
    verdict = (
        _verdict(compared, tolerance, resolution, context, last=known is not None) if finished else Verdict.DIVERGED
    )
    samples = found.steps[k] * series.training.batch
    result = context.result(
        figure.claim.part(""),
        check="points",
        subject=Subject.CLAIM,
        configuration={**found.chain.setting.configuration, "steps": found.steps[k]},
        route=f"{series.name} by {series.how}",
        verdict=verdict,
        predicted=finite,
        estimate=float(risks.mean()),
        interval=interval,
        trials=len(risks),
        resolution=resolution,
        false_alarm=context.rates.strict if verdict is Verdict.DISAGREES else context.rates.miss,
        stage="figure",
        method="t",
        tolerance=replace(tolerance, monte_carlo=(interval[1] - interval[0]) / 2 if finished else 0.0),
        figures={
            "published": series.line.published(values),
            "excess": float(excess.mean()),
            "step_size": float(found.step_sizes[k]),
            "samples": float(samples),
            "step sizes that diverged": float(found.diverged),
        },
    )
    return _explained(result) if verdict is Verdict.DISAGREES else result


def _explained(result: Result) -> Result:
    where = ", ".join(f"{name}={value}" for name, value in result.configuration.items())
    message = (
        f"[{result.claim}] {result.route} at {where}, entropy {result.entropy}: {result.figures['excess']:.3g} above "
        f"the least risk, but between 0 and {result.tolerance.bias:.3g} was claimed"
    )
    return replace(result, word="not reproduced", message=message)


def _verdict(excess: Array, budget: Tolerance, resolution: float, context: Context, *, last: bool) -> Verdict:
    """Never below the least risk; at the end within the budget above it, as far as the seeds' interval can tell.

    That these draws chose the step size, the one of the least mean risk, makes it no easier to disagree: no seed may
    lie below its least risk at any step size, and the choice brings the excess down.
    """
    low, high = student_interval(excess, context.rates.strict)
    if high < -ROUNDING or (last and low > budget.bias + ROUNDING):
        return Verdict.DISAGREES
    low, high = student_interval(excess, context.rates.miss)
    above = bool(excess.mean() >= -ROUNDING)
    within = bool(low <= budget.bias + ROUNDING and high <= budget.bias + resolution)
    return Verdict.AGREES if above and (within or not last) else Verdict.UNDECIDED


def _rate(context: Context, figure: Figure, series: Trained, found: Trajectory) -> Result:
    """The exponent at which the excess falls with the number of samples, and its interval: it has to fall.

    The draws at hand chose the step sizes, and may only agree or raise a suspicion: that the excess grows is said of a
    fresh training at those step sizes alone, at the strict level.
    """
    slope = _slope(series, found, context.rates.miss)
    if slope.low > 0:
        level = context.rates.strict
        found = _again(context, series, found)
        slope = _slope(series, found, level)
        return _rated(context, figure, series, found, slope, level, "figure, confirm")
    return _rated(context, figure, series, found, slope, context.rates.miss, "figure")


def _slope(series: Trained, found: Trajectory, level: float) -> Slope:
    samples = np.array(found.steps) * max(1, series.training.batch)
    excess = (found.risks - found.least).T
    usable = np.isfinite(excess).all() and (excess > 0).all() and len(set(samples.tolist())) >= 5
    return log_log_slope(samples, excess, level) if usable else Slope(math.nan, -math.inf, math.inf)


def _again(context: Context, series: Trained, found: Trajectory) -> Trajectory:
    """The same training of four times the seeds, from other first layers, on other samples; the step sizes are kept."""
    grid, seeds = tuple(dict.fromkeys(found.step_sizes.tolist())), CONFIRMING * series.training.seeds
    training = replace(series.training, seeds=seeds)
    label = f"{found.chain.label}/confirm"
    fresh = replace(found.chain, training=training, step_sizes=grid, label=label, stage="/confirm")
    if series.how in context.simulate:
        return _replaced(context, replace(series, training=training), fresh)
    done = run(context, fresh)
    own = np.array([grid.index(size) for size in found.step_sizes.tolist()])
    risks = np.take_along_axis(done.risks, own[:, None, None], axis=2)[..., 0]
    least = np.asarray(series.smallest(fresh.setting.values, seeds, fresh.first_layer(context.entropy), context.device))
    return replace(found, risks=risks, least=least, chain=fresh, state=done.state[:, own[-1:]])


def _rated(
    context: Context, figure: Figure, series: Trained, found: Trajectory, slope: Slope, level: float, stage: str
) -> Result:
    confirmed = stage != "figure"
    verdict = Verdict.AGREES if slope.high < 0 else Verdict.UNDECIDED
    if confirmed and slope.low > 0:
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
        method="t",
        word="reverse" if grows else "",
        message=f"[{figure.claim.id}] the excess of {series.name} grows with the samples: exponent "
        f"{slope.estimate:.3g} in [{slope.low:.3g}, {slope.high:.3g}]"
        if grows
        else "",
    )
