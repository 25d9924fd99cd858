from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lazy_assay.checks.ledger import Ledger
from lazy_assay.checks.ledger.evidence.morning import morning
from lazy_assay.checks.ledger.evidence.news import News, Told, news

Night = Callable[..., dict[str, Any]]
CLAIM = "coin2026.theorem0"


def told(ledger: Ledger, nightly: Night, words: list[str | None], **changes: Any) -> Told:
    for number, word in enumerate(words):
        claims = {"coin2026.other": "confirmed"} | ({} if word is None else {CLAIM: word})
        ledger.record(nightly(number, 1, claims=claims, **changes))
    rows, _ = news(ledger, ledger.runs()[-1], ledger.runs())
    return next(row for row in rows if row.part == CLAIM)


@pytest.mark.parametrize(
    "words, kind",
    [
        (["confirmed"], News.NEW),
        ([None, None, "refuted"], News.NEW),
        (["confirmed", "refuted"], News.WORSE),
        (["confirmed", "undecided"], News.WORSE),
        (["undecided", "refuted"], News.WORSE),
        (["refuted", "confirmed"], News.MENDED),
        (["refuted", "undecided"], News.MENDED),
        (["confirmed", "confirmed"], News.UNCHANGED),
        (["refuted", "refuted"], News.UNCHANGED),
        (["confirmed", None], News.NOT_RUN),
        (["confirmed", "not run"], News.NOT_RUN),
        (["confirmed", "not run", "refuted"], News.WORSE),
        (["refuted", *["confirmed"] * 5], News.STABILISED),
        (["refuted", *["confirmed"] * 4], News.UNCHANGED),
        (["refuted", *["confirmed"] * 6], News.UNCHANGED),
        (["confirmed"] * 6, News.UNCHANGED),
    ],
)
def test_the_news_of_a_claim_goes_by_its_last_nights(
    ledger: Ledger, nightly: Night, words: list[str | None], kind: News
) -> None:
    assert told(ledger, nightly, words).news is kind


def test_a_regression_is_told_with_its_first_night_and_the_commits_between(ledger: Ledger, nightly: Night) -> None:
    row = told(ledger, nightly, ["confirmed", "confirmed", "refuted", "refuted"])
    assert (row.since[:10], row.commits) == ("2026-01-03", ("c000000", "c000001"))
    assert row.statuses == ("confirmed", "confirmed", "refuted", "refuted")


def test_runs_of_another_profile_or_device_are_not_compared(ledger: Ledger, nightly: Night) -> None:
    told(ledger, nightly, ["confirmed", "confirmed"], profile="full")
    ledger.record(nightly(3, 1, claims={CLAIM: "refuted"}))
    ledger.record(nightly(4, 1, claims={CLAIM: "refuted"}, device="cuda"))
    ((row,), _) = news(ledger, ledger.runs()[-1], ledger.runs())
    assert (row.news, row.device) == (News.NEW, "cuda")


def shard(run: dict[str, Any], claim: str, **parts: str) -> dict[str, Any]:
    """The run with one claim of several parts."""
    rows = [{"name": name, "status": word, "expected": "confirmed"} for name, word in parts.items()]
    return run | {"claims": [{"id": claim, "status": "not run", "expected": "confirmed", "parts": rows}]}


def test_a_part_has_news_of_its_own_where_a_night_runs_others_of_its_claim_alone(
    ledger: Ledger, nightly: Night
) -> None:
    for number, (mean, rate) in enumerate((("confirmed", "not run"), ("not run", "confirmed"), ("refuted", "not run"))):
        ledger.record(shard(nightly(number, 1), CLAIM, mean=mean, rate=rate))
    rows, earlier = news(ledger, ledger.runs()[-1], ledger.runs())
    assert {(row.part, str(row.news), row.was) for row in rows} == {
        (f"{CLAIM}:mean", "worse", "confirmed"),
        (f"{CLAIM}:rate", "not run", "confirmed"),
    }
    assert earlier == 2


def test_shards_of_one_entropy_are_one_night_and_a_second_run_of_the_same_parts_is_another(
    ledger: Ledger, nightly: Night
) -> None:
    for hour, claim in ((1, "coin2026.theorem0"), (2, "coin2026.theorem1")):
        ledger.record(shard(nightly(0, 1, hour=hour, entropy=7, device=f"cuda:{hour}"), claim, mean="confirmed"))
    rows, earlier = news(ledger, ledger.runs()[-1], ledger.runs())
    assert [(row.part, str(row.news)) for row in rows] == [
        ("coin2026.theorem0:mean", "new"),
        ("coin2026.theorem1:mean", "new"),
    ]
    assert earlier == 0
    again = nightly(0, 1, hour=3, entropy=7, device="cuda:3")
    ledger.record(shard(again, "coin2026.theorem1", mean="refuted"))
    rows, earlier = news(ledger, ledger.runs()[-1], ledger.runs())
    assert {row.part[16:]: str(row.news) for row in rows} == {"0:mean": "not run", "1:mean": "worse"}
    assert earlier == 1


def test_a_bound_that_is_nearer_than_expected_is_as_expected_and_a_bad_first_night_is_bad(
    ledger: Ledger, nightly: Night
) -> None:
    bound = nightly(0, 1)
    bound["claims"] = [{"id": CLAIM, "status": "holds, sharp", "expected": "holds, within 10×"}]
    ledger.record(bound)
    ((row,), _) = news(ledger, ledger.runs()[-1], ledger.runs())
    assert row.as_expected
    assert not morning(ledger).bad
    ledger.record(shard(nightly(1, 1), "coin2026.new", mean="refuted"))
    told = morning(ledger)
    assert [row.part for row in told.surprises] == ["coin2026.new:mean"]
    assert told.bad
