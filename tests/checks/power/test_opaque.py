import sys
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, FrameType
from typing import Any

import pytest
import sympy as sp

import lazy_assay.theory as theory
from lazy_assay.checks.configurations.points import points_of
from lazy_assay.checks.engine.registry import tasks
from lazy_assay.checks.power.expressions import Operator, mistakes
from lazy_assay.checks.power.mutants import within
from lazy_assay.checks.power.stated import expression
from lazy_assay.checks.power.table import page
from lazy_assay.theory import Auxiliary, Part, Rate
from lazy_assay.theory._prediction import arguments

# The statements that are a symbol alone: solutions of problems, in no closed form.
OPAQUE = {
    "chizat2019.leading_constant:descent",
    "chizat2019.leading_constant:flow",
    "chizat2019.leading_constant:paired",
    "chizat2019.theorem2_2:symmetry",
    "fang2021.l1_equivalence:equivalence",
    "fang2021.noisy_descent:gibbs",
    "kearns2023.eq5_11:variance",
}


def quantitative() -> Iterator[tuple[str, Part]]:
    for claim in theory.claims():
        for part in claim.parts:
            if part.quantitative and part.kind != "Balance":
                yield f"{claim.id}:{part.name}", part


PARTS = dict(quantitative())
RATES = {label: part for label, part in PARTS.items() if isinstance(part, Rate)}
STATED = {task.claim.id + ":" + task.part.name for claim in theory.claims() for task in tasks(claim.id)
          if task.name == "statement"}  # fmt: skip


def bare(part: Part) -> bool:
    right = expression(part)
    return right is not None and right in {item.symbol for item in part.auxiliary}


def used(part: Part) -> list[Auxiliary]:
    right = expression(part)
    return [item for item in part.auxiliary if right is not None and right.has(item.symbol)]


def test_the_statements_that_are_a_symbol_alone_are_those_on_the_list_each_with_its_reason() -> None:
    assert {label for label, part in PARTS.items() if bare(part)} == OPAQUE
    assert {label for label, part in PARTS.items() if part.opaque} == OPAQUE


def test_no_statement_is_a_symbol_whose_value_is_the_formula_that_it_is_held_against() -> None:
    for label in STATED & PARTS.keys():
        assert not PARTS[label].opaque
        assert not any(expression(PARTS[label]) == item.symbol for item in used(PARTS[label]))


def called(formula: Callable[..., Any], at: Mapping[str, Any]) -> set[CodeType]:
    seen: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            seen.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        formula(**{name: at[name] for name in arguments(formula)})
    finally:
        sys.setprofile(before)
    return seen


def shares(part: Part) -> list[str]:
    assert part.published is not None
    names = {name for item in (part.published, *(each.value for each in used(part))) for name in arguments(item)}
    at = next(iter(points_of(part, tuple(name for name in part.declared if name in names), key=0, count=1)))
    own = part.published.__code__
    return [str(item.symbol) for item in used(part) if own in called(item.value, at)]


# Closures of one text, which read another number of a minimiser each.
CLOSURES = {"fang2021.optimal_variance:among", "fang2021.optimal_variance:trained"}


def test_no_letter_of_a_statement_is_computed_by_the_formula_that_the_statement_is_held_against() -> None:
    found = {label: shares(PARTS[label]) for label in sorted(STATED & PARTS.keys()) if used(PARTS[label])}
    assert {label for label, letters in found.items() if letters} == CLOSURES


def test_every_rate_is_held_against_the_exponent_of_its_statement() -> None:
    assert RATES
    assert RATES.keys() <= STATED


@pytest.mark.parametrize("label", sorted(PARTS.keys() - OPAQUE - RATES.keys()))
def test_every_other_statement_has_mistakes_inside_of_it(label: str) -> None:
    right = expression(PARTS[label])
    assert right is not None
    kinds = {mistake.operator for mistake in mistakes(right)}
    assert right.is_number or kinds - {Operator.NORMALISATION}


def test_a_planted_formula_that_is_compared_with_itself_is_seen() -> None:
    part = theory.claim("ghorbani2019.theorem6").parts[0]
    published = part.published
    assert published is not None
    x = sp.Symbol("x")
    item = Auxiliary(symbol=x, meaning="", value=lambda N, Sigma, Delta: published(N, Sigma, Delta))
    planted = theory.Limit(
        sentence=part.sentence, quantity=part.quantity, statement=sp.Eq(part.quantity.symbol, 2 * x),
        parameters=part.parameters, auxiliary=(item,), published=part.published, decoys=part.decoys,
    )  # fmt: skip
    assert shares(planted) == ["x"]
    assert shares(part) == []


def test_the_page_says_why_sympy_sees_nothing_inside_of_a_statement() -> None:
    row = {"claim": "c", "part": "p", "kind": "Limit", "ours": False, "companion": "", "sharp": False,
           "basis": "plan", "shares": {}, "comparisons": {}, "smallest error caught": {},
           "seconds to tell 1 %": None, "survivors": [], "set apart": []}  # fmt: skip
    assert "- c:p: the least value of a convex problem" in page(
        [{**row, "opaque": "the least value of a convex problem"}], "quick", (0,)
    )
    assert "sympy does not see" not in page([row], "quick", (0,))


def test_an_opaque_statement_is_bent_as_a_whole_alone() -> None:
    part = PARTS["fang2021.noisy_descent:gibbs"]
    assert {mutant.operator for mutant in within(part)} <= {Operator.EXPONENT, Operator.NORMALISATION}
