from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sympy as sp

from lazy_assay import theory
from lazy_assay.theory import _catalogue, _discovery, _version
from lazy_assay.theory._version import statement_version

CLAIM = theory.claim("ghorbani2019.theorem2")
(LIMIT,) = [part for part in CLAIM.parts if part.name == "limit"]


def version(**changes: Any) -> str:
    return statement_version(CLAIM, replace(LIMIT, **changes))


def test_parts_of_one_version_state_the_same() -> None:
    stated: dict[str, set[str]] = {}
    for claim in theory.claims():
        for part in (part for part in claim.parts if part.quantitative):
            stated.setdefault(statement_version(claim, part), set()).add(sp.srepr(part.statement))
    assert all(len(statements) == 1 for statements in stated.values())
    assert len(stated) > 150


def test_the_version_is_that_of_what_is_claimed_not_of_how_it_is_told() -> None:
    assert version(sentence="Other words.") == version() == statement_version(CLAIM, LIMIT)
    assert LIMIT.statement is not None
    assert version(statement=LIMIT.statement.subs(LIMIT.quantity.symbol, 2)) != version()
    assert version(published=lambda rho, B: 0.5) != version()


def test_a_wrong_version_has_a_version_of_its_own() -> None:
    names = ["", *(decoy.name for decoy in LIMIT.decoys)]
    assert len({statement_version(CLAIM, LIMIT, name) for name in names}) == len(names)


SOURCE = '''
import sympy as sp
from lazy_assay.theory import Claim, Decoy, Eq, Identity, Parameter, Quantity, Real, Source
from . import PAPER
a, Q = sp.symbols("a Q", real=True)
def factor():
    """The factor."""
    return 2.0
def twice(a):
    """Twice a."""
    return factor() * a
CLAIM = Claim(module=__name__, title="Twice", source=Source(paper=PAPER, locator="1"), parts=(
    Identity(sentence="It is.", quantity=Quantity(symbol=Q, meaning="twice"), statement=Eq(Q, 2 * a), published=twice,
        parameters=(Parameter("a", a, "a number", Real()),),
        decoys=(Decoy(name="thrice", sentence="3", published=lambda a: 3 * a),)),))
'''
PAPER = 'from lazy_assay.theory import Paper\nPAPER = Paper(key="me", authors="Me", title="T", venue="V", year=2026)\n'


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., list[str]]]:
    """The version of the claim in each text, each in a collection of its own."""

    def of(*texts: str) -> list[str]:
        found = []
        for index, text in enumerate(texts):
            folder = tmp_path / f"number{index}_{abs(hash(text))}" / "theory" / f"me{index}"
            folder.mkdir(parents=True)
            (folder / "__init__.py").write_text(PAPER.replace('"me"', f'"me{index}"'), encoding="utf-8")
            (folder / "twice.py").write_text(text, encoding="utf-8")
            _catalogue.collection(folder.parents[1])
            claim = theory.claim(f"me{index}.twice")
            found.append(statement_version(claim, claim.parts[0]))
        return found

    built_in = _catalogue.catalogue().collections[:1]
    monkeypatch.setattr(_catalogue, "_CURRENT", [_catalogue.Catalogue(built_in)])
    monkeypatch.setattr(_version, "_right", _version._right.__wrapped__)
    _discovery.claim_or_fault.cache_clear()
    yield of
    _discovery.claim_or_fault.cache_clear()


def test_comments_docstrings_and_layout_are_no_part_of_it(versions: Callable[..., list[str]]) -> None:
    plain, commented, spaced = versions(
        SOURCE,
        SOURCE.replace('"""Twice a."""', '"""Two of a."""  # a comment'),
        SOURCE.replace("factor() * a", "(factor()\n        * a)"),
    )
    assert plain == commented == spaced


def test_code_that_a_formula_reaches_indirectly_is_part_of_it(versions: Callable[..., list[str]]) -> None:
    right, wrong = versions(SOURCE, SOURCE.replace("return 2.0", "return 2.5"))
    assert right != wrong


@pytest.mark.parametrize("kind", [sp.Min, sp.Max, sp.And, sp.Or])
def test_the_order_in_which_a_process_holds_a_set_changes_no_version(kind: type[sp.Basic]) -> None:
    one, other = (sp.Symbol(name, positive=True) > 1 if kind in (sp.And, sp.Or) else sp.Symbol(name) for name in "ab")
    either, way = sp.Basic.__new__(kind, one, other), sp.Basic.__new__(kind, other, one)
    assert either.args != way.args
    assert version(statement=sp.Eq(sp.Symbol("R"), sp.Function("g")(either))) == version(
        statement=sp.Eq(sp.Symbol("R"), sp.Function("g")(way))
    )
