"""Every simulation of the package, found by walking it, with sizes small enough to run each in milliseconds."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import sims

D, B, GAMMA = 4, np.array([0.5, 1.0, 1.5, 2.0]), np.full(4, 0.25)
DESCENT = {"d": D, "N": 2, "B": B, "steps": 3, "step_size": 1e-2, "initial_scale": 0.5}
EPSILONS = {"d": D, "N": 2, "activation": "softplus", "epsilons": np.array([0.1, 0.2]), "samples": 5}

# A new simulation needs a line here; a test asserts that none is missing.
SIZES: dict[str, dict[str, Any]] = {
    "random_features.population_risk": {"d": D, "N": 3, "B": B, "Gamma": GAMMA, "activation": "softplus"},
    "random_features.least_squares_risk": {
        "d": D,
        "N": 3,
        "B": np.diag(B),
        "Gamma": np.diag(GAMMA),
        "activation": "relu",
        "samples": 9,
    },
    "random_features.captured_fraction": {"d": D, "N": 3, "component": "cubic", "activation": "erf"},
    "neural_tangent.projection_risk": {"d": D, "N": 2, "B": B},
    "neural_tangent.tangent_space_risk": {"d": D, "N": 2, "B": B},
    "neural_tangent.tangent_space_risk_at": {"W": np.linspace(-1, 1, 2 * D).reshape(D, 2) ** 3, "B": B},
    "neural_tangent.flat_gap_at": {"W": np.linspace(-1, 1, 2 * D).reshape(D, 2) ** 3},
    "neural_tangent.least_squares_risk": {"d": D, "N": 2, "B": B, "samples": 20},
    "neural_tangent.captured_cubic_fraction": {"d": D, "N": 2},
    "quadratic_network.gradient_descent_risk": DESCENT,
    "quadratic_network.stationary_points": DESCENT,
    "quadratic_network.one_pass_sgd_risk": DESCENT,
    "quadratic_network.one_pass_sgd_extrapolated_risk": DESCENT,
    "closure.tangent_closure_error": EPSILONS,
    "closure.linearisation_error": EPSILONS,
}


def simulations() -> dict[str, Callable[..., Any]]:
    """Public functions of public modules of `sims` that take `trials` and `entropy`."""
    found = {}
    for info in pkgutil.walk_packages(sims.__path__):
        if not info.name.startswith("_"):
            found.update(_of_module(importlib.import_module(f"sims.{info.name}"), info.name))
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


@pytest.fixture(scope="session")
def found_simulations() -> set[str]:
    return set(simulations())


@pytest.fixture(scope="session")
def sized_simulations() -> set[str]:
    return set(SIZES)


@pytest.fixture(scope="session")
def standin() -> str:
    """A device that is not there, registered once a process: under FakeTensorMode tensors can be placed on it."""
    import torch
    from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

    if torch._C._get_privateuse1_backend_name() != "standin":
        _setup_privateuseone_for_python_backend("standin")
    return "standin"
