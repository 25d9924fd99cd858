from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import erf, expit

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.data.gaussian_classes import mixture
from lazy_assay.sims.mixtures import random_features
from lazy_assay.sims.numerics.gaussian_moments import activation_named

RETYPED = {
    "quadratic": lambda u: u**2 - 1,
    "hermite2_3": lambda u: u**2 - 1 + u**3 - 3 * u,
    "relu": lambda u: np.maximum(u, 0),
    "abs": np.abs,
    "erf": erf,
    "sin": np.sin,
    "tanh": np.tanh,
    "sigmoid": expit,
    "softplus": lambda u: np.logaddexp(u, 0),
}
STEP = 0.05
AXIS = np.arange(-10, 10 + STEP / 2, STEP)
X = np.stack(np.meshgrid(AXIS, AXIS, indexing="ij"), axis=-1).reshape(-1, 2)
SIGMA, DELTA = np.array([[1.1, 0.2], [0.2, 0.8]]), np.array([[0.3, -0.2], [-0.2, 0.4]])
W = np.array([[0.9, 0.3], [-0.2, 0.7], [0.5, -1.1]])


def density(covariance: np.ndarray) -> np.ndarray:
    exponent = np.einsum("ni,ij,nj->n", X, np.linalg.inv(covariance), X)
    return np.asarray(np.exp(-exponent / 2) / (2 * np.pi * np.sqrt(np.linalg.det(covariance))) * STEP**2)


def regression_risk(activation: str) -> float:
    """1 less what regression of y on the features explains, by a grid over both inputs."""
    line = np.exp(-(AXIS**2) / 2) / np.sqrt(2 * np.pi) * STEP
    phi = RETYPED[activation](X @ W.T) - line @ RETYPED[activation](AXIS)
    positive, negative = density(SIGMA - DELTA) / 2, density(SIGMA + DELTA) / 2
    K, v = phi.T @ ((positive + negative)[:, None] * phi), phi.T @ (positive - negative)
    return float(1 - v @ np.linalg.solve(K, v))


@pytest.mark.parametrize("activation", sorted(RETYPED))
def test_the_population_risk_is_that_of_regression_on_a_grid(activation: str) -> None:
    classes = mixture(Stream(0), 2, SIGMA, DELTA)
    found = random_features._risk_kernel(torch.tensor(W[None]), classes, activation_named(activation)).item()
    # The grid's own error: rounding for smooth functions, the square of its step along a kink.
    tolerance = 3 * STEP**2 if activation in {"relu", "abs"} else 1e-8
    assert found == pytest.approx(regression_risk(activation), abs=tolerance)


@pytest.mark.parametrize("activation", ["erf", "sin", "tanh"])
def test_odd_features_tell_the_classes_not_apart(activation: str) -> None:
    sizes: dict[str, Any] = {"d": 4, "N": 6, "Sigma": np.ones(4), "Delta": np.full(4, 0.5), "Gamma": np.ones(4) / 4}
    risks = random_features.population_risk(**sizes, activation=activation, trials=5, entropy=0)
    assert (risks - 1).abs().max() < 1e-12


def test_diagonals_and_matrices_mean_the_same() -> None:
    sizes: dict[str, Any] = {"d": 3, "N": 4, "Gamma": np.ones(3) / 3, "activation": "relu", "trials": 4, "entropy": 7}
    middle, half = np.array([0.9, 1.0, 1.2]), np.array([0.5, -0.3, 0.4])
    plain = random_features.population_risk(**sizes, Sigma=middle, Delta=half)
    for Sigma, Delta in ((np.diag(middle), half), (middle, np.diag(half)), (np.diag(middle), np.diag(half))):
        other = random_features.population_risk(**sizes, Sigma=Sigma, Delta=Delta)
        torch.testing.assert_close(plain, other)


