"""A small claim whose truth is known, simulated by coin tosses: what the harness says of it can be judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp

from lazy_assay.checks.procedures.means import Means
from lazy_assay.checks.statistics import ErrorRates
from lazy_assay.checks.vocabulary.check import Resolution, Route
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import Profile
from lazy_assay.checks.vocabulary.result import Result, Subject, Tolerance, Verdict
from lazy_assay.checks.vocabulary.space import Between, Space
from lazy_assay.theory import Claim, Decoy, Integer, Limit, Paper, Parameter, Quantity, Source

SOURCE = Source(paper=Paper(key="coin", authors="Nobody", title="Coins", venue="nowhere", year=2026), locator="Eq. (1)")
d, R = sp.Symbol("d", integer=True, positive=True), sp.Symbol("R")
DIMENSION = Parameter("d", d, "size", Integer(4))


def chance(d: int) -> float:
    """The truth: the chance of heads."""
    return 0.4 + 0.25 / d


def toss(*, d: int, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64") -> np.ndarray:
    """Coin tosses of the stated chance, shape (trials,)."""
    return (np.random.default_rng(entropy).random(trials) < chance(d)).astype(float)


PART = Limit(
    sentence="The chance of heads tends to 2/5.",
    quantity=Quantity(symbol=R, meaning="chance of heads"),
    statement=sp.Eq(R, sp.Rational(2, 5)),
    rate=1 / d,
    parameters=(DIMENSION,),
    published=lambda: 0.4,
    finite=chance,
    limit_of=lambda d: {},
    decoys=(Decoy(name="half", sentence="a fair coin", published=lambda: 0.5),),
)
QUICK = Profile(name="small", examples=6, targeted=True, search_trials=300, confirm_trials=900, seeds=12, guard=600)
# Inflated: a run may be wrong one time in twenty, and a search meets a suspect in most runs.
INFLATED = ErrorRates(false_alarm=0.05, miss=0.3, claims_cap=1, suspects_cap=8)


@pytest.fixture
def part() -> Limit:
    """The part of the coin claim."""
    return PART


@pytest.fixture
def claim() -> Callable[..., Claim]:
    """A claim of the parts given; of the coin's where none is."""
    return lambda *parts: Claim(module="theory.coin.claim", title="Coins", source=SOURCE, parts=parts or (PART,))


@pytest.fixture
def context(claim: Callable[..., Claim]) -> Callable[..., Context]:
    """A context with a small budget, inflated rates and tosses in place of the route's simulation."""

    def make(entropy: int = 0, kind: type[Context] = Context, **changes: Any) -> Context:
        told: dict[str, Any] = {"claim": claim(), "profile": QUICK, "rates": INFLATED, "simulate": {"tosses": toss}}
        return kind(entropy=entropy, **told | changes)

    return make


@pytest.fixture
def profile() -> Callable[..., Profile]:
    """The small profile, changed."""
    return lambda **changes: replace(QUICK, **changes)


@pytest.fixture
def means() -> Callable[..., Means]:
    """The coin's search-then-confirm check, changed; `bounds`, `bias`, `trials` and `search` go to its route."""

    def make(
        *,
        bounds: Any = (0.0, 1.0),
        bias: float = 0.0,
        resolution: float = 0.02,
        trials: int = 150,
        search: bool = True,
        **changes: Any,
    ) -> Means:
        route = Route(
            name="tosses",
            simulate=toss,
            bounds=bounds,
            allowance=lambda values: Tolerance(finite_size=bias),
            trials=lambda values: trials,
            examples=None if search else 0,
        )
        told: dict[str, Any] = {
            "space": Space(draws={"d": Between(4, 40)}, anchors=({"d": 20},)),
            "routes": (route,),
        } | changes
        return Means(resolution=Resolution(relative=0.0, absolute=resolution), **told)

    return make


@pytest.fixture
def confronted(claim: Callable[..., Claim]) -> Callable[..., list[Result]]:
    """The results of a means check of one part, in a context."""

    def run(check: Means, context: Context, part: Limit = PART) -> list[Result]:
        (task, *_) = check.tasks(claim(part))
        return task.run(context)

    return run


@pytest.fixture
def result() -> Callable[..., Result]:
    """A result that agrees, changed."""

    def make(**changes: Any) -> Result:
        told: dict[str, Any] = {
            "claim": "coin.claim", "part": "", "check": "finite size", "subject": Subject.CLAIM,
            "configuration": {"d": 20}, "route": "tosses", "verdict": Verdict.AGREES, "predicted": 0.4,
            "estimate": 0.41, "interval": (0.39, 0.43), "trials": 900,
        }  # fmt: skip
        return Result(**(told | changes))

    return make
