from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import erf, expit

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.numerics import forms
from lazy_assay.sims.numerics.gaussian_moments import activation_named
from lazy_assay.sims.quadratic import random_features

RETYPED = {
    "quadratic": lambda u: u**2 - 1,
    "hermite2_3": lambda u: u**2 - 1 + u**3 - 3 * u,
    "relu": lambda u: np.maximum(u, 0),
    "abs": np.abs,
    "erf": erf,
    "sin": np.sin,
    "tanh": np.tanh,
    "sigmoid": expit,
    "softplus": lambda u: np.maximum(u, 0) + np.log1p(np.exp(-np.abs(u))),
}
KINKED = {"relu", "abs"}
STEP = 0.05
AXIS = np.arange(-9, 9 + STEP / 2, STEP)
X = np.stack(np.meshgrid(AXIS, AXIS, indexing="ij"), axis=-1).reshape(-1, 2)
DENSITY = np.exp(-(X**2).sum(-1) / 2) / (2 * np.pi) * STEP**2
W = np.array([[0.9, 0.3], [-0.2, 0.7], [0.5, -1.1]])
B = np.array([[1.0, 0.3], [0.3, 2.0]])


def features(activation: str, W: np.ndarray) -> np.ndarray:
    line = np.exp(-(AXIS**2) / 2) / np.sqrt(2 * np.pi) * STEP
    return np.asarray(RETYPED[activation](X @ W.T) - line @ RETYPED[activation](AXIS))


def residual(phi: np.ndarray, target: np.ndarray) -> float:
    """The part of the target's squared norm that regression on the features leaves, by a grid over both inputs."""
    K, v = phi.T @ (DENSITY[:, None] * phi), phi.T @ (DENSITY * target)
    return float(1 - v @ np.linalg.solve(K, v) / (DENSITY @ target**2))


def tolerance(activation: str) -> float:
    # The grid's own error: rounding for smooth functions, the square of its step along a kink.
    return STEP**2 / 4 if activation in KINKED else 1e-9


@pytest.mark.parametrize("activation", sorted(RETYPED))
def test_kernels_are_the_grid_s_second_moments(activation: str) -> None:
    s, p = torch.tensor((W**2).sum(1)), torch.tensor(W @ W.T)
    phi = features(activation, W)
    found = activation_named(activation).centred_gram(s, p).numpy()
    np.testing.assert_allclose(found, phi.T @ (DENSITY[:, None] * phi), rtol=0, atol=10 * tolerance(activation))


@pytest.mark.parametrize("activation", sorted(RETYPED))
@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_hermite_coefficients_are_the_line_s_moments(activation: str, k: int) -> None:
    radius = np.array([0.4, 1.0, 1.3])
    he = np.polynomial.hermite_e.hermeval(AXIS, np.eye(4)[k]) * np.exp(-(AXIS**2) / 2) / np.sqrt(2 * np.pi) * STEP
    found = activation_named(activation).hermite(k, torch.tensor(radius**2)).numpy()
    np.testing.assert_allclose(
        found, RETYPED[activation](np.outer(radius, AXIS)) @ he, rtol=0, atol=tolerance(activation)
    )


@pytest.mark.parametrize("activation", sorted(RETYPED))
def test_the_population_risk_is_that_of_regression_on_a_grid(activation: str) -> None:
    target = np.einsum("ni,ij,nj->n", X, B, X) - np.trace(B)
    found = random_features._risk_kernel(
        torch.tensor(W[None, :2]), torch.tensor(B), activation_named(activation)
    ).item()
    assert found == pytest.approx(residual(features(activation, W[:2]), target), abs=10 * tolerance(activation))


@pytest.mark.parametrize("activation", ["relu", "softplus", "hermite2_3", "erf"])
@pytest.mark.parametrize("component", ["linear", "trace", "traceless", "cubic"])
def test_captured_fractions_are_those_of_regression_on_a_grid(activation: str, component: str) -> None:
    x = X[:, 0]
    target = {
        "linear": x,
        "trace": ((X**2).sum(1) - 2) / 2,
        "traceless": x * X[:, 1],
        "cubic": (x**3 - 3 * x) / np.sqrt(6),
    }[component]
    found = random_features._captured_kernel(torch.tensor(W[None]), activation_named(activation), component).item()
    assert found == pytest.approx(1 - residual(features(activation, W), target), abs=10 * tolerance(activation))


