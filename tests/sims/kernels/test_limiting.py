from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import ndtr
from torch._subclasses.fake_tensor import FakeTensorMode

from lazy_assay.sims.core.streams import Stream, stream_key
from lazy_assay.sims.kernels import KernelError, dual, limiting_kernels
from lazy_assay.sims.kernels._logistic import ERROR, scales
from lazy_assay.sims.numerics import activations

ACTIVATIONS = ["relu", "abs", "erf", "sin", "tanh", "sigmoid", "softplus"]
SMOOTH = ["erf", "sin", "tanh", "sigmoid", "softplus"]
# p, s, t: independent, correlated, opposed, unequal, close together, large.
COVARIANCES = [
    (0.0, 1.0, 1.0), (0.5, 1.0, 1.0), (-0.9, 1.0, 1.2), (0.3, 4.0, 0.1), (0.9999, 1.0, 1.0), (11.0, 12.0, 13.0),
]  # fmt: skip


def gaussian_mean(
    f: Callable[..., Any], p: float, s: float, t: float, *, bound: float = 9.0, nodes: int = 500
) -> torch.Tensor:
    """The mean of f(u, v) by a fine trapezoid rule in two independent normals: spectrally accurate if f is analytic."""
    g = torch.linspace(-bound, bound, nodes, dtype=torch.float64)
    weight = torch.exp(-g * g / 2)
    weight /= weight.sum()
    u = math.sqrt(s) * g
    v = p / math.sqrt(s) * g[:, None] + math.sqrt(max(t - p * p / s, 0.0)) * g
    out: torch.Tensor = weight @ f(u[:, None], v) @ weight
    return out


def points(n: int, d: int, *, batch: str = "points", lead: tuple[int, ...] = ()) -> torch.Tensor:
    return Stream(stream_key(0, batch, {"n": n, "d": d}, 0)).normal(*lead, n, d)


@pytest.mark.parametrize("p, s, t", COVARIANCES)
@pytest.mark.parametrize("activation", SMOOTH)
def test_a_dual_is_the_gaussian_mean_by_quadrature(activation: str, p: float, s: float, t: float) -> None:
    phi, slope = activations.value(activation), activations.slope(activation)
    got = dual(activation)
    assert abs(got.value(p, s, t) - gaussian_mean(lambda u, v: phi(u) * phi(v), p, s, t)) < 5e-11
    assert abs(got.slope(p, s, t) - gaussian_mean(lambda u, v: slope(u) * slope(v), p, s, t)) < 5e-11


@pytest.mark.parametrize("activation", ["relu", "abs"])
@pytest.mark.parametrize("p, s, t", COVARIANCES)
def test_a_kinked_dual_is_the_gaussian_mean_over_angles(activation: str, p: float, s: float, t: float) -> None:
    # In polar coordinates E[r²] = 2 leaves a mean over angles of trigonometric pieces between the four kinks.
    phi, slope = activations.value(activation), activations.slope(activation)
    theta = math.acos(p / math.sqrt(s * t))
    kinks = np.unique(np.mod([math.pi / 2, -math.pi / 2, theta + math.pi / 2, theta - math.pi / 2], 2 * math.pi))
    nodes, weights = np.polynomial.legendre.leggauss(40)
    value, derivative = torch.zeros((), dtype=torch.float64), torch.zeros((), dtype=torch.float64)
    for low, high in zip(kinks, [*kinks[1:], kinks[0] + 2 * math.pi], strict=True):
        angle = torch.as_tensor((low + high) / 2 + (high - low) / 2 * nodes)
        w = torch.as_tensor(weights * (high - low) / 2 / (2 * math.pi))
        u, v = math.sqrt(s) * torch.cos(angle), math.sqrt(t) * torch.cos(angle - theta)
        value += 2 * (w * phi(u) * phi(v)).sum()
        derivative += (w * slope(u) * slope(v)).sum()
    assert abs(dual(activation).value(p, s, t) - value) < 1e-13 * max(1.0, s * t)
    assert abs(dual(activation).slope(p, s, t) - derivative) < 1e-13


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_dual_is_the_mean_over_draws(activation: str) -> None:
    stream = Stream(stream_key(0, "dual", {"activation": activation}, 0))
    p, s, t = 0.8, 1.5, 1.1
    z = stream.normal(2, 200_000)
    u, v = math.sqrt(s) * z[0], p / math.sqrt(s) * z[0] + math.sqrt(t - p * p / s) * z[1]
    for f, entry in (
        (activations.value(activation), dual(activation).value),
        (activations.slope(activation), dual(activation).slope),
    ):
        product = f(u) * f(v)
        assert abs(product.mean() - entry(p, s, t)) < 5 * product.std() / math.sqrt(len(u))


