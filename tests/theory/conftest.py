"""A small valid claim, to be spoilt one field at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sympy as sp

from lazy_assay.theory import Claim, Decoy, Integer, Limit, Paper, Parameter, Part, Quantity, Real, Source

SOURCE = Source(paper=Paper(key="coin", authors="Nobody", title="Coins", venue="nowhere", year=2026), locator="Eq. (1)")
RHO = Parameter("rho", sp.Symbol("rho", positive=True), "a ratio", Real(low=0))
SIZE = Parameter("d", sp.Symbol("d", integer=True, positive=True), "a size", Integer(1))
R = sp.Symbol("R")


@pytest.fixture
def part() -> Callable[..., Part]:
    """A valid part of any kind, changed."""

    def make(kind: type[Part] = Limit, **changes: Any) -> Part:
        told = {
            "sentence": "R tends to ρ.",
            "quantity": Quantity(symbol=R, meaning="the risk"),
            "statement": sp.Eq(R, RHO.symbol),
            "parameters": (RHO, SIZE),
            "published": lambda rho: rho,
            "finite": lambda rho, d: rho + 1 / d,
            "decoys": (Decoy(name="twice", sentence="2ρ", published=lambda rho: 2 * rho),),
        }
        return kind(**(told | changes))

    return make


@pytest.fixture
def claim(part: Callable[..., Part]) -> Callable[..., Claim]:
    """A claim of the parts given, or of one valid part, changed."""

    def make(*parts: Part, selector: str = "", main: tuple[str, ...] = (), **changes: Any) -> Claim:
        told = parts or (part(**changes),)
        return Claim(module="theory.coin.claim", title="Coins", source=SOURCE, parts=told, selector=selector, main=main)

    return make
