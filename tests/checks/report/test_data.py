from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

import lazy_assay.checks.report as checks_report
from lazy_assay.checks.report import _headline


def refuse(constant: str) -> None:
    raise ValueError(constant)


def test_realistic_data_meets_the_schema(data: Any) -> None:
    checks_report.validate(data)


@pytest.mark.parametrize(
    "place",
    [
        ("run", "entropy"),
        ("results", 0, "replay"),
        ("claims", 0, "expected"),
        ("coverage", "skipped"),
        ("errata", 0, "locator"),
    ],
)
def test_a_missing_field_is_named_with_its_place(data: Any, place: tuple[Any, ...]) -> None:
    inside = data
    for step in place[:-1]:
        inside = inside[step]
    del inside[place[-1]]
    with pytest.raises(checks_report.InvalidDataError, match=f"'{place[-1]}' is a required property"):
        checks_report.validate(data)


def test_a_verdict_that_does_not_exist_is_refused(data: Any) -> None:
    data["results"][0]["verdict"] = "PROBABLY"
    with pytest.raises(checks_report.InvalidDataError, match="results/0/verdict"):
        checks_report.validate(data)


def test_a_tolerance_of_text_is_refused(data: Any) -> None:
    data["results"][0]["tolerance"]["rounding"] = "small"
    with pytest.raises(checks_report.InvalidDataError, match="results/0/tolerance/rounding"):
        checks_report.validate(data)


def test_nothing_is_written_where_the_data_is_invalid(data: Any, tmp_path: Path) -> None:
    del data["run"]["id"]
    with pytest.raises(checks_report.InvalidDataError):
        checks_report.write(data, tmp_path / "report")
    assert not (tmp_path / "report").exists()


def test_nan_and_infinities_are_strings_in_strict_json(data: Any, lookup: Any, tmp_path: Path) -> None:
    data["results"][0] |= {"estimate": math.nan, "interval": [-math.inf, math.inf]}
    checks_report.write(data, tmp_path, lookup=lookup)
    stored = json.loads((tmp_path / "results.json").read_text(), parse_constant=refuse)
    assert stored["results"][0]["estimate"] == "nan"
    assert stored["results"][0]["interval"] == ["-inf", "inf"]


def test_an_unbounded_interval_is_drawn_and_named(data: Any, lookup: Any, tmp_path: Path) -> None:
    data["results"][0] |= {"interval": ["-inf", "inf"]}
    data["results"][15] |= {"interval": ["-inf", "inf"]}
    checks_report.write(data, tmp_path, lookup=lookup)
    text = (tmp_path / "claims" / "fake2024.theorem1.html").read_text()
    assert "−∞ … ∞" in text
    assert not re.search(r"\b(nan|inf)\b", " ".join(re.findall(r"<svg.*?</svg>", text, re.DOTALL)))


@pytest.mark.parametrize("expected", [True, False])
def test_disagreements_beyond_the_tenth_are_counted_where_the_others_stand(expected: bool) -> None:
    claim = {
        "id": "p.c",
        "as_expected": expected,
        "status": "refuted",
        "expected": "refuted",
        "parts": [],
        "reason": "",
    }
    row = {
        "claim": "p.c",
        "subject": "claim",
        "verdict": "DISAGREES",
        "message": "off",
        "route": "r",
        "configuration": {},
    }
    found = _headline.concerns({"claims": [claim], "results": [row] * 13})
    disagreements = [concern for concern in found if "disagrees" in concern.words or "more of these" in concern.words]
    assert [concern.known for concern in disagreements] == [expected] * (_headline.REFUTATIONS + 1)
    assert disagreements[-1].words.startswith(f"{13 - _headline.REFUTATIONS} more")
