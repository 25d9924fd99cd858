"""Each rule against plain words: covariances between single features, in mpmath with 40 digits, sum by sum."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import mpmath as mp
import pytest
import torch

from lazy_assay.sims.core.streams import Stream, stream_key
from lazy_assay.sims.kernels import limiting_kernels
from lazy_assay.sims.kernels.architecture import (
    Activation,
    Attention,
    AveragePooling,
    Convolution,
    Dense,
    Flatten,
    Layer,
    LayerNormalisation,
    Network,
)  # fmt: skip

Table = dict[tuple[Any, Any], Any]
RELU, ERF, SIN = Activation("relu"), Activation("erf"), Activation("sin")


def fields(*shape: int, batch: str = "fields") -> torch.Tensor:
    return Stream(stream_key(0, batch, {str(i): n for i, n in enumerate(shape)}, 0)).normal(*shape)


def cells(grid: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    return itertools.product(*(range(n) for n in grid))


def whole(value: Any, grid: tuple[int, ...]) -> tuple[int, ...]:
    return (value,) * len(grid) if isinstance(value, int) else tuple(value)


def relu(p: Any, s: Any, t: Any) -> tuple[Any, Any]:
    if s == 0 or t == 0:
        return mp.mpf(0), mp.mpf(1) / 4
    angle = mp.acos(max(min(p / mp.sqrt(s * t), 1), -1))
    return mp.sqrt(s * t) * (mp.sin(angle) + (mp.pi - angle) * mp.cos(angle)) / (2 * mp.pi), (mp.pi - angle) / (
        2 * mp.pi
    )


def erf(p: Any, s: Any, t: Any) -> tuple[Any, Any]:
    root = mp.sqrt((1 + 2 * s) * (1 + 2 * t) - 4 * p * p)
    return 2 / mp.pi * mp.asin(2 * p / mp.sqrt((1 + 2 * s) * (1 + 2 * t))), 4 / mp.pi / root


def sine(p: Any, s: Any, t: Any) -> tuple[Any, Any]:
    return mp.exp(-(s + t) / 2) * mp.sinh(p), mp.exp(-(s + t) / 2) * mp.cosh(p)


DUALS = {"relu": relu, "erf": erf, "sin": sine}


def plain(layers: tuple[Layer, ...], x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Both kernels of x among itself; every feature (point, position) meets every other."""
    grid = tuple(x.shape[1:-1])
    points = range(len(x))
    vectors = {(i, p): [mp.mpf(v) for v in x[(i, *p)].tolist()] for i in points for p in cells(grid)}
    K: Table = {(u, v): mp.fdot(vectors[u], vectors[v]) / x.shape[-1] for u in vectors for v in vectors}
    T: Table = dict.fromkeys(K, mp.mpf(0))
    for layer in layers:
        K, T, grid = step(layer, K, T, grid, points)
    return tuple(  # type: ignore[return-value]
        torch.tensor([[float(table[(i, ()), (j, ())]) for j in points] for i in points], dtype=torch.float64)
        for table in (K, T)
    )


def step(
    layer: Layer, K: Table, T: Table, grid: tuple[int, ...], points: range
) -> tuple[Table, Table, tuple[int, ...]]:
    if isinstance(layer, Dense):
        w, b = mp.mpf(layer.weight_std) ** 2, mp.mpf(layer.bias_std) ** 2
        new = {key: w * value + b for key, value in K.items()}
        return new, {key: new[key] + w * T[key] for key in new}, grid
    if isinstance(layer, Convolution):
        return convolved(layer, K, T, grid, points)
    if isinstance(layer, Activation):
        both = {(u, v): DUALS[layer.name](K[u, v], K[u, u], K[v, v]) for u, v in K}
        return {key: value for key, (value, _) in both.items()}, {key: T[key] * both[key][1] for key in both}, grid
    if isinstance(layer, LayerNormalisation):
        over = {u: [v for v in {w for w, _ in K} if v[0] == u[0] and (layer.positions or v == u)] for u, _ in K}
        size = {u: mp.sqrt(sum(K[v, v] for v in over[u]) / len(over[u]) + mp.mpf(layer.epsilon)) for u in over}
        found = [{(u, v): t[u, v] / size[u] / size[v] for u, v in t} for t in (K, T)]
        return found[0], found[1], grid
    if isinstance(layer, AveragePooling | Flatten):
        return averaged(layer, K, T, grid, points)
    assert isinstance(layer, Attention)
    return attended(layer, K, T, grid, points)


