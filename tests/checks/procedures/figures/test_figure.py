from __future__ import annotations

import csv
import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lazy_assay.checks.cli.main import run_command
from lazy_assay.checks.ghorbani2019 import _mixture_frames

LEFT, RIGHT, CLASSES = "ghorbani2019.figure1_left", "ghorbani2019.figure1_right", "ghorbani2019.figure2_left"


def table(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "points.csv").read_text(encoding="utf-8").splitlines()))


def test_a_figure_writes_picture_and_table(drawn: tuple[Path, int], files: Callable[[Path], set[str]]) -> None:
    folder, code = drawn
    assert code in (0, 1, 3)
    assert {"figure.svg", "figure.png", "points.csv", "points.json"} <= files(folder)
    assert ElementTree.parse(folder / "figure.svg").getroot().tag.endswith("svg")
    assert (folder / "figure.png").read_bytes().startswith(b"\x89PNG")


def test_every_point_of_every_series_is_in_the_table(drawn: tuple[Path, int]) -> None:
    folder, _ = drawn
    rows = table(folder)
    series = {(row["series"], row["route"]) for row in rows}
    assert len(series) == 6
    assert {row["N"] for row in rows if row["route"] == "gradient descent"} >= {"1", "8", "80"}
    assert all(math.isfinite(float(row["estimate"])) and row["verdict"] for row in rows)


def test_the_two_tables_hold_the_same_numbers(drawn: tuple[Path, int]) -> None:
    folder, _ = drawn
    rows = table(folder)
    data = json.loads((folder / "points.json").read_text(encoding="utf-8"))
    assert data["figure"] == LEFT
    assert [float(row["estimate"]) for row in rows] == [point["estimate"] for point in data["points"]]


def test_a_figure_goes_on_from_half_of_its_draws_to_the_same_bytes(
    drawn: tuple[Path, int], arguments: list[str], tmp_path: Path
) -> None:
    folder, code = drawn
    again = tmp_path / "again"
    shutil.copytree(folder, again)
    stored = sorted((again / "draws").rglob("*.npy"))
    for path in stored[::2]:
        path.unlink()
    (again / "points.csv").unlink()
    assert run_command(["figure", LEFT, *arguments, "--out", str(again)]) == code
    assert (again / "points.csv").read_bytes() == (folder / "points.csv").read_bytes()
    assert (again / "figure.svg").read_bytes() == (folder / "figure.svg").read_bytes()


def test_worker_processes_change_no_byte(arguments: list[str], tmp_path: Path) -> None:
    tables = []
    for workers in ("0", "2"):
        folder = tmp_path / workers
        run_command(["figure", RIGHT, *arguments, "-n", workers, "--out", str(folder)])
        tables.append((folder / "points.csv").read_bytes())
    assert tables[0] == tables[1]


@pytest.mark.parametrize("id", [RIGHT, CLASSES, "ghorbani2019.figure2_right"])
def test_the_other_frames_are_drawn_too(
    id: str,
    arguments: list[str],
    tmp_path: Path,
    files: Callable[[Path], set[str]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_mixture_frames, "DESCENT_STEPS_PER_ROOT", 20)
    assert run_command(["figure", id, *arguments, "--steps", "160", "--out", str(tmp_path)]) in (0, 1, 3)
    assert {"figure.svg", "figure.png", "points.csv", "points.json"} <= files(tmp_path)
    assert id in capsys.readouterr().out.splitlines()[-1]


def test_a_frame_over_samples_reports_a_rate_with_its_interval(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_command(["figure", RIGHT, *arguments, "--steps", "160", "--out", str(tmp_path)])
    rows = table(tmp_path)
    rates = [row for row in rows if row["kind"] == "rate"]
    assert len(rates) == 2
    assert all(float(row["low"]) < float(row["estimate"]) < float(row["high"]) for row in rates)
    assert len([row for row in rows if row["series"] == "NN" and row["kind"] == "point"]) == 8
    assert "excess ~ n^" in capsys.readouterr().out


@pytest.mark.parametrize("size", [8, 450])
def test_a_dry_run_prints_costs_and_writes_nothing(
    size: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "nothing"
    assert run_command(["figure", LEFT, "--size", str(size), "--dry-run", "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert not out.exists()
    assert all(word in told for word in ("FLOP", "iB", "GPU", "GFLOP/s", "NN by SGD"))


def test_without_a_size_a_figure_takes_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["figure", "fang2021.figure9", "--dry-run", "--out", str(tmp_path / "nothing")]) == 0
    assert "networks 5:" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments,word",
    [
        (["ghorbani2019.figure9"], "figure9"),
        (["ghorbani2019.theorem2"], "no figure"),
        ([LEFT, "--size", "3"], "--size 3"),
        ([CLASSES, "--size", "4"], "--size 4"),
        ([LEFT, "--size", "many"], "many"),
        ([LEFT, "--device", "cuda:99"], "cuda:99"),
        ([LEFT, "--device", "abacus"], "abacus"),
        ([LEFT, "--step-sizes", "0.1,x"], "0.1,x"),
        ([LEFT, "--step-sizes", "-1"], "positive"),
        ([LEFT, "--draws", "1"], "draws"),
        ([LEFT, "-n", "some"], "some"),
    ],
)
def test_bad_input_gets_one_line_and_writes_nothing(
    arguments: list[str], word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "nothing"
    assert run_command(["figure", *arguments, "--out", str(out)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert word in lines[0]
    assert not out.exists()


def test_a_folder_that_cannot_be_written_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert run_command(["figure", LEFT, "--size", "8", "-n", "0", "--out", str(blocked / "under")]) == 2
    assert "--out" in capsys.readouterr().err
