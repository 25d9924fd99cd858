from lazy_assay.checks.cli.figure import _counted
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict


def result(subject: Subject, verdict: Verdict) -> Result:
    return Result(
        claim="c", part="", check="", subject=subject, configuration={}, route="", verdict=verdict, profile="quick",
        entropy=0, device="cpu", decoy="d" * (subject is Subject.DECOY), assumption="a" * (subject is Subject.CONTROL),
    )  # fmt: skip


def test_a_headline_counts_what_should_agree_and_tells_wrong_versions_apart() -> None:
    found = [
        result(Subject.CLAIM, Verdict.AGREES),
        result(Subject.CLAIM, Verdict.UNDECIDED),
        result(Subject.DECOY, Verdict.DISAGREES),
        result(Subject.AS_PRINTED, Verdict.AGREES),
        result(Subject.CONTROL, Verdict.DISAGREES),
    ]
    assert _counted(found) == "1 of 2 agree, 1 of 2 wrong versions refuted"
    assert _counted(found[:2]) == "1 of 2 agree"