@pytest.mark.parametrize("activation", ["quadratic", "hermite2_3"])
def test_the_risk_vanishes_when_features_outnumber_the_polynomials(activation: str) -> None:
    N = {"quadratic": 3 * 4 // 2 + 4, "hermite2_3": 20 + 5}[activation]
    sizes: dict[str, Any] = {
        "d": 3,
        "N": N,
        "B": np.array([1.0, 2.0, 4.0]),
        "Gamma": np.ones(3) / 3,
        "activation": activation,
    }
    risks = random_features.population_risk(**sizes, trials=200, entropy=0)
    assert risks.abs().max() < 1e-7


@pytest.mark.parametrize("activation", ["erf", "sin", "tanh", "sigmoid"])
def test_odd_features_leave_a_quadratic_target_alone(activation: str) -> None:
    sizes: dict[str, Any] = {"d": 4, "N": 6, "B": np.ones(4), "Gamma": np.ones(4) / 4, "activation": activation}
    assert (random_features.population_risk(**sizes, trials=5, entropy=0) - 1).abs().max() < 1e-12


def test_turning_the_coordinates_changes_nothing() -> None:
    rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(2, 2)))[0]
    relu = activation_named("relu")
    turned = random_features._risk_kernel(
        torch.tensor(W[None] @ rotation), torch.tensor(rotation.T @ B @ rotation), relu
    )
    assert turned.item() == pytest.approx(
        random_features._risk_kernel(torch.tensor(W[None]), torch.tensor(B), relu).item()
    )


def test_weights_have_the_stated_covariance() -> None:
    Gamma = np.array([[0.7, 0.2], [0.2, 0.3]])
    root = forms.root("Gamma", Gamma, 2)
    np.testing.assert_allclose(root @ root, Gamma, atol=1e-15)


@pytest.mark.parametrize("activation", ["quadratic", "relu"])
def test_least_squares_is_unbiased_to_first_order(activation: str) -> None:
    trials, N, d, samples = 400, 4, 6, 300
    stream, sigma, form = Stream(5), activation_named(activation), torch.linspace(0.5, 2, d, dtype=torch.float64)
    Z, root = stream.normal(trials, N, d), torch.full((d,), d**-0.5, dtype=torch.float64)
    exact = random_features._risk_kernel(Z * root, form, sigma)
    fitted = random_features._fit(stream, Z, root, form, sigma, samples)
    difference = (fitted - exact).numpy()
    standard_error = difference.std(ddof=1) / trials**0.5
    assert abs(difference.mean()) < 4 * standard_error + N * (N + 1) / (2 * samples**2)
    assert 4 * standard_error < N / samples, "the test could not have seen a bias of first order"


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"activation": "swish"}, "no activation is called 'swish'"),
        ({"B": np.ones(3)}, "B has shape"),
        ({"Gamma": -np.ones(2)}, "Gamma is not positive semidefinite"),
        ({"Gamma": np.array([[1.0, 0.5], [0.0, 1.0]])}, "Gamma is not symmetric"),
        ({"samples": 4}, "more than 4 samples"),
        ({"device": "cuda:77"}, "cuda:77"),
    ],
)
def test_wrong_arguments_are_refused_by_name(changes: dict[str, Any], message: str) -> None:
    sizes: dict[str, Any] = {
        "d": 2,
        "N": 3,
        "B": np.ones(2),
        "Gamma": np.ones(2) / 2,
        "activation": "relu",
        "samples": 50,
    }
    with pytest.raises(ValueError, match=message):
        random_features.least_squares_risk(**(sizes | changes), trials=1, entropy=0)


def test_beside_a_risk_stands_that_of_twice_the_size_at_the_same_spectra() -> None:
    sizes: dict[str, Any] = {"activation": "relu", "trials": 400, "entropy": 3}
    B, Gamma = np.array([0.5, 1.0, 2.0, 1.5]), np.array([0.4, 0.3, 0.2, 0.1])
    one, both = (
        simulate(d=4, N=3, B=B, Gamma=Gamma, **sizes).numpy()
        for simulate in (random_features.population_risk, random_features.population_risk_and_doubled)
    )
    twice = random_features.population_risk(
        d=8, N=6, B=np.repeat(B, 2), Gamma=np.repeat(Gamma, 2) / 2, **{**sizes, "entropy": 4}
    ).numpy()
    np.testing.assert_array_equal(both[:, 0], one)
    assert both[:, 1].mean() == pytest.approx(twice.mean(), abs=5 * twice.std() / 200**0.5)
    assert abs(np.corrcoef(both.T)[0, 1]) < 0.25
