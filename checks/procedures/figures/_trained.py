"""Points that are trained networks: exact risks of several seeds, and what lies above the least of their class.

Four seeds are what such a point affords. That they agree rests on Student's interval, which supposes them normal; that they
disagree rests on nothing of the kind. No network lies below the least risk of its class, so a mean below it is a
contradiction whatever was drawn. What training leaves above it is never negative, so that fresh seeds bound its mean from
below, exactly and at the strict level (`statistics.nonnegative`): the budget is refuted where that bound exceeds it. That
the excess grows with the samples is said of the median of the seeds' own slopes (`statistics.quantile`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lazy_assay.checks.procedures.figures._declaration import RESOLUTION, Figure, Trained
from lazy_assay.checks.procedures.figures._training import Array, Chain, gradient_noise, run
from lazy_assay.checks.statistics import Slope, least_mean, log_log_slope, slopes
from lazy_assay.checks.statistics.student import student_interval
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.result import Result, Subject, Tolerance, Verdict
from lazy_assay.checks.vocabulary.setting import Setting
from lazy_assay.sims.core.batch import as_float64

# What a risk may lie below the infimum: the rounding of its own evaluation, by sums of squares of order one.
ROUNDING = float(np.finfo(float).eps) ** 0.5
NOISE_SAMPLES = 2000
# How many times the seeds a confirmation takes, at the one step size that was chosen: forty, of which a median needs 31.
CONFIRMING = 10


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
    results = [_point(context, figure, series, found, k, (budget, left) if k == end else None) for k in shown]
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
    judged = _judged(context, found.risks[k], excess, excess - (left - left.mean()), _reach(context, series, found, known))
    result = _result(context, figure, series, found, k, tolerance, judged, "figure")
    if known is None or judged.verdict is not Verdict.UNDECIDED:
        return result
    fresh = _again(context, series, found)
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
    finite = series.line.finite(found.chain.setting.values)
    return found.risks[k] - found.least - (float(context.predicted(finite)) - finite)


def _reach(
    context: Context, series: Trained, found: Trajectory, known: tuple[Tolerance, Array] | None
) -> tuple[float, float]:
    """The budget, and what must be noticed beyond it; at a checkpoint before the end nothing is too much."""
    if known is None:
        return math.inf, math.inf
    values = found.chain.setting.values
    resolution = RESOLUTION.at(float(context.predicted(series.line.finite(values))), values)
    return known[0].bias + ROUNDING, known[0].bias + resolution


def _judged(context: Context, risks: Array, excess: Array, compared: Array, reach: tuple[float, float]) -> Judged:
    """Never below the least risk, which no draw can be; within the budget above it, as far as Student's interval tells."""
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
    """A disagreement at the strict level, where the least mean of the excess that its seeds leave is above the bound."""
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
    finite = float(context.predicted(series.line.finite(values)))
    half = (judged.interval[1] - judged.interval[0]) / 2
    result = Result(
        claim=figure.claim.id,
        part="",
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
        profile=context.profile.name,
        entropy=context.entropy,
        device=context.device,
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
    return replace(result, detail="not reproduced", message=message)


def _rate(context: Context, figure: Figure, series: Trained, found: Trajectory) -> Result:
    """The exponent at which the excess falls with the number of samples, and its interval: it has to fall.

    The draws at hand chose the step sizes, and may only agree or raise a suspicion: that the excess grows is said of a
    fresh training at those step sizes alone, at the strict level.
    """
    told = _exponents(series, found)
    slope = Slope(math.nan, -math.inf, math.inf)
    if told is not None:
        slope = Slope(float(told.mean()), *student_interval(told, context.rates.miss))
    if slope.low > 0:
        fresh = _again(context, series, found)
        for level in (context.rates.strict, context.rates.miss):
            slope = _median(series, fresh, level)
            if slope.low > 0:
                break
        return _rated(context, figure, series, fresh, slope, level, "figure, confirm")
    return _rated(context, figure, series, found, slope, context.rates.miss, "figure")


def _exponents(series: Trained, found: Trajectory) -> Array | None:
    """Each seed's slope of log excess on log samples; none where an excess has no logarithm, or at too few checkpoints."""
    samples, excess = _trace(series, found)
    usable = np.isfinite(excess).all() and (excess > 0).all() and len(set(samples.tolist())) >= 5
    return slopes(samples, excess) if usable else None


def _median(series: Trained, found: Trajectory, level: float) -> Slope:
    if _exponents(series, found) is None:
        return Slope(math.nan, -math.inf, math.inf)
    return log_log_slope(*_trace(series, found), level)


def _trace(series: Trained, found: Trajectory) -> tuple[Array, Array]:
    samples = np.array(found.steps) * max(1, series.training.batch)
    return samples, (found.risks - found.least).T


def _again(context: Context, series: Trained, found: Trajectory) -> Trajectory:
    """The same training of ten times the seeds, from other first layers, on other samples; the step sizes are kept."""
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
    if confirmed and level == context.rates.strict:
        verdict = Verdict.DISAGREES
    grows = verdict is Verdict.DISAGREES
    return Result(
        claim=figure.claim.id,
        part="",
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
        profile=context.profile.name,
        entropy=context.entropy,
        device=context.device,
        detail="reverse" if grows else "",
        message=f"[{figure.claim.id}] the excess of {series.name} grows with the samples: exponent "
        f"{slope.estimate:.3g} in [{slope.low:.3g}, {slope.high:.3g}]"
        if grows
        else "",
    )
