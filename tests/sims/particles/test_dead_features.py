import pytest
import torch

from lazy_assay.sims.particles.learned import Sets, ridge
from lazy_assay.sims.particles.tangent_spaces import _errors

N, D, TRIALS = 4, 3, 2


def alive(*shape: int) -> torch.Tensor:
    return torch.randn(TRIALS, *shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("count", [2, 4, 9])
def test_ridge_on_features_that_are_zero_at_every_point_gives_outputs_of_zero(count: int) -> None:
    features = torch.zeros(TRIALS, N, count, dtype=torch.float64)
    features[0] = alive(N, count)[0]
    outputs = features @ ridge(features, alive(N, 1), 0.01)
    assert outputs.isfinite().all()
    assert outputs[0].abs().max() > 0
    assert not outputs[1].any()


def test_a_tangent_space_of_neurons_that_all_sleep_predicts_zero() -> None:
    x = alive(N, D).abs()
    sets = Sets(x, alive(N, 2))
    neurons = -alive(5, D).abs(), alive(5, 2)
    errors = _errors(neurons, "relu", sets, sets, 0.01)
    assert errors.isfinite().all()
    assert errors[:, 0].tolist() == pytest.approx(sets.y.square().sum(-1).mean(-1).tolist())
