"""Which part answers, and what a formula may answer with."""

import warnings
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
import pytest
import sympy as sp

from lazy_assay import theory
from lazy_assay.theory import (
    Bound,
    Choice,
    Claim,
    Integer,
    InvalidParameterError,
    Parameter,
    Part,
    Quantity,
    Rate,
    Real,
    Symmetric,
    Vector,
    affordable,
)
from lazy_assay.theory._prediction import FORMULAS, arguments

# Calls that the table of signatures makes without a part, by the parameters that it names.
PLAIN = {
    "ghorbani2019.theorem1": "rho B Gamma activation", "ghorbani2019.corollary1": "rho B Gamma",
    "ghorbani2019.eq11": "B Gamma", "ghorbani2019.theorem2": "rho B", "ghorbani2019.theorem3": "N B",
    "ghorbani2019.theorem4": "rho Sigma Delta Gamma activation", "ghorbani2019.eq16": "Sigma Delta Gamma",
    "ghorbani2019.theorem5": "rho Delta", "ghorbani2019.theorem6": "N Sigma Delta", "ghorbani2019.bayes": "Sigma Delta",
    "ghorbani2019.optimal_features": "rho B", "chizat2019.criterion": "residual_norm D2h_norm Dh_norm",
    "chizat2019.theorem2_2": "alpha T initial_loss",
    "chizat2019.theorem2_3": "alpha K residual_norm h_lipschitz Dh_lipschitz",
    "chizat2019.theorem2_4": "alpha t sigma_min Dh_norm Dh_lipschitz initial_error target_norm initial_output_norm "
    "convexity smoothness",
    "daniely2019.ntk": "correlation activation B", "daniely2019.fluctuation": "correlation activation q",
    "daniely2019.corollary3": "q C f_norm", "daniely2019.theorem4": "q d R C f_norm",
    "fang2021.rf_kernel": "correlation activation", "fang2021.eq24": "variance m",
    "fang2021.du2019": "lambda_0 eta k initial_loss", "kawaguchi2021.theorem1_gd": "R L_H t",
    "kawaguchi2021.theorem1_sgd": "R G step_sizes", "kawaguchi2021.theorem3": "L R_bar gap eta_bar t",
    "kawaguchi2021.figure1": "zeta",
}  # fmt: skip
PLAIN_FINITE = {
    "ghorbani2019.theorem1": "d N B Gamma activation", "ghorbani2019.corollary1": "d N B Gamma",
    "ghorbani2019.theorem2": "d N B", "ghorbani2019.theorem3": "N B", "ghorbani2019.theorem5": "d N Delta",
    "ghorbani2019.theorem4": "d N Sigma Delta Gamma activation", "ghorbani2019.theorem6": "N Sigma Delta",
    "ghorbani2019.bayes": "Sigma Delta", "daniely2019.corollary3": "centres coefficients q activation points",
    "daniely2019.theorem4": "centres coefficients q activation points", "fang2021.eq24": "variance m",
    "fang2021.rf_kernel": "correlation activation m",
}  # fmt: skip


def refused(call: Callable[..., Any], *words: object, **given: Any) -> str:
    with pytest.raises(InvalidParameterError) as raised:
        call(*words, **given)
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("id, names", PLAIN.items())
def test_the_calls_of_the_table_need_no_part(id: str, names: str) -> None:
    from lazy_assay.theory._prediction import chosen

    label, choose = FORMULAS["predict"]
    part = chosen(theory.claim(id), label, choose, dict.fromkeys(names.split()), "")
    assert part.published
    assert set(arguments(part.published)) == set(names.split())


@pytest.mark.parametrize("id, names", PLAIN_FINITE.items())
def test_nor_do_those_of_finite_size(id: str, names: str) -> None:
    from lazy_assay.theory._prediction import chosen

    label, choose = FORMULAS["predict_finite"]
    part = chosen(theory.claim(id), label, choose, dict.fromkeys(names.split()), "")
    assert part.finite
    assert set(arguments(part.finite)) == set(names.split())


def test_several_parts_that_take_the_same_are_told_apart_by_name(
    part: Callable[..., Part], claim: Callable[..., Claim]
) -> None:
    pair = claim(part(name="once"), part(name="twice", published=lambda rho: 2 * rho))
    assert refused(pair.predict, rho=1.0) == (
        "[coin.claim] several parts take rho: once, twice; say which with part=NAME (--part NAME)"
    )
    assert (pair.predict(part="once", rho=1.0), pair.predict(part="twice", rho=1.0)) == (1.0, 2.0)
    assert pair.answer("predict", {"rho": 1.0}, "twice").part.name == "twice"


def test_a_main_part_answers_for_those_that_take_the_same(
    part: Callable[..., Part], claim: Callable[..., Claim]
) -> None:
    pair = claim(part(name="once"), part(name="twice", published=lambda rho: 2 * rho), main=("twice",))
    assert pair.predict(rho=1.0) == 2.0


