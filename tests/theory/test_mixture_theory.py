from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp

from lazy_assay import theory
from lazy_assay.theory import Identity, InvalidParameterError, Limit
from lazy_assay.theory._prediction import arguments
from lazy_assay.theory.ghorbani2019._activations import ACTIVATIONS
from lazy_assay.theory.ghorbani2019._free_moments import non_crossing, projection_cumulants, word
from lazy_assay.theory.ghorbani2019._mixture import B2, EXISTS, M1, M2, congruent, roots
from lazy_assay.theory.ghorbani2019._mixture_equivalent import (
    finite_mixture_risk,
    in_joint_basis,
    one_over_d_coefficient,
)
from lazy_assay.theory.ghorbani2019._tangent_mixture import exact_given_weights, mean_risk
from lazy_assay.theory.ghorbani2019._tangent_mixture import one_over_d_coefficient as tangent_coefficient

CLAIM = {
    name: theory.claim(f"ghorbani2019.{name}")
    for name in ("theorem4", "eq16", "theorem5", "theorem6", "eq17", "bayes", "other_settings")
}


def rng(*key: int) -> np.random.Generator:
    return np.random.default_rng([7, *key])


def entries(d: int, signed: bool = False) -> np.ndarray:
    delta = np.resize([2.0, 1.5, 1.0, 1.5], d) / np.sqrt(d)
    return np.asarray(delta * np.resize([1, 1, -1], d) if signed else delta)


def rotated(spectrum: np.ndarray, seed: int = 0) -> np.ndarray:
    Q = np.linalg.qr(rng(seed, len(spectrum)).standard_normal((len(spectrum),) * 2))[0]
    matrix = (Q * spectrum) @ Q.T
    return np.asarray((matrix + matrix.T) / 2)


def kernel(S: np.ndarray, activation: str) -> tuple[np.ndarray, np.ndarray]:
    """E sigma_c(a) sigma_c(b) and E sigma_c(a) for Gaussians of covariances S, (trials, N, N)."""
    q = np.einsum("tii->ti", S)
    if activation == "quadratic":
        return 2 * S**2 + (q - 1)[:, :, None] * (q - 1)[:, None, :], q - 1
    r, c0 = np.sqrt(q), 1 / np.sqrt(2 * np.pi)
    outer = r[:, :, None] * r[:, None, :]
    angle = np.arccos(np.clip(S / outer, -1, 1))
    K = outer * (np.sin(angle) + (np.pi - angle) * np.cos(angle)) / (2 * np.pi)
    return K - c0**2 * (r[:, :, None] + r[:, None, :]) + c0**2, c0 * (r - 1)


def exact_risks(W: np.ndarray, Sigma: np.ndarray, Delta: np.ndarray, activation: str) -> np.ndarray:
    """1 - v'K^{-1}v for each W, shape (trials, N, d)."""
    classes = [kernel(W @ (Sigma + sign * Delta) @ W.transpose(0, 2, 1), activation) for sign in (-1, 1)]
    K = (classes[0][0] + classes[1][0]) / 2
    v = (classes[0][1] - classes[1][1]) / 2
    return np.asarray(1 - np.einsum("tn,tn->t", v, np.linalg.solve(K, v[:, :, None])[:, :, 0]))


def draws(trials: int, N: int, Gamma: np.ndarray, seed: int = 0) -> np.ndarray:
    return rng(seed, N).standard_normal((trials, N, len(Gamma))) @ np.linalg.cholesky(Gamma).T


def general(d: int) -> tuple[np.ndarray, ...]:
    """Sigma, Delta and Gamma of which no two commute."""
    Sigma = rotated(np.linspace(0.6, 1.4, d), 1)
    Delta = congruent(roots(Sigma)[0], rotated(entries(d, signed=True), 2))
    Gamma = rotated(np.linspace(0.5, 1.5, d), 3)
    return Sigma, Delta, Gamma / np.trace(Gamma @ Sigma)


# -- random features -------------------------------------------------------------------------------


@pytest.mark.parametrize("rho", [0.25, 0.75, 2.0])
def test_isotropic_quadratic_features_have_the_closed_form(rho: float) -> None:
    Delta, one = entries(64), np.ones(64)
    expected = 1 / (1 + rho / (1 + rho) * Delta.sum() ** 2 / 128)
    got = CLAIM["theorem4"].predict(rho=rho, Sigma=one, Delta=Delta, Gamma=one / 64, activation="quadratic")
    assert got == pytest.approx(expected, rel=1e-12)


