"""Every simulation of the package, found by walking it, at the small sizes that the files of `sizes/` give."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lazy_assay import sims
from lazy_assay.checks.testing import simulations_in, standin


def sizes() -> tuple[dict[str, dict[str, Any]], set[str]]:
    """The small sizes of every simulation: the `SIZES` of each file of `tests/sims/sizes/`, found by walking it.

    And the simulations whose draws are counts, which the files name in `COUNTS`: there independent trials may agree.
    """
    found: dict[str, dict[str, Any]] = {}
    counts: set[str] = set()
    for path in sorted((Path(__file__).parent / "sizes").glob("*.py")):
        told = runpy.run_path(str(path))
        if twice := found.keys() & told["SIZES"].keys():
            raise ValueError(f"{path.name}: {min(twice)} has its sizes in another file already")
        found |= told["SIZES"]
        counts |= told.get("COUNTS", set())
    return found, counts


# A new simulation needs a line in a file of `sizes/`; a test asserts that none is missing.
SIZES, COUNTS = sizes()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "simulation" in metafunc.fixturenames:
        metafunc.parametrize("simulation", sorted(SIZES))


@pytest.fixture(scope="session")
def found_simulations() -> dict[str, Callable[..., Any]]:
    """Every simulation of the package; `core` runs simulations and holds none."""
    return simulations_in(sims, without=("core",))


@pytest.fixture(scope="session")
def sizes_of() -> Callable[[str], tuple[dict[str, Any], bool]]:
    """A simulation's small sizes, and whether its draws are counts."""
    return lambda simulation: (SIZES[simulation], simulation in COUNTS)


@pytest.fixture(scope="session")
def sized_simulations() -> set[str]:
    return set(SIZES)


# Registered as this file is collected: torch's autograd engine counts the devices at its first backward pass, whichever
# test or claim makes that, and never again.
STANDIN = standin()


@pytest.fixture(scope="session", name="standin")
def _standin() -> str:
    """A device that is not there: under FakeTensorMode tensors can be placed on it."""
    return STANDIN
