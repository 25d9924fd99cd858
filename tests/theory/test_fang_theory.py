import itertools
from typing import Any

import numpy as np
import pytest
import sympy as sp

from lazy_assay import theory
from lazy_assay.theory import Claim, InvalidParameterError
from lazy_assay.theory._mathematics import two_layer as two_layer
from lazy_assay.theory._mathematics.kernel_functions import Descent
from lazy_assay.theory._mathematics.tangent_training import Start
from lazy_assay.theory.fang2021 import (
    _initial_gram,
    _lasso,
    du2019,
    eq9,
    footnote1,
    kernel_training,
    l1_equivalence,
    primal_dual,
)
from lazy_assay.theory.fang2021._initial_gram import least_eigenvalue

RNG = np.random.default_rng(5)
X = RNG.standard_normal((4, 3))
X /= np.linalg.norm(X, axis=1, keepdims=True)
Y, THETA, U = RNG.standard_normal(4), RNG.standard_normal((9, 3)), RNG.standard_normal(9)
GIVEN: dict[str, Any] = {
    "theta": THETA,
    "u": U,
    "alpha": 3.0,
    "points": X,
    "labels": Y,
    "centres": X[:2],
    "activation": "tanh",
}


def claim(name: str) -> Claim:
    return theory.claim(f"fang2021.{name}")


def test_a_neurons_variance_is_divided_by_the_width() -> None:
    assert claim("eq24").predict(variance=3.0, m=12) == claim("eq24").predict_finite(variance=3.0, m=12) == 0.25


def test_the_variance_of_a_relu_kernel_at_coincident_inputs_is_that_of_half_a_fourth_moment() -> None:
    # E relu⁴ = 3/2 and (E relu²)² = 1/4 for a standard normal.
    found = claim("rf_kernel").predict_finite(correlation=1.0, activation="relu", m=5)
    assert found == pytest.approx((1.5 - 0.25) / 5, rel=1e-12)


@pytest.mark.parametrize("activation", ["relu", "tanh", "erf"])
def test_sampled_kernels_come_to_their_limits(activation: str) -> None:
    theta, u = RNG.standard_normal((200_000, 3)), RNG.standard_normal(200_000)
    for found, limit in (
        (two_layer.kernel_u(theta, X, X, activation), two_layer.limiting_kernel_u(X, X, activation)),
        (two_layer.kernel_theta(theta, u, X, X, activation), two_layer.limiting_kernel_theta(X, X, activation)),
    ):
        assert np.abs(found - limit).max() < 0.02


def test_the_scalar_kernel_as_printed_does_not_depend_on_the_second_input() -> None:
    values = {claim("ntk_kernels").as_printed(activation="relu") for _ in (0.1, 0.9)}
    assert values == {0.5}
    assert claim("ntk_kernels").predict(part="k_theta", correlation=0.0, activation="relu") == 0


@pytest.mark.parametrize("lambda_", [1e-5, 1e-2, 1.0])
def test_the_gradient_of_the_logistic_problem_vanishes_at_its_coefficients(lambda_: float) -> None:
    K, signs = two_layer.kernel_u(THETA, X, X, "relu"), np.sign(Y)
    beta = primal_dual.logistic_coefficients(K, signs, lambda_ * 4)
    assert np.abs(lambda_ * 4 * beta - signs / (1 + np.exp(signs * (K @ beta)))).max() < 1e-12


def test_coefficients_of_descent_are_those_of_parameters_moved_by_hand() -> None:
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


