from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp
from scipy.linalg import expm

from lazy_assay.checks.procedures.chain import Chain
from lazy_assay.checks.procedures.evaluation import digits, elements, evaluate, numeric
from lazy_assay.checks.procedures.statement import sided
from lazy_assay.theory import Auxiliary, Claim, Eq, Limit, Rate, claim, claims
from lazy_assay.theory._mathematics.matrices import MatrixExponential, entry, letter

n, T = (sp.Symbol(name, positive=True, integer=True) for name in ("n", "T"))
t = sp.Symbol("t", positive=True)
K, L = letter("K", n, n), letter("L", n, n)
k, y = letter("k", 1, n), letter("y", n, 1)
rng = np.random.default_rng(0)
A, B = (x @ x.T + np.eye(4) for x in rng.standard_normal((2, 4, 4)))
AT = {K: A, L: B, k: rng.standard_normal((1, 4)), y: rng.standard_normal((4, 1)), n: 4, T: 3, t: 0.3}


@pytest.mark.parametrize(
    "stated, value",
    [
        (entry(k * (K + t * n * sp.Identity(n)).I * y), AT[k] @ np.linalg.inv(A + 1.2 * np.eye(4)) @ AT[y]),
        (entry(k * (sp.Identity(n) - t * K) ** T * y), AT[k] @ np.linalg.matrix_power(np.eye(4) - 0.3 * A, 3) @ AT[y]),
        (entry(k * MatrixExponential(-t * K) * y), AT[k] @ expm(-0.3 * A) @ AT[y]),
        (sp.Trace(K * L.T), np.trace(A @ B)),
        (sp.Trace(sp.HadamardProduct(K, L)), np.trace(A * B)),
        (entry(y.T * K * y), AT[y].T @ A @ AT[y]),
    ],
)
def test_matrix_expressions_are_what_numpy_says(stated: sp.Expr, value: Any) -> None:
    assert numeric(stated, AT) == pytest.approx(float(np.squeeze(value)), rel=1e-12)


def test_numbers_of_matrices_stand_for_themselves_in_what_is_around_them() -> None:
    inside, left = elements(2 * entry(k * K * y) ** 2 + t)
    ((symbol, element),) = inside.items()
    assert (element, left) == (entry(k * K * y), 2 * symbol**2 + t)


def test_a_sum_is_added_up() -> None:
    i = sp.Symbol("i", integer=True)
    assert float(digits(sp.Sum(sp.binomial(9, i), (i, 0, 4)))) == 256


@pytest.fixture
def solved(part: Limit) -> Limit:
    """A part whose statement is k K⁻¹ y, with an ill-conditioned K of `gap` between its eigenvalues."""
    bad = np.diag([1.0, 1e-6])
    told = (
        Auxiliary(symbol=K, meaning="K", value=lambda: bad),
        Auxiliary(symbol=k, meaning="k", value=lambda: np.ones((1, 2))),
        Auxiliary(symbol=y, meaning="y", value=lambda: np.ones((2, 1))),
    )
    return replace(part, auxiliary=told)


def test_the_budget_of_a_solve_grows_with_its_condition(solved: Limit) -> None:
    value, budget = evaluate(solved, entry(k * K.I * y), {})
    assert value == pytest.approx(1 + 1e6)
    # An eigenvalue of 10⁻⁶ beside one of 1, known to 64 epsilons of that: a relative error of 64·10⁶ epsilons.
    assert budget == pytest.approx(2 * 1e12 * 64 * np.finfo(float).eps, rel=0.1)


def test_a_whole_number_is_exact_and_leaves_no_budget(part: Limit) -> None:
    told = replace(part, auxiliary=(Auxiliary(symbol=T, meaning="T", value=lambda: 7),))
    value, budget = evaluate(told, 10 ** sp.Integer(6) * T, {})
    assert value == 7e6
    assert budget == pytest.approx(64 * np.finfo(float).eps * 7e6)


# -- rates and definitions -------------------------------------------------------------------------------------------


def test_the_exponent_of_a_rate_is_read_off_its_statement() -> None:
    order, m = sp.Function("O"), sp.Symbol("m", positive=True)
    assert sided(Eq(sp.Symbol("q"), order(m ** sp.Rational(-1, 2)))) == sp.Rational(-1, 2)
    assert sided(Eq(sp.Symbol("q"), order(sp.Integer(1)))) == 0
    assert sided(Eq(sp.Symbol("q"), sp.O(m**2))) == 2


RATES = [(it.id, part.name) for it in claims() for part in it.parts if isinstance(part, Rate)]


@pytest.mark.parametrize("id, name", RATES)
def test_every_rate_is_compared_with_its_statement(id: str, name: str) -> None:
    assert [task.name for task in Chain(part=name).tasks(claim(id))] == ["statement"]


def itself(told: Claim) -> set[str]:
    """Parts whose statement is one symbol, the value of which is the very formula that it is compared with."""
    found = set()
    for part in told.parts:
        right = None if part.statement is None else sided(part.statement)
        for item in part.auxiliary:
            if right == item.symbol and part.published is item.value:
                found.add(f"{told.id}:{part.name}")
    return found


# A root search, a fixed point, a quadrature, or the simulation's own recursion: what is compared there is the symbol
# with its value.
WITHOUT = {
    "chizat2019.leading_constant:descent",
    "chizat2019.leading_constant:flow",
    "chizat2019.leading_constant:paired",
    "chizat2019.theorem2_2:symmetry",
    "fang2021.l1_equivalence:equivalence",
    "fang2021.noisy_descent:gibbs",
    "fang2021.noisy_descent:poincare",
    "fang2021.optimal_variance:trained",
    "fang2021.optimal_variance:among",
    "fang2021.primal_dual:logistic",
    "fang2021.rf_kernel:kernel",
    "kearns2023.eq5_11:eq14",
    "kearns2023.eq5_11:variance",
}


def test_the_statements_that_are_compared_with_themselves_are_those_that_have_no_closed_form() -> None:
    assert set().union(*(itself(told) for told in claims())) <= WITHOUT
