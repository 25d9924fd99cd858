from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from lazy_assay.sims.core.streams import stream_key
from lazy_assay.sims.deep import layers, two_phase_classification
from lazy_assay.sims.deep.preactivation_resnet import preactivation_resnet
from lazy_assay.sims.deep.two_phase_classification import _relabelled, _shifted, base_and_two_phase
from lazy_assay.sims.two_phase import TwoPhase

IMAGES = np.random.default_rng(0).random((12, 1, 4, 4))
CLASSES = np.arange(12) % 3
SMALL: dict[str, Any] = {
    "images": IMAGES,
    "classes": CLASSES,
    "test_images": IMAGES,
    "test_classes": CLASSES,
    "network": "mlp",
    "width": 5,
    "blocks": [],
    "zeta": 10.0,
    "wrong": 0.0,
    "shift": 0,
    "step_size": 0.1,
    "momentum": 0.9,
    "weight_decay": 1e-3,
    "batch": 5,
    "switches": [2, 3],
    "noises": [1e-3, 1e-1],
    "decay": 0.5,
    "checkpoints": [0, 2, 3, 5],
}


@pytest.fixture(scope="module")
def draws() -> torch.Tensor:
    """(versions, checkpoints + 1) of one trial: base, 2 × 2 two-phase ones, the decayed base."""
    return base_and_two_phase(**SMALL, trials=1, entropy=5)[0]


def test_a_version_is_the_base_until_its_switch(draws: torch.Tensor) -> None:
    assert draws.shape == (6, 5)
    base = draws[0]
    for version in (1, 2, 3, 4, 5):
        assert torch.equal(draws[version, 0], base[0])
    for version in (3, 4):
        assert torch.equal(draws[version, 1], base[1])


def test_versions_part_at_the_switch_by_their_noise_and_the_decayed_base_by_its_next_step(draws: torch.Tensor) -> None:
    losses = draws[:, :-1]
    assert 0 < 10 * abs(losses[1, 1] - losses[0, 1]) < abs(losses[2, 1] - losses[0, 1])
    assert losses[5, 1] == losses[0, 1]
    assert losses[5, 2] != losses[0, 2]
    assert len(set(losses[:, -1].tolist())) == 6


def test_what_the_base_does_does_not_depend_on_the_versions_beside_it(draws: torch.Tensor) -> None:
    alone = base_and_two_phase(**{**SMALL, "switches": [4], "noises": [1.0], "decay": 1.0}, trials=1, entropy=5)[0]
    assert torch.equal(alone[0], draws[0])


def test_the_test_error_is_a_share_of_the_test_images(draws: torch.Tensor) -> None:
    counted = draws[:, -1] * len(CLASSES)
    assert torch.equal(counted.round(), counted)


def test_training_fits_and_wrong_labels_are_harder_to_fit() -> None:
    # The first pixels say the class.
    plain = np.zeros_like(IMAGES)
    plain[np.arange(12), 0, 0, CLASSES] = 1
    long: dict[str, Any] = SMALL | {
        "images": plain,
        "test_images": plain,
        "switches": [1],
        "noises": [1e-3],
        "decay": 1.0,
    }
    long |= {"checkpoints": [60], "weight_decay": 0.0}
    right, wrong = (base_and_two_phase(**{**long, "wrong": share}, trials=3, entropy=1) for share in (0.0, 1.0))
    assert (right[:, 0, 0] < 0.01).all()
    assert wrong[:, 0, -1].mean() > right[:, 0, -1].mean()


