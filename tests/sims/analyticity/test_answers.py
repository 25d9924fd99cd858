from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NoReturn

import pytest
import torch
from torch import nn

from lazy_assay.sims.analyticity import Decision, analyticity
from lazy_assay.sims.analyticity._operators import TABLE, by_name
from lazy_assay.sims.analyticity._range import ALL, NONNEGATIVE, POSITIVE, Range, exactly

DATA = torch.tensor([0.5, 1.0, 2.0])
ROWS = torch.linspace(-1, 1, 15).view(5, 3)


def branches_on_parameters(w: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    return w if (w * x).sum() > 0 else x


def branches_on_data(w: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    return w if x.sum() > 0 else x


def fails(w: torch.Tensor, x: torch.Tensor) -> NoReturn:
    raise RuntimeError("no such luck\nat all")


@pytest.mark.parametrize(
    "function, reason",
    [
        (branches_on_parameters, "control flow depends on values"),
        (branches_on_data, "control flow depends on values"),
        (fails, "torch.export failed .RuntimeError.: no such luck"),
        (lambda w, x: torch.from_numpy(w.detach().numpy()), "torch.export failed"),
    ],
)
def test_what_cannot_be_exported_gets_a_reason_and_no_verdict(
    of: Callable[..., nn.Module], function: Callable[..., Any], reason: str, capfd: pytest.CaptureFixture[str]
) -> None:
    found = analyticity(of(function), DATA)
    assert found.decision is Decision.NO_VERDICT
    assert not found.certified
    assert "\n" not in found.reason
    assert "Traceback" not in found.reason
    assert re.search(reason, found.reason), found.reason
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "module, example, reason",
    [
        (nn.Linear(3, 2), ROWS * math.nan, "input 0 holds NaN"),
        (nn.Linear(3, 2), ROWS * math.inf, "input 0 holds"),
        (nn.Linear(3, 2), ROWS.double(), "mixed dtypes: input 0 is torch.float64, weight is torch.float32"),
        (nn.Linear(4, 2), ROWS, "torch.export failed"),
        (3, ROWS, "not a torch.nn.Module but int"),
        (nn.Linear, ROWS, "not a torch.nn.Module but type"),
    ],
)
def test_bad_input_gets_a_reason_and_no_verdict(
    module: int | nn.Module | type[torch.nn.modules.linear.Linear], example: torch.Tensor, reason: str
) -> None:
    found = analyticity(module, example)
    assert found.decision is Decision.NO_VERDICT
    assert reason in found.reason
    assert "\n" not in found.reason


def test_a_parameter_that_is_nan_is_named() -> None:
    module = nn.Linear(3, 2)
    nn.init.constant_(module.bias, math.nan)
    assert "parameter bias holds NaN" in analyticity(module, ROWS).reason


def test_an_answer_names_operator_module_and_line(of: Callable[..., nn.Module]) -> None:
    found = analyticity(nn.Sequential(nn.Linear(3, 3), nn.Sequential(nn.ReLU(), of(branches_with_where))), ROWS[:1])
    relu, comparison = found.offending
    assert (relu.operator, relu.module) == ("aten::relu", "1.0 (ReLU)")
    assert (comparison.operator, comparison.module) == ("aten::gt", "1.1 (Of)")
    file, line, *_ = comparison.source.split(":")
    assert file.endswith(("test_answers.py", "conftest.py"))
    assert int(line.split()[0]) > 0


def branches_with_where(w: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    return torch.where(w > 0, w, w * w)


def test_the_module_is_left_as_it_was() -> None:
    module = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    before = {name: value.clone() for name, value in module.state_dict().items()}
    rows = ROWS.clone()
    analyticity(module, rows)
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    assert torch.equal(rows, ROWS)


def test_the_jump_of_torchs_softplus_is_the_one_that_is_reported() -> None:
    found = analyticity(nn.Sequential(nn.Linear(3, 2), nn.Softplus(beta=4)), ROWS)
    below = torch.tensor(5.0, dtype=torch.float64)
    above = torch.nextafter(below, torch.tensor(6.0, dtype=torch.float64))
    jump = float(nn.Softplus(beta=4)(below) - nn.Softplus(beta=4)(above))
    assert jump == pytest.approx(math.log1p(math.exp(-20)) / 4, rel=1e-5)
    assert f"a jump of {jump:.2g}" in found.reason


def test_every_row_of_the_table_has_a_reason_and_no_name_has_two() -> None:
    assert len(by_name()) == sum(len(row.names.split()) for row in TABLE)
    assert all(len(row.reason) > 5 for row in TABLE)


def test_importing_the_tool_does_not_load_torch() -> None:
    program = "import sys, lazy_assay.sims.analyticity; print('torch' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "False\n"
    )


# -- ranges ----------------------------------------------------------------------------------------------------------

RANGES = [
    ALL,
    POSITIVE,
    NONNEGATIVE,
    Range(-1, 1, True, True),
    Range(0, 1),
    exactly(0.1),
    exactly(-2.0),
    Range(-3, -0.5),
]
PLACES = {
    id(range_): [Fraction(x) for x in (-3.0, -2.0, -1.0, -0.7, -0.5, 0.0, 1e-100, 0.1, 0.3, 1.0, 7.0)
                 if not (range_.above(x) or range_.below(x))]
    for range_ in RANGES
}  # fmt: skip


def holds(range_: Range, x: Fraction) -> bool:
    return not (range_.above(x) or range_.below(x))  # type: ignore[arg-type]  # an exact number compares as a float does


@pytest.mark.parametrize("one", RANGES, ids=str)
@pytest.mark.parametrize("other", RANGES, ids=str)
def test_ranges_hold_what_they_are_made_of(one: Range, other: Range) -> None:
    for x in PLACES[id(one)]:
        assert holds(one.square(), x * x)
        assert holds(one.size(), abs(x))
        assert holds(-one, -x)
        for y in PLACES[id(other)]:
            assert holds(one + other, x + y)
            assert holds(one * other, x * y)
            assert holds(one | other, x)


def test_open_ends_are_kept_where_they_decide() -> None:
    open_unit = Range(-1, 1, True, True)
    assert (exactly(1.0) + -open_unit.square()).above(0)
    assert not (exactly(1.0) + -Range(-1, 1).square()).above(0)
    assert (NONNEGATIVE + exactly(1e-5)).above(0)
    assert not NONNEGATIVE.above(0)
    assert (POSITIVE * POSITIVE).above(0)
    assert POSITIVE.reciprocal().above(0)
