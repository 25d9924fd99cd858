from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lazy_assay.checks.ledger.evidence.compared import compared, lines

Night = Callable[..., dict[str, Any]]


def test_runs_of_other_draws_differ_where_chance_does_not_explain_it(nightly: Night) -> None:
    plain, moved = nightly(0), nightly(1, off=lambda key: 12.0 * (key == 2))
    told = compared(plain, moved)
    assert (told.same_draws, told.shared) == (False, 8)
    assert [(it.kind, '"d": 2' in it.what) for it in told.differences] == [("numbers", True)]
    assert 5 < told.threshold < told.differences[0].distance
    assert compared(plain, nightly(2)).differences == ()


def test_runs_of_the_same_draws_differ_in_any_bit(nightly: Night) -> None:
    one, other = nightly(0), nightly(0)
    assert compared(one, other).differences == ()
    other["results"][3]["estimate"] += 1e-15
    (it,) = compared(one, other).differences
    assert (it.kind, it.claim) == ("numbers", "coin2026.theorem0")


def test_statuses_are_worse_mended_new_or_not_run(nightly: Night) -> None:
    was = nightly(0, 1, claims={"a": "confirmed", "b": "refuted", "c": "confirmed"})
    now = nightly(1, 1, claims={"a": "undecided", "b": "confirmed", "d": "confirmed"})
    told = {it.what: it.news for it in compared(was, now).differences}
    assert told == {"a": "worse", "b": "mended", "c": "not run", "d": "new"}
    assert lines(compared(was, now))[0] == "status worse a: confirmed -> undecided"


@pytest.mark.parametrize("data", [{}, {"results": []}, {"results": [1], "claims": [], "run": {}}])
def test_what_is_no_run_is_refused_in_a_line(nightly: Night, data: Any) -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        compared(data, nightly(0, 1))
