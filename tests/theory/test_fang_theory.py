import numpy as np
import pytest
import sympy as sp

import theory
from theory import InvalidParameterError
from theory.fang2021 import _initial_gram, du2019, eq9, kernel_training, primal_dual
from theory.fang2021 import _two_layer as two_layer
from theory.fang2021._tangent_training import Start

RNG = np.random.default_rng(5)
X = RNG.standard_normal((4, 3))
X /= np.linalg.norm(X, axis=1, keepdims=True)
Y, THETA, U = RNG.standard_normal(4), RNG.standard_normal((9, 3)), RNG.standard_normal(9)
GIVEN = {"theta": THETA, "u": U, "alpha": 3.0, "points": X, "labels": Y, "centres": X[:2], "activation": "tanh"}


def claim(name):
    return theory.claim(f"fang2021.{name}")


def test_a_neurons_variance_is_divided_by_the_width():
    assert claim("eq24").predict(variance=3.0, m=12) == claim("eq24").predict_finite(variance=3.0, m=12) == 0.25


def test_the_variance_of_a_relu_kernel_at_coincident_inputs_is_that_of_half_a_fourth_moment():
    # E relu⁴ = 3/2 and (E relu²)² = 1/4 for a standard normal.
    found = claim("rf_kernel").predict_finite(correlation=1.0, activation="relu", m=5)
    assert found == pytest.approx((1.5 - 0.25) / 5, rel=1e-12)


@pytest.mark.parametrize("activation", ["relu", "tanh", "erf"])
def test_sampled_kernels_come_to_their_limits(activation):
    theta, u = RNG.standard_normal((200_000, 3)), RNG.standard_normal(200_000)
    for found, limit in (
        (two_layer.kernel_u(theta, X, X, activation), two_layer.limiting_kernel_u(X, X, activation)),
        (two_layer.kernel_theta(theta, u, X, X, activation), two_layer.limiting_kernel_theta(X, X, activation)),
    ):
        assert np.abs(found - limit).max() < 0.02


def test_the_scalar_kernel_as_printed_does_not_depend_on_the_second_input():
    values = {claim("ntk_kernels").as_printed(activation="relu") for _ in (0.1, 0.9)}
    assert values == {0.5}
    assert claim("ntk_kernels").predict(correlation=0.0, activation="relu") == 0


@pytest.mark.parametrize("lambda_", [1e-5, 1e-2, 1.0])
def test_the_gradient_of_the_logistic_problem_vanishes_at_its_coefficients(lambda_):
    K, signs = two_layer.kernel_u(THETA, X, X, "relu"), np.sign(Y)
    beta = primal_dual.logistic_coefficients(K, signs, lambda_ * 4)
    assert np.abs(lambda_ * 4 * beta - signs / (1 + np.exp(signs * (K @ beta)))).max() < 1e-12


def test_coefficients_of_descent_are_those_of_parameters_moved_by_hand():
    start = Start(**GIVEN)
    theta, u = THETA.copy(), U.copy()
    H = two_layer.features(THETA, X, "tanh")
    G = two_layer.slopes(THETA, X, "tanh") * U
    for _ in range(5):
        f = 3 / 9 * (H @ u + np.einsum("ij,id,jd->i", G, X, theta - THETA))
        gap = (f - Y) / 4
        u, theta = u - 0.3 * 3 / 9 * gap @ H, theta - 0.2 * 3 / 9 * (gap[:, None] * G).T @ X
    beta_u, beta_theta = start.coefficients(0.3, 0.2, 5)
    assert np.abs(3 * (u - U) - beta_u @ H).max() < 1e-13
    assert np.abs(3 * (theta - THETA) - (beta_theta[:, None] * G).T @ X).max() < 1e-13


@pytest.mark.parametrize("rule, alpha, expected", [("11", 4.0, 4.0), ("12", 4.0, 0.25), ("13", 4.0, 1.0)])
def test_learning_rates_set_the_ratio_of_the_coefficients(rule, alpha, expected):
    assert claim("eq9").predict(rule=rule, alpha=alpha, m=16) == expected


def test_the_chain_rule_acts_twice_on_a_rescaled_parameter():
    v, eta, alpha, m = sp.symbols("v eta alpha m", positive=True)
    loss, u = sp.Function("L"), sp.Symbol("u")
    step_of_v = -eta * sp.diff(loss(m / alpha * v), v)
    step_of_u = (m / alpha * step_of_v).doit().subs(v, alpha * u / m)
    assert sp.simplify(step_of_u.doit() / sp.diff(loss(u), u)) == -eta * (m / alpha) ** 2
    found = theory.claim("fang2021.eq9").part("rescaled")
    assert found.published(alpha=4.0, m=16) == 16
    assert found.printed(alpha=4.0, m=16) == 4


def test_descent_to_the_end_is_the_interpolant_and_plain_descent_is_on_its_way():
    whole = kernel_training.interpolated(**GIVEN)
    part = claim("kernel_training").part("preconditioned")
    assert part.published(**GIVEN, step_size=2.0, steps=20_000) == pytest.approx(whole, rel=1e-8)
    assert abs(part.decoys[0].published(**GIVEN, step_size=2.0, steps=20) - whole) > 1e-3


def test_without_an_initial_output_the_printed_kernel_form_is_right():
    form = claim("eq9").part("kernel_form")
    paired = {**GIVEN, "theta": np.vstack([THETA, THETA]), "u": np.concatenate([U, -U])}
    rates = {"eta_u": 0.3, "eta_theta": 0.2, "steps": 4}
    assert form.printed(**paired, **rates) == pytest.approx(form.published(**paired, **rates), abs=1e-14)
    assert abs(form.printed(**GIVEN, **rates) - form.published(**GIVEN, **rates)) > 1e-2


def test_orthogonal_points_have_a_gram_matrix_of_one_half():
    assert du2019.least_eigenvalue(np.eye(4)) == pytest.approx(0.5, abs=1e-15)
    assert _initial_gram.limiting_gram(np.eye(4)) == pytest.approx(np.eye(4) / 2, abs=1e-15)


def test_coincident_points_leave_no_contraction():
    assert du2019.least_eigenvalue(np.array([[1.0, 0.0], [1.0, 0.0]])) == pytest.approx(0, abs=1e-15)


def test_the_width_that_the_proof_asks_for_carries_the_third_power_of_delta():
    assert sp.simplify(du2019.derive_width() / du2019.stated) == 1


@pytest.mark.parametrize("wrong", [{"eta": -0.1}, {"lambda_0": 0.0}, {"k": 1.5}])
def test_what_no_contraction_can_have_is_refused(wrong):
    with pytest.raises(InvalidParameterError, match=next(iter(wrong))):
        claim("du2019").predict(**{"lambda_0": 0.3, "eta": 0.1, "k": 3, "initial_loss": 1.0} | wrong)


def test_a_rule_that_is_not_there_is_refused():
    with pytest.raises(InvalidParameterError, match="rule must be one of 11, 12, 13"):
        eq9.CLAIM.predict(rule="10", alpha=1.0, m=4)
