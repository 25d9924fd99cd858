"""`assay power --from`: what a stored run would notice."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Assay = Callable[..., Any]
SEARCH = "daniely2019.corollary3"


def _never(*_: Any, **__: Any) -> Any:
    raise AssertionError("a simulation was run")


def test_a_page_is_written_of_a_stored_run_and_keeps_its_planted_faults(
    assay: Assay, undisturbed: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lazy_assay.checks.vocabulary.context.run_batch", _never)
    page = tmp_path / "power.md"
    page.write_text("# A page\n\n## Faults planted in simulations\n\n| fault |\n", encoding="utf-8")
    outcome = assay("power", SEARCH, "--from", undisturbed.folder, "--whole", "--table", page)
    assert outcome.code == 0
    written = page.read_text(encoding="utf-8")
    assert f"| {SEARCH}:" in written
    assert "| plan |" in written
    assert written.endswith("## Faults planted in simulations\n\n| fault |\n")


def test_a_folder_without_a_run_and_what_would_simulate_are_refused_in_a_line(assay: Assay, tmp_path: Path) -> None:
    for words in (("--from", tmp_path), ("--from", tmp_path, "--faults")):
        outcome = assay("power", *words)
        assert outcome.code == 2
        assert outcome.is_one_line()
