from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lazy_assay.sims.two_layer.distance import distances_at_loss
from lazy_assay.sims.two_layer.tangent import READINGS, training_beside_tangent

RNG = np.random.default_rng(3)
POINTS, CLASSES = RNG.standard_normal((12, 4)) / 2, np.eye(3)[RNG.integers(0, 3, 12)]
DISTANCES: dict[str, Any] = {
    "inputs": POINTS,
    "targets": CLASSES,
    "initialisation": "paired",
    "activation": "tanh",
    "sigma": 1.0,
    "step_size": 2.0,
    "target": 0.9,
    "most": 2000,
    "trials": 4,
    "entropy": 1,
}
TRAINING: dict[str, Any] = {
    "inputs": POINTS,
    "targets": CLASSES,
    "test_inputs": POINTS,
    "test_targets": CLASSES,
    "width": 16,
    "activation": "tanh",
    "theta_scale": 1.0,
    "step_size": 0.1,
    "ratio": 1.0,
    "momentum": 0.0,
    "weight_decay": 0.0,
    "batch": 4,
    "checkpoints": [0, 3],
    "trials": 3,
    "entropy": 1,
}


def distances(**changes: Any) -> np.ndarray:
    networks: dict[str, Any] = {"widths": [64, 64], "alphas": [64.0, 128.0], "ratios": [1.0, 1.0]}
    return distances_at_loss(**DISTANCES | networks | changes).numpy()


def training(**changes: Any) -> dict[str, np.ndarray]:
    draws = training_beside_tangent(**TRAINING | {"alpha": 4.0} | changes).numpy()
    return {name: draws[:, index] for index, name in enumerate(READINGS)}


def test_doubling_alpha_halves_every_distance_of_a_lazy_network_of_zero_output() -> None:
    found = distances()
    assert found[:, :4, 0] / found[:, :4, 1] == pytest.approx(2, rel=0.03)
    assert found[:, 4] == pytest.approx(np.log(3), rel=1e-12)


def test_independent_weights_start_from_a_loss_that_grows_with_alpha() -> None:
    found = distances(initialisation="independent", alphas=[640.0, 1280.0], most=1)
    assert np.isinf(found).any()
    assert (distances(initialisation="independent", target=1e9)[:, 4, 1] > 0).all()


def test_frobenius_distances_lie_above_root_width_times_the_mean_of_neurons() -> None:
    found = distances()
    assert (found[:, 2:4] >= 8 * found[:, :2]).all()


@pytest.mark.parametrize("changes, message", [({"initialisation": "zero"}, "not 'zero'"), ({"ratios": [1.0]}, "1 rat")])
def test_networks_that_are_not_said_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        distances(**changes)


def test_network_and_tangent_model_start_together_and_stay_closer_the_larger_alpha_is() -> None:
    near, far = training(alpha=400.0, step_size=1e-4), training(alpha=4.0, step_size=1.0)
    for found in (near, far):
        assert np.array_equal(found["train"][:, 0], found["tangent train"][:, 0])
        assert (found["gap"][:, 0] == 0).all()
    assert (near["gap"][:, 1] < far["gap"][:, 1] / 5).all()


def test_training_lowers_the_loss_and_moves_both_layers() -> None:
    found = training(checkpoints=[0, 40], step_size=1.0)
    assert (found["train"][:, 1] < found["train"][:, 0]).all()
    assert (found["theta"][:, 1] > 0).all()
    assert (found["u"][:, 1] > 0).all()


def test_weight_decay_alone_shrinks_both_layers_by_its_own_factor() -> None:
    held = training(alpha=1e-9, weight_decay=0.1, checkpoints=[10], theta_scale=1.0)
    twice = training(alpha=1e-9, weight_decay=0.1, checkpoints=[20], theta_scale=1.0)
    share = 1 - (1 - 0.1 * 0.1) ** 30, 1 - (1 - 0.1 * 0.1) ** 60
    assert held["theta"] / twice["theta"] == pytest.approx(share[0] / share[1], rel=1e-9)


def test_a_batch_that_does_not_divide_the_points_is_refused() -> None:
    with pytest.raises(ValueError, match="batches of 5; take a divisor"):
        training(batch=5)
