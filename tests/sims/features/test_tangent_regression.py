from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from lazy_assay.sims.features import kernels, tangent_regression
from lazy_assay.sims.kernels.empirical import empirical_ntk
from lazy_assay.sims.two_layer import tangent_training

TANGENT: dict[str, Any] = {
    "theta": np.linspace(-1, 1.5, 10).reshape(5, 2),
    "u": [1.0, -0.5, 0.3, 1.2, -2.0],
    "alpha": 2.0,
    "points": [[1.0, 0.0], [0.6, 0.8], [0.0, -1.0]],
    "labels": [1.0, -1.0, 0.5],
    "centres": [[0.8, 0.6]],
    "activation": "tanh",
}
ONE: dict[str, Any] = {"trials": 1, "entropy": 0}
TIMED: dict[str, Any] = {**TANGENT, "time": 0.7}


def module() -> torch.nn.Module:
    """TANGENT's network as a torch module, its factor α/m outside the weights."""
    hidden, last = torch.nn.Linear(2, 5, bias=False), torch.nn.Linear(5, 1, bias=False)
    for layer, weights in ((hidden, TANGENT["theta"]), (last, [TANGENT["u"]])):
        layer.weight = torch.nn.Parameter(torch.as_tensor(np.array(weights)))
    return torch.nn.Sequential(hidden, torch.nn.Tanh(), last)


@pytest.mark.parametrize("route", tangent_regression.ROUTES)
def test_both_gram_matrices_are_the_layerwise_tangent_kernel_of_a_module(route: str) -> None:
    x, y, z = (torch.tensor(TANGENT[name], dtype=torch.float64) for name in ("points", "labels", "centres"))
    kernel = empirical_ntk(module(), z, x) * (TANGENT["alpha"] / 5) ** 2
    found = tangent_regression.kernel_sum_at(**TANGENT, route=route, **ONE)
    assert float(found[0]) == pytest.approx(float((kernel @ y).sum()), rel=1e-13)


def test_an_unknown_route_is_named() -> None:
    with pytest.raises(ValueError, match="route is one of features, gradients, not 'hessian'"):
        tangent_regression.kernel_sum_at(**TANGENT, route="hessian", **ONE)


def test_more_steps_of_the_flow_change_rounding_only() -> None:
    few, many = (float(tangent_regression.flowed_output_at(**TIMED, steps=steps, **ONE)[0]) for steps in (20, 40))
    assert few == pytest.approx(many, abs=1e-12)


def test_the_flow_is_where_many_small_steps_of_descent_lead() -> None:
    # Descent takes the mean over the three points, so its step sizes carry a factor 3.
    sizes = [0.7 * 3 / steps for steps in (1000, 2000)]
    coarse, fine = (
        float(tangent_training.trained_output_at(**TANGENT, eta_u=e, eta_theta=e, steps=round(2.1 / e), **ONE)[0])
        for e in sizes
    )
    flow = float(tangent_regression.flowed_output_at(**TIMED, steps=20, **ONE)[0])
    # The error of descent is of first order in its step size: twice the finer less the coarser has none.
    assert abs(coarse - flow) < 1e-3
    assert 2 * fine - coarse == pytest.approx(flow, abs=20 * (coarse - fine) ** 2)


def test_entries_of_the_kernel_are_those_of_the_whole_jacobian() -> None:
    given: dict[str, Any] = {"correlation": 0.3, "activation": "softplus", "m": 3, "trials": 4, "entropy": 5}
    entries = tangent_regression.kernel_entries(**given, repeats=1)[:, 0]
    whole = kernels.network_tangent_kernel(**given)
    assert torch.allclose(entries, whole, rtol=1e-13)
