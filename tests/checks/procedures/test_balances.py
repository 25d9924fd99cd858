from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

from lazy_assay.checks.procedures.balances import Balances
from lazy_assay.checks.procedures.means import Control
from lazy_assay.checks.vocabulary.check import Route
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.checks.vocabulary.space import Between, OneOf, Space
from lazy_assay.theory import (
    Assumption,
    Balance,
    Claim,
    Decoy,
    Identity,
    Integer,
    InvalidParameterError,
    Paper,
    Parameter,
    Quantity,
    Real,
    Source,
)

D, m, lost = sp.Symbol("D", nonnegative=True), sp.Symbol("m", integer=True, positive=True), sp.Symbol("Delta")
SOURCE = Source(paper=Paper(key="a", authors="Nobody", title="Numbers", venue="nowhere", year=2026), locator="Eq. (1)")
FEW = Assumption(name="few", sentence="there are at most 20 particles", holds=lambda m: m <= 20)


def part(kind: type[Balance] = Balance, **rest: Any) -> Balance:
    stated: dict[str, Any] = {
        "sentence": "What is lost is what is dissipated.",
        "quantity": Quantity(symbol=lost, meaning="energy lost"),
        "statement": sp.Eq(lost, D),
        "parameters": (
            Parameter("dissipated", D, "what is dissipated", Real(0.0)),
            Parameter("m", m, "particles", Integer(1)),
        ),
        "measured": ("dissipated",),
        "published": lambda dissipated: dissipated,
        "assumptions": (FEW,),
        "decoys": (
            Decoy(name="m lost", sentence="m times less", published=lambda dissipated, m: dissipated / (m + 1)),
        ),
    }
    return kind(**{**stated, **rest})


def claim(stated: Balance) -> Claim:
    return Claim(module="theory.a.claim", title="Numbers", source=SOURCE, parts=(stated,))


def flow(*, m: int, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64") -> np.ndarray:
    """Energy lost, what is dissipated, and the error of both; among many particles some is lost otherwise."""
    dissipated = np.random.default_rng(entropy).uniform(1.0, 2.0, trials)
    return np.stack([dissipated + (0.5 if m > 20 else 0.0), dissipated, np.full(trials, 1e-12)], axis=1)


def off(row: int, by: float) -> Callable[..., np.ndarray]:
    """The same, with one row off."""

    def wrong(*, m: int, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64") -> np.ndarray:
        rows = flow(m=m, trials=trials, entropy=entropy)
        rows[row, 0] += by
        return rows

    return wrong


def balances(**rest: Any) -> Balances:
    return Balances(
        **{
            "space": Space(draws={"m": Between(2, 30)}, anchors=({"m": 7},), degenerate={"a single one": {"m": 1}}),
            "route": Route(name="flow", simulate=flow, trials=lambda values: 5),
            "rounding": lambda values: 4 * values["error"],
            "source": "the integrator's error",
            "further": ("error",),
            "controls": (Control(assumption="few", configuration={"m": 30}),),
            **rest,
        }
    )


def confronted(
    context: Callable[..., Context], simulate: Callable[..., np.ndarray] = flow, **rest: Any
) -> list[Result]:
    (task,) = balances().tasks(claim(part(**rest)))
    return task.run(context(simulate={"flow": simulate}))


def told(found: list[Result], subject: Subject) -> set[Verdict]:
    return {r.verdict for r in found if r.subject is subject and r.verdict is not Verdict.OUT_OF_REGIME}


def test_what_each_row_measured_is_what_its_quantity_is_held_against(context: Callable[..., Context]) -> None:
    found = confronted(context)
    assert told(found, Subject.CLAIM) == {Verdict.AGREES}
    assert {r.trials for r in found if r.verdict is Verdict.AGREES} == {5}
    assert all(r.predicted == r.figures["dissipated"] for r in found if r.verdict is Verdict.AGREES)
    assert {r.degenerate for r in found} == {"", "a single one"}


def test_a_decoy_takes_what_is_measured_and_the_configuration(context: Callable[..., Context]) -> None:
    assert told(confronted(context), Subject.DECOY) == {Verdict.DISAGREES}


@pytest.mark.parametrize("row", range(5))
@pytest.mark.parametrize(
    "by, verdict", [(1e-11, Verdict.DISAGREES), (-1e-11, Verdict.DISAGREES), (np.nan, Verdict.DIVERGED)]
)
def test_one_row_that_is_off_is_enough(context: Callable[..., Context], row: int, by: float, verdict: Verdict) -> None:
    assert told(confronted(context, off(row, by)), Subject.CLAIM) == {verdict}


@pytest.mark.parametrize(
    "side, by, verdict",
    [
        ("below", -0.3, Verdict.AGREES),
        ("below", 0.3, Verdict.DISAGREES),
        ("above", 0.3, Verdict.AGREES),
        ("above", -0.3, Verdict.DISAGREES),
    ],
)
def test_an_inequality_is_free_on_its_own_side(
    context: Callable[..., Context], side: str, by: float, verdict: Verdict
) -> None:
    assert told(confronted(context, off(2, by), side=side), Subject.CLAIM) == {verdict}


def test_a_broken_assumption_shows_what_it_was_for(context: Callable[..., Context]) -> None:
    (control,) = [r for r in confronted(context) if r.subject is Subject.CONTROL]
    assert (control.verdict, control.assumption, control.trials) == (Verdict.DISAGREES, "few", 5)


def test_a_row_of_another_length_is_named(context: Callable[..., Context]) -> None:
    with pytest.raises(ValueError, match=r"rows of shape .1,., not of 3 columns: the quantity, dissipated, error"):
        confronted(context, lambda **given: flow(**given)[:, :1])


def test_what_is_measured_can_be_asked_for_like_any_parameter() -> None:
    assert claim(part()).predict(dissipated=0.5) == 0.5
    with pytest.raises(InvalidParameterError, match="dissipated"):
        claim(part()).predict(dissipated=-1.0)


@pytest.mark.parametrize(
    "rest, message",
    [
        ({"measured": ("energy",)}, "measured: energy is not a declared parameter"),
        (
            {"published": lambda m: 1.0 / m},
            "published: a balance predicts its quantity from something that is measured",
        ),
    ],
)
def test_a_balance_without_a_measured_side_is_refused(rest: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        claim(part(**rest))


def test_a_configuration_holds_nothing_that_is_measured() -> None:
    check = balances(space=Space(draws={"m": Between(2, 30), "dissipated": OneOf((1.0,))}))
    with pytest.raises(ValueError, match="dissipated is measured; no configuration holds it"):
        check.validate(claim(part()))


def test_only_a_balance_has_a_measured_side() -> None:
    plain = Identity(
        sentence="A number.",
        quantity=Quantity(symbol=lost, meaning="energy lost"),
        statement=sp.Eq(lost, D),
        parameters=part().parameters,
        published=lambda dissipated: dissipated,
        decoys=part().decoys,
    )
    stated = Claim(module="theory.a.claim", title="Numbers", source=SOURCE, parts=(plain,))
    with pytest.raises(ValueError, match="of kind Identity, which has no measured side"):
        balances(controls=()).validate(stated)
