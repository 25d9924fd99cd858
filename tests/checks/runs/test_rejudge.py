from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lazy_assay.checks.engine.rejudge import NotStoredError, OnlyStored

Assay = Callable[..., Any]
SEARCH = "daniely2019.corollary3"


def test_stored_draws_are_judged_again_without_simulating(
    assay: Assay, undisturbed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lazy_assay.checks.vocabulary.context.run_batch", _never)
    outcome = assay("rejudge", SEARCH, "--report", undisturbed.folder)
    assert "0 comparisons changed; run afresh to confirm" in outcome.out
    assert "not judged" not in outcome.out


def _never(*_: Any, **__: Any) -> Any:
    raise AssertionError("a simulation was run")


def test_a_comparison_that_is_claimed_otherwise_now_is_told_with_both_verdicts(assay: Assay, copied: Any) -> None:
    place = copied.folder / "results.json"
    data = json.loads(place.read_text(encoding="utf-8"))
    row = next(row for row in data["results"] if row["claim"] == SEARCH and row["stage"] == "search")
    # As if the statement had said so when the draws were made.
    row |= {"predicted": 0.123, "verdict": "UNDECIDED"}
    place.write_text(json.dumps(data), encoding="utf-8")
    outcome = assay("rejudge", SEARCH, "--report", copied.folder)
    assert f"{row['comparison']}: was UNDECIDED at 0.123, is AGREES at " in outcome.out
    assert "1 comparisons changed" in outcome.out


def test_what_was_not_stored_is_not_judged_and_is_told(assay: Assay, copied: Any) -> None:
    shutil.rmtree(copied.folder / "draws")
    outcome = assay("rejudge", SEARCH, "--report", copied.folder)
    assert f"not judged: {SEARCH}" in outcome.out
    assert outcome.code in (1, 3)
    assert not (copied.folder / "draws").exists()


def test_a_folder_without_a_run_is_refused_in_a_line(assay: Assay, tmp_path: Path) -> None:
    outcome = assay("rejudge", "--report", tmp_path)
    assert outcome.code == 2
    assert outcome.is_one_line()


def test_the_store_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotStoredError, match="not stored"):
        OnlyStored(tmp_path).load("0" * 40)
    assert not (tmp_path / "00").exists()
    with pytest.raises(NotStoredError, match="not drawn"):
        OnlyStored(tmp_path).save("0" * 40, np.zeros(2))
