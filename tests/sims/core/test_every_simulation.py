from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from lazy_assay.checks.testing import SimulationBattery
from lazy_assay.sims.core.chunks import chunk_sizes


class TestEverySimulation(SimulationBattery):
    @pytest.fixture(autouse=True)
    def _of(
        self,
        simulation: str,
        sizes_of: Callable[[str], tuple[dict[str, Any], bool]],
        found_simulations: dict[str, Callable[..., Any]],
    ) -> None:
        self.simulation, self.sizes, self.counts = found_simulations[simulation], *sizes_of(simulation)
        # Only at given weights is there no noise.
        self.noiseless = simulation.endswith("_at")


def test_every_simulation_has_small_sizes(
    found_simulations: dict[str, Callable[..., Any]], sized_simulations: set[str]
) -> None:
    assert len(found_simulations) >= 14
    assert set(found_simulations) == sized_simulations


def of_numpy(value: Any) -> Any:
    """The value with numpy's integers for Python's, those in a list or a tuple too."""
    match value:
        case bool():
            return value
        case int():
            return np.int64(value)
        case tuple() if hasattr(value, "_fields"):
            return type(value)(*map(of_numpy, value))
        case list() | tuple():
            return type(value)(map(of_numpy, value))
        case _:
            return value


def test_integers_of_numpy_are_integers(
    simulation: str,
    sizes_of: Callable[[str], tuple[dict[str, Any], bool]],
    found_simulations: dict[str, Callable[..., Any]],
) -> None:
    function, (sizes, _) = found_simulations[simulation], sizes_of(simulation)
    plain = function(**sizes, trials=2, entropy=7)
    theirs = {name: of_numpy(value) for name, value in sizes.items()}
    assert torch.equal(function(**theirs, trials=np.int64(2), entropy=np.int64(7)), plain)


@pytest.mark.parametrize("total", [1, 7, 1000])
@pytest.mark.parametrize("numbers", [1, 2**16, 2**40])
def test_chunks_add_up(total: int, numbers: int) -> None:
    assert sum(chunk_sizes(total, numbers, torch.device("cpu"))) == total


def test_no_trials_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one trial"):
        chunk_sizes(0, 10, torch.device("cpu"))
