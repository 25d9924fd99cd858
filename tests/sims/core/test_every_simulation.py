from __future__ import annotations

from collections.abc import Callable
from typing import Any

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


@pytest.mark.parametrize("total", [1, 7, 1000])
@pytest.mark.parametrize("numbers", [1, 2**16, 2**40])
def test_chunks_add_up(total: int, numbers: int) -> None:
    assert sum(chunk_sizes(total, numbers, torch.device("cpu"))) == total


def test_no_trials_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one trial"):
        chunk_sizes(0, 10, torch.device("cpu"))
