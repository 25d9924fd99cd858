from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import lazy_assay.checks.report as checks_report


@pytest.fixture
def summary(page: Path) -> str:
    return (page.parent / "summary.md").read_text()


def test_the_summary_opens_with_the_first_line_in_bold(summary: str) -> None:
    assert summary.startswith("**? 3 of 4 parts that ran as expected · ")


def test_the_summary_tables_every_claim_with_status_expectation_decoys_and_routes(summary: str) -> None:
    routes = "exact oracle, normal equations, one-pass SGD"
    assert f"| fake2024.theorem1 | Limit | ✓ confirmed | confirmed | 2 of 2 | {routes} |" in summary
    assert "| gone2020.theorem9 | Rate | – not run | confirmed (differs) | 0 of 0 | none |" in summary


def test_the_summary_tells_changes_disagreements_omissions_and_errata(summary: str) -> None:
    assert "- fake2024.eq6: was confirmed, is undecided" in summary
    assert "disagrees, as expected: \\[fake2024.figure1\\] width 1,000 to 10,000: observed 0.02" in summary
    assert "- fake2024.figure2: the data set is absent" in summary
    assert "| fake2024.theorem1 | a constant | display after Theorem 1 |" in summary


def test_a_message_cannot_break_the_table_or_smuggle_markup(data: Any, tmp_path: Path) -> None:
    data["claims"][0]["kind"] = "Limit | ![x](http://example.org)\n\n# A heading `code` <b>"
    checks_report.write(data, tmp_path, lookup=lambda id: None)
    row = next(
        line for line in (tmp_path / "summary.md").read_text().splitlines() if line.startswith("| fake2024.theorem1")
    )
    assert "Limit \\| !\\[x\\](http:&#8203;//example.org) # A heading \\`code\\` &lt;b&gt;" in row