def test_a_main_part_has_to_be_there(part: Callable[..., Part], claim: Callable[..., Claim]) -> None:
    with pytest.raises(ValueError, match=r"\[coin.claim\] main: no part is called 'thrice'"):
        claim(part(name="once"), main=("thrice",))


def test_a_forgotten_parameter_does_not_turn_one_statement_into_another(
    part: Callable[..., Part], claim: Callable[..., Claim]
) -> None:
    larger = part(name="both", published=lambda rho, d: rho * d)
    pair = claim(larger, part(name="one"))
    assert refused(pair.predict, rho=1.0) == (
        "[coin.claim] missing parameter d; it takes rho, d (part both; others: one: rho)"
    )
    assert pair.predict(part="one", rho=1.0) == 1.0


def test_a_part_that_is_not_there_is_refused_with_those_there_are(
    part: Callable[..., Part], claim: Callable[..., Claim]
) -> None:
    assert "has no part 'three'; it has one, two" in refused(
        claim(part(name="one"), part(name="two")).predict, part="three", rho=1.0
    )
    assert "has no name" in refused(claim().predict, part="one", rho=1.0)


def test_a_regime_and_a_part_must_agree() -> None:
    eq13 = theory.claim("ghorbani2019.eq13")
    given: dict[str, Any] = {"rho": 0.5, "B": [1.0, 0.5]}
    assert (
        eq13.predict(part="RF", **given)
        == eq13.predict(regime="RF", **given)
        == eq13.predict(part="RF", regime="RF", **given)
    )
    assert "regime is 'NT', but part is 'RF'" in refused(eq13.predict, part="RF", regime="NT", **given)


@pytest.mark.parametrize("name", ["self", "call", "given", "label"])
def test_no_name_of_a_parameter_collides_with_python(claim: Callable[..., Claim], name: str) -> None:
    given: dict[str, Any] = {name: 1, "rho": 1.0}
    with pytest.raises(InvalidParameterError, match=rf"unknown parameter {name}; it takes rho"):
        claim().predict(**given)


# -- what a formula may answer with ----------------------------------------------------------------------------------

