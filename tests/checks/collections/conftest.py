"""Collections of one's own, made for a test, in a process that knows no others."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lazy_assay.checks.cli.main import run_command
from lazy_assay.checks.engine import registry
from lazy_assay.theory import _catalogue, _discovery

SQUARE = """
import sympy as sp
from lazy_assay.theory import Claim, Decoy, Eq, Identity, Parameter, Quantity, Real, Source
from . import PAPER
a, b, Q = sp.symbols("a b Q", real=True)
WRONG = (Decoy(name="no cross term", sentence="forgets 2ab", published=lambda a, b: a * a + b * b),)
CLAIM = Claim(module=__name__, title="Square of a sum", source=Source(paper=PAPER, locator="Eq. (1)"), parts=(
    Identity(sentence="It is.", quantity=Quantity(symbol=Q, meaning="the square"), statement=Eq(Q, (a + b) ** 2),
        parameters=(Parameter("a", a, "a number", Real()), Parameter("b", b, "a number", Real())),
        published=lambda a, b: a * a + 2 * a * b + b * b, derivation=lambda: a**2 + 2 * a * b + b**2,
        decoys=WRONG),))
"""
PAPER = 'from lazy_assay.theory import Paper\nPAPER = Paper(key="{}", authors="Me", title="T", venue="V", year=2026)\n'


@dataclass(frozen=True)
class Outcome:
    """What a command line gave back."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The built-in claims and nothing else, put back afterwards; an empty working folder and no ledger yet."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    built_in = _catalogue.catalogue().collections[:1]
    monkeypatch.setattr(_catalogue, "_CURRENT", [_catalogue.Catalogue(built_in)])
    yield
    for name in [name for name in sys.modules if name.startswith(f"{_catalogue.HOME}.")]:
        del sys.modules[name]
    for cached in (_discovery.claim_or_fault, registry.tasks):
        cached.cache_clear()


@pytest.fixture
def collection(tmp_path: Path) -> Callable[..., Path]:
    """Writes a collection `name` with the files given by their path in it, each paper with its `PAPER`."""

    def write(name: str, **files: str) -> Path:
        folder = tmp_path / name
        for label, text in files.items():
            path = folder / (label.replace("__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            if path.is_relative_to(folder / "theory"):
                (path.parent / "__init__.py").write_text(PAPER.format(path.parent.name), encoding="utf-8")
        return folder

    return write


@pytest.fixture
def assay() -> Callable[..., Outcome]:
    """`assay` in this process."""

    def call(*words: Any) -> Outcome:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run_command([str(word) for word in words])
        return Outcome(code, out.getvalue(), err.getvalue())

    return call


@pytest.fixture
def square() -> str:
    """A claim's file that is sound."""
    return SQUARE
