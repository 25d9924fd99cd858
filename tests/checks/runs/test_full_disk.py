from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

IDENTITY = "ghorbani2019.eq13"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mounts a disk of that size, or gives the one that is there that size."""
    place = tmp_path / "disk"
    place.mkdir()

    def sized(size: str) -> Path:
        again = ["remount"] if place.is_mount() else []
        options = ",".join([*again, f"size={size}"])
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True, text=True, check=False
        )
        if done.returncode:
            pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
        return place

    yield sized
    if place.is_mount():
        subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize("size", ["8k", "60k", "110k"])
def test_a_full_disk_is_one_line_and_resume_goes_on_once_there_is_room(
    size: str, disk: Callable[[str], Path], assay: Callable[..., Any], tmp_path: Path
) -> None:
    folder, ledger = disk(size) / "report", f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    full = assay("run", IDENTITY, "-n", "0", "--device", "cpu", "--report", folder, "--ledger", ledger)
    assert full.code == 4
    assert full.err.splitlines()[-1].startswith("assay: the machine failed: ")
    assert "No space left on device" in full.err.splitlines()[-1]
    assert "Traceback" not in full.err
    disk("16m")
    again = assay("run", "--resume", "-n", "0", "--report", folder, "--ledger", ledger)
    assert again.code == 0, again.err
    data = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert data["claims"][0]["status"] == "confirmed"
    assert data["coverage"]["executed"] == data["coverage"]["planned"]


@pytest.mark.parametrize("size", ["8k", "24k"])
def test_a_ledger_on_a_full_disk_is_one_line_and_the_run_goes_on(
    size: str, disk: Callable[[str], Path], assay: Callable[..., Any]
) -> None:
    url = f"sqlite:///{disk(size) / 'ledger.sqlite'}"
    outcome = assay("run", IDENTITY, "-n", "0", "--device", "cpu", "--ledger", url)
    assert outcome.code == 0, outcome.err
    assert sum("No space left on device" in line or "disk is full" in line for line in outcome.err.splitlines()) == 1
    disk("16m")
    assert assay("ledger", "merge", "assay-report", "--ledger", url).code == 0
    assert assay("ledger", "verify", "--ledger", url, "--json").data["runs"] == 1
