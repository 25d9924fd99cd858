from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lazy_assay.checks import Result, Subject, Verdict
from lazy_assay.checks.ledger import JournalError
from lazy_assay.checks.ledger import _journal as journal
from lazy_assay.checks.vocabulary.result import to_json

MARK = {"code": "abc", "profile": "quick", "entropy": 0, "device": "cpu"}


def result(item: str, **change: Any) -> dict[str, Any]:
    told = Result(
        claim="coin.claim",
        part="",
        check="toss",
        subject=Subject.CLAIM,
        configuration={"n": 3, "law": "fair"},
        route="exact",
        verdict=Verdict.AGREES,
        task=item,
        figures={"time": 1.5},
    )
    return {**to_json(told), **change}


def line(item: str, **change: Any) -> dict[str, Any]:
    return journal.sealed({"item": item, "made": MARK, "results": [result(item)], **change})


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """A journal with a header and some items."""

    def write(*items: str) -> Path:
        path = tmp_path / "results.jsonl"
        journal.opened(path, MARK)
        for item in items:
            journal.append(path, line(item))
        return path

    return write


def test_what_was_appended_is_read_and_the_last_entry_of_an_item_counts(written: Callable[..., Path]) -> None:
    path = written("a", "b", "a")
    found = journal.read(path)
    assert (list(found.entries), found.bad, found.closed) == (["a", "b"], (), False)
    assert found.head == {"journal": journal.FORMAT, **MARK}


def test_a_footer_closes_a_journal_once_and_fits_what_stands_above_it(written: Callable[..., Path]) -> None:
    path = written("a")
    journal.close(path)
    whole = path.read_bytes()
    journal.close(path)
    assert path.read_bytes() == whole
    assert journal.read(path).closed
    path.write_bytes(whole.replace(b'"journal": 2', b'"journal": 3'))
    assert not journal.read(path).closed
    assert "digest" in journal.read(path).bad[0]


def test_a_torn_tail_takes_no_other_line_with_it_and_reading_changes_nothing(written: Callable[..., Path]) -> None:
    path = written("a")
    with path.open("ab") as file:
        file.write(b'{"item": "b", "made"')
    before = path.read_bytes()
    assert journal.read(path).bad == ("results.jsonl, line 3: cut off",)
    assert path.read_bytes() == before
    journal.append(path, line("c"))
    assert list(journal.read(path).entries) == ["a", "c"]
    assert len(journal.read(path).bad) == 1


@pytest.mark.parametrize(
    "broken, why",
    [
        (7, "object"),
        ([], "object"),
        (line("b", results=7), "results is int, not list"),
        (line("b", results=[]), "not those of its item"),
        (line("b", results=[result("another")]), "not those of its item"),
        (line("b", made=None), "made is NoneType, not dict"),
        (line("b") | {"item": 3}, "item is int, not str"),
        ({"item": "b"}, "made is missing"),
        (line("b", results=[result("b", trials="x")]), "trials is str, not int"),
        (line("b", results=[result("b", trials=True)]), "trials is bool, not int"),
        (line("b", results=[result("b", figures=None)]), "figures is NoneType, not dict"),
        (line("b", results=[result("b", configuration=[])]), "configuration is list, not dict"),
        (line("b", results=[result("b", estimate="much")]), "estimate is str, not a number"),
        (line("b", results=[result("b", estimate=10**400)]), "digits"),
        (line("b", results=[result("b", interval=[0])]), "interval has 1 ends"),
        (line("b", results=[result("b", verdict="PERHAPS")]), "PERHAPS"),
        (line("b", results=[result("b", trials=-1)]), "trials is no count"),
        (line("b", results=[result("b", diverged=2**63)]), "diverged is no count"),
        (line("b", results=[result("b", route="another")]), "a result's id is not that of what it says"),
        (line("b") | {"results": [result("b", estimate=0.5)]}, "its seal is not that of what it holds"),
        ({name: value for name, value in line("b").items() if name != "seal"}, "its seal"),
    ],
)
def test_a_well_formed_line_of_a_wrong_shape_is_named_and_the_rest_goes_on(
    written: Callable[..., Path], broken: Any, why: str
) -> None:
    path = written("a")
    with path.open("a") as file:
        file.write(json.dumps(broken) + "\n")
    journal.append(path, line("c"))
    found = journal.read(path)
    assert list(found.entries) == ["a", "c"]
    assert found.bad[0].startswith("results.jsonl, line 3: ")
    assert why in found.bad[0]


def test_nan_is_no_strict_json(written: Callable[..., Path]) -> None:
    path = written("a")
    with path.open("a") as file:
        file.write(json.dumps(line("b")).replace('"nan"', "NaN") + "\n")
    assert "NaN is no strict JSON" in journal.read(path).bad[0]


def test_what_is_no_file_is_refused_in_one_line(tmp_path: Path) -> None:
    pipe = tmp_path / "results.jsonl"
    os.mkfifo(pipe)
    with pytest.raises(JournalError, match="no regular file"):
        journal.read(pipe)
