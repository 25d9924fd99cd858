import math
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest

from lazy_assay.checks.engine.summary import ClaimSummary, Summary
from lazy_assay.checks.vocabulary.check import Check, Expected
from lazy_assay.checks.vocabulary.result import Result, Subject, Tolerance, Verdict
from lazy_assay.checks.vocabulary.status import (
    PartStatus,
    claim_status,
    default_expectation,
    expected_status,
    part_status,
)
from lazy_assay.theory import Bound, Claim, Limit, Observation, Part

Made = Callable[..., Result]
Judged = Callable[..., PartStatus]
OfKind = Callable[[type[Part]], Part]
AGREES, DISAGREES, UNDECIDED = Verdict.AGREES, Verdict.DISAGREES, Verdict.UNDECIDED


@pytest.fixture
def of_kind(part: Limit) -> OfKind:
    """The coin's part as another kind."""
    told = {field.name: getattr(part, field.name) for field in fields(Part)}
    return lambda kind: kind(**told)


@pytest.fixture
def status(claim: Callable[..., Claim], part: Limit) -> Judged:
    """The status of a part, and why, from results."""

    def judge(results: list[Result], part: Part = part, **expected: str) -> PartStatus:
        check = Check(claim=claim(part), expected={"": Expected(**expected)} if expected else {})
        return part_status(claim(part), part, check, results)

    return judge


def test_a_claim_whose_configurations_all_agree_is_confirmed(status: Judged, result: Made) -> None:
    assert status([result(), result()]).status == "confirmed"


def test_one_refutation_outranks_everything_else(status: Judged, result: Made) -> None:
    results = [result()] * 20 + [result(verdict=UNDECIDED)] * 20 + [result(verdict=DISAGREES, message="off")]
    found = status(results)
    assert (found.status, found.reason) == ("refuted", "off")


@pytest.mark.parametrize("undecided, expected", [(1, "confirmed"), (2, "undecided")])
def test_more_than_a_tenth_undecided_is_undecided(status: Judged, result: Made, undecided: int, expected: str) -> None:
    results = [result()] * (10 - undecided) + [result(verdict=UNDECIDED)] * undecided
    assert status(results).status == expected


@pytest.mark.parametrize("verdict", [UNDECIDED, Verdict.DIVERGED])
def test_a_route_that_agrees_nowhere_leaves_the_claim_undecided(status: Judged, result: Made, verdict: Verdict) -> None:
    found = status([result()] * 50 + [result(route="SGD", verdict=verdict)])
    assert (found.status, found.reason) == ("undecided", "the route 'SGD' agrees nowhere")


def test_diverged_configurations_count_as_undecided(status: Judged, result: Made) -> None:
    results = [result()] * 8 + [result(verdict=Verdict.DIVERGED)] * 2
    assert status(results).status == "undecided"


def test_no_result_at_all_is_vacuous(status: Judged) -> None:
    assert status([]).status == "vacuous"


def test_configurations_out_of_regime_alone_are_vacuous(status: Judged, result: Made) -> None:
    assert status([result(verdict=Verdict.OUT_OF_REGIME)]).status == "vacuous"


def test_decoys_and_controls_alone_are_vacuous(status: Judged, result: Made) -> None:
    wrong = [result(subject=subject, verdict=DISAGREES) for subject in (Subject.DECOY, Subject.CONTROL)]
    assert status(wrong).status == "vacuous"


@pytest.mark.parametrize("verdict", [AGREES, UNDECIDED, Verdict.NOT_RUN])
def test_a_decoy_that_survives_makes_the_claim_vacuous(status: Judged, result: Made, verdict: Verdict) -> None:
    decoy = result(subject=Subject.DECOY, verdict=verdict, decoy="half")
    found = status([result(), decoy])
    assert found.status == "vacuous"
    assert "'half' was not refuted" in found.reason


def test_a_decoy_refuted_by_one_check_is_refuted(status: Judged, result: Made) -> None:
    decoys = [result(subject=Subject.DECOY, verdict=v, decoy="half") for v in (UNDECIDED, DISAGREES)]
    assert status([result(), *decoys]).status == "confirmed"


def test_what_could_not_run_is_not_run_with_its_reason(status: Judged, result: Made) -> None:
    found = status([result(verdict=Verdict.NOT_RUN, message="no data set")])
    assert (found.status, found.reason) == ("not run", "no data set")


