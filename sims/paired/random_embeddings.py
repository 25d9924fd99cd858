"""Random embeddings of the tangent features σ'(<ω, x>)x, ω ~ N(0, I): what functions and kernels they make.

f_ω(x) = (1/q) Σ_i Σ_j c_j <z_j, x> σ'(<ω_i, z_j>) σ'(<ω_i, x>) for centres z_j (rows, norm one) and coefficients c_j;
its mean is a function f whose values at the points come as `target`. Inputs are uniform on the rows of `points`. A
trial is the mean over `replicas` independent embeddings, so that one row is worth more and costs little more.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lazy_assay.sims.core.chunks import chunk_sizes
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.numerics import activations
from lazy_assay.sims.paired.algorithm import loss as decent_loss

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

# The place that this module had when its noise was first drawn: moves change no draw.
STREAM = "sims.random_embeddings"


def approximation_error(
    *,
    centres: ArrayLike,
    coefficients: ArrayLike,
    points: ArrayLike,
    target: ArrayLike,
    q: int,
    activation: str,
    replicas: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Mean over points and replicas of (f − f_ω)², f given by `target`, (points,); shape (trials,)."""
    stream = Stream(entropy, device, dtype)
    aim = stream.constant(target)

    def observe(values: Tensor) -> Tensor:
        return (values - aim).square().mean(-1)

    return _replicated(
        stream, _Functions(stream, centres, coefficients, points, activation), q, replicas, trials, observe
    )


