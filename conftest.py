"""Switches the project's own pytest plugin on for this checkout, and says how workers share claims and tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from typing import Any

import pytest

from lazy_assay.checks.executors.plugin import switch_on
from lazy_assay.sims.core.heap import keep_freed
from lazy_assay.theory._catalogue import catalogue

# One thread a worker, before anything that reads these is imported: more of them wait for one another's cores.
if "PYTEST_XDIST_WORKER" in os.environ:
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def pytest_configure(config: pytest.Config) -> None:
    # pytest would compile every module of a plugin's package a second time, to explain asserts that are not there.
    hook = getattr(config.pluginmanager, "rewrite_hook", None)
    getattr(hook, "_must_rewrite", set()).discard("lazy_assay")
    switch_on(config)
    keep_freed()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected stays to the end: looking for garbage in it took a third of the collection."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The effects of a claim beside one another: they read the same trained networks."""
    first: dict[str, int] = {}
    for at, item in enumerate(items):
        first.setdefault(_group(item.nodeid), at)
    items.sort(key=lambda item: first[_group(item.nodeid)])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Where `-n` says no more: a free worker takes the next item of a claim, its effects, or the next file of tests.

    The dearest items come first; what the fixtures of a file have made is made in one worker, and so are networks that
    several effects read.
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
    """Whether one worker should have both: tests of one file, effects of one claim."""
    return _group(one) == _group(other)


def _group(name: str) -> str:
    file = name.partition("::")[0]
    return file if catalogue().named(name) is None or name.endswith(": effect") else name