BROKEN = {
    "division": (lambda rho: 1 / (rho - 1), "divides by zero"),
    "overflow": (lambda rho: (rho * 1e200) ** 2, "leaves the range of double precision"),
    "infinity": (lambda rho: rho * 1e308 * 10, "leaves the range of double precision"),
    "not a number": (lambda rho: float("nan"), "is not a number there"),
    "numpy's infinity": (lambda rho: np.exp(np.float64(1000 * rho)), "leaves the range of double precision"),
    "numpy's division": (lambda rho: np.float64(rho) / np.float64(0), "divides by zero"),
    "numpy's nan": (lambda rho: np.sqrt(np.float64(-rho)), "is not a number there"),
    "a warning": (lambda rho: warnings.warn("no convergence", RuntimeWarning, stacklevel=1) or rho, "no convergence"),
    "a singular matrix": (lambda rho: np.linalg.inv(np.zeros((2, 2)))[0, 0], "linear algebra failed"),
    "memory": (lambda rho: np.zeros((10**9, 10**6))[0, 0], "more memory than there is"),
    "nesting": (lambda rho: (lambda f: f(f))(lambda f: f(f)), "nested too deeply"),
    "a root finder": (lambda rho: (_ for _ in ()).throw(RuntimeError("Failed to converge")), "Failed to converge"),
    "a large integer": (lambda rho: 10**400, "leaves the range of double precision"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_number_is_refused_with_the_claim_the_arguments_and_the_reason(
    claim: Callable[..., Claim], name: str
) -> None:
    formula, reason = BROKEN[name]
    message = refused(claim(published=formula).predict, rho=1.0)
    assert message.startswith("[coin.claim] no published formula at rho = 1.0: ")
    assert reason in message


@pytest.mark.parametrize("mistake", [TypeError, KeyError, AttributeError, IndexError])
def test_a_mistake_in_a_formula_shows(claim: Callable[..., Claim], mistake: type[Exception]) -> None:
    def formula(rho: float) -> NoReturn:
        raise mistake("ours")

    with pytest.raises(mistake):
        claim(published=formula).predict(rho=1.0)


SHARE = Quantity(symbol=theory.claim("ghorbani2019.theorem1").parts[0].quantity.symbol, meaning="share", low=0, high=1)


@pytest.mark.parametrize("factor, found", [(1 + 1e-15, 1.0), (-1e-15, 0.0), (0.5, 0.5)])
def test_rounding_beyond_an_end_of_the_range_is_that_end(
    claim: Callable[..., Claim], factor: float, found: float
) -> None:
    assert claim(published=lambda rho: factor * rho, quantity=SHARE, statement=_equation()).predict(rho=1.0) == found


@pytest.mark.parametrize("factor", [1.01, -1e-9])
def test_a_value_outside_its_range_is_refused_as_a_defect(claim: Callable[..., Claim], factor: float) -> None:
    made = claim(published=lambda rho: factor * rho, quantity=SHARE, statement=_equation())
    assert f"came out as {factor:g}, outside 0 … 1" in refused(made.predict, rho=1.0)


def test_what_is_printed_by_mistake_may_lie_anywhere(claim: Callable[..., Claim]) -> None:
    made = claim(printed=lambda rho: 5 * rho, quantity=SHARE, statement=_equation())
    assert made.as_printed(rho=1.0) == 5.0


def _equation() -> sp.Equality:
    from lazy_assay.theory import Eq

    return Eq(SHARE.symbol, Parameter("rho", SHARE.symbol, "", Real()).symbol)


@pytest.mark.parametrize("side, low, high", [("below", 0, np.inf), ("above", -np.inf, 1)])
def test_a_bound_may_be_weaker_than_the_range_on_its_own_side(
    part: Callable[..., Part], side: str, low: float, high: float
) -> None:
    assert part(Bound, side=side, quantity=SHARE, statement=_equation()).prediction_range == (low, high)


def test_the_exponent_of_a_rate_has_no_range(part: Callable[..., Part]) -> None:
    assert part(Rate, quantity=SHARE, statement=_equation()).prediction_range == (-np.inf, np.inf)


WORDS = ("risk", "variance", "probability", "chance", "norm of", "‖u‖", "root mean square", "squared residual")


def test_a_quantity_that_cannot_be_negative_says_so() -> None:
    quantities = {
        (claim.id, part.name): part.quantity
        for claim in theory.claims() for part in claim.parts
        if part.quantitative and part.published is not None and not isinstance(part, Rate)
        and any(word in part.quantity.meaning for word in WORDS) and "less" not in part.quantity.meaning
    }  # fmt: skip
    assert len(quantities) >= 25
    assert [where for where, quantity in quantities.items() if quantity.low < 0] == []
    risks = {where: q for where, q in quantities.items() if "risk" in q.meaning and "variance" not in q.meaning}
    assert [
        where for where, quantity in risks.items() if (quantity.low, quantity.high) not in ((0, 1), (1, np.inf))
    ] == []


def test_every_prediction_stays_in_its_range() -> None:
    from lazy_assay.checks.configurations.points import points

    walked = 0
    for claim in theory.claims():
        for part in claim.parts:
            low, high = part.prediction_range
            if np.isinf(low) and np.isinf(high):
                continue
            for formula in filter(None, (part.published, part.finite)):
                for at in points(part, formula, key=5, count=3):
                    walked += _in_range(part, claim.id, formula, at)
    assert walked >= 150


def _in_range(part: Part, id: str, formula: Callable[..., Any], at: dict[str, Any]) -> bool:
    """Whether a number came out; one out of range is no refusal but a defect."""
    try:
        part.call(id, "formula", formula, at)
    except InvalidParameterError as refusal:
        if "defect" in str(refusal):
            pytest.fail(str(refusal))
        return False
    return True


# -- domains ---------------------------------------------------------------------------------------------------------


def test_whole_numbers_are_exact_up_to_those_that_floats_count() -> None:
    assert Integer(1).accept(2**53) == 2**53
    for beyond in (2**53 + 1, 10**400, 1e22):
        assert "at most 2^53" in refused(Integer(1).accept, beyond)


@pytest.mark.parametrize(
    "value", ["1", b"1", [["1"]], np.array(["2026-01-01"], dtype="datetime64[D]"), {"a": 1}, {1.0}]
)
def test_what_only_looks_like_numbers_is_no_array(value: object) -> None:
    assert "must be an array of real numbers" in refused(Vector().accept, value)


def test_an_array_beyond_the_largest_size_is_refused_before_it_is_used() -> None:
    told = refused(Vector().accept, np.ones(10**5))
    assert "at most 5000 entries in a list, 2048 rows or columns, got shape (100000,)" in told


def test_an_option_may_look_like_a_number() -> None:
    assert Choice(("11", "12")).accept(11) == "11"
    assert "must be one of 11, 12, got 13" in refused(Choice(("11", "12")).accept, 13)


@pytest.mark.parametrize("power", [-1020, -3, 0, 7, 1000])
def test_a_matrix_of_any_scale_is_divided_by_a_power_of_two(power: int) -> None:
    matrix = np.array([[2.0, 1.0], [1.0, 3.0]])
    np.testing.assert_array_equal(Symmetric(scale_free=True).accept(np.ldexp(matrix, power)), matrix / 2)


def test_a_small_matrix_of_any_scale_is_held_to_its_conditions_relatively() -> None:
    assert "symmetric" in refused(Symmetric(scale_free=True).accept, [[1e-20, 1e-20], [0.0, 1e-20]])
    assert "semidefinite" in refused(Symmetric(scale_free=True, semidefinite=True).accept, [-1e-20, -1e-20])


def test_more_work_than_a_call_may_take_is_refused_by_name() -> None:
    affordable(1e9, "steps")
    assert refused(affordable, 1e11, "steps = 7 are too many") == (
        "steps = 7 are too many: about 1e+11 operations, at most 1e+10 are made"
    )