def paired_error(
    *,
    centres: ArrayLike,
    coefficients: ArrayLike,
    points: ArrayLike,
    q: int,
    activation: str,
    replicas: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Mean over points of the replicas' sample variance of f_ω(x): the same mean, and no target; shape (trials,).

    Raises ValueError for fewer than two replicas.
    """
    if replicas < 2:
        raise ValueError(f"replicas must be at least 2 for a sample variance, got {replicas}")
    stream = Stream(entropy, device, dtype)
    functions = _Functions(stream, centres, coefficients, points, activation)
    chunks = chunk_sizes(trials, replicas * q * functions.size, stream.device)
    return torch.cat([_variance(functions(stream, chunk * replicas, q), replicas) for chunk in chunks])


def feature_square(
    *,
    centres: ArrayLike,
    coefficients: ArrayLike,
    distribution: str,
    activation: str,
    replicas: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Mean over replicas of f_ω(x)² for q = 1 and x fresh from `sphere` or `cube`; shape (trials,)."""
    stream = Stream(entropy, device, dtype)
    z, c = stream.constant(centres), stream.constant(coefficients)
    slope, d = activations.slope(activation), z.shape[1]
    parts = []
    for chunk in chunk_sizes(trials, replicas * (2 * d + len(z)), stream.device):
        omega, normal = stream.normal(chunk, replicas, d), stream.normal(chunk, replicas, d)
        x = torch.sign(normal) / math.sqrt(d)
        if distribution == "sphere":
            x = normal / torch.linalg.vector_norm(normal, dim=-1, keepdim=True)
        inside = ((slope(omega @ z.mT) * (x @ z.mT)) @ c) * slope((omega * x).sum(-1))
        parts.append(inside.square().mean(1))
    return torch.cat(parts)


def excess_loss(
    *,
    centres: ArrayLike,
    coefficients: ArrayLike,
    points: ArrayLike,
    target: ArrayLike,
    labels: ArrayLike,
    loss: str,
    q: int,
    activation: str,
    replicas: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Mean over points and replicas of ℓ(f_ω(x), y) − ℓ(f(x), y), ℓ `absolute`, `hinge` or `logistic`; (trials,)."""
    stream, (of, _) = Stream(entropy, device, dtype), decent_loss(loss)
    aim, y = stream.constant(target), stream.constant(labels)
    least = of(aim, y).mean(-1)

    def observe(values: Tensor) -> Tensor:
        return of(values, y).mean(-1) - least

    return _replicated(
        stream, _Functions(stream, centres, coefficients, points, activation), q, replicas, trials, observe
    )


def sgd_excess_loss(
    *,
    points: ArrayLike,
    target: ArrayLike,
    labels: ArrayLike,
    loss: str,
    q: int,
    activation: str,
    steps: int,
    step_size: float,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Loss over all points, less that of f, of the mean iterate of SGD; one random embedding a trial; shape (trials,).

    h_v(x) = <v, Ψ_ω(x)>, v = 0 at first, one uniformly drawn point a step, the mean of the iterates before each step.
    """
    stream, (of, _) = Stream(entropy, device, dtype), decent_loss(loss)
    x, aim, y = stream.constant(points), stream.constant(target), stream.constant(labels)
    slope, n, d = activations.slope(activation), len(x), x.shape[1]
    chunks = chunk_sizes(trials, n * q * d, stream.device)
    parts = []
    for chunk in chunks:
        features = _embedded(stream.normal(chunk, q, d), x, slope)
        order = torch.randint(n, (chunk, steps), generator=stream.generator, device=stream.generator.device)
        found = _online(features, order.to(stream.device), y, loss, step_size)
        parts.append(of(found, y).mean(-1) - of(aim, y).mean(-1))
    return torch.cat(parts)


def kernel_variance(
    *,
    correlation: float,
    q: int,
    d: int,
    activation: str,
    replicas: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Sample variance over replicas of <x, y>(1/q) Σ_i σ'(<ω_i, x>)σ'(<ω_i, y>); shape (trials,).

    Raises ValueError for fewer than two replicas.
    """
    if replicas < 2:
        raise ValueError(f"replicas must be at least 2 for a sample variance, got {replicas}")
    stream = Stream(entropy, device, dtype)
    chunks = chunk_sizes(trials, replicas * q * d, stream.device)
    entries = (_entries(stream, correlation, chunk * replicas, q, d, activation) for chunk in chunks)
    return torch.cat([_variance(entry[:, None], replicas) for entry in entries])


def active_share(
    *,
    correlation: float,
    q: int,
    d: int,
    active: int,
    replicas: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """How often exactly `active` of q ReLU neurons are active at both of two inputs, over replicas; shape (trials,)."""
    stream = Stream(entropy, device, dtype)
    chunks = chunk_sizes(trials, replicas * q * d, stream.device)
    counts = [_entries(stream, correlation, chunk * replicas, q, d, "relu") / correlation * q for chunk in chunks]
    hits = torch.cat([((count - active).abs() < 0.5).to(stream.dtype) for count in counts])
    return hits.reshape(trials, replicas).mean(1)


def kernel_distance(
    *,
    points: ArrayLike,
    kernel: ArrayLike,
    sizes: ArrayLike,
    activation: str,
    replicas: int,
    trials: int,
    entropy: int,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """Operator norm of the random kernel matrix less `kernel` on the points, at each q of `sizes`, over `kernel`'s own.

    Root mean square over replicas; shape (trials, len(sizes)): a row's columns share their first ω.
    """
    stream, counts = Stream(entropy, device, dtype), [int(size) for size in np.asarray(sizes)]
    x, expected = stream.constant(points), stream.constant(kernel)
    slope, most = activations.slope(activation), max(counts)
    scale = torch.linalg.matrix_norm(expected, 2)
    parts = []
    for chunk in chunk_sizes(trials, replicas * most * max(x.shape), stream.device):
        s = slope(stream.normal(chunk * replicas, most, x.shape[1]) @ x.mT)
        grams = [(x @ x.mT) * (s[:, :q].mT @ s[:, :q]) / q for q in counts]
        norms = torch.stack([torch.linalg.matrix_norm(gram - expected, 2) / scale for gram in grams], dim=1)
        parts.append(norms.reshape(chunk, replicas, len(counts)).square().mean(1).sqrt())
    return torch.cat(parts)


def reproduced_value_at(
    *,
    W: ArrayLike,
    points: ArrayLike,
    labels: ArrayLike,
    activation: str,
    trials: int = 1,
    entropy: int = 0,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """<f, k(·, x_1)> for f = Σ_i y_i k(·, x_i), each as the least vector of the embedding's space that makes it.

    W has shape (d, q), one ω a column; y is `labels`. The same number in each of the (trials,) rows.
    """
    stream = Stream(entropy, device, dtype)
    Psi = _features_at(stream, W, points, activation)
    gram = Psi @ Psi.mT
    inverse = torch.linalg.pinv(Psi)
    least = inverse @ (gram @ stream.constant(labels))
    section = inverse @ gram[:, 0]
    value: Tensor = least @ section
    return value.repeat(trials)


def smallest_vector_norm_at(
    *,
    W: ArrayLike,
    points: ArrayLike,
    labels: ArrayLike,
    activation: str,
    trials: int = 1,
    entropy: int = 0,
    device: str = "cpu",
    dtype: str = "float64",
) -> Tensor:
    """The least ‖v‖ with <v, Ψ_ω(x_i)> = f(x_i), f = Σ_i y_i k(·, x_i), and W, `labels` as in `reproduced_value_at`."""
    stream = Stream(entropy, device, dtype)
    Psi = _features_at(stream, W, points, activation)
    values = Psi @ (Psi.mT @ stream.constant(labels))
    least: Tensor = torch.linalg.vector_norm(torch.linalg.pinv(Psi) @ values)
    return least.repeat(trials)


class _Functions:
    """Draws f_ω at the points: each call gives (count, points)."""

    def __init__(
        self, stream: Stream, centres: ArrayLike, coefficients: ArrayLike, points: ArrayLike, activation: str
    ) -> None:
        self.z, self.x = stream.constant(centres), stream.constant(points)
        self.weight = (self.x @ self.z.mT) * stream.constant(coefficients)
        self.slope = activations.slope(activation)
        self.size = sum(map(len, (self.z, self.x))) + self.x.shape[1]

    def __call__(self, stream: Stream, count: int, q: int) -> Tensor:
        return _function_kernel(stream.normal(count * q, self.x.shape[1]), self.z, self.x, self.weight, self.slope, q)


def _function_kernel(
    omega: Tensor, z: Tensor, x: Tensor, weight: Tensor, slope: Callable[[Tensor], Tensor], q: int
) -> Tensor:
    """omega (count q, d), centres z, points x, weight_pj = <x_p, z_j> c_j to values (count, points)."""
    terms = slope(omega @ x.mT) * (slope(omega @ z.mT) @ weight.mT)
    values: Tensor = terms.reshape(-1, q, len(x)).mean(1)
    return values


def _replicated(
    stream: Stream, functions: _Functions, q: int, replicas: int, trials: int, observe: Callable[[Tensor], Tensor]
) -> Tensor:
    chunks = chunk_sizes(trials, replicas * q * functions.size, stream.device)
    return torch.cat(
        [observe(functions(stream, chunk * replicas, q)).reshape(chunk, replicas).mean(1) for chunk in chunks]
    )


def _variance(values: Tensor, replicas: int) -> Tensor:
    """Values (trials replicas, points) to the mean over points of their unbiased variance over replicas."""
    spread: Tensor = values.reshape(-1, replicas, values.shape[-1]).var(dim=1).mean(-1)
    return spread


def _entries(stream: Stream, correlation: float, count: int, q: int, d: int, activation: str) -> Tensor:
    """`count` entries <x, y>(1/q) Σ_i σ'(<ω_i, x>)σ'(<ω_i, y>)."""
    x, y = (stream.constant(each) for each in _pair(correlation, d))
    omega, slope = stream.normal(count, q, d), activations.slope(activation)
    entries: Tensor = correlation * (slope(omega @ x) * slope(omega @ y)).mean(-1)
    return entries


def _pair(correlation: float, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Two unit vectors of R^d at a correlation, spread over all coordinates. Raises ValueError for d < 2."""
    if d < 2:
        raise ValueError(f"two inputs at a correlation need d ≥ 2, got {d}")
    first = np.full(d, 1 / math.sqrt(d))
    second = np.where(np.arange(d) % 2 == 0, 1.0, -1.0)
    second = second - (second @ first) * first
    second /= np.linalg.norm(second)
    return first, correlation * first + math.sqrt((1 - correlation) * (1 + correlation)) * second


def _embedded(omega: Tensor, x: Tensor, slope: Callable[[Tensor], Tensor]) -> Tensor:
    """omega (trials, q, d) to Ψ_ω of every point, (trials, points, q d)."""
    features = slope(x @ omega.mT)[..., None] * x[:, None, :] / math.sqrt(omega.shape[1])
    embedded: Tensor = features.flatten(-2)
    return embedded


def _online(features: Tensor, order: Tensor, y: Tensor, loss: str, step_size: float) -> Tensor:
    """One pass over `order`, (trials, steps); the values of the mean iterate at every point."""
    slope, rows = decent_loss(loss)[1], torch.arange(len(features), device=features.device)
    v = torch.zeros_like(features[:, 0])
    total = torch.zeros_like(v)
    for chosen in order.unbind(1):
        total = total + v
        at = features[rows, chosen]
        v = v - step_size * slope((v * at).sum(-1), y[chosen])[:, None] * at
    found: Tensor = (features @ (total / order.shape[1])[..., None])[..., 0]
    return found


def _features_at(stream: Stream, W: ArrayLike, points: ArrayLike, activation: str) -> Tensor:
    omega = stream.constant(np.asarray(W, dtype=np.float64).T)
    return _embedded(omega[None], stream.constant(points), activations.slope(activation))[0]
