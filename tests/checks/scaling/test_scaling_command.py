from __future__ import annotations

import json
from pathlib import Path

import pytest

from lazy_assay.checks.cli.main import run_command

NETWORKS = """
import torch
from torch import nn

x = torch.randn(16, 8, generator=torch.Generator().manual_seed(0))
data = x, x.sign()

def model(width):
    net = nn.Sequential(nn.Linear(8, width, bias=False), nn.Tanh(), nn.Linear(width, 8, bias=False))
    nn.init.normal_(net[2].weight, std=1 / width)
    return net

def optimiser(module, width):
    return torch.optim.Adam([
        {"params": module[0].parameters(), "lr": 0.02}, {"params": module[2].parameters(), "lr": 1 / width},
    ])
"""
SMALL = ("--widths", "16,32,64,128", "--seeds", "10", "--steps", "0,1", "--resolution", "0.4")


@pytest.fixture(autouse=True)
def networks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "networks_of_mine.py").write_text(NETWORKS)
    monkeypatch.chdir(tmp_path)


def test_a_factory_is_judged_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["scaling", "networks_of_mine:model", *SMALL, "--page", "page.html"]) == 0
    assert "scaling: right" in capsys.readouterr().out
    assert "<svg" in Path("page.html").read_text()
    assert run_command(["scaling", "networks_of_mine:model", *SMALL, "--table", "ntk", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["verdict"] == "wrong"


@pytest.mark.parametrize(
    "words",
    [
        ("networks_of_mine",),
        ("nowhere_at_all:model",),
        ("networks_of_mine:other",),
        ("networks_of_mine:model", "--widths", "a,b"),
        ("networks_of_mine:model", "--widths", "8,8,8,8"),
        ("networks_of_mine:model", "--table", "best"),
    ],
)
def test_bad_input_is_one_line(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["scaling", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
