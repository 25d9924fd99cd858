import math
import re
from collections.abc import Callable
from typing import Any

import pytest
import sympy as sp

from lazy_assay.theory import (
    AlmostSure,
    Assumption,
    Auxiliary,
    Bound,
    Choice,
    Claim,
    Decoy,
    Erratum,
    Existence,
    Gravity,
    Identity,
    Integer,
    InvalidParameterError,
    Limit,
    Observation,
    Part,
    Rate,
    Real,
)

R, rho, alien = sp.Symbol("R"), sp.Symbol("rho", positive=True), sp.Symbol("alien", positive=True)


def test_a_valid_claim_is_built_and_has_the_id_of_its_module(claim: Callable[..., Claim]) -> None:
    assert claim().id == "coin.claim"


@pytest.mark.parametrize("field", ["statement", "printed_statement"])
def test_a_free_symbol_that_is_not_declared_is_named_by_srepr(claim: Callable[..., Claim], field: str) -> None:
    message = f"[coin.claim] {field}: free symbols that are not declared: Symbol('alien', positive=True)"
    with pytest.raises(ValueError, match=re.escape(message)):
        claim(**{field: sp.Eq(R, rho * alien)})


def test_a_symbol_of_the_same_name_with_other_assumptions_is_not_the_declared_one(claim: Callable[..., Claim]) -> None:
    with pytest.raises(ValueError, match=re.escape("Symbol('rho')")):
        claim(statement=sp.Eq(R, sp.Symbol("rho")))


def test_a_declared_auxiliary_symbol_may_occur(claim: Callable[..., Claim]) -> None:
    told = Auxiliary(symbol=alien, meaning="a constant", value=lambda rho: rho)
    assert claim(statement=sp.Eq(R, rho * alien), auxiliary=(told,)).id == "coin.claim"


@pytest.mark.parametrize("kind", [Identity, Limit, Bound, Rate])
def test_a_quantitative_kind_needs_a_decoy(
    part: Callable[..., Part], claim: Callable[..., Claim], kind: type[Part]
) -> None:
    with pytest.raises(ValueError, match=r"\[coin.claim\] decoys: there are none; fill in at least one plausible"):
        claim(part(kind, decoys=()))


@pytest.mark.parametrize("kind", [Identity, Limit, Bound, Rate])
def test_a_quantitative_kind_needs_a_statement(
    part: Callable[..., Part], claim: Callable[..., Claim], kind: type[Part]
) -> None:
    with pytest.raises(ValueError, match=rf"\[coin.claim\] statement: a {kind.__name__} is stated in sympy"):
        claim(part(kind, statement=None))


@pytest.mark.parametrize("kind", [AlmostSure, Existence, Observation])
def test_a_finding_needs_neither_decoy_nor_formula(
    part: Callable[..., Part], claim: Callable[..., Claim], kind: type[Part]
) -> None:
    assert claim(part(kind, decoys=(), statement=None, published=None, finite=None)).kind == kind.__name__


@pytest.mark.parametrize("field", ["published", "finite", "printed"])
def test_a_formula_with_an_undeclared_parameter_is_an_error(claim: Callable[..., Claim], field: str) -> None:
    with pytest.raises(ValueError, match=rf"\[coin.claim\] {field}: takes width, which is not a declared parameter"):
        claim(**{field: lambda width: 1.0})


@pytest.mark.parametrize(
    "changes, where",
    [
        ({"assumptions": (Assumption(name="A9", sentence="", holds=lambda width: True),)}, "assumption A9"),
        ({"auxiliary": (Auxiliary(symbol=alien, meaning="", value=lambda width: 1.0),)}, "auxiliary alien"),
        ({"decoys": (Decoy(name="half", sentence="", published=lambda width: 1.0),)}, "decoy half"),
    ],
    ids=["assumption", "auxiliary", "decoy"],
)
def test_what_goes_with_a_statement_may_not_take_undeclared_parameters_either(
    claim: Callable[..., Claim], changes: dict[str, Any], where: str
) -> None:
    with pytest.raises(ValueError, match=rf"\[coin.claim\] {where}: takes width, which is not a declared parameter"):
        claim(**changes)


