from typing import Any

import pytest
import sympy as sp

from lazy_assay.checks.power.expressions import SHARES, Operator, mistakes, places, replaced
from lazy_assay.theory._mathematics.matrices import entry, letter

rho, t, N, d = sp.symbols("rho t N d", positive=True)
lambda_2 = sp.Symbol("lambda_2", positive=True)
STATED = t * sp.Max(0, 1 - rho) + 3 * (1 - t) ** 2 / lambda_2
n = sp.Symbol("n", positive=True, integer=True)
K, y, k = letter("K", n, n), letter("y", n, 1), letter("k", 1, n)
MATRICES = entry(k * (K + t * sp.Identity(n)).I * y)


def of(operator: Operator, expression: sp.Expr = STATED, **told: Any) -> set[sp.Expr]:
    return {mistake.expression for mistake in mistakes(expression, **told) if mistake.operator is operator}


def test_no_mistake_is_the_expression_itself_and_none_is_told_twice() -> None:
    found = [mistake.expression for mistake in mistakes(STATED, (N, d), (rho,))]
    assert STATED not in found
    assert len(set(found)) == len(found)


def test_every_term_of_a_sum_is_dropped_and_every_side_of_a_maximum() -> None:
    dropped = {
        STATED - t * sp.Max(0, 1 - rho),
        t * sp.Max(0, 1 - rho),
        t * (1 - rho) + 3 * (1 - t) ** 2 / lambda_2,
        t * sp.Max(0, 1) + 3 * (1 - t) ** 2 / lambda_2,
        t * sp.Max(0, 1 - rho) + 3 * t**2 / lambda_2,
    }
    assert dropped <= of(Operator.TERM)


def test_a_side_of_a_maximum_is_told_with_its_maximum() -> None:
    # Not "without 0", which reads like a term that is none: 1 − ρ is another number beyond 1.
    names = {m.name for m in mistakes(rho * sp.Max(0, 1 - rho)) if m.operator is Operator.TERM}
    assert {"Max(0, 1 - rho) without 0", "without -rho"} <= names


def test_a_numerical_factor_is_dropped() -> None:
    assert t * sp.Max(0, 1 - rho) + (1 - t) ** 2 / lambda_2 in of(Operator.CONSTANT)


def test_coefficients_are_off_by_each_share_either_way() -> None:
    changed = {m.expression: m.share for m in mistakes(rho + t) if m.operator is Operator.COEFFICIENT}
    for share in map(sp.Rational, ("1/10", "3/100", "1/100", "1/1000")):
        for factor in (1 + share, 1 - share):
            assert changed[factor * rho + t] == share
            assert changed[rho + factor * t] == share


@pytest.mark.parametrize("power", [3, 1, sp.Rational(5, 2), sp.Rational(3, 2)])
def test_exponents_are_off_by_one_and_by_a_half(power: sp.Expr) -> None:
    assert t**power / d in of(Operator.EXPONENT, t**2 / d)


def test_what_a_case_comes_to_is_off_and_not_its_condition() -> None:
    N, d = sp.symbols("N d", real=True)
    cases = sp.Piecewise((1, N < -1), (N * d, d > N), (0, True))
    factors = [1 + sign * share for share in SHARES for sign in (1, -1)]
    wanted = {sp.Piecewise((1, N < -1), (N * d * factor, d > N), (0, True)) for factor in factors}
    assert of(Operator.COEFFICIENT, cases) == wanted
    assert of(Operator.SWAP, cases)


def test_a_symbol_is_a_power_too() -> None:
    assert {t / d**2, t, t / d ** sp.Rational(1, 2), t**2 / d, 1 / d} <= of(Operator.EXPONENT, t / d)


def test_symbols_are_swapped_replaced_and_turned_upside_down() -> None:
    assert d / N in of(Operator.SWAP, N / d, sizes=(N, d))
    assert t / d in of(Operator.SWAP, t / N, sizes=(N, d))
    assert 1 / (1 + 1 / rho) in of(Operator.SWAP, 1 / (1 + rho), ratios=(rho,))


def test_hermite_coefficients_are_taken_for_monic_ones() -> None:
    assert {sp.sqrt(2) * lambda_2, lambda_2 / sp.sqrt(2), 2 * lambda_2} <= of(Operator.NORMALISATION, lambda_2)


def test_a_mistake_that_divides_by_zero_everywhere_is_none() -> None:
    assert not any(m.expression.has(sp.zoo, sp.nan) for m in mistakes(1 / sp.Max(0, 1 - t)))


def test_matrices_lose_terms_and_powers_and_change_places_with_those_of_their_size() -> None:
    other = letter("K_2", n, n)
    both = entry(k * (K + other).I * K * y)
    shown = {str(mistake.expression) for mistake in mistakes(both)}
    assert {"(k*K**(-1)*K*y)[0, 0]", "(k*K_2**(-1)*K*y)[0, 0]", "(k*(K + K_2)**(-1)*K_2*y)[0, 0]"} <= shown
    assert entry(k * K.I * y) in of(Operator.TERM, MATRICES)


def test_a_node_is_found_again_by_its_path() -> None:
    for path, node in places(STATED):
        assert replaced(STATED, path, node) == STATED
