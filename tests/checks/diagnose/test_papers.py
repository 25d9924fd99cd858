from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from lazy_assay import diagnose
from lazy_assay.checks.diagnose import Diagnosis
from lazy_assay.checks.diagnose.sentences import SENTENCES

X = nn.functional.normalize(torch.randn(6, 4, generator=torch.Generator().manual_seed(3)))
Y = X[:, :1].sign()
DEAR = ("kappa", "optimality gap")


class Centred(nn.Module):
    """α/√m (f − f_0) of a two-layer network, f_0 its frozen copy at the start (Chizat et al. 2019, section 2.3)."""

    def __init__(self, width: int, alpha: float, *, root: float = 1.0, tanh: bool = False) -> None:
        super().__init__()
        self.first, self.last = (nn.Parameter(root * torch.randn(shape)) for shape in ((width, 4), (1, width)))
        self.register_buffer("hidden", self.first.detach().clone())
        self.register_buffer("readout", self.last.detach().clone())
        self.scale, self.bend = alpha / math.sqrt(width), torch.tanh if tanh else torch.relu

    def forward(self, x: Tensor) -> Tensor:
        start = self.bend(x @ self.get_buffer("hidden").T) @ self.get_buffer("readout").T
        found: Tensor = self.scale * (self.bend(x @ self.first.T) @ self.last.T - start)
        return found


class LastLayer(nn.Module):
    """Kawaguchi's second phase: tanh features that stay, and a last layer that is trained."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.hidden, self.last = nn.Linear(4, width), nn.Linear(width, 1, bias=False)
        for parameter in self.hidden.parameters():
            parameter.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.last(torch.tanh(self.hidden(x)))
        return found


def said(make: Callable[[], nn.Module], step_size: float, steps: int, without: tuple[str, ...] = ()) -> Diagnosis:
    leave_out = without or (*DEAR, "full rank", "analyticity")
    return diagnose(
        lambda seed: make().double(),
        X.double(),
        Y.double(),
        step_size=step_size,
        steps=steps,
        seeds=6,
        leave_out=leave_out,
    )


def value(found: Diagnosis, name: str) -> float:
    number = found[name].value
    assert number is not None, found[name]
    return number


def test_chizat_s_departure_falls_like_one_over_alpha() -> None:
    # At one time of the flow, hence steps of 1/α².
    found = [value(said(lambda a=a: Centred(16, a, tanh=True), 1 / a**2, 20), "departure") for a in (30.0, 300.0)]  # type: ignore[misc]
    assert found[0] / found[1] == pytest.approx(10, rel=0.1)


def test_kearns_large_output_scale_is_a_large_variance_of_relu_weights() -> None:
    alpha, step_size = 4.0, 0.01
    scaled = said(lambda: Centred(8, alpha), step_size, 20)
    varied = said(lambda: Centred(8, 1.0, root=math.sqrt(alpha)), alpha * step_size, 20)
    for name in ("departure", "kernel change", "residual left", "mask flips", "step over the largest stable"):
        assert value(scaled, name) == pytest.approx(value(varied, name), rel=1e-6), name


def test_kawaguchi_s_wide_network_has_features_of_full_rank_and_its_last_layer_follows_the_tangent_model() -> None:
    wide = said(lambda: LastLayer(8), 0.05, 20, without=DEAR)
    assert value(wide, "full rank") == 1
    assert value(wide, "analyticity") == 1
    assert value(wide, "departure") < 1e-12
    narrow = said(lambda: LastLayer(3), 0.05, 20, without=DEAR)
    assert "full rank" not in {line.name for line in narrow.lines if line.value == 1}


def test_the_width_that_is_told_is_within_reach_when_it_is_run() -> None:
    def factory(width: int, seed: int) -> nn.Module:
        return Centred(width, 1.0, tanh=True)

    def departure(width: int) -> float:
        return value(said(lambda: Centred(width, 1.0, tanh=True), 1.0, 40), "departure")

    without = [name for name in SENTENCES if name not in ("departure", "width within reach")]
    found = diagnose(
        factory, X, Y, step_size=1.0, steps=40, widths=(8, 64, 512, 2048), seeds=8, within=0.005, leave_out=without
    )
    low, high = found["width within reach"].interval or (0, 0)
    assert 8 < low <= high
    assert departure(math.ceil(high)) <= 0.005 <= departure(max(1, math.floor(low)))
