import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

from lazy_assay import theory
from lazy_assay.theory import (
    Choice,
    Domain,
    Integer,
    InvalidParameterError,
    Parameter,
    Real,
    Rectangular,
    Symmetric,
    Vector,
)
from lazy_assay.theory._arrays import Named
from lazy_assay.theory._prediction import accept

B, GAMMA = [1.0, 0.5, 0.2], [0.5, 0.25, 0.25]
GIVEN: dict[str, dict[str, Any]] = {
    "ghorbani2019.theorem2": {"rho": 0.5, "B": B},
    "ghorbani2019.corollary1": {"rho": 0.5, "B": B, "Gamma": GAMMA},
    "ghorbani2019.theorem1": {"rho": 0.5, "B": B, "Gamma": GAMMA, "activation": "relu"},
}
# One feature: exact from the smallest sizes on.
FINITE: dict[str, Any] = {"d": 3, "N": 1, "B": B, "Gamma": GAMMA}
THEOREM_1, THEOREM_2, COROLLARY_1 = "ghorbani2019.theorem1", "ghorbani2019.theorem2", "ghorbani2019.corollary1"


def refused(call: Callable[..., Any], **arguments: object) -> str:
    """The message with which arguments are refused: one line that names claim and parameter."""
    with pytest.raises(InvalidParameterError) as raised:
        call(**arguments)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_the_arguments_that_are_spoilt_below_are_good_as_they_are() -> None:
    for id, given in GIVEN.items():
        assert np.isfinite(theory.claim(id).predict(**given))
    assert np.isfinite(theory.claim(COROLLARY_1).predict_finite(**FINITE))


@pytest.mark.parametrize(
    "id, name, value, told",
    [
        (THEOREM_2, "rho", 0, "must be a real number > 0, got 0"),
        (THEOREM_2, "rho", -0.5, "must be a real number > 0, got -0.5"),
        (THEOREM_2, "rho", math.nan, "must be a number, got NaN"),
        (THEOREM_2, "rho", math.inf, "must be a real number > 0, got inf"),
        (THEOREM_2, "rho", "0.5", "must be a single number, got '0.5'"),
        (THEOREM_2, "rho", "a\nb", "must be a single number"),
        (THEOREM_2, "rho", None, "must be a single number, got None"),
        (THEOREM_2, "rho", True, "must be a single number, got True"),
        (THEOREM_2, "rho", 1j, "must be a single number, got 1j"),
        (THEOREM_2, "rho", [0.5, 0.6], "must be a single number, got [0.5, 0.6]"),
        (THEOREM_2, "rho", np.eye(2), "must be a single number"),
        (THEOREM_2, "rho", [[1], [2, 3]], "must be a single number"),
        (THEOREM_2, "B", [[1.0, 2.0], [0.0, 1.0]], "must be symmetric; pass (A + A.T)/2"),
        (THEOREM_2, "B", [0.0, 0.0], "must not be the zero matrix"),
        (THEOREM_2, "B", [1.0, math.nan], "must be finite in every entry"),
        (THEOREM_2, "B", [1.0, math.inf], "must be finite in every entry"),
        (THEOREM_2, "B", np.ones((2, 3)), "must be a vector (diagonal) or a square matrix, got shape (2, 3)"),
        (THEOREM_2, "B", np.ones((2, 2, 2)), "got shape (2, 2, 2)"),
        (THEOREM_2, "B", [], "got shape (0,)"),
        (THEOREM_2, "B", None, "must be"),
        (THEOREM_2, "B", [[1, 2], [3]], "must be an array of real numbers"),
        (THEOREM_2, "B", np.array([["a", "b"], ["c", "d"]]), "must be an array of real numbers"),
        (THEOREM_2, "B", np.array([1j, 2.0]), "must be an array of real numbers"),
        (COROLLARY_1, "Gamma", [1.5, -0.5, 0.0], "must be positive semidefinite, smallest eigenvalue -0.5"),
        (COROLLARY_1, "Gamma", [0.5, 0.5, 0.5], "must have trace 1, got 1.5; divide by its trace"),
        (COROLLARY_1, "Gamma", [0.5, 0.5], "has size 2, but B has size 3; give them one size"),
        (COROLLARY_1, "Gamma", np.eye(2) / 2, "has size 2, but B has size 3"),
        (THEOREM_1, "activation", "step", "must be one of relu, "),
        (THEOREM_1, "activation", None, "got None"),
        (THEOREM_1, "activation", 3, "got 3"),
        (THEOREM_1, "activation", ["relu"], "got ['relu']"),
        (THEOREM_1, "activation", np.array(["relu", "relu"]), "must be one of relu, "),
    ],
)
def test_a_value_outside_its_domain_is_refused_in_one_line(id: str, name: str, value: object, told: str) -> None:
    message = refused(theory.claim(id).predict, **GIVEN[id] | {name: value})
    assert message.startswith(f"[{id}] {name} ")
    assert told in message


@pytest.mark.parametrize(
    "name, value, told",
    [
        ("d", 0, "d must be a whole number ≥ 1, got 0"),
        ("N", 0, "N must be a whole number ≥ 1, got 0"),
        ("N", -3, "N must be a whole number ≥ 1, got -3"),
        ("N", 1.5, "N must be a whole number ≥ 1, got 1.5"),
        ("N", math.inf, "N must be a whole number ≥ 1, got inf"),
        ("d", math.nan, "d must be a number, got NaN"),
        ("d", 10**20, "d must be at most 2^53 in size, up to which floats count"),
        ("d", 4, "B has size 3, but d = 4; give them one size"),
        ("Gamma", [0.5, 0.5], "Gamma has size 2, but d = 3; give them one size"),
    ],
    ids=str,
)
def test_sizes_are_whole_positive_and_fit_the_matrices(name: str, value: float | list[float], told: str) -> None:
    assert told in refused(theory.claim(COROLLARY_1).predict_finite, **FINITE | {name: value})


