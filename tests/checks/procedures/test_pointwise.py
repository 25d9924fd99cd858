from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp

from lazy_assay.checks.procedures.means import Control
from lazy_assay.checks.procedures.pointwise import Pointwise
from lazy_assay.checks.vocabulary.check import Route
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.result import Result, Subject, Tolerance, Verdict
from lazy_assay.checks.vocabulary.space import Between, OneOf, Space
from lazy_assay.theory import (
    Assumption,
    Bound,
    Claim,
    Decoy,
    Identity,
    Integer,
    InvalidParameterError,
    Paper,
    Parameter,
    Part,
    Quantity,
    Real,
    Source,
)

d, c, Q = sp.Symbol("d", integer=True, positive=True), sp.Symbol("c", positive=True), sp.Symbol("Q")
SOURCE = Source(paper=Paper(key="a", authors="Nobody", title="Numbers", venue="nowhere", year=2026), locator="Eq. (1)")
SMALL = Assumption(name="small", sentence="d is at most 20", holds=lambda d: d <= 20)


def reading(*, d: int, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64") -> np.ndarray:
    """Three halves of d, up to 20; its square beyond."""
    return np.full(trials, 1.5 * d if d <= 20 else float(d) ** 2)


def declared(
    kind: type[Part],
    published: Callable[..., Any],
    *,
    budget: float = 1e-9,
    allowance: float = 0.0,
    decoy: Callable[..., float] = lambda c, d: 0.1 * c * d,
    **rest: Any,
) -> tuple[Part, Pointwise]:
    """A part that says Q is `published` (c, d), with c = 1.5 computed from the configuration, and its check."""
    part = kind(
        sentence="A number of d.",
        quantity=Quantity(symbol=Q, meaning="a number"),
        statement=sp.Eq(Q, c * d),
        parameters=(Parameter("d", d, "size", Integer(4)), Parameter("c", c, "constant", Real(0.0))),
        published=published,
        assumptions=(SMALL,),
        decoys=(Decoy(name="a tenth", sentence="a tenth of it", published=decoy),),
        **rest,
    )
    check = Pointwise(
        space=Space(draws={"d": Between(4, 30)}, anchors=({"d": 7},), degenerate={"large": {"d": 25}}),
        route=Route(name="reading", simulate=reading, allowance=lambda values: Tolerance(finite_size=allowance)),
        rounding=lambda values: budget,
        source="a budget",
        constants=lambda values: {"c": 1.5},
        controls=(Control(assumption="small", configuration={"d": 30}),),
    )
    return part, check


def confronted(
    context: Callable[..., Context], kind: type[Part], published: Callable[..., Any], **given: Any
) -> list[Result]:
    """The results of Q against `published`."""
    part, check = declared(kind, published, **given)
    (task,) = check.tasks(Claim(module="theory.a.claim", title="Numbers", source=SOURCE, parts=(part,)))
    return task.run(context(simulate={"reading": reading}))


def verdicts(found: list[Result], subject: Subject) -> set[Verdict]:
    return {r.verdict for r in found if r.subject is subject}


@pytest.mark.parametrize(
    "kind, rest, published, verdict",
    [
        (Identity, {}, lambda c, d: c * d, "AGREES"),
        (Identity, {}, lambda c, d: 1.1 * c * d, "DISAGREES"),
        (Bound, {"side": "below"}, lambda c, d: 1.1 * c * d, "AGREES"),
        (Bound, {"side": "below"}, lambda c, d: 0.9 * c * d, "DISAGREES"),
        (Bound, {"side": "above"}, lambda c, d: 0.9 * c * d, "AGREES"),
        (Bound, {"side": "above"}, lambda c, d: 1.1 * c * d, "DISAGREES"),
    ],
)
def test_a_draw_is_compared_on_the_side_that_its_statement_takes(
    context: Callable[..., Context], kind: type[Part], rest: dict[str, Any], published: Callable[..., Any], verdict: str
) -> None:
    found = confronted(
        context, kind, published, decoy=lambda c, d: 0.0 if rest.get("side") != "above" else 9.0 * d, **rest
    )
    assert verdicts(found, Subject.CLAIM) == {verdict, Verdict.OUT_OF_REGIME}
    assert verdicts(found, Subject.DECOY) == {Verdict.DISAGREES}


def test_a_broken_assumption_shows_what_it_was_for(context: Callable[..., Context]) -> None:
    (control,) = [r for r in confronted(context, Identity, lambda c, d: c * d) if r.subject is Subject.CONTROL]
    assert (control.verdict, control.assumption, control.configuration) == (Verdict.DISAGREES, "small", {"d": 30})


def test_where_a_formula_refuses_by_name_there_is_nothing_to_compare(context: Callable[..., Context]) -> None:
    def picky(c: float, d: int) -> float:
        if d % 2:
            raise InvalidParameterError("d must be even here")
        return c * d

    found = [r for r in confronted(context, Identity, picky) if r.subject is Subject.CLAIM]
    outside = [r for r in found if r.message == "d must be even here"]
    assert {r.verdict for r in outside} == {Verdict.OUT_OF_REGIME}
    assert {r.configuration["d"] % 2 for r in found if r.verdict is Verdict.AGREES} == {0}


def test_the_routes_own_allowance_joins_the_rounding_and_is_told_apart_from_it(context: Callable[..., Context]) -> None:
    def off(c: float, d: int) -> float:
        return c * d + 0.3

    assert verdicts(confronted(context, Identity, off), Subject.CLAIM) == {Verdict.DISAGREES, Verdict.OUT_OF_REGIME}
    found = [r for r in confronted(context, Identity, off, allowance=0.4) if r.verdict is Verdict.AGREES]
    assert found
    assert {(r.tolerance.finite_size, r.tolerance.rounding) for r in found} == {(0.4, 1e-9)}


@pytest.mark.parametrize("profile, examples, most", [("quick", 0, 0), ("quick", 2, 2), ("full", 2, 10)])
def test_a_route_whose_draws_are_dear_is_drawn_for_fewer_configurations(
    context: Callable[..., Context], profile: str, examples: int, most: int
) -> None:
    part, check = declared(Identity, lambda c, d: c * d)
    check = replace(check, route=replace(check.route, examples=examples))
    (task,) = check.tasks(Claim(module="theory.a.claim", title="Numbers", source=SOURCE, parts=(part,)))
    found = task.run(context(profile=PROFILES[profile], simulate={"reading": reading}))
    # An anchor and a degenerate configuration come before those that are drawn.
    assert sum(r.subject is Subject.CLAIM for r in found) <= 2 + most
    assert (sum(r.subject is Subject.CLAIM for r in found) > 2) == (most > 0)


def test_what_a_coarser_path_moves_joins_the_allowance_and_comes_through_the_context(
    context: Callable[..., Context],
) -> None:
    def stepped(
        *, d: int, steps: int, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64"
    ) -> np.ndarray:
        return np.full(trials, 1.5 * d + 1.0 / steps if d <= 20 else float(d) ** 2)

    part, check = declared(Identity, lambda c, d: c * d)
    coarse = replace(
        check.route, simulate=stepped, settings=lambda values: {"steps": 10}, coarser=lambda values: {"steps": 5}
    )
    (task,) = replace(check, route=coarse).tasks(
        Claim(module="theory.a.claim", title="Numbers", source=SOURCE, parts=(part,))
    )
    found = [r for r in task.run(context(simulate={"reading": stepped})) if r.subject is Subject.CLAIM]
    judged = [r for r in found if r.verdict is not Verdict.OUT_OF_REGIME]
    assert {r.verdict for r in judged} == {Verdict.AGREES}
    assert {round(r.tolerance.discretisation, 12) for r in judged} == {0.1}
    assert all("coarser path" in r.tolerance.sources["discretisation"] for r in judged)


def test_a_decoy_is_confronted_where_it_is_the_most_budgets_away_and_not_the_furthest(
    context: Callable[..., Context],
) -> None:
    # Twice as large anywhere: furthest at 20, where nothing is known; a million budgets away at 7.
    part, check = declared(Identity, lambda c, d: c * d, decoy=lambda c, d: 2 * c * d)
    wide = replace(
        check,
        space=Space(draws={"d": OneOf((7, 20))}, anchors=({"d": 7}, {"d": 20})),
        rounding=lambda values: 1e-5 if values["d"] == 7 else 1e3,
        controls=(),
    )
    (task,) = wide.tasks(Claim(module="theory.a.claim", title="Numbers", source=SOURCE, parts=(part,)))
    (decoy,) = [r for r in task.run(context(simulate={"reading": reading})) if r.subject is Subject.DECOY]
    assert (decoy.verdict, decoy.configuration) == (Verdict.DISAGREES, {"d": 7})