def test_what_ran_does_not_pass_for_what_did_not(status: Judged, result: Made) -> None:
    found = status([result(), result(route="images", verdict=Verdict.NOT_RUN, message="no data set")])
    assert (found.status, found.reason) == ("not run", "no data set")


def test_what_fails_in_a_control_refutes_nothing(status: Judged, result: Made) -> None:
    assert status([result(), result(subject=Subject.CONTROL, verdict=DISAGREES)]).status == "confirmed"


def test_results_of_other_parts_do_not_count(status: Judged, result: Made) -> None:
    assert status([result(), result(part="other", verdict=DISAGREES)]).status == "confirmed"


@pytest.mark.parametrize(
    "side, predicted, interval, expected",
    [
        ("below", 0.4, (0.397, 0.399), "holds, sharp"),
        ("below", 0.4, (0.3955, 0.399), "holds, within 10×"),
        ("below", 0.4, (0.04, 0.0402), "holds, within 10×"),
        ("below", 0.4, (0.038, 0.039), "holds, loose"),
        ("below", -0.4, (-0.4039, -0.401), "holds, sharp"),
        ("below", -0.4, (-0.41, -0.401), "holds, within 10×"),
        ("above", 0.4, (0.401, 0.4039), "holds, sharp"),
        ("above", 0.4, (0.401, 0.4045), "holds, within 10×"),
        ("above", 0.4, (3.9, 4.1), "holds, within 10×"),
        ("above", 0.4, (4.1, 4.2), "holds, loose"),
        ("below", 0.0, (0.0, 0.0), "holds, within 10×"),
    ],
)
def test_a_bound_is_sharp_where_one_that_is_a_percent_tighter_would_be_refuted(
    status: Judged,
    result: Made,
    of_kind: OfKind,
    side: str,
    predicted: float,
    interval: tuple[float, float],
    expected: str,
) -> None:
    bound = of_kind(Bound)
    assert isinstance(bound, Bound)
    found = result(estimate=sum(interval) / 2, predicted=predicted, interval=interval)
    assert status([found], replace(bound, side=side)).status == expected


@pytest.mark.parametrize("bias, expected", [(0.0, "holds, sharp"), (0.002, "holds, within 10×")])
def test_what_a_bound_is_allowed_to_be_off_by_makes_it_no_sharper(
    status: Judged,
    result: Made,
    of_kind: OfKind,
    bias: float,
    expected: str,
) -> None:
    found = result(estimate=0.398, interval=(0.397, 0.399), tolerance=Tolerance(finite_size=bias))
    assert status([found], of_kind(Bound)).status == expected


def test_a_statement_that_agrees_with_itself_says_nothing_of_how_near_a_bound_is(
    status: Judged, result: Made, of_kind: OfKind
) -> None:
    itself = result(check="chain", estimate=0.4, interval=(0.4, 0.4))
    loose = result(estimate=0.001, interval=(0.0009, 0.0011))
    assert status([itself, loose], of_kind(Bound)).status == "holds, loose"


@pytest.mark.parametrize(
    "found, expected, as_expected",
    [
        ((0.399, 0.4), "holds, within 10×", True),
        ((0.399, 0.4), "holds, loose", True),
        ((0.3, 0.31), "holds, sharp", False),
        ((0.001, 0.002), "holds, within 10×", False),
        ((0.399, 0.4), "refuted", False),
    ],
)
def test_a_bound_that_is_seen_to_be_nearer_than_expected_is_as_expected(
    status: Judged,
    result: Made,
    of_kind: OfKind,
    found: tuple[float, float],
    expected: str,
    as_expected: bool,
) -> None:
    told = {"status": expected, "reason": "", "date": ""}
    judged = status([result(estimate=found[0], interval=found)], of_kind(Bound), **told)
    assert judged.as_expected is as_expected


@pytest.mark.parametrize(
    "far",
    [
        {"verdict": Verdict.DIVERGED, "estimate": math.nan, "interval": (0.0, 1.0)},
        {"verdict": UNDECIDED, "estimate": 0.0, "interval": (-math.inf, math.inf)},
    ],
)
def test_a_configuration_that_told_nothing_does_not_make_a_loose_bound_sharp(
    status: Judged, result: Made, of_kind: OfKind, far: dict[str, Any]
) -> None:
    loose = result(estimate=0.001, interval=(0.0009, 0.0011))
    assert status([loose] * 19 + [result(**far)], of_kind(Bound)).status == "holds, loose"