def test_an_unknown_parameter_is_named_with_those_there_are() -> None:
    message = refused(theory.claim(THEOREM_2).predict, rho=0.5, B=B, width=3)
    assert message.startswith(f"[{THEOREM_2}] unknown parameter width; it takes rho, B (part limit; others: ")


def test_a_missing_parameter_is_named_with_those_there_are() -> None:
    message = refused(theory.claim(THEOREM_2).predict, rho=0.5)
    assert message.startswith(f"[{THEOREM_2}] missing parameter B; it takes rho, B (part limit; others: every_weight")


@pytest.mark.parametrize("make", [list, tuple, np.array, lambda b: np.array(b, dtype=np.float32), np.diag])
def test_a_matrix_may_be_a_list_an_array_or_a_diagonal(make: Callable[..., Any]) -> None:
    right = theory.claim(THEOREM_2).predict(rho=0.5, B=[1.0, 0.5, 0.25])
    assert theory.claim(THEOREM_2).predict(rho=0.5, B=make([1.0, 0.5, 0.25])) == pytest.approx(right, rel=1e-14)


def test_a_rotated_covariance_is_accepted_within_rounding() -> None:
    rng = np.random.default_rng(0)
    Q = np.linalg.qr(rng.standard_normal((50, 50)))[0]
    weights = rng.exponential(size=50)
    weights[:25] = 0.0
    matrix = (Q * (weights / weights.sum())) @ Q.T
    np.testing.assert_allclose(Symmetric(semidefinite=True, trace=1).accept(matrix), matrix, atol=1e-15)


@pytest.mark.parametrize("off", [1e-9, -1e-9])
def test_a_trace_that_is_off_by_more_than_rounding_is_refused(off: float) -> None:
    assert "trace" in refused(lambda Gamma: Symmetric(trace=1).accept(Gamma), Gamma=[0.5, 0.5 + off])


@pytest.mark.parametrize(
    "domain, inside, outside",
    [
        (Integer(2, 5), [2, 5, 3.0, np.int64(4), np.float64(4)], [1, 6, 2.5, -math.inf]),
        (Real(0, 1), [1e-300, 0.5], [0, 1, -1, 2]),
        (Real(0, 1, closed_low=True, closed_high=True), [0, 1, 0.5], [-1e-9, 1.0000001, math.inf]),
        (Real(), [-1e308, 0], [math.inf, -math.inf]),
        (Choice(("a", "b")), ["a", "b"], ["c", "A", "", 0]),
        (Rectangular(), [np.ones((2, 3)), [[1.0]]], [[1.0], np.ones((0, 3)), [[math.nan]]]),
        (Symmetric(zero=True), [[0.0, 0.0]], [[math.nan]]),
        (Symmetric(semidefinite=True), [[1.0, 0.0], [[2, 1], [1, 2]]], [[1.0, -1.0], [[1, 2], [2, 1]]]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_domain_takes_what_is_inside_and_refuses_what_is_outside(
    domain: Domain, inside: list[object], outside: list[object]
) -> None:
    for value in inside:
        np.testing.assert_array_equal(domain.accept(value), value)
    for value in outside:
        assert refused(domain.accept, value=value)


@pytest.mark.parametrize(
    "domain, words",
    [
        (Integer(1), "a whole number ≥ 1"),
        (Integer(1, 9), "a whole number, 1 … 9"),
        (Real(low=0), "a real number > 0"),
        (Real(0, 1, closed_low=True), "a real number ≥ 0 and < 1"),
        (Real(), "a real number"),
        (Choice(("relu", "erf")), "one of relu, erf"),
        (
            Symmetric(semidefinite=True, trace=1),
            "a positive semidefinite matrix of trace 1 (a list of numbers: its diagonal)",
        ),
        (Rectangular(), "a real matrix"),
    ],
)
def test_a_domain_says_in_words_what_it_takes(domain: Domain, words: str) -> None:
    assert domain.describe() == words


@pytest.mark.parametrize(
    "domain, value, told",
    [
        (Rectangular(unit=True), [[1.0, 0.0], [1.0, 1.0]], "must have rows of norm 1, one is off by 0.414"),
        (Vector(), [[1.0, 2.0]], "must be a list of numbers, got shape (1, 2)"),
        (Vector(), [], "must be a list of numbers, got shape (0,)"),
        (Vector(low=0.0), [1.0, -0.5], "must have entries ≥ 0, got -0.5"),
    ],
)
def test_what_is_no_such_list_of_numbers_or_points_is_refused(
    domain: Named, value: list[float | list[float]], told: str
) -> None:
    with pytest.raises(InvalidParameterError) as raised:
        domain.accept(value)
    assert told in str(raised.value)


def test_sizes_that_parameters_share_are_held_together() -> None:
    declared = {
        "points": Parameter("points", sp.Symbol("x"), "points", Rectangular(rows="n", columns="d")),
        "labels": Parameter("labels", sp.Symbol("y"), "labels", Vector("n")),
        "d": Parameter("d", sp.Symbol("d"), "dimension", Integer(1)),
    }
    good = {"points": np.ones((3, 2)), "labels": [1, 2, 3], "d": 2}
    assert accept("a.claim", declared, tuple(declared), good)["labels"].shape == (3,)
    for wrong, told in (({"labels": [1, 2]}, "labels has size 2, but points has size 3"), ({"d": 4}, "but d = 4")):
        with pytest.raises(InvalidParameterError, match=told):
            accept("a.claim", declared, tuple(declared), good | wrong)
