from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lazy_assay import theory
from lazy_assay.checks.ghorbani2019 import figure1_right
from lazy_assay.checks.procedures.figures import Trained, _trajectory
from lazy_assay.checks.procedures.figures._falling import rate as rate_of
from lazy_assay.checks.procedures.figures._training import Chain, Run
from lazy_assay.checks.procedures.figures._trajectory import CONFIRMING, Trajectory
from lazy_assay.checks.statistics import ErrorRates
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.result import Result, Verdict
from lazy_assay.checks.vocabulary.status import part_status

FIGURE = figure1_right.FIGURE
FIRST = FIGURE.series[0]
assert isinstance(FIRST, Trained)
SERIES = FIRST
STEPS = tuple(2**k for k in range(4, 12))
FALLS, FLAT, GROWS = -0.7, 0.0, 0.7


SEEDS = SERIES.training.seeds


def trajectory(exponent: float, entropy: int, seeds: int = SEEDS) -> Trajectory:
    """Excess that follows n^exponent but for noise, at the step sizes 0.01 and, at the last checkpoint, 0.02."""
    noise = np.exp(np.random.default_rng(entropy).normal(0, 0.02, (len(STEPS), seeds)))
    chain = Chain(SERIES.training, FIGURE.setting(SERIES.line, 8, 4), (0.01, 0.02), STEPS, "sgd/100")
    sizes = np.array([0.01] * (len(STEPS) - 1) + [0.02])
    risks = 0.1 * np.array(STEPS, dtype=float)[:, None] ** exponent * noise
    return Trajectory(STEPS, sizes, risks, np.zeros(seeds), chain, np.zeros((2, 1, 1)), 0)


@pytest.fixture
def rate(monkeypatch: pytest.MonkeyPatch) -> Callable[[float, float], Result]:
    """The result where the search saw one exponent and a fresh training another."""

    def judge(seen: float, again: float) -> Result:
        monkeypatch.setattr(
            _trajectory, "again", lambda context, series, found: trajectory(again, 2, CONFIRMING * SEEDS)
        )
        context = Context(claim=FIGURE.claim, profile=PROFILES["quick"], entropy=1)
        return rate_of(context, FIGURE, SERIES, trajectory(seen, 1))

    return judge


@pytest.mark.parametrize(
    "seen, again, verdict",
    [
        (FALLS, GROWS, Verdict.AGREES),
        (FLAT, GROWS, Verdict.UNDECIDED),
        (GROWS, FALLS, Verdict.AGREES),
        (GROWS, FLAT, Verdict.UNDECIDED),
        (GROWS, GROWS, Verdict.DISAGREES),
    ],
)
def test_only_a_fresh_training_says_that_an_excess_grows(
    rate: Callable[[float, float], Result], seen: float, again: float, verdict: Verdict
) -> None:
    assert rate(seen, again).verdict is verdict


def test_what_disagrees_does_so_at_the_strict_level_with_a_status_that_there_is(
    rate: Callable[[float, float], Result],
) -> None:
    found = rate(GROWS, GROWS)
    assert (found.false_alarm, found.stage) == (ErrorRates().strict, "figure, confirm")
    claim = theory.claim("ghorbani2019.figure1_right")
    assert part_status(claim, claim.parts[0], figure1_right.CHECK, [found]).status == "reverse"


def test_a_confirmation_trains_other_networks_at_the_step_sizes_that_were_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = []

    def run(context: Context, chain: Chain) -> Run:
        seen.append(chain)
        each = np.arange(len(STEPS))[:, None, None] + 10.0 * np.array([1, 2])[: len(chain.step_sizes)]
        return Run(
            np.broadcast_to(each, (len(STEPS), chain.training.seeds, len(chain.step_sizes))),
            np.zeros((chain.training.seeds, len(chain.step_sizes), 1)),
        )

    monkeypatch.setattr(_trajectory, "run", run)
    context = Context(claim=FIGURE.claim, profile=PROFILES["quick"], entropy=1)
    first = trajectory(FLAT, 1)
    least = replace(SERIES, smallest=lambda values, seeds, key, device: np.full(seeds, float(key % 97)))
    found = _trajectory.again(context, least, first)
    (chain,) = seen
    assert chain.step_sizes == (0.01, 0.02)
    assert chain.training.seeds == found.risks.shape[1] == CONFIRMING * SEEDS
    assert chain.label != first.chain.label
    assert chain.first_layer(1) != first.chain.first_layer(1)
    # The first of the two step sizes at all checkpoints but the last.
    assert found.risks[:, 0].tolist() == [k + 10.0 for k in range(len(STEPS) - 1)] + [len(STEPS) - 1 + 20.0]
    assert (found.least == chain.first_layer(1) % 97).all()
