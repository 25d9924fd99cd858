from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from lazy_assay import diagnose
from lazy_assay.checks.diagnose import Diagnosis
from lazy_assay.sims.diagnosis import PARTS, Recipe, built, measured

_GENERATOR = torch.Generator().manual_seed(3)
X = nn.functional.normalize(torch.randn(6, 4, generator=_GENERATOR))
Y = X[:, :1].sign()


class Scaled(nn.Module):
    """α (f − f_0) of a two-layer ReLU network of NTK parameterisation."""

    def __init__(self, width: int, alpha: float, *, centred: bool = True) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(4, width), nn.Linear(width, 1, bias=False)
        for parameter in self.parameters():
            nn.init.normal_(parameter)
        self.scale = alpha / math.sqrt(width)
        frozen = [p.detach().clone() for p in self.parameters()]
        for name, values in zip("abc", frozen, strict=True):
            self.register_buffer(name, values if centred else torch.zeros_like(values))

    def forward(self, x: Tensor) -> Tensor:
        now = self.last(torch.relu(self.first(x)))
        a, b, c = self.get_buffer("a"), self.get_buffer("b"), self.get_buffer("c")
        found: Tensor = self.scale * (now - torch.relu(x @ a.T + b) @ c.T)
        return found


class Attention(nn.Module):
    """Softmax attention over two tokens of two numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.attention, self.last = nn.MultiheadAttention(2, 1, batch_first=True), nn.Linear(4, 1)

    def forward(self, x: Tensor) -> Tensor:
        tokens = x.reshape(len(x), 2, 2)
        found: Tensor = self.last(self.attention(tokens, tokens, tokens)[0].flatten(1))
        return found


class Constant(nn.Module):
    """An output of zero, whatever the weights."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 1)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = 0 * self.layer(x)
        return found


def two_layers(width: int, bias: float = 0.0) -> nn.Module:
    first = nn.Linear(4, width)
    nn.init.constant_(first.bias, bias)
    return nn.Sequential(first, nn.ReLU(), nn.Linear(width, 1, bias=False))


def normalised() -> nn.Module:
    return nn.Sequential(nn.Linear(4, 12), nn.BatchNorm1d(12), nn.Tanh(), nn.Linear(12, 1))


CHEAP = ("analyticity",)
NETWORKS: dict[str, tuple[Callable[[], nn.Module], float, int]] = {
    "lazy by alpha": (lambda: Scaled(16, 100.0), 3e-5, 40),
    "rich by scale": (lambda: Scaled(16, 0.1), 4.0, 100),
    "dead": (lambda: two_layers(16, bias=-9.0), 0.1, 10),
    "diverging": (lambda: Scaled(16, 1.0), 60.0, 30),
    "batch-normalised": (normalised, 0.1, 10),
    "attention": (Attention, 0.1, 10),
    "wide": (lambda: Scaled(1024, 1.0), 0.3, 20),
    "narrow": (lambda: Scaled(4, 1.0), 0.15, 20),
    "linear": (lambda: nn.Linear(4, 1), 0.1, 10),
    "constant": (Constant, 0.1, 10),
}


def said(name: str, **further: Any) -> Diagnosis:
    make, step_size, steps = NETWORKS[name]
    asked: dict[str, Any] = {"seeds": 6, "leave_out": CHEAP} | further
    return diagnose(lambda seed: make(), X, Y, step_size=step_size, steps=steps, **asked)


@pytest.fixture(scope="module")
def diagnoses() -> dict[str, Diagnosis]:
    slow = ("kappa",)
    return {
        name: said(name, leave_out=CHEAP + slow * (name in ("wide", "narrow")))
        for name in NETWORKS
        if name != "constant"
    }


def low(diagnosis: Diagnosis, name: str) -> float:
    interval = diagnosis[name].interval
    assert interval is not None, diagnosis[name]
    return interval[0]


def high(diagnosis: Diagnosis, name: str) -> float:
    interval = diagnosis[name].interval
    assert interval is not None, diagnosis[name]
    return interval[1]


def test_each_line_has_its_interval_or_a_refusal(diagnoses: dict[str, Diagnosis]) -> None:
    for diagnosis in diagnoses.values():
        for line in diagnosis.lines:
            assert (line.interval is None) == bool(line.refusal)
            assert "\n" not in line.refusal
            if line.interval is not None and line.value is not None:
                assert line.interval[0] <= line.value <= line.interval[1]


def test_a_large_scale_is_lazy_and_a_small_one_is_not(diagnoses: dict[str, Diagnosis]) -> None:
    lazy, rich = diagnoses["lazy by alpha"], diagnoses["rich by scale"]
    assert (lazy.verdict, rich.verdict) == ("lazy", "not lazy")
    for name in ("departure", "kappa", "kernel change", "linearisation error"):
        assert high(lazy, name) < low(rich, name), name
    assert high(lazy, "kappa") < 0.1 < 1 < low(rich, "kappa")


def test_a_wide_network_is_nearer_to_its_tangent_model_than_a_narrow_one(diagnoses: dict[str, Diagnosis]) -> None:
    assert high(diagnoses["wide"], "departure") < low(diagnoses["narrow"], "departure")


def test_a_linear_network_is_its_tangent_model(diagnoses: dict[str, Diagnosis]) -> None:
    linear = diagnoses["linear"]
    for name in ("departure", "kappa", "kernel change", "linearisation error", "size of kernel drift"):
        assert high(linear, name) < 1e-12, name
    assert linear.cause == "unconverged"
    assert "no ReLU" in linear["mask flips"].refusal


def test_a_dead_network_has_no_kernel_and_its_units_are_off(diagnoses: dict[str, Diagnosis]) -> None:
    dead = diagnoses["dead"]
    assert low(dead, "dead units") == 1
    assert high(dead, "full rank") < 1
    assert "zero" in dead["kernel change"].refusal
    assert "zero" in dead["kappa"].refusal
    assert dead.verdict == "undecided"


def test_a_diverging_network_is_refused_where_it_was_trained(diagnoses: dict[str, Diagnosis]) -> None:
    diverging = diagnoses["diverging"]
    assert "diverges" in diverging["departure"].refusal
    assert "diverges" in diverging["linearisation error"].refusal
    assert low(diverging, "step over the largest stable") > 1
    assert low(diverging, "kappa") > 0


def test_batch_statistics_cost_the_lines_of_the_kernel_alone(diagnoses: dict[str, Diagnosis]) -> None:
    normal = diagnoses["batch-normalised"]
    assert all(
        "batch statistics" in normal[name].refusal for name in ("departure", "kernel change", "condition number")
    )
    assert low(normal, "linearisation error") > 0
    assert low(normal, "kappa") > 0


def test_attention_is_refused_the_gap_of_two_layers_alone(diagnoses: dict[str, Diagnosis]) -> None:
    refused = {line.name for line in diagnoses["attention"].lines if line.refusal}
    assert refused <= {"mask flips", "dead units", "optimality gap", "condition number", "steps to one percent"}


def test_the_shares_of_the_parts_add_up() -> None:
    recipe = Recipe(X, Y, 0.15, 20)
    found = measured(built(lambda seed: Scaled(4, 1.0), 1, recipe), recipe, None, ())
    assert np.isclose(sum(float(found[f"share of {name}"]) for name in PARTS), 1, atol=1e-9)


def test_a_constant_network_is_refused_every_line_that_needs_a_gradient() -> None:
    constant = said("constant")
    assert "zero" in constant["departure"].refusal
    assert "zero" in constant["kappa"].refusal
    assert constant.verdict == "undecided"