def test_the_stated_error_of_the_trapezoid_rule_holds() -> None:
    u = np.linspace(-60, 60, 6001)
    tau, weight = np.array(scales()).T
    z = u[:, None] / tau
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    sigmoid = 1 / (1 + np.exp(-u))
    assert np.abs(ndtr(z) @ weight - sigmoid).max() < ERROR
    assert np.abs((density / tau) @ weight - sigmoid * (1 - sigmoid)).max() < ERROR
    assert np.abs((u[:, None] * ndtr(z) + tau * density) @ weight - np.logaddexp(u, 0)).max() < ERROR


def test_blocks_of_a_large_kernel_fit_together() -> None:
    x = points(400, 5)
    got = limiting_kernels(x, activation="relu", depth=2, bias_std=0.3)
    whole = limiting_kernels(x, x, activation="relu", depth=2, bias_std=0.3)
    assert torch.equal(got.ntk, got.ntk.mT)
    torch.testing.assert_close(got.ntk, whole.ntk, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(whole.ntk[:3, -3:], reference(x[:3], x[-3:], "relu", 2, 1.0, 0.3)[1])


def reference(
    x: torch.Tensor, y: torch.Tensor, activation: str, depth: int, weight: float, bias: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """The recursion, entry by entry and in the plainest words."""
    phi = dual(activation)
    d = x.shape[-1]
    cross, left, right = (weight**2 * (a @ b.mT) / d + bias**2 for a, b in ((x, y), (x, x), (y, y)))
    s, t = left.diagonal(dim1=-2, dim2=-1), right.diagonal(dim1=-2, dim2=-1)
    ntk = cross
    for _ in range(depth):
        slope = phi.slope(cross, s[..., :, None], t[..., None, :])
        cross = weight**2 * phi.value(cross, s[..., :, None], t[..., None, :]) + bias**2
        s, t = (weight**2 * phi.value(a, a, a) + bias**2 for a in (s, t))
        ntk = cross + weight**2 * slope * ntk
    return cross, ntk


@pytest.mark.parametrize("depth", [0, 1, 3])
@pytest.mark.parametrize("bias", [0.0, 0.7])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_kernels_follow_the_recursion(activation: str, bias: float, depth: int) -> None:
    x, y = points(5, 6, lead=(3,)), points(4, 6, batch="others")
    got = limiting_kernels(x, y, activation=activation, depth=depth, weight_std=1.3, bias_std=bias)
    nngp, ntk = reference(x, y, activation, depth, 1.3, bias)
    assert got.nngp.shape == got.ntk.shape == (3, 5, 4)
    torch.testing.assert_close(got.nngp, nngp, rtol=1e-11, atol=1e-11)
    torch.testing.assert_close(got.ntk, ntk, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_kernel_of_points_among_themselves_is_symmetric_with_an_exact_diagonal(activation: str) -> None:
    x = points(9, 5)
    got = limiting_kernels(x, activation=activation, depth=2, weight_std=1.4, bias_std=0.3)
    for matrix, position in ((got.nngp, 0), (got.ntk, 1)):
        assert torch.equal(matrix, matrix.mT)
        alone = [reference(point[None], point[None], activation, 2, 1.4, 0.3)[position][0, 0] for point in x]
        torch.testing.assert_close(matrix.diagonal(), torch.stack(alone), rtol=1e-12, atol=0)


@pytest.mark.parametrize("activation", ["relu", "abs"])
@pytest.mark.parametrize("angle", [0.0, 1e-12, 1e-9, 1e-7, 1e-5, 1e-3])
@pytest.mark.parametrize("scale", [1e-150, 1.0, 1e100])
def test_small_angles_are_kept(activation: str, angle: float, scale: float) -> None:
    x, y = torch.tensor([[0.6, 0.8]], dtype=torch.float64), torch.empty(1, 2, dtype=torch.float64)
    y[0, 0] = 0.6 * math.cos(angle) - 0.8 * math.sin(angle)
    y[0, 1] = 0.8 * math.cos(angle) + 0.6 * math.sin(angle)
    got = limiting_kernels(x * scale, y * scale, activation=activation, depth=1)
    slope = {"relu": 0.5 - angle / (2 * math.pi), "abs": 1 - 2 * angle / math.pi}[activation]
    tangent = (got.ntk - got.nngp).item() / (scale * scale / 2)
    assert abs(tangent - slope * math.cos(angle)) < 5e-12


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_point_at_the_origin_has_a_kernel(activation: str) -> None:
    x = torch.cat([torch.zeros(1, 3, dtype=torch.float64), points(2, 3)])
    got = limiting_kernels(x, activation=activation, depth=2)
    assert torch.isfinite(got.ntk).all()
    # From a point at the origin nothing flows into the first map; what φ(0) is decides about the others.
    zero = activations.value(activation)(torch.zeros(1, dtype=torch.float64)).item() == 0
    assert (got.nngp[0, 1:].abs().max().item() == 0) == zero


def test_large_inputs_do_not_saturate_into_nonsense() -> None:
    x = 1e6 * points(6, 4)
    unit = torch.nn.functional.normalize(x)
    sign = 2 / math.pi * torch.asin((unit @ unit.T).clamp(-1, 1))
    off = ~torch.eye(6, dtype=torch.bool)
    for activation in ("erf", "tanh"):
        got = limiting_kernels(x, activation=activation, depth=1)
        torch.testing.assert_close(got.nngp[off], sign[off], rtol=0, atol=1e-9)


def test_the_standard_parameterisation_counts_widths_and_biases() -> None:
    x = points(3, 5)
    standard = limiting_kernels(
        x, activation="relu", depth=1, weight_std=2.0, bias_std=[None, 0.0], parameterisation="standard", widths=7
    )
    plain = limiting_kernels(x, activation="relu", depth=1, weight_std=2.0)
    torch.testing.assert_close(standard.nngp, plain.nngp)
    slope = (plain.ntk - plain.nngp) / (4 * x @ x.T / 5)
    torch.testing.assert_close(standard.ntk, 7 * plain.nngp / 4 + 1 + slope * (x @ x.T))


def test_layers_may_have_scales_of_their_own() -> None:
    x = points(3, 5)
    got = limiting_kernels(x, activation="relu", depth=2, weight_std=[1.0, 2.0, 3.0])
    one = limiting_kernels(x, activation="relu", depth=2)
    torch.testing.assert_close(got.ntk, 36 * one.ntk)


def test_single_precision_stays_single_and_close() -> None:
    x = points(40, 6)
    one = limiting_kernels(x.float(), activation="relu", depth=3, bias_std=0.1)
    two = limiting_kernels(x, activation="relu", depth=3, bias_std=0.1)
    assert one.ntk.dtype == torch.float32
    torch.testing.assert_close(one.ntk.double(), two.ntk, rtol=1e-4, atol=1e-4)


PLACED = [(activation, dtype) for activation in ("relu", "erf", "sin") for dtype in ("float32", "float64")]


@pytest.mark.parametrize("activation, dtype", [*PLACED, ("tanh", "float32")])
def test_kernels_stay_on_their_device(activation: str, dtype: str, standin: str) -> None:
    with FakeTensorMode():
        x = torch.ones(2, 3, 4, device=standin, dtype=getattr(torch, dtype))
        for other in (None, x):
            got = limiting_kernels(x, other, activation=activation, depth=1, bias_std=0.1)
            assert got.ntk.device.type == got.nngp.device.type == standin
            assert got.ntk.dtype == x.dtype


X = torch.ones(2, 3, dtype=torch.float64)
WRONG = [
    ({"x": X, "activation": "gelu", "depth": 1}, "no limiting kernel for activation 'gelu'"),
    ({"x": X, "activation": "relu", "depth": -1}, "depth is -1"),
    ({"x": X, "activation": "relu", "depth": 1, "weight_std": [1.0]}, "weight_std has 1 entries; depth 1 needs 2"),
    ({"x": X, "activation": "relu", "depth": 1, "bias_std": -1.0}, "bias_std holds -1.0"),
    ({"x": X, "activation": "relu", "depth": 1, "weight_std": math.nan}, "weight_std holds nan"),
    ({"x": X * math.nan, "activation": "relu", "depth": 1}, "x holds NaN"),
    ({"x": X * 1e200, "activation": "relu", "depth": 1}, "overflow"),
    ({"x": X.int(), "activation": "relu", "depth": 1}, "x is torch.int32"),
    ({"x": X[0], "activation": "relu", "depth": 1}, "points are rows"),
    ({"x": X, "y": X[:, :2], "activation": "relu", "depth": 1}, "x has 3 coordinates a point but y has 2"),
    ({"x": X, "y": X.float(), "activation": "relu", "depth": 1}, "convert one of them"),
    ({"x": X, "activation": "relu", "depth": 1, "parameterisation": "mup"}, "it is 'ntk' or 'standard'"),
    ({"x": X, "activation": "relu", "depth": 1, "parameterisation": "standard"}, "width of each hidden layer"),
]


@pytest.mark.parametrize("arguments, message", WRONG)
def test_what_is_wrong_is_said_in_one_line(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(KernelError, match=message) as caught:
        limiting_kernels(arguments.pop("x"), arguments.pop("y", None), **arguments)
    assert "\n" not in str(caught.value)


def test_an_impossible_covariance_is_an_error() -> None:
    with pytest.raises(KernelError, match="no covariances"):
        dual("relu").value(1.1, 1.0, 1.0)


@pytest.mark.parametrize("depth", [1, 2])
def test_a_point_whose_square_overflows_beside_a_tiny_one_has_a_kernel(depth: int) -> None:
    x, y = points(3, 4), points(2, 4, batch="others")
    cosine = torch.nn.functional.normalize(x) @ torch.nn.functional.normalize(y).mT
    large, small = 1e160 * x, 1e-155 * y
    sine = limiting_kernels(large, small, activation="sin", depth=depth)
    assert not sine.nngp.any(), "e^(−s/2) is no number that far out"
    # erf of the large one is its sign, and erf of the tiny one 2 v/√π: E[sign(u) v] = b c √(2/π).
    b = small.norm(dim=-1) / 2
    got = limiting_kernels(large, small, activation="erf", depth=depth).nngp / b
    # The second layer sees a sign, of variance one, and 2 v/√π: (u', v') has E[erf(u') v'] = p 2/√(π (1 + 2 s)).
    factor = 1.0 if depth == 1 else 4 / (math.pi * 3**0.5)
    torch.testing.assert_close(got, factor * cosine * 2**1.5 / math.pi, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_kernel_carries_the_gradients_of_its_points(activation: str) -> None:
    x, y = points(3, 4).requires_grad_(), points(2, 4, batch="others")
    scales: dict[str, Any] = {"activation": activation, "depth": 2, "weight_std": 1.3, "bias_std": 0.2}
    for other in (None, y):
        got, known = limiting_kernels(x, other, **scales), limiting_kernels(x.detach(), other, **scales)
        torch.testing.assert_close(got.ntk.detach(), known.ntk, rtol=1e-12, atol=1e-12)
        assert torch.autograd.gradcheck(lambda x, y=other: limiting_kernels(x, y, **scales).ntk, (x,), fast_mode=True)
    with pytest.raises(KernelError, match="with gradients parameterisation is 'ntk'"):
        limiting_kernels(x[None], **scales)


@pytest.mark.parametrize("other", [None, points(4, 5, batch="others")])
def test_a_limiting_kernel_streams_to_disk(other: torch.Tensor | None, tmp_path: Path) -> None:
    scales: dict[str, Any] = {"activation": "relu", "depth": 1}
    x, known = points(400, 5), limiting_kernels(points(400, 5), other, **scales)
    got = limiting_kernels(x, other, **scales, folder=tmp_path)
    assert torch.equal(got.ntk, known.ntk)
    np.testing.assert_array_equal(np.load(tmp_path / "nngp.npy"), known.nngp)
    with pytest.raises(KernelError, match="without leading axes"):
        limiting_kernels(x[None], **scales, folder=tmp_path)