def wrapped(sizes: dict[str, Any], trials: int, entropy: int) -> torch.Tensor:
    """The draws of perceptrons, each trained alone by the wrapper of `sims.two_phase`."""
    x, y = torch.as_tensor(sizes["images"]), torch.as_tensor(sizes["classes"])
    x_test, y_test = torch.as_tensor(sizes["test_images"]), torch.as_tensor(sizes["test_classes"])
    rows = []
    for trial in range(trials):
        key = stream_key(entropy, "two-phase classification", {"trial": trial}, 0)
        module = two_phase_classification._network("mlp", x, sizes["width"], [], sizes["zeta"], 3, key)
        descent = {name: sizes[name] for name in ("momentum", "weight_decay")}
        training = TwoPhase(
            module,
            torch.optim.SGD(module.parameters(), lr=sizes["step_size"], **descent),
            x,
            _relabelled(y, sizes["wrong"], 3, key),
            batch_size=sizes["batch"],
            augment=(lambda images, drawn: _shifted(images, sizes["shift"], drawn)) if sizes["shift"] else None,
            entropy=key,
        )
        given = (sizes[name] for name in ("switches", "noises", "decay", "checkpoints"))
        rows.append(two_phase_classification._versions(training, x_test, y_test, *given))
    return torch.stack(rows)


@pytest.mark.parametrize("changes", [{}, {"wrong": 0.5, "zeta": 100.0}, {"shift": 1}, {"batch": 12, "momentum": 0.0}])
def test_perceptrons_side_by_side_are_those_that_the_wrapper_trains_alone(changes: dict[str, Any]) -> None:
    sizes = SMALL | changes
    torch.testing.assert_close(
        base_and_two_phase(**sizes, trials=3, entropy=8), wrapped(sizes, 3, 8), rtol=1e-10, atol=0.0
    )


def test_a_residual_network_in_one_pass_is_the_network_up_to_rounding() -> None:
    x = torch.randn(6, 1, 4, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    told: dict[str, Any] = {"channels": 1, "width": 3, "blocks": [1, 1], "last_hidden": 7, "outputs": 3, "entropy": 2}
    plain = preactivation_resnet(**told)
    fast = two_phase_classification._in_one_pass(preactivation_resnet(**told))
    assert not any(isinstance(layer, layers.Softplus) for layer in fast.modules())
    for network in (plain, fast):
        network(x).square().sum().backward()
    for p, q in zip(plain.parameters(), fast.parameters(), strict=True):
        torch.testing.assert_close(p.grad, q.grad, rtol=1e-11, atol=1e-11)


def test_perceptrons_stay_on_their_device(standin: str) -> None:
    with FakeTensorMode():
        drawn = base_and_two_phase(**SMALL, trials=2, entropy=0, device=standin, dtype="float32")
    assert (drawn.device.type, drawn.dtype, len(drawn)) == (standin, torch.float32, 2)


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(ValueError, match="resnet, mlp"):
        base_and_two_phase(**{**SMALL, "network": "transformer"}, trials=1, entropy=0)


@pytest.mark.parametrize("wrong, low, high", [(0.0, 0, 0), (0.5, 360, 540), (1.0, 810, 990)])
def test_the_share_of_labels_asked_for_is_drawn_anew(wrong: float, low: int, high: int) -> None:
    y = torch.zeros(1000, dtype=torch.long)
    changed = int((_relabelled(y, wrong, 10, 7) != y).sum())
    assert low <= changed <= high


def test_a_shift_moves_whole_images_and_blackens_what_comes_in() -> None:
    image = torch.arange(1.0, 10.0).view(1, 1, 3, 3)
    moved = _shifted(image.repeat(200, 1, 1, 1), 1, torch.Generator().manual_seed(0))
    padded = torch.nn.functional.pad(image, (1, 1, 1, 1))[0, 0]
    windows = {
        tuple(padded[down : down + 3, right : right + 3].flatten().tolist()) for down in range(3) for right in range(3)
    }
    assert {tuple(each.flatten().tolist()) for each in moved} == windows


def test_the_last_hidden_layer_has_a_tenth_more_units_than_there_are_points() -> None:
    x = torch.as_tensor(IMAGES)
    for network in two_phase_classification.NETWORKS:
        module = two_phase_classification._network(network, x, 3, [1], 100.0, 3, 1)
        assert list(module.modules())[-1].in_features == 14
