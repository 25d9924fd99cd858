from __future__ import annotations

from collections.abc import Callable

import pytest

from lazy_assay.checks.statistics import ErrorRates
from lazy_assay.checks.vocabulary.result import Verdict

# Procedures and the laws that their draws can have: a mean wants a variance, a median nothing, a range its range.
UNBOUNDED, ANY = ("normal", "skewed", "very skewed", "heavy"), ("normal", "skewed", "no mean", "ties")
CASES = {
    "means, bounded": ("rare", "skewed in [0, 1]", "coins"),
    "means, unbounded": UNBOUNDED,
    "means, looked at often": ("normal",),
    "means, bounded, looked at often": ("coins",),
    "spread": ("normal", "skewed"),
    "effects": ANY,
    "effects, a tenth of the seeds": ("skewed", "no mean"),
    "effects, equality": ("normal", "no mean"),
    "sweep": ("normal", "skewed", "no mean"),
    "sweep, sharp": ("normal", "skewed", "no mean"),
    "sweep, on its way": ("normal", "skewed", "no mean"),
    "sweep, off for good": ("normal", "skewed", "no mean"),
    "sweep, the last of the way": ("normal", "no mean"),
    "figures, drawn": ("coins", "skewed in [0, 1]"),
    "figures, trained": ("skewed", "very skewed", "rare"),
    "figures, trained, four seeds": ("skewed", "very skewed"),
    "figures, falling": ("normal", "skewed", "no mean"),
}
# What samples nothing has no level: a budget that is kept is never exceeded.
EXACT = {"balances": ("skewed", "very skewed", "no mean"), "pointwise": ("skewed", "no mean")}
RUNS = 200


@pytest.mark.parametrize("procedure, law", [(name, law) for name, laws in CASES.items() for law in laws])
def test_a_right_claim_is_refuted_no_more_often_than_the_level_says(
    alarms: Callable[..., int],
    allowed: Callable[[int], int],
    procedure: str,
    law: str,
    record_property: Callable[[str, object], None],
) -> None:
    found = alarms(procedure, law, RUNS)
    record_property("alarms", found)
    assert found <= allowed(RUNS)


@pytest.mark.parametrize("procedure, law", [(name, law) for name, laws in EXACT.items() for law in laws])
def test_a_right_claim_is_never_refuted_where_nothing_is_sampled(
    alarms: Callable[..., int], procedure: str, law: str
) -> None:
    assert alarms(procedure, law, RUNS) == 0


@pytest.mark.parametrize("law", ["normal", "skewed", "no mean"])
def test_a_finding_that_falls_just_short_is_missed_no_more_often_than_both_looks_allow(
    verdicts: Callable[..., list[Verdict | None]], allowed: Callable[[int], int], law: str
) -> None:
    rates = ErrorRates(false_alarm=1e-3, miss=0.05, claims_cap=1, suspects_cap=1)
    found = verdicts("effects, searched and confirmed", law, RUNS, rates=rates)
    assert found.count(Verdict.AGREES) <= allowed(RUNS)


@pytest.mark.parametrize("law", ["coins", "skewed in [0, 1]"])
def test_a_point_that_is_just_too_far_off_is_missed_no_more_often_than_the_level_says(
    verdicts: Callable[..., list[Verdict | None]], allowed: Callable[[int], int], law: str
) -> None:
    assert verdicts("figures, drawn, off", law, RUNS).count(Verdict.AGREES) <= allowed(RUNS)


@pytest.mark.parametrize("law", ["normal", "no mean"])
def test_a_claim_of_eight_confirmations_is_refuted_no_more_often_than_one_of_one(
    verdicts: Callable[..., list[Verdict | None]], allowed: Callable[[int], int], law: str
) -> None:
    rates = ErrorRates(false_alarm=0.05, miss=1e-3, claims_cap=1, suspects_cap=8)
    found = verdicts("effects", law, 8 * RUNS, rates=rates)
    claims = [Verdict.DISAGREES in found[start : start + 8] for start in range(0, len(found), 8)]
    assert sum(claims) <= allowed(RUNS)
