from __future__ import annotations

import runpy
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "tangent_kernels.py"


@pytest.fixture(scope="module")
def benchmark() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


# A Python 3.10 as far as the benchmark can tell: it says so, makes an environment of itself, and installs nothing.
WORKING = """#!/bin/sh
if [ "$2" = venv ]; then mkdir -p "$4/bin" && cp "$0" "$4/bin/python"; else echo 10; fi
"""


def test_a_python_on_the_path_that_does_not_run_is_passed_over(
    benchmark: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in (("python3.12", "#!/bin/sh\nexit 127\n"), ("python3.10", WORKING)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python3.12"))
    monkeypatch.setattr(shutil, "which", lambda name: found if Path(found := tmp_path / name).exists() else None)
    assert benchmark["minor"](str(tmp_path / "python3.12")) == -1
    python = benchmark["environment"](tmp_path / "environment")
    assert python.read_text() == WORKING
    (tmp_path / "python3.10").unlink()
    with pytest.raises(SystemExit, match="none that runs is on the path"):
        benchmark["environment"](tmp_path / "another")


def test_every_architecture_of_the_benchmark_has_a_kernel(benchmark: dict[str, Any]) -> None:
    import torch

    for case in benchmark["cases"]():
        if case["kind"] == "architecture":
            shape, _ = benchmark["ARCHITECTURES"][case["points"]]
            found = benchmark["ours"](case, torch.ones(2, *shape[1:], dtype=torch.float64))[""]()
            assert found.shape == (2, 2)
