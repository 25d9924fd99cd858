"""The law of noisy descent against plain quadrature and plain descent in numpy, at its smallest widths."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

from lazy_assay import theory
from lazy_assay.theory import InvalidParameterError
from lazy_assay.theory.fang2021 import _gibbs

Array = np.ndarray
CLAIM = theory.claim("fang2021.noisy_descent")
AT: dict[str, Any] = {
    "inputs": np.array([1.2, -0.4, 0.7]),
    "labels": np.array([1.0, 0.5, -0.3]),
    "alpha": 2.0,
    "activation": "tanh",
    "lambda_u": 1.0,
    "lambda_theta": 0.7,
    "temperature": 0.2,
}
MOMENTS: dict[str, Callable[[Array, Array, Array, Array], Array]] = {
    # Of u, θ, f(x_1), and r, all (draws, particles) or to be spread over them.
    "uu": lambda u, theta, f, r: u**2,
    "tt": lambda u, theta, f, r: theta**2,
    "ut": lambda u, theta, f, r: u * theta,
    "f": lambda u, theta, f, r: f + 0 * u,
    "square": lambda u, theta, f, r: r**2,
    "fourth": lambda u, theta, f, r: r**4,
}
PART = {name: "gibbs" if name in ("uu", "tt", "ut", "f") else "conditional" for name in MOMENTS}
SIGMA: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "erf": (special.erf, lambda z: 2 / math.sqrt(math.pi) * np.exp(-z * z)),
    "sigmoid": (special.expit, lambda z: special.expit(z) * special.expit(-z)),
}


def read(moment: str, at: dict[str, Any], u: Array, theta: Array) -> Array:
    """A moment of particles (draws, m), one number a draw."""
    h = SIGMA[at["activation"]][0](theta[..., None] * at["inputs"])
    f = at["alpha"] * (u[..., None] * h).mean(-2)
    r = u + at["alpha"] / len(at["inputs"]) * (h @ (f - at["labels"])[..., None])[..., 0] / at["lambda_u"]
    return np.asarray(MOMENTS[moment](u, theta, f[..., :1], r).mean(-1))


def of_one_particle(moment: str, at: dict[str, Any]) -> float:
    """The mean under exp(−φ/λ_p) of a network of one neuron, by the trapezoid rule in u and θ."""
    edge = 12 * math.sqrt(at["temperature"] / min(at["lambda_u"], at["lambda_theta"]))
    axis = np.linspace(-edge, edge, 401)
    u, theta = (each.ravel()[:, None] for each in np.meshgrid(axis, axis))
    f = at["alpha"] * u * SIGMA[at["activation"]][0](theta * at["inputs"])
    phi = np.square(f - at["labels"]).mean(1) / 2 + (at["lambda_u"] * u**2 + at["lambda_theta"] * theta**2)[:, 0] / 2
    weights = np.exp(-(phi - phi.min()) / at["temperature"])
    return float(weights @ read(moment, at, u, theta) / weights.sum())


def descended(at: dict[str, Any], m: int, eta: float, draws: int, seed: int) -> tuple[Array, Array]:
    """u and θ of noisy descent after it came to rest, (draws, m)."""
    rng, x, y, alpha, T = np.random.default_rng(seed), at["inputs"], at["labels"], at["alpha"], at["temperature"]
    value, slope = SIGMA[at["activation"]]
    u, theta = rng.standard_normal((2, draws, m)) / 2
    for _ in range(round(8 / (eta * min(at["lambda_u"], at["lambda_theta"])))):
        z = theta[..., None] * x
        h = value(z)
        pull = alpha / len(x) * (alpha * (u[..., None] * h).mean(1) - y)[:, None]
        of_u, of_theta = (h * pull).sum(-1), (slope(z) * x * pull).sum(-1) * u
        noise = math.sqrt(2 * T * eta) * rng.standard_normal((2, draws, m))
        u, theta = (
            u - eta * (of_u + at["lambda_u"] * u) + noise[0],
            theta - eta * (of_theta + at["lambda_theta"] * theta) + noise[1],
        )
    return u, theta


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("activation", SIGMA)
def test_the_width_s_correction_is_right_within_its_allowance_for_a_single_neuron(moment: str, activation: str) -> None:
    at = AT | {"activation": activation}
    told = {**at, "moment": moment, "m": 1, "step_size": 1e-6}
    part = CLAIM.part(PART[moment])
    assert part.finite_allowance is not None
    truth, found = of_one_particle(moment, at), CLAIM.predict_finite(part=part.name, **told)
    assert abs(found - truth) <= part.finite_allowance(**told) + 1e-9


@pytest.mark.parametrize("m, eta", [(2, 0.1), (8, 0.2), (32, 0.1)])
def test_a_finite_form_is_right_within_its_allowance_where_descent_comes_to_rest(m: int, eta: float) -> None:
    u, theta = descended(AT, m, eta, draws=16_000 // m, seed=m)
    for moment, name in PART.items():
        told = {**AT, "moment": moment, "m": m, "step_size": eta}
        part, drawn = CLAIM.part(name), read(moment, AT, u, theta)
        assert part.finite_allowance is not None
        error = 5 * float(drawn.std(ddof=1)) / math.sqrt(len(drawn))
        gap = abs(CLAIM.predict_finite(part=name, **told) - float(drawn.mean()))
        assert gap <= part.finite_allowance(**told) + error, moment


def test_the_descent_sees_a_wrong_temperature() -> None:
    u, theta = descended(AT, 8, 0.2, draws=2_000, seed=8)
    told = {**AT, "moment": "uu", "m": 8, "step_size": 0.2} | {"temperature": 1.2 * AT["temperature"]}
    drawn = read("uu", AT, u, theta)
    gap = abs(CLAIM.predict_finite(part="gibbs", **told) - float(drawn.mean()))
    assert gap > 5 * float(drawn.std(ddof=1)) / math.sqrt(len(drawn))


@pytest.mark.parametrize("seed", range(12))
def test_the_fixed_point_is_found_over_decades_of_its_parameters(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scales = np.exp(rng.uniform(math.log(0.05), math.log(20), size=4)).tolist()
    at = _gibbs.Setting(
        rng.standard_normal(3), rng.standard_normal(3), scales[0], "tanh", scales[1], scales[2], scales[3]
    )
    now = _gibbs.stationary(at)
    again = _gibbs.given(at, now.f)
    assert float(np.abs(again.f - now.f).max()) <= 1e-10 * (1 + float(np.abs(at.labels).max()))


def test_without_data_the_law_is_that_of_the_regulariser() -> None:
    given = AT | {"alpha": 1e-9, "moment": "uu"}
    assert CLAIM.predict(part="gibbs", **given) == pytest.approx(AT["temperature"] / AT["lambda_u"])
    assert CLAIM.predict(part="gibbs", **given | {"moment": "ut"}) == pytest.approx(0.0, abs=1e-9)


def test_steps_that_descent_does_not_bear_are_refused() -> None:
    with pytest.raises(InvalidParameterError, match="stable"):
        CLAIM.predict_finite(part="gibbs", **AT, moment="uu", m=10, step_size=3.0)


def test_an_input_that_would_want_too_fine_a_grid_is_refused() -> None:
    with pytest.raises(InvalidParameterError, match="a grid of"):
        CLAIM.predict(part="gibbs", **AT | {"inputs": np.array([1e6, 0.0, 1.0])}, moment="uu")


# -- the linear law --------------------------------------------------------------------------------------------------

POINTS = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, -1.0]])


def test_the_linear_law_is_the_covariance_of_its_recursion() -> None:
    alpha, lam, T, eta, m = 2.0, 0.5, 0.3, 0.2, 4
    A = alpha**2 * POINTS.T @ POINTS / 3 + lam * np.eye(2)
    # S = (I − ηA)S(I − ηA) + 2λ_pη/m.
    S = np.zeros((2, 2))
    for _ in range(2000):
        S = (np.eye(2) - eta * A) @ S @ (np.eye(2) - eta * A) + 2 * T * eta / m * np.eye(2)
    e = np.linalg.eigh(A)[1][:, -1]
    told = {"points": POINTS, "alpha": alpha, "lambda_theta": lam, "temperature": T, "step_size": eta}
    assert CLAIM.predict(part="centre", **told) == pytest.approx(m * float(e @ S @ e))


def test_deviations_have_the_stationary_variance_less_the_mean_s_share() -> None:
    lam, T, eta, m = 0.5, 0.3, 0.2, 4
    variance = 0.0
    for _ in range(2000):
        variance = (1 - eta * lam) ** 2 * variance + 2 * T * eta * (1 - 1 / m)
    told = {"lambda_theta": lam, "temperature": T, "step_size": eta, "m": m}
    assert CLAIM.predict(part="deviations", **told) == pytest.approx(variance)


def test_poincare_is_an_equality_for_linear_functions_alone() -> None:
    theta, u = np.array([[1.0, 0.0], [0.6, 0.8]]), np.array([1.0, -0.5])
    linear = CLAIM.predict(part="poincare", theta=theta, u=u, activation="linear")
    assert linear == pytest.approx(float(np.square(u @ theta).sum()))
    # Var erf(X) = (2/π) arcsin(2/3).
    one = CLAIM.predict(part="poincare", theta=theta[:1], u=u[:1], activation="erf")
    assert one > 2 / math.pi * math.asin(2 / 3)
