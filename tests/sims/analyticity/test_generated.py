"""Generated functions: what is certified must be analytic along lines. ASSAY_MODULES=5000 walks further than 100.

A certified function is restricted to a line through special parameters (0, ±1, … where kinks lie) or through any,
and looked at on ever finer grids around its least smooth place. Sixth differences of an analytic function shrink by 2⁶
where the spacing is halved, those of a kink by 2, of a jump not at all. A value that is no number is a false proof too.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from lazy_assay.sims.analyticity import Decision, analyticity

COUNT = int(os.environ.get("ASSAY_MODULES", "100"))
DATA = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64)
SPECIAL = [-3.0, -2.0, -1.0, -0.5, 0.0, 0.0, 0.0, 0.5, 1.0, 2.0, 3.0]
MASK = torch.full((3, 3), -torch.inf, dtype=torch.float64).triu(1)


def pooled(rng: np.random.Generator) -> Callable[..., Any]:
    padding, divisor = int(rng.integers(2)), [None, None, 1, 5][rng.integers(4)]
    counted, ceil = bool(rng.integers(2)), bool(rng.integers(2))

    def pool(v: torch.Tensor) -> torch.Tensor:
        images = v.expand(2, 3)[None, None]
        return functional.avg_pool2d(images, 2, 1, padding, ceil, counted, divisor).flatten()[-3:]

    return pool


def clamped(rng: np.random.Generator) -> Callable[..., Any]:
    ends = [None if rng.random() < 0.3 else float(rng.choice(SPECIAL)) for _ in range(2)]
    return lambda v: v.clamp(*ends) if ends != [None, None] else v


def powered(rng: np.random.Generator) -> Callable[..., Any]:
    exponent = float(rng.choice([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0]))
    return lambda v: v**exponent


def softplus(rng: np.random.Generator) -> Callable[..., Any]:
    beta, threshold = float(rng.choice([-1.0, 0.0, 1.0, 4.0])), float(rng.choice([-5.0, 0.0, 2.0, 20.0]))
    return lambda v: functional.softplus(v, beta, threshold)


def varied(rng: np.random.Generator) -> Callable[..., Any]:
    correction, of = int(rng.integers(3)), int(rng.integers(1, 4))
    return lambda v: v[:of].var(0, correction=correction, keepdim=True) + 0 * v


def affine(rng: np.random.Generator) -> Callable[..., Any]:
    factor, shift = float(rng.choice([-2.0, -1.0, -0.5, 0.5, 1.0, 2.0])), float(rng.choice(SPECIAL))
    return lambda v: factor * v + shift


def normalised(rng: np.random.Generator) -> Callable[..., Any]:
    eps = float(rng.choice([0.0, 1e-5, 0.5]))
    return lambda v: functional.layer_norm(v, (3,), eps=eps)


def elementary(name: str) -> Callable[..., Any]:
    return lambda rng: getattr(torch, name)


def of(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda rng: function


def written(v: torch.Tensor) -> torch.Tensor:
    made = torch.ones(3, dtype=v.dtype)
    made[:2].mul_(v[1:])
    return made


UNARY: list[Callable[..., Any]] = [
    *(elementary(name) for name in (
        "tanh", "sigmoid", "exp", "sin", "cos", "erf", "atan", "sinc", "square", "sqrt", "rsqrt", "log", "log1p",
        "reciprocal", "abs", "relu", "asin", "atanh", "acosh", "lgamma", "digamma", "expm1", "cosh", "sign", "round",
        "frac", "floor", "erfinv", "logit", "nan_to_num", "erfc", "asinh", "log2", "exp2",
    )),
    *(of(function) for function in (
        functional.gelu, functional.silu, functional.mish, functional.elu, functional.selu, functional.hardswish,
        functional.leaky_relu, functional.softsign, functional.logsigmoid, functional.hardtanh, functional.relu6,
        functional.tanhshrink, functional.softshrink, written, torch.Tensor.detach,
        lambda v: functional.gelu(v, approximate="tanh"), lambda v: v.softmax(0), lambda v: v.log_softmax(0),
        lambda v: v.logsumexp(0, keepdim=True) + 0 * v, lambda v: v.cumsum(0), lambda v: v.cumprod(0),
        lambda v: v.norm() + 0 * v, lambda v: v.std() + 0 * v, lambda v: v.mean() + 0 * v, lambda v: v.sum() * v,
        lambda v: v.prod() + v, lambda v: v.max() + v, lambda v: v.sort().values, lambda v: v.flip(0),
        lambda v: v.roll(1),
        lambda v: functional.pad(v[:2], (1, 0), value=1.0), lambda v: v.clone().relu_() + v,
        lambda v: v.clone().add_(1),
        lambda v: (v[:, None] * DATA + MASK).softmax(-1)[:, 0], lambda v: (v[:, None] + MASK.to(v))[:, 0] * v,
        lambda v: torch.where(DATA > 0, v, v * v), lambda v: torch.where(v > 0, v, v * v), lambda v: v % 1.5,
        lambda v: v.masked_fill(DATA > 0, 0.25), lambda v: functional.dropout(v, 0.5, True),
        lambda v: v * torch.rand_like(v),
        lambda v: v[:0].exp().sum() + v, lambda v: v.exp()[:0].mean() + v, lambda v: v * torch.rand(3).to(v).log(),
        lambda v: functional.huber_loss(v, DATA.to(v)) + v, lambda v: functional.mse_loss(v, DATA.to(v)) + v,
        lambda v: functional.cross_entropy(v[None], torch.tensor([-100])) + v, lambda v: v.logcumsumexp(0),
        lambda v: functional.cross_entropy(v[None], torch.tensor([1])) + v, lambda v: functional.normalize(v, dim=0),
        lambda v: v.double().view(torch.float32)[:3].to(v), lambda v: functional.max_pool1d(v[None], 2, 1, 1)[0, :3],
    )),
    affine, affine, affine, affine, affine, affine, pooled, pooled, clamped, clamped, powered, powered, softplus,
    varied, normalised,
]  # fmt: skip
BINARY: list[Callable[..., torch.Tensor]] = [
    torch.add, torch.sub, torch.mul, torch.mul, torch.add, torch.div, torch.maximum, torch.logaddexp, torch.pow,
    torch.atan2, torch.hypot, torch.remainder, lambda u, v: torch.lerp(u, v, 0.25), lambda u, v: torch.xlogy(u, v),
    lambda u, v: torch.add(u, v, alpha=-2), lambda u, v: torch.div(u, v, rounding_mode="floor"),
    lambda u, v: torch.addcdiv(u, v, u * u + 1), lambda u, v: torch.cat([u, v])[1:4], lambda u, v: torch.dot(u, v) + u,
]  # fmt: skip


class Generated(nn.Module):
    """A function of one parameter of three numbers, reached by name, in a list or through a view."""

    def __init__(self, rng: np.random.Generator, size: int) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.tensor(rng.choice(SPECIAL, 3)))
        self.ways = [self.w]
        self.function = self.grown(rng, size)
        self.names: list[str] = []

    def grown(self, rng: np.random.Generator, size: int) -> Callable[..., Any]:
        if size <= 0:
            kind = int(rng.integers(8))
            if kind == 0:
                return lambda w, x: self.ways[0]
            return (lambda w, x: x) if kind == 1 else (lambda w, x: w)
        if rng.random() < 0.25:
            join = BINARY[rng.integers(len(BINARY))]
            left, right = self.grown(rng, size // 2), self.grown(rng, size // 2)
            return lambda w, x: join(left(w, x), right(w, x))
        made, inner = UNARY[rng.integers(len(UNARY))](rng), self.grown(rng, size - 1)
        return lambda w, x: made(inner(w, x))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.function(self.w, x)
        return out


def generated(seed: int) -> tuple[Generated, np.random.Generator]:
    rng = np.random.default_rng([11, seed])
    return Generated(rng, int(rng.integers(1, 5))), rng


def on_line(
    module: Generated, middle: torch.Tensor, direction: torch.Tensor, weights: torch.Tensor
) -> Callable[..., Any]:
    """The function along a line, one number for each place t."""

    def value(places: np.ndarray) -> np.ndarray:
        found = []
        before = module.w.detach().clone()
        for t in places:
            module.w.data.copy_(middle + t * direction)
            torch.manual_seed(5)
            with torch.no_grad():
                values = module(DATA).flatten()
            found.append(float(values @ weights[: len(values)]))
        module.w.data.copy_(before)
        return np.array(found)

    return value


SIXTH = np.array([1, -6, 15, -20, 15, -6, 1], dtype=float)


def not_analytic(value: Callable[..., Any], middle: float, spacing: float) -> str:
    """A reason why the function is not analytic near `middle`, looking closer where it is least smooth; or none."""
    for _ in range(4):
        places = middle + spacing * np.arange(-24, 25)
        f = value(places)
        if not np.isfinite(f).all():
            return "no number" if np.nanmax(np.abs(f[np.isfinite(f)]), initial=0.0) < 1e100 else ""
        fine = np.abs(np.convolve(f, SIXTH, "valid"))
        worst = int(fine.argmax())
        middle, last = places[worst + 3], spacing
        spacing /= 6
    # At the last grid, with the middle one at the worst place.
    f = value(middle + last * np.arange(-24, 25) / 2)
    fine, coarse = (np.abs(np.convolve(g, SIXTH, "valid")).max() for g in (f[12:37], f[::2]))
    # Parameters and data are of order one, so that what is summed up is too, also where it cancels.
    floor = 1e3 * 64 * np.finfo(float).eps * max(np.abs(f).max(), 1.0)
    return f"sixth differences {coarse:.1e} and {fine:.1e}" if fine > floor and coarse < 16 * fine else ""


def refuted(module: Generated, rng: np.random.Generator) -> str:
    """A reason why a certified function is not analytic, or none."""
    weights = torch.tensor(rng.uniform(0.5, 1.5, 9))
    for middle in (torch.zeros(3), torch.tensor(rng.choice(SPECIAL, 3)), torch.tensor(rng.standard_normal(3))):
        direction = torch.tensor(rng.standard_normal(3))
        if reason := not_analytic(on_line(module, middle.double(), direction, weights), 0.0, 0.05):
            return f"{reason} near {middle.tolist()}"
    return ""


def walked(seeds: range) -> tuple[Counter[str], list[Any]]:
    """How often each decision was made; false proofs by their seeds."""
    found: Counter[str] = Counter()
    wrong: list[Any] = []
    for seed in seeds:
        module, rng = generated(seed)
        try:
            answer = analyticity(module, DATA)
        except Exception as error:
            wrong.append((seed, "raised", repr(error)))
            continue
        found[answer.decision.value] += 1
        if not answer.certified:
            found["refused: " + answer.reason.split(":")[0][:40]] += 1
        elif reason := refuted(module, rng):
            wrong.append((seed, reason, answer.reason))
    return found, wrong


@pytest.fixture(scope="module")
def walk() -> tuple[Counter[str], list[Any]]:
    return walked(range(COUNT))


def test_no_certified_function_has_a_kink_a_jump_or_a_pole(walk: tuple[Counter[str], list[Any]]) -> None:
    found, wrong = walk
    assert not wrong, wrong
    assert found[Decision.ANALYTIC.value] + found[Decision.ANALYTIC_ON_DOMAIN.value] > COUNT / 8, found


PLANTED = {
    "a kink": lambda w, x: (w - 0.3).abs(), "a kink of the second derivative": lambda w, x: functional.elu(w * x - 0.2),
    "a jump": lambda w, x: (w * 2).round(), "a pole": lambda w, x: 1 / (w - w), "a root": lambda w, x: (w * w).sqrt(),
    "a maximum": lambda w, x: torch.maximum(w, x),
    "a softplus that switches": lambda w, x: functional.softplus(w, 4.0, 2.0),
    "a norm": lambda w, x: w.norm() + w,
}  # fmt: skip
SMOOTH = {
    "a polynomial": lambda w, x: w**3 - x * w, "tanh": lambda w, x: (3 * w).tanh(),
    "a square root": lambda w, x: (w * w + 1).sqrt(),
    "softmax": lambda w, x: (4 * w).softmax(0), "exponentials": lambda w, x: w.exp().exp(),
}  # fmt: skip


@pytest.mark.parametrize("function", PLANTED.values(), ids=PLANTED)
def test_the_probe_sees_what_is_not_analytic(function: Callable[..., Any]) -> None:
    module, rng = generated(0)
    module.function = function
    assert refuted(module, rng)


@pytest.mark.parametrize("function", SMOOTH.values(), ids=SMOOTH)
def test_the_probe_sees_nothing_in_what_is_analytic(function: Callable[..., Any]) -> None:
    module, rng = generated(0)
    module.function = function
    assert not refuted(module, rng)


if __name__ == "__main__":
    told, false = walked(range(COUNT))
    for kind, number in told.most_common():
        print(f"{number:6d}  {kind}")
    print(f"{len(false)} false proofs")
    for each in false[:60]:
        print(each)