def test_a_bound_that_is_broken_is_refuted(status: Judged, result: Made, of_kind: OfKind) -> None:
    assert status([result(verdict=DISAGREES)], of_kind(Bound)).status == "refuted"


@pytest.mark.parametrize(
    "verdict, word, expected",
    [
        (AGREES, "reproduced", "reproduced"),
        (DISAGREES, "not reproduced", "not reproduced"),
        (DISAGREES, "reverse", "reverse"),
        (DISAGREES, "", "not reproduced"),
        (DISAGREES, "exponent of the excess in n", "not reproduced"),
        (UNDECIDED, "undecided", "undecided"),
    ],
)
def test_an_observation_is_reproduced_or_says_how_it_is_not(
    status: Judged, result: Made, of_kind: OfKind, verdict: Verdict, word: str, expected: str
) -> None:
    assert status([result(verdict=verdict, word=word)], of_kind(Observation)).status == expected


def test_what_is_left_to_a_larger_profile_is_not_passed_by_what_ran(status: Judged, result: Made) -> None:
    assert status([result(), result(verdict=Verdict.ELSEWHERE, message="there")]).status == "undecided here"
    absent = result(verdict=Verdict.NOT_RUN, message="no data set")
    assert status([absent, result(verdict=Verdict.ELSEWHERE)]).status == "not run"


@pytest.mark.parametrize("fate, as_expected", [(DISAGREES, True), (UNDECIDED, False), (AGREES, False), (None, False)])
def test_a_printed_form_that_should_be_refuted_is_not_as_expected_unless_it_is(
    status: Judged, result: Made, fate: Verdict | None, as_expected: bool
) -> None:
    printed = [] if fate is None else [result(subject=Subject.AS_PRINTED, verdict=fate)]
    found = status([result(), *printed], status="confirmed", reason="", date="", as_printed="refuted")
    assert (found.status, found.as_expected) == ("confirmed", as_expected)


def test_a_printed_form_is_expected_to_be_refuted_where_a_check_says_nothing(part: Limit, of_kind: OfKind) -> None:
    assert default_expectation(replace(part, printed_statement=part.statement)).as_printed == "refuted"
    kinds = {kind: default_expectation(of_kind(kind)).status for kind in (Bound, Observation)}
    assert kinds == {Bound: "holds, sharp", Observation: "reproduced"}
    assert (default_expectation(part).status, default_expectation(part).as_printed) == ("confirmed", "")


def named(
    *statuses: str, expected: str = "confirmed", as_printed: str = "", ours: tuple[int, ...] = ()
) -> tuple[PartStatus, ...]:
    told = Expected(status=expected, reason="", date="", as_printed=as_printed)
    return tuple(
        PartStatus(name=f"{i}", kind="Limit", status=s, expected=told, as_printed="", reason="", ours=i in ours)
        for i, s in enumerate(statuses)
    )


@pytest.mark.parametrize(
    "statuses, expected",
    [
        (("holds, loose",), "holds, loose"),
        (("confirmed", "holds, sharp", "reproduced"), "confirmed"),
        (("confirmed", "undecided"), "undecided"),
        (("confirmed", "undecided here"), "undecided here"),
        (("undecided", "undecided here"), "undecided"),
        (("undecided", "not run", "confirmed"), "not run"),
        (("not run", "vacuous"), "vacuous"),
        (("vacuous", "not reproduced"), "not reproduced"),
        (("not reproduced", "reverse"), "reverse"),
        (("reverse", "refuted", "confirmed"), "refuted"),
    ],
)
def test_a_claim_of_several_parts_shows_the_gravest(statuses: tuple[str, ...], expected: str) -> None:
    assert claim_status(named(*statuses)) == expected


@pytest.mark.parametrize(
    "statuses, ours, expected",
    [
        (("reproduced", "reverse"), (1,), "reproduced"),
        (("holds, sharp", "confirmed", "refuted"), (2,), "confirmed"),
        (("reverse", "reproduced", "reproduced"), (1, 2), "reverse"),
        (("undecided here", "reverse"), (1,), "undecided here"),
        (("reproduced", "reverse"), (0, 1), "reverse"),
    ],
)
def test_a_claim_is_headed_by_the_papers_own_sentences(
    statuses: tuple[str, ...], ours: tuple[int, ...], expected: str
) -> None:
    assert claim_status(named(*statuses, ours=ours)) == expected


