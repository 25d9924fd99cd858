from __future__ import annotations

import pytest
import torch

from lazy_assay.sims import DeviceNotFoundError
from lazy_assay.sims.core.device import choose, device_class, environment, resolve


@pytest.mark.parametrize("name", ["cuda:77", "nonsense", "cpu:3", "meta", "mps:9", ""])
def test_a_missing_device_is_named_with_its_remedy_in_one_line(name: str) -> None:
    with pytest.raises(DeviceNotFoundError, match=r"use cpu|this machine has") as caught:
        resolve(name)
    assert "\n" not in str(caught.value)
    assert repr(name) in str(caught.value)


def test_the_cpu_is_always_there() -> None:
    assert resolve("cpu") == torch.device("cpu")
    assert device_class("cpu") == "cpu"


def test_a_device_asked_for_is_taken_and_the_choice_explained() -> None:
    device, reason = choose("cpu")
    assert device.type == "cpu"
    assert reason.endswith("asked for.")
    assert choose()[1].endswith(".")


def test_the_environment_holds_plain_scalars() -> None:
    found = environment("cpu", "float64")
    assert set(found) >= {"device", "dtype", "tf32", "threads", "instruction_set", "python", "torch", "numpy"}
    assert {type(value) for value in found.values()} <= {str, int, bool}
