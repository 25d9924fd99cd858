"""Statements with matrices are evaluated at their inputs, whatever their own steps would round."""

from dataclasses import replace
from fractions import Fraction
from inspect import signature
from typing import Any

import numpy as np
import pytest
import sympy as sp
from scipy.linalg import expm

from lazy_assay import theory
from lazy_assay.checks.procedures import balls
from lazy_assay.checks.procedures.evaluation import numeric
from lazy_assay.checks.procedures.statement import statement
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.result import Result, Verdict
from lazy_assay.theory import InvalidParameterError
from lazy_assay.theory._mathematics.matrices import MatrixExponential, entry, letter

n, T = (sp.Symbol(name, positive=True, integer=True) for name in ("n", "T"))
t = sp.Symbol("t", positive=True)
K, L = letter("K", n, n), letter("L", n, n)
k, y = letter("k", 1, n), letter("y", n, 1)
one = sp.Identity(n)
rng = np.random.default_rng(0)
A, B = (x @ x.T + np.eye(4) for x in rng.standard_normal((2, 4, 4)))
AT: dict[sp.Basic, Any] = {
    K: A,
    L: B,
    k: rng.standard_normal((1, 4)),
    y: rng.standard_normal((4, 1)),
    n: 4,
    T: 3,
    t: 0.3,
}
DESCENT = entry(k * (one - (one - K) ** T) * K.I * y)
# The night on which the statement's own rounding passed its budget by 11 %.
NIGHT = 345350421
# One of whose points is seen by no ReLU.
SLEEPING = 5


@pytest.mark.parametrize(
    "stated, value",
    [
        (entry(k * (K + t * n * one).I * y), AT[k] @ np.linalg.inv(A + 1.2 * np.eye(4)) @ AT[y]),
        (entry(k * (one - t * K) ** T * y), AT[k] @ np.linalg.matrix_power(np.eye(4) - 0.3 * A, 3) @ AT[y]),
        (entry(k * K**-2 * y), AT[k] @ np.linalg.matrix_power(A, -2) @ AT[y]),
        (entry(k * K**0 * y), AT[k] @ AT[y]),
        (entry(k * MatrixExponential(-t * K) * y), AT[k] @ expm(-0.3 * A) @ AT[y]),
        (sp.Trace(K * L.T), np.trace(A @ B)),
        (sp.Trace(sp.HadamardProduct(K, L)), np.trace(A * B)),
        (entry(sp.sqrt(t) * y.T * K * y / 3), 0.3**0.5 * AT[y].T @ A @ AT[y] / 3),
        (entry(sp.exp(-t) * y.T * K * y), np.exp(-0.3) * AT[y].T @ A @ AT[y]),
    ],
)
def test_matrix_expressions_are_what_numpy_says(stated: sp.Expr, value: Any) -> None:
    assert balls.value(stated, AT) == pytest.approx(float(np.squeeze(value)), rel=1e-12)


def test_a_polynomial_that_is_written_with_an_inverse_is_as_exact_as_it_is() -> None:
    # Σ_{i<T} (1 − λ)ⁱ is 1 at λ = 1, and nearly T at the other.
    at = {K: np.diag([1.0, 1e-12]), k: np.ones((1, 2)), y: np.ones((2, 1)), n: 2, T: 22}
    right = float(1 + sum((1 - Fraction(1e-12)) ** i for i in range(22)))
    assert balls.value(DESCENT, at) == right
    assert abs(numeric(DESCENT, at) - right) > 1e-5


def test_sensitivities_are_those_of_the_derivative() -> None:
    at = {K: np.array([[0.5]]), k: np.array([[2.0]]), y: np.array([[3.0]]), n: 1, T: 3}
    # f = 6 (3 − 3λ + λ²): derivatives times the entries, in k, y and λ.
    expected = 2 * 6 * (3 - 1.5 + 0.25) + 0.5 * 6 * (3 - 1.0)
    assert balls.sensitivity(DESCENT, at) == pytest.approx(expected, rel=1e-14)


def test_the_inverse_of_a_singular_matrix_is_refused_by_name() -> None:
    at = {**AT, K: np.zeros((4, 4))}
    with pytest.raises(InvalidParameterError, match="the statement inverts a matrix that is singular here"):
        balls.value(DESCENT, at)


def test_the_precision_of_others_is_left_alone() -> None:
    from flint import ctx

    before = ctx.prec
    balls.value(DESCENT, AT)
    with pytest.raises(InvalidParameterError):
        balls.value(entry(k * L.I * y), {**AT, L: np.ones((4, 4))})
    assert ctx.prec == before


# -- in the chain ----------------------------------------------------------------------------------------------------


def on(entropy: int, id: str, part: str, coefficient: float = 1.0) -> list[Result]:
    told = theory.claim(id).part(part)
    formula = told.published
    assert formula is not None
    if coefficient != 1.0:
        start = vars(told)["published"]

        def wrong(**values: Any) -> float:
            return float(start(**{**values, "eta_u": coefficient * values["eta_u"]}))

        wrong.__signature__ = signature(start)  # type: ignore[attr-defined]
        told = replace(told, published=wrong, printed=None, printed_statement=None, errata=())
    context = Context(claim=theory.claim(id), profile=PROFILES["nightly"], entropy=entropy)
    return statement(context, told)


def share(result: Result) -> float:
    return abs(result.estimate - result.predicted) / result.tolerance.bias


def test_the_statements_of_that_night_agree_with_a_hundredth_of_their_budgets() -> None:
    found = on(NIGHT, "fang2021.eq9", "kernel_form")
    assert len(found) == 24
    assert {result.verdict for result in found} == {Verdict.AGREES}
    assert max(map(share, found)) < 0.01


def test_a_coefficient_off_by_a_millionth_is_refuted_that_night() -> None:
    found = on(NIGHT, "fang2021.eq9", "kernel_form", coefficient=1 + 1e-6)
    assert sum(result.verdict is Verdict.DISAGREES for result in found) >= 11


def test_a_point_at_which_the_kernel_matrix_is_singular_is_told_and_not_judged() -> None:
    found = on(SLEEPING, "fang2021.kernel_training", "preconditioned")
    (outside,) = [result for result in found if result.verdict is not Verdict.AGREES]
    assert outside.verdict is Verdict.OUT_OF_REGIME
    assert outside.message == "the statement inverts a matrix that is singular here"


def test_a_statement_that_is_confronted_at_no_point_is_no_agreement(monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(*_: Any) -> float:
        raise InvalidParameterError("nothing is known here")

    monkeypatch.setattr(balls, "value", refusing)
    with pytest.raises(InvalidParameterError, match="'preconditioned' is confronted at no point: nothing is known"):
        on(0, "fang2021.kernel_training", "preconditioned")
