"""Seeds of one trained network along a training: their risks, the least of their class, and what a budget may ask."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lazy_assay.checks.procedures.figures._declaration import Trained
from lazy_assay.checks.procedures.figures._training import Array, Chain, gradient_noise, run
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.setting import Setting
from lazy_assay.sims.core.batch import as_float64

NOISE_SAMPLES = 2000
# How many times the seeds a confirmation takes, at the one step size that was chosen: forty, of which a median needs
# 31.
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
        return replaced(context, series, chain)
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


def replaced(context: Context, series: Trained, chain: Chain) -> Trajectory:
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


def geometric(last: int, count: int) -> tuple[int, ...]:
    """`count` different numbers of steps up to `last`, each about twice the one before."""
    return tuple(sorted({max(1, round(last / 2**k)) for k in range(count)}))


def outcome_of(context: Context, series: Trained, found: Trajectory) -> Outcome:
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


def again(context: Context, series: Trained, found: Trajectory) -> Trajectory:
    """The same training of ten times the seeds, from other first layers, on other samples; the step sizes are kept."""
    grid, seeds = tuple(dict.fromkeys(found.step_sizes.tolist())), CONFIRMING * series.training.seeds
    training = replace(series.training, seeds=seeds)
    label = f"{found.chain.label}/confirm"
    fresh = replace(found.chain, training=training, step_sizes=grid, label=label, stage="/confirm")
    if series.how in context.simulate:
        return replaced(context, replace(series, training=training), fresh)
    done = run(context, fresh)
    own = np.array([grid.index(size) for size in found.step_sizes.tolist()])
    risks = np.take_along_axis(done.risks, own[:, None, None], axis=2)[..., 0]
    least = np.asarray(series.smallest(fresh.setting.values, seeds, fresh.first_layer(context.entropy), context.device))
    return replace(found, risks=risks, least=least, chain=fresh, state=done.state[:, own[-1:]])
