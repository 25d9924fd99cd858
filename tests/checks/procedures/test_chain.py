import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NoReturn, TypeVar

import numpy as np
import pytest
import sympy as sp

from lazy_assay import theory
from lazy_assay.checks.engine.registry import tasks
from lazy_assay.checks.procedures import chain, statement
from lazy_assay.checks.procedures.identity import derivation
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.theory import (
    Decoy,
    Growth,
    Identity,
    Integer,
    InvalidParameterError,
    Limit,
    Parameter,
    Part,
    Quantity,
    Real,
)
from lazy_assay.theory.ghorbani2019 import corollary1, theorem2
from lazy_assay.theory.ghorbani2019._quadratic_target import rho, trace_ratio

LIMIT_2, EVERY_WEIGHT, CAUCHY_SCHWARZ = theorem2.CLAIM.parts
LIMIT_1, DERIVED, _ = corollary1.CLAIM.parts
assert isinstance(LIMIT_2, Limit)
assert isinstance(LIMIT_1, Limit)
assert isinstance(DERIVED, Identity)
THEOREM_2, COROLLARY_1, SUBSTITUTION = LIMIT_2, LIMIT_1, DERIVED
WRONG = sp.Rational(1001, 1000)
Kind = TypeVar("Kind", bound=Part)


def context(entropy: int = 0, **changes: Any) -> Context:
    return Context(claim=theorem2.CLAIM, profile=PROFILES["quick"], entropy=entropy, **changes)


def verdicts(results: Iterable[Result]) -> set[Verdict]:
    return {r.verdict for r in results}


def refuting(results: Iterable[Result]) -> set[str]:
    return {r.route for r in results if r.verdict is Verdict.DISAGREES}


def mistaken(part: Kind, factor: sp.Expr = WRONG) -> Kind:
    assert part.statement is not None
    return replace(part, statement=part.statement.func(part.statement.lhs, factor * part.statement.rhs))


@pytest.mark.parametrize("part", [THEOREM_2, EVERY_WEIGHT, CAUCHY_SCHWARZ, COROLLARY_1], ids=lambda part: part.name)
def test_the_chain_of_a_right_part_holds_at_every_point(part: Part) -> None:
    found = statement.statement(context(), part)
    assert len(found) == statement.POINTS
    assert verdicts(found) == {Verdict.AGREES}


@pytest.mark.parametrize("factor", [WRONG, 1 / WRONG, 1 + sp.Rational(1, 10**9)])
@pytest.mark.parametrize("part", [THEOREM_2, EVERY_WEIGHT, CAUCHY_SCHWARZ, COROLLARY_1], ids=lambda part: part.name)
def test_a_statement_that_is_off_by_a_factor_is_caught_without_sampling(part: Part, factor: sp.Expr) -> None:
    assert Verdict.DISAGREES in verdicts(statement.statement(context(), mistaken(part, factor)))


@pytest.mark.parametrize(
    "right_hand_side",
    [
        theorem2.beyond**2 * (1 - trace_ratio) - theorem2.beyond * trace_ratio,
        theorem2.beyond * (1 - trace_ratio) + theorem2.beyond * trace_ratio,
        theorem2.beyond**2 * (1 - 2 * trace_ratio) + theorem2.beyond * trace_ratio,
        (1 - rho) ** 2 * (1 - trace_ratio) + (1 - rho) * trace_ratio,
    ],
    ids=["a sign", "a square", "a factor 2", "a positive part"],
)
def test_a_slip_in_the_statement_of_theorem_2_is_caught(right_hand_side: sp.Expr) -> None:
    wrong = replace(THEOREM_2, statement=sp.Eq(THEOREM_2.quantity.symbol, right_hand_side))
    assert Verdict.DISAGREES in verdicts(statement.statement(context(), wrong))


@pytest.mark.parametrize("factor", [1.001, 0.999])
def test_a_published_limit_that_is_not_the_stated_one_is_caught_twice(factor: float) -> None:
    wrong = replace(THEOREM_2, published=lambda rho, B: factor * theorem2.limit(rho, B))
    assert Verdict.DISAGREES in verdicts(statement.statement(context(), wrong))
    assert "extrapolated limit" in refuting(chain.approach(context(), wrong))


def test_the_finite_size_formulas_tend_to_their_limits_as_stated() -> None:
    found = chain.approach(context(), THEOREM_2)
    assert {r.route for r in found} == {"approach to the limit", "extrapolated limit", "leading coefficient"}
    assert verdicts(found) == {Verdict.AGREES}