def test_samples_have_the_classes_covariances() -> None:
    x, y = (t.numpy() for t in mixture(Stream(2), 2, SIGMA, DELTA).sample(Stream(1), 40_000))
    assert abs(y.mean()) < 5 / np.sqrt(len(y))
    for label, covariance in ((1, SIGMA - DELTA), (-1, SIGMA + DELTA)):
        products = np.einsum("ni,nj->nij", x[y == label], x[y == label])
        error = 5 * products.std(axis=0) / np.sqrt(len(products))
        assert (np.abs(products.mean(axis=0) - covariance) < error).all()
        assert error.max() < np.abs(DELTA).min() / 2, "the test could not have told the classes apart"


@pytest.mark.parametrize("activation", ["quadratic", "relu"])
def test_least_squares_is_unbiased_to_first_order(activation: str) -> None:
    trials, N, d, samples = 400, 4, 6, 300
    stream, sigma = Stream(5), activation_named(activation)
    classes = mixture(stream, d, np.linspace(0.8, 1.2, d), np.linspace(0.3, 0.6, d))
    weights = stream.normal(trials, N, d) / d**0.5
    exact = random_features._risk_kernel(weights, classes, sigma)
    fitted = random_features._fit(stream, weights, classes, sigma, samples)
    difference = (fitted - exact).numpy()
    standard_error = difference.std(ddof=1) / trials**0.5
    assert abs(difference.mean()) < 4 * standard_error + N * (N + 1) / (2 * samples**2)
    assert 4 * standard_error < N / samples, "the test could not have seen a bias of first order"


def test_sgd_approaches_least_squares() -> None:
    sizes = {"d": 5, "N": 3, "Sigma": np.ones(5), "Delta": np.full(5, 0.6), "Gamma": np.ones(5) / 5}
    call: dict[str, Any] = sizes | {"activation": "relu", "trials": 40, "entropy": 3}
    best = random_features.population_risk(**call)
    path = random_features.sgd_trajectory(**call, batch=20, checkpoints=[0, 30, 800], step_size=0.1)
    assert (path[:, 0] == 1).all()
    # The same key draws the same weights first, so the comparison is draw by draw.
    excess = (path - best[:, None]).numpy()
    assert (excess > -1e-12).all()
    assert excess[:, 2].mean() < excess[:, 1].mean() < excess[:, 0].mean()
    assert excess[:, 2].mean() < 0.1 * excess[:, 0].mean()


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"Delta": np.array([0.5, 1.5])}, "Sigma - Delta is not positive semidefinite"),
        ({"Delta": np.array([0.5, -1.5])}, r"Sigma \+ Delta is not positive semidefinite"),
        ({"Sigma": np.ones(3)}, "Sigma has shape"),
        ({"samples": 4}, "more than 4 samples"),
    ],
)
def test_wrong_arguments_are_refused_by_name(changes: dict[str, Any], message: str) -> None:
    sizes = {"d": 2, "N": 3, "Sigma": np.ones(2), "Delta": np.ones(2) / 2, "Gamma": np.ones(2) / 2}
    call: dict[str, Any] = sizes | {"activation": "relu", "samples": 50} | changes
    with pytest.raises(ValueError, match=message):
        random_features.least_squares_risk(**call, trials=1, entropy=0)


def test_beside_a_risk_stands_that_of_twice_the_size_at_the_same_spectra() -> None:
    sizes: dict[str, Any] = {"activation": "relu", "trials": 400, "entropy": 3}
    Sigma, Delta, Gamma = np.array([1.0, 0.8, 1.2]), np.array([0.5, 0.3, 0.1]), np.array([0.5, 0.3, 0.2])
    one, both = (
        simulate(d=3, N=3, Sigma=Sigma, Delta=Delta, Gamma=Gamma, **sizes).numpy()
        for simulate in (random_features.population_risk, random_features.population_risk_and_doubled)
    )
    doubled: dict[str, Any] = {
        "Sigma": np.repeat(Sigma, 2),
        "Delta": np.repeat(Delta, 2) / 2**0.5,
        "Gamma": np.repeat(Gamma, 2) / 2,
    }
    twice = random_features.population_risk(d=6, N=6, **doubled, **{**sizes, "entropy": 4}).numpy()
    np.testing.assert_array_equal(both[:, 0], one)
    assert both[:, 1].mean() == pytest.approx(twice.mean(), abs=5 * twice.std() / 200**0.5)
