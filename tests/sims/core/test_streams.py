from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from lazy_assay import sims
from lazy_assay.sims.core.streams import Stream, generator, normal


def test_stream_keys_never_change() -> None:
    assert sims.stream_key(0, "random_features.population_risk", {"d": 50, "N": 25}, 0) == 5885464311369036334


def test_a_key_does_not_depend_on_the_order_of_the_configuration() -> None:
    assert sims.stream_key(1, "s", {"a": 1, "b": 2.5}, 3) == sims.stream_key(1, "s", {"b": 2.5, "a": 1}, 3)


def test_numpy_scalars_name_the_same_stream_as_python_numbers() -> None:
    told: dict[str, Any] = {"a": np.int64(1), "b": np.float64(2.5)}
    assert sims.stream_key(1, "s", told, 3) == sims.stream_key(1, "s", {"a": 1, "b": 2.5}, 3)


@pytest.mark.parametrize(
    "other", [(2, "s", {"a": 1}, 0), (1, "t", {"a": 1}, 0), (1, "s", {"a": 2}, 0), (1, "s", {}, 1)]
)
def test_every_part_of_a_key_matters(other: tuple[int, str, dict[str, int], int]) -> None:
    assert sims.stream_key(*other) != sims.stream_key(1, "s", {"a": 1}, 0)


def test_arrays_cannot_name_a_stream() -> None:
    with pytest.raises(TypeError, match="scalars only"):
        sims.stream_key(0, "s", {"B": np.ones(2)}, 0)  # type: ignore[dict-item]


def test_keys_fit_in_63_bits() -> None:
    keys = [sims.stream_key(0, "s", {}, batch) for batch in range(200)]
    assert max(keys) < 2**63
    assert max(keys) > 2**62
    assert len(set(keys)) == 200


def test_the_high_bits_of_a_key_reach_the_noise() -> None:
    low, high = (torch.rand(4, generator=generator(key)) for key in (5, 5 + 2**32))
    assert not torch.equal(low, high)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_normals_follow_the_normal_law(dtype: str) -> None:
    draws = Stream(7, "cpu", dtype).normal(3, 33333).double().flatten().numpy()
    assert stats.kstest(draws, "norm").pvalue > 1e-4
    assert abs(np.corrcoef(draws[:-1], draws[1:])[0, 1]) < 5 / np.sqrt(len(draws))
    half = len(draws) // 2
    assert abs(np.corrcoef(draws[:half], draws[-half:])[0, 1]) < 5 / np.sqrt(half)


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3, 5)])
def test_normals_come_in_any_shape(shape: tuple[int, ...]) -> None:
    assert normal(shape, generator(0), torch.device("cpu"), torch.float64).shape == shape


def test_the_global_seed_is_left_alone() -> None:
    before = torch.random.get_rng_state()
    Stream(3).normal(100)
    assert torch.equal(before, torch.random.get_rng_state())


def test_uniforms_fill_their_interval_evenly_and_follow_one_another() -> None:
    stream = Stream(5)
    first, second = (stream.uniform(4000, half_width=0.05).numpy() for _ in range(2))
    assert np.abs(first).max() < 0.05
    assert stats.kstest(first / 0.1 + 0.5, "uniform").pvalue > 1e-4
    assert not np.isin(first, second).all()
