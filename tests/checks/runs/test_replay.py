from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

Assay = Callable[..., Any]


def sampled(data: dict[str, Any]) -> dict[str, Any]:
    """A result of the search: its interval comes from draws."""
    row: dict[str, Any] = next(row for row in data["results"] if row["stage"] == "search")
    return row


def tampered(finished: Any, result: str, **change: Any) -> None:
    """Change a stored result in a report folder."""
    place = finished.folder / "results.json"
    data = json.loads(place.read_text(encoding="utf-8"))
    next(row for row in data["results"] if row["id"] == result).update(change)
    place.write_text(json.dumps(data), encoding="utf-8")


def test_a_result_is_made_again_bit_for_bit(assay: Assay, undisturbed: Any) -> None:
    row = sampled(undisturbed.data)
    outcome = assay("replay", row["id"], "--report", undisturbed.folder)
    assert outcome.code == 0, outcome
    assert "the same, bit for bit" in outcome.out
    assert outcome.out.count(f"{row['estimate']!r}") == 2


@pytest.mark.parametrize("claim", ["ghorbani2019.eq13", "ghorbani2019.closure", "daniely2019.corollary3"])
def test_a_result_of_every_kind_of_check_can_be_replayed_from_the_ledger(
    assay: Assay, undisturbed: Any, claim: str
) -> None:
    row = [row for row in undisturbed.data["results"] if row["claim"] == claim][-1]
    told = assay("replay", row["id"], "--ledger", undisturbed.ledger, "--json").data
    assert told["same"] is True
    assert told["stored"] == row
    assert {**told["again"], "seconds": 0} == {**row, "seconds": 0}


def test_the_command_that_a_result_names_replays_it(assay: Assay, undisturbed: Any) -> None:
    row = sampled(undisturbed.data)
    program, *words = row["replay"].split()
    assert program == "assay"
    assert assay(*words, "--ledger", undisturbed.ledger).code == 0


def test_the_beginning_of_an_id_is_enough(assay: Assay, undisturbed: Any) -> None:
    row = sampled(undisturbed.data)
    assert assay("replay", row["id"][:8], "--report", undisturbed.folder).code == 0


@pytest.mark.parametrize("change", [{"estimate": 0.123}, {"verdict": "UNDECIDED"}, {"estimate": "nan"}])
def test_a_stored_result_that_was_changed_exits_1(assay: Assay, copied: Any, change: dict[str, Any]) -> None:
    row = sampled(copied.data)
    tampered(copied, row["id"], **change)
    outcome = assay("replay", row["id"], "--report", copied.folder)
    assert outcome.code == 1
    assert "different" in outcome.out


def test_one_bit_is_a_difference(assay: Assay, copied: Any) -> None:
    row = sampled(copied.data)
    tampered(copied, row["id"], estimate=math.nextafter(row["estimate"], math.inf))
    assert assay("replay", row["id"], "--report", copied.folder).code == 1


@pytest.mark.parametrize("source", ["--report", "--ledger"])
def test_a_beginning_of_several_ids_is_refused(assay: Assay, undisturbed: Any, source: str) -> None:
    where = {"--report": undisturbed.folder, "--ledger": undisturbed.ledger}[source]
    outcome = assay("replay", "", source, where)
    assert outcome.is_one_line(), outcome
    assert "stored results have an id that begins with" in outcome.err


def test_a_result_whose_check_has_changed_is_refused(assay: Assay, copied: Any) -> None:
    row = sampled(copied.data)
    tampered(copied, row["id"], id="0123456789ab")
    outcome = assay("replay", "0123456789ab", "--report", copied.folder)
    assert outcome.is_one_line(), outcome
    assert "no longer made" in outcome.err


@pytest.mark.parametrize(
    "change, complaint",
    [
        ({"claim": "nobody2000.theorem9"}, "unknown claim"),
        ({"device": "cuda:77"}, "'cuda:77' is not available"),
        ({"profile": "huge"}, "unknown profile 'huge'"),
    ],
)
def test_a_result_that_cannot_be_made_here_is_refused(
    assay: Assay, copied: Any, change: dict[str, Any], complaint: str
) -> None:
    row = sampled(copied.data)
    tampered(copied, row["id"], **change)
    outcome = assay("replay", row["id"], "--report", copied.folder)
    assert outcome.is_one_line(), outcome
    assert complaint in outcome.err
