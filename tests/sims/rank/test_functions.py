"""Every elementary function, softmax and the formulas made of them, held to mpmath at random and at edge points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import flint
import mpmath
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from lazy_assay.sims.rank import program as p
from lazy_assay.sims.rank._integers import Integers
from lazy_assay.sims.rank.enclosures.balls import Balls
from lazy_assay.sims.rank.enclosures.enclosure import Float64
from lazy_assay.sims.rank.enclosures.radii import Enclosure
from lazy_assay.sims.rank.functions import FUNCTIONS
from lazy_assay.sims.rank.tracing.trace import program

DIGITS = 60
RNG = np.random.default_rng(0)
EDGES = [0.0, -0.0, 5e-324, -5e-324, 2.0**-1022, 1e-300, -1e-300, 1e-17, -1e-17, 1.0, -1.0, 1 + 2.0**-52,
         1 - 2.0**-53, 36.7, -36.7, 709.7, -708.4, 710.0, -745.2, -1e4, 1e4, 1e154, -1e154, 1e300, -1e300,
         1.7e308, -1.7e308]  # fmt: skip
POINTS = np.array([*EDGES, *RNG.standard_normal(15), *(RNG.standard_normal(15) * 10.0 ** RNG.uniform(-9, 3, 15))])
RADII = [0.0, 1e-15, 1e-3, 1.0, 50.0]

EXACT: dict[str, Callable[[Any], Any]] = {
    "exp": mpmath.exp, "log": mpmath.log, "sqrt": mpmath.sqrt, "reciprocal": lambda z: 1 / z, "erf": mpmath.erf,
    "sin": mpmath.sin, "cos": mpmath.cos, "abs": abs,
}  # fmt: skip
DEFINED: dict[str, Callable[[Any], bool]] = {
    "log": lambda z: z > 0, "sqrt": lambda z: z >= 0, "reciprocal": lambda z: z != 0
}  # fmt: skip
# Their slopes must hold within a whole interval, as must those that stood before.
OTHERS: dict[str, tuple[p.Operation, Callable[[Any], Any]]] = {
    "tanh": (p.Tanh(), mpmath.tanh), "sigmoid": (p.Sigmoid(), lambda z: 1 / (1 + mpmath.exp(-z))),
    "silu": (p.Silu(), lambda z: z / (1 + mpmath.exp(-z))), "gelu": (p.Gelu(), lambda z: z * mpmath.ncdf(z)),
    "gelu by tanh": (p.Gelu(True), lambda z: z / (1 + mpmath.exp(
        -2 * mpmath.sqrt(2 / mpmath.pi) * (z + mpmath.mpf(44715) / 1000000 * z**3)))),
    "softplus": (p.Softplus(3.0), lambda z: mpmath.log1p(mpmath.exp(-abs(3 * z))) / 3 + max(z, 0)),
}  # fmt: skip
ALL = {**{name: (FUNCTIONS[name], exact) for name, exact in EXACT.items()}, **OTHERS}


def beyond(found: Enclosure, exact: list[Any]) -> list[int]:
    """The places where an exact value lies outside of its enclosure; an unknown radius holds everything."""
    told = zip(found.middle.ravel().tolist(), found.radius.ravel().tolist(), exact, strict=True)
    return [i for i, (m, r, e) in enumerate(told) if np.isfinite(r) and not abs(e - mpmath.mpf(m)) <= mpmath.mpf(r)]


def ends(name: str, radius: float) -> list[tuple[int, Any]]:
    """Points of each interval at which the function is defined throughout: its ends and its middle."""
    defined = DEFINED.get(name, lambda z: True)
    found: list[tuple[int, Any]] = []
    for i, x in enumerate(POINTS.tolist()):
        points = [mpmath.mpf(x) + share * mpmath.mpf(radius) for share in (-1, -0.5, 0, 0.5, 1)]
        found += [(i, z) for z in points if defined(z)]
    return found


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("radius", RADII)
def test_values_of_a_whole_interval_lie_within_the_radii(name: str, radius: float) -> None:
    operation, exact = ALL[name]
    found = Float64().apply(operation, Enclosure(POINTS, np.full(len(POINTS), radius)))
    with mpmath.workdps(DIGITS):
        points = ends(name, radius)
        at = [i for i, _ in points]
        values = [exact(z) if abs(z) < 1e5 or name in ("sqrt", "log", "reciprocal", "abs") else None for _, z in points]
        kept = [(i, v) for i, v in zip(at, values, strict=True) if v is not None]
        where = [i for i, _ in kept]
        assert not beyond(Enclosure(found.middle[where], found.radius[where]), [v for _, v in kept])
    assert np.isfinite(found.radius).sum() > (0 if radius > 1 and name in DEFINED else len(POINTS) / 8)


@pytest.mark.parametrize("name", EXACT)
def test_where_a_function_is_not_defined_nothing_is_known(name: str) -> None:
    defined = DEFINED.get(name, lambda z: True)
    for radius in RADII:
        found = Float64().apply(FUNCTIONS[name], Enclosure(POINTS, np.full(len(POINTS), radius)))
        bad = np.array([not (defined(x - radius) and defined(x) and defined(x + radius)) or abs(x) < radius * 0
                        for x in POINTS.tolist()])  # fmt: skip
        assert not np.isfinite(found.radius[bad]).any()


@pytest.mark.parametrize("name", EXACT)
def test_balls_hold_the_same_values(name: str) -> None:
    inside = [x for x in POINTS.tolist() if abs(x) < 700 and DEFINED.get(name, lambda z: True)(x)]
    with mpmath.workdps(DIGITS), flint.ctx.workprec(120):
        for x in inside:
            wanted = flint.arb(mpmath.nstr(EXACT[name](mpmath.mpf(x)), 50))
            found = FUNCTIONS[name].ball(flint.arb(x))
            assert abs(found - wanted) <= abs(wanted) * 1e-30 + 1e-300


@pytest.mark.parametrize("name", [name for name in ALL if name != "abs"])
def test_a_radius_that_is_dropped_is_caught(name: str) -> None:
    operation, exact = ALL[name]
    x = np.abs(RNG.standard_normal(30)) + 0.5
    found = Float64().apply(operation, Enclosure(x, np.full(30, 1e-3)))
    with mpmath.workdps(DIGITS):
        values = [exact(mpmath.mpf(z) + mpmath.mpf(1e-3)) for z in x.tolist()]
        assert beyond(replace(found, radius=found.radius / 1e6), values)


# -- softmax -----------------------------------------------------------------------------------------------------------


def softmax(row: list[Any], kept: list[bool]) -> list[Any]:
    most = max(z for z, stays in zip(row, kept, strict=True) if stays)
    terms = [mpmath.exp(z - most) if stays else mpmath.mpf(0) for z, stays in zip(row, kept, strict=True)]
    return [term / sum(terms) for term in terms]


ROWS = {
    "moderate": [0.3, -1.2, 2.5, 0.0], "ties": [1.0, 1.0, 1.0, 1.0], "far apart": [800.0, -800.0, 0.0, 799.0],
    "huge": [1e300, -1e300, 1e300, 0.0], "the least float": [1.0, -1.7976931348623157e308, 2.0, -1e9],
    "minus a thousand million": [-1e9, -1e9 + 1, 0.5, 1.0],
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("radius", [0.0, 1e-12, 1e-2, 0.3, 3.0, "relative"])
@pytest.mark.parametrize("kept", [None, [True, False, True, True], [False, True, False, False]])
def test_softmax_lies_within_its_radii(row: list[float], radius: Any, kept: list[bool] | None) -> None:
    x = np.array([row])
    radii = np.abs(x) * 2.0**-50 if radius == "relative" else np.full(x.shape, radius)
    found = Float64().apply(p.Softmax(None if kept is None else np.array(kept)), Enclosure(x, radii))
    with mpmath.workdps(DIGITS):
        for signs in ([1, -1, 1, -1], [-1, 1, 1, 1], [1, -1, -1, -1], [0, 0, 0, 0], [1, 1, -1, 1]):
            moved = [mpmath.mpf(z) + s * mpmath.mpf(r) for z, s, r in zip(row, signs, radii[0].tolist(), strict=True)]
            assert not beyond(found, softmax(moved, kept or [True] * 4))


def test_far_entries_do_not_spoil_the_others() -> None:
    x = np.array([[0.5, -1.7e308, 1.0, -1e9]])
    found = Float64().apply(p.Softmax(), Enclosure(x, np.abs(x) * 2.0**-52))
    assert found.radius.max() < 1e-14


# -- formulas ----------------------------------------------------------------------------------------------------------

Q = mpmath.mpf
FORMULAS: dict[str, tuple[Callable[[torch.Tensor], torch.Tensor], Callable[[list[Any]], list[Any]]]] = {
    "elu": (lambda x: functional.elu(x, 0.75), lambda r: [z if z > 0 else Q(0.75) * mpmath.expm1(z) for z in r]),
    "selu": (functional.selu, lambda r: [Q(1.0507009873554804934193349852946) * (
        z if z > 0 else Q(1.6732632423543772848170429916717) * mpmath.expm1(z)) for z in r]),
    "mish": (functional.mish, lambda r: [z * mpmath.tanh(mpmath.log1p(mpmath.exp(z))) for z in r]),
    "log sigmoid": (functional.logsigmoid, lambda r: [-mpmath.log1p(mpmath.exp(-z)) for z in r]),
    "hardswish": (functional.hardswish, lambda r: [z * min(max(z + 3, Q(0)), Q(6)) / 6 for z in r]),
    "relu6": (functional.relu6, lambda r: [min(max(z, Q(0)), Q(6)) for z in r]),
    "clamp the wrong way round": (lambda x: x.clamp(2.0, -1.0), lambda r: [Q(-1) for z in r]),
    "softsign": (functional.softsign, lambda r: [z / (1 + abs(z)) for z in r]),
    "cube": (lambda x: x**3, lambda r: [z**3 for z in r]),
    "log softmax": (lambda x: x.log_softmax(-1), lambda r: [z - mpmath.log(sum(map(mpmath.exp, r))) for z in r]),
    "logsumexp": (lambda x: x + x.logsumexp(-1, keepdim=True),
                  lambda r: [z + mpmath.log(sum(map(mpmath.exp, r))) for z in r]),
    "deviation": (lambda x: x / x.std(-1, keepdim=True), lambda r: [z / mpmath.sqrt(
        sum((w - sum(r) / 4) ** 2 for w in r) / 3) for z in r]),
    "biased variance": (lambda x: x * x.var(-1, keepdim=True, correction=0), lambda r: [z * (
        sum((w - sum(r) / 4) ** 2 for w in r) / 4) for z in r]),
    "unit length": (lambda x: functional.normalize(x, dim=-1), lambda r: [z / mpmath.norm(r) for z in r]),
    "by the largest": (lambda x: functional.normalize(x, p=np.inf, dim=-1),
                       lambda r: [z / max(map(abs, r)) for z in r]),
    "rms norm": (lambda x: functional.rms_norm(x, (4,), eps=0.125), lambda r: [
        z / mpmath.sqrt(sum(w * w for w in r) / 4 + Q(0.125)) for z in r]),
    "layer norm": (lambda x: functional.layer_norm(x, (4,), eps=0.0), lambda r: [(z - sum(r) / 4) / mpmath.sqrt(
        sum((w - sum(r) / 4) ** 2 for w in r) / 4) for z in r]),
    "glu": (lambda x: functional.glu(torch.cat([x, 2 * x], -1)), lambda r: [z / (1 + mpmath.exp(-2 * z)) for z in r]),
    "maximum": (lambda x: torch.maximum(x, x.flip(-1)), lambda r: [max(z, w) for z, w in zip(r, r[::-1], strict=True)]),
    "least entry": (lambda x: x - x.amin(-1, keepdim=True), lambda r: [z - min(r) for z in r]),
}  # fmt: skip
# Large, small, with ties, and spread; one row each.
DATA = np.array([[0.5, -1.5, 2.0, 0.75], [30.0, -20.0, 5.0, 1.0], [1e-6, 2e-6, -1e-6, 0.0], [1.0, 1.0, 1.0, 1.5],
                 [4.0, 9.0, -7.0, 2.0]])  # fmt: skip


EXACTLY: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "clamp": lambda x: x.clamp(-1.0, 1.5), "relu6": functional.relu6, "abs": lambda x: 3 - x.abs() * 0.5,
    "hardtanh": lambda x: functional.hardtanh(x, -0.5, 0.25), "minimum": lambda x: torch.minimum(x, x.flip(0) - 1),
    "where": lambda x: torch.where(torch.eye(5, 4, dtype=torch.bool), x, -2.5),
    "masked": lambda x: x.masked_fill(torch.eye(5, 4, dtype=torch.bool), 0.75),
    "prelu": lambda x: functional.prelu(x, torch.tensor([0.25], dtype=x.dtype)),
    "norms": lambda x: x + x.norm(1, dim=-1, keepdim=True) + x.norm(np.inf, dim=0, keepdim=True),
}  # fmt: skip


class Applied(nn.Module):
    def __init__(self, function: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.function, self.last = function, nn.Linear(4, 1).double()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.last(self.function(x))
        return out


@pytest.mark.parametrize("function, exact", FORMULAS.values(), ids=FORMULAS)
def test_a_formula_is_the_operator_in_both_arithmetics(
    function: Callable[[torch.Tensor], torch.Tensor], exact: Callable[[list[Any]], list[Any]]
) -> None:
    told = program(Applied(function), DATA)
    found = told.run(Float64(), DATA)
    with mpmath.workdps(DIGITS), flint.ctx.workprec(160):
        values = [v for row in DATA.tolist() for v in exact([Q(z) for z in row])]
        assert not beyond(found, values)
        balls = told.run(Balls(), DATA).ravel()
        for ball, value in zip(balls, values, strict=True):
            assert abs(ball - flint.arb(mpmath.nstr(value, 55))) <= 1e-35
    assert np.isfinite(found.radius).all()
    assert found.radius.max() < 1e-9


@pytest.mark.parametrize("function", EXACTLY.values(), ids=EXACTLY)
def test_what_is_rational_stays_so(function: Callable[[torch.Tensor], torch.Tensor]) -> None:
    x = np.round(DATA * 8) / 8
    exact = program(Applied(function), x).run(Integers(), x)
    wanted = function(torch.tensor(x)).numpy()
    assert [exact.unit * n for n in exact.numerators.ravel()] == [Fraction(v) for v in wanted.ravel().tolist()]
