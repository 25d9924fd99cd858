from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from lazy_assay.checks.ledger import Ledger
from lazy_assay.checks.ledger.evidence import Evidence, changes, evidence
from lazy_assay.checks.ledger.upkeep import rebuild
from lazy_assay.checks.ledger.verification import verify
from lazy_assay.checks.statistics.signs import kept_signs
from lazy_assay.checks.vocabulary.result import Verdict

Night = Callable[..., dict[str, Any]]


def kept(ledger: Ledger, *nights: dict[str, Any]) -> Evidence:
    for data in nights:
        ledger.record(data)
    return evidence(ledger)


def test_a_bias_is_found_and_the_others_are_not(story: Ledger) -> None:
    told = evidence(story)
    (slot,) = told.found
    assert set(told.watched) == {slot}
    assert told.log[slot] > 21
    assert np.delete(told.log, slot).max() < 3
    # Eight comparisons on the CPU, four on the GPU.
    assert len(told.names) == 12


def test_the_same_entropy_counts_once_however_often_it_is_run(ledger: Ledger, nightly: Night) -> None:
    same = [nightly(number, entropy=5, off=lambda key: 6.0) for number in range(6)]
    told = kept(ledger, *same)
    assert told.names == []
    told = kept(ledger, nightly(7, off=lambda key: 6.0))
    assert told.capital.nights.tolist() == [1.0] * 8


def test_another_version_of_statement_or_simulation_begins_a_new_stretch(ledger: Ledger, nightly: Night) -> None:
    biased = [nightly(number, 1, off=lambda key: 5.0) for number in range(4)]
    mended = [nightly(number, 1, statement_version="t") for number in range(4, 8)]
    again = [nightly(number, 1, statement_version="t", simulation_version="w") for number in range(8, 11)]
    told = kept(ledger, *biased, *mended, *again)
    assert told.capital.nights.tolist() == [3.0, 3.0, 2.0]
    assert told.log[0] > 10 > told.log[1:].max()


def test_devices_of_one_class_share_a_stretch_and_classes_do_not(ledger: Ledger, nightly: Night) -> None:
    names = ["cpu", "cuda", "cuda:1", "cpu"]
    told = kept(ledger, *[nightly(number, 1, device=device) for number, device in enumerate(names)])
    assert told.capital.nights.tolist() == [1.0, 1.0]


def test_decoys_diverged_runs_and_results_without_moments_are_no_evidence(ledger: Ledger, nightly: Night) -> None:
    for number, change in enumerate(({"subject": "decoy"}, {"diverged": 1}, {"figures": {}})):
        for day in (0, 1):
            data = nightly(3 * day + number, 1)
            data["results"][0] |= change
            ledger.record(data)
    assert evidence(ledger).names == []


def test_what_nights_say_does_not_hang_on_the_order_of_recording(ledger: Ledger, nightly: Night, tmp_path: Any) -> None:
    nights = [nightly(number, 3, off=lambda key: 1.0 * key) for number in range(5)]
    there = kept(ledger, *nights)
    back = kept(Ledger(f"sqlite:///{tmp_path / 'other.sqlite'}"), *nights[::-1])
    assert there.names == back.names
    assert there.log.tolist() == back.log.tolist()


def test_the_numbers_of_the_index_are_those_of_the_journals_and_are_made_again(story: Ledger, nightly: Night) -> None:
    assert verify(story).findings == []
    before = list(story.database.dump())
    rebuild(story)
    assert list(story.database.dump()) == before


def test_where_a_change_began_is_a_range_of_nights_and_commits(story: Ledger) -> None:
    told = evidence(story)
    with story.index() as index:
        assert index is not None
        (change,) = changes(told, index.numbers(), list(told.found))
    # The first of its nights is the canary's first.
    began = [run.started[:10] for run in change.runs[change.first : change.last + 1]]
    assert "2026-01-09" in began
    assert change.level == 0.1
    assert not change.from_the_start
    assert change.good <= "c000003"
    assert change.bad >= "c000004"
    assert change.commits[0] > change.good


def medians(nightly: Night, number: int, above: float, **changes: Any) -> dict[str, Any]:
    """A night of one rate, 100 seeds of which a share lies above what its exponent allows."""
    seeds = np.random.default_rng(number).random(100)
    figures = kept_signs(seeds, -np.inf, 1 - above, "below", Fraction(1, 2))
    return nightly(number, 1, figures=figures, predicted=-0.5, method="median", **changes)


def test_a_median_that_is_off_is_found_over_nights_and_a_right_one_is_not(ledger: Ledger, nightly: Night) -> None:
    told = kept(ledger, *[medians(nightly, number, 0.5) for number in range(15)])
    assert (len(told.names), told.found) == (1, {})
    off = [medians(nightly, number, 0.65, statement_version="t") for number in range(15, 30)]
    told = kept(ledger, *off)
    assert list(told.found) == [1]
    with ledger.index() as index:
        assert index is not None
        (change,) = changes(told, index.numbers(), [1])
    assert change.from_the_start
    assert np.mean(change.offs) == pytest.approx(0.15, abs=0.05)


def test_nights_that_refute_alone_begin_no_stretch_and_later_ones_count(ledger: Ledger, nightly: Night) -> None:
    refuted = [medians(nightly, number, 0.9, verdict=Verdict.DISAGREES) for number in range(3)]
    assert kept(ledger, *refuted).names == []
    told = kept(ledger, medians(nightly, 3, 0.4), medians(nightly, 4, 0.9, verdict=Verdict.DISAGREES))
    assert told.capital.nights.tolist() == [1.0]
    assert told.log[0] > 10
