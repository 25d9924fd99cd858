from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazy_assay.checks.ledger import Ledger, sealed
from lazy_assay.checks.ledger.archive import Archive
from lazy_assay.checks.ledger.upkeep import merge, rebuild
from lazy_assay.checks.ledger.verification import verify

COUNT = 7
SETS = st.sets(st.integers(0, COUNT - 1))
Journals = Sequence[tuple[str, bytes]]


@pytest.fixture(scope="module")
def journals(stored: Callable[..., dict[str, Any]]) -> Journals:
    """Journals in all the ways in which they may stand to one another."""
    resumed = stored("one", 1, "confirmed", aa=0.25, bb=0.5)
    resumed["run"]["finished"] = "2026-01-01T09:00:00+00:00"
    unreadable = stored("two", 2, aa=0.25, cc=0.5)
    unreadable["results"][1]["trials"] = "many"
    other = stored("four", 3, "refuted", aa=0.25)
    other["run"]["code"] = "two"
    data = [
        stored("one", 1, "undecided", aa=0.25),
        resumed,
        unreadable,
        # The same key with other content; the same run with other content.
        stored("three", 2, "refuted", aa=0.26),
        stored("three", 2, "refuted", aa=0.27, dd=0.1),
        other,
        stored("five", 2),
    ]
    assert len(data) == COUNT
    return [sealed.sealed(told) for told in data]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


@settings(max_examples=30, deadline=None)
@given(sets=st.lists(SETS, min_size=3, max_size=3), data=st.data())
def test_journals_merge_as_a_set_whatever_the_order_and_however_often(
    journals: Journals, sets: list[set[int]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as name:
        places = [Path(name) / str(number) for number in range(3)]
        for place, chosen in zip(places, sets, strict=True):
            for number in chosen:
                Archive(place).keep(*journals[number])
        everything = {journals[number][0]: journals[number][1] for number in set().union(*sets)}
        # Associative and commutative: any order of merging, in which each comes at least once, and some come again.
        order = data.draw(
            st.lists(st.integers(0, 2), max_size=4).map(lambda more: [*more, 0, 1, 2]).flatmap(st.permutations)
        )
        together = Archive(Path(name) / "together")
        for number in order:
            for path in Archive(places[number]).paths().values():
                together.take(path)
        assert files(together.folder) == everything


@settings(max_examples=12, deadline=None)
@given(chosen=st.lists(st.integers(0, COUNT - 1), max_size=9), cut=st.integers(0, 9), again=st.booleans())
def test_an_index_that_grew_in_any_order_is_the_one_that_is_built_at_once(
    journals: Journals, chosen: list[int], cut: int, again: bool
) -> None:
    with tempfile.TemporaryDirectory() as name:
        grown, merged = (Ledger(f"sqlite:///{name}/{kind}.sqlite") for kind in ("grown", "merged"))
        for number in chosen:
            grown.archive.keep(*journals[number])
            grown.catch_up()
        # The same in two halves, the later first; an empty one has nothing to merge.
        for half in filter(None, (chosen[cut:], chosen[:cut], chosen[:1] * again)):
            part = Ledger(f"sqlite:///{name}/{len(list(Path(name).iterdir()))}.sqlite")
            for number in half:
                part.archive.keep(*journals[number])
            merge(merged, [str(part.archive.folder)])
        dump = list(grown.database.dump())
        assert list(merged.database.dump()) == dump
        rebuild(merged)
        assert list(merged.database.dump())[bool(not chosen) :] == dump
        assert verify(grown) == verify(merged)


def test_either_database_holds_the_same_rows(sqlite: Ledger, postgresql: Ledger, journals: Journals) -> None:
    for number, journal in enumerate(journals):
        sqlite.archive.keep(*journal)
        postgresql.archive.keep(*journals[-1 - number])
    sqlite.catch_up()
    postgresql.catch_up()
    assert list(sqlite.database.dump()) == list(postgresql.database.dump())
    assert sqlite.statuses() == postgresql.statuses()
    assert sqlite.latest(nights=3) == postgresql.latest(nights=3)
    assert verify(sqlite) == verify(postgresql)
    assert len(verify(sqlite).findings) == 1
