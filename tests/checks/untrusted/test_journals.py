from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lazy_assay.checks import Result
from lazy_assay.checks.ledger import _journal as journal
from lazy_assay.checks.vocabulary import files
from lazy_assay.checks.vocabulary.result import to_json

MARK = {"code": "abc", "profile": "quick", "entropy": 0, "device": "cpu"}
LINES = 30


@pytest.fixture
def line(found: list[Result]) -> Callable[[int], dict[str, Any]]:
    """A line of an item, as a run writes it."""
    items = list(dict.fromkeys(result.task for result in found))

    def make(place: int) -> dict[str, Any]:
        rows = [to_json(result) for result in found if result.task == items[place]]
        return journal.sealed({"item": items[place], "made": MARK, "results": rows})

    return make


def is_json_of(text: bytes, data: Any) -> bool:
    try:
        # 0, 0.0 and false are equal to Python.
        return json.dumps(files.strict_json(text), sort_keys=True) == json.dumps(data, sort_keys=True)
    except ValueError:
        return False


def test_mutated_lines_are_skipped_counted_and_named_and_cost_no_other(
    rng: random.Random,
    mutate: Callable[..., bytes],
    line: Callable[[int], dict[str, Any]],
    harmless: Callable[..., Any],
    tmp_path: Path,
) -> None:
    path, first, middle, last = tmp_path / "results.jsonl", line(0), line(1), line(2)
    mutants = [mutate(middle, rng).replace(b"\n", b" ") for _ in range(LINES)]
    kept = sum(is_json_of(text, middle) for text in mutants)
    journal.opened(path, MARK)
    journal.append(path, first)
    with path.open("ab") as file:
        file.writelines(text + b"\n" for text in mutants)
    journal.append(path, last)
    before = path.read_bytes()
    with harmless():
        found = journal.read(path)
    assert path.read_bytes() == before
    assert set(found.entries) == {first["item"], last["item"]} | ({middle["item"]} if kept else set())
    assert all([to_json(it) for it in found.entries[told["item"]].results] == told["results"] for told in (first, last))
    assert found.skipped == len(found.bad) == LINES - kept
    assert all(told.startswith("results.jsonl, line ") and told.isprintable() and len(told) < 300 for told in found.bad)
    assert len(set(found.bad)) == len(found.bad)


def test_of_a_journal_with_bytes_lost_turned_or_added_nothing_is_believed_that_was_not_written(
    rng: random.Random, spoil: Callable[..., bytes], line: Callable[[int], dict[str, Any]], tmp_path: Path
) -> None:
    path, written = tmp_path / "results.jsonl", [line(place) for place in range(4)]
    journal.opened(path, MARK)
    for told in written:
        journal.append(path, told)
    journal.close(path)
    for _ in range(5):
        whole = path.read_bytes()
        spoilt = tmp_path / "spoilt.jsonl"
        spoilt.write_bytes(spoil(whole, rng))
        rows = {told["item"]: told["results"] for told in written}
        found = journal.read(spoilt)
        assert all([to_json(it) for it in entry.results] == rows[item] for item, entry in found.entries.items())
        # It goes on from there: what is appended is read.
        journal.append(spoilt, written[0])
        assert written[0]["item"] in journal.read(spoilt).entries


def test_a_flood_of_lines_that_are_none_is_counted_and_only_the_first_are_named(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_bytes(b"\n" * 5_000)
    found = journal.read(path)
    assert found.skipped == 5_000
    assert len(found.bad) == journal.NAMED + 1
    assert found.bad[-1] == f"results.jsonl, and {5_000 - journal.NAMED} lines more"


def test_a_line_longer_than_any_result_is_not_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LONGEST", 1000)
    path = tmp_path / "results.jsonl"
    path.write_bytes(b"[" + b"0, " * 1000 + b"0]\n")
    assert set(journal.read(path).bad) >= {"results.jsonl, line 1: cut off"}
