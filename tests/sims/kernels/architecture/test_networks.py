from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode

from lazy_assay.sims.core.streams import Stream, stream_key
from lazy_assay.sims.kernels import KernelError, limiting_kernels
from lazy_assay.sims.kernels.architecture import (
    FEATURES,
    Activation,
    Attention,
    AveragePooling,
    Convolution,
    Dense,
    Flatten,
    Layer,
    LayerNormalisation,
    Network,
    Side,
    State,
)

RELU, ERF = Activation("relu"), Activation("erf")
LINEAR = Attention("linear", "1/sqrt(d)", False)
IMAGES = Network(
    Convolution(3, 2, 1, 1.3, 0.2), RELU, AveragePooling(2, 1), Convolution(1), LayerNormalisation(), RELU, Flatten(),
    Dense(), channels=2,
)  # fmt: skip
TOKENS = Network(Dense(1.2, 0.1), ERF, Attention(), RELU, LINEAR, AveragePooling(), Dense(), channels=2)
SHIFTS = Network(Convolution(2, 1, 1, 1.3, 0.2), LayerNormalisation(), RELU, Flatten(), Dense(), channels=2)
SMOOTH = Network(
    Convolution(2, 1, 1, 1.3, 0.2), ERF, AveragePooling(2, 1), Attention(), Activation("sin"), AveragePooling(),
    Dense(), channels=2,
)  # fmt: skip


def fields(*shape: int, batch: str = "fields") -> Tensor:
    return Stream(stream_key(0, batch, {str(i): n for i, n in enumerate(shape)}, 0)).normal(*shape)


@pytest.mark.parametrize("network, shape", [(IMAGES, (4, 5, 2)), (TOKENS, (3, 2)), (SHIFTS, (3, 3, 2))])
def test_blocks_fit_together_whatever_the_memory_limit(network: Network, shape: tuple[int, ...]) -> None:
    x, y = fields(19, *shape), fields(3, *shape, batch="others")
    for other in (None, y):
        loose = network.kernels(x, other)
        tight = network.kernels(x, other, memory_limit=2 * 19 * 19 * 8 + least(network, x))
        torch.testing.assert_close(tight.nngp, loose.nngp, rtol=1e-12, atol=1e-13)
        torch.testing.assert_close(tight.ntk, loose.ntk, rtol=1e-12, atol=1e-13)
        assert other is not None or torch.equal(tight.ntk, tight.ntk.mT)


def least(network: Network, x: Tensor) -> int:
    """Bytes that one entry takes, as a refusal tells them."""
    with pytest.raises(KernelError, match="memory_limit is too small") as refused:
        network.kernels(x, memory_limit=8)
    found = re.search(r"takes (\d+) numbers", str(refused.value))
    assert found
    return 4 * 8 * int(found[1])


def test_a_kernel_streams_to_disk_and_takes_no_room_in_the_limit(tmp_path: Path) -> None:
    x = fields(30, 3, 3, 2)
    known = SHIFTS.kernels(x)
    got = SHIFTS.kernels(x, memory_limit=least(SHIFTS, x), folder=tmp_path / "kernel")
    torch.testing.assert_close(got.ntk, known.ntk, rtol=1e-12, atol=1e-13)
    assert sorted(file.name for file in (tmp_path / "kernel").iterdir()) == ["nngp.npy", "ntk.npy"]
    stored = np.load(tmp_path / "kernel" / "nngp.npy")
    np.testing.assert_allclose(stored, known.nngp, rtol=1e-12, atol=1e-13)
    got.nngp[0, 0] = 7.0
    assert np.load(tmp_path / "kernel" / "nngp.npy")[0, 0] == stored[0, 0]
    with pytest.raises(KernelError, match=r"nngp\.npy is there already"):
        SHIFTS.kernels(x, folder=tmp_path / "kernel")


