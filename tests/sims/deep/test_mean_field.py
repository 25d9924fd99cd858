import math
from typing import Any

import pytest
import torch

from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.deep import mean_field

SIZES: dict[str, Any] = {"n": 4, "d": 3, "trials": 2, "entropy": 2}


def test_without_a_step_nothing_is_added_and_the_first_spreads_are_those_of_the_formula() -> None:
    found = mean_field.spreads(widths=[5], hidden=2, weights="fixed", outer="equal", step_size=1.0, steps=0, **SIZES)
    stream = Stream(2)
    x = torch.nn.functional.normalize(stream.normal(2, 4, 3), dim=-1)
    stream.normal(2, 4, 1)
    theta, W = stream.normal(2, 3, 5), 1 + stream.normal(2, 5, 5)
    first = torch.sigmoid(x @ theta)
    second = torch.sigmoid(first @ W / 5)
    for column, h in ((2, second), (3, first)):
        spread = h.std(-1, correction=0).square().mean(-1).sqrt() / h.square().mean((1, 2)).sqrt()
        torch.testing.assert_close(found[:, 0, column], spread)
    assert found[:, 0, :2].isnan().all()


def test_one_small_step_moves_a_neuron_of_the_last_layer_by_its_own_output_weight() -> None:
    step, (n, d, m) = 1e-6, (4, 3, 6)
    found = mean_field.spreads(widths=[m], hidden=2, weights="fixed", outer="random", step_size=step, steps=1, **SIZES)
    stream = Stream(2)
    x = torch.nn.functional.normalize(stream.normal(2, n, d), dim=-1)
    y = stream.normal(2, n, 1)
    theta, W, u = stream.normal(2, d, m), 1 + stream.normal(2, m, m), 1 + stream.normal(2, m, 1)
    h1 = torch.sigmoid(x @ theta)
    h2 = torch.sigmoid(h1 @ W / m)
    slope2, slope1 = h2 * (1 - h2), h1 * (1 - h1)
    delta2 = (h2 @ u / m - y) * u.mT * slope2
    delta1 = slope1 * (delta2 @ W.mT) / m
    # m² times the gradient in W, which is E[δ h]/m², and m times that in θ, which is E[δ x]/m.
    of_W, of_theta = h1.mT @ delta2 / n, x.mT @ delta1 / n
    added = -slope2 * ((slope1 * (x @ of_theta)) @ W + h1 @ of_W) / m
    spread = added.var(-1, correction=0).mean(-1).sqrt() / added.square().mean((1, 2)).sqrt()
    torch.testing.assert_close(found[:, 0, 0], spread, rtol=1e-3, atol=0)


def test_repeats_are_networks_of_their_own_with_the_data_of_their_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, Any] = {"hidden": 2, "weights": "fixed", "outer": "random", "step_size": 1.0, "steps": 1, **SIZES}
    seen: list[tuple[torch.Tensor, ...]] = []
    added = mean_field._added

    def watched(start: Any, x: torch.Tensor, y: torch.Tensor, *descent: Any) -> torch.Tensor:
        each = added(start, x, y, *descent)
        seen.append((start[0], x, y, each))
        return each

    monkeypatch.setattr(mean_field, "_added", watched)
    found = mean_field.spreads(widths=[5, 6], repeats=[3, 1], **told)
    theta, x, y, each = seen[0]
    assert len(theta.flatten(1).unique(dim=0)) == 6
    for data, other in ((x, seen[1][1]), (y, seen[1][2])):
        torch.testing.assert_close(data, other[[0, 0, 0, 1, 1, 1]])
    torch.testing.assert_close(found[:, 0], torch.stack([each[:3].mean(0), each[3:].mean(0)]))


def test_weights_that_grow_have_a_deviation_of_the_root_of_the_width() -> None:
    _, W, _ = mean_field._drawn(Stream(1), 50, 2, 40, 2, "growing", "random")
    assert float(W.std()) == pytest.approx(math.sqrt(40), rel=0.02)


@pytest.mark.parametrize("wrong", [{"weights": "none"}, {"outer": "none"}])
def test_unknown_laws_are_named(wrong: dict[str, str]) -> None:
    told: dict[str, Any] = {"weights": "fixed", "outer": "equal", **wrong}
    with pytest.raises(ValueError, match="weights are fixed or growing, outer random or equal, not"):
        mean_field.spreads(widths=[2], hidden=2, step_size=1.0, steps=0, **told, **SIZES)
