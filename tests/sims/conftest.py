"""Every simulation of the package, found by walking it, at the small sizes that the files of `sizes/` give."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import runpy
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

from lazy_assay import sims


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


def simulations() -> dict[str, Callable[..., Any]]:
    """Public functions of public modules of `sims` that take `trials` and `entropy`."""
    found = {}
    for info in pkgutil.walk_packages(sims.__path__, "lazy_assay.sims."):
        name = info.name.removeprefix("lazy_assay.sims.")
        # `core` runs simulations and holds none.
        if name.partition(".")[0] != "core" and not any(step.startswith("_") for step in name.split(".")):
            found.update(_of_module(importlib.import_module(info.name), name))
    return found


def _of_module(module: ModuleType, name: str) -> dict[str, Callable[..., Any]]:
    functions = inspect.getmembers(module, inspect.isfunction)
    return {
        f"{name}.{label}": function
        for label, function in functions
        if not label.startswith("_")
        and function.__module__ == module.__name__
        and {"trials", "entropy"} <= set(inspect.signature(function).parameters)
    }


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "simulation" in metafunc.fixturenames:
        metafunc.parametrize("simulation", sorted(SIZES))


@pytest.fixture
def simulate(simulation: str) -> Callable[..., Any]:
    """The simulation at its small sizes; the caller gives trials, entropy and the rest."""
    function = simulations()[simulation]
    return lambda **kwargs: function(**SIZES[simulation], **kwargs)


@pytest.fixture
def different_rows(simulation: str) -> int:
    """How many of five independent trials differ at the least in their first number."""
    return 1 if simulation.endswith("_at") else 2 if simulation in COUNTS else 5


@pytest.fixture(scope="session")
def found_simulations() -> set[str]:
    return set(simulations())


@pytest.fixture(scope="session")
def sized_simulations() -> set[str]:
    return set(SIZES)


# Registered as this file is collected: torch's autograd engine counts the devices at its first backward pass, whichever
# test or claim makes that, and never again.
if torch._C._get_privateuse1_backend_name() != "standin":
    _setup_privateuseone_for_python_backend("standin")
    # Checkpoints ask every accelerator, this one too, for what it computes in under autocast.
    torch.standin.get_amp_supported_dtype = lambda: [torch.bfloat16]


@pytest.fixture(scope="session")
def standin() -> str:
    """A device that is not there: under FakeTensorMode tensors can be placed on it."""
    return "standin"
