from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lazy_assay.checks.power.faults.planted import FAULTS, Fault
from lazy_assay.checks.power.faults.products import rounded, tensor_float32
from lazy_assay.checks.power.faults.seams import at_seams, replaced
from lazy_assay.checks.power.faults.sightings import Fate, Sighting, Watch
from lazy_assay.checks.power.faults.targets import TARGETS, found
from lazy_assay.checks.power.faults.told import load, save, section, uncaught_of
from lazy_assay.sims.core.streams import Stream
from lazy_assay.sims.numerics import activations, least_squares
from lazy_assay.sims.quadratic import random_features

# The first place of each fault, so that one sound run does for all that share it.
CHEAPEST = {fault: TARGETS[fault.name][0] for fault in FAULTS}
SIZES: dict[str, Any] = {
    "d": 4,
    "N": 3,
    "B": np.ones(4),
    "Gamma": np.ones(4) / 4,
    "activation": "relu",
    "trials": 5,
    "entropy": 3,
}


@pytest.fixture(scope="module")
def watched() -> dict[str, list[Watch]]:
    """The tasks of every place, each once."""
    return {place: found(place) for place in CHEAPEST.values()}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_caught_where_it_is_looked_for_first(fault: Fault, watched: dict[str, list[Watch]]) -> None:
    fates = {watch.sighted(fault).fate for watch in watched[CHEAPEST[fault]]}
    assert fates & {Fate.CAUGHT, Fate.UNDECIDED}


def test_every_fault_has_a_place_and_every_place_a_fault() -> None:
    assert set(TARGETS) == {fault.name for fault in FAULTS}
    assert all(found(place) for places in TARGETS.values() for place in places)


def test_a_fault_is_gone_once_the_simulation_has_run() -> None:
    sound = random_features.population_risk(**SIZES)
    for fault in FAULTS:
        fault.spoil(random_features.population_risk)(**SIZES)
    assert random_features.population_risk(**SIZES).numpy().tobytes() == sound.numpy().tobytes()
    assert Stream(1).normal(3).tolist() == Stream(1).normal(3).tolist()


def test_a_fault_is_gone_though_the_simulation_breaks() -> None:
    def broken(**_: object) -> None:
        raise ArithmeticError

    for fault in FAULTS:
        with pytest.raises(ArithmeticError):
            fault.spoil(broken)(entropy=0, step_size=1.0)
    assert activations.value("relu")(torch.ones(1)).item() == 1.0
    assert activations.slope("relu")(torch.ones(1)).item() == 1.0


def test_a_function_is_replaced_under_every_name_and_comes_back() -> None:
    def known() -> list[Any]:
        return [vars(module)["explained"] for module in (least_squares, random_features)]

    original = least_squares.explained
    with replaced(original, abs):
        assert known() == [abs, abs]
    assert known() == [original, original]


def test_products_of_rounded_operands_are_off_by_a_part_in_two_thousand() -> None:
    a = torch.rand((5, 40), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    spoilt = at_seams(tensor_float32)(lambda **_: a @ a.mT)()
    gap = ((spoilt - a @ a.mT) / (a @ a.mT)).abs().max().item()
    assert 1e-7 < gap < 2**-10
    assert rounded(rounded(a)).equal(rounded(a))
    assert rounded(torch.arange(3)).tolist() == [0, 1, 2]


def test_sightings_come_back_and_a_page_names_what_none_caught(tmp_path: Path) -> None:
    told = [
        Sighting("TF32", "a|b", Fate.CAUGHT, "1 against 2", 0.5),
        Sighting("slope", "c", Fate.MISSED, "within 0.5 of what is allowed", 0.5),
    ]
    save(tmp_path, told)
    assert load(tmp_path) == told
    assert uncaught_of(told) == ["slope"]
    lines = "\n".join(section(told))
    assert "`a∣b` (1 against 2)" in lines
    assert "Caught by none: slope." in lines
