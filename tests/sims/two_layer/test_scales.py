from __future__ import annotations

from typing import Any

import pytest
import torch

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.dynamics import measures
from lazy_assay.sims.dynamics.networks import FullyConnected
from lazy_assay.sims.dynamics.parameterisations import MEAN_FIELD
from lazy_assay.sims.dynamics.two_layer import TwoLayer
from lazy_assay.sims.two_layer import scales

ONE: dict[str, Any] = {"n": 5, "d": 3, "activation": "tanh", "m": 8, "trials": 3, "entropy": 4}


def drawn() -> tuple[torch.Tensor, torch.Tensor, scales.Parameters]:
    stream = Stream(4)
    x, y = scales._halves(stream, 3, 5, 3)
    return x, y, scales._paired(stream, 3, 3, 8)


def test_the_kernel_and_its_change_are_those_of_automatic_differentiation() -> None:
    x, y, start = drawn()
    training = scales._Training(TwoLayer("tanh", 2 / 8), x, y, 1.0, 5)
    w, _ = training.past(start, 0.0)
    network = FullyConnected((3, 8, 1), "tanh", MEAN_FIELD, alpha=2.0)
    for trial in range(3):
        one = tuple(p[trial : trial + 1] for p in start), tuple(p[trial : trial + 1] for p in w)
        expected = measures.kernel_change(network, *one, x[trial])
        torch.testing.assert_close(scales._change("tanh", w, start, x)[trial], expected[0])


def test_descent_stops_where_each_trials_own_loss_is_at_most_the_target() -> None:
    x, y, start = drawn()
    network = TwoLayer("tanh", 2 / 8)
    training = scales._Training(network, x, y, 1.0, 2000)
    w, arrived = training.past(start, 0.3)
    losses = (network.outputs(w, x) - y).square().mean((1, 2))
    assert arrived.all()
    assert ((losses <= 0.3) & (losses > 0.2)).all()


def test_the_first_output_is_zero() -> None:
    x, _, start = drawn()
    assert float(TwoLayer("tanh", 1.0).outputs(start, x).abs().max()) < 1e-14


def test_decay_alone_shrinks_weights_geometrically() -> None:
    x, _, start = drawn()
    training = scales._Training(TwoLayer("tanh", 0.0), x, torch.ones_like(x[..., :1]), 0.5, 3, decay=0.2)
    w, _ = training.past(start, 0.0)
    for before, after in zip(start, w, strict=True):
        torch.testing.assert_close(after, before * (1 - 0.5 * 0.2) ** 3)


def test_what_is_not_reached_is_infinite() -> None:
    found = scales.alignment(**ONE, alpha=1.0, target=1e-9, step_size=0.1, most=3)
    assert found.isinf().all()


def test_random_features_are_their_own_tangent_model() -> None:
    found = scales.decayed_gap(**ONE, alpha=3.0, decay=0.5, trained="outer", step_size=0.5, steps=20)
    assert float(found.max()) < 1e-13


def test_what_is_trained_is_both_or_the_outer_layer() -> None:
    with pytest.raises(ValueError, match="trained is both or outer, not 'inner'"):
        scales.decayed_gap(**ONE, alpha=3.0, decay=0.5, trained="inner", step_size=0.5, steps=1)
