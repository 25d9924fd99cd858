"""Solutions of kernel problems where points come close or coincide, against eighty digits; exact spans of weights."""

from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest

from lazy_assay import theory
from lazy_assay.theory import InvalidParameterError
from lazy_assay.theory._mathematics import readout as _readout
from lazy_assay.theory.ghorbani2019._span import basis, orthogonal

EQ_13, TRAINING, EQ_9 = (
    theory.claim(f"{id}") for id in ("kearns2023.eq13", "fang2021.kernel_training", "fang2021.eq9")
)
ACTIVATIONS = {
    "relu": (lambda u: max(u, mp.mpf(0)), lambda u: mp.mpf(u > 0)),
    "abs": (abs, mp.sign),
    "erf": (mp.erf, lambda u: 2 / mp.sqrt(mp.pi) * mp.exp(-u * u)),
    "sin": (mp.sin, mp.cos),
    "tanh": (mp.tanh, lambda u: 1 - mp.tanh(u) ** 2),
    "softplus": (lambda u: mp.log(1 + mp.exp(u)), lambda u: 1 / (1 + mp.exp(-u))),
    "sigmoid": (lambda u: 1 / (1 + mp.exp(-u)), lambda u: mp.exp(-u) / (1 + mp.exp(-u)) ** 2),
}
GAPS = (1e-3, 1e-8, 1e-12)


def network(
    activation: str, points: list[list[float]] | np.ndarray, labels: list[float] | np.ndarray, seed: int = 3
) -> dict[str, Any]:
    """A network of five neurons with inputs in the plane, two of them to be read at."""
    rng = np.random.default_rng(seed)
    angles = np.array([0.4, 1.9])
    return {
        "theta": rng.standard_normal((5, 2)), "u": rng.standard_normal(5), "alpha": 1.3, "activation": activation,
        "points": np.array(points), "labels": np.array(labels),
        "centres": np.stack([np.cos(angles), np.sin(angles)], 1),
    }  # fmt: skip


def close(gap: float) -> list[list[float]]:
    """Two unit points so far apart."""
    angle = np.arctan2(0.8, 0.6) + gap
    return [[0.6, 0.8], [np.cos(angle), np.sin(angle)]]


def exact(at: dict[str, Any], function: Callable[..., Any]) -> float:
    """Σ_z [f_0(z) + <φ(z), Φᵀ function(ΦΦᵀ)(y − f_0)>] with the features φ = ∇f themselves, in eighty digits."""
    with mp.workdps(80):
        value, slope = ACTIVATIONS[at["activation"]]
        scale, m = mp.mpf(at["alpha"]), len(at["u"])

        def output(x: list[float]) -> mp.mpf:
            return (
                scale
                / m
                * mp.fsum(
                    mp.mpf(u) * value(mp.fdot(t, x))
                    for t, u in zip(at["theta"].tolist(), at["u"].tolist(), strict=True)
                )
            )

        def gradient(x: list[float]) -> list[mp.mpf]:
            found = []
            for t, u in zip(at["theta"].tolist(), at["u"].tolist(), strict=True):
                pre = mp.fdot(t, x)
                found += [value(pre), *(mp.mpf(u) * slope(pre) * mp.mpf(xi) for xi in x)]
            return [scale / m * entry for entry in found]

        X, Z = at["points"].tolist(), at["centres"].tolist()
        F = mp.matrix([gradient(x) for x in X])
        g = mp.matrix([mp.mpf(y) - output(x) for x, y in zip(X, at["labels"].tolist(), strict=True)])
        beta = function(F * F.T, g)
        moved = F.T * beta
        return float(mp.fsum(output(z) + mp.fdot(gradient(z), list(moved)) for z in Z))


def flowed(t: float) -> Callable[..., Any]:
    """K⁻¹(1 − exp(−tK))g from the eigenvalues, in as many digits as are set."""

    def function(K: mp.matrix, g: mp.matrix) -> mp.matrix:
        values, Q = mp.eigsy(K)
        turned = Q.T * g
        return Q * mp.matrix([x * -mp.expm1(-t * value) / value for x, value in zip(turned, values, strict=True)])

    return function


def descended(step: mp.mpf, steps: int) -> Callable[..., Any]:
    def function(K: mp.matrix, g: mp.matrix) -> mp.matrix:
        beta = 0 * g
        for _ in range(steps):
            beta = beta + step * (g - K * beta)
        return beta

    return function


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("gap", GAPS)
def test_regression_on_points_that_nearly_coincide_is_that_of_eighty_digits(activation: str, gap: float) -> None:
    at = network(activation, close(gap), [0.3, -0.5])
    right = pytest.approx(exact(at, mp.lu_solve), rel=1e-8)
    assert EQ_13.predict(part="regression", **at) == right
    assert TRAINING.predict(part="same_solution", **at) == right


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.parametrize("time", [0.1, 1e6, 1e20])
def test_so_is_the_flow_at_every_time(activation: str, gap: float, time: float) -> None:
    at = network(activation, close(gap), [0.3, -0.5])
    assert EQ_13.predict(part="flow", time=time, **at) == pytest.approx(exact(at, flowed(time)), rel=1e-8)


