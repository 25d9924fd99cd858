from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

# What an author writes: these texts in place of the template's.
OWN = {
    "sentence": ('"FILL IN what is claimed, as a sentence."', '"The difference of squares factors."'),
    "statement": ("statement=Eq(Q, (a + b) ** 2)", "statement=Eq(Q, (a - b) * (a + b))"),
    "published": ("published=lambda a, b: (a + b) ** 2", "published=lambda a, b: (a - b) * (a + b)"),
    "derivation": ("derivation=lambda: a**2 + 2 * a * b + b**2", "derivation=lambda: a**2 - b**2"),
    "decoy": ("published=...", "published=lambda a, b: (a - b) ** 2"),
}


def test_from_new_to_a_first_green_confrontation_in_under_ten_lines(assay: Callable[..., Any]) -> None:
    assert assay("new", "me2026.squares", "--collection", "mine").code == 0
    path = Path("mine/theory/me2026/squares.py")
    before = text = path.read_text()
    for template, own in OWN.values():
        assert template in text
        text = text.replace(template, own)
    path.write_text(text)
    written = [new for new, old in zip(text.splitlines(), before.splitlines(), strict=True) if new != old]
    assert len(written) < 10
    assert assay("validate", "--collection", "mine").code == 0
    done = assay("run", "--collection", "mine", "me2026.squares", "-n", "0", "--device", "cpu")
    assert done.code == 0, done.err


def test_a_new_claim_is_not_run_until_its_decoy_is_filled_in(assay: Callable[..., Any]) -> None:
    assay("new", "me2026.squares")
    done = assay("run", "--collection", ".", "-n", "0", "--device", "cpu")
    assert done.code == 3
    assert "decoys: 'FILL IN' has no formula yet; fill in a plausible wrong version" in done.err


def test_a_new_limit_comes_with_a_simulation_and_a_check_that_agree(assay: Callable[..., Any]) -> None:
    assert assay("new", "me2026.coin", "--kind", "limit", "--collection", "mine").code == 0
    path = Path("mine/theory/me2026/coin.py")
    path.write_text(path.read_text().replace("published=...", "published=lambda: 0.4"))
    found = assay("validate", "--collection", "mine")
    assert found.code == 0, found.out
    done = assay("run", "--collection", "mine", "-n", "0", "--device", "cpu")
    assert done.code == 0, done.err


def test_new_never_overwrites(assay: Callable[..., Any]) -> None:
    assay("new", "me2026.squares")
    path = Path("theory/me2026/squares.py")
    path.write_text("mine")
    again = assay("new", "me2026.squares")
    assert again.code == 2
    assert "is there already; nothing was written" in again.err
    assert path.read_text() == "mine"


@pytest.mark.parametrize("id", ["square", "me2026.", "me.2026", "me2026.a.b", "../x.y", "class.def", "_me.square"])
def test_what_is_no_id_is_refused_in_one_line(id: str, assay: Callable[..., Any]) -> None:
    refused = assay("new", id)
    assert refused.code == 2
    assert "is no PAPER.STATEMENT" in refused.err
    assert refused.err.count("\n") == 1
    assert list(Path().iterdir()) == []


def test_a_paper_of_the_house_is_refused(assay: Callable[..., Any]) -> None:
    refused = assay("new", "ghorbani2019.mine")
    assert refused.code == 2
    assert "belongs to the built-in claims already" in refused.err
