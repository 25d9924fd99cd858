"""Switches the project's own pytest plugin on for this checkout, and says how workers share claims and tests."""

from __future__ import annotations

from typing import Any

import pytest

from lazy_assay.checks.executors.plugin import switch_on
from lazy_assay.theory._catalogue import catalogue


def pytest_configure(config: pytest.Config) -> None:
    switch_on(config)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Where `-n` says no more: a free worker takes the next item of a claim, or the next file of tests.

    The dearest items come first; what the fixtures of a file have made is made in one worker.
    """
    if config.getoption("dist") != "load" or config.getoption("maxschedchunk") is not None:
        return None
    from xdist.scheduler.load import LoadScheduling

    class ByFile(LoadScheduling):  # type: ignore[misc]
        def check_schedule(self, node: Any, duration: float = 0) -> None:
            if len(self.node2pending[node]) < 2:
                super().check_schedule(node, duration)

        def _send_tests(self, node: Any, num: int) -> None:
            names = self.collection or []
            while num < len(self.pending) and _together(*(names[i] for i in self.pending[num - 1 : num + 1])):
                num += 1
            super()._send_tests(node, num)

    made = ByFile(config, log)
    made.maxschedchunk = 1
    return made


def _together(one: str, other: str) -> bool:
    """Whether both are tests, of one file."""
    file = one.partition("::")[0]
    return file == other.partition("::")[0] and catalogue().named(one) is None