def test_a_kernel_that_fails_leaves_no_whole_file(tmp_path: Path) -> None:
    network = Network(Dense(1e30), RELU, Dense(1e30), channels=2)
    with pytest.raises(KernelError, match="overflow"):
        network.kernels(1e120 * fields(3, 2), folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_disk_without_room_is_an_error_of_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full, raising=False)
    with pytest.raises(KernelError, match="No space left on device"):
        SHIFTS.kernels(fields(3, 3, 3, 2), folder=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("network, shape", [(IMAGES, (4, 3, 2)), (TOKENS, (2, 2)), (SHIFTS, (2, 2, 2))])
def test_both_kernels_have_the_derivatives_of_differences(network: Network, shape: tuple[int, ...]) -> None:
    x, y = fields(2, *shape).requires_grad_(), fields(1, *shape, batch="others").requires_grad_()

    def both(*given: Tensor) -> tuple[Tensor, Tensor]:
        found = network.kernels(*given)
        return found.nngp, found.ntk

    assert torch.autograd.gradcheck(both, (x, y), fast_mode=True)
    assert torch.autograd.gradcheck(both, (x,), fast_mode=True)
    torch.testing.assert_close(both(x)[1].detach(), network.kernels(x.detach()).ntk, rtol=1e-12, atol=1e-13)


def test_a_smooth_kernel_has_second_derivatives() -> None:
    x, y = fields(1, 3, 3, 2).requires_grad_(), fields(1, 3, 3, 2, batch="others")
    assert torch.autograd.gradgradcheck(lambda x: SMOOTH.kernels(x, y).ntk, (x,), fast_mode=True)


def test_the_derivative_where_two_points_are_one_is_the_mean_of_both_sides() -> None:
    # Along a line through y the tangent kernel of relu has a kink at y; off it the differences are symmetric.
    y, along = fields(1, 2, 2, 2), fields(1, 2, 2, 2, batch="others")
    t = torch.zeros((), dtype=y.dtype, requires_grad=True)
    (rate,) = torch.autograd.grad(SHIFTS.kernels(y + t * along, y).ntk.sum(), t)
    ends = [SHIFTS.kernels(y + step * along, y).ntk.item() for step in (1e-5, -1e-5)]
    assert abs(rate.item() - (ends[0] - ends[1]) / 2e-5) < 1e-3 * (1 + abs(rate.item()))


def test_a_black_pixel_has_finite_derivatives() -> None:
    x = fields(2, 2, 2, 2)
    x[0, 0, 0] = 0.0
    x[1] = x[0]
    x.requires_grad_()
    network = Network(Convolution(1), RELU, Convolution(2, 1, 1), RELU, AveragePooling(), Dense(), channels=2)
    (gradient,) = torch.autograd.grad(network.kernels(x).ntk.sum(), x)
    assert torch.isfinite(gradient).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("network, shape", [(IMAGES, (4, 3, 2)), (TOKENS, (2, 2)), (SHIFTS, (2, 2, 2))])
def test_kernels_stay_on_their_device(
    network: Network, shape: tuple[int, ...], dtype: torch.dtype, standin: str
) -> None:
    with FakeTensorMode():
        x = torch.ones(3, *shape, device=standin, dtype=dtype)
        for other in (None, x[:2]):
            got = network.kernels(x, other)
            assert got.ntk.device.type == got.nngp.device.type == standin
            assert got.ntk.dtype == got.nngp.dtype == dtype


def test_single_precision_stays_single_and_close() -> None:
    x = fields(3, 4, 5, 2)
    one, two = IMAGES.kernels(x.float()), IMAGES.kernels(x)
    assert one.ntk.dtype == torch.float32
    torch.testing.assert_close(one.ntk.double(), two.ntk, rtol=1e-4, atol=1e-4)


@dataclass(frozen=True)
class Halving(Layer):
    """A layer of a reader's own: z = h/2."""

    def grid(self, grid: tuple[int, ...]) -> tuple[int, ...]:
        return grid

    def law(self, law: str) -> str:
        return law

    def variance(self, side: Side, axes: int) -> Tensor:
        return side.variance / 4

    def rule(self, state: State, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor | None]:
        return state.distance / 4, None if state.tangent is None else state.tangent / 4


def test_a_layer_of_ones_own_goes_in_without_further_ado() -> None:
    x = fields(3, 2)
    got = Network(Dense(), RELU, Halving(), Dense(), channels=2).kernels(x)
    known = limiting_kernels(x, activation="relu", depth=1)
    torch.testing.assert_close(got.ntk, known.ntk / 4)


def build(*layers: Any, channels: Any = 2) -> Callable[[], Network]:
    return lambda: Network(*layers, channels=channels)


HALF: Any = 1.5
X = torch.ones(2, 3, 3, 2, dtype=torch.float64)
CONV, END = Convolution(3), (AveragePooling(), Dense())
WRONG: list[tuple[Callable[[], Any], str]] = [
    (build(), "a network is made of layers"),
    (build(Dense), "a network is made of layers"),
    (build(Dense(), channels=0), "channels is 0"),
    (build(RELU, Dense()), "not after data"),
    (build(Dense(), RELU, RELU, Dense()), f"not after {FEATURES}"),
    (build(Dense(), RELU, LayerNormalisation(), Dense()), "layer normalisation has a limit"),
    (build(Dense(), Flatten(), RELU, Dense()), "not after unequal"),
    (build(Dense(), RELU), "ends with Activation; an affine map ends it"),
    (lambda: Network(CONV, channels=2).kernels(X[:, :, :2]), "a convolution of size .* does not fit a grid"),
    (lambda: Network(CONV, channels=2).kernels(torch.ones(2, 4, 4, 2)), "ends with positions"),
    (lambda: Network(CONV, *END, channels=2).kernels(X.movedim(-1, 1)), r"they come last, as by x\.movedim"),
    (lambda: Network(CONV, *END, channels=2).kernels(X[:, 0, 0]), "a convolution needs points with positions"),
    (lambda: Network(Flatten(), Dense(), channels=2).kernels(X[:, 0, 0]), "these are vectors already"),
    (lambda: Network(*END, channels=2).kernels(X[:, 0, 0]), "average pooling needs points with positions"),
    (lambda: Network(Attention(), *END, channels=2).kernels(X[:, 0, 0]), "attention needs points with positions"),
    (lambda: Network(Convolution((3, 3, 3)), *END, channels=2).kernels(X), "the grid has 2 axes"),
    (lambda: Network(Convolution(0), *END, channels=2).kernels(X), "size is 0"),
    (lambda: Network(Convolution(3, padding=-1), *END, channels=2).kernels(X), "padding is -1"),
    (lambda: Network(AveragePooling(None, 2), Dense(), channels=2).kernels(X), "a stride belongs to a window"),
    (lambda: Network(CONV, *END, channels=2).kernels(X.int()), "torch.int32"),
    (lambda: Network(CONV, *END, channels=2).kernels(X * float("nan")), "x holds NaN"),
    (lambda: Network(CONV, *END, channels=2).kernels(X, X[:, :2]), "points of x are"),
    (lambda: Network(CONV, *END, channels=2).kernels(X, X.float()), "convert one"),
    (lambda: Network(CONV, *END, channels=2).kernels(X, memory_limit=HALF), "a whole number of bytes"),
    (lambda: Network(CONV, *END, channels=2).kernels(X.clone().requires_grad_(), memory_limit=99), "too small"),
    (lambda: Network(CONV, LayerNormalisation(0.0), *END, channels=2).kernels(0 * X), "divides by zero"),
    (lambda: Activation("gelu"), "no limiting kernel for activation 'gelu'"),
    (lambda: Dense(-1.0), "weight_std is -1.0"),
    (lambda: Convolution(3, bias_std=float("inf")), "bias_std is inf"),
    (lambda: LayerNormalisation(-1.0), "epsilon is -1.0"),
    (lambda: Attention(scaling="1/sqrt(d)"), "take tied=False"),
    (lambda: Network(Attention("softmax", "1/sqrt(d)", False), *END, channels=2).kernels(X), "there is a rule for two"),
    (lambda: Attention("linear", "1/sqrt(d)"), "take tied=False"),
    (lambda: Attention("linear", tied=False), "vanish"),
    (lambda: Attention("relu"), "scores is one of"),
    (lambda: Attention(key_std=float("nan")), "key_std is nan"),
]


@pytest.mark.parametrize("call, message", WRONG, ids=[message for _, message in WRONG])
def test_what_has_no_limit_is_refused_in_one_line(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(KernelError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_gradients_and_a_folder_do_not_go_together(tmp_path: Path) -> None:
    with pytest.raises(KernelError, match="leave folder out"):
        SHIFTS.kernels(fields(2, 2, 2, 2).requires_grad_(), folder=tmp_path)
