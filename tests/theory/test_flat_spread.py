import numpy as np
import pytest

from lazy_assay import theory
from lazy_assay.theory import InvalidParameterError
from lazy_assay.theory.ghorbani2019 import _flat_spread as flat
from lazy_assay.theory.ghorbani2019 import _isotropic_spread as isotropic
from lazy_assay.theory.ghorbani2019._concentration import on_target

RNG = np.random.default_rng(13)
PART = theory.claim("ghorbani2019.corollary1").part("concentration")


def drawn(N: int, B: np.ndarray, trials: int) -> np.ndarray:
    """1 − vᵀK⁻¹v/(2‖B‖²) at Γ = I/d, σ = x² − 1."""
    W = RNG.standard_normal((trials, N, len(B))) / np.sqrt(len(B))
    s, v = (W * W).sum(-1), 2 * ((W * B) * W).sum(-1)
    K = 2 * (W @ W.mT) ** 2 + (s - 1)[:, :, None] * (s - 1)[:, None, :]
    return np.asarray(1 - (v * np.linalg.solve(K, v[..., None])[..., 0]).sum(-1) / (2 * B @ B))


@pytest.mark.parametrize("B", [np.linspace(0.2, 1.8, 25), np.linspace(-0.2, 2.2, 25) ** 2], ids=["even", "skewed"])
def test_the_variance_is_that_of_sampled_weights(B: np.ndarray) -> None:
    risks = drawn(10, B, 40_000)
    noise = ((risks - risks.mean()) ** 2).std() / np.sqrt(len(risks))
    found = flat.variance(10, B, B)
    assert found == pytest.approx(risks.var(), abs=4 * noise + flat.share(10, B) * found)


def test_of_the_limits_own_size_it_is_not() -> None:
    B = np.linspace(0.6, 1.4, 25)
    limit = on_target(25, 10, B, np.ones(25) / 25, "quadratic")[1]
    assert abs(25**2 * flat.variance(10, B, B) / limit - 1) > 3 * flat.share(10, B)


def test_of_the_identity_it_is_the_isotropic_one() -> None:
    assert 30**2 * flat.variance(12, np.ones(30), np.ones(30)) == pytest.approx(isotropic.on_target(30, 12))
    assert flat.share(12, np.ones(30)) == isotropic.share(30, 12)


@pytest.mark.parametrize("rho", [0.25, 1.0, 2.0])
def test_it_tends_to_corollary_1s_limit_like_one_over_d(rho: float) -> None:
    published = PART.published
    assert published is not None

    def off(d: int) -> float:
        B = np.linspace(0.3, 1.9, d) ** 2
        limit = float(published(rho=rho, B=B, Gamma=np.ones(d) / d))
        return d**2 * flat.variance(round(rho * d), B, B) / limit - 1

    assert abs(off(500)) < 30 / 500
    assert off(500) / off(4000) == pytest.approx(8, rel=0.1)


def test_weights_that_see_half_of_the_directions_see_that_block_alone() -> None:
    B, Gamma = np.concatenate([np.linspace(0.5, 1.5, 30), np.full(30, -0.4)]), np.repeat([1 / 30, 0], 30)
    Q = np.linalg.qr(RNG.standard_normal((60, 60)))[0]
    turned, weights = (Q * B) @ Q.T, (Q * Gamma) @ Q.T
    values = flat.seen((turned + turned.T) / 2, (weights + weights.T) / 2)
    assert values == pytest.approx(B[:30])
    assert flat.variance(12, B, B[:30]) == pytest.approx(
        flat.variance(12, B[:30], B[:30]) * (B[:30] @ B[:30] / (B @ B)) ** 2
    )


def test_uneven_weights_are_not_flat() -> None:
    assert flat.seen(np.ones(9), np.linspace(0.1, 0.101, 9)) is None


def test_flat_weights_on_few_directions_are_refused_by_their_number() -> None:
    assert PART.finite is not None
    with pytest.raises(InvalidParameterError, match="got d = 20, N = 20: 40, of which flat weights see 20"):
        PART.finite(d=40, N=20, B=np.ones(40), Gamma=np.repeat([1 / 20, 0], 20))