def test_the_limit_does_not_depend_on_whitening_or_basis() -> None:
    Sigma, Delta, Gamma = general(12)
    white = np.ones(12), congruent(roots(Sigma)[1], Delta), congruent(roots(Sigma)[0], Gamma)
    formulas: list[Callable[..., float]] = [
        CLAIM["theorem4"].predict,
        lambda rho, **rest: CLAIM["theorem4"].predict_finite(d=12, N=9, **rest),
    ]
    for formula in formulas:
        names = ("Sigma", "Delta", "Gamma")
        first = formula(rho=0.75, **dict(zip(names, (Sigma, Delta, Gamma), strict=True)), activation="relu")
        second = formula(rho=0.75, **dict(zip(names, white, strict=True)), activation="relu")
        assert first == pytest.approx(second, abs=1e-10)


@pytest.mark.parametrize("kind", ["positive", "signed", "general"])
@pytest.mark.parametrize("activation, N, trials", [("quadratic", 20, 1000), ("quadratic", 80, 200), ("relu", 60, 300)])
def test_the_finite_size_risk_is_the_mean_over_weights_where_the_limit_is_not(
    kind: str, activation: str, N: int, trials: int
) -> None:
    d = 40
    Sigma, Delta, Gamma = general(d)
    if kind != "general":
        Sigma, Delta, Gamma = np.eye(d), np.diag(entries(d, kind == "signed")), np.eye(d) / d
    risks = exact_risks(draws(trials, N, Gamma), Sigma, Delta, activation)
    given: dict[str, Any] = {"Sigma": Sigma, "Delta": Delta, "Gamma": Gamma, "activation": activation}
    allowed = 2e-3 + 4.5 * risks.std() / np.sqrt(trials)
    assert abs(CLAIM["theorem4"].predict_finite(d=d, N=N, **given) - risks.mean()) < allowed
    if activation == "quadratic":
        assert abs(CLAIM["theorem4"].predict(rho=N / d, **given) - risks.mean()) > 2e-3


def test_no_decoy_of_theorem_4_is_near_it() -> None:
    Sigma, Delta, Gamma = general(40)
    values: dict[str, Any] = {"rho": 1.5, "Sigma": Sigma, "Delta": Delta, "Gamma": Gamma, "activation": "relu"}
    right = CLAIM["theorem4"].predict(**values)
    assert all(abs(decoy.published(**values) - right) > 3e-3 for decoy in CLAIM["theorem4"].parts[0].decoys)


@pytest.mark.parametrize("activation", [name for name, sigma in ACTIVATIONS.items() if sigma.odd])
def test_odd_features_learn_nothing(activation: str) -> None:
    given: dict[str, Any] = {
        "Sigma": np.ones(9),
        "Delta": entries(9),
        "Gamma": np.ones(9) / 9,
        "activation": activation,
    }
    assert CLAIM["theorem4"].predict(rho=2.0, **given) == 1.0
    assert CLAIM["theorem4"].predict_finite(d=9, N=4, **given) == 1.0


@pytest.mark.parametrize("Gamma", [np.ones(5) / 5, np.arange(1.0, 6) / 15])
@pytest.mark.parametrize("activation", ["quadratic", "relu"])
def test_one_neuron_has_its_mean_risk(Gamma: np.ndarray, activation: str) -> None:
    Delta = 0.5 * rotated(np.array([1, 0.5, -0.5, 0.3, 1]), 4)
    risks = exact_risks(draws(100_000, 1, np.diag(Gamma)), np.eye(5), Delta, activation)
    got = CLAIM["theorem4"].predict_finite(d=5, N=1, Sigma=np.ones(5), Delta=Delta, Gamma=Gamma, activation=activation)
    # 1e-3: three nodes in tau for the heavy-tailed law at d = 5; it falls like d^-3.
    assert got == pytest.approx(risks.mean(), abs=1e-3 + 4 * risks.std() / np.sqrt(len(risks)))


def test_features_that_span_all_quadratics_have_the_best_quadratic_risk() -> None:
    Sigma, Delta, Gamma = general(5)
    got = CLAIM["theorem4"].predict_finite(d=5, N=16, Sigma=Sigma, Delta=Delta, Gamma=Gamma, activation="quadratic")
    risks = exact_risks(draws(1, 16, Gamma), Sigma, Delta, "quadratic")
    assert got == pytest.approx(risks[0], abs=1e-6)
    assert got == pytest.approx(CLAIM["theorem6"].predict_finite(N=5, Sigma=Sigma, Delta=Delta), abs=1e-12)


