import math
from typing import Any

import numpy as np
import pytest
import torch

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.dynamics import tangent
from lazy_assay.sims.dynamics.descent import GradientDescent, descend
from lazy_assay.sims.dynamics.losses import half_squared
from lazy_assay.sims.dynamics.networks import FullyConnected
from lazy_assay.sims.dynamics.parameterisations import MEAN_FIELD
from lazy_assay.sims.features import solutions
from lazy_assay.sims.two_layer import fixed_output_layer, linearisation, sampled_neurons

RNG = np.random.default_rng(3)
X = RNG.standard_normal((5, 3))
X /= np.linalg.norm(X, axis=1, keepdims=True)
Y, THETA = RNG.standard_normal(5), RNG.standard_normal((12, 3))
SOLVED: dict[str, Any] = {
    "theta": THETA,
    "points": X,
    "labels": Y,
    "centres": X[:2],
    "activation": "relu",
    "trials": 1,
    "entropy": 0,
}


def test_ridge_solutions_do_not_depend_on_the_scaling() -> None:
    found = [float(solutions.ridge_output_at(**SOLVED, lambda_=0.1, alpha=a)[0]) for a in (0.5, 1, 20)]
    assert max(found) - min(found) < 1e-12


def test_primal_and_kernel_solutions_agree_to_ten_digits_down_to_a_small_regulariser() -> None:
    H = np.maximum(X @ THETA.T, 0) / math.sqrt(12)
    for lambda_ in (1e-5, 1e-3, 0.1):
        beta = np.linalg.solve(H @ H.T + 5 * lambda_ * np.eye(5), Y)
        found = solutions.ridge_output_at(**SOLVED, lambda_=lambda_, alpha=2.0)
        assert abs(float(found[0]) - float((H[:2] @ H.T @ beta).sum())) < 1e-10


def test_descent_comes_to_the_ridge_solution() -> None:
    whole = solutions.ridge_output_at(**SOLVED, lambda_=0.1, alpha=1.0)
    found = solutions.descended_ridge_output_at(**SOLVED, lambda_=0.1, alpha=1.0, step_size=10.0, steps=600)
    assert float((found - whole).abs()[0]) < 1e-8


@pytest.mark.parametrize("rates", [(0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.5, -0.5)])
def test_errors_of_tangent_models_are_those_of_automatic_differentiation(rates: tuple[float, float]) -> None:
    exponent, output_rate = rates
    m, n, steps = 6, 3, 4
    found = linearisation.tangent_errors(
        n=n,
        d=2,
        activation="tanh",
        widths=np.array([m]),
        exponent=exponent,
        output_rate=output_rate,
        step_size=0.3,
        steps=steps,
        target=0.0,
        repeats=1,
        trials=1,
        entropy=9,
    )
    stream = Stream(9)
    x = torch.nn.functional.normalize(stream.normal(1, 2 * n, 2), dim=-1)[0]
    y = stream.normal(1, n, 1)[0]
    network = FullyConnected((2, m, 1), "tanh", MEAN_FIELD, float(m) ** exponent)
    start = network.draw(stream, 1)
    unit = 0.3 * m ** (1 - 2 * exponent - max(output_rate, 0))
    optimiser = GradientDescent((unit, unit * m**output_rate))
    moved, _ = descend(lambda w, k: half_squared(network(w, x[:n]), y), start, optimiser, steps)
    flat = start
    for k in range(steps):
        slopes = tangent.gradients(network, start, flat, x[:n], y, half_squared)[1]
        flat = optimiser.step(flat, slopes, (), k)[0]
    error = (network(moved, x) - tangent.outputs(network, start, flat, x)).square().mean().sqrt()
    assert float(found[0, 0, 0]) == pytest.approx(float(error), rel=1e-10)
    assert torch.equal(found[0, 0], found[0, 1]), "a loss of zero is never reached"


def test_neurons_put_together_come_from_different_networks_and_keep_their_places_apart() -> None:
    terms = torch.arange(8.0).reshape(4, 2, 1)
    found = sampled_neurons._put_together(terms, 2)
    # Networks (0, 1) and (2, 3): shift 0 takes neuron 0 of the first and 1 of the second.
    assert found[0, :, 0].tolist() == [(0 + 3) / 2, (4 + 7) / 2]
    assert found[1, :, 0].tolist() == [(1 + 2) / 2, (5 + 6) / 2]


def test_untrained_networks_are_as_far_from_their_mean_as_independent_neurons() -> None:
    found = sampled_neurons.trained_distances(
        m=8, n=3, d=2, alpha=1.0, blocks=16, step_size=0.1, steps=0, activation="tanh", trials=12, entropy=1
    )
    own, apart, alone = found.exp().mean((0, 1)).tolist()
    assert own == pytest.approx(alone, rel=0.2)
    assert apart == pytest.approx(alone, rel=0.2)


def test_a_step_size_beyond_stability_leaves_no_finite_residual() -> None:
    found = fixed_output_layer.residual_ratio(points=X, labels=Y, m=8, eta=1e6, k=200, trials=2, entropy=0)
    assert not torch.isfinite(found).any()
