from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lazy_assay.checks.cli.main import run_command

ARGUMENTS = ["--size", "8", "--draws", "20", "--steps", "20", "--step-sizes", "0.01,0.03", "-n", "0", "--device", "cpu"]


@pytest.fixture(scope="session")
def arguments() -> list[str]:
    return list(ARGUMENTS)


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    folder = tmp_path_factory.mktemp("figure")
    return folder, run_command(["figure", "ghorbani2019.figure1_left", *ARGUMENTS, "--out", str(folder)])


@pytest.fixture
def files() -> Callable[[Path], set[str]]:
    def listed(folder: Path) -> set[str]:
        return {path.name for path in folder.rglob("*") if path.is_file()}

    return listed
