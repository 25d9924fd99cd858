import numpy as np
import pytest

from lazy_assay.theory.ghorbani2019._haar_variance import CYCLES, SQUARE, ZONAL, _weights, elasticity, variance

RNG = np.random.default_rng(11)


def projections(d: int, k: int, trials: int) -> np.ndarray:
    Q = np.linalg.qr(RNG.standard_normal((trials, d, k)))[0]
    return np.asarray(Q @ Q.mT)


def test_the_square_is_its_combination_of_zonal_polynomials() -> None:
    assert _weights() @ ZONAL == pytest.approx(np.eye(len(CYCLES))[SQUARE])


def test_a_multiple_of_the_identity_does_not_scatter() -> None:
    assert variance(9, 4, np.full(9, 0.7)) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("d, k", [(5, 1), (5, 2), (8, 6)])
def test_the_variance_is_that_of_sampled_projections(d: int, k: int) -> None:
    delta = np.linspace(-0.5, 1.0, d)
    P = projections(d, k, 40_000) * delta
    drawn = np.einsum("tij,tji->t", P, P)
    scatter = ((drawn - drawn.mean()) ** 2).std() / np.sqrt(len(drawn))
    assert variance(d, k, delta) == pytest.approx(drawn.var(), abs=5 * scatter)


def learned(P: np.ndarray, D: np.ndarray) -> tuple[float, float]:
    """a₀ and X = ½⟨ΠΔ, (1 + ΠDΠ)⁻¹ΠΔ⟩, ΠA = A − PAP, by the series in D."""
    aim = term = D - P @ D @ P
    total = aim.copy()
    for _ in range(12):
        moved = D @ term @ D
        term = P @ moved @ P - moved
        total += term
    return float((aim * aim).sum()), float((aim * total).sum()) / 2


@pytest.mark.parametrize("k", [6, 12, 18])
def test_the_gain_moves_with_its_first_term_as_sampled_projections_say(k: int) -> None:
    d = 24
    delta = np.resize([2.0, 1.5, 1.0, -1.0], d) / np.sqrt(d)
    a0, X = np.array([learned(P, np.diag(delta)) for P in projections(d, k, 1000)]).T
    measured = np.cov(X, a0)[0, 1] / a0.var(ddof=1) * a0.mean() / X.mean()
    assert elasticity(d, k, delta, a0.mean(), variance(d, k, delta)) == pytest.approx(measured, abs=0.02)
    # Of the limit's own size it is not: 1, that of ½a₀.
    assert measured < 0.96
