from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gpu.py"


def test_the_script_for_a_gpu_runs_small_on_a_cpu_and_every_section_has_something_to_say(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "--device", "cpu", "--smoke", "--minutes", "1", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads((tmp_path / "gpu.json").read_text())["sections"]
    assert set(told) == {"simulations", "quick", "trainings", "figure 1 left", "kernels"}
    assert all(section["rows"] and "fault" not in section for section in told.values())
    assert (tmp_path / "gpu.md").read_text().startswith("# cpu\n")


def test_without_a_gpu_the_script_says_so_in_one_line() -> None:
    done = subprocess.run([sys.executable, SCRIPT, "--device", "cuda:7"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("gpu.py: device 'cuda:7' is not available")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("shift, agrees", [(0.0, True), (2.0, False)])
def test_a_device_that_draws_from_another_distribution_is_told(shift: float, agrees: bool) -> None:
    module = runpy.run_path(str(SCRIPT))
    agreement: Any = module["_agreement"]

    def draw(simulate: Any, small: Any, trials: int, *, device: str, entropy: int) -> np.ndarray:
        return np.random.default_rng(entropy).normal(size=(trials, 2)) + shift * (entropy == 2)

    agreement.__globals__["_draw"] = draw
    row = agreement("quadratic.closure.tangent_closure_error", {}, module["Job"]("cpu", False, 1e99), 7.0)
    assert row.get("agrees") is agrees, row
