import numpy as np
import pytest

from lazy_assay import theory
from lazy_assay.theory.ghorbani2019 import _isotropic_spread as isotropic

RNG = np.random.default_rng(12)


def drawn(d: int, N: int, theta: float, trials: int) -> np.ndarray:
    """ρ_θ as defined: 1 − 1ᵀ(A + θηηᵀ)⁻¹1/d."""
    W = RNG.standard_normal((trials, N, d)) / np.sqrt(d)
    s = (W * W).sum(axis=-1)
    eta = 1 - 1 / s
    A = (W @ W.mT) ** 2 / (s[:, :, None] * s[:, None, :])
    ones = np.ones((trials, N, 1))
    return np.asarray(1 - np.linalg.solve(A + theta * eta[:, :, None] * eta[:, None, :], ones).sum(axis=(1, 2)) / d)


@pytest.mark.parametrize("N, theta", [(6, 0.5), (12, 0.5), (12, 0.45)])
def test_mean_and_variance_are_those_of_sampled_weights(N: int, theta: float) -> None:
    d = 25
    found, risks = isotropic.cumulants(d, N, theta), drawn(d, N, theta, 40_000)
    noise = ((risks - risks.mean()) ** 2).std() / np.sqrt(len(risks))
    assert found.mean == pytest.approx(risks.mean(), rel=2 / d**2)
    assert found.variance == pytest.approx(risks.var(), abs=4 * noise + isotropic.share(d, N) * found.variance)
    # Of the limit's own size it is not: a fifth less.
    limit = _limit(N / d) if theta == 0.5 else np.inf
    assert abs(limit - d**2 * risks.var()) > d**2 * 10 * noise


def _limit(rho: float) -> float:
    return rho**2 * (4 + (2 + 8 * rho) / (1 + rho) ** 2) / (1 + rho) ** 4


@pytest.mark.parametrize("rho", [0.25, 1.0, 2.0])
def test_it_tends_to_the_closed_form_of_the_limit_like_one_over_d(rho: float) -> None:
    off = [isotropic.on_target(d, round(rho * d)) / _limit(rho) - 1 for d in (1000, 10_000, 100_000)]
    assert off[0] / off[1] == pytest.approx(10, rel=0.05)
    assert off[1] / off[2] == pytest.approx(10, rel=0.01)


@pytest.mark.parametrize("rho", [0.25, 1.0])
def test_on_the_mixture_it_tends_to_the_leading_order_of_other_differences(rho: float) -> None:
    finite = theory.claim("ghorbani2019.theorem4").part("concentration").finite
    assert finite is not None

    def off(d: int) -> float:
        nearly = np.ones(d)
        nearly[0] += 1e-6
        given = {"d": d, "N": round(rho * d), "Sigma": np.ones(d), "Gamma": np.ones(d) / d, "activation": "quadratic"}
        here, there = (finite(Delta=Delta / np.sqrt(d), **given) for Delta in (np.ones(d), nearly))
        return float(here / there - 1)

    assert abs(off(400)) < 10 / 400
    assert off(400) / off(1600) == pytest.approx(4, rel=0.05)


def test_a_multiple_of_the_identity_is_told_from_other_matrices() -> None:
    rotation = np.linalg.qr(RNG.standard_normal((9, 9)))[0]
    turned = rotation @ np.diag(np.full(9, 0.3)) @ rotation.T
    assert isotropic.scale((turned + turned.T) / 2) == pytest.approx(0.3)
    assert isotropic.scale(np.linspace(0.3, 0.301, 9)) is None


def test_powers_of_series_are_repeated_products() -> None:
    series = RNG.random((2, 7))
    product = np.array([np.polynomial.polynomial.polypow(row, 5)[:7] for row in series])
    assert isotropic._power(series, 5) == pytest.approx(product)