@pytest.mark.parametrize("steps", [1, 20, 1000, 10**7])
@pytest.mark.parametrize("rate", [0.01, 1.5])
def test_coefficients_are_within_the_bound_that_their_docstring_derives(steps: int, rate: float) -> None:
    from flint import arb_mat, ctx

    # A point that is there twice makes K singular; its largest eigenvalue is `rate`.
    start = Start(**{**GIVEN, "points": X[[0, 1, 2, 2]]})
    scale, kernel = start.alpha**2 / (len(U) * len(Y)), start.kernel_u(start.points) + start.kernel_theta(start.points)
    eta = rate / float(np.linalg.eigvalsh(kernel)[-1]) / scale
    K = scale * (eta * start.kernel_u(start.points) + eta * start.kernel_theta(start.points))
    gap, step = start.offset(start.points) - Y, Descent(1.0, steps)
    with ctx.workprec(512):
        exact = step.enclosed(arb_mat(K.tolist()), arb_mat([[value] for value in gap.tolist()]))
        right = np.array([float(exact[i, 0].mid()) for i in range(len(Y))])
    found = -start.coefficients(eta, eta, steps)[0] / (scale * eta)
    values = np.maximum(np.linalg.eigvalsh(K), 0.0)
    f, slope = step.of(values), step.steepness(values)
    roundoff = len(Y) * np.finfo(float).eps
    bound = roundoff * (values[-1] * slope.max() + 2 * f.max()) * np.linalg.norm(gap)
    assert np.linalg.norm(found - right) <= bound


@pytest.mark.parametrize("steps", [1, 20, 1000])
@pytest.mark.parametrize("top", [0.01, 1.0, 1.9])
def test_descent_step_by_step_rounds_no_more_than_the_bound_it_is_avoided_for(steps: int, top: float) -> None:
    from flint import arb_mat, ctx

    kernel = Start(**GIVEN).kernel_u(X)
    K, gap = top / float(np.linalg.eigvalsh(kernel)[-1]) * kernel, Y
    with ctx.workprec(512):
        exact = Descent(1.0, steps).enclosed(arb_mat(K.tolist()), arb_mat([[value] for value in gap.tolist()]))
    total = 0 * gap
    for _ in range(steps):
        total = total + (gap - K @ total)
    off = np.linalg.norm([total[i] - float(exact[i, 0].mid()) for i in range(len(gap))])
    unit = np.finfo(float).eps / 2
    assert off <= unit * (len(gap) + 2) * steps * (1 + (1 + top) * steps / 2) * np.linalg.norm(gap)


@pytest.mark.parametrize("rule, alpha, expected", [("11", 4.0, 4.0), ("12", 4.0, 0.25), ("13", 4.0, 1.0)])
def test_learning_rates_set_the_ratio_of_the_coefficients(rule: str, alpha: float, expected: float) -> None:
    assert claim("eq9").predict(rule=rule, alpha=alpha, m=16) == expected


def test_the_chain_rule_acts_twice_on_a_rescaled_parameter() -> None:
    v, eta, alpha, m = sp.symbols("v eta alpha m", positive=True)
    loss, u = sp.Function("L"), sp.Symbol("u")
    step_of_v = -eta * sp.diff(loss(m / alpha * v), v)
    step_of_u = (m / alpha * step_of_v).doit().subs(v, alpha * u / m)
    assert sp.simplify(step_of_u.doit() / sp.diff(loss(u), u)) == -eta * (m / alpha) ** 2
    found = theory.claim("fang2021.eq9").part("rescaled")
    assert found.published is not None
    assert found.published(alpha=4.0, m=16) == 16
    assert found.printed is not None
    assert found.printed(alpha=4.0, m=16) == 4


def test_descent_to_the_end_is_the_interpolant_and_plain_descent_is_on_its_way() -> None:
    whole = kernel_training.interpolated(**GIVEN)
    part = claim("kernel_training").part("preconditioned")
    assert part.published is not None
    assert part.published(**GIVEN, step_size=2.0, steps=20_000) == pytest.approx(whole, rel=1e-8)
    assert abs(part.decoys[0].published(**GIVEN, step_size=2.0, steps=20) - whole) > 1e-3


