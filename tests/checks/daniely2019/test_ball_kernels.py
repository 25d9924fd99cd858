from typing import Any

import numpy as np
import pytest

from lazy_assay.checks.daniely2019 import _ball_kernels as balls
from lazy_assay.checks.daniely2019._certificates import dominated, made, vanishing
from lazy_assay.checks.vocabulary.result import Verdict
from lazy_assay.theory import PointSet
from lazy_assay.theory.daniely2019._approximation import second_moments
from lazy_assay.theory.daniely2019._kernel_space import Scheme

Z, X = (PointSet("n", "d").make(name, {"n": n, "d": 4}) for name, n in (("sphere:1", 3), ("sphere:2", 5)))
EVERY: dict[str, Any] = {"d": 4, "c": 3, "n": 5, "centres": "sphere:1", "points": "sphere:2"}


@pytest.mark.parametrize("activation", ["abs", "relu", "erf", "sin", "softplus"])
def test_balls_hold_the_matrices_in_floats(activation: str) -> None:
    with balls.precise():
        found = balls.matrices(activation, Z, X)
    A, B, _ = second_moments(activation, Z, X)
    for matrix, expected in ((found.K, Scheme(activation).kernel(Z, Z)), (found.A, A), (found.B, B)):
        np.testing.assert_allclose(balls.floats(matrix), expected, atol=1e-13)
    np.testing.assert_allclose(balls.floats(found.second), X.T @ X / 5, atol=1e-14)


def test_only_a_definite_matrix_is_proved_definite() -> None:
    from flint import arb

    def matrix(corner: arb) -> list[list[arb]]:
        return [[arb(2), arb(1)], [arb(1), corner]]

    assert balls.proved_definite(matrix(arb(1)))
    assert not balls.proved_definite(matrix(arb(0.5)))
    assert not balls.proved_definite(matrix(arb(0.51, 0.1)))
    assert not balls.proved_definite(matrix(arb(0.25)))


def test_a_distribution_is_proved_bounded_just_above_the_least() -> None:
    with balls.precise():
        square, proved = balls.bounded_square(balls.matrices("abs", Z, X).second)
    assert proved
    assert float(square) == pytest.approx(np.linalg.norm(X, 2) ** 2 / 5, rel=1e-11)


def test_a_bound_that_is_too_small_is_disproved_and_the_right_one_proved() -> None:
    configuration = made({**EVERY, "activation": "abs"})
    assert dominated(configuration).outcome is Verdict.AGREES
    ratio = dominated(configuration).quantity
    assert dominated(configuration, share=0.9 * ratio).outcome is Verdict.DISAGREES
    assert dominated(configuration, share=1.1 * ratio).outcome is Verdict.AGREES


def test_functions_that_vanish_at_every_input_miss_all_of_their_norm() -> None:
    assert dominated(vanishing("abs")).quantity == pytest.approx(1.0, abs=1e-6)
    assert dominated(vanishing("relu"), share=0.5).quantity == pytest.approx(0.5, abs=1e-6)
