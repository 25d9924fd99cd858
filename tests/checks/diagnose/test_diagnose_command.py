from __future__ import annotations

import json
from pathlib import Path

import pytest

from lazy_assay.checks.cli.main import run_command

NETWORKS = """
import torch
from torch import nn

x = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
data = x, x[:, :1].sign()
step_size, steps = 0.02, 5

def model(seed):
    return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1, bias=False))

class Wide(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first, self.last, self.scale = nn.Linear(4, width), nn.Linear(width, 1, bias=False), width**-0.5
        nn.init.normal_(self.first.weight)
        nn.init.normal_(self.last.weight)

    def forward(self, x):
        return self.scale * self.last(torch.tanh(self.first(x)))

def wide(width, seed):
    return Wide(width)
"""
FEW = ("--seeds", "6", "--without", "kappa", "--without", "analyticity", "--without", "optimality gap")


@pytest.fixture(autouse=True)
def networks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "networks_diagnosed.py").write_text(NETWORKS)
    monkeypatch.chdir(tmp_path)


def test_a_factory_is_diagnosed_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("diagnose", "networks_diagnosed:model", *FEW)
    assert run_command([*words, "--page", "page.html"]) == 0
    assert "diagnose: lazy" in capsys.readouterr().out
    assert "<svg" in Path("page.html").read_text()
    assert run_command([*words, "--json", "--within", "1e-9"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "not lazy"
    assert all((line["interval"] is None) == bool(line["refusal"]) for line in found["lines"])


def test_the_width_that_is_needed_is_extrapolated(capsys: pytest.CaptureFixture[str]) -> None:
    words = (
        "diagnose",
        "networks_diagnosed:wide",
        "--widths",
        "4,16,64,256,1024,4096",
        "--step-size",
        "0.3",
        *FEW,
        "--json",
    )
    run_command([*words, "--within", "0.01"])
    width = json.loads(capsys.readouterr().out)["lines"][-1]
    assert width["name"] == "width within reach"
    low, high = map(float, width["interval"])
    assert width["value"] > 4
    assert low <= width["value"] <= high


@pytest.mark.parametrize(
    "words",
    [
        ("networks_diagnosed",),
        ("nowhere_at_all:model",),
        ("networks_diagnosed:other",),
        ("networks_diagnosed:wide",),
        ("networks_diagnosed:model", "--widths", "a,b"),
        ("networks_diagnosed:model", "--seeds", "2"),
        ("networks_diagnosed:model", "--step-size", "-1"),
        ("networks_diagnosed:model", "--without", "nothing"),
    ],
)
def test_bad_input_is_one_line(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["diagnose", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
