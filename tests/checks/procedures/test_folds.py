import numpy as np
import pytest
import sympy as sp
from scipy.special import zeta

from lazy_assay.checks.power.expressions import mistakes
from lazy_assay.checks.procedures.evaluation import elements, numeric
from lazy_assay.checks.procedures.folds import folded, sensitivity
from lazy_assay.theory import InvalidParameterError
from lazy_assay.theory._mathematics.matrices import letter

n, d, N = (sp.Symbol(name, integer=True, positive=True) for name in ("n", "d", "N"))
i, k = sp.symbols("i k", integer=True, nonnegative=True)
t, s = sp.Symbol("t", real=True), sp.Symbol("s", positive=True)
x, A = letter("x", d, 1), letter("A", n, d)
GIVEN = np.array([[0.3], [-0.5], [0.7], [0.2]])


def test_a_sum_over_entries_begins_and_ends_where_it_says() -> None:
    told = sp.Sum(x[i, 0] ** 2, (i, N, d - 1))
    assert folded(told, {x: GIVEN, N: 1, d: 4}, numeric) == pytest.approx(0.25 + 0.49 + 0.04)
    assert folded(told, {x: GIVEN, N: 6, d: 4}, numeric) == 0


def test_a_product_of_entries_is_one_where_there_are_none() -> None:
    told = sp.Product(1 - x[i, 0] ** 2, (i, 0, N - 1))
    assert folded(told, {x: GIVEN, N: 4}, numeric) == pytest.approx(0.91 * 0.75 * 0.51 * 0.96)
    assert folded(told, {x: GIVEN, N: 0}, numeric) == 1


def test_a_sum_within_a_sum_goes_over_the_rows_of_a_matrix() -> None:
    matrix = np.arange(12.0).reshape(3, 4)
    told = sp.Sum(sp.sqrt(sp.Sum(A[k, i] ** 2, (i, 0, d - 1))), (k, 0, n - 1))
    assert folded(told, {A: matrix, n: 3, d: 4}, numeric) == pytest.approx(np.linalg.norm(matrix, axis=1).sum())


def test_a_sum_within_an_integral_has_its_own_axis() -> None:
    told = sp.Integral(sp.exp(-(t**2)) * sp.cos(t * sp.Sum(x[i, 0], (i, 0, d - 1))), (t, -sp.oo, sp.oo))
    assert folded(told, {x: GIVEN, d: 4}, numeric) == pytest.approx(np.sqrt(np.pi) * np.exp(-(0.7**2) / 4), rel=1e-13)


@pytest.mark.parametrize("scale", [1e-2, 1.0, 1e3])
def test_an_integral_over_the_line_is_right_to_the_last_digits_at_every_scale(scale: float) -> None:
    told = sp.Integral((t / s) ** 2 * sp.sech(t / s) / s, (t, -sp.oo, sp.oo))
    # ∫ x² sech x dx = π³/4.
    assert folded(told, {s: scale}, numeric) == pytest.approx(np.pi**3 / 4, rel=1e-12)


def test_an_integral_that_does_not_settle_is_refused() -> None:
    with pytest.raises(InvalidParameterError, match="does not settle"):
        folded(sp.Integral(sp.cos(s * t) / (1 + t**2), (t, -sp.oo, sp.oo)), {s: 40.0}, numeric)
    with pytest.raises(TypeError, match="no integral over the real line"):
        folded(sp.Integral(t, (t, 0, 1)), {}, numeric)


def test_the_sensitivity_is_that_of_every_entry() -> None:
    told = sp.Sum(s * x[i, 0] ** 2, (i, 0, d - 1))
    # Σ |2 s x_i| · max|x| over entries, and s Σ x_i² over s.
    right = 2 * 2.0 * np.abs(GIVEN).sum() * 0.7 + 2.0 * (GIVEN**2).sum()
    assert sensitivity(told, {x: GIVEN, s: 2.0, d: 4}, numeric) == pytest.approx(right, rel=1e-5)


def test_what_stands_for_a_number_is_never_within_another() -> None:
    told = sp.Sum(x[i, 0] ** 2, (i, 0, d - 1)) + x[0, 0] + sp.Sum(k, (k, 0, N))
    matrices, left = elements(told)
    assert set(matrices.values()) == {sp.Sum(x[i, 0] ** 2, (i, 0, d - 1)), x[0, 0]}
    assert left.has(sp.Sum)


def test_mistakes_are_made_in_a_body_and_never_in_which_entry_is_meant() -> None:
    told = sp.Sum(1 - x[i, 0] ** 2, (i, 0, d - 1))
    made = {mistake.expression for mistake in mistakes(told)}
    assert sp.Sum(1 - x[i, 0], (i, 0, d - 1)) in made
    assert sp.Sum(-(x[i, 0] ** 2), (i, 0, d - 1)) in made
    assert not any(each.has(x[i**2, 0]) for each in made)


def test_a_mistake_in_an_integrand_is_made_though_its_ends_are_infinite() -> None:
    told = sp.Integral(sp.exp(-(t**2)), (t, -sp.oo, sp.oo))
    assert any(mistake.expression.has(sp.Integral) for mistake in mistakes(told))


def test_an_integral_of_a_logarithm_is_the_value_of_zeta_that_it_is() -> None:
    told = sp.Integral(sp.log(1 + sp.exp(-(t**2))), (t, -sp.oo, sp.oo))
    assert folded(told, {}, numeric) == pytest.approx(np.sqrt(np.pi) * (1 - 2**-0.5) * zeta(1.5), rel=1e-12)