def test_what_became_of_a_criterion_of_ours_still_counts(summary: Callable[..., Any]) -> None:
    assert summary(named("confirmed", "refuted", ours=(1,))).exit_code == 1
    assert summary(named("confirmed", "undecided", ours=(1,))).exit_code == 3


def test_expected_statuses_sum_up_as_statuses_do(claim: Callable[..., Claim], part: Limit) -> None:
    pair = claim(replace(part, name="one"), replace(part, name="two"))
    told = {"two": Expected(status="refuted", reason="an erratum", date="2026-11-22")}
    assert expected_status(pair, Check(claim=pair, expected=told)) == "refuted"
    assert expected_status(pair, Check(claim=pair)) == "confirmed"
    headed = claim(replace(part, name="one"), replace(part, name="two", ours=True))
    assert expected_status(headed, Check(claim=headed, expected=told)) == "confirmed"


def test_a_check_that_speaks_of_a_part_that_is_not_there_is_an_error(claim: Callable[..., Claim]) -> None:
    told = {"limits": Expected(status="confirmed", reason="", date="")}
    with pytest.raises(ValueError, match=r"\[coin.claim\] check: there is no part 'limits'; the claim has \[''\]"):
        Check(claim=claim(), expected=told)


@pytest.fixture
def summary(claim: Callable[..., Claim]) -> Callable[..., Any]:
    """A run of one claim an argument, each a tuple of its parts' statuses."""

    def make(*claims: tuple[PartStatus, ...], missing: tuple[str, ...] = ()) -> Summary:
        check = Check(claim=claim())
        return Summary(
            claims=tuple(
                ClaimSummary(claim=claim(), check=check, parts=parts, results=(), missing=missing) for parts in claims
            )
        )

    return make


@pytest.mark.parametrize(
    "claims, code",
    [
        ([named("confirmed"), named("confirmed", "confirmed")], 0),
        ([named("refuted", expected="refuted")], 0),
        ([named("confirmed"), named("refuted")], 1),
        ([named("confirmed", expected="refuted")], 1),
        ([named("holds, loose", expected="holds, sharp")], 1),
        ([named("vacuous")], 1),
        ([named("undecided")], 3),
        ([named("not run")], 3),
        ([named("undecided", expected="undecided")], 3),
        ([named("undecided here", expected="undecided here")], 0),
        ([named("undecided here", expected="reverse")], 1),
        ([named("undecided"), named("refuted")], 1),
        ([named("confirmed", as_printed="refuted")], 1),
    ],
)
def test_the_exit_code_tells_a_difference_from_an_unfinished_run(
    summary: Callable[..., Any], claims: list[tuple[PartStatus, ...]], code: int
) -> None:
    assert summary(*claims).exit_code == code


def test_a_run_that_lost_an_item_is_incomplete(summary: Callable[..., Any]) -> None:
    assert summary(named("confirmed"), missing=("coin.claim/statement",)).exit_code == 3
    assert summary(named("refuted"), missing=("coin.claim/statement",)).exit_code == 1


def test_many_claims_that_were_not_run_whole_are_one_line_and_few_are_named(summary: Callable[..., Any]) -> None:
    (folded, count) = summary(named("confirmed"), *[named("not run")] * 5).lines()
    assert folded == "5 claims were not run whole: coin.claim, coin.claim, coin.claim and 2 more"
    assert count == "1 of 6 claims as expected, 1 of 1 parts that ran"
    lines = summary(named("not run"), named("refuted")).lines()
    assert [line.partition(":")[2].split()[0] for line in lines[:2]] == ["not", "refuted"]


def test_a_run_says_what_it_does_not_decide_and_counts_it(summary: Callable[..., Any]) -> None:
    (line, count) = summary(named("undecided here", expected="undecided here")).lines()
    assert line.startswith("coin.claim:0: undecided here")
    assert count == "1 of 1 claims as expected, 1 parts undecided here"
    many = [named("undecided here", expected="undecided here")] * 5
    (folded, _) = summary(*many).lines()
    assert folded.startswith("5 parts are decided in a larger profile, 5 in ")