def test_an_error_in_one_of_several_parts_names_the_part(
    part: Callable[..., Part], claim: Callable[..., Claim]
) -> None:
    with pytest.raises(ValueError, match=r"\[coin.claim:second\] decoys: "):
        claim(part(name="first"), part(name="second", decoys=()))


def test_parts_of_one_name_are_an_error(part: Callable[..., Part], claim: Callable[..., Claim]) -> None:
    with pytest.raises(ValueError, match=r"\[coin.claim\] parts: names must differ, got \['one', 'one'\]"):
        claim(part(name="one"), part(name="one"))


def test_a_claim_without_parts_is_an_error(claim: Callable[..., Claim]) -> None:
    made = type(claim())
    told: dict[str, Any] = {"module": "theory.coin.claim", "title": "", "source": claim().source}
    with pytest.raises(ValueError, match=r"\[coin.claim\] parts: a claim states something"):
        made(**told, parts=())


@pytest.mark.parametrize(
    "make",
    [
        lambda: Integer(3, 2), lambda: Real(1.0, 1.0), lambda: Real(2.0, 1.0), lambda: Real(math.nan, 1.0),
        lambda: Choice(()),
    ],
    ids=["integer", "point", "reversed", "nan", "choice"],
)  # fmt: skip
def test_an_empty_domain_is_an_error(make: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="empty domain"):
        make()


def test_a_claim_cannot_be_changed(claim: Callable[..., Claim]) -> None:
    with pytest.raises(AttributeError):
        claim().title = "other"  # type: ignore[misc]  # frozen, which is what is tested


def test_a_part_that_is_not_there_is_named_with_those_there_are(
    part: Callable[..., Part], claim: Callable[..., Claim]
) -> None:
    pair = claim(part(name="one"), part(name="two"))
    assert pair.part("two").name == "two"
    with pytest.raises(LookupError, match=r"coin.claim has no part 'three'; it has one, two"):
        pair.part("three")


def test_kinds_are_named_once_in_order(part: Callable[..., Part], claim: Callable[..., Claim]) -> None:
    assert claim(part(name="a"), part(Bound, name="b"), part(name="c")).kind == "Limit + Bound"


def test_predictions_are_those_of_the_first_part_that_has_a_formula(
    part: Callable[..., Part], claim: Callable[..., Claim]
) -> None:
    sentence = part(Observation, name="seen", published=None, finite=None)
    pair = claim(sentence, part(name="stated", printed=lambda rho: 3 * rho))
    assert (pair.predict(rho=2.0), pair.corrected(rho=2.0), pair.as_printed(rho=2.0)) == (2.0, 2.0, 6.0)
    assert pair.predict_finite(rho=2.0, d=4) == 2.25


def test_what_is_printed_is_what_is_right_where_nothing_is_wrong(claim: Callable[..., Claim]) -> None:
    assert claim().as_printed(rho=2.0) == claim().predict(rho=2.0)


def test_a_formula_that_a_claim_lacks_is_an_error_that_says_where_to_look(claim: Callable[..., Claim]) -> None:
    with pytest.raises(InvalidParameterError, match=r"has no finite-size prediction; `assay show coin.claim`"):
        claim(finite=None).predict_finite(rho=1.0, d=2)


def test_broken_assumptions_are_found_in_order(part: Callable[..., Part]) -> None:
    told = [("small", lambda d: d < 10), ("even", lambda d: d % 2 == 0), ("thin", lambda rho: rho < 1)]
    assumptions = tuple(Assumption(name=name, sentence="", holds=holds) for name, holds in told)
    broken = part(assumptions=assumptions).broken_assumptions({"d": 11, "rho": 0.5})
    assert [assumption.name for assumption in broken] == ["small", "even"]


def test_an_erratum_that_is_no_misprint_says_which_charitable_reading_was_tried() -> None:
    told = {"locator": "Eq. (1)", "printed": "a", "corrected": "b", "derivation": "c", "evidence": "d"}
    assert Erratum(gravity=Gravity.MISPRINT, **told).charitable == ""
    for gravity in (Gravity.RESULT, Gravity.CONSTANT, Gravity.CONDITION):
        with pytest.raises(ValueError, match=r"erratum at Eq. \(1\), charitable: say which reading was tried"):
            Erratum(gravity=gravity, **told)
