from __future__ import annotations

from typing import Any

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from lazy_assay.sims.numerics.least_squares import explained
from lazy_assay.sims.quadratic import random_features


@pytest.mark.parametrize(
    "activation", ["quadratic", "hermite2_3", "relu", "abs", "erf", "sin", "tanh", "sigmoid", "softplus"]
)
def test_random_features_stay_on_their_device_with_each_activation(activation: str, standin: str) -> None:
    sizes: dict[str, Any] = {"d": 2, "N": 3, "B": [1.0, 2.0], "Gamma": [0.5, 0.5], "activation": activation}
    with FakeTensorMode():
        assert random_features.population_risk(**sizes, trials=2, entropy=0, device=standin).device.type == standin


def test_a_tensor_left_on_the_cpu_is_caught(standin: str) -> None:
    def misplaced(K: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        return explained(K + torch.eye(K.shape[-1], dtype=K.dtype), v)

    with FakeTensorMode():
        K, v = torch.ones(2, 3, 3, device=standin), torch.ones(2, 3, device=standin)
        assert explained(K, v).device.type == standin
        with pytest.raises(RuntimeError, match=r"[Dd]evice"):
            misplaced(K, v)
