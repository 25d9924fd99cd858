from collections.abc import Callable
from typing import Any

import pytest

from lazy_assay.checks.procedures.effects import Contrast, Effects
from lazy_assay.checks.vocabulary.check import Check, Expected, Route
from lazy_assay.checks.vocabulary.result import Result, Verdict
from lazy_assay.checks.vocabulary.status import part_status
from lazy_assay.theory import Claim, Integer, Limit, Observation


@pytest.fixture
def finding(part: Limit) -> Observation:
    return Observation(sentence="It is warm.", quantity=part.quantity)


def decided_in(claim: Callable[..., Any], part: Observation, profile: str, status: str = "reverse") -> Check:
    """A check of one finding that `profile` decides."""
    contrast = Contrast("warm", (Route(name="warmth", simulate=len, parameters={"d": Integer(1)}), {"d": 4}), None, 0.9)
    effects = Effects(contrasts=(contrast,), decides=profile)
    told = {"": Expected(status=status, reason="an erratum", date="2026-11-28")}
    return Check(claim=claim(part), procedures=(effects,), expected=told)


@pytest.mark.parametrize(
    "profile, verdict, status, as_expected",
    [
        ("quick", Verdict.ELSEWHERE, "undecided here", True),
        ("full", Verdict.DISAGREES, "reverse", True),
        ("full", Verdict.AGREES, "reproduced", False),
        # A verdict where none should be, and none where there should be one.
        ("quick", Verdict.DISAGREES, "reverse", False),
        ("full", Verdict.ELSEWHERE, "undecided here", False),
    ],
)
def test_a_part_is_undecided_here_in_a_profile_below_the_one_that_decides(
    claim: Callable[..., Claim],
    result: Callable[..., Result],
    finding: Observation,
    profile: str,
    verdict: Verdict,
    status: str,
    as_expected: bool,
) -> None:
    part = finding
    check = decided_in(claim, part, "full")
    found = part_status(
        claim(part), part, check, [result(verdict=verdict, word="reverse", profile=profile, message="why")]
    )
    assert (found.status, found.as_expected) == (status, as_expected)


def test_a_part_that_is_undecided_here_says_where_it_is_decided_and_what_is_expected_there(
    claim: Callable[..., Claim], result: Callable[..., Result], finding: Observation
) -> None:
    part = finding
    found = part_status(
        claim(part),
        part,
        decided_in(claim, part, "nightly"),
        [result(verdict=Verdict.ELSEWHERE, profile="full", message="its settings are run in profile nightly")],
    )
    assert found.expected.reason == "decided in profile nightly, where 'reverse' is expected: an erratum"
    assert found.reason == "its settings are run in profile nightly"
