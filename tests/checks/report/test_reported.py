from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from scipy.stats import combine_pvalues, ttest_ind_from_stats

from lazy_assay import theory
from lazy_assay.checks.report import _evidence, _reported
from lazy_assay.theory import Identity, Observation, Part, Quantity, Reported

WARMTH = Quantity(symbol=sp.Symbol("T"), meaning="warmth", units="degrees")
PART = Observation(
    sentence="It is warm.",
    quantity=WARMTH,
    reported=Reported(sides=("south", "north"), trials=5, rows={"June": ((21.5, 0.4), (19.25, 1.1))}),
)


def row(subject: str = "claim", route: str = "warm", **figures: float) -> dict[str, Any]:
    return {
        "subject": subject,
        "route": route,
        "configuration": {"d": 3},
        "estimate": 2.0,
        "interval": [1.5, 2.5],
        "predicted": 1.0,
        "trials": 10,
        "figures": figures,
    }


MEASURED = {**row(), "figures": {"larger": 12.0, "larger spread": 0.25, "smaller": 10.0, "smaller spread": 0.5}}


def beside(part: Part, rows: list[dict[str, Any]]) -> _reported.Comparison:
    found = _reported.beside(part, rows)
    assert found is not None
    return found


def test_the_papers_numbers_stand_beside_this_runs() -> None:
    found = beside(PART, [MEASURED])
    assert found.sides == ("south", "north")
    assert [(line.where, line.first, line.second) for line in found.paper] == [("June", "21.50 (0.40)", "19.25 (1.10)")]
    (here,) = found.here
    assert (here.first, here.second, here.runs) == ("12.00 (0.25)", "10.00 (0.50)", "10, paired")
    assert here.difference.startswith("2.0")
    assert here.where == "warm"


def test_what_contrasts_do_not_share_of_their_configurations_is_told() -> None:
    other = {**MEASURED, "route": "warmer", "configuration": {"d": 4}}
    assert [line.where for line in beside(PART, [MEASURED, other]).here] == ["warm (d = 3)", "warmer (d = 4)"]


def test_only_contrasts_of_the_claim_are_told() -> None:
    control = {**MEASURED, "subject": "control"}
    assert beside(PART, [control, row()]).here == []


@pytest.mark.parametrize(
    "part", [None, Observation(sentence="It is warm.", quantity=WARMTH), Identity(sentence="1 = 1", quantity=WARMTH)]
)
def test_there_is_no_table_without_printed_numbers(part: Part | None) -> None:
    assert _reported.beside(part, [MEASURED]) is None


@pytest.mark.parametrize("runs", [3, 5])
@pytest.mark.parametrize("first, second", [(0.4, 1.1), (0.2, 0.2), (0.0, 0.3)])
def test_the_interval_ends_where_welchs_test_has_the_level(runs: int, first: float, second: float) -> None:
    half = _reported._welch(first, second, runs)
    told = ttest_ind_from_stats(half, first, runs, 0.0, second, runs, equal_var=False)
    assert told.pvalue == pytest.approx(1e-3, rel=1e-6)


@pytest.mark.parametrize("verdict, tone", [("AGREES", "good"), ("UNDECIDED", "idle")])
def test_what_stands_beside_a_finding_is_told_with_its_own_effect(verdict: str, tone: str) -> None:
    control = {**MEASURED, "subject": "control", "verdict": verdict, "word": "reproduced"}
    (found,) = _evidence.controls([control, MEASURED], PART)
    assert (found.name, found.tone) == ("warm", tone)
    assert found.outcome == "reproduced, 2.00 [1.50, 2.50] against 1"


def test_the_printed_differences_are_judged_together() -> None:
    part = theory.claim("kawaguchi2021.table1").part("comparable")
    assert isinstance(part, Observation)
    reported = part.reported
    assert reported
    single = [
        ttest_ind_from_stats(a, s, 5, b, r, 5, equal_var=False, alternative="greater").pvalue
        for (a, s), (b, r) in reported.rows.values()
    ]
    statistic, p = _reported.fisher(reported)
    assert (statistic, p) == pytest.approx(tuple(combine_pvalues(single)), rel=1e-9)
    # What the claim says: one sign in all eight, none told from zero by itself, together 4·10⁻⁵.
    assert min(single) > 1e-3 / 2
    assert p == pytest.approx(4.35e-5, rel=0.01)
    assert beside(part, []).jointly == ("base is the larger in 8 of the paper's 8 settings; jointly p = 4.4·10⁻⁵")


def test_a_single_setting_is_not_judged_together() -> None:
    assert beside(PART, [MEASURED]).jointly == ""


def test_where_most_differences_are_negative_the_other_side_is_told() -> None:
    rows = {"June": ((1.0, 0.1), (3.0, 0.1)), "July": ((1.0, 0.1), (3.0, 0.1)), "May": ((1.0, 1.0), (0.9, 1.0))}
    part = Observation(
        sentence="It is warm.", quantity=WARMTH, reported=Reported(sides=("south", "north"), trials=5, rows=rows)
    )
    assert beside(part, []).jointly.startswith("north is the larger in 2 of the paper's 3 settings")