def test_directions_that_no_weight_sees_are_no_input() -> None:
    seen = np.array([0.5, 0.3, 0.2])
    Delta = rotated(np.array([0.5, 0.2, -0.3, 0.4]), 5)
    gamma, turned = in_joint_basis(np.append(seen, 0), Delta)
    inside = in_joint_basis(seen, Delta[:3, :3])
    assert len(gamma) == 3
    assert finite_mixture_risk(3, gamma, turned, "relu") == pytest.approx(finite_mixture_risk(3, *inside, "relu"))


def test_a_joint_basis_diagonalises_delta_within_equal_variances() -> None:
    Delta = rotated(entries(9), 6)
    gamma, turned = in_joint_basis(rotated(np.full(9, 1 / 9), 7), Delta)
    assert turned.ndim == 1
    assert np.sort(turned) == pytest.approx(np.sort(entries(9)))
    assert np.ptp(gamma) == 0


@pytest.mark.parametrize("rho", [0.5, 2.0])
@pytest.mark.parametrize("signed", [False, True])
def test_the_distance_of_quadratic_features_to_the_limit_is_c_over_d(rho: float, signed: bool) -> None:
    gaps = []
    for d in (1200, 4800):
        given: dict[str, Any] = {
            "Sigma": np.ones(d),
            "Delta": entries(d, signed),
            "Gamma": np.ones(d) / d,
            "activation": "quadratic",
        }
        finite = CLAIM["theorem4"].predict_finite(d=d, N=int(rho * d), **given)
        limit = CLAIM["theorem4"].predict(rho=rho, **given)
        gaps.append(d * (finite - limit) - one_over_d_coefficient(rho, entries(d, signed)))
    # What is left falls like 1/d, and nothing is left of it once that order is taken off.
    assert abs(gaps[1]) < abs(gaps[0]) / 3.5
    assert abs(4 * gaps[1] - gaps[0]) / 3 < 1e-3


@pytest.mark.parametrize("activation", ["relu", "abs", "softplus", "hermite2_3"])
def test_the_finite_size_risk_tends_to_the_limit_as_one_over_d(activation: str) -> None:
    gaps = []
    for d in (600, 2400):
        given: dict[str, Any] = {
            "Sigma": np.ones(d),
            "Delta": entries(d),
            "Gamma": np.ones(d) / d,
            "activation": activation,
        }
        finite = CLAIM["theorem4"].predict_finite(d=d, N=2 * d, **given)
        gaps.append(finite - CLAIM["theorem4"].predict(rho=2.0, **given))
    assert gaps[1] == pytest.approx(gaps[0] / 4, rel=0.05)


def test_equation_16_is_theorem_4_for_many_neurons() -> None:
    Sigma, Delta, Gamma = general(20)
    expected = CLAIM["eq16"].predict(Sigma=Sigma, Delta=Delta, Gamma=Gamma)
    for activation in ("relu", "quadratic", "hermite2_3"):
        got = CLAIM["theorem4"].predict(rho=1e9, Sigma=Sigma, Delta=Delta, Gamma=Gamma, activation=activation)
        assert got == pytest.approx(expected, abs=1e-6)


# -- tangent model and networks --------------------------------------------------------------------


def least_squares(basis: list[np.ndarray], Sigma: np.ndarray, Delta: np.ndarray) -> float:
    """The risk of the best quadratic form in span(basis) with an offset, from the class moments of each pair."""
    inner = np.zeros((len(basis),) * 2)
    for sign in (-1, 1):
        images = [A @ (Sigma + sign * Delta) for A in basis]
        inner += np.array([[2 * np.trace(X @ Y) for Y in images] for X in images]) / 2
    v = np.array([-np.trace(A @ Delta) for A in basis])
    return float(1 / (1 + v @ np.linalg.pinv(inner) @ v))


@pytest.mark.parametrize("N", [1, 3, 6, 8])
def test_the_tangent_risk_given_weights_is_that_of_least_squares(N: int) -> None:
    Sigma, Delta, _ = general(6)
    W = rng(N).standard_normal((6, N))
    basis = [np.outer(w, e) + np.outer(e, w) for w in W.T for e in np.eye(6)]
    got = CLAIM["theorem5"].predict_finite(W=W, Sigma=Sigma, Delta=Delta)
    assert got == pytest.approx(least_squares(basis, Sigma, Delta), abs=1e-9)