def convolved(
    layer: Convolution, K: Table, T: Table, grid: tuple[int, ...], points: range
) -> tuple[Table, Table, tuple[int, ...]]:
    size, stride, padding = (whole(v, grid) for v in (layer.size, layer.stride, layer.padding))
    new = tuple((n + 2 * a - k) // s + 1 for n, k, s, a in zip(grid, size, stride, padding, strict=True))
    w, b = mp.mpf(layer.weight_std) ** 2, mp.mpf(layer.bias_std) ** 2

    def seen(p: tuple[int, ...], k: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(c * s + o - a for c, s, o, a in zip(p, stride, k, padding, strict=True))

    out_k, out_t = {}, {}
    for (i, p), (j, q) in itertools.product(itertools.product(points, cells(new)), repeat=2):
        keys = [((i, seen(p, k)), (j, seen(q, k))) for k in cells(size)]
        mean, below = (w * sum(table.get(key, 0) for key in keys) / len(keys) for table in (K, T))
        out_k[(i, p), (j, q)], out_t[(i, p), (j, q)] = mean + b, mean + b + below
    return out_k, out_t, new


def averaged(
    layer: AveragePooling | Flatten, K: Table, T: Table, grid: tuple[int, ...], points: range
) -> tuple[Table, Table, tuple[int, ...]]:
    if isinstance(layer, Flatten):
        pairs: dict[Any, Any] = {
            ((i, ()), (j, ())): [((i, p), (j, p)) for p in cells(grid)] for i in points for j in points
        }
        new: tuple[int, ...] = ()
    else:
        size = grid if layer.size is None else whole(layer.size, grid)
        stride = size if layer.stride is None else whole(layer.stride, grid)
        new = tuple((n - k) // s + 1 for n, k, s in zip(grid, size, stride, strict=True))

        def window(p: tuple[int, ...]) -> list[tuple[int, ...]]:
            return [tuple(c * s + o for c, s, o in zip(p, stride, k, strict=True)) for k in cells(size)]

        def name(p: tuple[int, ...]) -> tuple[int, ...]:
            return () if layer.size is None else p

        pairs = {
            ((i, name(p)), (j, name(q))): [((i, a), (j, b)) for a in window(p) for b in window(q)]
            for i in points for j in points for p in cells(new) for q in cells(new)
        }  # fmt: skip
        new = name(new)
    found = [{key: sum(t[k] for k in keys) / len(keys) for key, keys in pairs.items()} for t in (K, T)]
    return found[0], found[1], new


def attended(
    layer: Attention, K: Table, T: Table, grid: tuple[int, ...], points: range
) -> tuple[Table, Table, tuple[int, ...]]:
    every = list(cells(grid))
    scores = mp.mpf(layer.query_std) * mp.mpf(layer.key_std)
    c = (mp.mpf(layer.value_std) * mp.mpf(layer.output_std)) ** 2
    out_k, out_t = {}, {}
    for (i, p), (j, q) in itertools.product(itertools.product(points, every), repeat=2):
        key = (i, p), (j, q)
        rs = [((i, r), (j, s)) for r in every for s in every]
        if layer.scaling == "1/sqrt(d)":
            squares, cross = sum(K[k] ** 2 for k in rs), sum(K[k] * T[k] for k in rs)
            out_k[key] = c * scores**2 * K[key] * squares
            out_t[key] = 4 * out_k[key] + c * scores**2 * (T[key] * squares + 2 * K[key] * cross)
            continue
        rows = []
        for point, position in key:
            limits = [scores * layer.tied * K[(point, position), (point, r)] for r in every]
            weights = [mp.exp(v) for v in limits] if layer.scores == "softmax" else limits
            total = sum(weights) if layer.scores == "softmax" else 1
            rows.append([v / total for v in weights])
        flat = [a * b for a in rows[0] for b in rows[1]]
        out_k[key] = c * sum(w * K[k] for w, k in zip(flat, rs, strict=True))
        out_t[key] = 2 * out_k[key] + c * sum(w * T[k] for w, k in zip(flat, rs, strict=True))
    return out_k, out_t, grid


LAST = Dense(1.1, 0.2)
NETWORKS: dict[str, tuple[tuple[int, ...], tuple[Layer, ...]]] = {
    "vectors": ((), (Dense(1.2, 0.3), RELU, Dense(), SIN, LAST)),
    "a convolution": ((4, 3), (Convolution(3, 1, 1, 1.2, 0.3), RELU, Convolution((2, 1)), ERF, Flatten(), LAST)),
    "a stride and padding beyond the edge": ((4, 5), (Convolution(3, (2, 3), (2, 1), 1.2, 0.3), RELU, Flatten(), LAST)),
    "a kernel as large as the image": ((3, 2), (Convolution((3, 2), 1, 0, 1.2), RELU, Flatten(), LAST)),
    "one pixel with padding": (
        (1, 1),
        (Convolution(3, 1, 1, 1.5), RELU, Convolution(3, 1, 1), RELU, AveragePooling(), LAST),
    ),
    "a sequence": (
        (5,),
        (Convolution(2, 1, 1, 1.5, 0.1), RELU, AveragePooling(2, 1), Convolution(3), ERF, Flatten(), LAST),
    ),
    "pooling of windows that overlap": (
        (4, 3),
        (Convolution(3, 1, 1), RELU, AveragePooling(2, (2, 1)), Dense(), RELU, AveragePooling(), LAST),
    ),
    "padding between all positions": (
        (3, 2),
        (Convolution(3, 1, 1, 1.1, 0.4), RELU, Convolution(3, 2, 1), RELU, AveragePooling(), LAST),
    ),
    "pooling of the data": ((2, 2), (AveragePooling(), Dense(1.3), RELU, LAST)),
    "all positions, then one vector": ((3,), (AveragePooling(2, 1), Dense(1.3), RELU, Flatten(), LAST)),
    "normalised channels": ((3,), (Convolution(3, 1, 1, 1.3, 0.2), LayerNormalisation(), RELU, AveragePooling(), LAST)),
    "normalised channels and positions": (
        (2, 2),
        (Convolution(3, 1, 1, 1.3), LayerNormalisation(0.1, True), ERF, Flatten(), LAST),
    ),
    "softmax attention": (
        (3,),
        (Dense(1.2, 0.1), RELU, Attention(query_std=1.1, key_std=1.7, value_std=0.9), ERF, AveragePooling(), LAST),
    ),
    "softmax attention to the data": ((2, 2), (Attention(output_std=1.3), LayerNormalisation(), RELU, Flatten(), LAST)),
    "softmax attention, weights apart": ((3,), (Dense(1.2, 0.1), RELU, Attention(tied=False), RELU, Flatten(), LAST)),
    "linear attention with scores in the limit": (
        (3,),
        (Dense(), RELU, Attention("linear", key_std=1.4), RELU, AveragePooling(), LAST),
    ),
    "linear attention with random scores": (
        (3,),
        (Dense(), RELU, Attention("linear", "1/sqrt(d)", False, 1.1, 0.8, 1.2), RELU, AveragePooling(), LAST),
    ),
    "one token": ((1,), (Dense(1.2), RELU, Attention(value_std=1.3), RELU, Flatten(), LAST)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_rule_is_what_it_says_in_plain_words(name: str) -> None:
    grid, layers = NETWORKS[name]
    x = fields(3, *grid, 2, batch=name)
    with mp.workdps(40):
        nngp, ntk = plain(layers, x)
    network = Network(*layers, channels=2)
    for got, rows in ((network.kernels(x), slice(None)), (network.kernels(x[:1], x), slice(1))):
        torch.testing.assert_close(got.nngp, nngp[rows], rtol=2e-12, atol=1e-13)
        torch.testing.assert_close(got.ntk, ntk[rows], rtol=2e-12, atol=1e-13)


def test_a_black_pixel_and_a_black_image_have_kernels() -> None:
    x = fields(2, 2, 2, 2)
    x[0, 0, 0] = 0.0
    x[1] = 0.0
    layers = (Convolution(1, weight_std=1.4), RELU, Convolution(2, 1, 1), RELU, AveragePooling(), Dense())
    with mp.workdps(40):
        nngp, ntk = plain(layers, x)
    got = Network(*layers, channels=2).kernels(x)
    torch.testing.assert_close(got.nngp, nngp, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(got.ntk, ntk, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("distance", [1e-3, 1e-6, 1e-9])
def test_nearly_coinciding_points_keep_their_angles_through_convolutions(distance: float) -> None:
    x = fields(1, 3, 3, 2)
    y = x + distance * fields(1, 3, 3, 2, batch="others")
    layers = (Convolution(3, 1, 1, 1.4, 0.1), RELU, Convolution(3, 1, 1, 1.4, 0.1), RELU, Flatten(), Dense())
    with mp.workdps(60):
        _, ntk = plain(layers, torch.cat([x, y]))
    got = Network(*layers, channels=2).kernels(x, y).ntk
    assert abs(got[0, 0] - ntk[0, 1]) < 2e-11


@pytest.mark.parametrize("activation", ["relu", "abs", "erf", "sin", "tanh", "sigmoid", "softplus"])
def test_dense_layers_have_the_kernels_of_the_fully_connected_recursion(activation: str) -> None:
    x, y = fields(4, 5), fields(3, 5, batch="others")
    hidden = (Dense(1.3, 0.2), Activation(activation))
    network = Network(*hidden, *hidden, Dense(1.3, 0.2), channels=5)
    for other in (None, y):
        got = network.kernels(x, other)
        known = limiting_kernels(x, other, activation=activation, depth=2, weight_std=1.3, bias_std=0.2)
        torch.testing.assert_close(got.nngp, known.nngp, rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(got.ntk, known.ntk, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_kernel_of_points_among_themselves_is_symmetric_and_positive(name: str) -> None:
    grid, layers = NETWORKS[name]
    got = Network(*layers, channels=2).kernels(fields(4, *grid, 2, batch="others"))
    for kernel in (got.nngp, got.ntk):
        assert torch.equal(kernel, kernel.mT)
        assert torch.linalg.eigvalsh(kernel).min() > -1e-12 * kernel.abs().max()


# neural-tangents 0.6.5 in float64, of two points sin(1), sin(2), … in the order of a C array: NNGP, then NTK.
END = (AveragePooling(), Dense(1.3, 0.1))
FIRST, HIDDEN = Convolution(3, 1, 1, 1.2, 0.3), (Dense(1.2, 0.3), RELU)
OTHERS: dict[str, tuple[tuple[int, ...], tuple[Layer, ...], float, float]] = {
    "stride": (
        (2, 5, 4, 2), (Convolution((3, 2), (2, 1), 0, 1.2, 0.3), RELU, Flatten(), END[1]),
        0.08834059901925742, -0.024187654024231495,
    ),
    "pooling": (
        (2, 4, 4, 3), (FIRST, RELU, AveragePooling(2, (1, 2)), Convolution(3, 1, 1, 1.1, 0.2), ERF, *END),
        0.16060639619698933, 0.3412693451164499,
    ),
    "normalisation": (
        (2, 3, 3, 3), (FIRST, LayerNormalisation(), RELU, FIRST, LayerNormalisation(1e-3, True), RELU, *END),
        0.46610911704134295, 0.7178332884385261,
    ),
    "softmax": (
        (2, 4, 3), (*HIDDEN, Attention("softmax", "1/d", True, 1.1, 1.1, 0.9, 1.3), RELU, *END),
        0.24392062845370424, 0.7494668883228334,
    ),
    "linear": (
        (2, 4, 3), (*HIDDEN, Attention("linear", "1/sqrt(d)", False, 1.1, 0.8, 0.9, 1.3), RELU, *END),
        0.29648295221285975, 1.214010430295393,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_neural_tangents_finds_the_same(name: str) -> None:
    shape, layers, nngp, ntk = OTHERS[name]
    x = torch.arange(1, 1 + math.prod(shape), dtype=torch.float64).sin().reshape(shape)
    got = Network(*layers, channels=shape[-1]).kernels(x[:1], x[1:])
    assert got.nngp.item() == pytest.approx(nngp, rel=1e-12)
    assert got.ntk.item() == pytest.approx(ntk, rel=1e-12)
