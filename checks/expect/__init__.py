"""Assertions about random programs, with one false-alarm rate for a whole session.

    from lazy_assay import expect

    def test_sampler():
        expect.mean(lambda n, seed: sampler(seed).normal(size=n), equals=0, resolution=0.02)

A draw is a function `draw(n, seed)` that returns n independent numbers, which the seed alone determines. How many are
asked for is planned; the answer is right, wrong (`Wrong`, an AssertionError) or undecided (`Undecided`, which is
none). docs/expect.md says what each function rests on. Importing this loads the standard library alone; numpy and
scipy come with the first check.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from lazy_assay.checks.expect.outcome import Outcome, Refused, Undecided, Wrong
from lazy_assay.checks.expect.session import Session

if TYPE_CHECKING:
    from lazy_assay.checks.expect.laws import law as law
    from lazy_assay.checks.expect.means import mean as mean
    from lazy_assay.checks.expect.means import no_worse as no_worse
    from lazy_assay.checks.expect.means import proportion as proportion
    from lazy_assay.checks.expect.slopes import slope as slope

_HOMES = {"law": "laws", "mean": "means", "no_worse": "means", "proportion": "means", "slope": "slopes"}

__all__ = ["Outcome", "Refused", "Session", "Undecided", "Wrong", "law", "mean", "no_worse", "proportion", "slope"]


def __getattr__(name: str) -> Any:
    """An assertion, on first use."""
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"expect has no {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return __all__
