from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lazy_assay.checks.engine.perform import run
from lazy_assay.checks.vocabulary.context import RepeatedDrawsError
from lazy_assay.checks.vocabulary.result import Verdict
from lazy_assay.theory import Limit

Make = Callable[..., Any]


def same(*, trials: int, **_: Any) -> np.ndarray:
    """Numbers of one seed, whatever the key."""
    return np.clip(0.45 + 0.01 * np.random.default_rng(0).standard_normal(trials), 0, 1)


@pytest.fixture
def task(means: Make, claim: Make) -> Any:
    return means(resolution=0.2, trials=100).tasks(claim())[0]


def test_batches_that_repeat_one_another_confirm_nothing(task: Any, context: Make) -> None:
    (found,) = run(task, context(simulate={"tosses": same}))
    assert found.verdict is Verdict.UNDECIDED
    assert "a seed is used twice" in found.message


def test_the_same_key_may_be_asked_again(task: Any, context: Make) -> None:
    made = context()
    told = made._new(np.arange(64.0), 1)
    assert made._new(told.copy(), 1).tobytes() == told.tobytes()
    with pytest.raises(RepeatedDrawsError, match="64 trials"):
        made._new(told.copy(), 2)


@pytest.mark.parametrize("draws", [np.ones(1000), np.arange(1000) % 31, np.ones((1, 500))])
def test_what_takes_few_values_may_come_again(draws: np.ndarray, context: Make) -> None:
    made = context()
    assert made._new(draws, 1) is draws
    assert made._new(draws.copy(), 2) is not None


def test_a_limit_s_sound_draws_are_not_refused(task: Any, context: Make, part: Limit) -> None:
    assert all("twice" not in found.message for found in run(task, context()))
