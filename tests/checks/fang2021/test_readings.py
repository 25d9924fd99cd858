from __future__ import annotations

import numpy as np
import pytest

from lazy_assay.checks.fang2021 import _readings as readings
from lazy_assay.checks.fang2021._data import split

LOSSES = np.array([[4.0, 2.0, 0.5], [4.0, 0.5, 0.25]])
DISTANCES = np.array([[0.0, 1.0, 3.0], [0.0, 3.0, 5.0]])


@pytest.fixture
def draws() -> np.ndarray:
    found = np.zeros((2, 9, 3))
    found[:, 0], found[:, 1], found[:, 5] = LOSSES, LOSSES / 2, DISTANCES
    return found


def test_a_quantity_is_read_between_checkpoints_by_the_logarithm_of_the_loss(draws: np.ndarray) -> None:
    assert readings.at_loss(readings.THETA, 1.0)(draws) == pytest.approx([2.0, 2.0])


def test_a_loss_that_is_never_reached_reads_infinite(draws: np.ndarray) -> None:
    assert np.isinf(readings.at_loss(readings.THETA, 0.3)(draws)).tolist() == [True, False]


def test_a_loss_that_holds_from_the_start_is_read_there(draws: np.ndarray) -> None:
    assert readings.at_loss(readings.THETA, 5.0)(draws).tolist() == [0.0, 0.0]


def test_readings_over_training_leave_the_start_out(draws: np.ndarray) -> None:
    assert readings.over_training(readings.THETA)(draws).tolist() == [2.0, 4.0]
    assert readings.over_training(readings.objective)(draws) == pytest.approx([0.625, 0.1875])


def test_doublings_are_logarithms_of_readings(draws: np.ndarray) -> None:
    assert readings.doublings(readings.at_checkpoint(readings.THETA, 1))(draws) == pytest.approx([0, np.log2(3)])


def test_training_and_test_points_are_apart_and_of_the_classes_that_are_asked_for() -> None:
    found = split("digits", n=20, test=10, d=8, classes=3, norm=2.0)
    assert found["inputs"].shape == (20, 8)
    assert found["test_targets"].shape == (10, 3)
    assert not (found["inputs"][:, None] == found["test_inputs"][None]).all(-1).any()
    assert found["targets"].sum(1).tolist() == [1.0] * 20


def test_points_scaled_to_a_norm_have_it_on_average_over_the_whole_set() -> None:
    found = split("digits", n=1700, test=0, d=64, classes=10, norm=2.0)
    assert np.square(found["inputs"]).sum(1).mean() == pytest.approx(4, rel=0.01)


def test_more_points_than_there_are_is_an_error() -> None:
    with pytest.raises(ValueError, match="100 \\+ 2000 are asked for"):
        split("digits", n=100, test=2000, d=8, classes=10)
