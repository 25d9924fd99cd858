from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from lazy_assay.checks.vocabulary.context import MemoryStore
from lazy_assay.checks.vocabulary.deadline import TimeGuardError, stopped_at

LONG = 30.0


def endless(*, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64") -> np.ndarray:
    """A simulation that outlasts the test."""
    until = time.monotonic() + LONG
    while time.monotonic() < until:
        time.sleep(0.01)
    return np.zeros(trials)


def test_a_simulation_that_outlasts_the_run_is_stopped_and_leaves_no_draws(context: Callable[..., Any]) -> None:
    store = MemoryStore()
    made = context(store=store, until=int(time.time()) + 1)
    begun = time.monotonic()
    with pytest.raises(TimeGuardError, match="in the middle of a simulation"):
        made.cached(endless, {}, key=1, trials=3)
    assert time.monotonic() - begun < LONG / 2
    assert not store.draws


def test_an_exception_that_a_library_swallows_is_raised_again() -> None:
    caught = 0

    def deaf() -> None:
        nonlocal caught
        for _ in range(2):
            with suppress(TimeGuardError):
                time.sleep(LONG)
            caught += 1
        time.sleep(LONG)

    with pytest.raises(TimeGuardError), stopped_at(time.time() + 0.05):
        deaf()
    assert caught == 2


def test_what_ends_in_time_leaves_neither_alarm_nor_handler() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with stopped_at(time.time() + LONG):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before


@pytest.mark.parametrize("moment", [0.0, 1.0])
def test_without_a_moment_or_beside_the_main_thread_nothing_is_stopped(moment: float) -> None:
    done = []

    def work() -> None:
        with stopped_at(moment):
            time.sleep(0.01)
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done
    with stopped_at(0.0):
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