def test_theorem_5_given_weights_is_approached_as_delta_shrinks() -> None:
    gaps = []
    for d in (20, 80):
        W, Delta = rng(d).standard_normal((d, d // 2)), entries(d, signed=True)
        given: dict[str, Any] = {"W": W, "Sigma": np.linspace(0.5, 1.5, d), "Delta": Delta}
        gaps.append(abs(CLAIM["theorem5"].predict(**given) - CLAIM["theorem5"].predict_finite(**given)))
    assert gaps[1] < gaps[0] / 3


def test_one_prediction_takes_either_weights_or_their_number() -> None:
    W, Delta = rng(0).standard_normal((64, 16)) / 8, entries(64)
    by_weights = CLAIM["theorem5"].predict(W=W, Sigma=np.ones(64), Delta=Delta)
    assert CLAIM["theorem5"].predict(rho=0.25, Delta=Delta) == pytest.approx(by_weights, abs=0.01)
    with pytest.raises(InvalidParameterError, match="missing parameter Delta"):
        CLAIM["theorem5"].predict(rho=0.25)
    with pytest.raises(InvalidParameterError, match="missing parameter Sigma; it takes W, Sigma, Delta"):
        CLAIM["theorem5"].predict(W=W, Delta=Delta)


@pytest.mark.parametrize("rho", [0.25, 0.75, 2.0])
def test_the_isotropic_tangent_limit_is_the_formula_written_out(rho: float) -> None:
    Delta = entries(64)
    t, left, size = Delta.sum() ** 2 / (64 * (Delta @ Delta)), max(1 - rho, 0), Delta @ Delta
    expected = 2 / (2 + (1 - left**2 * (1 - t) - left * t) * size)
    assert CLAIM["theorem5"].predict(rho=rho, Delta=Delta) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("N", [2, 8, 14])
def test_the_mean_tangent_risk_is_the_mean_over_weights(signed: bool, N: int) -> None:
    Delta = rotated(entries(16, signed), 8)
    risks = [exact_given_weights(W, np.ones(16), Delta) for W in rng(N).standard_normal((300, 16, N))]
    allowed = 1e-3 + 4.5 * np.std(risks) / np.sqrt(300)
    assert abs(mean_risk(16, N, Delta) - np.mean(risks)) < allowed
    assert abs(CLAIM["theorem5"].predict(rho=N / 16, Delta=Delta) - np.mean(risks)) > 1.5 * allowed


@pytest.mark.parametrize("rho", [0.25, 0.5, 1.0])
def test_the_tangent_risk_tends_to_its_limit_as_c_over_d(rho: float) -> None:
    for d, allowed in ((400, 0.01), (1600, 0.0025)):
        Delta = entries(d, signed=True)
        gap = mean_risk(d, int(rho * d), Delta) - CLAIM["theorem5"].predict(rho=rho, Delta=Delta)
        assert d * gap == pytest.approx(tangent_coefficient(rho, Delta), abs=allowed)


def test_free_moments_are_those_of_a_random_projection() -> None:
    assert [len(non_crossing(n)) for n in range(1, 7)] == [1, 2, 5, 14, 42, 132]
    assert projection_cumulants(0.3, 3)[1:] == pytest.approx([0.3, 0.21, 0.21 * 0.4])
    d, k = 300, 120
    values = np.linspace(-1, 2, d)
    Q = np.linalg.qr(rng(d).standard_normal((d, k)))[0]
    P, D = Q @ Q.T, np.diag(values)
    for powers in ((1, 1, 1, 1), (3, 1, 1, 1), (1, 2, 1, 2), (1,) * 6):
        product = np.eye(d)
        for power in powers:
            product = product @ P @ np.linalg.matrix_power(D, power)
        assert word(k / d, values, powers) == pytest.approx(np.trace(product), rel=0.03)


def test_the_network_infimum_is_reached_by_leading_eigenvectors_and_by_no_drawn_or_ascended_form() -> None:
    Sigma, Delta, _ = general(6)
    best = CLAIM["theorem6"].predict_finite(N=2, Sigma=Sigma, Delta=Delta)
    inverse = roots(Sigma)[1]
    values, vectors = np.linalg.eigh(inverse @ Delta @ inverse)
    leading = inverse @ vectors[:, np.argsort(-np.abs(values))[:2]]
    assert least_squares([np.outer(u, u) for u in leading.T], Sigma, Delta) == pytest.approx(best, abs=1e-12)
    for trial in range(50):
        W = leading + (0.3 if trial % 2 else 3.0) * rng(trial).standard_normal((6, 2))
        basis = [np.outer(W[:, i], W[:, j]) + np.outer(W[:, j], W[:, i]) for i in range(2) for j in range(i + 1)]
        assert least_squares(basis, Sigma, Delta) > best


@pytest.mark.parametrize("N", [8, 40, 100])
def test_the_network_risks_are_the_formulas_written_out(N: int) -> None:
    Delta, one = entries(64, signed=True), np.ones(64)
    top = np.sort(np.abs(Delta))[::-1][:N] ** 2
    assert CLAIM["theorem6"].predict(N=N, Sigma=one, Delta=Delta) == pytest.approx(2 / (2 + top.sum()))
    expected = 1 / (1 + (top / (1 + top)).sum() / 2)
    assert CLAIM["theorem6"].predict_finite(N=N, Sigma=one, Delta=Delta) == pytest.approx(expected)


# -- the comparison --------------------------------------------------------------------------------


def test_every_identity_of_the_mixture_is_derived_again() -> None:
    for claim in CLAIM.values():
        for part in claim.parts:
            if isinstance(part, Identity) and part.derivation is not None:
                assert part.statement is not None
                assert sp.simplify(part.derivation() - part.statement.rhs) == 0


def test_the_printed_line_for_random_features_is_not_what_theorem_4_says() -> None:
    Delta = entries(64)
    given: dict[str, Any] = {"regime": "RF", "rho": 2.0, "N": 128, "Delta": entries(64)}
    theorem = CLAIM["theorem4"].predict(
        rho=2.0, Sigma=np.ones(64), Delta=Delta, Gamma=np.ones(64) / 64, activation="quadratic"
    )
    assert CLAIM["eq17"].predict(**given) == pytest.approx(theorem)
    assert CLAIM["eq17"].as_printed(**given) == pytest.approx(1 / (1 + 2 / 5 * Delta.sum() ** 2 / 128))
    assert abs(CLAIM["eq17"].as_printed(**given) - theorem) > 0.1
    part = CLAIM["eq17"].part("RF")
    assert isinstance(part, Identity)
    assert part.derivation
    assert part.printed_statement is not None
    assert sp.simplify(part.derivation() - part.printed_statement.rhs) != 0


@pytest.mark.parametrize("regime, formula", [("NT", "theorem5"), ("NN", "theorem6")])
def test_the_other_lines_are_right_as_printed(regime: str, formula: str) -> None:
    given: dict[str, Any] = {"regime": regime, "rho": 0.5, "N": 32, "Delta": entries(64, signed=True)}
    own: dict[str, Any] = {"rho": 0.5} if regime == "NT" else {"N": 32, "Sigma": np.ones(64)}
    assert CLAIM["eq17"].as_printed(**given) == CLAIM["eq17"].predict(**given)
    assert CLAIM["eq17"].predict(**given) == pytest.approx(CLAIM[formula].predict(Delta=given["Delta"], **own))


def test_the_tangent_model_can_beat_every_network_of_its_width_when_delta_has_both_signs() -> None:
    Delta = np.resize([1.5, -1.5], 16) / 4
    tangent = [exact_given_weights(W, np.ones(16), Delta) for W in rng(0).standard_normal((20, 16, 8))]
    network = CLAIM["theorem6"].predict_finite(N=8, Sigma=np.ones(16), Delta=Delta)
    assert max(tangent) < network - 0.02
    positive = [exact_given_weights(W, np.ones(16), entries(16)) for W in rng(1).standard_normal((20, 16, 8))]
    assert min(positive) > CLAIM["theorem6"].predict_finite(N=8, Sigma=np.ones(16), Delta=entries(16))


@pytest.mark.parametrize("seed", [0, 1])
def test_the_bayes_error_is_the_mean_of_one_minus_the_squared_posterior_mean(seed: int) -> None:
    Sigma, Delta, _ = general(8)
    if seed:
        Sigma, Delta = np.eye(8), np.diag([0.9, -0.5, 0.3, 0.2, -0.7, 0, 0.1, 0.99])
    precisions = [np.linalg.inv(Sigma + sign * Delta) for sign in (-1, 1)]
    logs = [np.linalg.slogdet(P)[1] / 2 for P in precisions]
    x = rng(seed, 1).standard_normal((200_000, 8)) @ np.linalg.cholesky(Sigma - Delta).T
    forms = [log - np.einsum("ni,ij,nj->n", x, P, x) / 2 for log, P in zip(logs, precisions, strict=True)]
    # One class is enough: E over the other follows from 1 - tanh^2 = 2 / (1 + e^l) under p_+, averaged over both.
    values = 2 / (1 + np.exp(forms[0] - forms[1]))
    got = CLAIM["bayes"].predict(Sigma=Sigma, Delta=Delta)
    assert got == pytest.approx(values.mean(), abs=4.5 * values.std() / np.sqrt(len(values)))


def test_one_dimension_has_the_bayes_error_of_direct_integration() -> None:
    x = np.linspace(-40, 40, 400_001)
    plus, minus = (np.exp(-(x**2) / (2 * v)) / np.sqrt(2 * np.pi * v) for v in (0.4, 1.6))
    expected = (2 * plus * minus / (plus + minus)).sum() * 80 / 400_000
    assert CLAIM["bayes"].predict(Sigma=[1.0], Delta=[0.6]) == pytest.approx(expected, abs=1e-12)
    assert CLAIM["bayes"].predict(Sigma=[2.0], Delta=[1.2]) == pytest.approx(expected, abs=1e-12)
    assert CLAIM["bayes"].predict(Sigma=[1.0], Delta=[1.0]) == 0.0


@pytest.mark.parametrize("signed", [False, True])
def test_the_bayes_error_lies_below_all_models_and_its_decoys_do_not(signed: bool) -> None:
    Delta, one = entries(30, signed), np.ones(30)
    bayes = CLAIM["bayes"].predict(Sigma=one, Delta=Delta)
    wide = CLAIM["theorem6"].predict_finite(N=30, Sigma=one, Delta=Delta)
    assert 0 < bayes < wide
    # Of the bounds from below by the Bayes error; its gap, its limit and their decoys are other quantities.
    for name in ("RF", "NT", "NN"):
        decoys = CLAIM["bayes"].part(name).decoys
        assert all(decoy.published(Sigma=one, Delta=Delta) > wide for decoy in decoys)


# -- what cannot be --------------------------------------------------------------------------------


@pytest.mark.parametrize("Sigma, Delta, message", [
    (np.ones(3), np.array([1.5, 0, 0]), "Sigma ± Delta"),
    (np.array([1.0, 0, 1]), np.full(3, 0.1), "positive definite"),
    (np.diag([1.0, 1e-3]), np.array([[0, 0.2], [0.2, 0]]), "Sigma ± Delta"),
])  # fmt: skip
def test_what_is_no_mixture_is_an_error_that_names_the_claim(
    Sigma: np.ndarray, Delta: np.ndarray, message: str
) -> None:
    for name in ("theorem6", "bayes"):
        given: dict[str, Any] = {"Sigma": Sigma, "Delta": Delta} | ({"N": 2} if name == "theorem6" else {})
        with pytest.raises(InvalidParameterError, match=message) as caught:
            CLAIM[name].predict(**given)
        assert str(caught.value).startswith(f"[ghorbani2019.{name}] ")
    assert not EXISTS.holds(Sigma=Sigma, Delta=Delta)


def test_weights_of_the_wrong_scale_are_an_error() -> None:
    given: dict[str, Any] = {"Sigma": np.full(4, 2.0), "Delta": np.full(4, 0.1), "activation": "relu"}
    with pytest.raises(InvalidParameterError, match="Tr\\(Gamma Sigma\\) = 1, got 2"):
        CLAIM["theorem4"].predict(rho=1.0, Gamma=np.ones(4) / 4, **given)
    assert 0 < CLAIM["theorem4"].predict(rho=1.0, Gamma=np.ones(4) / 8, **given) < 1


def test_assumptions_have_thresholds_that_tell_sizes_apart() -> None:
    assert M2.holds(Delta=entries(50))
    assert not M2.holds(Delta=entries(50) * 50)
    assert not M2.holds(Delta=entries(50) / 50)
    assert M1.holds(Sigma=np.linspace(0.5, 1.5, 5))
    assert not M1.holds(Sigma=np.array([1e-3, 1.0]))
    assert B2.holds(Sigma=np.ones(5), Gamma=np.ones(5) / 5)
    assert not B2.holds(Sigma=np.ones(5), Gamma=np.ones(5))


def test_finite_sizes_are_turned_into_the_limits_arguments() -> None:
    for claim in CLAIM.values():
        for part in claim.parts:
            if isinstance(part, Limit) and part.limit_of is not None:
                at = {name: value for name, value in (("d", 40), ("N", 20)) if name in arguments(part.limit_of)}
                assert set(part.limit_of(**at)) <= {"rho"}
