"""Faults of the statistics, planted one at a time: the calibration that right claims pass notices each of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from lazy_assay.checks.procedures import spread, sweep
from lazy_assay.checks.procedures.balances import Balances
from lazy_assay.checks.procedures.figures import _trained
from lazy_assay.checks.statistics import AsymptoticSequence, BettingSequence, ErrorRates, asymptotic, effect, slope
from lazy_assay.checks.statistics.sequence import Array, ConfidenceSequence
from lazy_assay.checks.vocabulary.profiles import Profile
from lazy_assay.checks.vocabulary.result import Tolerance, Verdict

RUNS = 100
Alarms = Callable[..., int]
Allowed = Callable[[int], int]
Verdicts = Callable[..., list[Verdict | None]]


class Undivided(ErrorRates):
    """Gives each of a claim's confirmations the rate of all of them."""

    @property
    def strict(self) -> float:
        return self.false_alarm


def at_the_estimate(self: ConfidenceSequence) -> tuple[float, float]:
    return (self.mean, self.mean) if self.n else (-math.inf, math.inf)


def without_width(values: Array, level: float, below: Fraction = Fraction(1, 2)) -> tuple[float, float]:
    at = float(np.quantile(values, float(below)))
    return at, at


@pytest.fixture
def no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The standing mutant: every interval that may refute has no width."""
    for kind in (AsymptoticSequence, BettingSequence):
        monkeypatch.setattr(kind, "_bounds", at_the_estimate)
    monkeypatch.setattr(effect, "quantile_interval", without_width)
    monkeypatch.setattr(slope, "median_interval", without_width)
    monkeypatch.setattr(_trained, "least_mean", lambda values, level: float(values.mean()))


@pytest.mark.parametrize(
    "procedure, law",
    [
        ("means, bounded", "skewed in [0, 1]"),
        ("means, unbounded", "heavy"),
        ("spread", "skewed"),
        ("effects", "no mean"),
        ("effects, a tenth of the seeds", "skewed"),
        ("effects, equality", "normal"),
        ("sweep", "no mean"),
        ("sweep, sharp", "skewed"),
        ("figures, trained", "skewed"),
        ("figures, falling", "no mean"),
    ],
)
def test_a_standard_error_near_zero_is_caught_in_every_procedure_that_samples(
    no_error: None, alarms: Alarms, allowed: Allowed, procedure: str, law: str
) -> None:
    assert alarms(procedure, law, RUNS) > allowed(RUNS)


def test_a_standard_error_near_zero_agrees_with_findings_that_fall_short(
    no_error: None, verdicts: Verdicts, allowed: Allowed
) -> None:
    rates = ErrorRates(false_alarm=1e-3, miss=0.05, claims_cap=1, suspects_cap=1)
    found = verdicts("effects, searched and confirmed", "normal", RUNS, rates=rates)
    assert found.count(Verdict.AGREES) > allowed(RUNS)


def test_a_standard_error_near_zero_agrees_with_points_that_are_too_far_off(
    no_error: None, verdicts: Verdicts, allowed: Allowed
) -> None:
    assert verdicts("figures, drawn, off", "coins", RUNS).count(Verdict.AGREES) > allowed(RUNS)


def test_a_budget_near_zero_is_caught_where_both_sides_are_measured(
    monkeypatch: pytest.MonkeyPatch, alarms: Alarms, allowed: Allowed
) -> None:
    monkeypatch.setattr(Balances, "tolerance", lambda *given: Tolerance())
    assert alarms("balances", "skewed", RUNS) > allowed(RUNS)


def test_a_drift_without_its_error_is_caught(monkeypatch: pytest.MonkeyPatch, alarms: Alarms, allowed: Allowed) -> None:
    known: Any = sweep.Sweep._ahead
    monkeypatch.setattr(sweep.Sweep, "_ahead", lambda *given: known(*given[:-1], None))
    assert alarms("sweep, the last of the way", "normal", RUNS) > allowed(RUNS)


def test_a_slope_that_is_held_against_the_exponent_alone_is_caught(
    monkeypatch: pytest.MonkeyPatch, alarms: Alarms, allowed: Allowed
) -> None:
    monkeypatch.setattr(sweep.Sweep, "leeway", 0.0)
    assert alarms("sweep, off for good", "normal", RUNS) > allowed(RUNS)


def test_a_level_that_is_not_divided_is_caught(verdicts: Verdicts, allowed: Allowed) -> None:
    rates = Undivided(false_alarm=0.05, miss=1e-3, claims_cap=1, suspects_cap=8)
    found = verdicts("effects", "normal", 8 * RUNS, rates=rates)
    claims = [Verdict.DISAGREES in found[start : start + 8] for start in range(0, len(found), 8)]
    assert sum(claims) > allowed(RUNS)


def test_a_variance_that_is_a_quarter_of_the_right_one_is_caught(
    monkeypatch: pytest.MonkeyPatch, alarms: Alarms, allowed: Allowed
) -> None:
    radius = asymptotic.standard_radius
    monkeypatch.setattr(asymptotic, "standard_radius", lambda *given: radius(*given) / 2)
    assert alarms("means, looked at often", "normal", RUNS) > allowed(RUNS)


def test_a_sample_variance_divided_by_the_number_of_draws_is_caught(
    monkeypatch: pytest.MonkeyPatch, alarms: Alarms, allowed: Allowed, profile: Callable[..., Profile]
) -> None:
    size = spread.BLOCK
    monkeypatch.setattr(
        spread, "block_variances", lambda draws: draws[: len(draws) // size * size].reshape(-1, size).var(axis=1)
    )
    # Of variances of eight draws it takes some 1,500 to see that they are an eighth too small.
    assert alarms("spread", "normal", 30, profile=profile(confirm_trials=12_000)) > allowed(30)


@pytest.mark.parametrize(
    "kind, procedure, law",
    [
        (AsymptoticSequence, "means, looked at often", "normal"),
        (BettingSequence, "means, bounded, looked at often", "coins"),
    ],
)
def test_peeking_without_a_confidence_sequence_is_caught(
    monkeypatch: pytest.MonkeyPatch,
    alarms: Alarms,
    allowed: Allowed,
    kind: type[ConfidenceSequence],
    procedure: str,
    law: str,
) -> None:
    def for_one_look(self: ConfidenceSequence) -> tuple[float, float]:
        if self.n < 2:
            return -math.inf, math.inf
        half = norm.isf(self.level / 2) * self.standard_deviation / math.sqrt(self.n)
        return self.mean - half, self.mean + half

    monkeypatch.setattr(kind, "_bounds", for_one_look)
    assert alarms(procedure, law, 2 * RUNS) > allowed(2 * RUNS)
