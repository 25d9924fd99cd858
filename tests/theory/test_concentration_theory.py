import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazy_assay import theory
from lazy_assay.theory import InvalidParameterError, Limit
from lazy_assay.theory.ghorbani2019 import _bayes_limit
from lazy_assay.theory.ghorbani2019._feature_spread import learned_variance, ridge
from lazy_assay.theory.ghorbani2019.bayes import bayes_risk
from lazy_assay.theory.ghorbani2019.expressivity import cubic, traceless

COROLLARY_1 = theory.claim("ghorbani2019.corollary1").part("concentration")
THEOREM_1 = theory.claim("ghorbani2019.theorem1").part("concentration")
THEOREM_5 = theory.claim("ghorbani2019.theorem5").part("concentration")
B = np.linspace(0.2, 2, 30)
ISOTROPIC, LINEAR = np.ones(30) / 30, np.linspace(0.2, 1.8, 30) / 30


@pytest.mark.parametrize("rho", [0.25, 0.5, 1.0, 2.0, 4.0])
def test_isotropic_weights_have_the_closed_form(rho: float) -> None:
    t = B.sum() ** 2 / (len(B) * B @ B)
    known = (
        8 * rho * t * (1 - t) / (1 + rho) ** 2 + t**2 * rho**2 * (4 + (2 + 8 * rho) / (1 + rho) ** 2) / (1 + rho) ** 4
    )
    assert COROLLARY_1.published is not None
    assert COROLLARY_1.published(rho=rho, B=B, Gamma=ISOTROPIC) == pytest.approx(known, rel=1e-12)


@pytest.mark.parametrize("activation", ["quadratic", "abs", "hermite2_3"])
def test_without_a_linear_part_the_first_order_vanishes(activation: str) -> None:
    first, second = learned_variance(30, 15, B, LINEAR, activation)
    assert first == 0
    assert second > 0


@pytest.mark.parametrize("activation", ["relu", "softplus"])
def test_with_a_linear_part_it_does_not(activation: str) -> None:
    assert learned_variance(30, 15, B, LINEAR, activation)[0] > 0


@pytest.mark.parametrize("activation", ["erf", "sin"])
def test_an_odd_activation_has_no_spread(activation: str) -> None:
    assert THEOREM_1.published is not None
    assert THEOREM_1.published(rho=0.5, B=B, Gamma=LINEAR, activation=activation) == 0


def test_the_variance_of_psi_is_that_of_a_random_direction_against_the_spectrum() -> None:
    d, N = 400, 200
    rng = np.random.default_rng(5)
    W = rng.standard_normal((N, d)) / np.sqrt(d)
    eigenvalues = np.linalg.eigvalsh(W @ W.T)
    found = ridge(N / d, np.ones(d) / d, "relu")
    inverse = 1 / (0.25 - 1 / (2 * np.pi) + eigenvalues / 4)
    direct = 2 * N / d * (np.mean(inverse**2) - np.mean(inverse) ** 2)
    rho = N / d
    assert 2 * found.psi**2 * found.J / (rho * (rho - found.J)) == pytest.approx(direct, rel=0.03)


@pytest.mark.parametrize("part", [COROLLARY_1, THEOREM_1], ids=["corollary1", "theorem1"])
def test_a_rotation_of_both_matrices_changes_nothing(part: Limit) -> None:
    Q = np.linalg.qr(np.random.default_rng(1).standard_normal((30, 30)))[0]
    turned = {"B": (Q * B) @ Q.T, "Gamma": (Q * LINEAR) @ Q.T}
    extra = {} if part is COROLLARY_1 else {"activation": "relu"}
    told = {name: (matrix + matrix.T) / 2 for name, matrix in turned.items()}
    assert part.finite is not None
    assert part.finite(d=30, N=15, **told, **extra) == pytest.approx(
        part.finite(d=30, N=15, B=B, Gamma=LINEAR, **extra), rel=1e-9
    )


def test_a_spread_outside_of_its_calibration_is_refused_with_the_size_from_which_it_answers() -> None:
    assert COROLLARY_1.finite is not None
    assert THEOREM_5.finite is not None
    with pytest.raises(InvalidParameterError, match="from d = 25 on and from N = d/4 to N = 2 d, got d = 8, N = 2"):
        COROLLARY_1.finite(d=8, N=2, B=np.ones(8), Gamma=np.ones(8) / 8)
    with pytest.raises(InvalidParameterError, match="from d = 16 on, got d = 4"):
        THEOREM_5.finite(d=4, N=2, Delta=np.full(4, 0.3))


def test_the_tangent_model_has_no_spread_where_no_weight_is_left() -> None:
    assert THEOREM_5.finite is not None
    assert THEOREM_5.finite(d=16, N=16, Delta=np.linspace(0.1, 0.4, 16)) == 0
    assert THEOREM_5.published is not None
    assert THEOREM_5.published(rho=1.0, Delta=np.linspace(0.1, 0.4, 16)) == 0


# -- the Bayes error ---------------------------------------------------------------------------------------------------


def test_the_limiting_bayes_error_lies_below_the_best_quadratic_form() -> None:
    assert _bayes_limit.limiting_error(2.417) == pytest.approx(0.389, abs=5e-4)
    assert pytest.approx(0.453, abs=5e-4) == 1 / (1 + 2.417 / 2)


@given(st.floats(1e-6, 300))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_the_gap_is_positive_and_what_is_left_between_the_two_risks(D: float) -> None:
    gap = _bayes_limit.limiting_gap(D)
    assert gap > 0
    assert gap == pytest.approx(1 / (1 + D / 2) - _bayes_limit.limiting_error(D), abs=1e-12)
    assert _bayes_limit.posterior_variance(D) == pytest.approx(_bayes_limit.limiting_error(D), abs=1e-12)


@given(st.lists(st.floats(-0.99, 0.99), min_size=1, max_size=8).filter(any))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_the_affinity_encloses_the_bayes_error(entries: list[float]) -> None:
    Delta, Sigma = np.array(entries), np.ones(len(entries))
    error, Z = bayes_risk(Sigma, Delta), float(np.prod(1 - Delta**2) ** 0.25)
    assert Z**2 - 1e-12 <= error <= Z + 1e-12
    assert np.exp(-float(Delta @ Delta) / 4) + 1e-12 >= Z


# -- expressivity ------------------------------------------------------------------------------------------------------


def test_dimensions_of_the_harmonics_add_up() -> None:
    # Of all cubics, d(d+1)(d+2)/6, those that are no x_i|x|²; of all quadratic forms, those without |x|².
    for d in range(2, 9):
        assert cubic(d, d * (d + 1) * (d + 2) // 6 - d) == pytest.approx(1)
        assert traceless(d, d * (d + 1) // 2 - 1) == pytest.approx(1)