@pytest.mark.parametrize("activation", ["abs", "softplus"])
@pytest.mark.parametrize("gap", GAPS)
def test_and_descent(activation: str, gap: float) -> None:
    at = network(activation, close(gap), [0.3, -0.5])
    n = 2
    # The kernel of `exact` is α²/m (k^u + k^θ), and a step under the mean over n points moves by η/n of it.
    right = pytest.approx(exact(at, descended(mp.mpf(0.2) / n, 60)), rel=1e-8)
    assert TRAINING.predict(part="preconditioned", step_size=0.2, steps=60, **at) == right
    assert EQ_9.predict(part="expanded", eta_u=0.2, eta_theta=0.2, steps=60, **at) == right


@pytest.mark.parametrize("shift", [1e-300, 1e-12, 0.3])
def test_and_a_regulariser_however_small(shift: float) -> None:
    at = network("tanh", close(1e-8), [0.3, -0.5])
    m, alpha = 5, at["alpha"]

    def ridge(K: mp.matrix, g: mp.matrix) -> mp.matrix:
        return mp.lu_solve(K + mp.mpf(shift) * 2 * mp.mpf(alpha) ** 2 / m * mp.eye(2), g)

    assert TRAINING.predict(part="regularised", lambda_=shift, **at) == pytest.approx(exact(at, ridge), rel=1e-8)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_points_that_coincide_count_once_with_the_mean_of_their_labels(activation: str) -> None:
    twice = network(activation, [[0.6, 0.8], [0.6, 0.8], [1.0, 0.0]], [0.2, 0.6, -0.1])
    once = network(activation, [[0.6, 0.8], [1.0, 0.0]], [0.4, -0.1])
    right = pytest.approx(exact(once, mp.lu_solve), rel=1e-9)
    assert EQ_13.predict(part="regression", **twice) == right
    assert TRAINING.predict(part="same_solution", **twice) == right
    assert EQ_13.predict(part="flow", time=1e9, **twice) == pytest.approx(exact(once, mp.lu_solve), rel=1e-6)


def test_dependent_features_are_refused_by_name() -> None:
    # Five neurons have fifteen features in the plane: no twenty points have independent ones.
    rng = np.random.default_rng(0)
    points = rng.standard_normal((20, 2))
    at = network("relu", points / np.linalg.norm(points, axis=1, keepdims=True), rng.standard_normal(20))
    with pytest.raises(InvalidParameterError, match="do not tell from a singular one: their features are dependent"):
        EQ_13.predict(part="regression", **at)
    assert np.isfinite(EQ_13.predict(part="flow", time=1.0, **at))


def test_more_points_than_balls_are_taken_for_are_refused_with_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_readout, "MOST_POINTS", 1)
    at = network("tanh", close(1e-8), [0.3, -0.5])
    with pytest.raises(InvalidParameterError, match="solved for at most 1 of them"):
        EQ_13.predict(part="regression", **at)


@pytest.mark.parametrize("function", ["regression", "flow", "preconditioned"])
def test_balls_and_doubles_agree_where_both_know_the_answer(monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    angles = np.array([0.1, 0.9, 2.0])
    at = network("tanh", np.stack([np.cos(angles), np.sin(angles)], 1), [0.3, -0.5, 0.1])
    claim, more = {
        "regression": (EQ_13, {}), "flow": (EQ_13, {"time": 2.0}),
        "preconditioned": (TRAINING, {"step_size": 0.2, "steps": 9}),
    }[function]  # fmt: skip
    doubles = claim.predict(part=function, **at, **more)
    monkeypatch.setattr(_readout, "_rounded", lambda *given: (0.0, np.inf, 1.0))
    assert claim.predict(part=function, **at, **more) == pytest.approx(doubles, abs=1e-9)


# -- spans -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "W, rank",
    [
        (np.eye(3)[:, :2], 2), (np.ones((3, 4)), 1), (np.zeros((3, 2)), 0), (np.diag([1.0, 1e-20]), 2),
        (np.diag([1e-320, 1.0]), 2), (np.array([[1e300, 1.0], [1.0, 2.0], [3.0, 4.0]]), 2),
        (np.arange(1.0, 10.0).reshape(3, 3), 2), (np.array([[1.0, 1e-170, 0.0], [0.0, 0.0, 1e170]]), 2),
    ],
)  # fmt: skip
def test_a_span_has_the_rank_that_its_numbers_have(W: np.ndarray, rank: int) -> None:
    inside, outside = basis(W), orthogonal(W)
    assert (inside.shape[1], outside.shape[1]) == (rank, len(W) - rank)
    np.testing.assert_allclose(outside.T @ outside, np.eye(len(W) - rank), atol=1e-14)
    np.testing.assert_allclose(outside.T @ (W / np.abs(W).max(axis=0).clip(1e-320)), 0, atol=1e-10)


def test_a_span_that_hangs_on_last_digits_is_refused() -> None:
    with pytest.raises(InvalidParameterError, match="dependent but for their last digits"):
        basis(np.array([[1.0, 1.0], [0.0, 1e-17]]))


def test_weights_of_another_size_than_the_target_are_refused() -> None:
    theorem2 = theory.claim("ghorbani2019.theorem2")
    with pytest.raises(InvalidParameterError, match="B has size 3, but W has size 1"):
        theorem2.predict(part="every_weight", W=[[1.0, 2.0, 3.0]], B=[1.0, 2.0, 3.0])