def test_without_an_initial_output_the_printed_kernel_form_is_right() -> None:
    form = claim("eq9").part("kernel_form")
    paired = {**GIVEN, "theta": np.vstack([THETA, THETA]), "u": np.concatenate([U, -U])}
    rates = {"eta_u": 0.3, "eta_theta": 0.2, "steps": 4}
    assert form.printed is not None
    assert form.published is not None
    assert form.printed(**paired, **rates) == pytest.approx(form.published(**paired, **rates), abs=1e-14)
    assert abs(form.printed(**GIVEN, **rates) - form.published(**GIVEN, **rates)) > 1e-2


def test_orthogonal_points_have_a_gram_matrix_of_one_half() -> None:
    assert least_eigenvalue(np.eye(4)) == pytest.approx(0.5, abs=1e-15)
    assert _initial_gram.limiting_gram(np.eye(4)) == pytest.approx(np.eye(4) / 2, abs=1e-15)


def test_coincident_points_leave_no_contraction() -> None:
    assert least_eigenvalue(np.array([[1.0, 0.0], [1.0, 0.0]])) == pytest.approx(0, abs=1e-15)


def test_the_width_that_the_proof_asks_for_carries_the_third_power_of_delta() -> None:
    assert sp.simplify(du2019.derive_width() / du2019.stated) == 1


@pytest.mark.parametrize("wrong", [{"eta": -0.1}, {"lambda_0": 0.0}, {"k": 1.5}])
def test_what_no_contraction_can_have_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameterError, match=next(iter(wrong))):
        claim("du2019").predict(**{"lambda_0": 0.3, "eta": 0.1, "k": 3, "initial_loss": 1.0} | wrong)


def test_a_rule_that_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidParameterError, match="rule must be one of 11, 12, 13"):
        eq9.CLAIM.predict(rule="10", alpha=1.0, m=4)


# -- Gram matrices at initialisation ---------------------------------------------------------------------------------


@pytest.mark.parametrize("m", [1, 2, 3])
@pytest.mark.parametrize("correlation", [0.2, 0.9])
def test_the_law_of_a_pair_is_that_of_every_way_of_being_active(m: int, correlation: float) -> None:
    q, pair = _initial_gram.both_active(correlation), np.array([[1.0, correlation], [correlation, 1.0]])
    chances = {(1, 1): q, (1, 0): 0.5 - q, (0, 1): 0.5 - q, (0, 0): q}
    level, expected = 0.4 * _initial_gram.least_of_pair(correlation), 0.0
    for patterns in itertools.product(chances, repeat=m):
        gram = pair * sum(np.outer(active, active) for active in patterns) / m
        expected += (np.linalg.eigvalsh(gram)[0] <= level) * np.prod([chances[active] for active in patterns])
    assert _initial_gram.block_law(m, correlation, level) == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
@pytest.mark.parametrize("correlation", [0.1, 0.6, 0.97])
def test_chernoffs_bound_is_above_the_exact_law_of_pairs(share: float, correlation: float) -> None:
    least, published = _initial_gram.least_of_pair(correlation), claim("initial_gram").part("pairs").published
    assert published
    for m, pairs in itertools.product((1, 7, 30, 100), (1, 8)):
        exact = published(pairs, correlation, m, share)
        assert exact <= _initial_gram.chernoff(2 * pairs, m, least, 1 + correlation, share) + 1e-12


def test_pairs_have_the_least_eigenvalue_of_their_points() -> None:
    points = np.kron(np.eye(3), np.array([[1.0, 0.0], [0.6, 0.8]]))
    assert _initial_gram.least_eigenvalue(points) == pytest.approx(_initial_gram.least_of_pair(0.6), abs=1e-14)


def test_the_contraction_holds_from_the_threshold_on() -> None:
    for lambda_0, eta in itertools.product((0.05, 0.3, 0.5), (0.01, 0.5, 1.5)):
        at = du2019.threshold(lambda_0, eta) * lambda_0
        assert (1 - eta * at) ** 2 == pytest.approx(1 - eta * lambda_0 / 2, rel=1e-12)
    assert du2019.threshold(0.3, 0.0) == 0.25


