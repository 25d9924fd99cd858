from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import flint
import numpy as np
import pytest
import torch
from flint.types.arb import arb
from scipy import special
from torch import nn

from lazy_assay.sims.deep.layers import PreactivationBlock, Softplus, redraw
from lazy_assay.sims.rank._integers import Integers
from lazy_assay.sims.rank.enclosures.activations import GELU_SLOPE, SILU_SLOPE
from lazy_assay.sims.rank.enclosures.balls import Balls
from lazy_assay.sims.rank.enclosures.enclosure import Float64
from lazy_assay.sims.rank.enclosures.radii import Enclosure
from lazy_assay.sims.rank.enclosures.residual import residual
from lazy_assay.sims.rank.enclosures.separation import separation
from lazy_assay.sims.rank.tracing.trace import program

ULP = 2.0**-52


def images(n: int = 6, size: int = 6) -> np.ndarray:
    return np.random.default_rng(1).standard_normal((n, 2, size, size))


def rows(n: int = 6, width: int = 5) -> np.ndarray:
    return np.random.default_rng(2).standard_normal((n, width))


def ended(*layers: nn.Module, width: int, training: bool = True) -> nn.Module:
    """A float64 network with a last linear layer, and weights of a fixed draw."""
    with torch.random.fork_rng(devices=[]):
        module = nn.Sequential(*layers, nn.Linear(width, 1)).double().train(training)
    redraw(module, torch.Generator().manual_seed(5))
    return module


