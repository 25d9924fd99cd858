"""A moment at which a run's time is over, also for a simulation that is under way: one training may outlast a night."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class TimeGuardError(Exception):
    """The time limit of a check has passed: what is undecided by then stays undecided, and the report says so."""


# What is raised once may be caught by a library: it is raised again until somebody listens.
AGAIN = 1.0


@contextmanager
def stopped_at(moment: float) -> Iterator[None]:
    """Raise TimeGuardError in the code inside once `moment` (seconds since 1970; 0 for none) has come.

    Signals reach a process's main thread alone, and not every system has them: elsewhere the code inside is not
    stopped, and the guard between batches is what there is.
    """
    if not moment or threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return
    inside = True

    def stop(*_: object) -> None:
        if inside:
            raise TimeGuardError("the run's budget of time was used up in the middle of a simulation")

    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, max(moment - time.time(), 1e-3), AGAIN)
        yield
    finally:
        inside = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
