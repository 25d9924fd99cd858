import math

import pytest
import torch

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.features import single_neuron

SAMPLES = 400_000


def sampled(model: str, w: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """The features of neurons w at x, with the constant."""
    if model == "tangent":
        own = (x[:, None, :] * (x @ w.mT > 0)[..., None]).flatten(1)
    else:
        own = torch.relu(x @ w.mT) if model == "random" else x @ w.mT
    return torch.cat([torch.ones_like(x[:, :1]), own], dim=1)


@pytest.mark.parametrize("model", ["random", "tangent", "linear"])
@pytest.mark.parametrize("d, m", [(2, 1), (3, 2), (5, 4)])
def test_the_error_is_that_of_least_squares_on_many_samples(model: str, d: int, m: int) -> None:
    found = float(single_neuron.relative_error(d=d, m=m, model=model, trials=1, entropy=7)[0])
    w = torch.nn.functional.normalize(Stream(7).normal(m, d), dim=-1)
    x = Stream(8).normal(SAMPLES, d)
    y = torch.relu(x[:, :1])
    H = sampled(model, w, x)
    residual = y - H @ torch.linalg.solve(H.mT @ H, H.mT @ y)
    assert found == pytest.approx(2 * float(residual.square().mean()), abs=5 / math.sqrt(SAMPLES))


def test_d_independent_linear_features_explain_the_mean_and_the_linear_part() -> None:
    error = single_neuron.relative_error(d=4, m=9, model="linear", trials=2, entropy=1)
    assert error.tolist() == pytest.approx([1 - 2 * (1 / (2 * math.pi) + 0.25)] * 2, abs=1e-9)


def test_the_least_number_is_where_the_error_of_the_first_neurons_comes_down_to_the_target() -> None:
    stream = Stream(5)
    errors = single_neuron._errors(single_neuron._directions(stream, 40, 3), "random")
    least = single_neuron.least_neurons(dimensions=[3], most=[40], model="random", target=0.1, trials=1, entropy=5)
    assert errors[int(least[0, 0])] <= 0.1 < errors[int(least[0, 0]) - 1]
    assert (errors.diff() <= 1e-12).all()


def test_too_few_neurons_are_an_infinite_number() -> None:
    few = single_neuron.least_neurons(dimensions=[8], most=[3], model="random", target=0.01, trials=2, entropy=5)
    assert few.isinf().all()


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(ValueError, match="model is one of random, tangent, linear, not 'deep'"):
        single_neuron.relative_error(d=2, m=1, model="deep", trials=1, entropy=0)


def test_neurons_too_parallel_for_their_products_are_no_number_and_no_count() -> None:
    error = single_neuron.relative_error(d=2, m=300, model="tangent", trials=1, entropy=3)
    few = single_neuron.least_neurons(dimensions=[2], most=[300], model="tangent", target=1e-9, trials=1, entropy=3)
    assert error.isnan().all()
    assert few.isnan().all()