class Pooled(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean((-2, -1)) * 3 + 0.5 * x.mean((2, 3))


class Viewed(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x).view(x.size(0), -1)


class Joined(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.cat([x - 1, x * x / 3], 1)
        return torch.cat([y[:, 1:] * y[:, :1], torch.nn.functional.pad(y.amax(1, keepdim=True), (2, 0))], 1)


def encoder(activation: str) -> nn.Module:
    return nn.TransformerEncoderLayer(4, 2, 6, activation=activation, dropout=0.0, batch_first=True)


NETWORKS = {
    "gelu": (ended(nn.Linear(5, 7), nn.GELU(), width=7), 3 * rows()),
    "gelu, far out": (ended(nn.Linear(5, 7), nn.GELU(), width=7), 30 * rows()),
    "gelu by tanh": (ended(nn.Linear(5, 7), nn.GELU("tanh"), width=7), 3 * rows()),
    "gelu by tanh, far out": (ended(nn.Linear(5, 7), nn.GELU("tanh"), width=7), 1e3 * rows()),
    "silu": (ended(nn.Linear(5, 7), nn.SiLU(), width=7), 300 * rows()),
    "leaky relu": (ended(nn.Linear(5, 7), nn.LeakyReLU(0.3), width=7), rows()),
    "softmax": (ended(nn.Linear(5, 7), nn.Softmax(0), nn.Linear(7, 7), nn.Softmax(1), width=7), 30 * rows()),
    "normalised layers": (ended(nn.Linear(5, 7), nn.LayerNorm(7), nn.LayerNorm(7), width=7), rows()),
    "normalised groups": (ended(nn.Conv2d(2, 4, 3), nn.GroupNorm(2, 4), nn.Flatten(), width=64), images()),
    "attention": (ended(encoder("gelu"), nn.Flatten(), width=12), rows(4, 12).reshape(4, 3, 4)),
    "maxima": (ended(nn.Conv2d(2, 3, 3), nn.MaxPool2d(3, 2, 1), nn.Flatten(), width=12), images()),
    "padded means": (ended(nn.AvgPool2d(3, 2, 1, divisor_override=5), nn.Flatten(), width=18), images()),
    "joined": (ended(Joined(), width=12), rows()),
    "groups": (ended(nn.Conv2d(2, 4, 3, groups=2, dilation=2), nn.Flatten(), width=16), images()),
    "softplus": (ended(nn.Linear(5, 7), Softplus(30.0), width=7), rows()),
    "deep softplus": (ended(*(m for _ in range(4) for m in (nn.Linear(5, 5), Softplus(3.0))), width=5), rows()),
    "torch's softplus": (ended(nn.Linear(5, 7), nn.Softplus(beta=40.0), width=7), rows()),
    "relu": (ended(nn.Linear(5, 7), nn.ReLU(), width=7), rows()),
    "tanh": (ended(nn.Linear(5, 7), nn.Tanh(), width=7), 10 * rows()),
    "sigmoid": (ended(nn.Linear(5, 7), nn.Sigmoid(), width=7), 100 * rows()),
    "long sums": (ended(nn.Linear(300, 7), Softplus(1.0), width=7), rows(4, 300)),
    "convolution": (ended(nn.Conv2d(2, 3, 3, stride=2, padding=1), nn.Flatten(), width=27), images()),
    "normalised rows": (ended(nn.Linear(5, 7), nn.BatchNorm1d(7), Softplus(5.0), width=7), rows()),
    "normalised images": (ended(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.Flatten(), width=48), images()),
    "fixed statistics": (ended(nn.BatchNorm2d(2), nn.Flatten(), width=72, training=False), images()),
    "pooling": (ended(nn.AvgPool2d(3, stride=2), nn.Flatten(), width=8), images()),
    "pooling all": (ended(nn.AdaptiveAvgPool2d(1), nn.Flatten(), width=2), images()),
    "a mean over the image": (ended(Pooled(), width=2), images()),
    "a view": (ended(Viewed(), width=72), images()),
    "a block": (ended(PreactivationBlock(2, 2, 1, 100.0), nn.Flatten(), width=72), images()),
    "a block that halves": (ended(PreactivationBlock(2, 4, 2, 100.0), nn.Flatten(), width=36), images()),
}


def features(module: nn.Module, x: np.ndarray) -> np.ndarray:
    assert isinstance(module, nn.Sequential)
    return np.asarray(module[:-1](torch.tensor(x)).detach().numpy())


def outside(enclosure: Enclosure, balls: np.ndarray) -> float:
    """How far exact values lie beyond the radii, at most: not positive where they are all inside."""
    pairs = zip(enclosure.middle.ravel(), enclosure.radius.ravel(), balls.ravel(), strict=True)
    return max(float(abs(b - flint.arb(float(m))) - flint.arb(float(r))) for m, r, b in pairs)


@pytest.fixture(params=NETWORKS)
def network(request: pytest.FixtureRequest) -> tuple[nn.Module, np.ndarray]:
    return NETWORKS[request.param]


def test_the_program_computes_what_torch_computes(network: tuple[nn.Module, np.ndarray]) -> None:
    module, x = network
    found, wanted = program(module, x).run(Float64(), x).middle, features(module, x)
    np.testing.assert_allclose(found, wanted, atol=3e-11 if "beta=40" in str(module) else 1e-12)


def test_exact_features_lie_within_the_radii(network: tuple[nn.Module, np.ndarray]) -> None:
    module, x = network
    found = program(module, x).run(Float64(), x)
    with flint.ctx.workprec(300):
        exact = program(module, x).run(Balls(), x)
    assert outside(found, exact) <= 0
    assert found.radius.max() < 1e-8


def test_absorbed_statistics_leave_smaller_radii() -> None:
    module, x = NETWORKS["a block"]
    told = program(module, x)
    assert told.run(Float64(absorbed=True), x).radius.max() < told.run(Float64(), x).radius.max()


RATIONAL = ["relu", "convolution", "pooling", "pooling all", "a mean over the image", "a view", "leaky relu", "maxima",
            "padded means", "joined", "groups"]  # fmt: skip


@pytest.mark.parametrize("name", RATIONAL)
def test_integers_and_balls_agree(name: str) -> None:
    module, x = NETWORKS[name]
    exact = program(module, x).run(Integers(), x)
    with flint.ctx.workprec(400):
        balls = program(module, x).run(Balls(), x)
        unit = flint.arb(flint.fmpq(exact.unit.numerator, exact.unit.denominator))
        pairs = zip(exact.numerators.ravel(), balls.ravel(), strict=True)
        assert all((unit * flint.arb(int(a))).overlaps(flint.arb(b)) for a, b in pairs)


def test_a_radius_that_is_too_small_is_caught() -> None:
    module, x = NETWORKS["deep softplus"]
    found = program(module, x).run(Float64(), x)
    with flint.ctx.workprec(300):
        exact = program(module, x).run(Balls(), x)
    assert outside(replace(found, radius=found.radius / 1e3), exact) > 0


@pytest.mark.parametrize(
    "function, exact, low, high",
    [
        (np.exp, lambda x: x.exp(), -700.0, 0.0),
        (np.exp, lambda x: x.exp(), 0.0, 700.0),
        (np.log1p, lambda x: x.log1p(), 0.0, 1.0),
        (np.log1p, lambda x: x.log1p(), 0.0, 1e-12),
        (np.tanh, lambda x: x.tanh(), -20.0, 20.0),
        (np.tanh, lambda x: x.tanh(), -1e-6, 1e-6),
    ],
)
def test_elementary_functions_are_within_four_units_in_the_last_place(
    function: Callable[..., Any], exact: Callable[..., Any], low: float, high: float
) -> None:
    x = np.random.default_rng(0).uniform(low, high, 4000)
    with flint.ctx.workprec(120):
        off = [
            abs(exact(flint.arb(a)) / flint.arb(b) - 1) for a, b in zip(x.tolist(), function(x).tolist(), strict=True)
        ]
    assert float(max(map(float, off))) < 4 * ULP


def test_the_complementary_error_function_is_within_the_stated_units_in_the_last_place() -> None:
    x = np.random.default_rng(0).uniform(0.0, 26.0, 4000)
    with flint.ctx.workprec(120):
        pairs = zip(x.tolist(), special.erfc(x).tolist(), strict=True)
        off = [abs(flint.arb(a).erfc() / flint.arb(b) - 1) / (8 + a * a) for a, b in pairs]
    assert float(max(map(float, off))) < ULP


def logistic(z: arb) -> arb:
    return 1 / (1 + (-z).exp())


def slope_of_gelu(z: arb) -> arb:
    return (-z / flint.arb(2).sqrt()).erfc() / 2 + z * (-z * z / 2).exp() / (2 * flint.arb.pi()).sqrt()


def slope_of_gelu_by_tanh(z: arb) -> arb:
    c = 2 * (2 / flint.arb.pi()).sqrt()
    s = logistic(c * (z + z * z * z * 44715 / 1000000))
    return s + z * s * (1 - s) * c * (1 + z * z * 134145 / 1000000)


def slope_of_silu(z: arb) -> arb:
    s = logistic(z)
    return s * (1 + z * (1 - s))


@pytest.mark.parametrize(
    "slope, bound",
    [(slope_of_gelu, GELU_SLOPE), (slope_of_gelu_by_tanh, GELU_SLOPE), (slope_of_silu, SILU_SLOPE)],
)
def test_slopes_are_bounded_as_stated(slope: Callable[..., Any], bound: float) -> None:
    # All of [−12, 12] in balls of radius 1/2000; beyond, z times an exponential of −|z| at most is below 1e-4.
    with flint.ctx.workprec(60):
        assert all(abs(slope(flint.arb(k) / 1000 + flint.arb(0, 0.0005))) < bound for k in range(-12000, 12001))


# -- the residual ----------------------------------------------------------------------------------------------------


def exactly(middle: np.ndarray) -> Enclosure:
    return Enclosure(middle, np.zeros_like(middle))


@pytest.mark.parametrize("n, m", [(1, 1), (7, 7), (40, 50)])
def test_a_random_matrix_is_certified(n: int, m: int) -> None:
    assert residual(exactly(np.random.default_rng(n).standard_normal((n, m)))).ratio < 1e-9


@pytest.mark.parametrize("seed", range(20))
def test_a_singular_matrix_is_never_certified(seed: int) -> None:
    rng = np.random.default_rng(seed)
    integers = rng.integers(-9, 10, (12, 14)).astype(float)
    integers[3] = integers[4] + 2 * integers[7]
    assert not residual(exactly(np.ldexp(integers, rng.integers(-40, 40, 14)))).ratio < 1


@pytest.mark.parametrize("seed", range(10))
def test_radii_that_reach_a_singular_matrix_are_never_certified(seed: int) -> None:
    A = np.random.default_rng(seed).standard_normal((10, 10))
    left, values, right = np.linalg.svd(A)
    nearest = np.abs(values[-1] * np.outer(left[:, -1], right[-1]))
    assert not residual(Enclosure(A, nearest * (1 + 1e-9))).ratio < 1
    assert residual(Enclosure(A, nearest * 1e-3)).ratio < 1


@pytest.mark.parametrize("spoilt", [np.nan, np.inf])
def test_nothing_is_certified_where_something_is_unknown(spoilt: float) -> None:
    A = np.eye(3)
    unknown = Enclosure(A, np.where(A > 0, 0.0, spoilt))
    assert not residual(unknown).ratio < 1
    assert separation(unknown) is None


def test_rows_are_separate_only_if_their_intervals_are() -> None:
    close = np.array([[0.0, 1.0], [2.0**-40, 1.0]])
    assert separation(exactly(close)) is not None
    assert separation(Enclosure(close, np.full((2, 2), 2.0**-41))) is None
    assert separation(exactly(close[[0, 0]])) is None
