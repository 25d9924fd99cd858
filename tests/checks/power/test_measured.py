import json
import math
from pathlib import Path

import pytest

from lazy_assay.checks.engine.order import UsageError
from lazy_assay.checks.power.expressions import Operator
from lazy_assay.checks.power.measured import Power, Share, as_data, measure
from lazy_assay.checks.power.stored import held, load, save
from lazy_assay.checks.power.table import page
from lazy_assay.theory import claim

DERIVED = "ghorbani2019.eq13"


@pytest.fixture(scope="module")
def powers() -> list[Power]:
    """Of a claim that sympy alone confronts."""
    told = claim(DERIVED)
    return [measure(told, part, "quick", (3,)) for part in told.parts]


@pytest.mark.parametrize(
    "refuted, judged, low, high", [(0, 10, 0.0, 0.3085), (10, 10, 0.6915, 1.0), (5, 10, 0.187, 0.813)]
)
def test_a_share_s_interval_is_clopper_s_and_pearson_s(refuted: int, judged: int, low: float, high: float) -> None:
    assert Share(refuted, judged).interval == pytest.approx((low, high), abs=1e-3)


def test_a_derivation_tells_every_mistake_that_is_one(powers: list[Power]) -> None:
    for power in powers:
        assert power.survivors() == []
        assert {share.refuted == share.judged for share in power.shares().values()} == {True}
        assert power.smallest["quick"] < 1e-9


def test_what_is_stored_is_strict_json_and_comes_back(powers: list[Power], tmp_path: Path) -> None:
    path = save(tmp_path, DERIVED, powers, "quick", (3,))
    (found,) = load(tmp_path)
    assert found["parts"] == json.loads(json.dumps([as_data(power) for power in powers], allow_nan=False))
    path.write_text("{}")
    with pytest.raises(UsageError, match="no measurement of power"):
        load(tmp_path)


def test_measurements_of_two_profiles_make_no_table(powers: list[Power], tmp_path: Path) -> None:
    save(tmp_path, DERIVED, powers, "quick", (3,))
    save(tmp_path, "ghorbani2019.other", powers, "full", (3,))
    with pytest.raises(UsageError, match="several profiles"):
        load(tmp_path)


def test_a_page_names_every_part_the_weakest_first_and_every_gross_survivor(powers: list[Power]) -> None:
    rows = [as_data(power) for power in powers]
    weak = json.loads(json.dumps(rows[0])) | {"part": "weak"}
    weak["shares"]["10 %"] = {"refuted": 0, "judged": 2, "interval": [0, 1]}
    weak["survivors"] = [{"grade": "10 %", "mistake": "× 1.1", "off": 0.1, "reason": "within the allowance"}]
    told = page([*rows, weak], "quick", (3,))
    names = [line.split(" | ")[0].removeprefix("| ") for line in told.splitlines() if line.startswith(f"| {DERIVED}")]
    assert names[0] == f"{DERIVED}:weak"
    assert set(names) == {f"{DERIVED}:{name}" for name in ("RF", "NT", "NN", "weak")}
    assert f"- {DERIVED}:weak: **within the allowance** (off by 10 % at most): 10 %: `× 1.1`" in told


def test_what_a_derivation_tells_of_a_percent_costs_a_number_of_seconds(powers: list[Power]) -> None:
    assert all(math.isfinite(power.seconds_to_tell) for power in powers)


def test_a_page_says_how_many_parts_it_tells_of_and_what_is_asked(powers: list[Power]) -> None:
    rows = [as_data(power) for power in powers]
    told = page(rows, "quick", (3,), of=5)
    assert "**3 of 5 quantitative parts are measured here**" in told
    assert "tell nothing of the rest" in told
    assert "- 10 %: 3 of 3 notice it (100 %; asked of quick: 90 %)." in told
    assert "nothing of the rest" not in page(rows, "quick", (3,), of=3)


def test_errors_of_the_whole_alone_are_fewer_and_fare_the_same(powers: list[Power]) -> None:
    told = claim(DERIVED)
    part = told.parts[0]
    found = measure(told, part, "quick", (3,), whole=True)
    assert {fate.mutant.operator for fate in found.judged()} == {Operator.WHOLE}
    assert found.shares()["1 %"] == powers[0].shares()["1 %"]


def test_what_is_held_is_what_this_code_measured(powers: list[Power], tmp_path: Path) -> None:
    path = save(tmp_path, DERIVED, powers, "quick", (3,))
    assert held(tmp_path) == {DERIVED}
    path.write_text(json.dumps(json.loads(path.read_text()) | {"code": "another"}))
    assert held(tmp_path) == set()


def test_a_page_counts_loose_bounds_whose_companion_notices_and_exponents(powers: list[Power]) -> None:
    rows = [as_data(power) for power in powers]
    deaf = {"10 %": {"refuted": 0, "judged": 1, "interval": [0, 1]}}
    loose = rows[0] | {"part": "loose", "kind": "Bound", "companion": "RF", "shares": deaf}
    alone = loose | {"part": "alone", "companion": ""}
    rate = loose | {"part": "rate", "kind": "Rate", "companion": ""}
    told = page([*rows, loose, alone, rate], "quick", (3,))
    assert "of the other 3, 1 are loose bounds whose companion does, 1 exponents of rates" in told
