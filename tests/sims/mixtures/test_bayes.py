from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from lazy_assay.sims.data.gaussian_classes import whitened
from lazy_assay.sims.mixtures import bayes

SIGMA = np.array([[1.1, 0.2], [0.2, 0.8]])
DELTA = np.array([[0.5, 0.1], [0.1, -0.4]])


def test_the_log_ratio_is_that_of_the_densities() -> None:
    delta, turn = whitened(2, SIGMA, DELTA)
    z = np.random.default_rng(0).normal(size=(20, 2))
    x = z @ turn.T
    one, other = (stats.multivariate_normal(cov=SIGMA + sign * DELTA).logpdf(x) for sign in (-1, 1))
    found = bayes._log_ratio_kernel(torch.tensor(z), torch.tensor(delta))
    np.testing.assert_allclose(found, one - other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("draw", [bayes.posterior_variance, bayes.squared_loss])
def test_the_mean_is_the_bayes_risk(draw: Callable[..., torch.Tensor]) -> None:
    def integrand(x: float) -> float:
        one, other = stats.norm(scale=np.sqrt(0.4)).pdf(x) / 2, stats.norm(scale=np.sqrt(2.0)).pdf(x) / 2
        return float(4 * one * other / (one + other))

    exact = integrate.quad(integrand, -15, 15)[0]
    draws = draw(Sigma=np.array([1.2]), Delta=np.array([0.8]), trials=20_000, entropy=0).numpy()
    standard_error = draws.std() / np.sqrt(len(draws))
    assert abs(draws.mean() - exact) < 4.5 * standard_error
    assert standard_error < 0.01


def test_singular_classes_are_refused() -> None:
    with pytest.raises(ValueError, match="not both positive definite"):
        bayes.squared_loss(Sigma=np.ones(2), Delta=np.array([0.2, -1.0]), trials=1, entropy=0)
