from __future__ import annotations

import os
import runpy
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
    dead, working = (tmp_path / place / "python3.10" for place in ("shims", "bin"))
    for path, text in ((dead, "#!/bin/sh\nexit 127\n"), (working, WORKING)):
        path.parent.mkdir()
        path.write_text(text)
        path.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(dead))
    monkeypatch.setattr(os, "get_exec_path", lambda: [str(dead.parent), str(working.parent)])
    assert benchmark["minor"](str(dead)) == -1
    python = benchmark["environment"](tmp_path / "environment")
    assert python.read_text() == WORKING
    working.unlink()
    with pytest.raises(SystemExit, match="none that runs is on the path"):
        benchmark["environment"](tmp_path / "another")


def test_every_architecture_of_the_benchmark_has_a_kernel(benchmark: dict[str, Any]) -> None:
    import torch

    for case in benchmark["cases"]():
        if case["kind"] == "architecture":
            shape, _ = benchmark["ARCHITECTURES"][case["points"]]
            found = benchmark["ours"](case, torch.ones(2, *shape[1:], dtype=torch.float64))[""]()
            assert found.shape == (2, 2)
