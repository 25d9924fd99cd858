"""Switches the project's own pytest plugin on for this checkout; nothing else."""

import pytest

from lazy_assay.checks.executors.plugin import switch_on


def pytest_configure(config: pytest.Config) -> None:
    switch_on(config)
