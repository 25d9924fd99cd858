from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from lazy_assay.checks.engine import registry
from lazy_assay.theory import _catalogue, _discovery


@pytest.fixture
def installed(
    collection: Callable[..., Path], square: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[_catalogue.Catalogue]:
    """Only two installed collections: a package on the path, and one whose package is gone."""
    folder = collection("their_claims", theory__their2026__square=square)
    monkeypatch.syspath_prepend(str(folder.parent))
    points = [EntryPoint("theirs", "their_claims", _catalogue.GROUP), EntryPoint("gone", "no_such", _catalogue.GROUP)]
    monkeypatch.setattr(_catalogue, "_CURRENT", [_catalogue.Catalogue((), points)])
    yield _catalogue.catalogue()
    for cached in (_discovery.claim_or_fault, registry.tasks):
        cached.cache_clear()


def test_an_installed_collection_is_known_under_its_own_package(installed: _catalogue.Catalogue) -> None:
    assert installed.ids() == ("their2026.square",)
    assert installed.place("their2026.square").theory == "their_claims.theory.their2026.square"


def test_a_run_of_all_claims_is_incomplete_where_an_installed_collection_is_refused(
    installed: _catalogue.Catalogue, assay: Callable[..., Any]
) -> None:
    done = assay("run", "-n", "0", "--device", "cpu")
    assert done.code == 3
    assert done.err.count("there is no package no_such") == 1
    assert "1 of 1 claims as expected" in done.err


def test_a_run_of_named_claims_leaves_what_else_is_installed_alone(
    installed: _catalogue.Catalogue, assay: Callable[..., Any]
) -> None:
    done = assay("run", "their2026.square", "-n", "0", "--device", "cpu")
    assert done.code == 0


def test_the_users_own_ledger_that_cannot_be_used_costs_the_list_a_line(
    assay: Callable[..., Any], tmp_path: Path
) -> None:
    place = tmp_path / "home" / "lazy-assay" / "ledger.sqlite"
    place.parent.mkdir(parents=True)
    place.write_text("no database, for the length of a page. " * 200, encoding="utf-8")
    done = assay("list")
    assert done.code == 0, done.err
    assert "cannot be used" in done.err
    assert "ghorbani2019.theorem1" in done.out
    assert assay("list", "--ledger", f"sqlite:///{place}").code == 2
