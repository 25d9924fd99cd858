from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lazy_assay.checks.ledger import Ledger
from lazy_assay.checks.ledger.evidence import Move, moves

Night = Callable[..., dict[str, Any]]


def moved(ledger: Ledger, *runs: dict[str, Any]) -> list[Move]:
    for data in runs:
        ledger.record(data)
    with ledger.index() as index:
        assert index is not None
        return list(moves(index.numbers()))


def test_a_change_of_code_is_told_the_first_night_for_every_comparison_that_it_moved(story: Ledger) -> None:
    found = moved(story)
    assert {move.after.started[:10] for move in found} == {"2026-01-09"}
    assert len(found) == 8
    assert all(move.draws and not move.statement and not move.verdict for move in found)
    assert {(move.before.commit, move.after.commit) for move in found} == {("c000003", "c000004")}


def test_nights_of_fresh_entropy_are_no_canaries_and_an_unchanged_canary_says_nothing(
    ledger: Ledger, nightly: Night
) -> None:
    assert moved(ledger, *[nightly(number) for number in range(3)]) == []
    assert moved(ledger, *[nightly(number, profile="quick", entropy=0) for number in range(3)]) == []


def test_a_statement_that_changed_is_told_from_draws_that_did(ledger: Ledger, nightly: Night) -> None:
    runs = [nightly(0, 2, profile="quick", entropy=0), nightly(1, 2, profile="quick", entropy=0)]
    runs[1]["results"][1]["predicted"] = 0.25
    (move,) = moved(ledger, *runs)
    assert (move.draws, move.statement) == (False, True)


def test_a_comparison_that_a_canary_left_out_is_held_against_the_last_that_has_it(
    ledger: Ledger, nightly: Night
) -> None:
    names = [nightly(number, 2, profile="quick", entropy=0, other=int(number == 2)) for number in range(3)]
    names[1]["results"].pop()
    found = moved(ledger, *names)
    assert sorted(move.before.run for move in found) == ["quick0cpu", "quick1cpu"]


def test_devices_have_canaries_of_their_own(ledger: Ledger, nightly: Night) -> None:
    runs = [
        nightly(0, 1, profile="quick", entropy=0),
        nightly(1, 1, profile="quick", entropy=0, device="cuda", other=1),
    ]
    assert moved(ledger, *runs) == []