# The true gap is about +0.1/d: a negative offset makes it change sign on the way.
@pytest.mark.parametrize("offset", [1e-2, 1e-3, 1e-4, -1e-4, -1e-3, -1e-2])
def test_a_finite_size_formula_that_tends_to_something_else_is_caught_at_every_ratio(offset: float) -> None:
    wrong = replace(THEOREM_2, finite=lambda d, N, B: theorem2.mean(d, N, B) + offset)
    found = chain.approach(context(), wrong)
    assert THEOREM_2.growth
    for ratio in THEOREM_2.growth.ratios:
        assert "extrapolated limit" in refuting(r for r in found if r.configuration["rho"] == ratio)


def answering(least: float) -> Limit:
    """Theorem 2, with a finite form that refuses where N/d is below `least`."""

    def finite(d: int, N: int, B: np.ndarray) -> float:
        if least * d > N:
            raise InvalidParameterError(f"answers from N = {least:g} d on")
        return theorem2.mean(d, N, B)

    return replace(THEOREM_2, finite=finite)


def test_a_path_outside_the_range_of_the_finite_form_is_told_and_judged_by_nothing() -> None:
    found = chain.approach(context(), answering(1.0))
    outside = [r for r in found if r.verdict is Verdict.OUT_OF_REGIME]
    assert outside
    assert {r.message for r in outside} == {"answers from N = 1 d on"}
    assert verdicts(found) == {Verdict.AGREES, Verdict.OUT_OF_REGIME}


def test_a_finite_form_that_answers_on_no_path_approaches_nothing() -> None:
    with pytest.raises(InvalidParameterError, match=r"answers on no path: answers from N = 1e\+09 d on"):
        chain.approach(context(), answering(1e9))


# The gap of Corollary 1 is negative: this one changes sign.
def test_it_is_caught_where_weights_are_anisotropic_too() -> None:
    wrong = replace(COROLLARY_1, finite=lambda d, N, B, Gamma: corollary1.finite(d, N, B, Gamma) + 3e-3)
    options = {"B": "quantiles", "Gamma": "linear"}
    verdicts = [
        chain._extrapolated_limit(context(), part, 2.0, options, chain._gaps(part, 2.0, options)).verdict
        for part in (COROLLARY_1, wrong)
    ]
    assert verdicts == [Verdict.AGREES, Verdict.DISAGREES]


@pytest.mark.parametrize("factor", [0.9, 1.1, -1.0])
def test_a_wrong_leading_coefficient_is_caught(factor: float) -> None:
    right = THEOREM_2.coefficient
    assert right
    wrong = replace(THEOREM_2, coefficient=lambda rho, B: factor * right(rho, B))
    assert refuting(chain.approach(context(), wrong)) == {"leading coefficient"}


def test_a_finite_size_formula_that_closes_slower_than_stated_is_caught() -> None:
    def slow(d: int, N: int, B: np.ndarray) -> float:
        return theorem2.limit(N / d, B) + (theorem2.mean(d, N, B) - theorem2.limit(N / d, B)) * math.sqrt(d)

    found = chain.approach(context(), replace(THEOREM_2, finite=slow, coefficient=None))
    assert "approach to the limit" in refuting(found)


def test_a_finite_size_formula_that_closes_faster_than_stated_is_fine() -> None:
    def fast(d: int, N: int, B: np.ndarray) -> float:
        return theorem2.limit(N / d, B) + (theorem2.mean(d, N, B) - theorem2.limit(N / d, B)) / d

    assert verdicts(chain.approach(context(), replace(THEOREM_2, finite=fast, coefficient=None))) == {Verdict.AGREES}


def test_the_printed_forms_are_held_against_each_other() -> None:
    symbol = THEOREM_2.quantity.symbol
    right = replace(THEOREM_2, printed=lambda rho: rho, printed_statement=sp.Eq(symbol, rho))
    assert verdicts(statement.statement(context(), right)) == {Verdict.AGREES}
    wrong = replace(right, printed_statement=sp.Eq(symbol, 2 * rho))
    found = [r for r in statement.statement(context(), wrong) if r.verdict is Verdict.DISAGREES]
    assert {(r.subject, r.name) for r in found} == {(Subject.CLAIM, "the printed forms")}


