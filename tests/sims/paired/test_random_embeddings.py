from typing import Any

import numpy as np
import pytest

from lazy_assay.sims.data import random_points
from lazy_assay.sims.paired import initialisation, random_embeddings

POINTS = np.array([[0.6, 0.8, 0.0], [0.0, 0.6, -0.8], [1.0, 0.0, 0.0]])
FUNCTION: dict[str, Any] = {
    "centres": POINTS[:2],
    "coefficients": np.array([0.5, -1.0]),
    "points": POINTS,
    "activation": "relu",
}
RUN: dict[str, Any] = {"trials": 400, "entropy": 3}


def test_errors_of_pairs_are_smaller_than_against_a_wrong_target() -> None:
    target = np.zeros(3)
    pairs = random_embeddings.paired_error(**FUNCTION, q=4, replicas=8, **RUN)
    raw = random_embeddings.approximation_error(**FUNCTION, q=4, target=target, replicas=8, **RUN)
    # About zero the error is the variance and the square of the mean: more.
    assert 0 < float(pairs.mean()) < float(raw.mean())


def test_more_features_have_less_variance() -> None:
    few, many = (float(random_embeddings.paired_error(**FUNCTION, q=q, replicas=8, **RUN).mean()) for q in (2, 16))
    assert few / many == pytest.approx(8, rel=0.2)


def test_a_sample_variance_needs_two_replicas() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        random_embeddings.paired_error(**FUNCTION, q=2, replicas=1, **RUN)
    with pytest.raises(ValueError, match="at least 2"):
        random_embeddings.kernel_variance(correlation=0.3, q=2, d=3, activation="relu", replicas=1, **RUN)


def test_a_correlation_needs_two_dimensions() -> None:
    with pytest.raises(ValueError, match="d ≥ 2"):
        random_embeddings.kernel_variance(correlation=0.3, q=2, d=1, activation="relu", replicas=2, **RUN)
    with pytest.raises(ValueError, match="d ≥ 2"):
        initialisation.tangent_kernel(correlation=0.3, q=2, d=1, B=1.0, activation="relu", **RUN)


def test_sgd_lowers_the_loss_of_the_zero_function() -> None:
    data: dict[str, Any] = {
        "points": POINTS,
        "labels": np.array([1.0, -1.0, 1.0]),
        "target": np.zeros(3),
        "loss": "hinge",
    }
    found = random_embeddings.sgd_excess_loss(
        **data, q=32, activation="relu", steps=200, step_size=0.5, trials=20, entropy=1
    )
    assert float(found.max()) < 0


def test_the_identity_kernel_reproduces_through_least_vectors() -> None:
    W = np.random.default_rng(1).standard_normal((3, 6))
    given: dict[str, Any] = {"W": W, "points": POINTS, "labels": np.array([1.0, 0.0, 0.0]), "activation": "softplus"}
    # f = k(·, x_1): <f, f> is its squared norm, and k(x_1, x_1).
    norm = float(random_embeddings.smallest_vector_norm_at(**given))
    assert float(random_embeddings.reproduced_value_at(**given)) == pytest.approx(norm**2, rel=1e-12)


def test_one_point_is_as_concentrated_as_can_be() -> None:
    assert float(random_points.squared_boundedness(d=7, m=1, trials=1, entropy=2)) == pytest.approx(7)
    assert float(random_points.squared_boundedness_at(points=np.eye(5))) == pytest.approx(1)


def test_paired_gradients_cancel_and_outputs_vanish() -> None:
    W = np.random.default_rng(2).standard_normal((3, 5))
    at: dict[str, Any] = {"W": W, "points": POINTS, "B": 3.0, "activation": "tanh"}
    assert float(initialisation.largest_output_at(**at)) < 1e-14
    assert float(initialisation.unpaired_gradient_at(**at)) == 0