@pytest.mark.parametrize(
    "id, given, named",
    [
        ("du2019", {"lambda_0": 0.6, "eta": 0.1, "k": 3, "initial_loss": 1.0}, "lambda_0"),
        ("initial_gram", {"pairs": 2, "correlation": 0.5, "m": 129, "share": 0.5}, "m must be"),
        ("initial_gram", {"pairs": 2, "correlation": 1.0, "m": 9, "share": 0.5}, "correlation"),
        ("initial_gram", {"n": 4, "lambda_0": 0.51, "L": 2.0, "share": 0.5, "delta": 0.1}, "lambda_0"),
    ],
)
def test_what_no_gram_matrix_has_is_refused(id: str, given: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidParameterError, match=named):
        claim(id).predict(**given)


def test_a_step_that_overshoots_is_refused() -> None:
    probability = claim("du2019").part("probability")
    given = {"pairs": 1, "correlation": 0.5, "m": 4, "eta": 0.7}
    with pytest.raises(InvalidParameterError, match="step size"):
        probability.call("fang2021.du2019", "formula", probability.published, given)


# -- weight decay ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strength", [1e-3, 0.05, 0.4])
def test_the_l1_solution_satisfies_its_own_conditions(strength: float) -> None:
    rng = np.random.default_rng(2)
    H, y = rng.standard_normal((5, 9)), rng.standard_normal(5)
    a = _lasso.lasso_coefficients(H, y, strength)
    pull = H.T @ (y - H @ a) / 5
    assert np.abs(pull).max() <= strength * (1 + 1e-5)
    assert pull[a != 0] == pytest.approx(strength * np.sign(a[a != 0]), abs=1e-5)


@pytest.mark.parametrize("strength", [1e-2, 0.4])
def test_the_squared_l1_solution_is_the_l1_solution_at_strength_times_its_norm(strength: float) -> None:
    rng = np.random.default_rng(2)
    H, y = rng.standard_normal((5, 9)), rng.standard_normal(5)
    c = _lasso.squared_lasso_coefficients(H, y, strength)
    assert _lasso.lasso_coefficients(H, y, strength * np.abs(c).sum()) == pytest.approx(c, abs=1e-5)


def test_the_least_decay_over_rescalings_is_the_stated_one() -> None:
    u, r, first, second = sp.symbols("u r lambda_u lambda_theta", positive=True)
    assert sp.simplify(l1_equivalence.derive_least() - sp.sqrt(first * second) * u * r) == 0


def test_an_activation_that_is_not_homogeneous_is_refused() -> None:
    part = claim("l1_equivalence").part("one_step")
    given = {name: value for name, value in GIVEN.items() if name != "centres"} | {"lambda_": 0.1, "step_size": 0.1}
    with pytest.raises(InvalidParameterError, match="homogeneous"):
        part.call("fang2021.l1_equivalence", "formula", part.published, given)


@pytest.mark.parametrize("mu", [1e-9, 1e-3])
def test_a_minimiser_with_weight_decay_is_no_nearer_than_what_no_data_see(mu: float) -> None:
    rng = np.random.default_rng(3)
    weights = {"theta": rng.standard_normal((400, 3)), "u": rng.standard_normal(400), "alpha": 20.0}
    given = weights | {"points": np.eye(3), "labels": np.array([1.0, -1.0, 0.5]), "activation": "tanh"}
    # 1600 weights and 3 points: the span holds a small part of them.
    assert footnote1.relative_distance(**given, mu=mu) > 0.95
    assert footnote1.distance(2.0, centred=True)(**given, mu=mu) < 0.05


def test_a_label_without_a_sign_is_refused() -> None:
    given: dict[str, Any] = {"theta": THETA, "activation": "relu", "points": X, "centres": X, "lambda_": 0.1}
    with pytest.raises(InvalidParameterError, match="no sign"):
        primal_dual.logistic(labels=np.array([1.0, 0.0, -1.0, 1.0]), **given)