def test_a_distortion_never_reaches_what_compares_a_claim_s_formulas_with_one_another() -> None:
    def distort(value: float) -> NoReturn:
        raise AssertionError("the chain was distorted")

    for id in ("ghorbani2019.theorem2", "ghorbani2019.eq13"):
        exact = [task for task in tasks(id) if task.name in ("statement", "approach")]
        told = Context(claim=theory.claim(id), profile=PROFILES["quick"], entropy=0, distort=distort)
        assert exact
        assert {r.verdict for task in exact for r in task.run(told) if r.subject is Subject.CLAIM} == {Verdict.AGREES}


def test_a_chain_draws_other_points_for_another_entropy() -> None:
    first, again, other = (statement.statement(context(entropy), THEOREM_2) for entropy in (1, 1, 2))
    assert [r.configuration for r in first] == [r.configuration for r in again]
    assert [r.configuration for r in first] != [r.configuration for r in other]


# -- identities ------------------------------------------------------------------------------------------------------


def test_a_derivation_that_gives_the_statement_agrees_and_refutes_the_decoys() -> None:
    found = derivation(context(), SUBSTITUTION)
    assert verdicts(r for r in found if r.subject is Subject.CLAIM) == {Verdict.AGREES}
    wrong = {r.name: r.verdict for r in found if r.subject is Subject.DECOY}
    assert wrong == {decoy.name: Verdict.DISAGREES for decoy in SUBSTITUTION.decoys}


def test_a_derivation_that_differs_from_the_statement_disagrees_in_symbols() -> None:
    found = derivation(context(), mistaken(SUBSTITUTION))
    (symbolic,) = [r for r in found if r.route == "sympy"]
    assert (symbolic.subject, symbolic.verdict) == (Subject.CLAIM, Verdict.DISAGREES)
    assert "derived minus stated is" in symbolic.message


def test_a_derivation_that_differs_from_the_formula_disagrees_in_numbers() -> None:
    wrong = replace(SUBSTITUTION, published=lambda rho, B, Gamma: corollary1.limit(1.001 * rho, B, Gamma))
    found = derivation(context(), wrong)
    assert refuting(r for r in found if r.subject is Subject.CLAIM) == {"numbers"}


def test_a_printed_form_that_differs_from_the_derivation_disagrees_as_printed() -> None:
    printed = replace(SUBSTITUTION, printed_statement=mistaken(SUBSTITUTION).statement)
    found = [r for r in derivation(context(), printed) if r.subject is Subject.AS_PRINTED]
    assert [r.verdict for r in found] == [Verdict.DISAGREES]
    same = replace(SUBSTITUTION, printed_statement=SUBSTITUTION.statement)
    assert [r.verdict for r in derivation(context(), same) if r.subject is Subject.AS_PRINTED] == [Verdict.AGREES]


def test_a_decoy_that_is_the_truth_in_other_letters_survives() -> None:
    twin = Decoy(name="the same", sentence="no mistake at all", published=corollary1.limit)
    found = derivation(context(), replace(SUBSTITUTION, decoys=(twin,)))
    assert [r.verdict for r in found if r.subject is Subject.DECOY] == [Verdict.AGREES]


@pytest.mark.parametrize("order, verdict", [(1, "AGREES"), (2, "DISAGREES")])
def test_a_limit_in_another_size_is_approached_along_its_own_path(order: int, verdict: str) -> None:
    n, c, Q = sp.symbols("n c Q", positive=True)
    growing = Limit(
        sentence="c/2 + 1/n tends to c/2.",
        quantity=Quantity(symbol=Q, meaning="a number"),
        statement=sp.Eq(Q, c / 2),
        rate=1 / n**order,
        parameters=(Parameter("n", n, "size", Integer(1)), Parameter("c", c, "constant", Real(0.0))),
        published=lambda c: c / 2,
        finite=lambda n, c: c / 2 + 1 / n,
        limit_of=lambda n: {},
        growth=Growth(size="n", others=lambda n, ratio: {"c": 3.0}),
        decoys=(Decoy(name="c", sentence="not halved", published=lambda c: c),),
    )
    found = chain.approach(context(), growing)
    assert {(r.configuration["n"], r.configuration["c"]) for r in found} == {("125 … 2000", 3.0)}
    assert Verdict(verdict) in verdicts(found)
    assert (Verdict.DISAGREES in verdicts(found)) == (order == 2)
